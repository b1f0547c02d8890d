"""Killed at every commit and every call, before and after it, and then run again: each effect once, nothing lost."""

import pytest
from effect_stage import (
    ANNA,
    BOSS,
    NOW,
    PERSON,
    close_task,
    hold,
    notice,
    open_task,
    release,
    reopen_task,
)

OTHER = "person:salesforce:00Q2"
KILLS = ("kill", "kill after")
FAULTS = ("lost", "undone", "half", "down", "locked")
CALM = 5
"""Runs after which everything is done, whatever happened in the first one."""


def everything(stage):
    """Three tasks on two sides, one of them to be closed and one to be opened again, four messages, a matter."""
    stage.decide(open_task("reason"), open_task("1", to=BOSS), open_task("merge"))
    stage.decide(open_task("reason", OTHER, "salesforce", "00Q2"), hold())
    stage.decide(notice(), notice("level1", to=BOSS), notice("level1", to=BOSS, person=OTHER, record="00Q2"))


def then(stage):
    """The reason came; it was taken back; the manager's task is pointless."""
    stage.decide(close_task("reason"), close_task("1", "cancelled"), release(), notice("reason:o9", deliver_at=NOW))
    stage.decide(reopen_task("reason"), at=stage.now.replace(second=1))


def as_wanted(stage):
    """Every task there is once, in the right state; every matter was told once."""
    hubspot = {task["body"].rpartition("\n")[2]: task["state"] for task in stage.tasks()}
    assert len(stage.tasks()) == 3
    assert hubspot == {
        f"[revloop task:{PERSON}:1:reason]": "open",
        f"[revloop task:{PERSON}:1:1]": "cancelled",
        f"[revloop task:{PERSON}:1:merge]": "open",
    }
    assert [task["state"] for task in stage.tasks("salesforce")] == ["open"]
    messages = stage.messages()
    assert sorted((each["to"], len(each["lines"])) for each in messages) == [(ANNA, 1), (ANNA, 1), (BOSS, 2)]
    assert len({each["id"] for each in messages}) == 3
    assert set(stage.states().values()) <= {"done", "dropped"}
    assert stage.inbox() == []


def first_act(stage, at=0, how=""):
    everything(stage)
    stage.run(at, how)


def second_act(stage, at=0, how=""):
    then(stage)
    stage.run(at, how)


def calm(stage):
    for _ in range(CALM):
        carried = stage.run()
        if getattr(carried, "waiting", 1) == 0:
            return


def boundaries_of(stages, act):
    stage = stages()
    if act is second_act:
        first_act(stage)
    act(stage)
    return stage.boundaries.seen


def test_in_one_go(stages):
    stage = stages()
    first_act(stage)
    assert len(stage.tasks()) == 3
    assert [code for _, _, code, _ in stage.inbox()] == ["NO_RECIPIENT"]
    second_act(stage)
    as_wanted(stage)
    before = stage.run()
    assert before.data() == {
        "tasks": {"opened": 0, "reopened": 0, "closed": 0}, "messages": 0, "dropped": 0, "failed": 0, "waiting": 0,
    }  # fmt: skip
    as_wanted(stage)


@pytest.mark.parametrize("how", [*KILLS, *FAULTS])
@pytest.mark.parametrize("act", [first_act, second_act])
def test_struck_at_every_boundary(stages, act, how):
    names = boundaries_of(stages, act)
    assert len(names) > 10
    calls = [number for number, name in enumerate(names, 1) if how in KILLS or name != "commit"]
    for at in calls:
        stage = stages()
        if act is second_act:
            first_act(stage)
        act(stage, at, how)
        calm(stage)
        if act is first_act:
            second_act(stage)
            calm(stage)
        as_wanted(stage)
        stage.close()


@pytest.mark.parametrize("how", KILLS)
def test_killed_again_and_again(stages, how):
    """Every run is killed one boundary later than the one before, until one gets through."""
    stage = stages()
    everything(stage)
    for at in range(1, 60):
        if stage.run(at, how) is not None:
            break
    else:
        pytest.fail("no run got through")
    second_act(stage)
    as_wanted(stage)

"""Tasks as they are opened, found again, closed and refused: one thing a test."""

from datetime import timedelta

import pytest
from effect_stage import ANNA, BOSS, NOW, PERSON, close_task, hold, open_task, reopen_task, task_of

from connector.errors import LaterError, SettingsError
from connector.model import Base, Link, Owner, Refused, TaskDraft

OTHER = "person:salesforce:00Q2"


def made_by_hand(stage, text, *, record="1", object_="contacts", open_=True):
    """A task that is in the CRM without our knowing."""
    crm = stage.crms["hubspot"]
    done = crm._made(TaskDraft("x", object_, record, None, "task", text, NOW))  # noqa: SLF001 - a person's hand
    crm.kept[done.id]["open"] = open_
    return done.id


def test_a_task_as_it_is_made(stage):
    stage.decide(open_task("1", to=BOSS))
    carried = stage.run()
    assert carried.opened == 1
    (task,) = stage.tasks()
    assert (task["record"], task["object"], task["owner"]) == ("1", "contacts", "8")
    assert task["subject"] == "Rejection reason missing: 1"
    assert task["body"].endswith(f"\n\n[revloop {task_of('1')}]")
    assert task["due"] == NOW + timedelta(hours=4)
    (stored,) = stage.store.effects.of_person(PERSON)
    assert (stored.state, stored.answer, stored.note, stored.tries) == ("done", "T1", "", 1)


def test_an_assignee_whom_the_side_does_not_know(stage):
    stage.crms["hubspot"].people = [Owner("7", ANNA, active=True), Owner("8", BOSS, active=False)]
    stage.decide(open_task(to=BOSS))
    stage.run()
    assert [task["owner"] for task in stage.tasks()] == [None]
    (stored,) = stage.store.effects.of_person(PERSON)
    assert stored.note == "unassigned: the assignee's address has no active user there"
    assert stage.inbox() == []


def test_a_task_that_is_there_is_taken_for_what_it_is(stage):
    """The state may be older than the CRM, as after a backup was put back."""
    made_by_hand(stage, f"looks like ours [revloop {task_of('reason')}0]")
    known = made_by_hand(stage, f"ours\n[revloop {task_of('reason')}]")
    stage.decide(open_task())
    assert stage.run().opened == 1
    assert len(stage.tasks()) == 2
    (stored,) = stage.store.effects.of_person(PERSON)
    assert (stored.state, stored.answer, stored.note) == ("done", known, "it was there")


def test_a_record_that_was_merged_since(stage):
    stage.store.mirror.see("person", [("hubspot", "contacts", "9", {}, b"", "", ())])
    stage.store.links.move(PERSON, "hubspot", "9", "contacts")
    stage.decide(open_task())
    stage.run()
    assert [(task["record"], task["object"]) for task in stage.tasks()] == [("9", "contacts")]


def test_a_lead_that_was_converted_since(stage):
    stage.store.mirror.see("person", [("salesforce", "Contact", "003", {}, b"", "", ())])
    stage.store.links.move(PERSON, "salesforce", "003", "Contact")
    stage.decide(open_task(side="salesforce", record="00Q1"))
    stage.run()
    assert [(task["record"], task["object"]) for task in stage.tasks("salesforce")] == [("003", "Contact")]


def test_a_record_that_nobody_knows_waits_for_a_person(stage):
    stage.decide(open_task(record="404"), open_task("1", OTHER, "salesforce", "00Q2"))
    assert stage.run().failed == 1
    assert stage.tasks() == []
    assert len(stage.tasks("salesforce")) == 1, "the others go on"
    ((side, record, code, message),) = stage.inbox()
    assert (side, record, code) == ("hubspot", "1", "TASK")
    assert message == "its record is not known any more: look at it with `revloop explain`"
    stage.decide(close_task(outcome="cancelled"))
    stage.run()
    assert stage.inbox() == []
    assert set(stage.states().values()) == {"done", "dropped"}


# --- refused ------------------------------------------------------------------------------------------------


def test_a_refused_task_is_tried_in_every_run_until_it_is_taken(stage):
    crm = stage.crms["hubspot"]
    crm.refuse = Refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Region__c]")
    stage.decide(open_task(), open_task("1", to=BOSS))
    assert stage.run().failed == 2
    expected = ("hubspot", "1", "TASK", f"HubSpot refused the task: {crm.refuse.message}")
    assert stage.inbox() == [expected]
    since = stage.store.inbox.list()[0].since
    assert stage.run().failed == 2
    assert [each.since for each in stage.store.inbox.list()] == [since]
    stage.store.inbox.sweep("run-1", "plan-1")
    assert stage.inbox() == [expected], "processing the record does not end it"
    crm.refuse = None
    assert stage.run().opened == 2
    assert stage.inbox() == []


def test_one_refused_task_of_two_stays_in_the_inbox(stage):
    stage.decide(open_task(), open_task("1", to=BOSS))
    crm = stage.crms["hubspot"]
    crm.open_tasks = lambda drafts: [
        Refused("X", "no") if draft.urgent or draft.owner == "8" else crm._made(draft)  # noqa: SLF001
        for draft in drafts
    ]
    carried = stage.run()
    assert (carried.opened, carried.failed) == (1, 1)
    assert [code for _, _, code, _ in stage.inbox()] == ["TASK"]


def test_a_login_that_may_not_make_tasks(stage):
    stage.crms["hubspot"].broken = SettingsError("the token lacks the scope crm.objects.tasks.write")
    stage.decide(open_task(), open_task("1", OTHER, "salesforce", "00Q2"))
    carried = stage.run()
    assert (carried.opened, carried.failed) == (1, 1)
    ((_, _, code, message),) = stage.inbox()
    assert (code, message) == ("TASK", "HubSpot: the token lacks the scope crm.objects.tasks.write")
    stage.crms["hubspot"].broken = None
    assert stage.run().opened == 1
    assert stage.inbox() == []


def test_a_crm_that_is_down_leaves_the_others_to_go_on(stage):
    stage.crms["hubspot"].broken = LaterError("HubSpot is down", 5.0)
    stage.decide(open_task(), open_task("1", OTHER, "salesforce", "00Q2"), hold())
    assert isinstance(stage.run(), LaterError)
    assert len(stage.tasks("salesforce")) == 1
    assert [code for _, _, code, _ in stage.inbox()] == ["NO_RECIPIENT"]
    stage.crms["hubspot"].broken = None
    assert stage.run().opened == 1


def test_a_stop_between_two_batches(stage):
    stage.decide(*(open_task(str(number), to=BOSS) for number in range(2, 152)))
    stage.stop_at = 2
    stage.run()
    assert len(stage.tasks()) == 100
    stage.stop_at = None
    assert stage.run().opened == 50
    assert len({task["body"] for task in stage.tasks()}) == 150


# --- closed and opened again --------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["completed", "cancelled"])
def test_a_task_is_closed(stage, outcome):
    stage.decide(open_task())
    stage.run()
    stage.decide(close_task(outcome=outcome))
    assert stage.run().closed == 1
    assert [task["state"] for task in stage.tasks()] == [outcome]


def test_what_a_person_has_closed_is_left_alone(stage):
    stage.decide(open_task())
    stage.run()
    stage.tasks()[0].update(open=False, state="their own word")
    stage.decide(close_task(outcome="cancelled"))
    stage.run()
    assert stage.tasks()[0]["state"] == "their own word"
    assert stage.states()[close_task().key] == "done"


def test_a_task_that_was_never_opened_is_not_opened_to_be_closed(stage):
    stage.decide(open_task())
    stage.decide(close_task(), at=NOW + timedelta(minutes=1))
    carried = stage.run()
    assert stage.tasks() == []
    assert (carried.opened, carried.closed, carried.dropped) == (0, 0, 2)


def test_a_task_whose_opening_is_unknown_is_found_and_closed(stage):
    stage.decide(open_task())
    stage.run(at="hubspot open_tasks", how="lost")
    (task,) = stage.tasks()
    assert stage.states() == {open_task().key: "sent"}
    stage.decide(close_task(), at=stage.now)
    assert stage.run().closed == 1
    assert task["state"] == "completed"


def test_a_task_is_opened_again(stage):
    stage.decide(open_task())
    stage.run()
    stage.decide(close_task())
    stage.run()
    due = NOW + timedelta(days=3)
    stage.decide(reopen_task(due=due), at=stage.now)
    assert stage.run().reopened == 1
    (task,) = stage.tasks()
    assert (task["state"], task["due"]) == ("open", due)


def test_closed_and_opened_again_in_one_step_only_moves_the_due_time(stage):
    stage.decide(open_task())
    stage.run()
    stage.decide(close_task(), reopen_task(), at=stage.now)
    carried = stage.run()
    assert (carried.closed, carried.reopened, carried.dropped) == (0, 1, 1)
    assert [task["state"] for task in stage.tasks()] == ["open"]


def test_a_deleted_task_is_made_anew_when_it_is_needed_again(stage):
    stage.decide(open_task())
    stage.run()
    stage.crms["hubspot"].kept.clear()
    stage.decide(reopen_task(), at=stage.now)
    assert stage.run().reopened == 1
    stage.decide(close_task(occasion="o3"), at=stage.now)
    assert stage.run().closed == 1
    (task,) = stage.tasks()
    assert (task["state"], task["due"]) == ("completed", reopen_task().due_at)


def test_a_deleted_task_needs_no_closing(stage):
    stage.decide(open_task())
    stage.run()
    stage.crms["hubspot"].kept.clear()
    stage.decide(close_task())
    assert stage.run().dropped == 1
    assert stage.inbox() == []
    assert stage.store.effects.of_person(PERSON)[1].note == "the task is no longer there (NOT_FOUND)"


def test_a_task_that_hangs_on_another_record_by_now_is_closed_by_its_id(stage):
    stage.decide(open_task())
    stage.run()
    stage.tasks()[0]["record"] = "77"
    stage.decide(close_task())
    assert stage.run().closed == 1
    assert [task["state"] for task in stage.tasks()] == ["completed"]


def test_closing_that_is_refused_waits_for_a_person(stage):
    stage.decide(open_task())
    stage.run()
    stage.crms["hubspot"].refuse = Refused("LOCKED", "the record is locked")
    stage.decide(close_task())
    assert stage.run().failed == 1
    assert [message for _, _, _, message in stage.inbox()] == ["HubSpot refused the task: the record is locked"]


def test_decisions_without_a_beginning(stage):
    """A close or reopen of a task that the store never knew: nothing to do."""
    stage.decide(close_task(), reopen_task("1"))
    assert stage.run().dropped == 2
    assert stage.tasks() == []
    assert set(stage.states().values()) == {"dropped"}


# --- what cannot be read, and the rest ----------------------------------------------------------------------


def test_what_another_version_decided_waits_and_stops_nobody(stage):
    strange = [
        ("open:task:strange", "OpenTask", PERSON, {"task": "strange", "colour": "blue"}, NOW),
        ("notify:strange", "Notify", PERSON, {"colour": "blue"}, NOW),
        ("unknown:strange", "Unheard", PERSON, {}, NOW),
    ]
    stage.store.effects.decide("run-0", strange)
    stage.decide(open_task())
    carried = stage.run()
    assert (carried.opened, carried.failed) == (1, 2)
    assert {code for _, _, code, _ in stage.inbox()} == {"TASK", "NOTIFY"}
    assert all("cannot be read by this version" in message for _, _, _, message in stage.inbox())


def test_fields_are_not_written_here(stage):
    stage.store.effects.decide("run-0", [("revert:1", "Revert", PERSON, {"key": "revert:1"}, NOW)])
    assert stage.run().waiting == 0
    assert stage.states() == {"revert:1": "waiting"}


def test_what_is_not_due_waits(stage):
    stage.decide(open_task(), at=NOW + timedelta(hours=3))
    carried = stage.run()
    assert (carried.opened, carried.waiting) == (0, 1)


def test_a_person_who_is_linked_elsewhere_by_now(stage):
    """A link closed by a merge leaves the key behind; the inbox then names the record of the key."""
    stage.store.links.close(PERSON, "merged", "run-0")
    stage.store.links.add(Link("other", "person", "1", "00Q1", "Lead", Base({}, {})), "run-0")
    stage.decide(hold(), hold("level1", person="odd key"))
    stage.run()
    assert {(side, record) for side, record, _, _ in stage.inbox()} == {("hubspot", "1"), ("hubspot", "odd key")}


def test_later_by_the_crms_own_word(stage):
    stage.decide(open_task())
    stage.run(at="hubspot open_tasks", how="locked")
    (stored,) = stage.store.effects.of_person(PERSON)
    assert (stored.state, stored.note) == ("waiting", "")
    assert stored.not_before == stage.now + timedelta(seconds=30)
    assert stage.inbox() == []
    assert stage.run().opened == 1

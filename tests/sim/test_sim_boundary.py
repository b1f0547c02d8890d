"""What a kill leaves behind, and that a boundary fails in the way it is told to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from boundary import How, Strike
from replay import Scene, fingerprint
from sweeps import some, sweep

SCENES = ("one_side", "newborn", "bulk")
DEATHS = 5


@pytest.mark.parametrize("name", SCENES)
def test_a_killed_run_leaves_what_the_rehearsal_kept(scene_of: Callable[[str], Scene], name: str, seed: int) -> None:
    scene = scene_of(name)
    for remains in some(scene.rehearsal.remains[1:-1], seed, DEATHS):
        with closing(scene.play(remains, real=True)) as stage:
            assert stage.store
            kept = fingerprint(stage)
        with closing(scene.play(real=True)) as stage:
            assert stage.run(Strike(remains.at, "kill")).killed
            assert fingerprint(stage) == kept


@pytest.mark.parametrize("name", SCENES)
def test_struck_dead_and_cleaned_up(scene_of: Callable[[str], Scene], name: str, seed: int) -> None:
    assert [each for found in sweep(scene_of(name), "struck dead", seed, DEATHS) for each in found] == []


def test_every_state_a_kill_can_leave_is_kept(scene_of: Callable[[str], Scene]) -> None:
    rehearsal = scene_of("one_side").rehearsal
    kept = {remains.at for remains in rehearsal.remains}
    after_writes = [at + 1 for at, name in enumerate(rehearsal.boundaries, 1) if name.endswith((" create", " update"))]
    assert len(after_writes) > 2
    assert kept >= set(after_writes)


@pytest.mark.parametrize(("how", "done"), [("lost", True), ("undone", False), ("locked", False), ("down", False)])
def test_a_struck_write_is_done_or_not(scene_of: Callable[[str], Scene], how: How, done: bool) -> None:
    scene = scene_of("bulk")
    at = scene.rehearsal.boundaries.index("salesforce create") + 1
    with closing(scene.play()) as stage:
        before = len(stage.salesforce.live("Lead"))
        stage.run(Strike(at, how))
        assert (len(stage.salesforce.live("Lead")) > before) is done

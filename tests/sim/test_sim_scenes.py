"""Every scene undisturbed, killed everywhere, with every fault, and with people at work while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from replay import Scene
from scenes import SCENES
from stage import Stage
from sweeps import sweep

WHOLE = ("first_sync", "one_side", "both_sides", "conversion", "newborn", "references", "bulk")
"""Scenes whose kills are all played with every seed; those of the others are shared out among three seeds."""

KILLS, FAULTS, EDITS, LAST_WORDS, UPSETS = 8, 3, 3, 2, 2
"""About how many replays of each kind a scene plays with one seed; the next seed plays others."""

every_scene = pytest.mark.parametrize("name", SCENES)


def told(findings: Iterable[list[str]]) -> list[str]:
    return [each for found in findings for each in found]


@every_scene
def test_undisturbed(scene_of: Callable[[str], Scene], name: str) -> None:
    assert told(sweep(scene_of(name), "calm")) == []


@every_scene
def test_killed_at_every_boundary(scene_of: Callable[[str], Scene], name: str, seed: int) -> None:
    assert told(sweep(scene_of(name), "kills", seed, None if name in WHOLE else KILLS)) == []


@every_scene
def test_calls_that_fail(scene_of: Callable[[str], Scene], name: str, seed: int) -> None:
    assert told(sweep(scene_of(name), "faults", seed, FAULTS)) == []


@every_scene
def test_people_at_work_during_the_run(scene_of: Callable[[str], Scene], name: str, seed: int) -> None:
    assert told(sweep(scene_of(name), "edits", seed, EDITS)) == []


@every_scene
def test_people_at_work_between_a_kill_and_the_next_run(scene_of: Callable[[str], Scene], name: str, seed: int) -> None:
    assert told(sweep(scene_of(name), "edited after a kill", seed, LAST_WORDS)) == []


@every_scene
def test_merges_conversions_and_deletions_before_the_next_run(
    scene_of: Callable[[str], Scene], name: str, seed: int
) -> None:
    assert told(sweep(scene_of(name), "upset after a kill", seed, UPSETS)) == []


def test_a_lead_whose_making_was_killed_is_converted_before_the_next_run(scene_of: Callable[[str], Scene]) -> None:
    scene = scene_of("one_side")
    killed = [
        each for each in scene.rehearsal.remains if scene.rehearsal.boundaries[each.at - 2] == "salesforce create"
    ]

    def convert(stage: Stage) -> None:
        stage.salesforce.convert(stage.people.of("salesforce", "Lead", "cleo"), None)

    assert killed
    assert told(scene.survives_kill(remains, convert) for remains in killed) == []

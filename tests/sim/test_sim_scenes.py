"""Every scene undisturbed, killed everywhere, with every fault, and with people at work while it runs."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from replay import SceneOf
from scenes import SCENES
from sweeps import sweep

FAULTS, EDITS, LAST_WORDS = 6, 6, 4
"""About how many replays of each kind every scene and seed plays; the kills are all played."""

every_scene = pytest.mark.parametrize("name", SCENES)


def told(findings: Iterable[list[str]]) -> list[str]:
    return [each for found in findings for each in found]


@every_scene
def test_undisturbed(scene_of: SceneOf, name: str) -> None:
    assert told(sweep(scene_of(name), "calm")) == []


@every_scene
def test_killed_at_every_boundary(scene_of: SceneOf, name: str) -> None:
    assert told(sweep(scene_of(name), "kills")) == []


@every_scene
def test_calls_that_fail(scene_of: SceneOf, name: str, seed: int) -> None:
    assert told(sweep(scene_of(name), "faults", seed, FAULTS)) == []


@every_scene
def test_people_at_work_during_the_run(scene_of: SceneOf, name: str, seed: int) -> None:
    assert told(sweep(scene_of(name), "edits", seed, EDITS)) == []


@every_scene
def test_people_at_work_between_a_kill_and_the_next_run(scene_of: SceneOf, name: str, seed: int) -> None:
    assert told(sweep(scene_of(name), "edited after a kill", seed, LAST_WORDS)) == []

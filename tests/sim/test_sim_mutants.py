"""The oracle has teeth: wrong engines are caught, each by the promise it breaks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mutants import MUTANTS
from replay import Scene
from sweeps import sweep

ENOUGH = 60
"""Replays within which a wrong engine must be caught."""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_engine_is_caught(scene_of: Callable[[str], Scene], name: str) -> None:
    mutant = MUTANTS[name]
    caught: list[str] = []
    scene = scene_of(mutant.scene).played_by(mutant.engine)
    for number, found in enumerate(sweep(scene, mutant.how)):
        caught = [each for each in found if f": {mutant.promise}: " in each]
        if caught or number > ENOUGH:
            break
    assert caught, f"no sweep of {mutant.scene} caught the engine with: {name}"

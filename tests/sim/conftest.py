"""The simulation's project, its scenes, and how long it may take.

`REVLOOP_SIM_SEEDS` says how many seeds are played, one by default: each plays another part of what can go wrong, and
other stories. Three play every kill of every scene.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from replay import Scene
from scenes import SCENES
from stage import Stage

from connector.project import Project, load

SEEDS = range(int(os.environ.get("REVLOOP_SIM_SEEDS", "1")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a seed is run with each of them."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", SEEDS)


@pytest.fixture(scope="session")
def project() -> Project:
    return load(Path(__file__).parent / "project")


@pytest.fixture
def stage(project: Project, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage.new(project, tmp_path / "state.sqlite")
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def scene_of(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Scene]]:
    """Scenes by name, each made once."""
    made: dict[str, Scene] = {}

    def scene_of(name: str) -> Scene:
        if name not in made:
            stage = Stage.new(project, tmp_path_factory.mktemp(name) / "state.sqlite")
            SCENES[name](stage)
            made[name] = Scene(name, stage)
        return made[name]

    yield scene_of
    for scene in made.values():
        scene.close()

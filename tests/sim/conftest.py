"""The simulation's project, its scenes, and how long it may take.

`REVLOOP_SIM_SEEDS` says how many seeds are played: the kills are always all played, of everything else each seed
plays another part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from replay import Scene, SceneOf
from scenes import SCENES
from stage import Engine, Stage

from connector.engine.run import sync
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


@pytest.fixture
def scene_of(stage: Stage) -> Iterator[SceneOf]:
    made: list[Scene] = []

    def scene_of(name: str, engine: Engine = sync) -> Scene:
        """A scene of the table, made by the right engine and played by the given one."""
        SCENES[name](stage)
        stage.engine = engine
        made.append(Scene(name, stage))
        return made[-1]

    yield scene_of
    for scene in made:
        scene.close()

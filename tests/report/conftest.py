import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "process"), str(TESTS / "revops")]

from council_rows_of import example_3a  # noqa: E402 - shared with the tests of the pure functions
from memories import a_project, memory, remember  # noqa: E402

from connector.engine.state_of import state_of  # noqa: E402
from connector.project import load  # noqa: E402


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """A project that remembers worked example 3-A; making a store takes longer than most tests."""
    folder = a_project(tmp_path_factory.mktemp("3a") / "p", lean=True)
    remember(folder, *map(memory, example_3a()))
    return folder


@pytest.fixture
def folder(tmp_path):
    """A project whose rules were applied, and nobody was handed over."""
    return a_project(tmp_path / "p")


@pytest.fixture
def lean(tmp_path):
    """The same with the rules of the council only."""
    return a_project(tmp_path / "p", lean=True)


@pytest.fixture
def store(folder):
    with state_of(load(folder)) as opened:
        yield opened

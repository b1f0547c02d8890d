import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

import scene


@pytest.fixture(scope="session")
def running_stage():
    with scene.stage() as made:
        yield made


@pytest.fixture
def stage(running_stage):
    """Two CRMs that nobody has installed anything in."""
    return running_stage.fresh()


@pytest.fixture(scope="session")
def wish(tmp_path_factory):
    """What the default rules need."""
    return scene.rules(tmp_path_factory.mktemp("rules"))

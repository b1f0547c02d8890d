"""The stage of the attribution tests, new for each of them."""

import pytest
from attribution_world import World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "state.sqlite")

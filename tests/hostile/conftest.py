"""The pair of sandboxes of the process tests, with a handful of records that a run has work for on both sides."""

import sys
from pathlib import Path

import pytest

from connector.project import init

sys.path.append(str(Path(__file__).parents[1] / "process"))

from crm_pair import crm_pair
from small_world import fill


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Two filled sandboxes and a default project that has not run yet; waits take no time."""
    with crm_pair(tmp_path / "project", monkeypatch, hubspot_options={"enforce_rates": False}) as pair:
        pair.pause = lambda _seconds: None
        fill(pair)
        yield pair


@pytest.fixture
def project(tmp_path):
    """A project folder as `revloop init` makes it, with an address."""
    folder = tmp_path / "project"
    init(folder)
    settings = folder / "connector.yaml"
    settings.write_text(settings.read_text().replace("YOUR-DOMAIN", "example"))
    return folder

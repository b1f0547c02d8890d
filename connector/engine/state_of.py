"""From a project to its state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import SettingsError
from connector.project import Project
from connector.state.store import Store


@contextmanager
def state_of(project: Project) -> Iterator[Store]:
    """The state of a project, for as long as the block lasts.

    Raises:
        StateError: it cannot be opened.
        SettingsError: the variable that holds its address is not set.
    """
    settings = project.settings
    place: str | Path = settings.state
    if settings.state_env:
        place = os.environ.get(settings.state_env, "")
        if not place:
            raise SettingsError(f"the environment variable {settings.state_env} (state_env) is not set")
    if "://" not in str(place):
        place = project.folder / place
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = Store.open(place)
    try:
        yield opened
    finally:
        opened.close()

"""The ways in that commands share: the project with its state, and the instant that somebody typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from connector.engine.state_of import state_of
from connector.errors import SettingsError
from connector.project import Project, load
from connector.shell import outside
from connector.shell.typed import Ask
from connector.state.store import Store


@contextmanager
def stored(ask: Ask) -> Iterator[tuple[Project, Store]]:
    """The project and its state; no CRM is asked."""
    project = load(ask.folder)
    with state_of(project) as store:
        yield project, store


def instant(project: Project, text: str | None) -> datetime:
    """An instant as typed; a day means its end in the project's time zone; nothing means now.

    Raises:
        SettingsError: it is no date.
    """
    if text is None:
        return outside.now()
    zone = ZoneInfo(project.settings.time_zone)
    try:
        if len(text) == len("2026-11-25"):
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), zone)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--as-of {text}: write a day such as 2026-11-25, or an instant in ISO 8601") from None
    return at if at.tzinfo else at.replace(tzinfo=zone)

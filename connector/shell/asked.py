"""What commands are asked with, and the ways in and out that they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from connector.engine import connect
from connector.errors import SettingsError
from connector.project import Project, load
from connector.report.screen import Screen
from connector.shell import outside
from connector.state.store import Store


class SchemaOf(StrEnum):
    """What there is a schema of."""

    connector = "connector"
    mapping = "mapping"
    scoring = "scoring"
    lifecycle = "lifecycle"
    rejection = "rejection"
    reasons = "reasons"
    attribution = "attribution"
    calendars = "calendars"
    signals = "signals"


class SideName(StrEnum):
    """A CRM as typed."""

    hubspot = "hubspot"
    salesforce = "salesforce"


@dataclass(frozen=True, slots=True)
class Ask:
    """What nearly every command is asked with."""

    folder: Path
    as_json: bool

    @property
    def screen(self) -> Screen:
        """Where to print."""
        return Screen(as_json=self.as_json)


def leave(code: int | None, **_options: object) -> None:
    """End with a command's exit code."""
    raise typer.Exit(code or 0)


@contextmanager
def stored(ask: Ask) -> Iterator[tuple[Project, Store]]:
    """The project and its state; no CRM is asked."""
    project = load(ask.folder)
    with connect.store(project) as store:
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

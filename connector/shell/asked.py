"""What commands are asked with, and the ways in and out that they share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import typer

from connector.engine import connect
from connector.project import Project, load
from connector.report.screen import Screen
from connector.state.store import Store


class SchemaOf(StrEnum):
    """What there is a schema of."""

    connector = "connector"
    mapping = "mapping"


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

"""What can be typed on the command line. It loads next to nothing: `revloop --help` needs no more than this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from connector.report.council import Form
    from connector.report.screen import Screen


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
        from connector.report.screen import Screen  # noqa: PLC0415  (see the top)

        return Screen(as_json=self.as_json)


class FormName(StrEnum):
    """A form as typed."""

    md = "md"
    csv = "csv"
    html = "html"


class LocaleName(StrEnum):
    """A language as typed."""

    de = "de"
    en = "en"


@dataclass(frozen=True, slots=True)
class Wish:
    """How a report is wanted; what is None follows from the project, or from the name of the file."""

    locale: LocaleName | None = None
    form: FormName | None = None
    out: Path | None = None
    records: bool = False
    bom: bool = True
    as_of: str | None = None

    @property
    def file_form(self) -> Form:
        """The form that was typed, else that of the file's name, else Markdown."""
        forms: Mapping[str, Form] = {"md": "md", "csv": "csv", "html": "html"}
        if self.form is not None:
            return forms[self.form.value]
        return forms.get(self.out.suffix.lstrip(".").lower() if self.out else "", "md")


class FaultKind(StrEnum):
    """What may happen to a call; `clear` takes every fault of the sandbox away."""

    status = "status"
    slow = "slow"
    cut = "cut"
    lost = "lost"
    clear = "clear"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as typed."""

    kind: FaultKind
    path: str
    method: str
    nth: int
    times: int
    status: int
    seconds: float


def leave(code: int | None, **_options: object) -> None:
    """End with a command's exit code."""
    raise typer.Exit(code or 0)

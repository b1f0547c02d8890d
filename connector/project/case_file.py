"""A project's own cases: records as they might be in both CRMs, an instant, and what the rules should make of them.

They live in `rules/cases/*.yaml`. Reading them finds every mistake with its line; running them is `engine/cases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from connector.errors import SettingsError
from connector.project.case_fields import Known, note_unknown
from connector.project.mistakes import Mistakes
from connector.project.written import Strict
from connector.project.yaml_lines import Document, read_yaml

FOLDER = "rules/cases"


def _aware(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError("write an instant with its offset, such as 2026-11-23T12:00:00+01:00")
    return at


def _person(text: str) -> str:
    side, _, record = text.partition(" ")
    if side not in ("hubspot", "salesforce") or not record.strip():
        raise ValueError("write a side and a record's id, such as `hubspot 1`")
    return text


Instant = Annotated[datetime, BeforeValidator(_aware)]
RecordName = Annotated[str, AfterValidator(_person)]
Fields = dict[str, Any]


class ActivityLine(Strict):
    """Something a person did; exactly one of the words that name what."""

    person: RecordName
    at: str
    page_view: str | None = None  # the path
    form: str | None = None  # its name
    email_click: str | None = None
    email_open: str | None = None
    meeting: str | None = None  # its title
    call: str | None = None
    campaign: dict[str, str] | None = None  # name, type, status
    task: str | None = None  # its status


class OwnerLine(Strict):
    """A user of one CRM."""

    side: Annotated[str, Field(pattern="^(hubspot|salesforce)$")]
    id: str
    email: str | None = None
    active: bool = True
    manager: str | None = None
    team: str | None = None
    queue: bool = False
    name: str | None = None


class CaseLine(Strict):
    """One case. `history` dates fields: record -> field -> [[value, instant], …], the newest first."""

    name: Annotated[str, Field(min_length=1)]
    as_of: Instant
    hubspot: dict[str, list[Fields]] = Field(default_factory=dict)
    salesforce: dict[str, list[Fields]] = Field(default_factory=dict)
    activities: list[ActivityLine] = Field(default_factory=list)
    owners: list[OwnerLine] = Field(default_factory=list)
    history: dict[RecordName, dict[str, list[list[str]]]] = Field(default_factory=dict)
    expect: dict[RecordName, dict[str, str | None]] = Field(default_factory=dict)
    plan: list[str] = Field(default_factory=list)


class CaseFile(Strict):
    """A file of cases."""

    cases: list[CaseLine]


@dataclass(frozen=True, slots=True)
class Case:
    """A case and where it stands; `lines` gives the place of each thing that it expects."""

    line: CaseLine
    where: str
    lines: Mapping[tuple[str, str], str]


def read_cases(folder: Path, known: Known) -> list[Case]:
    """All cases of a project folder, in the order of the files.

    Args:
        folder: the project's.
        known: what the records may hold; anything else is a mistake.

    Raises:
        SettingsError: a file has mistakes, or there are no cases.
    """
    mistakes, found = Mistakes(), list[Case]()
    paths = sorted((folder / FOLDER).glob("*.yaml"))
    if not paths:
        raise SettingsError(
            f"{folder / FOLDER} holds no .yaml file with cases: `revloop init {folder}` writes some to begin with"
        )
    for path in paths:
        document, problems = read_yaml(path, path.relative_to(folder).as_posix())
        mistakes.take(problems)
        if document is not None:
            file, rest = mistakes.validated(CaseFile, document)
            for number, line in enumerate(file.cases if file else ()):
                note_unknown(rest, ("cases", number), line, known, mistakes)
                found.append(_case(line, rest, number))
    if mistakes:
        raise SettingsError(f"{folder / FOLDER}: the cases cannot be read", mistakes.sorted())
    return found


def _case(line: CaseLine, document: Document, number: int) -> Case:
    lines = {
        (record, field): document.where(("cases", number, "expect", record, field))
        for record, fields in line.expect.items()
        for field in fields
    }
    for position, text in enumerate(line.plan):
        lines["plan", text] = document.where(("cases", number, "plan", position))
    return Case(line, document.where(("cases", number)), lines)

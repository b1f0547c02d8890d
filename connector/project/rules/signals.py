"""`rules/signals.yaml`: which form, campaign or meeting means what, read and checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from connector.project.mistakes import Mistakes
from connector.project.rules.section import Found, Section, read_section
from connector.project.written import Id, Strict, Words
from connector.project.yaml_lines import Document
from connector.revops.signals import FACTS, PageSource, Signal, Signals

ROOT = "signals"


class SignalLine(Strict):
    """The activities of one source that mean something."""

    means: Id
    source: Literal["form", "meeting", "call", "campaign_member", "task", "event"]
    name: Words = ()
    type: Words = ()
    status: Words = ()


class SignalsFile(Strict):
    """Everything below `signals:`."""

    pages: PageSource = Signals().pages
    keep_days: Annotated[int, Field(ge=30, le=3650)] = Signals().keep_days
    meanings: tuple[SignalLine, ...] = ()


def read_signals(document: Document, mistakes: Mistakes) -> Section[SignalsFile] | None:
    """The file, with everything noted that is wrong in it; None where no rest makes sense."""
    section = read_section(document, ROOT, SignalsFile, mistakes)
    if section is not None:
        section.note([*_foreign(section.lines), *_hidden(section.lines)])
    return section


def compile_signals_file(section: Section[SignalsFile]) -> Signals:
    """The signals of a file that was found to be right, in its order."""
    lines = section.lines
    made = (Signal(each.source, each.means, each.name, each.type, each.status) for each in lines.meanings)
    return Signals(tuple(made), lines.pages, lines.keep_days)


def _foreign(file: SignalsFile) -> Found:
    """Keys that say nothing of their source."""
    for i, line in enumerate(file.meanings):
        facts = FACTS[line.source]
        if line.type and facts.type is None:
            yield (
                ("meanings", i, "type"),
                f"only a campaign_member has a `type`, and this is a {line.source}: delete it",
            )
        if line.status and facts.status is None:
            yield ("meanings", i, "status"), f"a {line.source} has no `status`: delete it"


def _hidden(file: SignalsFile) -> Found:
    """Lines that no activity reaches, since one above them takes everything of their source."""
    taken: set[str] = set()
    for i, line in enumerate(file.meanings):
        if line.source in taken:
            text = f"a line above takes every {line.source}: put that one below, or narrow it with `name`"
            yield ("meanings", i), text
        elif not (line.name or line.type or line.status):
            taken.add(line.source)

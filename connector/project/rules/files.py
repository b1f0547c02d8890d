"""The folder `rules/` as a whole: which files there are, which parts are in force, and the agreement they make.

A missing file is a part that is off. A part that is off is not read beyond its YAML, so that nothing in it can stop a
run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from connector.model import SIDES
from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.rules.attribution import AttributionFile, compile_attribution, read_attribution
from connector.project.rules.calendars import CalendarsFile, compile_calendars, read_calendars
from connector.project.rules.lifecycle import compile_lifecycle, read_lifecycle
from connector.project.rules.lifecycle_file import LifecycleFile
from connector.project.rules.rejection import (
    compile_reasons,
    compile_rejection,
    read_reasons,
    read_rejection,
    reasons_file,
)
from connector.project.rules.rejection_file import ReasonsFile, RejectionFile
from connector.project.rules.scoring import compile_scoring_file, read_scoring
from connector.project.rules.scoring_file import ScoringFile
from connector.project.rules.section import M, Section
from connector.project.rules.signals import SignalsFile, compile_signals_file, read_signals
from connector.project.settings import Settings
from connector.project.yaml_lines import Document
from connector.revops.agreement import Agreement
from connector.revops.calendars import Calendar, Calendars
from connector.revops.fields import Part
from connector.revops.signals import Signals

PARTS: tuple[Part, ...] = ("scoring", "lifecycle", "rejection", "attribution")
"""What can be switched on and off."""

REASONS = "rejection_reasons"
NAMES = (*PARTS, REASONS, "calendars", "signals")
"""Every file of `rules/`, without its ending."""


@dataclass
class Rules:
    """The rule files in force, each as far as it could be read; `there` are all files, by name without ending."""

    there: frozenset[str] = frozenset()
    scoring: Section[ScoringFile] | None = None
    lifecycle: Section[LifecycleFile] | None = None
    rejection: Section[RejectionFile] | None = None
    reasons: Section[ReasonsFile] | None = None
    attribution: Section[AttributionFile] | None = None
    calendars: Section[CalendarsFile] | None = None
    signals: Section[SignalsFile] | None = None
    on: frozenset[str] = field(default_factory=frozenset)

    @property
    def where(self) -> dict[str, str]:
        """`file:line` of what is compared with the CRMs: each part in force, its statuses and its fit rules."""
        sections: dict[str, Section[Any] | None] = {
            "scoring": self.scoring,
            "lifecycle": self.lifecycle,
            "rejection": self.rejection,
            "attribution": self.attribution,
        }
        found = {part: section.where() for part, section in sections.items() if section is not None}
        if self.rejection is not None:
            for side in SIDES:
                found[f"rejection.statuses.{side}"] = self.rejection.where("statuses", side)
        if self.scoring is not None:
            for i, line in enumerate(self.scoring.lines.fit.rules):
                found[f"scoring.fit.{line.id}"] = self.scoring.where("fit", "rules", i)
        return found


def read_rules(
    documents: Mapping[str, Document | None], settings: Settings, configured: Document | None, mistakes: Mistakes
) -> Rules:
    """Read every rule file that is in force.

    Args:
        documents: the files of `rules/` by their path in the project; None is one that is no YAML.
        settings: which parts are on.
        configured: `connector.yaml`, for the line of a switch.
        mistakes: takes everything that is wrong within one file.
    """
    named: dict[str, Document | None] = {}
    for path, document in documents.items():
        name = PurePosixPath(path).stem
        if name in named and document is not None:
            mistakes.add(document, (), f"there are two files called '{name}' in rules/: keep one")
        named.setdefault(name, document)
    rules = Rules(frozenset(named))
    rules.on = frozenset(part for part in PARTS if _is_on(part, rules, settings, configured, mistakes))
    reasons = PurePosixPath(reasons_file(named.get("rejection"))).stem
    _strangers(named, reasons, mistakes)
    found = {name: document for name, document in named.items() if name in rules.on or name not in PARTS}
    _read(rules, found, reasons, mistakes)
    if "rejection" in rules.on and rules.rejection is not None and reasons not in named:
        text = f"rules/{reasons}.yaml is missing: `revloop init` writes rules/{REASONS}.yaml"
        rules.rejection.note([(("reasons_file",), text)])
    return rules


def _is_on(part: Part, rules: Rules, settings: Settings, configured: Document | None, mistakes: Mistakes) -> bool:
    switch = getattr(settings.rules, part)
    there = part in rules.there
    if switch and not there and configured is not None:
        text = f"{part} is on, but rules/{part}.yaml is missing: `revloop init` writes one; or write off"
        mistakes.add(configured, ("rules", part), text)
    return there and switch is not False


def _strangers(named: Mapping[str, Document | None], reasons: str, mistakes: Mistakes) -> None:
    """Files that no part reads."""
    known = {*NAMES} - {REASONS} | {reasons}
    for name, document in named.items():
        if name in known or document is None:
            continue
        if name == REASONS:
            text = f"rules/rejection.yaml names rules/{reasons}.yaml as its reasons: delete this file, or name it there"
        else:
            near = nearest(name, known) or f"; the files of rules/ are {', '.join(sorted(known))}"
            text = f"no rules are called {quoted(name)}{near}"
        mistakes.add(document, (), text)


def _read(rules: Rules, found: Mapping[str, Document | None], reasons: str, mistakes: Mistakes) -> None:
    if document := found.get("calendars"):
        rules.calendars = read_calendars(document, mistakes)
    if document := found.get("signals"):
        rules.signals = read_signals(document, mistakes)
    if document := found.get("scoring"):
        rules.scoring = read_scoring(document, mistakes)
    if document := found.get("lifecycle"):
        rules.lifecycle = read_lifecycle(document, mistakes)
    if "rejection" in rules.on and (document := found.get(reasons)):
        rules.reasons = read_reasons(document, mistakes)
    if document := found.get("rejection"):
        rules.rejection = read_rejection(document, rules.reasons, mistakes)
    if document := found.get("attribution"):
        rules.attribution = read_attribution(document, mistakes)


def compile_rules(rules: Rules, settings: Settings) -> Agreement:
    """The agreement of the files that were found to be right; a part that is not right is left out."""
    zone = settings.time_zone
    reasons, rejected = _right(rules.reasons), _right(rules.rejection)
    rejection = compile_rejection(rejected, compile_reasons(reasons), settings.locale) if rejected and reasons else None
    scoring, lifecycle, attribution = _right(rules.scoring), _right(rules.lifecycle), _right(rules.attribution)
    calendars, signals = _right(rules.calendars), _right(rules.signals)
    statuses = rejection.statuses if rejection else {}
    return Agreement(
        scoring=compile_scoring_file(scoring, zone) if scoring else None,
        lifecycle=compile_lifecycle(lifecycle, zone, statuses) if lifecycle else None,
        rejection=rejection,
        attribution=compile_attribution(attribution, zone) if attribution else None,
        calendars=compile_calendars(calendars, zone) if calendars else Calendars(Calendar(zone=zone)),
        signals=compile_signals_file(signals) if signals else Signals(),
        locale=settings.locale,
    )


def _right(section: Section[M] | None) -> Section[M] | None:
    return section if section is not None and section.right else None

"""What only several rule files together show to be wrong: a clock without a calendar, an event that nothing means.

Every sentence names the line that asks for what is not there. What is allowed and probably not meant is `doubts`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.project.mistakes import nearest, quoted
from connector.project.rules.files import Rules
from connector.project.rules.lifecycle_file import LifecycleFile
from connector.project.rules.scoring_file import ScoringFile
from connector.project.rules.section import Found, Section, listed, words_of
from connector.project.settings import OwnFields
from connector.project.yaml_lines import Path_
from connector.revops.calendars import Mode
from connector.revops.fields import ANSWERS, sla_fields
from connector.revops.inputs import COMPUTED, FACTS
from connector.revops.scoring_config import PERSON_FIELDS
from connector.revops.signals import SPEAKING

FROM_SIGNALS = frozenset({"demo_request", "contact_form"})
"""What starts a clock and is something the person did."""

_LONGEST = 40
"""Salesforce's own limit for the name of a custom field, without `__c`."""
_DEVELOPER_NAME = re.compile(r"[A-Za-z](_?[A-Za-z0-9])*")


@dataclass(frozen=True, slots=True)
class Clock:
    """A setting that counts time: the place of its `clock`, and how long it runs with the place of each length."""

    section: Section[Any]
    path: Path_
    mode: Mode
    lengths: tuple[tuple[Path_, timedelta], ...]


def clocks(rules: Rules) -> Iterator[Clock]:
    """Every clock of the rules in force."""
    lifecycle, rejection = rules.lifecycle, rules.rejection
    for i, sla in enumerate(lifecycle.lines.sla if lifecycle else ()):
        assert lifecycle is not None
        lengths = tuple((("sla", i, "target"), each) for each in sorted(set(sla.target.values())))
        yield Clock(lifecycle, ("sla", i, "clock"), sla.clock, lengths)
    if rejection is not None:
        enforcement, escalation = rejection.lines.enforcement, rejection.lines.escalation
        grace, after = ("enforcement", "grace"), ("escalation", "after")
        yield Clock(rejection, ("enforcement", "clock"), enforcement.clock, ((grace, enforcement.grace),))
        yield Clock(rejection, ("escalation", "clock"), escalation.clock, ((after, escalation.after),))


def note_together(rules: Rules, names: OwnFields) -> None:
    """Note what the rule files contradict among each other.

    Args:
        rules: the files.
        names: how revloop's own fields begin: some of them are named after a promise.
    """
    for clock in clocks(rules):
        if clock.mode != "elapsed" and "calendars" not in rules.there:
            text = (
                f"the clock {clock.mode} needs a calendar: add rules/calendars.yaml (`revloop init` writes one), "
                "or write `clock: elapsed`"
            )
            clock.section.note([(clock.path, text)])
    if rules.scoring is not None:
        rules.scoring.note([*_events(rules, rules.scoring), *_answers(rules.scoring.lines)])
    if rules.lifecycle is not None:
        rules.lifecycle.note([*_starts(rules, rules.lifecycle), *_long_names(rules.lifecycle, names)])


def _events(rules: Rules, scoring: Section[ScoringFile]) -> Found:
    for i, rule in enumerate(scoring.lines.engagement.rules):
        if rule.event:
            yield from _unheard(rules, ("engagement", "rules", i, "event"), rule.event)


def _answers(file: ScoringFile) -> Found:
    """Grades by answers that the field of that name does not offer."""
    for name, criterion in file.criteria.items():
        options = ANSWERS.get(criterion.field or "")
        grades = (("A", criterion.a.values), ("B", criterion.b.values), ("empty", criterion.empty))
        for key, values in grades if options else ():
            for value in values:
                if value not in (options or ()):
                    yield ("criteria", name, key), f"{quoted(value)} is no answer{listed(value, options or ())}"


def _starts(rules: Rules, lifecycle: Section[LifecycleFile]) -> Found:
    for i, sla in enumerate(lifecycle.lines.sla):
        for word in sla.start:
            if word in FROM_SIGNALS:
                yield from _unheard(rules, ("sla", i, "start"), word)


def _unheard(rules: Rules, path: Path_, word: str) -> Found:
    """A word that no signal gives, and no activity by itself."""
    known: list[str] = [*SPEAKING]
    if "signals" in rules.there:
        if rules.signals is None:
            return  # what it means cannot be read, and that is said already
        known += words_of(rules.signals.data.get("meanings"), "means")
    if word in known:
        return
    do = "add a line for it to rules/signals.yaml" if "signals" in rules.there else "add rules/signals.yaml"
    near = nearest(word, known) or f": {do} (`revloop init` writes one)"
    yield path, f"no activity means {quoted(word)}{near}"


def _long_names(lifecycle: Section[LifecycleFile], names: OwnFields) -> Found:
    """A promise's id becomes a part of two fields' names, which Salesforce must take."""
    for i, sla in enumerate(lifecycle.lines.sla):
        made = [field.vendor_name("salesforce", names.salesforce) for field in sla_fields([sla.id])]
        wrong = next((name for name in made if not _is_name(name.removesuffix("__c"))), None)
        if wrong is not None:
            text = f"Salesforce takes no field called {wrong}: choose an id of at most {_room(names)} characters"
            yield ("sla", i, "id"), f"{text}, without __ and without _ at its end"


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST and _DEVELOPER_NAME.fullmatch(name) is not None


def _room(names: OwnFields) -> int:
    """How long an id may be."""
    longest = max(len(field.vendor_name("salesforce", names.salesforce)) for field in sla_fields(["x"]))
    return _LONGEST + len("__c") - longest + 1


def note_unknown_fields(scoring: Section[ScoringFile], mapped: Collection[str]) -> None:
    """Note every name that the scoring rules look up and nobody gives.

    Args:
        scoring: the file.
        mapped: the names of all fields of the person and company mappings.
    """
    known = [*mapped, *ANSWERS, *FACTS, *COMPUTED, *PERSON_FIELDS]
    scoring.note(
        (path, f"no mapping line and no property of a person is called {quoted(name)}{nearest(name, known)}")
        for path, name in _looked_up(scoring.lines)
        if name not in known
    )


def _looked_up(file: ScoringFile) -> Sequence[tuple[Path_, str]]:
    renamed = file.fields.model_dump(exclude_none=True)
    found: list[tuple[Path_, str]] = [(("fields", key), name) for key, name in renamed.items()]
    found += [(("fit", "rules", i, "field"), each.field) for i, each in enumerate(file.fit.rules)]
    found += [(("criteria", key, "field"), each.field) for key, each in file.criteria.items() if each.field]
    return [(path, name) for path, name in found if name not in renamed or path[0] == "fields"]

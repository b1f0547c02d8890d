"""Whether `rules/scoring.yaml` makes sense as a whole: the rules of domain §15 that a file alone can show."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Any

from connector.project.mistakes import nearest, quoted
from connector.project.rules.scoring_file import CriterionLine, EventLine, FitLine, GradeLine, ScoringFile, SqlLine
from connector.project.rules.section import Found, Section, listed, twice, under, words_of
from connector.project.yaml_lines import Path_
from connector.revops.scoring_config import BANT, ENGAGEMENT_LEVELS, FIT_GRADES, TEMPERATURES
from connector.revops.scoring_fit import OTHER

_EMAIL_CLASSES = ("business", "freemail")


def contradictions(section: Section[ScoringFile]) -> Found:
    """Everything in a file that its lines together show to be wrong."""
    return _Checker(section.lines, section.data).found()


class _Checker:
    def __init__(self, file: ScoringFile, data: dict[str, Any]) -> None:
        self._file = file
        # names of unreadable lines count too, so that one mistake does not look like several
        self._fit_ids = words_of(_dict(data, "fit").get("rules"), "id")
        self._event_ids = words_of(_dict(data, "engagement").get("rules"), "id")
        self._groups = list(_dict(_dict(data, "engagement"), "groups"))
        self._criteria = list(_dict(data, "criteria"))
        self._events = {each.event for each in file.engagement.rules if each.event}

    def found(self) -> Found:
        file = self._file
        for part, lines in (("fit", file.fit.rules), ("engagement", file.engagement.rules)):
            ids = [each.id for each in lines]
            yield from twice((part, "rules"), ids, "id", "a second rule has the id {}: keep one")
        for i, rule in enumerate(file.fit.rules):
            yield from under(("fit", "rules", i), self._fit(rule))
        for j, event in enumerate(file.engagement.rules):
            yield from under(("engagement", "rules", j), self._event(event))
        yield from self._group_caps()
        yield from _falling(("fit", "grades"), file.fit.grades.model_dump())
        yield from _falling(("engagement", "levels"), file.engagement.levels.model_dump())
        yield from _matrix(file)
        yield from self._tracked()
        for name, criterion in file.criteria.items():
            yield from under(("criteria", name), self._criterion(criterion))
        yield from self._sql()
        yield from _clashes(("email",), {"freemail": file.email.freemail, "competitors": file.email.competitors})

    # --- fit -----------------------------------------------------------------------------------------

    def _fit(self, rule: FitLine) -> Found:
        kinds = [bool(rule.bands), bool(rule.points) and rule.when is None, rule.when is not None]
        if sum(kinds) != 1:
            yield (), "give exactly one of `bands`, `points` by class, or `when: missing` (present) with `points`"
            return
        if rule.when is not None:
            if list(rule.points) != ["*"]:
                yield ("points",), "with `when` write one number, such as `points: -5`"
            return
        if rule.bands:
            yield from _bands(rule)
            return
        if "*" in rule.points:
            yield ("points",), "write points by class, such as {core: 25}, or add `when: present`"
            return
        yield from self._classes(rule)

    def _classes(self, rule: FitLine) -> Found:
        yield from _clashes(("values",), rule.values)
        known: Collection[str] = [*rule.values, OTHER]
        if rule.field == "title_class":
            known = [*(each.class_ for each in self._file.titles), OTHER] if self._file.titles else rule.points
        elif rule.field == "email_class":
            known = _EMAIL_CLASSES
        elif not rule.values:
            return
        for name in rule.points:
            if name not in known:
                yield ("points", name), f"no class is called {quoted(name)}{listed(name, known)}"

    # --- engagement ----------------------------------------------------------------------------------

    def _event(self, rule: EventLine) -> Found:
        if (rule.event is None) is (rule.no_event_days is None):
            yield (), "give either `event` (points for doing something) or `no_event_days` (points for silence)"
        if rule.no_event_days is not None and (rule.match or rule.half_life_days or rule.max_count):
            yield (), "silence has no `match`, `half_life_days` or `max_count`: delete them"
        if rule.points == 0:
            yield ("points",), "0 points change nothing: delete the rule or give it points"
        if rule.half_life_days is not None and rule.half_life_days <= 0:
            yield ("half_life_days",), "'half_life_days' must be more than 0: delete it for points that do not decay"
        if rule.cap is not None and rule.cap * rule.points < 0:
            yield (
                ("cap",),
                "'cap' must have the sign of 'points': a cap of negative points is a lower bound, such as -10",
            )
        if rule.cap is not None and abs(rule.cap) < abs(rule.points):
            yield ("cap",), "'cap' is smaller than the points of one event: write the smaller number as 'points'"
        if rule.group is not None and rule.group not in self._groups:
            yield ("group",), f"no group is called {quoted(rule.group)}{listed(rule.group, self._groups)}"

    def _group_caps(self) -> Found:
        rules = self._file.engagement.rules
        for name, group in self._file.engagement.groups.items():
            members = [each.points for each in rules if each.group == name]
            path: Path_ = ("engagement", "groups", name)
            if not members:
                yield path, f"no rule has `group: {name}`: add it to the rules it should hold, or delete the group"
            elif name in self._event_ids:
                yield path, f"a rule is called {quoted(name)} too: give the group another name"
            elif group.cap is not None and any(each * group.cap < 0 for each in members):
                yield (*path, "cap"), "the cap must have the sign of the points of all its rules: split the group"

    def _tracked(self) -> Found:
        for i, name in enumerate(self._file.consent.tracked_events):
            near = nearest(name, self._events)
            if name not in self._events and near:
                yield ("consent", "tracked_events", i), f"no rule scores the event {quoted(name)}{near}"

    # --- criteria and SQL ----------------------------------------------------------------------------

    def _criterion(self, line: CriterionLine) -> Found:
        if line.field is not None and line.rule is not None:
            yield (), "give one of `field` and `rule`; with neither, the engagement decides"
            return
        if line.rule is not None and line.rule not in self._fit_ids:
            yield ("rule",), f"no fit rule is called {quoted(line.rule)}{listed(line.rule, self._fit_ids)}"
        kind = "rule" if line.rule is not None else "field" if line.field is not None else "engagement"
        for letter, grade in (("A", line.a), ("B", line.b)):
            yield from under((letter,), self._grade(kind, grade))
        if line.a.at_least is not None and line.b.at_least is not None and line.b.at_least >= line.a.at_least:
            yield ("B",), "the bound of B must be lower than that of A"
        yield from _clashes((), {"A": line.a.values, "B": line.b.values, "empty": line.empty})

    def _grade(self, kind: str, grade: GradeLine) -> Found:
        by_event = bool(grade.events or grade.levels)
        if kind == "engagement" and (not by_event or grade.values or grade.at_least is not None):
            yield (), "without `field` and `rule`, write events or levels: {events: [demo], within_days: 90}"
        elif kind != "engagement" and by_event:
            yield (), "events and levels belong to a criterion without `field` and `rule`"
        elif kind == "rule" and grade.at_least is not None:
            yield (), "a fit rule gives classes: write them as a list, or use `field` for a number"
        elif kind == "rule":
            for name in grade.values:
                yield from self._class_of_rule(name)
        for i, name in enumerate(grade.events):
            yield from under(("events", i), self._active(name))

    def _class_of_rule(self, name: str) -> Found:
        rules = self._file.fit.rules
        known = {each for rule in rules for each in (*rule.values, *rule.points)}
        known |= {each.class_ for each in self._file.titles} | {OTHER}
        if name not in known and len(rules) == len(self._fit_ids):
            yield (), f"no class is called {quoted(name)}{nearest(name, known)}"

    def _active(self, name: str) -> Found:
        known = [*self._event_ids, *self._groups]
        if name not in known:
            yield (), f"no engagement rule or group is called {quoted(name)}{listed(name, known)}"

    def _sql(self) -> Found:
        rules = self._file.sql.rules
        types = [each.type for each in rules]
        yield from twice(("sql", "rules"), types, "type", "a second rule has the type {}: keep one")
        for i, rule in enumerate(rules):
            yield from under(("sql", "rules", i), self._sql_rule(rule))

    def _sql_rule(self, rule: SqlLine) -> Found:
        criteria = rule.criteria if rule.criteria is not None else BANT
        for name in criteria:
            if name not in self._criteria:
                yield ("criteria",), f"no criterion is called {quoted(name)}{listed(name, self._criteria)}"
        if len(set(criteria)) < len(criteria):
            yield ("criteria",), "a criterion stands here twice: keep one"
        for name in _foreign(rule):
            yield (name,), f"'{name}' does not belong to a rule of type {rule.type}: delete it"
        if rule.type == "bant_positive":
            if not rule.active_events:
                yield (), "the key 'active_events' is missing: name the engagement rules that show active interest"
            for i, name in enumerate(rule.active_events or ()):
                yield from under(("active_events", i), self._active(name))
            yield from _reachable("min_positive", rule.min_positive or 3, criteria)
            return
        yield from _reachable("min_ab", rule.min_ab or 4, criteria)
        if rule.min_a is not None and rule.min_a > (rule.min_ab or 4):
            yield ("min_a",), "'min_a' must not be more than 'min_ab': every A counts there too"


_OF_TYPE = {
    "bant_positive": {"min_positive", "positive_min", "active_events", "within_days"},
    "bant_grades": {"min_a", "min_ab"},
}


def _foreign(rule: SqlLine) -> list[str]:
    """Keys of the other type."""
    others = set().union(*(keys for kind, keys in _OF_TYPE.items() if kind != rule.type))
    return [name for name in sorted(others) if getattr(rule, name) is not None]


def _reachable(key: str, wanted: int, criteria: Collection[str]) -> Found:
    if wanted > len(criteria):
        yield (key,), f"'{key}' is {wanted} but there are only {len(criteria)} criteria: nobody could be an SQL"


def _bands(rule: FitLine) -> Found:
    bounds = [bound for bound, _ in rule.bands]
    for i, (above, below) in enumerate(pairwise(bounds)):
        if below >= above:
            yield ("bands", i + 1), "the bounds must fall from line to line: put the highest band first"
    if rule.values:
        yield ("values",), "`values` belong to points by class: delete them or the bands"


def _falling(path: Path_, thresholds: dict[str, int]) -> Found:
    names = list(thresholds)
    for better, worse in pairwise(names):
        if thresholds[worse] >= thresholds[better]:
            yield (
                (*path, worse),
                f"'{worse}' must be lower than '{better}' ({thresholds[better]}): thresholds must fall",
            )


def _matrix(file: ScoringFile) -> Found:
    rows = {grade: getattr(file.matrix, grade) for grade in FIT_GRADES}
    for grade, row in rows.items():
        if len(row) != len(ENGAGEMENT_LEVELS):
            yield ("matrix", grade), f"row {grade} must have three temperatures: for E1, E2 and E3"
    if any(len(row) != len(ENGAGEMENT_LEVELS) for row in rows.values()):
        return
    heat = {grade: [TEMPERATURES.index(each) for each in row] for grade, row in rows.items()}
    for grade, row in heat.items():
        if row != sorted(row, reverse=True):
            yield (
                ("matrix", grade),
                f"row {grade} gets warmer with less engagement: temperatures must fall from E1 to E3",
            )
    for better, worse in pairwise(FIT_GRADES):
        for level, above, below in zip(ENGAGEMENT_LEVELS, heat[better], heat[worse], strict=True):
            if below > above:
                yield ("matrix", worse), f"{worse} is warmer than {better} at {level}: more fit may never be colder"


# --- small things --------------------------------------------------------------------------------------------


def _dict(data: Any, key: str) -> dict[str, Any]:
    inner = data.get(key) if isinstance(data, dict) else None
    return inner if isinstance(inner, dict) else {}


def _clashes(path: Path_, groups: dict[str, tuple[str, ...]]) -> Found:
    """A value may stand in one list only."""
    seen: dict[str, str] = {}
    for name, values in groups.items():
        for value in values:
            first = seen.setdefault(value.strip().casefold(), name)
            if first != name:
                yield (*path, name), f"{quoted(value)} stands in '{first}' too: keep it in one of the lists"

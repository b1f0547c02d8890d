"""Grades A, B, C per criterion, and the two rules that make an SQL of them (domain §1.5).

An empty grade is an answer that nobody knows: it counts as C and is shown as a dash.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from connector.revops.scoring_config import BantPositive, Criterion, EngagementRule, ScoringConfig, SqlRule
from connector.revops.scoring_engagement import RuleSum
from connector.revops.scoring_fit import REMEMBERED, FitHit
from connector.revops.scoring_values import count, text_of

Grades = tuple[str, ...]
"""One grade per criterion, in the order of the config: A, B, C or empty."""


def rules_named(names: Collection[str], rules: Sequence[EngagementRule]) -> frozenset[int]:
    """The numbers of the engagement rules that are called so, or belong to a group called so."""
    return frozenset(i for i, rule in enumerate(rules) if rule.id in names or rule.group in names)


def happened(wanted: frozenset[int], within: int, sums: Sequence[RuleSum]) -> bool:
    """Whether an event of these rules is at most so many days old."""
    for rule, _, _, newest, _ in sums:  # noqa: SIM110  (asked of every person: a generator costs more)
        if rule in wanted and newest <= within:
            return True
    return False


_Memory = dict[str | None, str]
_ByField = tuple[int, str, _Memory, Callable[[Any], str]]
_ByRule = tuple[int, int, dict[str, str]]
_ByEvents = tuple[int, list[tuple[str, frozenset[int], int, frozenset[str]]]]


class Criteria:
    """The criteria of a config, compiled by where their answers come from."""

    def __init__(self, config: ScoringConfig, fit_order: Sequence[int]) -> None:
        self.ids = tuple(each.id for each in config.criteria)
        self._none = ["C"] * len(self.ids)
        self._by_field: list[_ByField] = []
        self._by_rule: list[_ByRule] = []
        self._by_events: list[_ByEvents] = []
        for place, each in enumerate(config.criteria):
            if each.source == "field":
                read = _of_number(each) if each.a.at_least is not None else _of_answer(each)
                self._by_field.append((place, config.fields.get(each.of, each.of), {}, read))
            elif each.source == "rule":
                number = next(i for i, rule in enumerate(config.fit) if rule.id == each.of)
                table = {**dict.fromkeys(each.b.values, "B"), **dict.fromkeys(each.a.values, "A")}
                self._by_rule.append((place, fit_order.index(number), table))
            else:
                self._by_events.append((place, _of_events(each, config)))

    def grades(self, person: Mapping[str, Any], hits: Sequence[FitHit], sums: Sequence[RuleSum], level: str) -> Grades:
        """The grade of every criterion; `hits` as `Fit.hits` gives them."""
        get = person.get
        grades = self._none.copy()
        for place, name, memory, read in self._by_field:
            value = get(name)
            try:
                grades[place] = memory[value]  # only text and None are remembered
            except (KeyError, TypeError):
                grades[place] = _remember(memory, value, read(value))
        for place, at, table in self._by_rule:
            hit = hits[at]
            grades[place] = table.get(hit[2], "C") if hit[3] else ""
        for place, tests in self._by_events:
            for letter, wanted, within, levels in tests:
                if level in levels or (sums and wanted and happened(wanted, within, sums)):
                    grades[place] = letter
                    break
        return tuple(grades)


def _remember(memory: _Memory, value: Any, grade: str) -> str:
    if value is None or value.__class__ is str:
        if len(memory) >= REMEMBERED:
            memory.clear()
        memory[value] = grade
    return grade


def _of_number(criterion: Criterion) -> Callable[[Any], str]:
    best, good = criterion.a.at_least, criterion.b.at_least
    assert best is not None

    def read(value: Any) -> str:
        number = count(value)
        if number is None:
            return ""
        if number >= best:
            return "A"
        return "B" if good is not None and number >= good else "C"

    return read


def _of_answer(criterion: Criterion) -> Callable[[Any], str]:
    table = {text_of(each): "B" for each in criterion.b.values} | {text_of(each): "A" for each in criterion.a.values}
    table |= {text_of(each): "" for each in ("", *criterion.empty)}
    return lambda value: table.get(text_of(value), "C")


def _of_events(criterion: Criterion, config: ScoringConfig) -> list[tuple[str, frozenset[int], int, frozenset[str]]]:
    return [
        (letter, rules_named(given.events, config.engagement), given.within_days, frozenset(given.levels))
        for letter, given in (("A", criterion.a), ("B", criterion.b))
    ]


# --- the two rules -------------------------------------------------------------------------------------------

SqlTest = Callable[[Grades, Sequence[RuleSum]], bool]


def grades_suffice(grades: Sequence[str], min_a: int, min_ab: int) -> bool:
    """`bant_grades`: enough times A, and enough times A or B; better grades never fail what worse ones pass."""
    best = grades.count("A")
    return best >= min_a and best + grades.count("B") >= min_ab


def positives_suffice(grades: Sequence[str], min_positive: int, positive_min: str) -> bool:
    """The first half of `bant_positive`: enough grades that are at least `positive_min`."""
    return grades.count("A") + (grades.count("B") if positive_min == "B" else 0) >= min_positive


def sql_test(rule: SqlRule, config: ScoringConfig) -> SqlTest:
    """A rule as a function of all grades and the engagement."""
    ids = [each.id for each in config.criteria]
    places = [ids.index(each) for each in rule.criteria]
    if isinstance(rule, BantPositive):
        active = rules_named(rule.active_events, config.engagement)
        positive = rule

        def by_activity(grades: Grades, sums: Sequence[RuleSum]) -> bool:
            chosen = [grades[place] for place in places]
            return positives_suffice(chosen, positive.min_positive, positive.positive_min) and happened(
                active, positive.within_days, sums
            )

        return by_activity
    counted = rule

    def by_grades(grades: Grades, _: Sequence[RuleSum]) -> bool:
        return grades_suffice([grades[place] for place in places], counted.min_a, counted.min_ab)

    return by_grades

"""Fit: what a person is, as points per rule. It does not decay and knows nothing of events.

Points are whole numbers of 1/`UNIT` of a point, so that sums do not depend on the order of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, NamedTuple

from connector.revops.scoring_config import FitRule, ScoringConfig
from connector.revops.scoring_values import count, decimal, domain_of, text_of, title_reader

UNIT = 10**20
"""Parts of a point; a decayed point is rounded to one part, half up."""

REMEMBERED = 20_000
"""Different texts that a rule remembers the result of, so that memory stays flat."""

OTHER = "other"
"""The class of a value that is in none of the lists."""


def parts(points: Decimal) -> int:
    """Points as a whole number of parts."""
    with localcontext() as context:
        context.prec = 100
        return int((points * UNIT).to_integral_value(ROUND_HALF_UP))


class FitHit(NamedTuple):
    """What one rule gave: points in parts; the class or band as shown; whether the value was known."""

    rule: int
    points: int
    shown: str
    known: bool


Read = Callable[[Any], FitHit]
_Memory = dict[str | None, FitHit]


class Fit:
    """The fit rules of a config, compiled: one reader and one memory per rule."""

    def __init__(self, config: ScoringConfig) -> None:
        self.rules = config.fit
        self._email = config.field_name("email")
        self._titles = tuple(config.field_name(each) for each in ("title_class", "job_title", "seniority"))
        self._title, self._job, _ = self._titles
        title = title_reader([(line.title_class, line.words) for line in config.titles])
        freemail = frozenset(each.lower() for each in config.freemail)
        self._by_field: list[tuple[str, _Memory, Read]] = []
        self._by_domain: list[Read] = []
        self._by_title: list[tuple[_Memory, Read]] = []
        for number, rule in enumerate(config.fit):
            read = _reader(number, rule)
            if rule.field == "email_class" and rule.when is None:
                self._by_domain.append(_domain_reader(read, freemail))
            elif rule.field == "title_class" and rule.when is None:
                classes = [line.title_class for line in config.titles]
                self._by_title.append(({}, _title_reader(_class_reader(number, rule, classes), title)))
            else:
                self._by_field.append((config.fields.get(rule.field, rule.field), {}, read))

    @property
    def order(self) -> list[int]:
        """The numbers of the rules in the order in which `hits` gives them."""
        return [hit.rule for hit in self.hits({})[0]]

    def hits(self, person: Mapping[str, Any]) -> tuple[list[FitHit], int]:
        """What each rule gives this person, in `order`, and the points of all, in parts."""
        get = person.get
        found, points = [], 0
        for name, memory, read in self._by_field:
            value = get(name)
            try:
                hit = memory[value]  # only text and None are remembered, so that whatever else there is misses
            except (KeyError, TypeError):
                hit = _remember(memory, value, read(value))
            found.append(hit)
            points += hit[1]
        for memory, read in self._by_title:
            title = get(self._title) or get(self._job)
            known = memory.get(title) if title.__class__ is str else None
            hit = self._title_hit(get, memory, read) if known is None or known[2] == OTHER else known
            found.append(hit)
            points += hit[1]
        if self._by_domain:
            domain = domain_of(get(self._email))
            for read in self._by_domain:
                hit = read(domain)
                found.append(hit)
                points += hit[1]
        return found, points

    def _title_hit(self, get: Callable[[str], Any], memory: _Memory, read: Read) -> FitHit:
        """The class that the person has, else that of the title, else that of the vendor's seniority."""
        best: FitHit | None = None
        for name in self._titles:
            value = get(name)
            if value is None or value == "":
                continue
            text = value if value.__class__ is str else str(value)
            hit = memory.get(text)
            if hit is None:
                hit = _remember(memory, text, read(text))
            if hit.shown != OTHER:
                return hit
            best = best or hit
        return best or read("")


def _remember(memory: _Memory, value: Any, hit: FitHit) -> FitHit:
    if value is None or value.__class__ is str:
        if len(memory) >= REMEMBERED:
            memory.clear()
        memory[value] = hit
    return hit


def _reader(number: int, rule: FitRule) -> Read:
    if rule.when is not None:
        return _when_reader(number, rule)
    return _band_reader(number, rule) if rule.bands else _class_reader(number, rule)


def _when_reader(number: int, rule: FitRule) -> Read:
    hit, none = FitHit(number, parts(rule.flat), rule.when or "", known=True), FitHit(number, 0, "", known=True)
    wanted = rule.when == "present"

    def read(value: Any) -> FitHit:
        return hit if (text_of(value) != "") is wanted else none

    return read


def _band_reader(number: int, rule: FitRule) -> Read:
    bands = [(bound, FitHit(number, parts(points), f"≥ {bound:f}", known=True)) for bound, points in rule.bands]
    unknown, below = FitHit(number, 0, "", known=False), FitHit(number, 0, f"< {rule.bands[-1][0]:f}", known=True)
    number_of = count if rule.read == "count" else decimal

    def read(value: Any) -> FitHit:
        size = number_of(value)
        if size is None:
            return unknown
        return next((hit for bound, hit in bands if size >= bound), below)

    return read


def _class_reader(number: int, rule: FitRule, also: Sequence[str] = ()) -> Read:
    """`also` are classes without points of their own."""
    classes = {text_of(value): name for name, values in rule.values.items() for value in values}
    if not rule.values:
        classes = {text_of(name): name for name in (*also, *rule.points)}
    hits = {
        name: FitHit(number, parts(rule.points.get(name, Decimal(0))), name, known=True)
        for name in {*classes.values(), OTHER}
    }
    unknown = FitHit(number, 0, "", known=False)

    def read(value: Any) -> FitHit:
        text = text_of(value)
        return hits[classes.get(text, OTHER)] if text else unknown

    return read


def _title_reader(read: Read, title: Callable[[str], str | None]) -> Read:
    """Reads a class as it is, and any other text by the dictionary."""

    def classified(value: Any) -> FitHit:
        exact = read(value)
        if exact.shown != OTHER or not exact.known:
            return exact
        found = title(value)
        return read(found) if found is not None else exact

    return classified


def _domain_reader(read: Read, freemail: frozenset[str]) -> Read:
    unknown, free, business = read(""), read("freemail"), read("business")

    def classified(domain: Any) -> FitHit:
        if not domain:
            return unknown
        return free if domain in freemail else business

    return classified

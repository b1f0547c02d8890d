"""Engagement: what a person did, as ages in days per rule, decayed, capped and added in the order of domain §1.3.

Points are whole numbers of 1/`UNIT` of a point, so that neither the order of events nor of rules matters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache
from itertools import accumulate, repeat
from operator import attrgetter, mul
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from connector.revops.scoring_config import EngagementRule, ScoringConfig
from connector.revops.scoring_fit import REMEMBERED, parts

NO_FACTS: Mapping[str, str] = MappingProxyType({})
_ID = attrgetter("id")
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAYS_KNOWN = 800
"""Days back whose local midnights are computed beforehand; older events are counted in the calendar."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something a person did: `type` is our word (page_view, webinar_attended …), `at` any aware time.

    `id` is the source's own, prefixed by the source (`hubspot:1234`); None where it has none. `facts` are what
    rules may match, such as `path`.
    """

    type: str
    at: datetime
    id: str | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)

    def __post_init__(self) -> None:
        """Keep the time in UTC.

        Raises:
            ValueError: the time has no zone.
        """
        if self.at.tzinfo is not UTC:
            if self.at.utcoffset() is None:
                raise ValueError(f"an event of type {self.type} has a time without a zone: give it in UTC")
            object.__setattr__(self, "at", self.at.astimezone(UTC))


class Days:
    """Ages in local calendar days, seen from one instant."""

    def __init__(self, as_of: datetime, zone: ZoneInfo) -> None:
        self.as_of = as_of.astimezone(UTC)
        self._zone = zone
        self._today = as_of.astimezone(zone).date()
        self.end = self._midnight(-1)
        self.begins = [self._midnight(age) for age in range(DAYS_KNOWN)]
        even = [self.end - begin == timedelta(days=age + 1) for age, begin in enumerate(self.begins)]
        self.even = [even[age] and even[max(age - 1, 0)] for age in range(DAYS_KNOWN)]
        """Whether days of 24 hours lead to the age: no change of the clocks lies in between."""

    def _midnight(self, age: int) -> datetime:
        """When the local day that is `age` days ago began."""
        day = self._today - timedelta(days=age)
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def age(self, at: datetime) -> int:
        """How many local calendar days ago an instant of the past was."""
        days = (self.end - at).days
        if days < DAYS_KNOWN - 1:  # local days have 23, 24 or 25 hours: the estimate is at most one off
            begins = self.begins
            if at < begins[days]:
                return days + 1
            return days - 1 if days and at >= begins[days - 1] else days
        return (self._today - at.astimezone(self._zone).date()).days


RuleSum = tuple[int, int, int, int, int]
"""What one rule gave in all: its number, points in parts after its cap, how many events, the age of the newest in days,
and points before the cap. A plain tuple, since several are made for every person."""

_Dispatch = tuple[tuple[str, ...], dict[Any, tuple[int, ...]], tuple[int, ...], bool]
"""Of one type of events: the facts to look at, the rules by facts, the rules, and whether consent is needed."""


class Engagement:
    """The engagement rules of a config, compiled: decay tables, and which rules an event belongs to."""

    def __init__(self, config: ScoringConfig) -> None:
        self.rules = config.engagement
        self.groups = tuple(sorted(config.groups))
        self._tables = [_table(rule) for rule in self.rules]
        self._most = {i: rule.max_count for i, rule in enumerate(self.rules) if rule.max_count is not None}
        self._caps = [None if rule.cap is None else parts(rule.cap) for rule in self.rules]
        self._patterns = [{key: re.compile(each) for key, each in rule.match.items()} for rule in self.rules]
        tracked = frozenset(config.tracked_events)
        self._dispatch = {name: self._of_type(name, tracked) for name in {each.event for each in self.rules} | tracked}
        self._nothing: _Dispatch = ((), {}, (), False)
        self._silences = [
            (i, rule.no_event_days) for i, rule in enumerate(self.rules) if rule.no_event_days is not None
        ]
        capped = {name: parts(group.cap) for name, group in config.groups.items() if group.cap is not None}
        self._group_of = {i: rule.group for i, rule in enumerate(self.rules) if rule.group in capped}
        self._group_caps = capped
        self.capped_groups = bool(capped)

    def _of_type(self, name: str, tracked: frozenset[str]) -> _Dispatch:
        numbers = [i for i, rule in enumerate(self.rules) if rule.event == name and rule.no_event_days is None]
        keys = tuple(sorted({key for i in numbers for key in self._patterns[i]}))
        return keys, {}, tuple(numbers), name in tracked

    def tally(  # noqa: C901, PLR0912  (one pass in one place: a call per event would cost a fifth of the speed)
        self, events: Sequence[Event], days: Days, *, tracked: bool
    ) -> tuple[list[RuleSum], int]:
        """What each rule that applies gives, and how many events are in the future.

        Without consent (`tracked` False) tracked events are not looked at.
        """
        if len(events) > 1:
            events = distinct(events)
        rows: dict[int, list[int]] = {}
        youngest: int | None = None
        future = 0
        as_of, end, begins, known = days.as_of, days.end, days.begins, DAYS_KNOWN - 1
        dispatch, nothing, tables, most = self._dispatch, self._nothing, self._tables, self._most
        for event in events:
            keys, memory, rules, needs_consent = dispatch.get(event.type, nothing)
            if needs_consent and not tracked:
                continue
            at = event.at
            if at > as_of:
                future += 1
                continue
            age = (end - at).days  # the same as `days.age(at)`, which is too far away for every event
            if age >= known:
                age = days.age(at)
            elif at < begins[age]:
                age += 1
            elif age and at >= begins[age - 1]:
                age -= 1
            if youngest is None or age < youngest:
                youngest = age
            if keys:
                facts = event.facts
                key = facts.get(keys[0]) if len(keys) == 1 else tuple([facts.get(each) for each in keys])
                rules = memory[key] if key in memory else self._matching(facts, key, memory, rules)
            for rule in rules:
                table = tables[rule]
                if age >= len(table):  # out of the window
                    continue
                row = rows.get(rule)
                if row is None:
                    rows[rule] = [table[age], 1, age, age]
                    continue
                row[0] += table[age]
                row[1] += 1
                if age < row[2]:  # noqa: PLR1730  (min() is a call)
                    row[2] = age
                if rule in most:
                    row.append(age)
        return self._sums(rows, youngest, tracked=tracked), future

    def _matching(
        self, facts: Mapping[str, str], key: Any, memory: dict[Any, tuple[int, ...]], rules: tuple[int, ...]
    ) -> tuple[int, ...]:
        """The rules whose conditions the facts of an event meet, remembered under a key that stands for the facts."""
        if len(memory) >= REMEMBERED:
            memory.clear()
        memory[key] = tuple(rule for rule in rules if _fits(self._patterns[rule], facts))
        return memory[key]

    def _sums(self, rows: Mapping[int, Sequence[int]], youngest: int | None, *, tracked: bool) -> list[RuleSum]:
        """The rules' rows after their limits and caps, in the order of the rules.

        A row holds points, number of events and age of the newest; then every age, of rules with a `max_count`.
        """
        caps, most, found = self._caps, self._most, []
        for rule, row in sorted(rows.items()):
            points, count, newest = row[0], row[1], row[2]
            if rule in most and count > most[rule]:
                count = most[rule]
                points = sum([self._tables[rule][age] for age in sorted(row[3:])[:count]])
            cap = caps[rule]
            if cap is not None and (points > cap if cap >= 0 else points < cap):
                found.append((rule, cap, count, newest, points))
            else:
                found.append((rule, points, count, newest, points))
        # Without consent silence is not known: what is unknown earns no negative points (domain §0.2 rule 5).
        if tracked:
            for rule, limit in self._silences:
                if youngest is None or youngest > limit:
                    points = self._tables[rule][0]
                    found.append((rule, points, 0, limit, points))
        return found

    def cuts(self, sums: Sequence[RuleSum]) -> dict[str, int]:
        """What group caps take away, in parts, by group; groups within their cap are left out."""
        totals: dict[str, int] = {}
        for rule, points, *_ in sums:
            group = self._group_of.get(rule)
            if group is not None:
                totals[group] = totals.get(group, 0) + points
        return {name: cut for name, total in totals.items() if (cut := self._over(name, total))}

    def _over(self, group: str, total: int) -> int:
        cap = self._group_caps[group]
        return (min(total, cap) if cap >= 0 else max(total, cap)) - total


def distinct(events: Sequence[Event]) -> Sequence[Event]:
    """Each event once: by its source's id, else by type and minute; of several the smallest stands for all."""
    if len(set(map(_ID, events))) == len(events):  # nearly always; events without an id count as doubled here
        return events
    kept: dict[Any, Event] = {}
    for each in sorted(events, key=_order):
        kept.setdefault(each.id or _minute(each), each)
    return list(kept.values())


def _minute(event: Event) -> tuple[str, int]:
    return event.type, (event.at - _EPOCH) // _MINUTE


def _order(event: Event) -> tuple[Any, ...]:
    return event.at, event.type, event.id or "", sorted(event.facts.items())


def _fits(patterns: Mapping[str, re.Pattern[str]], facts: Mapping[str, str]) -> bool:
    return all(pattern.search(facts.get(key) or "") for key, pattern in patterns.items())


def _table(rule: EngagementRule) -> list[int]:
    """Points in parts at each age from 0 to the end of the window."""
    if rule.half_life_days is None:
        return [parts(rule.points)] * (rule.window_days + 1)
    with localcontext() as context:
        context.prec = 80
        return [parts(rule.points * each) for each in _factors(rule.half_life_days, rule.window_days)]


@lru_cache(maxsize=64)
def _factors(half_life: Decimal, days: int) -> tuple[Decimal, ...]:
    """What is left of a point at each age; eighty digits are far more than are kept, so no error can show."""
    with localcontext() as context:
        context.prec = 80
        daily = Decimal(2) ** (-1 / half_life)
        return tuple(accumulate(repeat(daily, days), initial=Decimal(1), func=mul))

"""Lead scoring: fit and engagement of one person, what they mean together, and whether sales should have the person.

The specification is domain §1.1 to §1.6. `compile_scoring` prepares the rules once; `Scorer.score` is a pure
function of person, events, `as_of` and what was decided before. It moves no stage: that is the lifecycle's part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from connector.revops.scoring_config import (
    EMPTYING,
    ENGAGEMENT_LEVELS,
    FIT_GRADES,
    ScoringConfig,
    Temperature,
    config_hash,
)
from connector.revops.scoring_criteria import Criteria, Grades, sql_test
from connector.revops.scoring_engagement import Days, Engagement, Event, RuleSum
from connector.revops.scoring_fit import UNIT, Fit
from connector.revops.scoring_result import Decision, Previous, Score
from connector.revops.scoring_values import agreed, domain_of, yes

__all__ = ["Decision", "Event", "Previous", "Score", "Scorer", "compile_scoring"]

_HIGHEST = 100
_FULL, _HALF = _HIGHEST * UNIT, UNIT // 2
_NOBODY = Previous()
_POINTS = itemgetter(1)  # of a RuleSum
_MQL = {why: Decision(why in {"fires", "kept"}, why == "fires", why) for why in
        ("fires", "kept", "suppressed", "temperature", "idle")}  # fmt: skip
_SQL = {why: Decision(met=False, fires=False, why=why) for why in ("suppressed", "not_mql", "rules", "off")}
_MANUAL = Decision(met=True, fires=False, why="manual", rule="manual")


def compile_scoring(config: ScoringConfig) -> Scorer:
    """Prepare the rules for many persons."""
    return Scorer(config)


class Scorer:
    """The rules of one config, ready to use; two scorers of the same config give the same bytes."""

    def __init__(self, config: ScoringConfig) -> None:
        self.config = config
        self.hash = config_hash(config)
        self.fit = Fit(config)
        self.engagement = Engagement(config)
        self.criteria = Criteria(config, self.fit.order)
        self._zone = ZoneInfo(config.timezone)
        self._days: Days | None = None
        self._consent = config.field_name("tracking_consent") if config.tracked_events else None
        self._suppressors = tuple((each, config.field_name(each)) for each in config.suppress)
        listed = config.competitors if "competitor_domain" in config.suppress else ()
        self._competitors = frozenset(each.lower() for each in listed)
        self._email = config.field_name("email")
        self._fit_grade = _ladder(FIT_GRADES, config.grades, config.downgrade_margin)
        self._level = _ladder(ENGAGEMENT_LEVELS, config.levels, config.downgrade_margin)
        self._matrix: dict[tuple[str, str], Temperature] = {
            (grade, level): temperature
            for grade, row in config.matrix.items()
            for level, temperature in zip(ENGAGEMENT_LEVELS, row, strict=True)
        }
        self._mql_temperatures = frozenset(config.mql_temperatures)
        self._positive = frozenset(i for i, rule in enumerate(config.engagement) if rule.points > 0 and rule.event)
        self._tests = tuple((rule.type, sql_test(rule, config)) for rule in config.sql)
        self._decided = {name: Decision(met=True, fires=True, why="fires", rule=name) for name in self._rule_names()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scorer) and other.hash == self.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def score(
        self, person: Mapping[str, Any], events: Sequence[Event], as_of: datetime, previous: Previous | None = None
    ) -> Score:
        """Score one person.

        Args:
            person: canonical values by the names that the rules use; a name that is not there is unknown.
            events: what the person did, in any order; the same event may stand there more than once.
            as_of: the instant to judge from, with a time zone; later events are ignored and counted.
            previous: what was decided before; it holds grades within the margin, and MQL and SQL.

        Raises:
            ValueError: `as_of` has no time zone.
        """
        before = previous or _NOBODY
        days = self._days
        if days is None or days.as_of is not as_of:
            days = self._at(as_of)
        suppressed = self._suppressed(person)
        if suppressed and not EMPTYING.isdisjoint(suppressed):
            return self._emptied(suppressed, before, days)
        hits, points = self.fit.hits(person)
        consent = self._consent is None or agreed(person.get(self._consent))
        sums, future = self.engagement.tally(events, days, tracked=consent)

        fit = _rounded(points)
        did = sum(map(_POINTS, sums))
        if self.engagement.capped_groups:
            did += sum(self.engagement.cuts(sums).values())
        engagement = _rounded(did)
        grade = self._fit_grade.get(before.fit_grade, self._fit_grade[None])[fit]
        level = self._level.get(before.engagement_level, self._level[None])[engagement]
        temperature: Temperature = "cold" if suppressed else self._matrix[grade, level]
        grades = self.criteria.grades(person, hits, sums, level)
        mql = self._mql(temperature, sums, before, suppressed)
        sql = self._sql(grades, sums, before, mql, suppressed)
        trace = (self, hits, sums, consent)
        return Score(
            fit, grade, engagement, level, temperature, grades, mql, sql, suppressed, future, days.as_of, trace
        )

    # --- steps -------------------------------------------------------------------------------------------

    def _at(self, as_of: datetime) -> Days:
        if as_of.utcoffset() is None:
            raise ValueError("as_of has no time zone: give an aware time, such as one in UTC")
        if self._days is None or self._days.as_of != as_of:
            self._days = Days(as_of, self._zone)
        return self._days

    def _suppressed(self, person: Mapping[str, Any]) -> tuple[str, ...]:
        """The suppressors that apply, in the order of the config."""
        found = []
        for each, name in self._suppressors:
            if name in person:
                value = person[name]
                if value is not None and value != "false" and yes(value):  # yes() only where it is in doubt
                    found.append(each)
        listed, named = self._competitors, "competitor_domain" in found
        if listed and not named and domain_of(person.get(self._email)) in listed:
            found.append("competitor_domain")
        return tuple(found)

    def _emptied(self, suppressed: tuple[str, ...], before: Previous, days: Days) -> Score:
        """No profile of a person who objected or is to be erased: everything is empty, nothing is 0."""
        trace = (self, (), (), False)
        sql = _MANUAL if before.sql_manual else _SQL["suppressed"]
        none = ("",) * len(self.criteria.ids)
        return Score(
            None, None, None, None, "cold", none, _MQL["suppressed"], sql, suppressed, 0, days.as_of, trace
        )  # fmt: skip

    def _mql(
        self, temperature: Temperature, sums: Sequence[RuleSum], before: Previous, suppressed: tuple[str, ...]
    ) -> Decision:
        if suppressed:
            return _MQL["suppressed"]
        why = "temperature"
        if temperature in self._mql_temperatures:
            within, positive = self.config.engaged_within_days, self._positive
            for rule, _, _, newest, _ in sums:
                if newest <= within and rule in positive:
                    return _MQL["fires"]
            why = "idle"
        return _MQL["kept"] if before.mql or before.sql else _MQL[why]

    def _sql(
        self, grades: Grades, sums: Sequence[RuleSum], before: Previous, mql: Decision, suppressed: tuple[str, ...]
    ) -> Decision:
        """Whether the rules make an SQL; what was set by hand or earlier stays (domain §1.5, S-4)."""
        if before.sql_manual:
            return _MANUAL
        if suppressed:
            return _SQL["suppressed"]
        if mql.met:
            fired = [name for name, test in self._tests if test(grades, sums)]
            if fired and (self.config.combine == "any" or len(fired) == len(self._tests)):
                return self._decided["+".join(fired)]
        if before.sql:
            return Decision(met=True, fires=False, why="kept", rule=before.sql_rule)
        if not self._tests:
            return _SQL["off"]
        return _SQL["rules" if mql.met else "not_mql"]

    def _rule_names(self) -> list[str]:
        names = [""]
        for kind, _ in self._tests:
            names += [f"{each}+{kind}" if each else kind for each in names]
        return names[1:]


def _rounded(points: int) -> int:
    """Clamped to 0..100, then half up to a whole number."""
    if points <= 0:
        return 0
    return _HIGHEST if points >= _FULL else (points + _HALF) // UNIT


def _ladder(names: Sequence[str], thresholds: Mapping[str, int], margin: int) -> dict[str | None, list[str]]:
    """For each name held before, the name at each score from 0 to 100.

    A name is reached at its threshold and, once held, kept until the score is more than `margin` below it.
    """
    ladders: dict[str | None, list[str]] = {}
    for held in (None, *names):
        rank = names.index(held) if held is not None else len(names)
        ladders[held] = [
            next(
                name
                for i, name in enumerate(names)
                if name not in thresholds or score >= thresholds[name] - (margin if i >= rank else 0)
            )
            for score in range(_HIGHEST + 1)
        ]
    return ladders

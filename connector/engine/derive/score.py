"""A person's score under the rules in force, and the fields it fills (domain §1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from connector.engine.derive.people import Person, written
from connector.engine.derive.signals import Signalled
from connector.engine.derive.wanted import Set, Wanted
from connector.revops.agreement import Locale
from connector.revops.fields import PREFIX
from connector.revops.inputs import person_of
from connector.revops.lifecycle import rank
from connector.revops.lifecycle_journey import Journey, iso
from connector.revops.scoring import compile_scoring
from connector.revops.scoring_components import components
from connector.revops.scoring_config import ScoringConfig
from connector.revops.scoring_explained import Part
from connector.revops.scoring_result import Previous, Score

_SCORE_AT = f"{PREFIX}score_at"
_RESTORED = {"grade": "fit_grade", "level": "engagement_level", "sql_rule": "sql_rule"}
"""What a decision asks of the last score, and the own field that holds it."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, and whether time alone can change it."""

    score: Score
    fades: bool


class Scoring:
    """The scorer of one run."""

    def __init__(self, config: ScoringConfig, signalled: Signalled, locale: Locale) -> None:
        self._config, self._scorer = config, compile_scoring(config)
        self._signalled, self._locale = signalled, locale
        self._zone = ZoneInfo(config.timezone)

    def score(self, person: Person, journey: Journey, as_of: datetime) -> Scored:
        """Score one person as of an instant; `journey` says what was reached already."""
        events = self._signalled.events(person)
        company = person.company.values() if person.company else {}
        asked = person_of(self._config, person.unit.values(), company, person.records())
        score = self._scorer.score(asked, events, as_of, _previous(journey, _known(person)))
        return Scored(score, fades=bool(events))

    def again(self, person: Person, scored: Scored, journey: Journey, after: Journey, as_of: datetime) -> Scored:
        """The score as the way that the person went since tells it: MQL and SQL may be kept now, or no longer."""
        known = _known(person)
        if _previous(journey, known) == _previous(after, known):
            return scored
        return self.score(person, after, as_of)

    def want(self, wanted: Wanted, scored: Scored, told_at: str | None) -> None:
        """Add the fields of a score; `told_at` is since when the explanation has to say what it says (`voiced`)."""
        score, reasons = scored.score, _Reasons(scored.score)
        for name, value in score.numbers().items():
            wanted.fields[PREFIX + name] = Set(value, partial(reasons.of, name))

        def told() -> dict[str, Set]:
            because = partial(reasons.of, "")
            return {PREFIX + name: Set(value, because) for name, value in score.told(self._locale).items()}

        wanted.told = told
        if told_at is not None:
            wanted.behind = partial(_behind, told_at)

    def next_day(self, as_of: datetime) -> datetime:
        """The next local midnight, when every event is a day older."""
        today = as_of.astimezone(self._zone).date()
        return datetime.combine(today + timedelta(days=1), datetime.min.time(), self._zone).astimezone(UTC)


def facts(scored: Scored | None, before: Mapping[str, Any]) -> dict[str, Any]:
    """What is remembered of a score: the numbers now, and the highest ever (for the lead council)."""
    if scored is None:
        return dict(before)
    score = scored.score
    rules = score.sql.rule if score.sql.met else None
    behind = list(components(score)) or before.get("components") or []
    return {
        "fit": score.fit_score,
        "grade": score.fit_grade,
        "engagement": score.engagement_score,
        "level": score.engagement_level,
        "temperature": score.temperature,
        "sql_rule": rules or before.get("sql_rule"),
        "components": behind,
        "hot": bool(before.get("hot")) or score.temperature == "hot",
        "max_fit": max(score.fit_score or 0, before.get("max_fit") or 0),
        "max_engagement": max(score.engagement_score or 0, before.get("max_engagement") or 0),
    }


def voiced(scored: Scored, before: Mapping[str, Any], as_of: datetime) -> dict[str, Any]:
    """What the explanation says, and since when it has to: the instant in UTC at which that last changed.

    The instant stays until it changes again, so that a record whose write was lost is known by its older `score_at`.
    None where nothing was known before: to write everybody's explanation anew is no reason.
    """
    said, known = scored.score.said(), before.get("said")
    changed = known is not None and known != said
    return {"said": said, "told_at": iso(as_of) if changed else before.get("told_at")}


def _behind(told_at: str, values: Mapping[str, str]) -> bool:
    """Whether a record's explanation was made before what it has to say changed; both instants are UTC texts."""
    return values.get(_SCORE_AT, "") < told_at


def _known(person: Person) -> Mapping[str, Any]:
    """The last score as remembered, or as the own fields tell when the state was lost."""
    if person.memory.scored:
        return person.memory.scored
    held = written(person)
    return {name: held.get(PREFIX + own) for name, own in _RESTORED.items()}


def _previous(journey: Journey, scored: Mapping[str, Any]) -> Previous:
    """What was decided before: grades are held within the margin, MQL and SQL are kept."""
    stage = journey.stage
    return Previous(
        fit_grade=scored.get("grade"),
        engagement_level=scored.get("level"),
        mql=rank(stage) >= rank("mql"),
        sql=rank(stage) >= rank("sql"),
        sql_rule=scored.get("sql_rule"),
        sql_manual=stage == "sql" and journey.source != "rule",
    )


class _Reasons:
    """The rule and its inputs for each field of a score; the explanation is made only when a field needs it."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self._made: dict[str, str] = {}

    def of(self, name: str) -> str:
        kind = _KIND.get(name) or ("criteria" if name.startswith("bant_") else "rules")
        if kind not in self._made:
            self._made[kind] = self._say(kind)
        return self._made[kind]

    def _say(self, kind: str) -> str:
        score = self._score
        if kind == "fit":
            return f"scoring.fit: {_parts(score.explanation.fit)}"
        if kind == "engagement":
            return f"scoring.engagement: {_parts(score.explanation.engagement)}"
        if kind == "matrix":
            if score.suppressed:
                return f"scoring.suppress: {', '.join(score.suppressed)}"
            return f"scoring.matrix: {score.fit_grade} and {score.engagement_level}"
        if kind == "criteria":
            grades = ", ".join(f"{name} {grade or '-'}" for name, grade in score.grades.items())
            return f"scoring.criteria: {grades}"
        if kind == "sql":
            rule = f" ({score.sql.rule})" if score.sql.rule else ""
            return f"scoring.sql: {score.sql.why}{rule}"
        return f"scoring rules {score.config}"


_KIND = {
    "fit_score": "fit",
    "fit_grade": "fit",
    "engagement_score": "engagement",
    "engagement_level": "engagement",
    "temperature": "matrix",
    "sql_rule": "sql",
}


def _parts(part: Part | None) -> str:
    """`size +35, industry +25`: rule ids and points, never values of the person."""
    if part is None:
        return "emptied, the person must not be profiled"
    return ", ".join(f"{line.rule} {line.shown:+}" for line in part.lines) or "nothing known"

"""What scoring gives for one person: the numbers at once, the explanation when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from connector.revops.lifecycle_journey import iso
from connector.revops.scoring_config import BANT, Locale, Temperature
from connector.revops.scoring_engagement import RuleSum
from connector.revops.scoring_explained import Explanation, explain
from connector.revops.scoring_fit import FitHit
from connector.revops.scoring_text import render

if TYPE_CHECKING:
    from connector.revops.scoring import Scorer

_HASH_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Previous:
    """What was decided before, as the CRM or the store holds it.

    `mql` and `sql` say that the person is or was there, by whatever rule; `sql_manual` that a human set SQL.
    """

    fit_grade: str | None = None
    engagement_level: str | None = None
    mql: bool = False
    sql: bool = False
    sql_rule: str | None = None
    sql_manual: bool = False


class Decision(NamedTuple):
    """Whether a person is MQL or SQL: `met`; whether the rules say so today: `fires`.

    `why` is fires, kept (decided earlier), manual, suppressed, temperature, idle (no positive event lately),
    not_mql, rules (none is met) or off (no rule is switched on). `rule` names the rules that fired.
    """

    met: bool
    fires: bool
    why: str
    rule: str | None = None


Trace = tuple["Scorer", Sequence[FitHit], Sequence[RuleSum], bool]
"""What an explanation is made of: the rules, what fit and engagement gave, and whether tracked events count."""


class Score(NamedTuple):
    """All outputs of domain §1.2; numbers and grades are None where a person must not be profiled."""

    fit_score: int | None
    fit_grade: str | None
    engagement_score: int | None
    engagement_level: str | None
    temperature: Temperature
    letters: tuple[str, ...]  # one grade per criterion, see `grades`
    mql: Decision
    sql: Decision
    suppressed: tuple[str, ...]
    future_events: int
    as_of: datetime
    trace: Trace

    @property
    def grades(self) -> Mapping[str, str]:
        """A, B, C or empty (unknown) by criterion."""
        return dict(zip(self.trace[0].criteria.ids, self.letters, strict=True))

    @property
    def config(self) -> str:
        """The first 12 hex digits of the config's hash."""
        return self.trace[0].hash[:_HASH_SHOWN]

    @property
    def explanation(self) -> Explanation:
        """Line by line why the numbers are what they are, as data."""
        return explain(self)

    def text(self, locale: Locale = "de") -> str:
        """The explanation in words, at most 2,000 characters."""
        return render(explain(self), locale)

    def numbers(self) -> dict[str, str | None]:
        """Canonical values by the field names of domain §14, without the prefix `revops_`; cheap."""
        grades = self.grades
        return {
            "fit_score": _text(self.fit_score),
            "fit_grade": self.fit_grade,
            "engagement_score": _text(self.engagement_score),
            "engagement_level": self.engagement_level,
            "temperature": self.temperature,
            **{f"bant_{name}_grade": grades.get(name) or None for name in BANT},
            "sql_rule": self.sql.rule,
            "score_config": self.config,
        }

    def said(self) -> dict[str, Any]:
        """What the explanation says besides the numbers and besides how old things are, as plain data; cheap."""
        scorer, hits, _, tracked = self.trace
        rules, named = scorer.config.fit, sorted(hits)
        return {
            "suppressed": list(self.suppressed),
            "mql": [self.mql.met, self.mql.why],
            "sql": [self.sql.met, self.sql.why, self.sql.rule],
            "tracked": tracked,
            "unknown": [rules[hit.rule].id for hit in named if not hit.known],
            "fit": [f"{rules[hit.rule].id} {hit.shown}" for hit in named if hit.known and hit.shown],
            "grades": list(self.letters),
        }

    def told(self, locale: Locale = "de") -> dict[str, str | None]:
        """The explanation and its instant: written when a number or what is `said` changes, not as things get older."""
        return {"score_explanation": self.text(locale), "score_at": iso(self.as_of)}


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)

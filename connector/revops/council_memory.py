"""What is remembered of every hand-over and every won deal for the reports, long after their cycle is over.

Remembered are the facts that a report counts by, never a name, an address or an owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.revops.council_rows import HandOver
from connector.revops.rejection_case import Case
from connector.revops.rejection_feedback import Disposition, Measured

FACTS = (
    "source",
    "campaign",
    "band",
    "temperature",
    "fit_score",
    "engagement_score",
    "sql_rule",
    "components",
    "industry",
    "country",
    "company_size",
)
"""What is known of a person when sales gets it; a fact that is unknown is left out."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One hand-over: the cycle, when, how the person looked then (`FACTS`), and what became of it.

    Once it is answered, `due_at`, `worked` and `feedback_at` stay as they are. `unexplained`: rejected without a
    reason, so far.
    """

    cycle: int
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    worked: timedelta | None = None
    feedback_at: datetime | None = None
    disposition: Disposition | None = None
    reason: str | None = None
    unexplained: bool = False


@dataclass(frozen=True, slots=True)
class Won:
    """A deal that was won: when, its records, and how the person was scored until then."""

    deal: str
    closed_at: datetime
    records: tuple[str, ...]
    hot: bool
    fit_score: int | None = None
    engagement_score: int | None = None


def follow(
    known: Sequence[Handed], case: Case | None, measured: Measured, facts: Callable[[bool], Mapping[str, Any]]
) -> tuple[Handed, ...]:
    """Hand-overs brought up to date with the case of the cycle at hand.

    Args:
        known: those remembered so far.
        case: the case.
        measured: its feedback clock.
        facts: gives the facts of a new hand-over; it is told whether the score of today is the one of then.
    """
    if case is None or case.handover_at is None:
        return tuple(known)
    before = next((each for each in known if each.cycle == case.cycle), None)
    if before is None:
        before = Handed(case.cycle, case.handover_at, facts(measured.in_force))
    now = replace(before, at=case.handover_at, unexplained=case.missing is not None)
    if case.rejected is not None and case.disposition == "rejected":
        now = replace(now, reason=case.rejected.reason)
    if before.feedback_at is None:
        now = replace(
            now,
            due_at=measured.due_at,
            worked=measured.worked,
            feedback_at=case.feedback_at,
            disposition=case.disposition,
        )
    others = [each for each in known if each.cycle != case.cycle]
    return tuple(sorted([*others, now], key=lambda each: each.cycle))


def won_deals(known: Sequence[Won], now: Iterable[Won]) -> tuple[Won, ...]:
    """The deals that are won now; of one that was known already the scores stay those of then."""
    before = {each.deal: each for each in known}
    found = {}
    for each in now:
        then = before.get(each.deal, each)
        found[each.deal] = replace(each, hot=then.hot, fit_score=then.fit_score, engagement_score=then.engagement_score)
    return tuple(found[deal] for deal in sorted(found))


def row(
    handed: Handed, person: str, records: tuple[str, ...], recycled_at: datetime | None, wins: Iterable[datetime]
) -> HandOver:
    """A remembered hand-over as the reports count it.

    Args:
        handed: the hand-over.
        person: the person's key.
        records: the CRM ids behind it.
        recycled_at: when its cycle ended with a recycle.
        wins: when the person was won, in order.
    """
    facts: dict[str, Any] = {name: handed.facts.get(name) for name in FACTS}
    facts["components"] = tuple(handed.facts.get("components") or ())
    return HandOver(
        person=person,
        cycle=handed.cycle,
        records=records,
        handover_at=handed.at,
        disposition=handed.disposition,
        feedback_at=handed.feedback_at,
        due_at=handed.due_at,
        worked=handed.worked,
        reason=handed.reason,
        unexplained=handed.unexplained,
        recycled_at=recycled_at,
        won_at=next((each for each in wins if recycled_at is not None and each > recycled_at), None),
        **facts,
    )


# --- as plain data -------------------------------------------------------------------------------------------


def handed_data(handed: Handed) -> dict[str, Any]:
    """Plain data; what is empty is left out, since there is one of these for every person that sales ever got."""
    found = {
        "cycle": handed.cycle,
        "at": handed.at.isoformat(),
        "facts": dict(handed.facts),
        "due_at": _iso(handed.due_at),
        "worked": None if handed.worked is None else handed.worked // timedelta(microseconds=1),
        "feedback_at": _iso(handed.feedback_at),
        "disposition": handed.disposition,
        "reason": handed.reason,
        "unexplained": handed.unexplained or None,
    }
    return {name: value for name, value in found.items() if value not in (None, {})}


def at_of(data: Mapping[str, Any]) -> datetime:
    """When the hand-over of some data was, without reading the rest of it."""
    return datetime.fromisoformat(data["at"])


def handed_from(data: Mapping[str, Any]) -> Handed:
    """The hand-over that `handed_data` gave."""
    worked = data.get("worked")
    return Handed(
        cycle=data["cycle"],
        at=datetime.fromisoformat(data["at"]),
        facts=data.get("facts", {}),
        due_at=_time(data.get("due_at")),
        worked=None if worked is None else timedelta(microseconds=worked),
        feedback_at=_time(data.get("feedback_at")),
        disposition=data.get("disposition"),
        reason=data.get("reason"),
        unexplained=data.get("unexplained", False),
    )


def won_data(won: Won) -> list[Any]:
    """Plain data."""
    return [won.deal, won.closed_at.isoformat(), list(won.records), won.hot, won.fit_score, won.engagement_score]


def won_from(data: Sequence[Any]) -> Won:
    """The deal that `won_data` gave."""
    deal, closed_at, records, hot, fit, engagement = data
    return Won(deal, datetime.fromisoformat(closed_at), tuple(records), hot, fit, engagement)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

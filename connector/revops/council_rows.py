"""What the lead council looks at: hand-overs, won deals, and the period they belong to.

A hand-over has no owner and no name on purpose: what is not here cannot be reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class HandOver:
    """One person's cycle in the hands of sales, as it stands now.

    `records` are the CRM ids that `--records` shows. `due_at`: when feedback was due; `worked`: how long its clock
    ran until `feedback_at`. `unexplained`: rejected without a reason, so far. `band` is fit grade and engagement
    level (`A/E2`) at the hand-over, `components` what made the SQL rule `sql_rule` fire. `won_at`: when the person
    was won after they had been recycled.
    """

    person: str
    cycle: int
    records: tuple[str, ...]
    handover_at: datetime
    disposition: Literal["accepted", "rejected", "opportunity"] | None = None
    feedback_at: datetime | None = None
    due_at: datetime | None = None
    worked: timedelta | None = None
    reason: str | None = None
    unexplained: bool = False
    source: str | None = None
    campaign: str | None = None
    band: str | None = None
    temperature: str | None = None
    fit_score: int | None = None
    engagement_score: int | None = None
    sql_rule: str | None = None
    components: tuple[str, ...] = ()
    recycled_at: datetime | None = None
    won_at: datetime | None = None
    industry: str | None = None
    country: str | None = None
    company_size: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether sales took the lead on."""
        return self.disposition in ("accepted", "opportunity")

    @property
    def rejected(self) -> bool:
        """Whether sales turned the lead down, with a reason."""
        return self.disposition == "rejected"


@dataclass(frozen=True, slots=True)
class WonDeal:
    """A won deal and how its person was scored before: `hot` at any time, and the highest scores."""

    records: tuple[str, ...]
    closed_at: datetime
    hot: bool
    fit_score: int | None = None
    engagement_score: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` up to, not including, `end`; `name` is `2026-10` or `2026-W43`."""

    name: str
    first: date
    end: date

    def previous(self) -> Period:
        """The period of the same kind before this one."""
        before = self.first - timedelta(days=1)
        return month(f"{before:%Y-%m}") if "W" not in self.name else week(before)

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether an instant falls into the period, by the local calendar."""
        return self.first <= moment.astimezone(zone).date() < self.end

    def over(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether its last day has ended at an instant."""
        return moment.astimezone(zone).date() >= self.end


def month(name: str) -> Period:
    """The month `2026-10`.

    Raises:
        ValueError: it is no month.
    """
    first = date.fromisoformat(f"{name}-01")
    return Period(f"{first:%Y-%m}", first, (first + timedelta(days=31)).replace(day=1))


def week(day: date) -> Period:
    """The ISO week that a day belongs to."""
    monday = day - timedelta(days=day.weekday())
    year, number, _ = monday.isocalendar()
    return Period(f"{year}-W{number:02}", monday, monday + timedelta(days=7))


def cohort(rows: Iterable[HandOver], period: Period, zone: ZoneInfo, as_of: datetime) -> list[HandOver]:
    """The hand-overs of a period as they stood at `as_of`, each once, in order of person and cycle.

    The month is that of the hand-over: a late answer restates an old month (domain §3.4).
    """
    found: dict[tuple[str, int], HandOver] = {}
    for row in rows:
        if row.handover_at <= as_of and period.holds(row.handover_at, zone):
            key = (row.person, row.cycle)
            known = found.get(key)
            if known is None or repr(row) > repr(known):  # of two versions always the same one
                found[key] = row
    return [_at(found[key], as_of) for key in sorted(found)]


def _at(row: HandOver, as_of: datetime) -> HandOver:
    """A hand-over without what had not happened yet."""
    if row.feedback_at is not None and row.feedback_at > as_of:
        row = replace(row, disposition=None, feedback_at=None, worked=None, reason=None)
    if row.recycled_at is not None and row.recycled_at > as_of:
        row = replace(row, recycled_at=None, won_at=None)
    if row.won_at is not None and row.won_at > as_of:
        row = replace(row, won_at=None)
    return row


class Recorded(Protocol):
    """Anything that a report counts and `--records` can follow."""

    @property
    def records(self) -> tuple[str, ...]:
        """The CRM ids behind it."""


def ids(rows: Iterable[Recorded]) -> tuple[str, ...]:
    """The record ids behind rows, each once, in order."""
    return tuple(sorted({record for row in rows for record in row.records}))

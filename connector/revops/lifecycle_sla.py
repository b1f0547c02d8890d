"""The clocks of the service level agreement: started, paused, stopped, breached once (domain §2.4).

It says when a clock runs out and whether it did. Who is told is the rejection loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from connector.revops.calendars import Calendars
from connector.revops.clocks import NOTHING, Span, due_over, running_over
from connector.revops.lifecycle import Lifecycle, Sla

STARTS = ("mql", "sal", "sql", "handover", "demo_request", "contact_form")
STOPS = ("sal", "rejection", "disposition", "first_sales_activity", "opportunity", "conversion")
ACCEPTED = "accepted"
"""Sales took the person on without stopping at the SAL. It stops what an SAL stops, and starts nothing."""
MEANS: Mapping[str, frozenset[str]] = {
    "sal": frozenset({"sal", ACCEPTED, "opportunity", "conversion"}),
    "disposition": frozenset({"sal", ACCEPTED, "rejection", "opportunity", "conversion"}),
}
"""What stops a clock besides the very word: who has gone further was accepted; a disposition is any word of sales."""

State = Literal["running", "paused", "met", "late", "breached"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that starts or stops clocks; `kind` is one of `STARTS` or `STOPS`, or `ACCEPTED`."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Owned:
    """From `at` on the person belongs to `owner` (e-mail); a queue, or nobody, lets the clocks stand still."""

    at: datetime
    owner: str | None
    queue: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one person and cycle.

    `due_at` is None while a pause lasts that hides the end. `breached_at` is the instant it ran out; once
    recorded it stays, whatever happens later. `overrun` is how much longer it ran, in the clock's own time.
    """

    sla: str
    cycle: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    ran: timedelta = NOTHING
    overrun: timedelta = NOTHING
    state: State = "running"


@dataclass(frozen=True, slots=True)
class Qualified:
    """A person who became an SQL in one cycle; `records` are the CRM ids behind it."""

    at: datetime
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """Marketing's side of the agreement in one quarter."""

    needed: int
    sqls: tuple[Qualified, ...]

    @property
    def kept(self) -> Fraction:
        """Which part of the promise was kept; more than 1 where more came than was agreed."""
        return Fraction(len(self.sqls), self.needed)


def clock(
    sla: Sla,
    facts: Sequence[Fact],
    *,
    cycle: int,
    as_of: datetime,
    calendars: Calendars,
    owners: Sequence[Owned] = (),
    recycled: Sequence[tuple[datetime, datetime | None]] = (),
    temperature: str | None = None,
    previous: Clock | None = None,
) -> Clock | None:
    """One promise for one person in one cycle; None where its clock never started or does not apply.

    Args:
        sla: the promise.
        facts: what happened in this cycle; anything after `as_of` is not known yet.
        cycle: the person's cycle.
        as_of: the instant of the run.
        calendars: the calendar of each owner's site.
        owners: who had the person since when; empty where no history is known: then somebody had it.
        recycled: from when until when the person was recycled.
        temperature: hot, warm or cold, for targets that differ.
        previous: the same clock at the last run, for a breach that was recorded.
    """
    target = sla.target_for(temperature)
    starts = [each.at for each in facts if each.kind in sla.start and each.at <= as_of]
    kept = previous.breached_at if previous is not None and previous.cycle == cycle else None
    if target is None or not starts:
        return previous if kept is not None else None
    first = min(starts)
    stopped = _stopped(sla, facts, first, as_of)
    until = as_of if stopped is None else stopped
    started = _reset(sla, owners, recycled, first, until, target, calendars)
    parts = _parts(started, owners, recycled, calendars)
    due = due_over(parts, target, sla.clock)
    breached = kept if kept is not None else due if due is not None and due < until else None
    ran = running_over(parts, until, sla.clock)
    state: State
    if stopped is not None:
        state = "late" if breached is not None else "met"
    elif breached is not None:
        state = "breached"
    else:
        state = "paused" if _paused(parts, as_of) else "running"
    return Clock(
        sla.id,
        cycle,
        started.astimezone(UTC),
        due,
        None if stopped is None else stopped.astimezone(UTC),
        breached,
        ran,
        max(ran - target, NOTHING),
        state,
    )


def marketing_side(config: Lifecycle, sqls: Iterable[Qualified], day: date, as_of: datetime) -> Delivered | None:
    """The SQLs that marketing delivered in a fiscal quarter until `as_of`; None where no number is agreed.

    Args:
        config: the agreement; a day begins in its time zone.
        sqls: who became an SQL; those of other quarters are left out.
        day: any local day of the quarter.
        as_of: the instant whose knowledge counts.
    """
    if config.sql_per_quarter is None:
        return None
    zone = ZoneInfo(config.zone)
    begins, ends = quarter(day, config.year_starts)
    known = [each for each in sqls if each.at <= as_of]
    return Delivered(
        config.sql_per_quarter, tuple(each for each in known if begins <= each.at.astimezone(zone).date() < ends)
    )


def quarter(day: date, year_starts: int = 1) -> tuple[date, date]:
    """The first day of the fiscal quarter a day lies in, and the first day after it."""
    months = day.year * 12 + day.month - 1
    begins = months - (months - (year_starts - 1)) % 3
    return _first(begins), _first(begins + 3)


def _first(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)


def _stopped(sla: Sla, facts: Sequence[Fact], start: datetime, as_of: datetime) -> datetime | None:
    kinds = set(sla.stop).union(*(MEANS.get(stop, ()) for stop in sla.stop))
    return min((each.at for each in facts if each.kind in kinds and start <= each.at <= as_of), default=None)


def _reset(
    sla: Sla,
    owners: Sequence[Owned],
    recycled: Sequence[tuple[datetime, datetime | None]],
    start: datetime,
    until: datetime,
    target: timedelta,
    calendars: Calendars,
) -> datetime:
    """The start, or the last reassignment from one person to another that came before the clock ran out."""
    if not sla.reset_on_reassign:
        return start
    holder: str | None = None
    for each in _ordered(owners):
        if each.queue or each.owner is None or each.at > until:
            continue
        if holder is not None and each.owner != holder and each.at > start:
            due = due_over(_parts(start, owners, recycled, calendars), target, sla.clock)
            if due is not None and due < each.at:
                break
            start = each.at
        holder = each.owner
    return start


def _parts(
    start: datetime,
    owners: Sequence[Owned],
    recycled: Sequence[tuple[datetime, datetime | None]],
    calendars: Calendars,
) -> list[Span]:
    """The time from the start on, cut wherever the owner changes or a recycle begins or ends."""
    history = _ordered(owners)
    ends = {each.at for each in history} | {at for pause in recycled for at in pause if at is not None}
    cuts = [start, *sorted(at for at in ends if at > start)]
    parts = []
    for i, begin in enumerate(cuts):
        end = cuts[i + 1] if i + 1 < len(cuts) else None
        stands = any(since <= begin and (to is None or begin < to) for since, to in recycled)
        holder = next((each for each in reversed(history) if each.at <= begin), None)
        if history and (holder is None or holder.queue or holder.owner is None):
            stands = True
        calendar = None if stands else calendars.of(holder.owner if holder is not None else None)
        parts.append(Span(begin, end, calendar))
    return parts


def _paused(parts: Sequence[Span], as_of: datetime) -> bool:
    current = [part for part in parts if part.start <= as_of]
    return bool(current) and current[-1].calendar is None


def _ordered(owners: Sequence[Owned]) -> list[Owned]:
    return sorted(owners, key=lambda each: (each.at, each.owner or "", each.queue))

"""The clocks of the service level agreement: started, paused, stopped, breached once (domain §2.4).

It says when a clock runs out and whether it did. Who is told is the rejection loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from connector.revops.calendars import Calendars, Mode
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

State = Literal["running", "paused", "met", "late", "breached", "none"]


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
    `target` and `mode` are what was promised as it started, None in clocks that were remembered without.
    `passed` is the last start for which there was nothing to promise; with the state `none` there is no other one.
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
    target: timedelta | None = None
    mode: Mode | None = None
    passed: datetime | None = None

    @property
    def lasting(self) -> bool:
        """Whether it stays as it is when nothing is left that started it."""
        return self.stopped_at is not None or self.breached_at is not None or self.state == "none"


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
    """One promise for one person in one cycle; None where its clock never started.

    What was promised as it started holds until the end: a temperature or a rule that changes later changes nothing. A
    start for which there is no target comes to nothing; the next one is judged anew. A clock that has stopped is not
    computed again, unless a reassignment before its stop, which became known later, moves its start.

    Args:
        sla: the promise, as agreed now.
        facts: what happened in this cycle; anything after `as_of` is not known yet.
        cycle: the person's cycle.
        as_of: the instant of the run.
        calendars: the calendar of each owner's site.
        owners: who had the person since when; empty where no history is known: then somebody had it.
        recycled: from when until when the person was recycled.
        temperature: hot, warm or cold at `as_of`, for a clock that is seen to start now.
        previous: the same clock at the last run.
    """
    known = previous if previous is not None and previous.cycle == cycle else None
    starts = _starts(sla, facts, known, as_of)
    if not starts:
        return known if known is not None and known.lasting else None
    first = min(starts)
    same = known if known is not None and known.state != "none" and first <= known.started_at else None
    target, mode = _promise(sla, same, temperature)
    if target is None:
        gone = known is None or known.state == "none" or not known.lasting
        return _nothing(sla, cycle, max(starts).astimezone(UTC)) if gone else known
    course = _Course(target, mode, _ordered(owners), recycled, calendars)
    stopped = _stopped(sla, facts, first, as_of)
    if known is not None and known.stopped_at is not None and first <= known.stopped_at:
        stopped = known.stopped_at
        if not sla.reset_on_reassign or course.reset(min(first, known.started_at), stopped) <= known.started_at:
            return known
    until = as_of if stopped is None else stopped
    started = course.reset(first, until) if sla.reset_on_reassign else first
    kept = known.breached_at if known is not None else None
    due = kept if kept is not None and same is not None else course.due(started)
    breached = kept if kept is not None else due if due is not None and due < until else None
    passed = known.passed if known is not None else None
    return course.clock(Clock(sla.id, cycle, started.astimezone(UTC), due, stopped, breached, passed=passed), until)


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


def _starts(sla: Sla, facts: Iterable[Fact], known: Clock | None, as_of: datetime) -> list[datetime]:
    """What started the clock, without the starts that came to nothing."""
    after = known.passed if known is not None else None
    found = [each.at for each in facts if each.kind in sla.start and each.at <= as_of]
    return [at for at in found if after is None or at > after]


def _nothing(sla: Sla, cycle: int, at: datetime) -> Clock:
    """What is left of a start for which there was no target."""
    return Clock(sla.id, cycle, at, None, state="none", passed=at)


def _promise(sla: Sla, same: Clock | None, temperature: str | None) -> tuple[timedelta | None, Mode]:
    """The target and how time counts for it: as promised, or as agreed now where nothing was promised yet."""
    if same is not None and same.target is not None and same.mode is not None:
        return same.target, same.mode
    return sla.target_for(temperature), sla.clock


def _stopped(sla: Sla, facts: Sequence[Fact], start: datetime, as_of: datetime) -> datetime | None:
    kinds = set(sla.stop).union(*(MEANS.get(stop, ()) for stop in sla.stop))
    return min((each.at for each in facts if each.kind in kinds and start <= each.at <= as_of), default=None)


@dataclass(frozen=True, slots=True)
class _Course:
    """What was promised, and who had the person meanwhile, in order of time."""

    target: timedelta
    mode: Mode
    owners: Sequence[Owned]
    recycled: Sequence[tuple[datetime, datetime | None]]
    calendars: Calendars

    def clock(self, begun: Clock, until: datetime) -> Clock:
        """A clock with how long it ran until its stop, or until now, and how it stands then."""
        parts, stopped = self.parts(begun.started_at), begun.stopped_at
        ran = running_over(parts, until, self.mode)
        state: State
        if stopped is not None:
            state = "late" if begun.breached_at is not None else "met"
        elif begun.breached_at is not None:
            state = "breached"
        else:
            state = "paused" if [part for part in parts if part.start <= until][-1].calendar is None else "running"
        return replace(
            begun,
            stopped_at=None if stopped is None else stopped.astimezone(UTC),
            ran=ran,
            overrun=max(ran - self.target, NOTHING),
            state=state,
            target=self.target,
            mode=self.mode,
        )

    def due(self, start: datetime) -> datetime | None:
        """When a clock from `start` on runs out."""
        return due_over(self.parts(start), self.target, self.mode)

    def reset(self, start: datetime, until: datetime) -> datetime:
        """The start, or the last reassignment from one person to another that came before the clock ran out."""
        holder: str | None = None
        for each in self.owners:
            if each.queue or each.owner is None or each.at > until:
                continue
            if holder is not None and each.owner != holder and each.at > start:
                due = self.due(start)
                if due is not None and due < each.at:
                    break
                start = each.at
            holder = each.owner
        return start

    def parts(self, start: datetime) -> list[Span]:
        """The time from the start on, cut wherever the owner changes or a recycle begins or ends."""
        ends = {each.at for each in self.owners} | {at for pause in self.recycled for at in pause if at is not None}
        cuts = [start, *sorted(at for at in ends if at > start)]
        parts = []
        for i, begin in enumerate(cuts):
            end = cuts[i + 1] if i + 1 < len(cuts) else None
            stands = any(since <= begin and (to is None or begin < to) for since, to in self.recycled)
            holder = next((each for each in reversed(self.owners) if each.at <= begin), None)
            if self.owners and (holder is None or holder.queue or holder.owner is None):
                stands = True
            calendar = None if stands else self.calendars.of(holder.owner if holder is not None else None)
            parts.append(Span(begin, end, calendar))
        return parts


def _ordered(owners: Sequence[Owned]) -> list[Owned]:
    return sorted(owners, key=lambda each: (each.at, each.owner or "", each.queue))

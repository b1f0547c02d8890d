"""What «48 h» means: the instant a clock runs out, and how long it ran (domain §0.3).

- `elapsed`: wall-clock hours, counted in UTC.
- `working_days`: 24 local hours of every working day.
- `business_hours`: the opening hours only.

The last two count on the wall clock, so that a night of clock change neither adds nor takes an hour. An instant
exactly at closing time belongs to the window that closes. Which clock runs when is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connector.revops.calendars import DAY, Calendar, Mode

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time and the calendar that counts in it; without one the clock stands still.

    `end` None: it lasts.
    """

    start: datetime
    end: datetime | None
    calendar: Calendar | None


def due(start: datetime, target: timedelta, mode: Mode, calendar: Calendar) -> datetime:
    """The instant (UTC) at which a clock started at `start` has run for `target`.

    Raises:
        ValueError: `target` is negative, or `start` has no time zone.
        SettingsError: the calendar never opens.
    """
    if target < NOTHING:
        raise ValueError("a target cannot be negative")
    local = calendar.local(start)
    if mode == "elapsed" or not target:
        return start.astimezone(UTC) + target
    left = target
    for opens, closes in calendar.windows_from(local, mode):
        begin = max(opens, local)
        room = closes - begin
        if left <= room:
            return calendar.instant(begin + left, not_before=start)
        left -= room
    raise AssertionError("windows_from has no end")


def running(start: datetime, end: datetime, mode: Mode, calendar: Calendar) -> timedelta:
    """How long a clock runs between two instants; nothing where `end` is not after `start`.

    Raises:
        ValueError: an instant has no time zone.
    """
    begin, until = calendar.local(start), calendar.local(end)
    if end <= start:
        return NOTHING
    if mode == "elapsed":
        return end - start
    total, day, last = NOTHING, begin.date(), until.date()
    while day <= last:
        for opens, closes in calendar.windows(day, mode):
            stretch = min(closes, until) - max(opens, begin)
            if stretch > NOTHING:
                total += stretch
        day += DAY
    return total


def next_opening(moment: datetime, calendar: Calendar) -> datetime:
    """The instant itself (UTC) inside opening hours, closing time included; else the next opening.

    Raises:
        ValueError: the instant has no time zone.
        SettingsError: the calendar never opens.
    """
    local = calendar.local(moment)
    windows = calendar.windows(local.date(), "business_hours")
    if any(opens <= local <= closes for opens, closes in windows):
        return moment.astimezone(UTC)
    opens, _ = next(calendar.windows_from(local, "business_hours"))
    return calendar.instant(opens, not_before=moment)


def spans(start: datetime, calendar: Calendar, pauses: Iterable[tuple[datetime, datetime | None]]) -> list[Span]:
    """A clock with one calendar and pauses as spans; pauses may overlap, touch, and come in any order."""
    found: list[Span] = []
    at: datetime | None = start
    for begin, end in sorted(pauses, key=lambda pause: pause[0]):
        if at is None:
            break
        if end is not None and end <= at:
            continue
        if begin > at:
            found.append(Span(at, begin, calendar))
        found.append(Span(max(begin, at), end, None))
        at = end
    if at is not None:
        found.append(Span(at, None, calendar))
    return found


def due_over(parts: Sequence[Span], target: timedelta, mode: Mode) -> datetime | None:
    """The instant (UTC) at which the running parts add up to `target`; None while the clock stands still.

    Args:
        parts: in order of time, without overlap.
        target: how long the clock has to run.
        mode: how time counts.
    """
    left = target
    for part in parts:
        if part.calendar is None:
            continue
        if part.end is None:
            return due(part.start, left, mode, part.calendar)
        ran = running(part.start, part.end, mode, part.calendar)
        if ran >= left:
            return due(part.start, left, mode, part.calendar)
        left -= ran
    return None


def running_over(parts: Sequence[Span], until: datetime, mode: Mode) -> timedelta:
    """How long the clock ran before `until`."""
    total = NOTHING
    for part in parts:
        if part.calendar is not None and part.start < until:
            end = until if part.end is None else min(part.end, until)
            total += running(part.start, end, mode, part.calendar)
    return total

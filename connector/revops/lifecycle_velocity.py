"""How long persons take from stage to stage: number, median and 90th percentile (domain §2.3).

Only timestamps that were observed count: a stage that was filled in later has no duration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from connector.revops.calendars import Calendar, Mode
from connector.revops.clocks import running
from connector.revops.lifecycle_journey import Journey, Stamp

PAIRS: tuple[tuple[str, str], ...] = (
    ("mql", "sal"),
    ("sal", "sql"),
    ("sql", "opportunity"),
    ("opportunity", "customer"),
)


@dataclass(frozen=True, slots=True)
class Durations:
    """The durations of one step; None where nobody took it."""

    count: int
    median: timedelta | None
    p90: timedelta | None


def velocity(journeys: Iterable[Journey], mode: Mode, calendar: Calendar) -> dict[tuple[str, str], Durations]:
    """The durations of every step, over all cycles of all persons."""
    found: dict[tuple[str, str], list[timedelta]] = {pair: [] for pair in PAIRS}
    for journey in journeys:
        for stamps in (journey.stamps, *(past.stamps for past in journey.past)):
            for pair in PAIRS:
                taken = _taken(stamps, pair, mode, calendar)
                if taken is not None:
                    found[pair].append(taken)
    return {pair: _summed(sorted(taken)) for pair, taken in found.items()}


def _taken(stamps: Mapping[str, Stamp], pair: tuple[str, str], mode: Mode, calendar: Calendar) -> timedelta | None:
    begin, end = stamps.get(pair[0]), stamps.get(pair[1])
    if begin is None or end is None or begin.inferred or end.inferred or end.at < begin.at:
        return None
    return running(begin.at, end.at, mode, calendar)


def _summed(taken: Sequence[timedelta]) -> Durations:
    """Median of the two in the middle; the 90th percentile is the smallest value that 90 % do not exceed."""
    count = len(taken)
    if not count:
        return Durations(0, None, None)
    median = (taken[(count - 1) // 2] + taken[count // 2]) / 2
    return Durations(count, median, taken[-(-count * 9 // 10) - 1])

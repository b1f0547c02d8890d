"""How long persons take from stage to stage: which steps, their median and 90th percentile (domain §2.3).

Only timestamps that were observed count: a stage that was filled in later has no duration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.revops.calendars import Calendar, Mode
from connector.revops.clocks import running
from connector.revops.lifecycle_journey import Stamp

Pair = tuple[str, str]

PAIRS: tuple[Pair, ...] = (
    ("mql", "sal"),
    ("sal", "sql"),
    ("sql", "opportunity"),
    ("opportunity", "customer"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One person's way from one stage to another in one cycle; `records` are the CRM ids behind it."""

    pair: Pair
    began: datetime
    ended: datetime
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Durations:
    """The durations of one step, in the time of the clock; None where nobody took it."""

    steps: tuple[Step, ...]
    median: timedelta | None
    p90: timedelta | None


def steps(stamps: Mapping[str, Stamp], records: tuple[str, ...] = ()) -> Iterator[Step]:
    """The steps of one cycle of a person whose beginning and end were both observed."""
    for pair in PAIRS:
        begin, end = stamps.get(pair[0]), stamps.get(pair[1])
        if begin is None or end is None or begin.inferred or end.inferred or end.at < begin.at:
            continue
        yield Step(pair, begin.at, end.at, records)


def velocity(taken: Iterable[Step], mode: Mode, calendar: Calendar) -> dict[Pair, Durations]:
    """The durations of every kind of step, measured by one clock."""
    found: dict[Pair, list[Step]] = {pair: [] for pair in PAIRS}
    for step in taken:
        found[step.pair].append(step)
    return {pair: _summed(each, mode, calendar) for pair, each in found.items()}


def _summed(taken: Sequence[Step], mode: Mode, calendar: Calendar) -> Durations:
    """Median of the two in the middle; the 90th percentile is the smallest value that 90 % do not exceed."""
    count = len(taken)
    if not count:
        return Durations((), None, None)
    spans = sorted(running(step.began, step.ended, mode, calendar) for step in taken)
    median = (spans[(count - 1) // 2] + spans[count // 2]) / 2
    return Durations(tuple(taken), median, spans[-(-count * 9 // 10) - 1])

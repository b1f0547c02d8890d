"""What the lead council says about the way through the stages: durations, and what marketing promised.

A duration belongs to the month in which its step ended, by the local calendar (domain §2.3). The promise is that of
the fiscal quarter (§2.4): its figures are those of everybody and exact, while durations of few persons are hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from connector.revops.calendars import Calendar, Mode
from connector.revops.council_cells import hide
from connector.revops.council_figures import Figure, Line, Table, count, hours
from connector.revops.council_rows import Period, ids
from connector.revops.lifecycle import Lifecycle
from connector.revops.lifecycle_sla import Qualified, marketing_side, quarter
from connector.revops.lifecycle_velocity import Step, velocity

DURATIONS, PROMISE = "durations", "promise"
"""The names of the two tables."""


@dataclass(frozen=True, slots=True)
class Stages:
    """What is known of persons' ways, and what it is measured by; the rows may hold more than the report is about."""

    config: Lifecycle
    calendar: Calendar
    steps: Sequence[Step] = ()
    sqls: Sequence[Qualified] = ()

    @property
    def clock(self) -> Mode:
        """How time counts: as in the promise of feedback, which starts at the hand-over; else every hour."""
        return next((sla.clock for sla in self.config.sla if "handover" in sla.start), "elapsed")


def fiscal_quarter(config: Lifecycle, day: date) -> Period:
    """The fiscal quarter of a day, named by its first and last month: `2026-10/2026-12`."""
    begins, ends = quarter(day, config.year_starts)
    return Period(f"{begins:%Y-%m}/{ends - timedelta(days=1):%Y-%m}", begins, ends)


def stage_tables(stages: Stages, period: Period, as_of: datetime, zone: ZoneInfo, minimum: int) -> Iterator[Table]:
    """The durations of a month, and the promise of its quarter where there is one."""
    ended = [step for step in stages.steps if step.ended <= as_of and period.holds(step.ended, zone)]
    yield _durations(stages, ended, minimum)
    yield from _promise(stages, period, as_of)


def _durations(stages: Stages, ended: Sequence[Step], minimum: int) -> Table:
    found = velocity(ended, stages.clock, stages.calendar)
    cells = hide({pair: len(each.steps) for pair, each in found.items()}, minimum)
    lines = [
        Line(
            "_".join(pair),
            (
                count("steps", each.steps, cells[pair]),
                hours("median", each.median, each.steps, cells[pair]),
                hours("p90", each.p90, each.steps, cells[pair]),
            ),
        )
        for pair, each in found.items()
    ]
    return Table(DURATIONS, ("steps", "median", "p90"), tuple(lines))


def _promise(stages: Stages, period: Period, as_of: datetime) -> Iterator[Table]:
    side = marketing_side(stages.config, stages.sqls, period.first, as_of)
    if side is not None:
        figures = (
            Figure("promised", "count", Fraction(side.needed)),
            count("delivered", side.sqls),
            Figure("kept", "share", side.kept, ids(side.sqls)),
        )
        name = fiscal_quarter(stages.config, period.first).name
        yield Table(PROMISE, ("promised", "delivered", "kept"), (Line(name, figures),))

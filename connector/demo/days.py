"""The days that the story takes: the same weekdays whenever it is told, and none of them in the future.

It begins on a Tuesday morning and ends on the Thursday of the week after, in a month without a holiday between. Both
sandboxes and the commands are taken there together, and back to the present at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from connector.revops.calendars import Calendar
from connector.sandbox.clock import Clock
from connector.shell import outside

LAST = 9
"""The last day of the story, counted from 0."""

_TUESDAY = 1
_OFFICE = Calendar(country="DE")  # as in `rules/calendars.yaml` of a new project


def first_day(present: datetime) -> date:
    """The latest Tuesday from which the whole story lies in the past, in one month, on working days."""
    day = _OFFICE.local(present).date()
    while not _fits(day, present):
        day -= timedelta(days=1)
    return day


def _fits(day: date, present: datetime) -> bool:
    days = [day + timedelta(days=each) for each in range(LAST + 1)]
    past = days[-1] < _OFFICE.local(present).date()
    holiday = any(_OFFICE.holiday(each) for each in days)
    return day.weekday() == _TUESDAY and past and days[-1].month == day.month and not holiday


@dataclass(slots=True)
class Days:
    """Moves the clock of the sandboxes and that of the commands."""

    clock: Clock
    first: date = field(default_factory=lambda: first_day(outside.now()))
    _moved: timedelta = timedelta()

    def go(self, day: int, hour: int) -> None:
        """Let it be this hour of a day of the story."""
        at = _OFFICE.instant(datetime.combine(self.day(day), time(hour)))
        self._move(at - outside.now())
        self.clock.advance((at - self.clock.now()).total_seconds())

    def day(self, day: int) -> date:
        """A day of the story."""
        return self.first + timedelta(days=day)

    def back(self) -> None:
        """Return to the present."""
        self.clock.advance(-self._moved.total_seconds())
        self._move(-self._moved)

    def _move(self, by: timedelta) -> None:
        outside.skip(by)
        self._moved += by

"""When an office works: weekdays, opening hours, holidays by Land, closed days and half days.

It knows days and windows in local time. How time is counted over them is `clocks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from connector.errors import SettingsError

Mode = Literal["elapsed", "working_days", "business_hours"]
MODES: tuple[Mode, ...] = ("elapsed", "working_days", "business_hours")

Window = tuple[datetime, datetime]
"""From and until, in local time without a zone; an instant at the end still belongs to it."""

Hours = tuple[tuple[int, int], ...]
"""Opening hours of a day as minutes after midnight, in order; 1440 is the midnight that ends the day."""

DAY = timedelta(days=1)
FULL_DAY = 1440
OFFICE: Hours = ((9 * 60, 17 * 60),)
OFFICE_WEEK: tuple[Hours, ...] = (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ())

_NEVER = 1500
"""Days in a row without a window after which a calendar counts as never open: four years."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """One site's working time.

    `week` holds the opening hours from Monday to Sunday; a day without hours is no working day. `country` and
    `land` add the legal holidays. `closed` are further free days; `half_days` (`12-24`, or `2026-12-24`) have
    hours of their own and stay working days.
    """

    name: str = "default"
    zone: str = "Europe/Berlin"
    week: tuple[Hours, ...] = OFFICE_WEEK
    country: str | None = None
    land: str | None = None
    catholic: bool = False  # Mariä Himmelfahrt in Bayern is a holiday in Catholic municipalities only
    closed: frozenset[date] = frozenset()
    half_days: Mapping[str, Hours] = field(default_factory=dict)
    _zone: ZoneInfo = field(init=False, repr=False)
    _days: dict[tuple[Mode, date], tuple[Window, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_zone", ZoneInfo(self.zone))
        object.__setattr__(self, "_days", {})

    def local(self, moment: datetime) -> datetime:
        """An instant as the wall clock of the site shows it, without a zone.

        Raises:
            ValueError: the instant has no time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return moment.astimezone(self._zone).replace(tzinfo=None, fold=0)

    def instant(self, local: datetime, not_before: datetime | None = None) -> datetime:
        """A wall clock's time as UTC.

        In the hour that a clock change repeats it is the first one, unless that lies before `not_before`; in the
        hour that is left out it is as much later.
        """
        moment = local.replace(tzinfo=self._zone).astimezone(UTC)
        if not_before is not None and moment < not_before:
            moment = local.replace(tzinfo=self._zone, fold=1).astimezone(UTC)
        return moment

    def holiday(self, day: date) -> bool:
        """Whether a day is free although its weekday is not."""
        if day in self.closed:
            return True
        return self.country is not None and day in _legal(self.country, self.land, self.catholic, day.year)

    def windows(self, day: date, mode: Mode) -> tuple[Window, ...]:
        """A day's windows: the opening hours, or the whole day when it is a working day."""
        key = (mode, day)
        found = self._days.get(key)
        if found is None:
            found = self._days[key] = self._windows(day, mode)
        return found

    def windows_from(self, local: datetime, mode: Mode) -> Iterator[Window]:
        """The windows that end after a local time, without end.

        Raises:
            SettingsError: the calendar never opens again.
        """
        day, empty = local.date(), 0
        while empty < _NEVER:
            windows = self.windows(day, mode)
            empty = 0 if windows else empty + 1
            for window in windows:
                if window[1] > local:
                    yield window
            day += DAY
        raise SettingsError(
            f"the calendar '{self.name}' has no working day in four years: check its hours and holidays"
        )

    def _windows(self, day: date, mode: Mode) -> tuple[Window, ...]:
        midnight = datetime.combine(day, time())
        if mode == "elapsed":
            return ((midnight, midnight + DAY),)
        hours = () if self.holiday(day) else self._hours(day)
        if mode == "working_days":
            return ((midnight, midnight + DAY),) if hours else ()
        return tuple((midnight + timedelta(minutes=begin), midnight + timedelta(minutes=end)) for begin, end in hours)

    def _hours(self, day: date) -> Hours:
        usual = self.week[day.weekday()]
        if not usual or not self.half_days:
            return usual
        special = self.half_days.get(day.isoformat())
        return special if special is not None else self.half_days.get(f"{day:%m-%d}", usual)


@dataclass(frozen=True, slots=True)
class Calendars:
    """The sites of a company; an owner's e-mail address leads to a site, anybody else works at the default one."""

    default: Calendar = field(default_factory=Calendar)
    sites: Mapping[str, Calendar] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def of(self, owner: str | None) -> Calendar:
        """The calendar of an owner's site; the company's where none is known."""
        site = self.owners.get(owner) if owner else None
        return self.sites.get(site, self.default) if site else self.default


@lru_cache(maxsize=512)
def _legal(country: str, land: str | None, catholic: bool, year: int) -> frozenset[date]:
    """The legal holidays of a year."""
    import holidays  # noqa: PLC0415  (a large table that a project with explicit dates never needs)

    kinds = ("public", "catholic") if catholic else ("public",)
    return frozenset(holidays.country_holidays(country, subdiv=land, years=year, categories=kinds))


def lands(country: str) -> Mapping[str, str]:
    """The codes a country's `land` may have, by code and by name; empty for a country that is not known."""
    import holidays  # noqa: PLC0415  (see `_legal`)

    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        return {}
    aliases = holidays.country_holidays(country).subdivisions_aliases
    return dict(zip(known[country], known[country], strict=True)) | dict(aliases)


def countries() -> tuple[str, ...]:
    """The countries whose legal holidays are known, as two capital letters."""
    import holidays  # noqa: PLC0415  (see `_legal`)

    return tuple(sorted(holidays.list_supported_countries(include_aliases=False)))

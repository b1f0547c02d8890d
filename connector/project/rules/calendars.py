"""`rules/calendars.yaml`: the sites of the company and when they work, read and checked."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.rules.section import Found, Section, read_section
from connector.project.written import EMAIL, Day, Name, Region, Strict, TimeZone, day
from connector.project.yaml_lines import Document, Path_
from connector.revops.calendars import FULL_DAY, OFFICE_WEEK, Calendar, Calendars, Hours, countries, lands

ROOT = "calendars"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_EVERY_YEAR = re.compile(r"\d{2}-\d{2}")
_LEAP_YEAR = "2028-"


def _hours(raw: object) -> object:
    """Opening hours of a day: `09:00-17:00`, several of them, or nothing for closed."""
    words = [] if raw is None or raw == "closed" else [raw] if isinstance(raw, str) else raw
    if not isinstance(words, list):
        return raw
    found = sorted(_span(word) for word in words)
    if any(one[1] > other[0] for one, other in pairwise(found)):
        raise ValueError("two opening hours of a day overlap")
    return tuple(found)


def _span(word: object) -> tuple[int, int]:
    read = _SPAN.fullmatch(word.strip()) if isinstance(word, str) else None
    if read is None:
        raise ValueError("write opening hours such as 09:00-17:00, several in [ ], or closed")
    begin, end = (int(read[i]) * 60 + int(read[i + 1]) for i in (1, 3))
    if not begin < end <= FULL_DAY or int(read[2]) >= 60 or int(read[4]) >= 60:  # noqa: PLR2004  (minutes of an hour)
        raise ValueError("opening hours begin before they end, between 00:00 and 24:00")
    return begin, end


def _week(raw: object) -> object:
    """`09:00-17:00` holds from Monday to Friday; {mon-thu: …, fri: …} names the days that are worked."""
    if not isinstance(raw, dict):
        hours = _hours(raw)
        return (hours,) * 5 + ((), ())
    week: list[object] = [()] * 7
    named: set[int] = set()
    for key, hours in raw.items():
        days = _days(key)
        if named & set(days):
            raise ValueError("a weekday has its hours twice: name each one once")
        named |= set(days)
        for weekday in days:
            week[weekday] = _hours(hours)
    return tuple(week)


def _days(key: str) -> range:
    first, _, last = key.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS or _DAYS.index(first) > _DAYS.index(last or first):
        odd = first if first not in _DAYS else last
        raise ValueError(f"{quoted(key)} is no weekday{nearest(odd, _DAYS)}; write mon … sun, or mon-fri")
    return range(_DAYS.index(first), _DAYS.index(last or first) + 1)


def _some_work(week: tuple[Hours, ...]) -> tuple[Hours, ...]:
    if not any(week):
        raise ValueError("no weekday is worked: a clock would never run out")
    return week


_Written = str | list[str] | None
DayHours = Annotated[Hours, BeforeValidator(_hours, json_schema_input_type=_Written)]
Week = Annotated[
    tuple[Hours, ...],
    BeforeValidator(_week, json_schema_input_type=_Written | dict[str, _Written]),
    AfterValidator(_some_work),
]


class HolidayLines(Strict):
    """The legal holidays of a country, and those of one of its states."""

    country: Region = "DE"
    land: Name | None = None
    catholic: bool = False


class SiteLines(Strict):
    """One site."""

    time_zone: TimeZone | None = None
    hours: Week = OFFICE_WEEK
    holidays: HolidayLines | None = None
    closed: tuple[Day, ...] = ()
    half_days: dict[str, DayHours] = Field(default_factory=dict)


class CalendarsFile(Strict):
    """Everything below `calendars:`."""

    default: Name
    sites: Annotated[dict[Name, SiteLines], Field(min_length=1)]
    owners: dict[str, Name] = Field(default_factory=dict)


def read_calendars(document: Document, mistakes: Mistakes) -> Section[CalendarsFile] | None:
    """The file, with everything noted that is wrong in it; None where no rest makes sense."""
    section = read_section(document, ROOT, CalendarsFile, mistakes)
    if section is not None:
        section.note([*_sites_exist(section.lines), *_keys(section.lines), *_lands_exist(section.lines)])
    return section


def compile_calendars(section: Section[CalendarsFile], time_zone: str) -> Calendars:
    """The calendars of a file that was found to be right; a site without a time zone has that of the project."""
    file = section.lines
    made = {name: _calendar(name, site, time_zone) for name, site in file.sites.items()}
    return Calendars(made[file.default], made, {email.lower(): site for email, site in file.owners.items()})


def _sites_exist(file: CalendarsFile) -> Found:
    named: list[tuple[Path_, str]] = [(("default",), file.default)]
    named += [(("owners", email), site) for email, site in file.owners.items()]
    for path, site in named:
        if site not in file.sites:
            yield path, f"there is no site {quoted(site)}{nearest(site, file.sites)}; add it under `sites:`"


def _keys(file: CalendarsFile) -> Found:
    for email in file.owners:
        if not EMAIL.fullmatch(email):
            yield ("owners", email), "owners are named by their e-mail address, as both CRMs have it"
    for name, site in file.sites.items():
        for written in site.half_days:
            if day(_LEAP_YEAR + written if _EVERY_YEAR.fullmatch(written) else written) is None:
                text = f"{quoted(written)} is no day: write 12-24 for every year, or 2026-12-24 for one"
                yield ("sites", name, "half_days", written), text


def _lands_exist(file: CalendarsFile) -> Found:
    """Holidays are known for the country and for the land; a code or a name may be written."""
    for name, site in file.sites.items():
        lines, path = site.holidays, ("sites", name, "holidays")
        if lines is None:
            continue
        if lines.country not in countries():
            text = "the holidays of this country are not known: take it out and list the days under `closed:`"
            yield (*path, "country"), text
        elif lines.land is not None and lines.land not in (known := lands(lines.country)):
            near = nearest(lines.land, known)
            yield (*path, "land"), f"{lines.country} has no land {quoted(lines.land)}{near}; write a code such as BY"


def _calendar(name: str, site: SiteLines, time_zone: str) -> Calendar:
    holidays = site.holidays
    land = lands(holidays.country)[holidays.land] if holidays and holidays.land else None
    return Calendar(
        name,
        site.time_zone or time_zone,
        site.hours,
        country=holidays.country if holidays else None,
        land=land,
        catholic=holidays.catholic if holidays else False,
        closed=frozenset(site.closed),
        half_days=site.half_days,
    )

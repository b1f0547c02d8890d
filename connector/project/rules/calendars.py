"""`rules/calendars.yaml`: the sites of the company and when they work, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from connector.project.mistakes import Mistakes, nearest, quoted
from connector.project.settings import Name, Region, Strict
from connector.project.yaml_lines import Document, Path_
from connector.revops.calendars import FULL_DAY, OFFICE_WEEK, Calendar, Calendars, Hours, countries, lands

ROOT = "calendars"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_DAY = re.compile(r"(\d{4}-)?(\d{2})-(\d{2})")
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
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
        for day in days:
            week[day] = _hours(hours)
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


def _closed(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    found = _date(raw) if len(raw.strip()) > len("12-24") else None
    if found is None:
        raise ValueError("write a day such as 2026-12-24")
    return found


def _date(text: str) -> date | None:
    read = _DAY.fullmatch(text.strip())
    if read is None:
        return None
    try:
        return date.fromisoformat(text.strip() if read[1] else _LEAP_YEAR + text.strip())
    except ValueError:
        return None


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"not a time zone{nearest(name, available_timezones()) or ' such as Europe/Berlin'}")
    return name


DayHours = Annotated[Hours, BeforeValidator(_hours)]
Day = Annotated[date, BeforeValidator(_closed)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Week = Annotated[tuple[Hours, ...], BeforeValidator(_week), AfterValidator(_some_work)]


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


def read_calendars(document: Document, mistakes: Mistakes, time_zone: str = "Europe/Berlin") -> Calendars | None:
    """The calendars of a file; a site without a time zone of its own has that of the project.

    Returns:
        None when anything in the file is wrong; every mistake is noted in `mistakes`.
    """
    section = below(document, ROOT, mistakes)
    if section is None:
        return None
    file, rest = mistakes.validated(CalendarsFile, section)
    if file is None:
        return None
    found = [*_sites_exist(file), *_keys(file)]
    for path, text in found:
        mistakes.add(section, path, text)
    right = not found
    made: dict[str, Calendar] = {}
    for name, site in file.sites.items():
        land = _land(site.holidays, section, ("sites", name, "holidays"), mistakes)
        right = right and land is not _WRONG
        made[name] = _calendar(name, site, land, time_zone)
    if not right or rest is not section or set(document.data) != {ROOT}:
        return None
    return Calendars(made[file.default], made, {email.lower(): site for email, site in file.owners.items()})


def below(document: Document, root: str, mistakes: Mistakes) -> Document | None:
    """What stands below the one key of a rule file, as a document of its own whose lines are right."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get(root), dict):
        mistakes.add(document, (root,), f"the file must begin with the key `{root}:` and hold everything below it")
        return None
    for key in data:
        if key != root:
            mistakes.add(document, (key,), f"unknown key {quoted(key)}; everything stands below `{root}:`")
    lines = {path[1:]: line for path, line in document.lines.items() if path[:1] == (root,)}
    return Document(document.name, data[root], lines)


_WRONG = "?"


def _sites_exist(file: CalendarsFile) -> Iterator[tuple[Path_, str]]:
    named: list[tuple[Path_, str]] = [(("default",), file.default)]
    named += [(("owners", email), site) for email, site in file.owners.items()]
    for path, site in named:
        if site not in file.sites:
            yield path, f"there is no site {quoted(site)}{nearest(site, file.sites)}; add it under `sites:`"


def _keys(file: CalendarsFile) -> Iterator[tuple[Path_, str]]:
    for email in file.owners:
        if not _EMAIL.fullmatch(email):
            yield ("owners", email), "owners are named by their e-mail address, as both CRMs have it"
    for name, site in file.sites.items():
        for day in site.half_days:
            if _date(day) is None:
                text = f"{quoted(day)} is no day: write 12-24 for every year, or 2026-12-24 for one"
                yield ("sites", name, "half_days", day), text


def _land(lines: HolidayLines | None, section: Document, path: Path_, mistakes: Mistakes) -> str | None:
    """The code of a land; a code or a name may be written."""
    if lines is None:
        return None
    if lines.country not in countries():
        text = "the holidays of this country are not known: take it out and list the days under `closed:`"
        mistakes.add(section, (*path, "country"), text)
        return _WRONG
    if lines.land is None:
        return None
    known = lands(lines.country)
    if lines.land not in known:
        text = f"{lines.country} has no land {quoted(lines.land)}{nearest(lines.land, known)}; write a code such as BY"
        mistakes.add(section, (*path, "land"), text)
        return _WRONG
    return known[lines.land]


def _calendar(name: str, site: SiteLines, land: str | None, time_zone: str) -> Calendar:
    return Calendar(
        name,
        site.time_zone or time_zone,
        site.hours,
        country=site.holidays.country if site.holidays else None,
        land=land,
        catholic=site.holidays.catholic if site.holidays else False,
        closed=frozenset(site.closed),
        half_days=site.half_days,
    )

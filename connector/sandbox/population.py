"""Who lives in generated data: owners, companies, persons and deals, each made from seed and number alone.

Nobody is real: names are put together from syllables and from words for "example", addresses end in
`.example` or `@example.com`, telephone numbers come from blocks reserved for fiction. How a CRM writes all
this, and what dirt it shows, is decided in `generate.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any

_KINDS = {"owner": 0, "company": 1, "person": 2, "deal": 3}
_SIZES = (1, 2, 3, 5, 8, 1, 12, 16)
"""Persons in eight neighbouring companies; then the pattern repeats."""
_STARTS = tuple(sum(_SIZES[:place]) for place in range(len(_SIZES)))
_CYCLE = sum(_SIZES)
_DEALS = (0, 0, 0, 1, 1, 1, 1, 2, 2, 3)
MOST_DEALS = max(_DEALS)
_FIRST_DAY = date(2025, 7, 1)
_DAYS = 540
_FREE_MAIL = ("example.com", "example.org", "example.net")
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@cache
def words() -> dict[str, Any]:
    """The lists that names and values are drawn from."""
    read: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
    return read


def plain(text: str) -> str:
    """German letters written out: Müller, Mueller."""
    return text.translate(_PLAIN)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", plain(text).lower()).strip("-")


@dataclass(frozen=True, slots=True)
class Owner:
    """A sales person with a seat in both CRMs; `left` when they are with the firm no more."""

    number: int
    first: str
    last: str
    email: str
    left: bool


@dataclass(frozen=True, slots=True)
class Company:
    """A company; the domain ends in `.example`."""

    number: int
    name: str
    domain: str
    industry: tuple[str, str]
    place: dict[str, Any]
    zip: str | None
    phone: str | None
    employees: int
    revenue: int
    owner: int


@dataclass(frozen=True, slots=True)
class Person:
    """A person of a company; `phone` is `(country code, area, number)` or None."""

    number: int
    company: int
    first: str
    last: str
    email: str
    phone: tuple[str, str, str] | None
    phone_style: int
    title: str
    lifecycle: int
    lead_status: int
    source: int
    owner: int
    is_contact: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal of a company with the persons who take part, the first one first."""

    number: int
    company: int
    name: str
    amount: int
    stage: int
    close: date
    type: int
    owner: int
    persons: tuple[int, ...]
    share: float


class Population:
    """`persons` persons and what belongs to them; the same seed always gives the same."""

    def __init__(self, persons: int, seed: int, *, someone_left: bool) -> None:
        self.persons = persons
        self._seed = seed
        self.company = lru_cache(maxsize=64)(self._company)
        """One company, by its number."""
        self.owners = [self._owner(number) for number in range(4 + min(persons // 5000, 26))]
        if someone_left:
            self.owners.append(self._owner(len(self.owners), left=True))

    @property
    def companies(self) -> int:
        """How many companies the persons work for."""
        return self.company_of(self.persons - 1) + 1 if self.persons else 0

    @staticmethod
    def company_of(person: int) -> int:
        """The number of a person's company."""
        cycle, rest = divmod(person, _CYCLE)
        return cycle * len(_SIZES) + max(place for place, start in enumerate(_STARTS) if start <= rest)

    def staff(self, company: int) -> range:
        """The numbers of a company's persons."""
        cycle, place = divmod(company, len(_SIZES))
        first = cycle * _CYCLE + _STARTS[place]
        return range(first, min(first + _SIZES[place], self.persons))

    def _company(self, number: int) -> Company:
        draw = self._draw("company", number)
        end, hubspot_industry, salesforce_industry = draw.choice(words()["company_ends"])
        start = draw.choice(words()["company_starts"])
        place = draw.choice(words()["places"])
        employees = draw.choice((8, 25, 60, 180, 420, 950, 2400)) + draw.randrange(7)
        return Company(
            number=number,
            name=f"{start}{end} {number + 1} {place['legal']}",
            domain=f"{_slug(start + end)}-{number + 1}.example",
            industry=(hubspot_industry, salesforce_industry),
            place=place,
            zip=_zip(draw, place),
            phone=place["code"] and f"+{place['code']}{place['area']}{_subscriber(draw, place)}",
            employees=employees,
            revenue=employees * draw.randrange(80, 260) * 1000,
            owner=draw.randrange(len(self.owners)),
        )

    def person(self, number: int) -> Person:
        """One person."""
        draw = self._draw("person", number)
        company = self.company_of(number)
        first, last = _name(draw)
        at_company = self.company(company)
        domain = at_company.domain if draw.random() < 0.9 else draw.choice(_FREE_MAIL)  # noqa: PLR2004 - one in ten writes from elsewhere
        place = at_company.place
        phone = place["code"] and (place["code"], place["area"], _subscriber(draw, place))
        return Person(
            number=number,
            company=company,
            first=first,
            last=last,
            email=f"{_slug(first)}.{_slug(last)}.{number + 1}@{domain}",
            phone=phone,
            phone_style=draw.randrange(4),
            title=draw.choice(words()["titles"]),
            lifecycle=draw.randrange(len(words()["lifecycles"])),
            lead_status=draw.randrange(len(words()["lead_statuses"])),
            source=draw.randrange(len(words()["lead_sources"])),
            owner=draw.randrange(len(self.owners)),
            is_contact=draw.random() < 0.6,  # noqa: PLR2004 - the others are still leads
        )

    def deals(self) -> Iterator[Deal]:
        """All deals, by company."""
        for company in range(self.companies):
            draw = self._draw("deal", company)
            for place in range(draw.choice(_DEALS)):
                yield self._deal(draw, company, company * MOST_DEALS + place)

    def _deal(self, draw: Random, company: int, number: int) -> Deal:
        product = draw.choice(words()["products"])
        staff = self.staff(company)
        return Deal(
            number=number,
            company=company,
            name=f"{product} {self.company(company).name}",
            amount=draw.randrange(12, 900) * 100,
            stage=draw.randrange(len(words()["stages"])),
            close=_FIRST_DAY + timedelta(days=draw.randrange(_DAYS)),
            type=draw.randrange(len(words()["deal_types"])),
            owner=draw.randrange(len(self.owners)),
            persons=tuple(draw.sample(staff, min(len(staff), draw.randrange(1, 4)))),
            share=draw.random(),
        )

    def _owner(self, number: int, *, left: bool = False) -> Owner:
        first, last = _name(self._draw("owner", number))
        return Owner(number, first, last, f"{_slug(first)}.{_slug(last)}.s{number + 1}@sales-team.example", left)

    def _draw(self, kind: str, number: int) -> Random:
        return Random(((abs(self._seed) * 2 + (self._seed < 0)) * len(_KINDS) + _KINDS[kind]) << 64 | number)


def _name(draw: Random) -> tuple[str, str]:
    first = draw.choice(words()["first_starts"]) + draw.choice(words()["first_ends"])
    return first, draw.choice(words()["last_starts"]) + draw.choice(words()["last_ends"])


def _zip(draw: Random, place: dict[str, Any]) -> str | None:
    if place["zip"] is None:
        return None
    length = 4 if place["country"] in {"Austria", "Switzerland"} else 5
    return str(place["zip"]) + "".join(str(draw.randrange(10)) for _ in range(length - len(place["zip"])))


def _subscriber(draw: Random, place: dict[str, Any]) -> str:
    """A number out of a block kept free for films and examples; there are few, so persons share them."""
    digits = place["digits"]
    block: str = place["block"]
    return block + f"{draw.randrange(10**digits):0{digits}}"

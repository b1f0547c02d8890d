"""How single values are written in the files of a project: times, days, numbers, names, addresses.

Every sentence here ends as `file:line: 'key': …`; what several values mean together is checked where they are used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from connector.core.country import english
from connector.project.mistakes import nearest, quoted
from connector.revops.money import exponent

EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")

_DURATION = re.compile(r"(\d{1,6})\s*(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_PATTERN = 300


class Strict(BaseModel):
    """Unknown keys are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def matching(pattern: str, sentence: str) -> AfterValidator:
    """A text of exactly this form; `sentence` says what to write instead."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(sentence)
        return text

    return AfterValidator(check)


def _read(parse: Callable[[str], object | None], sentence: str) -> Callable[[object], object]:
    """A text as what it means; anything that is no text stays what it is."""

    def read(raw: object) -> object:
        if not isinstance(raw, str):
            return raw
        found = parse(raw.strip())
        if found is None:
            raise ValueError(sentence)
        return found

    return read


def _time(text: str) -> timedelta | None:
    found = _DURATION.fullmatch(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _seconds(text: str) -> float | None:
    found = _time(text)
    return None if found is None else found.total_seconds()


def _length(text: str) -> timedelta | None:
    return _time(text) or None  # a clock of no length has no end


def day(text: str) -> date | None:
    """A day as it is written, `2026-12-24`; None where it is none."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


exact = _read(
    lambda text: Decimal(text) if NUMBER.fullmatch(text) else None,
    "write a number such as 15, -10 or 2.5, with a decimal point and without a unit",
)
"""The text of a number as a Decimal."""


def _email(address: str) -> str:
    if not EMAIL.fullmatch(address.strip()):
        raise ValueError("write one e-mail address such as leitung@example.com")
    return address.strip().lower()


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"not a time zone{nearest(name, available_timezones()) or ' such as Europe/Berlin'}") from None
    return name


def _region(code: str) -> str:
    try:
        english(code)
    except ValueError:
        raise ValueError("write a country as two capital letters, such as DE") from None
    return code


def _currency(code: str) -> str:
    exponent(code)
    return code


def _pattern(text: str) -> str:
    if len(text) > _LONGEST_PATTERN:
        raise ValueError(f"the expression is longer than {_LONGEST_PATTERN} characters: write several rules")
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error.msg}): put \\ before a sign meant literally") from None
    return text


def as_tuple(raw: object) -> object:
    """One word stands for a list of one."""
    return (raw,) if isinstance(raw, str) else raw


def for_all(raw: object) -> object:
    """A value that holds for everything stands behind the key `*`."""
    return {"*": raw} if isinstance(raw, str | int) else raw


def _label(raw: object) -> object:
    return {"de": raw, "en": raw} if isinstance(raw, str) else raw


def each_once(words: tuple[str, ...]) -> tuple[str, ...]:
    """A list in which nothing stands twice.

    Raises:
        ValueError: something does.
    """
    twice = next((word for i, word in enumerate(words) if word in words[:i]), None)
    if twice is not None:
        raise ValueError(f"{quoted(twice)} stands twice: keep one")
    return words


Name = Annotated[str, Field(min_length=1)]
Seconds = Annotated[
    float,
    BeforeValidator(_read(_seconds, "write a time such as 90s, 15m, 48h or 2d"), json_schema_input_type=str),
    Field(ge=0),
]
Share = Annotated[float, Field(ge=0, le=1)]
Region = Annotated[str, AfterValidator(_region)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]

Duration = Annotated[
    timedelta,
    BeforeValidator(_read(_length, "write a time above 0 such as 30m, 4h, 48h or 2d"), json_schema_input_type=str),
]
Day = Annotated[date, BeforeValidator(_read(day, "write a day such as 2026-12-24"), json_schema_input_type=str)]
Days = Annotated[int, Field(ge=1, le=3650)]
Number = Annotated[Decimal, BeforeValidator(exact, json_schema_input_type=str | float)]
Amount = Annotated[Number, Field(ge=0)]
Id = Annotated[str, matching(r"[a-z0-9_]{2,40}", "write 2 to 40 lower case letters, digits or _")]
Email = Annotated[str, AfterValidator(_email)]
Currency = Annotated[str, AfterValidator(_currency)]
Pattern = Annotated[str, Field(min_length=1), AfterValidator(_pattern)]
Words = Annotated[tuple[Name, ...], BeforeValidator(as_tuple, json_schema_input_type=str | list[str])]
Some = Annotated[Words, Field(min_length=1)]


class LabelLine(Strict):
    """What people see, in both languages."""

    en: Annotated[str, Field(min_length=1, max_length=80)]
    de: Annotated[str, Field(min_length=1, max_length=80)]


LabelText = Annotated[LabelLine, BeforeValidator(_label, json_schema_input_type=str | dict[str, str])]
"""One text stands for both languages."""

"""One property value: is it allowed, and how does HubSpot store it.

Texts and codes: facts §6.3; the rules of formats: HubSpot's properties guide (facts §7). What depends on the
record (lifecycle order, pipelines, uniqueness) is decided in `checks.py` and `derived.py`.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from connector.sandbox.hubspot import instants
from connector.sandbox.hubspot.standard import Property

MAX_TEXT = 65_536
"""Characters of a string property (HubSpot's properties guide)."""
SECONDS_BELOW = 10_000_000_000
"""2026-09 reads an epoch below this number as seconds (changelog of write validation)."""
EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"]+@[^@\s.,;:<>()]+(\.[^@\s.,;:<>()]+)+")


class InvalidValueError(Exception):
    """The value is refused; `code` and `message` are HubSpot's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Normalised(str):
    """A stored value of which 2026-09 says that it was changed on the way in."""

    __slots__ = ("shown",)
    shown: str


def normalise(prop: Property, raw: str, before: str, *, lenient: bool) -> str:
    """The stored form of `raw`; `before` is the present value, which a leading `;` adds to.

    Raises:
        InvalidValueError: HubSpot would refuse the value.
    """
    if raw == "":
        return ""
    match prop.type:
        case "number":
            return number(raw)
        case "bool":
            return _boolean(raw)
        case "date":
            return _date(raw, lenient=lenient)
        case "datetime":
            return _datetime(raw)
        case "enumeration":
            return _enumeration(prop, raw, before)
        case _:
            return _text(prop, raw)


def text_of(value: Any) -> str | None:
    """A JSON scalar as the text HubSpot reads; None for null.

    Raises:
        TypeError: the value is a list or an object.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise TypeError(type(value).__name__)


def number(raw: str) -> str:
    """A number in plain notation, without needless zeros."""
    try:
        value = Decimal(raw.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or "_" in raw:
        raise InvalidValueError("INVALID_INTEGER", f"{raw} was not a valid number.")
    plain = format(value, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def email(raw: str) -> str:
    """An e-mail address, trimmed and in lower case."""
    address = raw.strip().lower()
    if not EMAIL.fullmatch(address):
        raise InvalidValueError("INVALID_EMAIL", f"Email address {raw} is invalid")
    return address


def wrong_option(raw: str, options: list[dict[str, Any]]) -> InvalidValueError:
    """The refusal of an option, with the list that HubSpot prints."""
    listed = ", ".join(
        f'label: "{item["label"]}"\nvalue: "{item["value"]}"\ndisplay_order: {item["displayOrder"]}\n'
        f"hidden: {str(item['hidden']).lower()}\nread_only: false\n"
        for item in options
    )
    return InvalidValueError("INVALID_OPTION", f"{raw} was not one of the allowed options: [{listed}]")


def _boolean(raw: str) -> str:
    value = raw.strip().lower()
    if value not in ("true", "false"):
        raise wrong_option(raw, [])
    return value


def _date(raw: str, *, lenient: bool) -> str:
    ms = instants.read(raw.strip())
    if ms is None:
        raise InvalidValueError("INVALID_DATE", f"{raw} was not a valid date.")
    if lenient and raw.strip().isdecimal() and ms < SECONDS_BELOW:
        ms *= 1000
    if ms % instants.DAY and not lenient:
        at = instants.from_ms(ms)
        clock = f"{at.hour}:{at.minute}:{at.second}.{at.microsecond // 1000}"
        raise InvalidValueError("INVALID_DATE", f"{raw} is at {clock} UTC, not midnight!")
    stored = instants.day(ms)
    if lenient and raw not in (stored, str(ms - ms % instants.DAY)):
        told = Normalised(stored)
        told.shown = str(ms - ms % instants.DAY)
        return told
    return stored


def _datetime(raw: str) -> str:
    ms = instants.read(raw.strip())
    if ms is None:
        raise InvalidValueError("INVALID_LONG", f"{raw} was not a valid long.")
    return instants.shown(ms)


def _enumeration(prop: Property, raw: str, before: str) -> str:
    if not prop.many:
        if not prop.free_options and all(item["value"] != raw for item in prop.options):
            raise wrong_option(raw, prop.options)
        return raw
    wanted = [part.strip() for part in raw.split(";") if part.strip()]
    if raw.startswith(";"):
        wanted = [*(part for part in before.split(";") if part), *wanted]
    if not prop.free_options:
        allowed = {item["value"] for item in prop.options}
        for part in wanted:
            if part not in allowed:
                raise wrong_option(part, prop.options)
    return ";".join(dict.fromkeys(wanted))


def _text(prop: Property, raw: str) -> str:
    if len(raw) > MAX_TEXT:
        # The code of an overlong text is not published; the limit is.
        text = f"The property value must be at most {MAX_TEXT} characters long."
        raise InvalidValueError("INVALID_STRING_LENGTH", text)
    if prop.name == "email" and prop.defined_by_hubspot:
        return email(raw)
    if prop.name == "domain" and prop.defined_by_hubspot:
        return raw.strip().lower()
    return raw

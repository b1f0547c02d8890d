"""Text, addresses and numbers: the plain canonical forms.

Numbers are read from plain decimal text and JSON numbers only; `1.200` or `1,200` written by a person could mean
two things and is never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from connector.core.unread import Unreadable

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_INTEGER = re.compile(r"-?[1-9]\d{0,17}|0")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.\-]*://")
_SLASHES_AT_END = re.compile(r"[/\s]+$")
_MOST_DIGITS = 28  # the precision of decimal arithmetic; Salesforce keeps 18
_TRUE = frozenset({"true", "yes", "1", "ja"})
_FALSE = frozenset({"false", "no", "0", "nein"})


def as_text(raw: Any) -> str:
    """A vendor's scalar as text; null is empty text.

    Raises:
        Unreadable: it is a list or an object.
    """
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float | Decimal):
        return number(raw, None) or ""
    raise Unreadable("the CRM sent a list or an object where one value belongs")


def text(raw: Any) -> str | None:
    """Trimmed, NFC, line feeds as line ends; nothing left is None."""
    value = raw if isinstance(raw, str) else as_text(raw)
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return value.strip() or None


def email(raw: Any) -> str | None:
    """Trimmed, lower case."""
    value = text(raw)
    if value is None:
        return None
    lower = value.lower()
    return lower if lower.isascii() else unicodedata.normalize("NFC", lower)


def url(raw: Any) -> str | None:
    """As given, without trailing slashes."""
    value = text(raw)
    return _SLASHES_AT_END.sub("", value) or None if value else None


def domain(raw: Any) -> str | None:
    """The host of an address without scheme, `www.`, port and path; lower case, IDNA (xn--)."""
    value = text(raw)
    return _domain(value) if value else None


@lru_cache(maxsize=16_384)
def _domain(value: str) -> str | None:
    host = _SCHEME.sub("", value.lower()).removeprefix("//")
    host = re.split(r"[/?#\\\s]", host, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].strip(".")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:].strip(".")
    if "." not in host:
        return host or value.lower()
    return host if host.isascii() else _idna(host)


def _idna(host: str) -> str:
    import idna  # noqa: PLC0415  (its tables are only read for a domain with an umlaut)

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return unicodedata.normalize("NFC", host)


def boolean(raw: Any) -> str:
    """`true` or `false`; empty is `false`.

    HubSpot has empty checkboxes, Salesforce has none: if empty were a value of its own, an empty one and a false
    one would be written back and forth. If false were empty, `blank: keep` would never pass on an untick.

    Raises:
        Unreadable: it is no truth value.
    """
    if raw is True or raw == "true":
        return "true"
    if raw is False or raw is None or raw in {"false", ""}:
        return "false"
    word = as_text(raw).strip().lower()
    if word in _TRUE:
        return "true"
    if word in _FALSE or not word:
        return "false"
    raise Unreadable("it is neither true nor false")


def judged(raw: Any) -> str | None:
    """`true`, `false`, or empty where nobody has judged yet.

    Raises:
        Unreadable: it is no truth value.
    """
    return None if raw is None or raw == "" else boolean(raw)


def number(raw: Any, decimals: int | None) -> str | None:
    """Plain decimal text, rounded half up to `decimals`.

    Raises:
        Unreadable: it is no number in plain decimal notation, or longer than any CRM keeps.
    """
    if raw is None:
        return None
    if isinstance(raw, str):
        if _INTEGER.fullmatch(raw):
            return raw
        stripped = raw.strip()
        if not stripped:
            return None
        if not _NUMBER.fullmatch(stripped) or not stripped.isascii():
            raise Unreadable("it is not a number in plain notation such as 1200.50")
        value = Decimal(stripped)
    elif isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise Unreadable("the CRM sent something that is not a number")
    else:
        value = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    return _decimal(value, decimals)


def _decimal(value: Decimal, decimals: int | None) -> str:
    if not value.is_finite() or abs(value.adjusted()) >= _MOST_DIGITS or len(value.as_tuple().digits) > _MOST_DIGITS:
        raise Unreadable("it is not a number that a CRM can keep")
    if decimals is not None and value.as_tuple().exponent < -decimals:  # type: ignore[operator]  # finite: an int
        value = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in {"-0", ""} else plain


def json_number(value: str) -> int | float:
    """A canonical number as a JSON number.

    Raises:
        Unreadable: JSON cannot carry it without changing it.
    """
    if "." not in value:
        whole = int(value)
        if abs(whole) >= 1 << 63:
            raise Unreadable("it has more digits than Salesforce keeps")
        return whole
    fraction = float(value)
    if number(fraction, None) != value:
        raise Unreadable("it has more digits than Salesforce keeps: set `decimals` for this field")
    return fraction

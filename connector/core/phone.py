"""Telephone numbers: E.164 where a number can be read, the text as it stands, marked, where it cannot.

The mark `?` keeps an unreadable number equal to itself on every later read, so it is copied once and does not
come back as a change; it never reaches a CRM.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

MARK = "?"

_PLAIN = re.compile(r"\+(?!(?:49|43|41|44|33|31|32)0)[1-9]\d{7,14}")
_ONLY_DIGITS = re.compile(r"[+\d\s()./\-]+")
_NOT_DIGITS = re.compile(r"\D+")
_SEVERAL = re.compile(r"[/,;|]|\b(?:oder|or|und|and)\b")
_WITHOUT_COUNTRY = 20  # phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY
_EXTENSION = ";ext="
_LONGEST = 15  # digits in E.164
_SHORTEST_OF_TWO = 6  # each of two numbers in one field has at least this many digits


def phone(raw: str, region: str | None) -> str | None:
    """The canonical form of a number; `region` is the ISO country of numbers written without one."""
    return raw if _PLAIN.fullmatch(raw) else _phone(raw, region)


def written(value: str) -> str:
    """The text to store in a CRM for a canonical number."""
    if value.startswith(MARK):
        return value[1:]
    return value.replace(_EXTENSION, " ext. ")


@lru_cache(maxsize=65_536)
def _phone(raw: str, region: str | None) -> str | None:
    text = " ".join(raw.strip().replace("\n", " / ").split())
    if not text:
        return None
    number = _parse(text, region)
    if number is not None:
        return number
    digits = _NOT_DIGITS.sub("", text)
    if not _ONLY_DIGITS.fullmatch(text) or not 0 < len(digits) <= _LONGEST or _two_numbers(text):
        return MARK + text
    bare = ("+" if text.startswith("+") else "") + digits
    return bare if _PLAIN.fullmatch(bare) else _parse(bare, region) or MARK + bare


def _parse(text: str, region: str | None) -> str | None:
    """E.164 with its extension; None when it is no number that could be dialled.

    A number without a country must either be valid there or carry the trunk prefix: an internal extension such
    as 4711 must not become a number of the region.
    """
    import phonenumbers  # noqa: PLC0415  (14 MB that a project without phone fields never needs)

    if _two_numbers(text):
        return None
    try:
        number = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    if number.country_code_source == _WITHOUT_COUNTRY and not _dialled_in_full(number, text, region):
        return None
    plain: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain}{_EXTENSION}{number.extension}" if number.extension else plain


def _dialled_in_full(number: Any, text: str, region: str | None) -> bool:
    import phonenumbers  # noqa: PLC0415  (see `_parse`)

    if phonenumbers.is_valid_number(number) or region in {"US", "CA"}:
        return True
    trunk = phonenumbers.ndd_prefix_for_region(region or "", strip_non_digits=True)
    return trunk is not None and trunk != "" and _NOT_DIGITS.sub("", text).startswith(trunk)


def _two_numbers(text: str) -> bool:
    """Whether one field holds two numbers, which must not run together into one."""
    parts = [_NOT_DIGITS.sub("", part) for part in _SEVERAL.split(text)]
    return sum(len(part) >= _SHORTEST_OF_TWO for part in parts) > 1

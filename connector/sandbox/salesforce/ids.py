"""Record ids: 15 case-sensitive characters plus 3 that carry the capitals, 18 in all.

The checksum: each group of five characters gives a 5-bit number, bit n set if character n is a capital,
which indexes an alphabet of 32.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LOOKS = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?").fullmatch
_CAPITALS = str.maketrans({char: "1" if char.isupper() else "0" for char in _DIGITS})
_SHORT = 15
_SERIAL = 8


def to18(short: str) -> str:
    """The 18-character form of a 15-character id."""
    capitals = short.translate(_CAPITALS)
    return short + "".join(_CASES[int(capitals[start : start + 5][::-1], 2)] for start in (0, 5, 10))


def normal(text: object) -> str | None:
    """The 18-character form of an id in either form, or None if it is no id."""
    return _normal(text) if isinstance(text, str) else None


@lru_cache(maxsize=50_000)
def _normal(text: str) -> str | None:
    if not _LOOKS(text):
        return None
    whole = to18(text[:_SHORT])
    return whole if text in (whole, whole[:_SHORT]) else None


def numbered(prefix: str, number: int) -> str:
    """The id with this key prefix and serial number; later numbers sort later."""
    serial = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        serial = _DIGITS[digit] + serial
    return to18(f"{prefix}Sb00{serial:0>{_SERIAL}}")

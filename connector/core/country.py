"""Countries: from a code, an English or German name, or a usual misspelling to ISO 3166-1 alpha-2.

Names come from pycountry and from Babel's CLDR tables, built once at the first country that is not a code.
"""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches
from functools import cache, lru_cache

from connector.core.unread import Unreadable

_ALSO = {
    "d": "DE", "a": "AT",
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "grossbritannien": "GB", "vereinigtes koenigreich grossbritannien und nordirland": "GB",
    "u s": "US", "u s a": "US", "united states of america": "US", "america": "US", "amerika": "US",
    "vereinigte staaten von amerika": "US", "brd": "DE", "bundesrepublik deutschland": "DE", "allemagne": "DE",
    "deutchland": "DE", "netherland": "NL", "untied states": "US", "danmark": "DK", "sverige": "SE", "norge": "NO",
    "suomi": "FI", "magyarorszag": "HU", "brasil": "BR",
    "holland": "NL", "the netherlands": "NL", "suisse": "CH", "svizzera": "CH", "swiss": "CH",
    "liechtenstein fl": "LI", "tschechei": "CZ", "tschechische republik": "CZ", "czech republic": "CZ",
    "slowakische republik": "SK", "slovak republic": "SK", "korea": "KR", "republic of korea": "KR",
    "korea south": "KR", "vae": "AE", "uae": "AE", "emirates": "AE", "turkey": "TR", "turkiye": "TR",
    "macedonia": "MK", "mazedonien": "MK", "burma": "MM", "hong kong": "HK", "hongkong": "HK", "macau": "MO",
    "ivory coast": "CI", "elfenbeinkueste": "CI", "weissrussland": "BY", "russische foederation": "RU",
    "china pr": "CN", "prc": "CN", "peoples republic of china": "CN", "volksrepublik china": "CN",
    "bosnia": "BA", "bosnien": "BA", "ireland republic of": "IE", "republic of ireland": "IE", "eire": "IE",
    "moldau": "MD", "moldawien": "MD", "palestine": "PS", "palaestina": "PS", "swaziland": "SZ",
}  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "&": " and ", "\u2019": None, "'": None})
_LANGUAGES = ("nl", "pl", "es", "it", "fr", "de", "en")  # where names clash, the later language is right
_LONG_ENOUGH = 7  # letters a name needs before one wrong letter is forgiven


@lru_cache(maxsize=4_096)
def country(raw: str) -> str:
    """The alpha-2 code.

    Raises:
        Unreadable: no country is called that, or more than one is near it.
    """
    upper = raw.strip().upper()
    if upper in _codes():
        return _codes()[upper]
    names = _names()
    for folded in _foldings(raw):
        if folded in names:
            return names[folded]
    near = {code for folded in _foldings(raw) for code in _one_letter_off(folded)}
    if len(near) == 1:
        return near.pop()
    raise Unreadable("it is not a country known by code or by its English or German name")


@cache
def english(code: str) -> str:
    """The name to write for a code: the usual English one."""
    import pycountry  # noqa: PLC0415  (read once, and only by projects that map countries)

    entry = pycountry.countries.get(alpha_2=code)
    if entry is None:
        raise Unreadable("it is not an ISO 3166-1 alpha-2 country code")
    name: str = getattr(entry, "common_name", entry.name)
    return _cldr("en").get(code, name) if "," in name or "(" in name else name


@cache
def _codes() -> dict[str, str]:
    import pycountry  # noqa: PLC0415  (see `english`)

    return {code: each.alpha_2 for each in pycountry.countries for code in (each.alpha_2, each.alpha_3)}


def _cldr(language: str) -> dict[str, str]:
    from babel import Locale  # noqa: PLC0415  (see `english`)

    return dict(Locale.parse(language).territories)


@cache
def _names() -> dict[str, str]:
    import pycountry  # noqa: PLC0415  (see `english`)

    codes = set(_codes().values())
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in _cldr(language).items():
            if code in codes:
                names.update(dict.fromkeys(_foldings(name), code))
    for each in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            if hasattr(each, attribute):
                names.update(dict.fromkeys(_foldings(getattr(each, attribute)), each.alpha_2))
    return names | _ALSO


def _foldings(name: str) -> tuple[str, ...]:
    """A name in plain letters: umlauts written out (oe), and umlauts as bare letters (o)."""
    lower = unicodedata.normalize("NFC", name).strip().lower()
    return tuple(dict.fromkeys((_plain(lower.translate(_UMLAUTS)), _plain(lower))))


def _plain(text: str) -> str:
    letters = (c for c in unicodedata.normalize("NFKD", text.replace("&", " and ")) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else "" if c in "'\u2019" else " " for c in letters).split())


def _one_letter_off(name: str) -> set[str]:
    """Countries one letter away, with those that merely look alike: `Austrila` may be either of two."""
    if len(name) < _LONG_ENOUGH:
        return set()
    names = _names()
    if not any(len(known) >= _LONG_ENOUGH and _near(name, known) for known in names):
        return set()
    return {names[known] for known in get_close_matches(name, names, n=8, cutoff=0.7)}


def _near(one: str, other: str) -> bool:
    """Whether one letter is missing, superfluous, wrong, or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[:2] == other[:2][::-1] and one[2:] == other[2:])
    )

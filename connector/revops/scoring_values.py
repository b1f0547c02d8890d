"""Reading what people type into CRM fields: head counts, yes and no, the domain of an address, job titles.

What cannot be read is None, never a guess. Points are given elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

LONGEST = 500
"""Characters of a value that are looked at: longer ones are no title and no number."""

_NO = frozenset({"", "false", "no", "nein", "n", "0", "f", "off"})
_GROUPED = r"\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+(?!\d)"
_COUNT = re.compile(rf"({_GROUPED}|\d+)(?:[.,]0+(?!\d))?")
_BELOW = re.compile(r"(<|bis\b|unter\b|weniger\b|max\b|up to\b|under\b|less\b|fewer\b|below\b)")
_ABOUT = re.compile(
    r"(?:>=?|≥|~|ab|über|ueber|mehr als|mindestens|min\.?|ca\.?|circa|rund|etwa|von"
    r"|over|more than|at least|about|from)\s*"
)
_AFTER = re.compile(
    r"\s*(?:\+|(?:-|–|—|bis|to|and|und)\s*[\d.,'\u2019 \u00a0\u202f]*\+?|plus|or more|und mehr|oder mehr)?"  # noqa: RUF001  (dashes that people type)
    r"\s*(?:mitarbeiter(?:[:*_/]?innen)?|beschäftigte|beschaeftigte|angestellte|ma|employees|staff|people|fte)?\.?\s*"
)


def yes(value: Any) -> bool:
    """Whether a flag is set: any text but the usual words for no; a date or a reason counts as set."""
    if isinstance(value, str):
        return value.strip().casefold() not in _NO
    return bool(value)


def agreed(value: Any) -> bool:
    """Consent is only what says so: nothing, and any word for no, is none."""
    return value == "true" or (value is not None and yes(value))


def text_of(value: Any) -> str:
    """A value as it is compared: folded case, no space around it; empty when there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip().casefold()


def count(value: Any) -> Decimal | None:
    """A number of people: `1.450`, `1,000+`, `1.000-5.000`, `ab 200`; a range gives its lower bound.

    A count has no fraction, so a point or comma before exactly three digits separates thousands in every language.
    """
    if not isinstance(value, str):
        number = decimal(value)
        return number if number is not None and number >= 0 else None
    text = value[:LONGEST].strip().casefold()
    if _BELOW.match(text):
        return Decimal(0) if any(each.isdigit() for each in text) else None
    about = _ABOUT.match(text)
    found = _COUNT.match(text, about.end() if about else 0)
    if not found or not _AFTER.fullmatch(text, found.end()):
        return None
    return Decimal(re.sub(r"\D", "", found[1]))


def decimal(value: Any) -> Decimal | None:
    """A number in canonical form: a point before the decimals, no separators."""
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip()[:LONGEST])
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def domain_of(address: Any) -> str:
    """The domain of an e-mail address, lower case; empty when it has none."""
    if not isinstance(address, str):
        return ""
    name, at, domain = address.rpartition("@")
    return domain.strip().lower() if at and name else ""


# --- job titles ----------------------------------------------------------------------------------------------

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_BRACKETS = re.compile(r"\([^()]*\)|\b[mwfdx]\s*/\s*[mwfdx](?:\s*/\s*[mwfdx])?\b")
_GENDER = re.compile(r"(?<=[a-z])[:*_/-]?-?in(?:nen)?\b")
_STEMS = ("er", "or", "ist", "ent", "ant", "eur", "wart", "kauf")
_ACADEMIC = re.compile(r"\b(?:prof|dr|dipl|ing|mag|ba|bsc|msc|mba|phd|habil|rer|nat|pol|oec|med|jur|phil|h\.? ?c)\b\.?")


def folded_title(title: str) -> str:
    """A job title as it is compared: no gender forms, brackets, academic titles, umlauts or punctuation."""
    text = unicodedata.normalize("NFC", title[:LONGEST]).casefold().translate(_UMLAUTS)
    text = _BRACKETS.sub(" ", text)
    text = _GENDER.sub(_without_gender, text)
    text = _ACADEMIC.sub(" ", text)
    return " ".join(re.findall(r"[a-z0-9&+]+", text))


def _without_gender(found: re.Match[str]) -> str:
    """Drops `in`, `:in`, `/-innen` behind a person's word; `berlin` and `admin` keep their end."""
    marked = not found[0].startswith("in")
    before = found.string[: found.start()]
    return "" if marked or before.endswith(_STEMS) else found[0]


def title_reader(lines: Sequence[tuple[str, Sequence[str]]]) -> Callable[[str], str | None]:
    """A function from a job title to its class: the first line with a word that fits; None when no line has one.

    A word may begin or end with `*`: `*leiter` fits Vertriebsleiter, `praktikant*` fits Praktikantenstelle.
    A word that is the class itself fits too, so that a stored class may be read again.
    """
    patterns = [(name, re.compile("|".join(map(_word, (*words, name))))) for name, words in lines]

    def read(title: str) -> str | None:
        text = folded_title(title)
        return next((name for name, pattern in patterns if pattern.search(text)), None)

    return read


def _word(word: str) -> str:
    begin, end = ("" if word.startswith("*") else r"\b"), ("" if word.endswith("*") else r"\b")
    return begin + re.escape(folded_title(word.strip("*"))) + end

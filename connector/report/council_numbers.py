"""Numbers and dates as the readers of a report write them (domain §9)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from connector.report.council_words import word
from connector.revops.council_figures import Figure
from connector.revops.council_rows import Period, month
from connector.revops.rejection_reasons import Locale

_NARROW = "\u202f"
_MINUS = "\u2212"
_MASK = "•"
_PLACES = {"count": 0, "share": 2, "points": 2, "hours": 1, "money": 2}
_PATTERNS = {0: "#,##0", 1: "#,##0.0", 2: "#,##0.00"}


def rounded(value: Fraction, places: int) -> Decimal:
    """Half up, and exactly: a fraction is not a decimal before it is rounded."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    found = Decimal(whole).scaleb(-places)
    return -found if value < 0 and found else found


def plain(figure: Figure) -> Decimal | None:
    """A figure as a bare number: shares and points in percent; None where there is no number or it is hidden."""
    if figure.value is None or figure.shown != "shown":
        return None
    factor = 100 if figure.unit in ("share", "points") else 1
    return rounded(figure.value * factor, _PLACES[figure.unit])


def hidden(figure: Figure, minimum: int, locale: Locale) -> str:
    """What stands in the place of a number that is hidden or does not exist; empty where there is one.

    Only leads are «fewer than»: a rate or a time of few leads is just hidden.
    """
    if figure.shown == "small" and figure.unit == "count":
        return f"<{minimum}"
    if figure.shown != "shown":
        return _MASK
    return word("none", locale) if figure.value is None else ""


def shown(figure: Figure, minimum: int, locale: Locale, currency: str) -> str:
    """A figure as text, with its unit."""
    number = plain(figure)
    if number is None:
        return hidden(figure, minimum, locale)
    if figure.unit == "money":
        return _narrow(format_currency(number, currency, locale=locale), locale)
    text = format_decimal(number, _PATTERNS[_PLACES[figure.unit]], locale=locale)
    text = text.replace("-", _MINUS)
    if figure.id.startswith("delta") and number > 0:
        text = f"+{text}"
    if figure.unit == "share":
        return f"{text}{_NARROW}%" if locale == "de" else f"{text}%"
    unit = {"points": word("points", locale), "hours": "h"}.get(figure.unit)
    return f"{text}{_NARROW}{unit}" if unit else text


def bare(number: Decimal, locale: Locale) -> str:
    """A number for a spreadsheet: the decimal sign of the locale, nothing else."""
    text = f"{number:f}"
    return text.replace(".", ",") if locale == "de" else text


def day(value: date, locale: Locale) -> str:
    """`23.11.2026` or `Nov 23, 2026`."""
    return format_date(value, "dd.MM.y" if locale == "de" else "medium", locale=locale)


def moment(value: datetime, time_zone: str, locale: Locale) -> str:
    """A local time with its zone."""
    local = value.astimezone(ZoneInfo(time_zone))
    clock = format_time(local, "HH:mm", locale=locale)
    return f"{day(local.date(), locale)} {clock} ({time_zone})"


def period(value: Period, locale: Locale) -> str:
    """`Oktober 2026`, `KW 43/2026` or `week 43/2026`."""
    if "W" in value.name:
        year, number = value.name.split("-W")
        return f"{'KW' if locale == 'de' else 'week'} {number}/{year}"
    return format_date(value.first, "LLLL y", locale=locale)


def quarter(name: str, locale: Locale) -> str:
    """`2026-10/2026-12` as `Oktober 2026 bis Dezember 2026`."""
    return word("to", locale).join(period(month(each), locale) for each in name.split("/"))


def _narrow(text: str, locale: Locale) -> str:
    return text.replace("\xa0", _NARROW) if locale == "de" else text

"""Amounts of money as whole minor units, split so that the parts always add up to the whole.

It knows ISO 4217 exponents, rounding and rates. It does not know what an amount is for, and never sees a float.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

_CODE = re.compile(r"[A-Z]{3}")
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_USUAL = 2
_DIGITS = 60  # an amount of 28 digits times a rate is still exact


def exponent(currency: str) -> int:
    """How many decimals a currency has (ISO 4217): EUR 2, JPY 0, KWD 3.

    Raises:
        ValueError: it is no currency code of three capital letters.
    """
    if not _CODE.fullmatch(currency):
        raise ValueError("a currency is three capital letters, such as EUR")
    return _EXPONENTS.get(currency, _USUAL)


def to_minor(amount: Decimal | int | str, currency: str) -> int:
    """An amount in minor units, rounded half up (away from zero): `1000.005` EUR is 100001.

    Raises:
        ValueError: the amount is no finite number, or the currency no code.
    """
    if isinstance(amount, bool | float):
        raise TypeError("money is Decimal, int or text, never float")
    digits = exponent(currency)
    try:
        value = Decimal(amount)
    except ArithmeticError:
        raise ValueError("an amount is a plain number such as 1200.50") from None
    if not value.is_finite():
        raise ValueError("an amount is a plain number such as 1200.50")
    with localcontext(prec=_DIGITS):
        return int(value.scaleb(digits).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units as a Decimal with exactly the currency's decimals."""
    with localcontext(prec=_DIGITS):
        return Decimal(minor).scaleb(-exponent(currency))


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount over weights by largest remainder; the sum of the parts is the amount exactly.

    Missing units go to the largest fractional parts, ties to the earlier entry. A negative amount is the mirror of
    its positive one. A weight of 0 gets nothing.

    Raises:
        ValueError: a weight is negative, or all of them are 0.
    """
    total, least, count = sum(weights), min(weights, default=0), len(weights)
    if total <= 0 or least < 0:
        raise ValueError("weights are 0 or above, and at least one is above 0")
    if amount < 0:
        return [-part for part in split(-amount, weights)]
    if total == 1:  # everything to one
        return [amount * weight for weight in weights]
    if least * count == total:  # all the same
        part, missing = divmod(amount, count)
        return [part + 1] * missing + [part] * (count - missing)
    parts = [amount * weight // total for weight in weights]
    missing = amount - sum(parts)
    if missing:
        rests = [amount * weight % total for weight in weights]
        # sorted is stable with reverse, too: equal remainders stay in the order of the entries
        for i in sorted(range(count), key=rests.__getitem__, reverse=True)[:missing]:
            parts[i] += 1
    return parts


def as_weights(shares: Sequence[Fraction]) -> list[int]:
    """Fractions as whole numbers of the same proportion, ready for `split`."""
    common = 1
    for share in shares:
        common *= Fraction(share.denominator, common).numerator
    return [int(share * common) for share in shares]


def convert(minor: int, source: str, target: str, rate: Fraction) -> int:
    """An amount in another currency, rounded once, half up; `rate` is units of target for one unit of source."""
    return half_up(Fraction(minor) * rate * Fraction(10) ** (exponent(target) - exponent(source)))


def half_up(value: Fraction) -> int:
    """The nearest whole number, the one further from zero where two are as near."""
    rounded = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return rounded if value >= 0 else -rounded


@dataclass(frozen=True, slots=True)
class DatedRate:
    """One line of a rate list: from `start` on, one unit of the reporting currency is `units` of `currency`.

    This is how Salesforce keeps `DatedConversionRate` (IsoCode, StartDate, ConversionRate).
    """

    currency: str
    start: date
    units: Decimal


class Rates:
    """Dated rates into one reporting currency."""

    def __init__(self, reporting: str, lines: Iterable[DatedRate]) -> None:
        exponent(reporting)
        self.reporting = reporting
        self._lines: dict[str, list[DatedRate]] = {}
        for line in sorted(lines, key=lambda each: (each.currency, each.start, each.units)):
            if line.units <= 0:
                raise ValueError(f"the rate of {line.currency} from {line.start} must be above 0")
            self._lines.setdefault(line.currency, []).append(line)

    def reported(self, minor: int, currency: str, day: date) -> int | None:
        """An amount in the reporting currency by the rate of a day; None where no rate is known."""
        if currency == self.reporting:
            return minor
        known = [line for line in self._lines.get(currency, ()) if line.start <= day]
        return convert(minor, currency, self.reporting, 1 / Fraction(known[-1].units)) if known else None

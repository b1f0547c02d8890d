"""Minor units, splitting and rates."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from connector.revops.money import DatedRate, Rates, as_weights, convert, exponent, split, to_major, to_minor


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("CHF", 2)])
def test_exponents_of_iso_4217(currency, digits):
    assert exponent(currency) == digits


@pytest.mark.parametrize("code", ["", "eur", "EURO", "€"])
def test_a_currency_is_three_capital_letters(code):
    with pytest.raises(ValueError, match="three capital letters, such as EUR"):
        exponent(code)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1000.005", "EUR", 100001),
        ("-1000.005", "EUR", -100001),
        (Decimal("0.5"), "JPY", 1),
        (12, "KWD", 12000),
        ("1e3", "EUR", 100000),
        ("99999999999999999999999999.99", "EUR", 9999999999999999999999999999),
    ],
)
def test_amounts_round_half_up(amount, currency, minor):
    assert to_minor(amount, currency) == minor


def test_money_is_never_a_float():
    with pytest.raises(TypeError, match="never float"):
        to_minor(0.1, "EUR")


@pytest.mark.parametrize("amount", ["", "1,000.00", "NaN", "Infinity", "twelve"])
def test_no_amount(amount):
    with pytest.raises(ValueError, match=r"a plain number such as 1200\.50"):
        to_minor(amount, "EUR")


def test_major_has_the_decimals_of_the_currency():
    assert [str(to_major(5, code)) for code in ("EUR", "JPY", "KWD")] == ["0.05", "5", "0.005"]


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2]])
def test_weights_that_cannot_be_split(weights):
    with pytest.raises(ValueError, match="at least one is above 0"):
        split(100, weights)


def test_ties_go_to_the_earlier_entry():
    assert split(5, [1, 1, 2, 0]) == [1, 1, 3, 0]
    assert split(2, [1, 1, 1]) == [1, 1, 0]


def test_fractions_as_weights():
    assert as_weights([Fraction(1, 6), Fraction(1, 4), Fraction(0)]) == [2, 3, 0]


def test_converted_once_and_rounded_half_up():
    assert convert(100, "EUR", "JPY", Fraction(1505, 10)) == 151
    assert convert(-100, "EUR", "JPY", Fraction(1505, 10)) == -151
    assert convert(1, "JPY", "EUR", Fraction(1, 160)) == 1  # 0.00625


def test_rates_by_day():
    rates = Rates(
        "EUR", [DatedRate("USD", date(2026, 6, 1), Decimal("1.25")), DatedRate("USD", date(2026, 1, 1), Decimal(2))]
    )
    assert [rates.reported(100, "USD", date(2026, month, 1)) for month in (1, 5, 6)] == [50, 50, 80]
    assert rates.reported(100, "USD", date(2025, 12, 31)) is None
    assert rates.reported(100, "EUR", date(2025, 1, 1)) == 100
    with pytest.raises(ValueError, match="must be above 0"):
        Rates("EUR", [DatedRate("USD", date(2026, 6, 1), Decimal(0))])

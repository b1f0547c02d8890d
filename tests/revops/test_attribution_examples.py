"""The worked examples 4-A to 4-G of the domain, to the cent."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from attribution_cases import ATTRIBUTOR, CLOSE, CONFIG, deal, shares, touch

from connector.revops.attribution import Attributor
from connector.revops.attribution_markov import Markov
from connector.revops.attribution_shapley import Shapley
from connector.revops.money import as_weights, split, to_minor

SIX = [touch(days) for days in (84, 63, 49, 28, 14, 0)]
LAST_ANCHOR = Attributor(replace(CONFIG, u_anchor="last"))


def cents(*amounts):
    return [to_minor(amount, "EUR") for amount in amounts]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", ("48000.00", 0, 0, 0, 0, 0)),
        ("last", (0, 0, 0, 0, 0, "48000.00")),
        ("linear", ("8000.00",) * 6),
        ("u_shape", ("19200.00", "2400.00", "19200.00", "2400.00", "2400.00", "2400.00")),
        ("w_shape", ("14400.00", "1600.00", "14400.00", "1600.00", "14400.00", "1600.00")),
        ("full_path", ("10800.00", "2400.00", "10800.00", "2400.00", "10800.00", "10800.00")),
        ("time_decay", ("8.86", "70.89", "283.55", "2268.41", "9073.66", "36294.63")),
    ],
)
def test_4a_six_touches(model, expected):
    assert shares(deal("48000.00"), SIX, model) == cents(*expected)


def test_4a_milestones():
    held = ATTRIBUTOR.attribute(deal("48000.00"), SIX, CLOSE).milestones
    assert held == (0, 2, 4, 5)


def test_4a_decay_weights_are_exact_powers_of_two():
    weights = ATTRIBUTOR.attribute(deal(), SIX, CLOSE).shares["time_decay"].weights
    assert [Fraction(each, weights[-1]) for each in weights] == [
        Fraction(1, each) for each in (4096, 512, 128, 16, 4, 1)
    ]
    assert Fraction(sum(weights), weights[-1]) == Fraction(5417, 4096)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("100.00", "EUR", [3334, 3333, 3333]),
        ("-100.00", "EUR", [-3334, -3333, -3333]),
        ("1000", "JPY", [334, 333, 333]),
        ("0", "EUR", [0, 0, 0]),
        ("0.01", "EUR", [1, 0, 0]),
        ("1.000", "KWD", [334, 333, 333]),
    ],
)
def test_4b_linear_over_three(amount, currency, expected):
    assert shares(deal(amount, currency=currency), [touch(3), touch(2), touch(1)], "linear") == expected


def test_4b_u_with_first_and_last():
    five = [touch(days) for days in (9, 7, 5, 3, 1)]
    assert shares(deal("1000.01"), five, "u_shape", LAST_ANCHOR) == cents("400.00", "66.67", "66.67", "66.67", "400.00")


def test_4b_w_without_others():
    three = [touch(60), touch(49), touch(14)]
    assert shares(deal("100.00"), three, "w_shape") == cents("33.34", "33.33", "33.33")


def test_4b_u_without_others():
    assert shares(deal("100.01"), [touch(60), touch(49)], "u_shape") == cents("50.01", "50.00")


def test_4c_one_touch_holds_two_milestones():
    path = [touch(50), touch(30), touch(10)]  # FT and LC, OC, other
    assert shares(deal("1000.00", lead=40, created=20), path, "w_shape") == cents("600.00", "300.00", "100.00")


@pytest.mark.parametrize(
    ("amount", "days", "expected"),
    [
        ("7000.00", (14, 7, 0), ("1000.00", "2000.00", "4000.00")),
        ("5000.00", (10, 3, 0), ("878.46", "1756.91", "2364.63")),
    ],
)
def test_4d_time_decay(amount, days, expected):
    assert shares(deal(amount), [touch(each) for each in days], "time_decay") == cents(*expected)


def test_4d_weights():
    *old, newest = ATTRIBUTOR.attribute(deal(), [touch(10), touch(3), touch(0)], CLOSE).shares["time_decay"].weights
    rounded = [round(Decimal(each) / Decimal(newest), 6) for each in old]
    assert rounded == [Decimal("0.371499"), Decimal("0.742997")]


def test_4e_markov():
    chain = Markov()
    chain.add(["A", "B", "C"], won=1)
    chain.add(["A"], lost=1)
    chain.add(["B", "C"], lost=1)
    found = chain.removal()
    assert found.conversion == Fraction(1, 3)
    assert found.effects == {"A": Fraction(1, 2), "B": 1, "C": 1}
    assert found.shares == {"A": Fraction(1, 5), "B": Fraction(2, 5), "C": Fraction(2, 5)}


def test_4f_markov():
    chain = Markov()
    chain.add(["search", "webinar", "sales"], won=30, lost=70)
    chain.add(["social", "webinar"], won=10, lost=90)
    chain.add(["search", "sales"], won=20, lost=30)
    chain.add(["social"], lost=50)
    found = chain.removal()
    assert found.conversion == Fraction(1, 5)
    assert found.effects == {
        "sales": Fraction(5, 6),
        "search": Fraction(23, 36),
        "social": Fraction(13, 36),
        "webinar": Fraction(13, 18),
    }
    assert found.shares == {
        "sales": Fraction(15, 46),
        "search": Fraction(1, 4),
        "social": Fraction(13, 92),
        "webinar": Fraction(13, 46),
    }
    parts = split(to_minor("60000.00", "EUR"), as_weights(list(found.shares.values())))
    assert dict(zip(found.shares, parts, strict=True)) == {
        "sales": 1956522,
        "search": 1500000,
        "social": 847826,
        "webinar": 1695652,
    }


@pytest.mark.parametrize(
    ("journeys", "expected"),
    [
        ({"A": 2, "B": 1, "AB": 3}, {"A": Fraction(7, 2), "B": Fraction(5, 2)}),
        ({"A": 4, "AB": 6, "ABC": 3, "BC": 2}, {"A": 8, "B": 5, "C": 2}),
    ],
)
def test_4g_shapley(journeys, expected):
    game = Shapley()
    for channels, wins in journeys.items():
        game.add(channels, wins)
    assert game.values() == expected

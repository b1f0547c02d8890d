"""Properties of attribution for any deal: nothing is lost, nothing changes sign, order and doubles do not matter."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import factorial

import pytest
from attribution_cases import CLOSE, CONFIG, DAY, deal, touch
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.revops.attribution import WHOLE, Attributor
from connector.revops.attribution_config import CREDIT_MODELS, MODELS
from connector.revops.attribution_credits import make_credits
from connector.revops.attribution_markov import Markov
from connector.revops.attribution_path import Deal
from connector.revops.attribution_shapley import Shapley
from connector.revops.attribution_text import explain
from connector.revops.attribution_totals import Totals
from connector.revops.money import split

CALM = settings(deadline=None)  # the machine may be busy; speed is measured in benchmarks/
CODES = ("PAID_SEARCH", "EMAIL", "DIRECT_TRAFFIC", "Campaign:Webinar", "NEW_IN_2030")
CONFIGS = {
    "default": CONFIG,
    "variants": replace(CONFIG, u_anchor="last", last_non_direct=True),
}
ATTRIBUTORS = {name: Attributor(config) for name, config in CONFIGS.items()}
ages = st.integers(min_value=0, max_value=200 * DAY)
paths = st.lists(st.tuples(ages, st.sampled_from(CODES), st.booleans()), max_size=50)
amounts = st.integers(min_value=-(10**9), max_value=10**9)


def touches_of(path):
    found = []
    for i, (age, code, day) in enumerate(path):
        made = touch(0, code=code, record=f"r{i}")
        found.append(replace(made, at=CLOSE - age, precision="day" if day else "exact"))
    return found


def deal_of(amount, created, lead, *, opened=False):
    return Deal(
        "deal-1", amount, "EUR", CLOSE - created, None if opened else CLOSE, "open" if opened else "won", CLOSE - lead
    )


@CALM
@given(paths, amounts, ages, ages, st.booleans(), st.sampled_from(sorted(CONFIGS)))
def test_a2_parts_add_up_without_changing_sign(path, amount, created, lead, opened, name):
    attributor = ATTRIBUTORS[name]
    result = attributor.attribute(deal_of(amount, created, lead, opened=opened), touches_of(path), CLOSE + DAY)
    assert set(result.shares) == (set(CREDIT_MODELS) if path else set())
    for shares in result.shares.values():
        assert sum(shares.amounts) == amount
        assert all(part * amount >= 0 for part in shares.amounts)
        assert sum(shares.percents()) == WHOLE
    written = list(make_credits(result, attributor))
    for model in CREDIT_MODELS:
        assert sum(int(each.amount * 100) for each in written if each.model == model) == amount
        assert sum(each.weight for each in written if each.model == model) == 100


@CALM
@given(paths, amounts, amounts, ages, ages)
def test_a2_keys_do_not_depend_on_the_amount(path, one, other, created, lead):
    attributor, touches = ATTRIBUTORS["default"], touches_of(path)
    keys = [
        [
            each.key
            for each in make_credits(attributor.attribute(deal_of(amount, created, lead), touches, CLOSE), attributor)
        ]
        for amount in (one, other)
    ]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == len(keys[0])


@CALM
@given(paths, st.randoms(use_true_random=False), amounts)
def test_order_and_doubles_do_not_matter(path, dice, amount):
    attributor, touches = ATTRIBUTORS["default"], touches_of(path)
    mixed = [*touches, *touches]
    dice.shuffle(mixed)
    deal_ = deal_of(amount, 20 * DAY, 40 * DAY)
    one, other = (attributor.attribute(deal_, each, CLOSE) for each in (touches, mixed))
    assert list(make_credits(one, attributor)) == list(make_credits(other, attributor))
    assert explain(one, "de") == explain(other, "de")


@CALM
@given(amounts, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1).filter(any))
def test_split_is_within_one_unit_of_the_exact_share(amount, weights):
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert weight or part == 0
    assert split(-amount, weights) == [-part for part in parts]


journeys = st.lists(
    st.tuples(
        st.lists(st.sampled_from("ABCDE"), max_size=6),
        st.integers(min_value=0, max_value=9),
        st.integers(min_value=0, max_value=9),
    ),
    max_size=12,
)


@CALM
@given(journeys)
def test_markov_is_what_removing_each_channel_really_costs(given_journeys):
    chain = Markov()
    for channels, won, lost in given_journeys:
        chain.add(channels, won=won, lost=lost)
    found = chain.removal()
    counted = [(channels, won, lost) for channels, won, lost in given_journeys if channels and won + lost]
    assert found.conversion == conversion(counted, None)
    for channel, effect in found.effects.items():
        assert effect == 1 - conversion(counted, channel) / found.conversion
    assert sum(found.shares.values()) == (1 if found.conversion else 0)


def conversion(counted, removed):
    """P(conv) by plain elimination of states in fractions, with one channel leading nowhere."""
    steps = {}
    for channels, won, lost in counted:
        for source, target in zip(["start", *channels], channels, strict=False):
            steps.setdefault(source, {})
            steps[source][target] = steps[source].get(target, 0) + won + lost
        end = steps.setdefault(channels[-1], {})
        end["won"] = end.get("won", 0) + won
        end["lost"] = end.get("lost", 0) + lost
    chances = {
        source: {target: Fraction(times, sum(targets.values())) for target, times in targets.items()}
        for source, targets in steps.items()
    }
    chances.pop(removed, None)
    for state in [each for each in chances if each != "start"]:
        through = chances.pop(state)
        loop = through.pop(state, Fraction(0))
        through = {target: chance / (1 - loop) for target, chance in through.items()}
        for targets in chances.values():
            into = targets.pop(state, Fraction(0))
            for target, chance in through.items():
                targets[target] = targets.get(target, Fraction(0)) + into * chance
    return chances.get("start", {}).get("won", Fraction(0))


@CALM
@given(st.dictionaries(st.frozensets(st.sampled_from("ABCD"), min_size=1), st.integers(-50, 50), max_size=8))
def test_shapley_in_closed_form_is_the_definition(given_values):
    game = Shapley()
    for channels, value in given_values.items():
        game.add(channels, value)
    found = game.values()

    def worth(group):
        return sum(value for channels, value in given_values.items() if channels <= group)

    players = sorted({channel for channels in given_values for channel in channels})
    for player in players:
        rest = [each for each in players if each != player]
        expected = Fraction(0)
        for size in range(len(rest) + 1):
            weight = Fraction(factorial(size) * factorial(len(players) - size - 1), factorial(len(players)))
            for group in combinations(rest, size):
                expected += weight * (worth({*group, player}) - worth(set(group)))
        assert found[player] == expected


@CALM
@given(st.lists(st.tuples(paths, amounts, st.sampled_from(["won", "lost", "open"])), max_size=5))
def test_totals_add_up_to_what_was_won_in_every_model(given_deals):
    attributor, totals, won = ATTRIBUTORS["default"], Totals(CONFIG), 0
    for path, amount, outcome in given_deals:
        made = replace(deal_of(amount, 20 * DAY, 40 * DAY, opened=outcome == "open"), outcome=outcome)
        totals.add(attributor.attribute(made, touches_of(path), CLOSE))
        won += amount if outcome == "won" else 0
    found = totals.close()
    assert set(found.amounts) == set(MODELS)
    if any(outcome == "won" for *_, outcome in given_deals):
        for model, by_currency in found.amounts.items():
            assert sum(by_currency["EUR"].values()) == won, model


@pytest.mark.parametrize("half_life", ["0.01", "3.5", "7", "365"])
def test_decay_never_depends_on_when_it_is_computed(half_life):
    attributor = Attributor(replace(CONFIG, half_life_days=Decimal(half_life)))
    open_deal = deal("5000.00", closed=None, outcome="open")
    touches = [touch(30), touch(12.3), touch(3)]
    today, later = (attributor.attribute(open_deal, touches, CLOSE + days * DAY) for days in (0, 90))
    assert today.shares == later.shares

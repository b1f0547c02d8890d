"""Edge cases of paths and deals, and credits with their revisions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from attribution_cases import ATTRIBUTOR, CLOSE, CONFIG, DAY, DESK, deal, shares, touch

from connector.revops.attribution import Attributor
from connector.revops.attribution_config import CREDIT_MODELS
from connector.revops.attribution_credits import compare_credits, credit_key, make_credits
from connector.revops.attribution_deal import hubspot_deal, salesforce_deal
from connector.revops.attribution_path import contact_set, milestones, path
from connector.revops.attribution_salesforce import campaign_touch
from connector.revops.attribution_time import iso
from connector.revops.money import DatedRate, Rates

SIX = [touch(days, code="Campaign:Webinar") for days in (84, 63, 49, 28, 14, 0)]
NOW = CLOSE + DAY


def credits_of(deal_, touches, attributor=ATTRIBUTOR):
    return {each.key: each for each in make_credits(attributor.attribute(deal_, touches, NOW), attributor)}


# --- paths and milestones ---------------------------------------------------------------------------------


def test_lookback_close_and_now_bound_the_path():
    touches = [touch(380), touch(379), touch(5), touch(-1)]
    assert [each.record for each in path(deal(), touches, CONFIG, NOW)] == ["r379", "r5"]
    open_deal = deal(closed=None, outcome="open")
    assert [each.record for each in path(open_deal, touches, CONFIG, CLOSE)] == ["r379", "r5"]
    assert [each.record for each in path(open_deal, touches, CONFIG, NOW)] == ["r379", "r5", "r-1"]


def test_sales_touches_count_only_if_wanted():
    touches = [touch(3), touch(2, code="SALES")]
    assert len(path(deal(), touches, CONFIG, NOW)) == 1
    assert len(path(deal(), touches, replace(CONFIG, include_sales=True), NOW)) == 2


def test_what_several_persons_took_part_in_counts_once():
    def at(days, *persons):
        return [touch(days, record="m1", event="meeting", person=each, shared_by=each) for each in persons]

    form = touch(3, record="m1")
    both, later = at(3, "p1", "p2"), at(2, "p2")
    for order in (1, -1):
        found = path(deal(), [*both, form, *later][::order], CONFIG, NOW)
        assert found == [*sorted([min(both, key=lambda each: each.key), form], key=lambda each: each.key), *later]
    assert path(deal(), both[1:], CONFIG, NOW) == both[1:]


def test_the_same_second_is_ordered_by_key():
    touches = [touch(3, record=f"x{i}") for i in range(5)]
    assert [each.key for each in path(deal(), touches, CONFIG, NOW)] == sorted(each.key for each in touches)


def test_a_day_stands_behind_the_exact_touches_of_that_day():
    member = {"Id": "00v1", "HasResponded": True, "FirstRespondedDate": iso(CLOSE - 20 * DAY)[:10]}
    response = campaign_touch(DESK, "p1", member, {"Type": "Webinar"})
    evening = touch("19.75")  # six hours after the noon that stands for the day
    found = path(deal(), [response, evening, touch(30), touch(10)], CONFIG, NOW)
    assert [each.record for each in found] == ["r30", "r19.75", "00v1", "r10"]
    at_noon = deal(created=20, lead=20)
    assert milestones(at_noon, found)[:3] == (0, 2, 2)


def test_a_day_counts_from_its_beginning_and_a_close_stays_a_close():
    member = {"Id": "00v1", "HasResponded": True, "FirstRespondedDate": iso(CLOSE)[:10]}
    response = campaign_touch(DESK, "p1", member, {"Type": "Webinar"})  # its noon is 11:00 UTC
    begins, still_open = CLOSE - 13 * 3600, deal(closed=None, outcome="open")
    assert path(still_open, [response], CONFIG, begins) == [response]
    assert path(still_open, [response], CONFIG, begins - 1) == []
    evening = deal(closed="-0.4")  # closed by a day, whose end lies ahead
    assert path(evening, [response], CONFIG, begins) == [response]
    before_noon = deal(closed="0.1")
    assert path(before_noon, [response], CONFIG, begins) == path(before_noon, [response], CONFIG, NOW) == []


@pytest.mark.parametrize(
    ("lead", "expected"),
    [(49, 1), (48, 1), (61, 0), (None, None), (90, None)],
)
def test_lead_creation_takes_the_closest_touch_before(lead, expected):
    assert milestones(deal(lead=lead), [touch(60.5), touch(49), touch(1)]).lead == expected


def test_an_open_deal_has_no_close_and_gives_its_weight_to_the_others():
    open_deal = deal("900.00", closed=None, outcome="open")
    result = ATTRIBUTOR.attribute(open_deal, SIX, NOW)
    assert result.milestones == (0, 2, 4, None)
    assert list(result.shares["full_path"].amounts) == [27000, 3000, 27000, 3000, 27000, 3000]


def test_a_missing_lead_date_leaves_the_milestone_vacant():
    assert shares(deal("100.00", lead=None), SIX, "w_shape") == [4500, 250, 250, 250, 4500, 250]


def test_a_single_touch_takes_everything_in_every_model():
    result = ATTRIBUTOR.attribute(deal("99.99"), [touch(3)], NOW)
    assert {model: list(each.amounts) for model, each in result.shares.items()} == {
        model: [9999] for model in CREDIT_MODELS
    }


def test_last_can_skip_direct_visits():
    skipping = Attributor(replace(CONFIG, last_non_direct=True))
    touches = [touch(5), touch(3), touch(1, code="DIRECT_TRAFFIC")]
    assert shares(deal(), touches, "last") == [0, 0, 10000]
    assert shares(deal(), touches, "last", skipping) == [0, 10000, 0]
    assert shares(deal(), touches[2:], "last", skipping) == [10000]


def test_roles_and_account_choose_the_persons():
    roles = {"p1": "Decision Maker", "p2": None}
    assert contact_set(roles, ["p3"], CONFIG) == {"p1", "p2"}
    assert contact_set(roles, ["p3"], replace(CONFIG, contact_roles=("Decision Maker",))) == {"p1"}
    assert contact_set(roles, ["p3"], replace(CONFIG, account_wide=True)) == {"p1", "p2", "p3"}


# --- credits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["48000.00", "0.00", "-500.00", None])
def test_a_deal_without_touches_is_unattributed(amount):
    found = list(credits_of(deal(amount), []).values())
    assert [each.model for each in found] == list(CREDIT_MODELS)
    assert {(each.channel, each.touch, each.weight) for each in found} == {("unattributed", "", 100)}
    assert {each.amount for each in found} == {None if amount is None else Decimal(amount)}
    assert found[0].key == credit_key("unattributed", "deal-1", "first")


def test_a_credit_note_mirrors_its_deal():
    assert shares(deal("-48000.01"), SIX, "w_shape") == [-each for each in shares(deal("48000.01"), SIX, "w_shape")]


def test_a_zero_amount_keeps_its_weights():
    found = [each for each in credits_of(deal("0"), SIX).values() if each.model == "linear"]
    assert {each.amount for each in found} == {Decimal("0.00")}
    assert sum(each.weight for each in found) == 100


def test_an_unknown_amount_is_not_zero():
    assert {each.amount for each in credits_of(deal(None), SIX).values()} == {None}


def test_a3_a_second_run_writes_nothing():
    stored = credits_of(deal("48000.00"), SIX)
    first = compare_credits({}, stored.values())
    assert len(first.upserts) == len(stored) == 2 + 6 * 5
    assert {each.revision for each in first.upserts} == {1}
    written = {each.key: each for each in first.upserts}
    again = compare_credits(written, credits_of(deal("48000.00"), list(reversed(SIX))).values())
    assert again.upserts == again.removals == ()


def test_a3_one_touch_removed_changes_exactly_its_deal():
    other = deal("700.00", key="deal-2")
    stored = {**credits_of(deal("48000.00"), SIX), **credits_of(other, SIX[:3])}
    before = {each.key: each for each in compare_credits({}, stored.values()).upserts}
    fewer = [each for each in SIX if each is not SIX[1]]
    wanted = {**credits_of(deal("48000.00"), fewer), **credits_of(other, SIX[:3])}
    found = compare_credits(before, wanted.values())
    gone = {credit_key(SIX[1].key, "deal-1", model) for model in CREDIT_MODELS if model not in {"first", "last"}}
    assert set(found.removals) == gone
    assert {each.deal for each in found.upserts} == {"deal-1"}
    assert {each.revision for each in found.upserts} == {2}
    assert "first" not in {each.model for each in found.upserts}
    after = {key: each for key, each in before.items() if key not in gone} | {each.key: each for each in found.upserts}
    settled = compare_credits(after, wanted.values())
    assert settled.upserts == settled.removals == ()


def test_where_deletes_are_forbidden_a_vanished_credit_is_superseded_once():
    before = {each.key: each for each in compare_credits({}, credits_of(deal("10.00"), SIX[:2]).values()).upserts}
    wanted = credits_of(deal("10.00"), SIX[:1])
    found = compare_credits(before, wanted.values(), may_delete=False)
    assert found.removals == ()
    dead = [each for each in found.upserts if each.superseded]
    assert dead
    assert {(each.amount, each.weight) for each in dead} == {(0, 0)}
    after = before | {each.key: each for each in found.upserts}
    assert compare_credits(after, wanted.values(), may_delete=False).upserts == ()


def test_the_amount_is_converted_once_and_split_again():
    attributor = Attributor(replace(CONFIG, reporting_currency="EUR"))
    three = [touch(3), touch(2), touch(1)]
    made = credits_of(deal("100.00", currency="USD", reporting=9091), three, attributor)
    assert [each.reporting_amount for each in made.values() if each.model == "linear"] == [
        Decimal("30.31"),
        Decimal("30.30"),
        Decimal("30.30"),
    ]


# --- deals from records -----------------------------------------------------------------------------------


def test_a_plain_close_day_lasts_until_its_evening():
    fields = {
        "Amount": 48000.1,
        "CreatedDate": "2026-11-06T12:00:00.000+0000",
        "CloseDate": "2026-11-20",
        "IsWon": True,
        "IsClosed": True,
    }
    made = salesforce_deal("deal-1", fields, CONFIG, "EUR")
    assert (made.amount, made.outcome, iso(made.closed)) == (4800010, "won", "2026-11-20T22:59:59Z")
    twin = {
        "amount": "48000.1",
        "createdate": "2026-11-06T12:00:00Z",
        "closedate": "2026-11-20T00:00:00Z",
        "hs_is_closed_won": "true",
    }
    assert hubspot_deal("deal-1", twin, CONFIG, "EUR") == made


def test_an_open_or_reopened_deal_has_no_close():
    fields = {"Amount": None, "CreatedDate": "2026-11-06T12:00:00.000+0000", "CloseDate": "2026-12-24", "IsWon": False}
    made = salesforce_deal("deal-1", fields, CONFIG, "EUR")
    assert (made.closed, made.outcome, made.amount) == (None, "open", None)
    assert salesforce_deal("deal-1", {**fields, "IsClosed": True}, CONFIG, "EUR").outcome == "lost"
    assert salesforce_deal("deal-1", {**fields, "CreatedDate": None}, CONFIG, "EUR") is None


def test_rates_of_the_day_of_closing():
    config = replace(CONFIG, reporting_currency="EUR")

    rates = Rates(
        "EUR", [DatedRate("USD", date(2026, 1, 1), Decimal("1.10")), DatedRate("USD", date(2026, 11, 21), Decimal(2))]
    )
    fields = {
        "Amount": "100.00",
        "CurrencyIsoCode": "USD",
        "CreatedDate": "2026-11-06T12:00:00.000+0000",
        "CloseDate": "2026-11-20",
        "IsWon": True,
    }
    assert salesforce_deal("deal-1", fields, config, "EUR", rates=rates).reporting == 9091
    assert salesforce_deal("deal-1", {**fields, "CurrencyIsoCode": "JPY"}, config, "EUR", rates=rates).reporting is None
    home = {
        "amount": "100",
        "deal_currency_code": "USD",
        "amount_in_home_currency": "88.5",
        "createdate": "2026-11-06T12:00:00Z",
    }
    assert hubspot_deal("deal-1", home, config, "EUR", rates=rates).reporting == 8850


@pytest.mark.parametrize(
    ("changed", "reporting"),
    [
        ({}, 8850),
        ({"amount": "100.0"}, 8850),
        ({"amount": "33"}, 2921),  # 29.205, half up
        ({"amount": "-33"}, -2921),
        ({"amount": "0"}, 0),
        ({"amount": None}, None),
        ({"amount": "unknown"}, None),
        ({"deal_currency_code": "CHF"}, None),
        ({"deal_currency_code": "CHF", "amount": "33"}, None),
        ({"deal_currency_code": "EUR", "amount": "33"}, None),
    ],
)
def test_what_hubspot_converted_belongs_to_the_amount_it_holds(changed, reporting):
    config = replace(CONFIG, reporting_currency="EUR")
    held = {
        "amount": "100",
        "deal_currency_code": "USD",
        "amount_in_home_currency": "88.5",
        "createdate": "2026-11-06T12:00:00Z",
    }
    assert hubspot_deal("deal-1", {**held, **changed}, config, "EUR", before=held).reporting == reporting


@pytest.mark.parametrize("held", [{"amount": "0", "amount_in_home_currency": "0"}, {"amount": None}, {"amount": "NaN"}])
def test_of_no_amount_and_of_zero_nothing_follows_for_another_one(held):
    config = replace(CONFIG, reporting_currency="EUR")
    fields = {"deal_currency_code": "USD", "createdate": "2026-11-06T12:00:00Z", "amount_in_home_currency": "1", **held}
    rates = Rates("EUR", [DatedRate("USD", date(2026, 1, 1), Decimal(2))])
    planned = {**fields, "amount": "100"}
    assert hubspot_deal("deal-1", planned, config, "EUR", before=fields).reporting is None
    assert hubspot_deal("deal-1", planned, config, "EUR", rates=rates, before=fields).reporting == 5000

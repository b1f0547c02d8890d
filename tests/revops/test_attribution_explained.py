"""What is frozen at close, and the explanation of a deal to the byte."""

from decimal import Decimal

import pytest
from attribution_cases import ATTRIBUTOR, CLOSE, DAY, deal, touch

from connector.revops.attribution_sourced import FirstChannel, first_channel, last_channel, parse_evidence, sourced
from connector.revops.attribution_text import explain, explanation

SIX = [touch(days, code="Campaign:Webinar") for days in (84, 63, 49, 28, 14, 0)]
NOW = CLOSE + DAY


# --- sourced and first channel ----------------------------------------------------------------------------


def test_sourced_needs_a_marketing_touch_before_the_deal():
    def found(touches):
        return sourced(ATTRIBUTOR.attribute(deal(), touches, NOW), ATTRIBUTOR)

    assert found(SIX).sourced
    assert found(SIX).channel == "webinar"
    assert not found([touch(60, code="DIRECT_TRAFFIC"), *SIX[2:]]).sourced
    assert not found([touch(3)]).sourced  # after the deal was created
    assert (found([]).sourced, found([]).channel) == (False, "unattributed")


def test_sourced_is_frozen_at_close():
    result = ATTRIBUTOR.attribute(deal(), SIX, NOW)
    closed = parse_evidence(sourced(result, ATTRIBUTOR).evidence)
    assert closed.frozen == "2026-11-20T12:00:00Z"
    without = ATTRIBUTOR.attribute(deal(), [], NOW)
    assert sourced(without, ATTRIBUTOR, closed) == closed
    again_open = ATTRIBUTOR.attribute(deal(closed=None, outcome="open"), [], NOW)
    assert sourced(again_open, ATTRIBUTOR, closed).frozen == ""
    while_open = sourced(ATTRIBUTOR.attribute(deal(closed=None, outcome="open"), SIX, NOW), ATTRIBUTOR)
    assert not sourced(without, ATTRIBUTOR, while_open).sourced


@pytest.mark.parametrize("text", [None, "", "no", "[]", "{}", '{"sourced": "yes"}', '{"unknown": 1}'])
def test_foreign_evidence_is_no_evidence(text):
    assert parse_evidence(text) is None


def test_evidence_that_told_the_last_channel_stands():
    closed = sourced(ATTRIBUTOR.attribute(deal(), SIX, NOW), ATTRIBUTOR)
    assert parse_evidence(closed.evidence[:-1] + ',"last_channel":"webinar"}') == closed


def test_the_last_channel_follows_the_touches_after_the_close_too():
    assert last_channel(ATTRIBUTOR.attribute(deal(), SIX, NOW)) == "webinar"
    assert last_channel(ATTRIBUTOR.attribute(deal(), [*SIX, touch("-0.5")], NOW)) == "webinar"  # after the close
    assert last_channel(ATTRIBUTOR.attribute(deal(), [*SIX[:-1], touch(1)], NOW)) == "paid"
    assert last_channel(ATTRIBUTOR.attribute(deal(), [], NOW)) == "unattributed"


def test_the_first_channel_of_a_person_stands_once_a_deal_is_closed():
    touches = [touch(3, campaign="late"), touch(9, code="EMAIL")]
    found = first_channel(touches)
    assert (found.channel, found.campaign) == ("email", None)
    earlier = [*touches, touch(20)]
    assert first_channel(earlier, [deal(closed=None)], found).channel == "paid"
    assert first_channel(earlier, [deal()], found) == found
    assert first_channel([]) == FirstChannel(None, None, None)


# --- explanation ------------------------------------------------------------------------------------------

ENGLISH = """\
Deal deal-1: 1,000.00 EUR, won 2026-11-20T12:00:00Z, 3 touches
1. 2026-10-01T12:00:00Z webinar «Autumn webinar» (first touch, lead creation)
2. 2026-10-21T12:00:00Z paid (deal creation)
3. 2026-11-10T12:00:00Z email (close)
first: 1. 100.000000 % = 1,000.00
last: 3. 100.000000 % = 1,000.00
linear: 1. 33.333334 % = 333.34; 2. 33.333333 % = 333.33; 3. 33.333333 % = 333.33
u_shape: 1. 80.000000 % = 800.00; 2. 10.000000 % = 100.00; 3. 10.000000 % = 100.00
w_shape: 1. 60.000000 % = 600.00; 2. 30.000000 % = 300.00; 3. 10.000000 % = 100.00
full_path: 1. 50.000000 % = 500.00; 2. 25.000000 % = 250.00; 3. 25.000000 % = 250.00
time_decay: 1. 1.646165 % = 16.46; 2. 11.927765 % = 119.28; 3. 86.426070 % = 864.26"""


def three():
    return [
        touch(50, code="Campaign:Webinar", campaign="Autumn webinar", event="campaign_response"),
        touch(30),
        touch(10, code="EMAIL"),
    ]


def test_the_explanation_in_english():
    assert explain(ATTRIBUTOR.attribute(deal("1000.00", lead=40, created=20), three(), NOW)) == ENGLISH


def test_the_explanation_in_german():
    text = explain(ATTRIBUTOR.attribute(deal("1000.00", lead=None, created=20), three(), NOW), "de")
    assert text.splitlines()[0] == "Deal deal-1: 1.000,00 EUR, gewonnen 2026-11-20T12:00:00Z, 3 Kontaktpunkte"
    assert text.splitlines()[4] == "Unbesetzte Meilensteine: Lead-Entstehung"
    assert "linear: 1. 33,333334 % = 333,34; 2." in text


def test_the_explanation_without_touches_and_without_amount():
    result = ATTRIBUTOR.attribute(deal(None, closed=None, outcome="open"), [], NOW)
    assert explain(result, "de") == (
        "Deal deal-1: Betrag unbekannt, offen, 0 Kontaktpunkte\n"
        "Keine Kontaktpunkte im Rückblick: der ganze Betrag ist unattributed."
    )


def test_the_explanation_as_data():
    found = explanation(ATTRIBUTOR.attribute(deal("1000.00", lead=40, created=20), three(), NOW))
    assert found.milestones == {"FT": 1, "LC": 1, "OC": 2, "CW": 3}
    assert found.touches[0].source == "hubspot campaign_response r50"
    assert [part.amount for part in found.shares["w_shape"]] == [Decimal(600), Decimal(300), Decimal(100)]

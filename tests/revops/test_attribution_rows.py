"""Touches and credits as rows, and the summary that stands in for them: what goes in comes out, nothing is too long."""

import json
from dataclasses import replace

import pytest
from attribution_cases import ATTRIBUTOR, CLOSE, CONFIG, DAY, deal, touch

from connector.revops.attribution_credits import compare_credits, make_credits
from connector.revops.attribution_rows import (
    clipped,
    credit_from,
    credit_row,
    plain_touch,
    touch_from,
    touch_memory,
    touch_row,
)
from connector.revops.attribution_summary import LONGEST, summary
from connector.revops.carriers import CREDIT, TOUCHPOINT

AS_OF = CLOSE + DAY


def test_a_touch_survives_its_row():
    made = plain_touch(
        touch(3, subchannel=" Demo ", campaign="Autumn", path="/x", utm=("a", "cpc", "Autumn", "", ""), tracked=True)
    )
    row = touch_row(made, first=True, lead=False)
    assert touch_from(row, touch_memory(made), made.person, CONFIG) == made
    assert (row["is_first"], row["is_lead_creation"], row["subchannel"]) == ("true", "false", "Demo")
    assert set(row) <= {field.name for field in TOUCHPOINT.fields}
    assert all(row.values())


def test_a_touch_of_a_row_has_the_channel_of_the_rules_of_now():
    made = plain_touch(touch(3))
    other = replace(CONFIG, channels={**CONFIG.channels, "PAID_SEARCH": "ads"})
    found = touch_from(touch_row(made, first=False, lead=False), touch_memory(made), made.person, other)
    assert found is not None
    assert found.channel == "ads"


@pytest.mark.parametrize("row", [{}, {"key": "k", "occurred_at": "2026-11-01T00:00:00Z"}])
def test_a_row_that_was_never_confirmed_is_no_touch(row):
    assert touch_from(row, {}, "p1", CONFIG) is None


@pytest.mark.parametrize("amount", ["100.01", "-100.00", "0", None])
def test_credits_survive_their_rows(amount):
    result = ATTRIBUTOR.attribute(deal(amount), [touch(20), touch(10), touch(5)], AS_OF)
    made = {each.key: replace(each, config=each.config[:12]) for each in make_credits(result, ATTRIBUTOR)}
    rows = {key: credit_row(each, "2026-11-25T12:00:00Z") for key, each in made.items()}
    back = {key: credit_from(row, made[key].deal, made[key].touch) for key, row in rows.items()}
    assert compare_credits(back, made.values()) == compare_credits(made, made.values())
    assert {key: each.weight for key, each in back.items()} == {key: each.weight for key, each in made.items()}
    assert all(set(row) <= {field.name for field in CREDIT.fields} for row in rows.values())


def test_a_text_is_cut_without_a_space_at_its_end():
    assert clipped("  one two  ", 4) == "one"


def test_the_summary_says_what_channels_brought_and_keeps_to_its_length():
    touches = [
        touch(days, code="PAID_SEARCH" if days % 2 else "EMAIL", campaign=f"Campaign {days}") for days in range(1, 3)
    ]
    result = ATTRIBUTOR.attribute(deal("100.00"), touches, AS_OF)
    told = json.loads(summary(result, CONFIG))
    assert told["models"]["linear"] == {
        "email": {"percent": "50.000000", "amount": "50.00"},
        "paid": {"percent": "50.000000", "amount": "50.00"},
    }
    assert [line[1] for line in told["touches"]] == ["email", "paid"]
    assert told["left_out"] == 0


def test_the_summary_of_a_long_path_keeps_milestones_and_the_newest_touches():
    touches = [touch(f"{days / 10:.1f}", campaign=f"Kampagne Nr. {days} ü") for days in range(1, 3000)]
    result = ATTRIBUTOR.attribute(deal("100.00"), touches, AS_OF)
    text = summary(result, CONFIG)
    assert len(text.encode()) <= LONGEST
    told = json.loads(text)
    assert told["left_out"] == len(result.touches) - len(told["touches"]) > 0
    assert told["touches"][0][0] == result.touches[0].occurred_at
    assert told["touches"][-1][0] == result.touches[-1].occurred_at
    assert {name for line in told["touches"] for name in line[3]} == {"FT", "LC", "OC", "CW"}


def test_the_summary_of_a_deal_without_touches():
    told = json.loads(summary(ATTRIBUTOR.attribute(deal(None), [], AS_OF), CONFIG))
    assert told["models"]["first"] == {"unattributed": {"percent": "100.000000"}}
    assert (told["amount"], told["touches"]) == (None, [])

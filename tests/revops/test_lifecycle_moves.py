"""What is written into the CRMs' own stage fields: 2-C, 2-D, L-2, L-3."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from connector.revops.lifecycle import HUBSPOT_ORDER, STAGES, Lifecycle, rank
from connector.revops.lifecycle_decide import decide
from connector.revops.lifecycle_journey import Down, Journey, Stamp
from connector.revops.lifecycle_moves import Step, hubspot_move, lead_move, wants_conversion
from connector.revops.lifecycle_sightings import hubspot_sighting, lead_sighting

CONFIG = Lifecycle()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MORNING = NOON - timedelta(hours=4)


def recycled(stage="mql"):
    journey = Journey(stage, stamps={stage: Stamp(MORNING)})
    down = Down("recycle", NOON, "sales", "timeline_too_far")
    return decide(CONFIG, journey, as_of=NOON, downs=[down]).journey


def down_move():
    seen = hubspot_sighting(CONFIG, "marketingqualifiedlead", "UNQUALIFIED", at=MORNING)
    return hubspot_move(CONFIG, recycled(), seen, "lifecycle.recycle: timeline_too_far")


def test_2_b_a_customer_that_stays_needs_no_write():
    seen = hubspot_sighting(CONFIG, "customer", at=MORNING)
    assert hubspot_move(CONFIG, Journey("customer"), seen, "x") is None


def test_2_c_two_patches():
    move = down_move()
    assert move.steps == (
        Step({"lifecyclestage": ""}),
        Step({"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"}),
    )
    assert move.because == "lifecycle.recycle: timeline_too_far"


def test_2_d_salesforce_status_only_where_it_may_be_written():
    journey = Journey("sql", stamps={"sql": Stamp(MORNING)})
    seen = lead_sighting(CONFIG, "Working - Contacted", at=MORNING)
    assert lead_move(CONFIG, journey, seen, "x") is None
    writing = replace(
        CONFIG,
        write_lead_status=True,
        salesforce_status={**CONFIG.salesforce_status, "sql": "Qualified"},
        hubspot_status={"mql": "NEW", "sql": "CONNECTED"},
    )
    assert lead_move(writing, journey, seen, "x").steps == (Step({"Status": "Qualified"}),)
    shown = hubspot_sighting(writing, "salesqualifiedlead", "NEW", at=MORNING)
    assert hubspot_move(writing, journey, shown, "x").steps == (Step({"hs_lead_status": "CONNECTED"}),)
    ahead = hubspot_sighting(writing, "salesqualifiedlead", "CONNECTED", at=MORNING)
    assert hubspot_move(writing, journey, ahead, "x") is None
    # a rejected lead is not reopened, a converted one is read-only
    assert lead_move(writing, journey, lead_sighting(writing, "Closed - Not Converted", at=MORNING), "x") is None
    assert lead_move(writing, journey, lead_sighting(writing, "Working - Contacted", converted_at=MORNING), "x") is None


def test_a_recycled_lead_is_reopened_once_it_is_qualified_again():
    writing = replace(CONFIG, write_lead_status=True)
    seen = lead_sighting(writing, "Closed - Not Converted", at=MORNING)
    assert lead_move(writing, recycled(), seen, "x") is None
    again = replace(recycled(), stage="mql", stamps={"mql": Stamp(NOON)})
    assert lead_move(writing, again, seen, "x").steps == (Step({"Status": "Open - Not Contacted"}),)


def test_l_2_the_portals_own_order_decides_whether_a_stage_is_ahead():
    seen = hubspot_sighting(CONFIG, "marketingqualifiedlead", at=MORNING)
    direct = hubspot_move(CONFIG, Journey("sql"), seen, "x")
    assert [step.fields for step in direct.steps] == [{"lifecyclestage": "salesqualifiedlead"}]
    order = ("lead", "salesqualifiedlead", "marketingqualifiedlead")
    emptied = hubspot_move(CONFIG, Journey("sql"), seen, "x", order=order)
    assert [step.fields for step in emptied.steps] == [{"lifecyclestage": ""}, {"lifecyclestage": "salesqualifiedlead"}]


def test_l_3_without_the_journal_an_empty_stage_is_filled_from_what_we_know():
    seen = hubspot_sighting(CONFIG, None, "UNQUALIFIED")
    journey = decide(CONFIG, recycled(), [seen], as_of=NOON).journey
    move = hubspot_move(CONFIG, journey, seen, "x")
    assert move.steps == (Step({"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"}),)


@pytest.mark.parametrize(("before", "after"), list(product(STAGES, STAGES)))
def test_every_pair_of_stages(before, after):
    """No write lowers HubSpot without an exception."""
    shown = CONFIG.hubspot_value(before)
    seen = hubspot_sighting(CONFIG, shown, at=MORNING)
    move = hubspot_move(CONFIG, Journey(after, stamps={after: Stamp(MORNING)}), seen, "x")
    wanted = CONFIG.hubspot_value(after)
    if rank(CONFIG.of_hubspot(wanted)) <= rank(CONFIG.of_hubspot(shown)):
        assert move is None
    else:
        assert move.steps == (Step({"lifecyclestage": wanted}),)


@pytest.mark.parametrize("shown", ["other", "285119324"])
def test_stages_that_are_not_mapped_are_left_alone_when_they_stand_behind(shown):
    order = (*HUBSPOT_ORDER[:-1], "285119324", "other")
    seen = hubspot_sighting(CONFIG, shown, at=MORNING)
    assert hubspot_move(CONFIG, Journey("sql"), seen, "x", order=order) is None


def test_a_stage_of_the_portals_own_before_the_wanted_one_is_passed():
    seen = hubspot_sighting(CONFIG, "11", at=MORNING)
    move = hubspot_move(CONFIG, Journey("sql"), seen, "x", order=("lead", "11", "salesqualifiedlead"))
    assert [step.fields for step in move.steps] == [{"lifecyclestage": "salesqualifiedlead"}]


def test_sal_is_told_by_the_stage_below_or_a_custom_one():
    seen = hubspot_sighting(CONFIG, "lead", at=MORNING)
    (told,) = hubspot_move(CONFIG, Journey("sal"), seen, "x").steps
    assert told.fields == {"lifecyclestage": "marketingqualifiedlead"}
    own = replace(CONFIG, hubspot={**CONFIG.hubspot, "sal": "285119324"})
    order = ("lead", "marketingqualifiedlead", "285119324", "salesqualifiedlead")
    (custom,) = hubspot_move(own, Journey("sal"), seen, "x", order=order).steps
    assert custom.fields == {"lifecyclestage": "285119324"}


def test_somebody_has_to_convert_an_sql():
    seen = lead_sighting(CONFIG, "Working - Contacted", at=MORNING)
    assert wants_conversion(CONFIG, Journey("sql"), seen)
    assert not wants_conversion(CONFIG, Journey("sal"), seen)
    assert not wants_conversion(CONFIG, Journey("sql"), lead_sighting(CONFIG, None, converted_at=MORNING))
    assert not wants_conversion(CONFIG, Journey("sql"), lead_sighting(CONFIG, "Closed - Not Converted", at=MORNING))
    assert not wants_conversion(replace(CONFIG, convert="apex"), Journey("sql"), seen)

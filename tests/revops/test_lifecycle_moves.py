"""What is written into the CRMs' own stage fields: 2-C, 2-D, L-2 with two kinds of HubSpot, L-3 with kills."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from connector.revops.lifecycle import HUBSPOT_ORDER, STAGES, Lifecycle, rank
from connector.revops.lifecycle_decide import decide
from connector.revops.lifecycle_journey import Down, Journey, Stamp
from connector.revops.lifecycle_moves import Progress, Step, hubspot_move, lead_move, progress, wants_conversion
from connector.revops.lifecycle_sightings import hubspot_sighting, lead_sighting

CONFIG = Lifecycle()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MORNING = NOON - timedelta(hours=4)


class Portal:
    """A HubSpot contact by the rules of the facts: forward only, unless it `accepts` a way down or `refuses` all."""

    def __init__(self, stage, status=None, *, accepts=False, refuses=False, order=HUBSPOT_ORDER):
        self.fields = {"lifecyclestage": stage, "hs_lead_status": status}
        self.accepts, self.refuses, self.order = accepts, refuses, order
        self.patches = []

    def patch(self, fields):
        self.patches.append(dict(fields))
        for name, value in fields.items():
            if name == "lifecyclestage" and not self._takes(value):
                continue  # 200, and nothing changed
            self.fields[name] = value or None

    def _takes(self, value):
        if self.refuses:
            return False
        shown = self.fields["lifecyclestage"]
        return not value or not shown or self.accepts or self.order.index(value) > self.order.index(shown)


def carried_out(move, portal, sent=0, steps=None):
    """What an engine does with a move: send, read back, ask what is left."""
    for _ in range(10):
        found = progress(move, portal.fields, sent)
        if found.state != "go":
            return found
        for step in found.steps if steps is None else found.steps[:steps]:
            portal.patch(step.fields)
            sent += 1
    raise AssertionError("a move must come to an end")


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
    assert move.verify == {"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"}
    assert move.before == {"lifecyclestage": "marketingqualifiedlead", "hs_lead_status": "UNQUALIFIED"}
    assert (move.exception, move.because) == ("recycle", "lifecycle.recycle: timeline_too_far")


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


@pytest.mark.parametrize("accepts", [False, True])
def test_l_2_both_kinds_of_hubspot_end_at_the_lower_stage(accepts):
    portal = Portal("marketingqualifiedlead", "UNQUALIFIED", accepts=accepts)
    assert carried_out(down_move(), portal).state == "done"
    assert portal.fields == {"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"}
    assert portal.patches == [
        {"lifecyclestage": ""},
        {"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"},
    ]


def test_l_2_a_portal_with_another_order_is_noticed_by_reading_back():
    """The plan believed MQL to stand before SQL; the portal has it the other way round."""
    portal = Portal("marketingqualifiedlead", order=("lead", "salesqualifiedlead", "marketingqualifiedlead"))
    seen = hubspot_sighting(CONFIG, "marketingqualifiedlead", at=MORNING)
    move = hubspot_move(CONFIG, Journey("sql"), seen, "x")
    assert [step.fields for step in move.steps] == [{"lifecyclestage": "salesqualifiedlead"}]
    assert carried_out(move, portal).state == "done"
    assert portal.patches[1:] == [{"lifecyclestage": ""}, {"lifecyclestage": "salesqualifiedlead"}]
    # with the live order it is known beforehand
    known = hubspot_move(CONFIG, Journey("sql"), seen, "x", order=portal.order)
    assert len(known.steps) == 2


def test_a_portal_that_keeps_its_value_is_given_up():
    portal = Portal("marketingqualifiedlead", "UNQUALIFIED", refuses=True)
    found = carried_out(down_move(), portal)
    assert found.state == "kept"
    assert found.why == "hubspot answers success but does not take the value of hs_lead_status, lifecyclestage"
    assert len(portal.patches) == 4


@pytest.mark.parametrize("sent", [0, 1, 2])
@pytest.mark.parametrize("journalled", [False, True])
def test_l_3_a_kill_at_each_step_is_completed(sent, journalled):
    """Killed after `sent` requests, the last one journalled or not: the next run completes, the stage is not empty."""
    portal, move = Portal("marketingqualifiedlead", "UNQUALIFIED"), down_move()
    for step in move.steps[:sent]:
        portal.patch(step.fields)
    known = sent if journalled else max(sent - 1, 0)
    assert carried_out(move, portal, sent=known) == Progress("done")
    assert portal.fields["lifecyclestage"] == "lead"
    assert portal.patches[0] == {"lifecyclestage": ""}
    assert len(portal.patches) == 2


def test_l_3_without_the_journal_an_empty_stage_is_filled_from_what_we_know():
    seen = hubspot_sighting(CONFIG, None, "UNQUALIFIED")
    journey = decide(CONFIG, recycled(), [seen], as_of=NOON).journey
    move = hubspot_move(CONFIG, journey, seen, "x")
    assert move.steps == (Step({"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"}),)


def test_somebody_else_was_faster():
    found = progress(down_move(), {"lifecyclestage": "customer", "hs_lead_status": None}, sent=1)
    assert found.state == "overtaken"


def test_a_lead_status_alone_is_set_after_the_stage_arrived():
    found = progress(down_move(), {"lifecyclestage": "lead", "hs_lead_status": "UNQUALIFIED"}, sent=2)
    assert found.steps == (Step({"hs_lead_status": "BAD_TIMING"}),)


@pytest.mark.parametrize(("before", "after"), list(product(STAGES, STAGES)))
def test_every_pair_of_stages(before, after):
    """No write lowers HubSpot without an exception, and what is written is read back."""
    shown = CONFIG.hubspot_value(before)
    seen = hubspot_sighting(CONFIG, shown, at=MORNING)
    move = hubspot_move(CONFIG, Journey(after, stamps={after: Stamp(MORNING)}), seen, "x")
    wanted = CONFIG.hubspot_value(after)
    if rank(CONFIG.of_hubspot(wanted)) <= rank(CONFIG.of_hubspot(shown)):
        assert move is None
    else:
        portal = Portal(shown)
        assert carried_out(move, portal).state == "done"
        assert portal.patches == [{"lifecyclestage": wanted}]


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
    assert hubspot_move(CONFIG, Journey("sal"), seen, "x").verify == {"lifecyclestage": "marketingqualifiedlead"}
    own = replace(CONFIG, hubspot={**CONFIG.hubspot, "sal": "285119324"})
    order = ("lead", "marketingqualifiedlead", "285119324", "salesqualifiedlead")
    assert hubspot_move(own, Journey("sal"), seen, "x", order=order).verify == {"lifecyclestage": "285119324"}


def test_a_company_is_moved_by_the_same_steps():
    seen = hubspot_sighting(CONFIG, "lead", at=MORNING)
    move = hubspot_move(CONFIG, Journey("customer"), seen, "x", vendor_object="companies")
    assert (move.vendor_object, move.verify) == ("companies", {"lifecyclestage": "customer"})


def test_somebody_has_to_convert_an_sql():
    seen = lead_sighting(CONFIG, "Working - Contacted", at=MORNING)
    assert wants_conversion(CONFIG, Journey("sql"), seen)
    assert not wants_conversion(CONFIG, Journey("sal"), seen)
    assert not wants_conversion(CONFIG, Journey("sql"), lead_sighting(CONFIG, None, converted_at=MORNING))
    assert not wants_conversion(CONFIG, Journey("sql"), lead_sighting(CONFIG, "Closed - Not Converted", at=MORNING))
    assert not wants_conversion(replace(CONFIG, convert="apex"), Journey("sql"), seen)

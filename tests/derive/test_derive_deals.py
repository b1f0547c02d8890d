"""Deals that are lost and won: the person follows in that run, and no timestamp lies ahead."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rules_world import Rules, shipped

from connector.engine.derive.memory import from_body, to_body
from connector.revops.lifecycle_journey import Down

EVIDENCE = "revops_sourced_evidence"
PLANNED = {"hubspot": "2026-12-20T11:00:00Z", "salesforce": "2026-12-20"}
EARLIER = {"hubspot": "2026-11-10T11:00:00Z", "salesforce": "2026-11-10"}
TODAY = {"hubspot": "2026-11-23T11:00:00Z", "salesforce": "2026-11-23"}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project):
    return Rules(tmp_path / "state.sqlite", project)


def opened(world, side):
    """A person with an open deal, which HubSpot alone has, or both CRMs; gives contact and deal."""
    contact = world.person(lifecyclestage="lead", hs_lead_status="NEW", createdate="2026-08-01T08:00:00Z")
    if side == "salesforce":
        world.salesforce.put("Contact", Email="buyer@example.com", LastName="Buyer", OwnerId="005A")
    world.settle()
    deal = world.deal("Press", contact, won=False, dealstage="contractsent", closedate=PLANNED["hubspot"])
    if side == "salesforce":
        given = {"StageName": "Proposal/Price Quote", "CloseDate": PLANNED[side], "Amount": "48000"}
        deal = world.salesforce.put("Opportunity", Name="Press", CreatedDate="2026-11-06T09:00:00Z", **given).id
    world.settle()
    assert world.field(contact, "revops_stage") == "opportunity"
    return contact, deal


def shared(world):
    """The same of both CRMs, with a form that the person sent before; gives the contact."""
    contact, _ = opened(world, "salesforce")
    world.form(contact, "f1", "2026-11-01T10:00:00Z", "https://example.com/book?utm_medium=cpc")
    world.settle()
    assert world.credits("salesforce", "first") == {"paid": "48000.00"}
    assert '"frozen":""' in world.hubspot.rows["deals", deal_of(world, "hubspot")].fields[EVIDENCE]
    return contact


def deal_of(world, side):
    """The id of the only deal."""
    vendor_object = {"hubspot": "deals", "salesforce": "Opportunity"}[side]
    (found,) = (row.id for row in world.crms[side].rows.values() if row.vendor_object == vendor_object)
    return found


def judge_won(world, contact, at):
    assert world.field(contact, "revops_stage") == "customer"
    assert world.field(contact, "revops_customer_at") == at.strftime("%Y-%m-%dT%H:%M:%SZ")
    for side in world.crms:
        shares = [row for row in world.rows(side, "credit") if row["model"] == "full_path"]
        assert [row["milestones"].split(";")[-1] for row in shares] == ["CW"]
    deal = world.hubspot.rows["deals", deal_of(world, "hubspot")].fields
    assert '"frozen":"2026-11-23T' in deal[EVIDENCE]
    assert world.salesforce.of("Opportunity")[0]["RevOps_Sourced_Evidence__c"] == deal[EVIDENCE]


def close(world, side, deal, *, won, on=None, entered=None):
    """Sales closes the deal at the present moment, `on` a close date; `entered` is another stamp of the CRM."""
    stage = {"hubspot": ("closedlost", "closedwon"), "salesforce": ("Closed Lost", "Closed Won")}[side][won]
    fields = {{"hubspot": "dealstage", "salesforce": "StageName"}[side]: stage}
    if on is not None:
        fields[{"hubspot": "closedate", "salesforce": "CloseDate"}[side]] = on[side]
    if entered is not None:
        stamp = {"hubspot": "hs_v2_date_entered_current_stage", "salesforce": "LastStageChangeDate"}[side]
        fields[stamp] = entered
    world.crms[side].put({"hubspot": "deals", "salesforce": "Opportunity"}[side], deal, **fields)


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
@pytest.mark.parametrize("on", [TODAY, None], ids=["today", "before the planned day"])
def test_a_lost_deal_lowers_the_person_in_that_run(world, side, on):
    contact, deal = opened(world, side)
    close(world, side, deal, won=False, on=on)
    world.now += timedelta(minutes=5)
    world.run()
    assert world.field(contact, "revops_stage") == "SQL"
    assert world.writes() == 0


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
@pytest.mark.parametrize("on", [TODAY, None], ids=["today", "before the planned day"])
def test_a_customer_is_one_from_the_moment_of_the_win(world, side, on):
    contact, deal = opened(world, side)
    at = world.now
    close(world, side, deal, won=True, on=on)
    world.now += timedelta(minutes=5)
    world.run()
    assert world.field(contact, "revops_stage") == "customer"
    assert world.field(contact, "revops_customer_at") == at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert world.writes() == 0


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
@pytest.mark.parametrize("entered", ["", "2026-11-23T23:00:00.000Z"], ids=["not told", "ahead"])
def test_without_a_usable_stamp_the_change_of_the_record_counts(world, side, entered):
    contact, deal = opened(world, side)
    at = world.now
    close(world, side, deal, won=True, entered=entered)
    world.now += timedelta(minutes=5)
    world.run()
    assert world.field(contact, "revops_customer_at") == at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(("side", "at"), [("hubspot", "2026-11-10T11:00:00Z"), ("salesforce", "2026-11-10T22:59:59Z")])
def test_an_imported_deal_was_won_on_its_close_date(world, side, at):
    contact, deal = opened(world, side)
    close(world, side, deal, won=True, on=EARLIER)
    world.run()
    assert world.field(contact, "revops_customer_at") == at


def test_no_timestamp_lies_ahead_where_the_crm_s_clock_is_ahead(world):
    contact, deal = opened(world, "salesforce")
    at = world.now
    world.now += timedelta(seconds=30)
    close(world, "salesforce", deal, won=True)
    world.now = at
    world.run()
    assert world.field(contact, "revops_customer_at") == at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_somebody_looks_again_when_an_exception_is_due_that_lies_ahead(world):
    contact, _ = opened(world, "hubspot")
    at = world.now + timedelta(days=2)
    with world.store() as store:
        ((key, body),) = store.standings.get("person", [f"person:hubspot:{contact}"]).items()
        memory = replace(from_body(body), downs=(Down("data_correction", at, "admin", "a mistake", "lead"),))
        store.standings.put("person", [(key, to_body(memory), None)])
    world.hubspot.put("contacts", contact, phone="1")
    world.settle()
    with world.store() as store:
        assert key in [each for some in store.standings.due("person", at) for each in some]
    assert world.field(contact, "revops_stage") == "opportunity"
    world.now = at + timedelta(hours=1)
    world.settle()
    assert world.field(contact, "revops_stage") == "lead"


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
def test_a_deal_won_in_either_crm_is_attributed_in_that_run(world, side):
    contact = shared(world)
    at = world.now
    close(world, side, deal_of(world, side), won=True, on=TODAY)
    world.now += timedelta(minutes=5)
    world.run()
    judge_won(world, contact, at)
    assert world.writes() == 0


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
def test_a_deal_lost_in_either_crm_of_two_lowers_the_person_in_that_run(world, side):
    contact = shared(world)
    close(world, side, deal_of(world, side), won=False, on=TODAY)
    world.run()
    assert world.field(contact, "revops_stage") == "SQL"
    assert '"frozen":"2026-11-23T' in world.hubspot.rows["deals", deal_of(world, "hubspot")].fields[EVIDENCE]
    assert world.writes() == 0


def test_a_deal_opened_again_in_hubspot_is_open_in_that_run(world):
    shared(world)
    deal = deal_of(world, "hubspot")
    close(world, "hubspot", deal, won=True, on=TODAY)
    world.settle()
    world.hubspot.put("deals", deal, dealstage="contractsent")
    world.run()
    assert '"frozen":""' in world.hubspot.rows["deals", deal].fields[EVIDENCE]
    assert world.writes() == 0


def test_the_win_counts_from_where_it_was_made_and_not_from_the_sync(world):
    contact = shared(world)
    at = world.now
    close(world, "hubspot", deal_of(world, "hubspot"), won=True, on=TODAY)
    world.now += timedelta(minutes=5)
    world.settle()
    with world.store() as store:
        ((_, body),) = [each for some in store.standings.all("person") for each in some]
    assert [each.closed_at for each in from_body(body).won] == [at]
    assert world.field(contact, "revops_customer_at") == at.strftime("%Y-%m-%dT%H:%M:%SZ")

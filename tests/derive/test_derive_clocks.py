"""The clocks of the agreement in whole runs: what stops them, when they stand still, whose they are (domain §2.4)."""

from datetime import UTC, datetime, timedelta

import pytest
from rules_world import INBOUND, Rules, edited, later, ruled_sql, shipped

from connector.revops.lifecycle_journey import iso

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project):
    return Rules(tmp_path / "state.sqlite", project)


def mql(world, at=MONDAY, **fields):
    """A person whom marketing qualified on a day at 10:00 UTC, and whom Anna has."""
    contact = world.person(**{"lifecyclestage": "lead", "hs_lead_status": "NEW", **fields})
    world.settle()
    world.now = at
    world.hubspot.put("contacts", contact, lifecyclestage="marketingqualifiedlead")
    world.settle()
    return contact


def test_an_mql_without_an_answer_breaks_both_promises(world):
    contact = mql(world)
    later(world, days=4)
    assert world.promise(contact, "acceptance") == ("2026-11-24T10:00", "2026-11-24T10:00")
    assert world.promise(contact, "feedback") == ("2026-11-25T10:00", "2026-11-25T10:00")


def test_a_run_at_the_very_instant_at_which_a_promise_is_due_does_not_lose_it(world):
    contact = mql(world, hubspot_owner_id="")  # nobody has it, so that nothing else lets a run look
    world.now = MONDAY + timedelta(days=1)
    world.run()
    assert world.promise(contact, "acceptance") == ("2026-11-24T10:00", None)
    world.settle()
    assert world.promise(contact, "acceptance") == ("2026-11-24T10:00", "2026-11-24T10:00")
    with world.store() as store:
        assert list(store.standings.due("person", world.now)) == []


@pytest.mark.parametrize("stage", ["salesqualifiedlead", "opportunity", "customer"])
def test_whoever_skips_the_sal_was_accepted_all_the_same(world, stage):
    contact = mql(world)
    world.hubspot.put("contacts", contact, lifecyclestage=stage)
    world.settle()
    later(world, days=4)
    assert world.promise(contact, "acceptance") == ("2026-11-24T10:00", None)
    assert world.promise(contact, "feedback") == ("2026-11-25T10:00", None)
    assert world.field(contact, "revops_feedback_at")
    assert not world.field(contact, "revops_sla_breached_at")


def test_an_sql_of_our_own_rule_is_no_answer_of_sales(world):
    contact = ruled_sql(world)
    later(world, days=4)
    assert world.promise(contact, "acceptance") == ("2026-11-24T09:00", "2026-11-24T09:00")
    assert world.promise(contact, "feedback") == ("2026-11-25T09:00", "2026-11-25T09:00")


def test_the_conversion_of_an_earlier_cycle_is_no_answer(world):
    contact = mql(world)
    world.convert()
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED", revops_rejection_reason="timeline_too_far")
    world.settle()
    assert str(world.field(contact, "revops_cycle")) == "2"
    world.now = datetime(2027, 6, 7, 10, 0, tzinfo=UTC)  # a Monday, when the person may come back
    world.hubspot.put("contacts", contact, lifecyclestage="marketingqualifiedlead", hs_lead_status="OPEN")
    world.settle()
    assert not world.field(contact, "revops_feedback_at")
    later(world, days=4)
    assert world.promise(contact, "feedback") == ("2027-06-09T10:00", "2027-06-09T10:00")


def test_a_conversion_is_an_answer(world):
    contact = ruled_sql(world)
    world.convert()
    world.settle()
    assert world.field(contact, "revops_feedback_at")
    later(world, days=4)
    assert world.promise(contact, "acceptance") == ("2026-11-24T09:00", None)
    assert world.promise(contact, "feedback") == ("2026-11-25T09:00", None)


@pytest.mark.parametrize("created", ["2019-03-01T08:00:00Z", "2026-11-02T08:00:00Z"])
@pytest.mark.parametrize("changed", [True, False])
def test_a_conversion_into_a_contact_that_was_there_before_is_an_answer_too(world, created, changed):
    contact = ruled_sql(world)
    made, at = world.convert(created), world.now
    if not changed:
        world.salesforce.changed["Contact", made] = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
    world.now += timedelta(hours=1)
    seen = world.now
    world.settle()
    assert world.field(contact, "revops_feedback_at") == iso(at if changed else seen)
    later(world, days=4)
    assert world.promise(contact, "acceptance") == ("2026-11-24T09:00", None)
    assert world.promise(contact, "feedback") == ("2026-11-25T09:00", None)
    assert world.field(contact, "revops_feedback_overdue") != "true"


def test_the_clock_of_a_recycled_person_stands_still_until_it_is_qualified_anew(world):
    contact = world.buyer()
    world.asks(contact, "f1")
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED", revops_rejection_reason="timeline_too_far")
    world.settle()
    world.now = datetime(2026, 12, 7, 10, 0, tzinfo=UTC)
    world.asks(contact, "f2")
    world.settle()
    assert (world.field(contact, "revops_stage"), world.field(contact, "revops_temperature")) == ("lead", "hot")
    later(world, days=30)
    assert world.promise(contact, "first_response") == (None, None)
    world.now = datetime(2027, 6, 7, 10, 0, tzinfo=UTC)  # a Monday, when the person may come back
    world.asks(contact, "f3")
    world.settle()
    assert world.field(contact, "revops_mql_at") == "2027-06-07T10:00:00Z"
    assert world.promise(contact, "first_response") == ("2027-06-07T11:00", None)
    later(world, days=1)
    assert world.promise(contact, "first_response") == ("2027-06-07T11:00", "2027-06-07T11:00")


# --- who has the person ---------------------------------------------------------------------------------------------


def test_a_queue_lets_the_clocks_stand_still_also_once_somebody_has_the_lead(world):
    contact = mql(world)
    world.now = MONDAY + timedelta(hours=2)
    world.assign(INBOUND)
    world.settle()
    assert world.promise(contact, "acceptance") == world.promise(contact, "feedback") == (None, None)
    world.now = MONDAY + timedelta(days=2, hours=2)
    world.assign("005C")
    world.settle()
    assert world.promise(contact, "acceptance") == ("2026-11-26T10:00", None)
    assert world.promise(contact, "feedback") == ("2026-11-27T10:00", None)
    assert world.field(contact, "revops_feedback_overdue") != "true"
    world.now = MONDAY + timedelta(days=4, minutes=-30)
    world.settle()
    assert world.field(contact, "revops_feedback_overdue") != "true"
    world.now = MONDAY + timedelta(days=4, minutes=30)
    world.settle()
    assert world.field(contact, "revops_feedback_overdue") == "true"
    assert world.promise(contact, "acceptance") == ("2026-11-26T10:00", "2026-11-26T10:00")
    assert world.promise(contact, "feedback") == ("2026-11-27T10:00", "2026-11-27T10:00")


def test_a_queue_does_not_stop_the_clock_of_feedback_where_the_rules_say_so(world, project, tmp_path):
    world = Rules(tmp_path / "run.sqlite", edited(project, tmp_path, "rejection", "queue: pause", "queue: run  "))
    contact = mql(world)
    world.now = MONDAY + timedelta(hours=2)
    world.assign(INBOUND)
    world.settle()
    world.now = MONDAY + timedelta(days=2, hours=2)
    world.assign("005C")
    world.settle()
    assert world.field(contact, "revops_feedback_overdue") == "true"


@pytest.mark.parametrize(("reset", "due"), [(False, "2026-11-24T10:00"), (True, "2026-11-25T08:00")])
def test_a_reassignment_resets_only_where_it_is_wanted(project, tmp_path, reset, due):
    wish = f"target: 24h, reset_on_reassign: {str(reset).lower()}"
    world = Rules(tmp_path / "state.sqlite", edited(project, tmp_path, "lifecycle", "target: 24h", wish))
    contact = mql(world)
    world.now = MONDAY + timedelta(hours=22)
    world.assign("005C")
    world.settle()
    assert world.promise(contact, "acceptance") == (due, None)
    world.now = MONDAY + timedelta(days=3)
    world.assign("005A")
    world.settle()
    assert world.promise(contact, "acceptance") == (due, due)


def test_the_clock_runs_by_the_calendar_of_whoever_has_the_person(project, tmp_path):
    """On Buß- und Bettag Leipzig is closed, so that a day there lasts until Thursday."""
    edited(project, tmp_path, "calendars", "    # leipzig:\n    #   holidays", "    leipzig:\n      holidays")
    made = edited(project, tmp_path, "calendars", "owners: {}", "owners: {ben@example.com: leipzig}")
    tuesday = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)
    world = Rules(tmp_path / "state.sqlite", made)
    world.now = tuesday - timedelta(days=1)
    contact = mql(world, at=tuesday)
    assert world.promise(contact, "acceptance") == ("2026-11-18T10:00", None)
    world.now = tuesday + timedelta(hours=2)
    world.assign("005C")
    world.settle()
    assert world.promise(contact, "acceptance") == ("2026-11-19T10:00", None)


# --- what was promised ----------------------------------------------------------------------------------------------

HOT, WARM, COLD = ("Geschäftsführer", "1450"), ("Praktikant", "1450"), ("Praktikant", "20")


def fits(world, contact, temperature):
    """Job title and company make the person of a contact form this hot."""
    (company,) = world.hubspot.rows["contacts", contact].fields["associations.companies"]
    world.hubspot.put("companies", company, numberofemployees=temperature[1])
    world.hubspot.put("contacts", contact, jobtitle=temperature[0])


def asking(world, temperature):
    """A person who sent a form ten minutes before Monday, 10:00 UTC."""
    contact = world.buyer()
    fits(world, contact, temperature)
    world.settle()
    world.now = MONDAY
    world.asks(contact, "f1")
    world.settle()
    return contact


def test_a_promise_that_was_kept_stays_kept_when_the_person_turns_hot(world):
    contact = asking(world, WARM)
    assert world.promise(contact, "first_response") == ("2026-11-24T09:50", None)
    world.now = MONDAY + timedelta(hours=3)
    world.calls(contact, "k1")
    world.settle()
    fits(world, contact, HOT)
    later(world, days=1)
    assert world.field(contact, "revops_temperature") == "hot"
    assert world.promise(contact, "first_response") == ("2026-11-24T09:50", None)


def test_a_promise_holds_when_the_person_turns_cold_before_it_is_due(world):
    contact = asking(world, WARM)
    fits(world, contact, COLD)
    later(world, hours=2)
    assert world.field(contact, "revops_temperature") == "cold"
    assert world.promise(contact, "first_response") == ("2026-11-24T09:50", None)
    later(world, days=3)
    assert world.promise(contact, "first_response") == ("2026-11-24T09:50", "2026-11-24T09:50")


def test_a_broken_promise_was_due_when_it_was_broken(world):
    contact = asking(world, HOT)
    later(world, hours=2)
    fits(world, contact, WARM)
    later(world, hours=1)
    assert world.field(contact, "revops_temperature") == "warm"
    assert world.promise(contact, "first_response") == ("2026-11-23T10:50", "2026-11-23T10:50")


def test_who_was_cold_at_the_start_was_promised_nothing_until_the_next_one(world):
    contact = asking(world, COLD)
    fits(world, contact, HOT)
    later(world, hours=1)
    assert world.field(contact, "revops_temperature") == "hot"
    assert world.promise(contact, "first_response") == (None, None)
    world.now = MONDAY + timedelta(days=1)
    world.asks(contact, "f2")
    world.settle()
    assert world.promise(contact, "first_response") == ("2026-11-24T10:50", None)


def test_clocks_of_before_promises_were_kept_are_read(world):
    contact = asking(world, WARM)
    with world.store() as store:
        ((key, body),) = [each for some in store.standings.all("person") for each in some]
        assert body["clocks"]["first_response"][6:] == [8 * 3600, "business_hours", None]
        old = {name: each[:6] for name, each in body["clocks"].items()}
        left = {name: value for name, value in body.items() if name != "held"}
        store.standings.put("person", [(key, left | {"clocks": old}, world.now)])
    later(world, days=3)
    assert world.promise(contact, "first_response") == ("2026-11-24T09:50", "2026-11-24T09:50")

"""Rejections as both CRMs show them run after run: recycled ones, quick ones, and those of a lead without a status."""

import pytest
from rules_world import MANAGER, Rules, shipped


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project, request):
    made = Rules(tmp_path / "state.sqlite", project)
    made.hubspot.recognised = getattr(request, "param", False)
    return made


whether_recognised = pytest.mark.parametrize("world", [False, True], indirect=True, ids=["unrecognised", "recognised"])
"""With and without histories that tell which entries are ours."""


def handed_over(world, **fields):
    """A lead that marketing qualifies while revloop looks on, so that the clock of sales runs."""
    contact = world.person(**{"lifecyclestage": "lead", **fields})
    world.settle()
    qualified(world, contact)
    return contact


def qualified(world, contact):
    """Marketing hands a person over; gives the instant, as fields hold it."""
    world.hubspot.put("contacts", contact, lifecyclestage="marketingqualifiedlead")
    at = world.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    world.settle()
    return at


def recycled(world, *, apart):
    """A lead that sales turned down with a reason that may change, `apart` minutes after choosing it."""
    contact = handed_over(world)
    world.hubspot.put("contacts", contact, revops_rejection_reason="timeline_too_far")
    world.wait(minutes=apart)
    world.rejects(contact)
    return contact


ANSWERED = ("handover_at", "feedback_at", "rejection_rejected_at", "rejection_state", "recycle_on", "cycle")


def answered(world, contact):
    return {name: str(world.field(contact, f"revops_{name}") or "") for name in ANSWERED}


@whether_recognised
@pytest.mark.parametrize("apart", [0, 1])
def test_a_recycle_stays_what_it_is(world, apart):
    contact = recycled(world, apart=apart)
    world.run()
    first = answered(world, contact)
    assert (first["rejection_state"], first["cycle"], first["recycle_on"]) == ("ok", "2", "2027-05-22")
    assert first["feedback_at"] == first["rejection_rejected_at"] > first["handover_at"] > "2026-11-23"
    world.hubspot.put("contacts", contact, jobtitle="CEO")  # whoever changes is looked at
    world.settle()
    world.wait(days=1)
    world.hubspot.put("contacts", contact, jobtitle="CFO")
    world.settle()
    assert world.writes() == 0
    assert answered(world, contact) == first
    assert world.field(contact, "hs_lead_status") == "BAD_TIMING"
    assert world.tasks() == {}


@whether_recognised
@pytest.mark.parametrize("apart", [0, 1])
def test_the_next_hand_over_has_a_clock_of_its_own(world, apart):
    contact = recycled(world, apart=apart)
    world.settle()
    world.wait(days=190)
    again = qualified(world, contact)
    found = answered(world, contact)
    assert (found["handover_at"], found["feedback_at"], found["rejection_rejected_at"]) == (again, "", "")
    world.hubspot.put("contacts", contact, revops_rejection_reason="budget_none")  # and nothing more
    world.settle()
    assert answered(world, contact) == found
    world.wait(days=5)
    world.settle()
    assert world.field(contact, "revops_feedback_overdue") == "true"
    assert world.field(contact, "revops_rejection_state") == "escalated_1"
    world.rejects(contact, reason="need_none")
    world.settle()
    assert world.field(contact, "revops_rejection_state") == "ok"
    assert world.field(contact, "revops_feedback_at") > again
    assert world.field(contact, "revops_rejection_category") == "need"


def test_a_rejection_of_unknown_age_ends_one_cycle_only(world):
    contact = world.person()
    world.run()
    (lead,) = [row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead"]
    given = {"Status": "Closed - Not Converted", "RevOps_Rejection_Reason__c": "timeline_too_far"}
    world.salesforce.put("Lead", lead, **given)  # before revloop saw it open, and without a history
    world.settle()
    assert answered(world, contact)["cycle"] == "2"
    world.wait(days=190)
    again = qualified(world, contact)
    found = answered(world, contact)
    assert (found["handover_at"], found["feedback_at"], found["rejection_rejected_at"]) == (again, "", "")
    world.hubspot.put("contacts", contact, revops_rejection_reason="need_none")  # and nothing more
    world.settle()
    assert answered(world, contact) == found


def test_the_old_reason_does_not_explain_a_rejection_of_the_next_cycle(world):
    contact = recycled(world, apart=0)
    world.settle()
    world.wait(days=190)
    qualified(world, contact)
    world.rejects(contact)
    world.settle()
    assert world.field(contact, "revops_rejection_state") == "reverted"
    assert world.field(contact, "revops_feedback_at") in (None, "")
    assert world.field(contact, "hs_lead_status") == "OPEN"


@pytest.mark.parametrize(("day", "stage"), [(20, "lead"), (24, "marketingqualifiedlead")])
def test_a_recycled_person_is_qualified_by_the_rules_once_its_day_has_come(world, day, stage):
    contact = recycled(world, apart=1)
    world.settle()
    assert world.field(contact, "revops_recycle_on") == "2027-05-22"
    world.now = world.now.replace(year=2027, month=5, day=day)
    world.form(contact, "f1", f"2027-05-{day - 1}T09:00:00Z", title="Demo anfragen")
    fitting = {"numemployees": "300", "hs_country_region_code": "DE", "jobtitle": "CEO"}
    world.hubspot.put("contacts", contact, **fitting)
    world.settle()
    assert world.field(contact, "lifecyclestage") == stage
    assert world.field(contact, "hs_lead_status") == "BAD_TIMING"
    assert world.tasks() == {}


@whether_recognised
@pytest.mark.parametrize("prior", ["OPEN", None])
def test_rejected_again_before_the_next_run(world, prior):
    contact = handed_over(world, hs_lead_status=prior)
    shown = []
    for _ in range(4):
        world.rejects(contact)
        world.run()
        shown.append((world.field(contact, "hs_lead_status") or None, world.field(contact, "revops_rejection_state")))
    assert shown == [(prior, "reverted")] * 3 + [("UNQUALIFIED", "missing_reason")]
    world.settle()
    assert world.inbox("REVERT_LOOP")
    assert list(world.tasks().values()) == [True]
    assert world.writes() == 0


def test_a_stage_that_is_raised_again_before_the_next_run(world):
    contact = recycled(world, apart=0)
    world.run()
    assert world.field(contact, "lifecyclestage") == "lead"
    again = qualified(world, contact)
    assert world.field(contact, "lifecyclestage") == "marketingqualifiedlead"
    assert world.field(contact, "revops_mql_at") == again


def test_no_status_is_given_back_as_none(world):
    contact = handed_over(world, hs_lead_status=None)
    world.rejects(contact)
    world.run()
    assert not world.field(contact, "hs_lead_status")
    assert world.field(contact, "revops_rejection_state") == "reverted"
    world.settle()
    assert world.writes() == 0
    assert list(world.tasks().values()) == [True]
    assert not world.inbox("PRIOR_STATUS_UNKNOWN")
    world.hubspot.put("contacts", contact, revops_rejection_reason="need_none")
    world.wait(minutes=5)
    world.settle()
    assert world.field(contact, "hs_lead_status") == "UNQUALIFIED"
    assert world.field(contact, "revops_rejection_state") == "ok"
    assert list(world.tasks().values()) == [False]
    assert world.writes() == 0


def test_no_status_and_then_another_one_is_work(world):
    contact = handed_over(world, hs_lead_status=None)
    world.rejects(contact)
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="IN_PROGRESS")
    world.wait(minutes=5)
    world.settle()
    assert world.field(contact, "hs_lead_status") == "IN_PROGRESS"
    assert world.field(contact, "revops_rejection_state") == "ok"
    assert list(world.tasks().values()) == [False]


def test_level_2_without_a_head_of_sales_says_so(world):
    handed_over(world)
    world.wait(days=8)
    world.settle()
    ((_, side, message),) = world.inbox("NO_RECIPIENT")
    assert (side, "head_of_sales" in message, "manager" in message) == ("salesforce", True, False)
    assert sum(MANAGER in line for line in world.tasks()) == 0
    assert world.writes() == 0


@pytest.mark.parametrize(("code", "times"), [("REVERT_LOOP", 4), ("PRIOR_STATUS_UNKNOWN", 0)])
def test_a_status_that_is_left_is_held_where_it_stands(world, code, times):
    contact = handed_over(world) if times else world.person(hs_lead_status="UNQUALIFIED")
    for _ in range(times):
        world.rejects(contact)
        world.run()
    world.settle()
    with world.store() as store:
        (held,) = store.inbox.of_code(code)
    assert (held.side, held.record) == ("hubspot", contact)

"""What a CRM refuses of the rules waits in the inbox until it is written, and the run says that a person is needed."""

import pytest
from attribution_world import Boundaries, some
from rules_world import Rules, shipped

from connector.engine.run import plan
from connector.model import Later, Refused

OPTION = Refused("INVALID_OPTION", "E2 was not one of the allowed options")
VALIDATION = Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", "nobody may change this lead")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project):
    return Rules(tmp_path / "state.sqlite", project)


def refusing(crm, outcome, *, field, value=None):
    """From now on a side refuses every write of a field, or of one value of it."""

    def refuse(write):
        return outcome if field in write.fields and value in (None, write.fields[field]) else None

    crm.refuse = refuse


def healed(crm):
    crm.refuse = lambda _write: None


def entries(world, code=None):
    with world.store() as store:
        return [each for each in store.inbox.list() if code in (None, each.code)]


def held(world, code, *, runs=2):
    """Every one of these runs ends with 1 and holds the record once; gives the entry."""
    sinces = set()
    for _ in range(runs):
        result = world.run()
        assert (result.exit_code, result.summary["later"]) == (1, 0)
        (entry,) = entries(world)
        assert entry.code == code
        assert entry.run == result.run
        sinces.add(entry.since)
    assert len(sinces) == 1, "a repeated refusal keeps `since`"
    return entry


def released(world):
    """The next run writes what was refused, and the one after has nothing left to do."""
    result = world.run()
    assert (result.exit_code, entries(world)) == (0, [])
    world.settle()
    assert world.writes() == 0
    assert entries(world) == []


def test_an_option_that_the_portal_lost(world):
    contact = world.person()
    world.settle()
    refusing(world.hubspot, OPTION, field="revops_engagement_level", value="E2")
    world.form(contact, "f1", "2026-11-23T09:00:00Z", title="Demo anfordern")
    entry = held(world, "INVALID_OPTION")
    assert (entry.object, entry.side, entry.record) == ("person", "hubspot", contact)
    assert entry.message == "hubspot refused update of contacts: E2 was not one of the allowed options"
    healed(world.hubspot)
    released(world)


def test_a_validation_rule_of_the_org(world):
    contact = world.person()
    world.settle()
    (lead,) = [row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead"]
    refusing(world.salesforce, VALIDATION, field="RevOps_Engagement_Score__c")
    world.form(contact, "f1", "2026-11-23T09:00:00Z", title="Demo anfordern")
    entry = held(world, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert (entry.object, entry.side, entry.record) == ("person", "salesforce", lead)
    healed(world.salesforce)
    released(world)


def turned_down(world):
    """Sales turns a lead down, with a reason that may change: the stage is emptied, and set in a second request."""
    contact = world.person()
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED", revops_rejection_reason="timeline_too_far")
    return contact


def test_a_stage_that_was_emptied_and_cannot_be_set(world):
    contact = turned_down(world)
    refusing(world.hubspot, OPTION, field="lifecyclestage", value="lead")
    entry = held(world, "INVALID_OPTION", runs=3)
    assert (entry.side, entry.record) == ("hubspot", contact)
    assert not world.field(contact, "lifecyclestage")
    healed(world.hubspot)
    released(world)
    assert world.field(contact, "lifecyclestage") == "lead"


def test_a_stage_that_cannot_be_emptied(world):
    contact = turned_down(world)
    refusing(world.hubspot, OPTION, field="revops_rejection_state")
    refusing(world.hubspot, OPTION, field="lifecyclestage")
    held(world, "INVALID_OPTION", runs=3)
    assert world.field(contact, "lifecyclestage") == "marketingqualifiedlead"
    with world.store() as store:
        states = {
            action.kind: (state, note)
            for some in store.plans.notes(store.plans.latest().id, ("refused", "held", "stale"))
            for action, state, note in some
        }
    assert states == {"update": ("refused", "INVALID_OPTION"), "restage": ("held", "INVALID_OPTION")}
    healed(world.hubspot)
    released(world)
    assert world.field(contact, "lifecyclestage") == "lead"


def test_a_first_step_that_has_to_wait_lets_the_second_wait(world):
    contact = turned_down(world)
    refusing(world.hubspot, Later("the portal is busy"), field="lifecyclestage")
    result = world.run()
    assert (result.exit_code, result.summary["later"], entries(world)) == (3, 2, [])
    healed(world.hubspot)
    released(world)
    assert world.field(contact, "lifecyclestage") == "lead"


def asked_for_a_demo(world):
    """A contact whose engagement rises, and a portal that does not take the new level."""
    contact = world.person()
    world.settle()
    refusing(world.hubspot, OPTION, field="revops_engagement_level", value="E2")
    world.form(contact, "f1", "2026-11-23T09:00:00Z", title="Demo anfordern")
    return contact


def test_neither_a_plan_nor_an_edit_that_needs_nothing_ends_it(world):
    contact = asked_for_a_demo(world)
    since = held(world, "INVALID_OPTION").since
    world.hubspot.put("contacts", contact, hs_analytics_source="DIRECT_TRAFFIC", revops_budget="yes")
    assert world.run(engine=plan).exit_code == 1
    assert [each.since for each in entries(world)] == [since]
    assert held(world, "INVALID_OPTION").since == since
    healed(world.hubspot)
    released(world)


def test_it_stays_while_the_write_has_to_wait(world):
    asked_for_a_demo(world)
    since = held(world, "INVALID_OPTION").since
    refusing(world.hubspot, Later("the portal is busy"), field="revops_engagement_level")
    assert world.run().exit_code == 3
    assert [each.since for each in entries(world)] == [since]
    healed(world.hubspot)
    released(world)


def test_it_says_only_why_the_write_is_refused_now(world):
    asked_for_a_demo(world)
    held(world, "INVALID_OPTION")
    refusing(world.hubspot, Refused("READ_ONLY", "the property is read only"), field="revops_engagement_level")
    held(world, "READ_ONLY")


def test_it_ends_when_nobody_wants_the_write_any_more(world):
    contact = asked_for_a_demo(world)
    wanted = {}
    refuse = world.hubspot.refuse

    def note(write):
        wanted.update(write.fields)
        return refuse(write)

    world.hubspot.refuse = note
    held(world, "INVALID_OPTION")
    world.hubspot.put("contacts", contact, **wanted)
    assert world.run().exit_code == 0
    assert entries(world) == []


def test_it_ends_with_its_record(world):
    contact = asked_for_a_demo(world)
    held(world, "INVALID_OPTION")
    world.hubspot.delete("contacts", contact)
    world.run()
    assert entries(world, "INVALID_OPTION") == []


def qualified(world):
    """A contact whom the rules make an MQL, so that sales gets a lead."""
    contact = world.person(lifecyclestage="lead", hs_lead_status=None)
    world.settle()
    assert world.salesforce.of("Lead") == []
    world.form(contact, "f1", "2026-11-23T09:00:00Z", title="Demo anfordern")
    world.hubspot.put("contacts", contact, jobtitle="CEO", country="Germany", numemployees="1000+")
    return contact


@pytest.mark.parametrize("outcome", [VALIDATION, Later("the org is busy")])
def test_a_lead_of_a_new_mql_that_is_not_taken_is_tried_again(world, outcome):
    contact = qualified(world)
    refusing(world.salesforce, outcome, field="Email")
    if isinstance(outcome, Refused):
        entry = held(world, "FIELD_CUSTOM_VALIDATION_EXCEPTION", runs=3)
        assert (entry.side, entry.record) == ("hubspot", contact)
    else:
        assert [world.run().exit_code for _ in range(2)] == [3, 3]
    assert world.field(contact, "lifecyclestage") == "marketingqualifiedlead"
    healed(world.salesforce)
    released(world)
    (lead,) = world.salesforce.of("Lead")
    assert lead["RevOps_Stage__c"] == "MQL"


@pytest.mark.parametrize("act", [turned_down, qualified])
def test_what_is_refused_is_held_wherever_a_run_was_killed(tmp_path, project, act):
    world = Rules(tmp_path / "begun.sqlite", project)
    contact = act(world)
    boundaries = Boundaries()

    def refuse(made):
        refusing(made.hubspot, OPTION, field="lifecyclestage", value="lead")
        refusing(made.salesforce, VALIDATION, field="Email")

    whole = world.copied(tmp_path / "whole.sqlite")
    refuse(whole)
    whole.run(boundaries)
    (expected,) = [(each.side, each.record, each.code) for each in entries(whole)]
    assert expected[1] == contact
    for at in some(range(1, len(boundaries.seen) + 1)):
        again = world.copied(tmp_path / f"{at}.sqlite")
        refuse(again)
        again.run(Boundaries(at))
        assert again.run().exit_code == 1
        assert [(each.side, each.record, each.code) for each in entries(again)] == [expected]
        healed(again.hubspot)
        healed(again.salesforce)
        assert again.run().exit_code == 0
        assert (again.writes(), entries(again)) == (0, [])
        again.path.unlink()

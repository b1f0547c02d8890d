"""A way down, a rejection without a reason, its escalation, a win: killed at calls and commits (domain §16, L-3, R-2).

Every eighth boundary for each seed of `REVLOOP_SIM_SEEDS`: eight seeds are all of them.
"""

from datetime import timedelta

import pytest
from attribution_world import Boundaries, some
from rules_world import BANT, Rules, edited, ruled_sql, shipped


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


def recycled(world):
    """Sales turns a lead down, with a reason that may change."""
    contact = world.person()
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED", revops_rejection_reason="timeline_too_far")
    return contact


def unexplained(world):
    """Somebody turns a lead down without a word."""
    contact = world.person()
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED")
    return contact


def silent(world):
    """Nobody gives the reason, and the time is over."""
    contact = unexplained(world)
    world.settle()
    world.now += timedelta(days=1)
    return contact


def again(world):
    """A workflow turns a lead without a status down, and down again once it was given back."""
    contact = world.person(hs_lead_status=None)
    world.settle()
    world.rejects(contact)
    world.run()
    world.rejects(contact)
    return contact


def requalified(world):
    """A recycled lead is handed over once more, and nobody answers."""
    contact = recycled(world)
    world.settle()
    world.wait(days=190)
    world.hubspot.put("contacts", contact, lifecyclestage="marketingqualifiedlead")
    world.settle()
    world.wait(days=4)
    return contact


def judge_again(world, contact):
    assert not world.field(contact, "hs_lead_status")
    assert world.field(contact, "revops_rejection_state") == "reverted"
    assert len(world.hubspot.opened) == 1
    with world.store() as store:
        kinds = [each.kind for each in store.effects.of_person(f"person:hubspot:{contact}")]
    assert kinds.count("Revert") == 2


def judge_requalified(world, contact):
    assert world.field(contact, "hs_lead_status") == "BAD_TIMING"
    assert world.field(contact, "revops_feedback_overdue") == "true"
    assert world.field(contact, "revops_rejection_state") == "escalated_1"
    assert not world.field(contact, "revops_feedback_at")
    assert len(world.tasks()) == 1


def judge_recycled(world, contact):
    assert world.field(contact, "lifecyclestage") == "lead"
    assert world.field(contact, "hs_lead_status") == "BAD_TIMING"
    assert world.field(contact, "revops_stage") == "lead"
    assert str(world.field(contact, "revops_cycle")) == "2"
    assert world.field(contact, "revops_recycle_on") == "2027-05-22"
    (lead,) = world.salesforce.of("Lead")
    assert lead["RevOps_Stage__c"] == "lead"


def judge_unexplained(world, contact):
    assert world.field(contact, "hs_lead_status") == "OPEN"
    assert world.field(contact, "revops_rejection_state") == "reverted"
    assert len(world.hubspot.opened) == 1


def judge_silent(world, contact):
    assert world.field(contact, "hs_lead_status") == "OPEN"
    assert world.field(contact, "revops_rejection_state") == "escalated_1"
    bodies = [body for crm in world.crms.values() for _, body, _ in crm.opened.values()]
    assert len(bodies) == len(set(bodies)) == 2
    with world.store() as store:
        kinds = [each.kind for each in store.effects.of_person(f"person:hubspot:{contact}")]
    assert kinds.count("Escalate") == 1


def won(world):
    """HubSpot wins a deal that both CRMs have; the person came by an advertisement."""
    contact = world.person(lifecyclestage="lead", hs_lead_status="NEW", createdate="2026-08-01T08:00:00Z")
    world.salesforce.put("Contact", Email="buyer@example.com", LastName="Buyer", OwnerId="005A")
    world.form(contact, "f1", "2026-11-01T10:00:00Z", "https://example.com/book?utm_medium=cpc")
    world.settle()
    deal = world.deal("Press", contact, won=False, dealstage="contractsent")
    given = {"StageName": "Proposal/Price Quote", "CloseDate": "2027-01-31", "Amount": "48000"}
    world.salesforce.put("Opportunity", Name="Press", CreatedDate="2026-11-06T09:00:00Z", **given)
    world.settle()
    world.hubspot.put("deals", deal, dealstage="closedwon", closedate="2026-11-23T11:00:00Z")
    return contact


def judge_won(world, contact):
    assert world.field(contact, "revops_stage") == "customer"
    assert world.field(contact, "revops_customer_at")[:10] == "2026-11-23"
    (deal,), (opportunity,) = world.hubspot.of("deals"), world.salesforce.of("Opportunity")
    assert opportunity["StageName"] == "Closed Won"
    assert '"frozen":"2026-11-23T' in deal["revops_sourced_evidence"]
    assert opportunity["RevOps_Sourced_Evidence__c"] == deal["revops_sourced_evidence"]
    assert world.credits("hubspot", "full_path") == world.credits("salesforce", "full_path") == {"paid": "48000.00"}


def accepted(world):
    """Sales takes a person on whom our own rule made an SQL."""
    contact = ruled_sql(world)
    world.salesforce.put("Lead", world.lead(), Status="Working - Contacted")
    world.hubspot.put("contacts", contact, hs_lead_status="IN_PROGRESS")
    return contact


def judge_accepted(world, contact):
    assert world.field(contact, "revops_stage") == "SQL"
    assert world.field(contact, "revops_sal_at")
    assert world.field(contact, "revops_feedback_at") == world.field(contact, "revops_sal_at")
    assert not world.field(contact, "revops_sla_feedback_breached_at")


def written(world):
    """Our own rule makes an SQL, and the lead status follows."""
    contact = world.buyer(**BANT)
    world.settle()
    world.asks(contact, "f1")
    return contact


def judge_written(world, contact):
    assert world.field(contact, "revops_stage") == "SQL"
    assert world.field(contact, "hs_lead_status") == "IN_PROGRESS"
    assert world.salesforce.rows["Lead", world.lead()].fields["Status"] == "Working - Contacted"
    assert not world.field(contact, "revops_sal_at")
    assert not world.field(contact, "revops_feedback_at")


SCENES = {
    "accepted": (accepted, judge_accepted),
    "written": (written, judge_written),
    "recycled": (recycled, judge_recycled),
    "unexplained": (unexplained, judge_unexplained),
    "silent": (silent, judge_silent),
    "won": (won, judge_won),
    "again": (again, judge_again),
    "requalified": (requalified, judge_requalified),
}


def following(project, tmp_path):
    """The project, where the lead status of both CRMs follows the stage."""
    edited(project, tmp_path, "lifecycle", "write_lead_status: false", "write_lead_status: true ")
    return edited(project, tmp_path, "lifecycle", "{recycled: BAD_TIMING}", "{recycled: BAD_TIMING, sal: IN_PROGRESS}")


@pytest.mark.parametrize("scene", SCENES)
def test_it_may_be_killed_anywhere(tmp_path, project, scene):
    act, judge = SCENES[scene]
    made = following(project, tmp_path) if scene == "written" else project
    world = Rules(tmp_path / "begun.sqlite", made)
    contact = act(world)
    whole, boundaries = world.copied(tmp_path / "whole.sqlite"), Boundaries()
    whole.run(boundaries)
    whole.settle()
    judge(whole, contact)
    assert {"hubspot update", "hubspot update done", "commit"} <= set(boundaries.seen)
    for at in some(range(1, len(boundaries.seen) + 1)):
        again = world.copied(tmp_path / f"{at}.sqlite")
        again.run(Boundaries(at))
        again.settle()
        judge(again, contact)
        again.path.unlink()


def test_a_crm_that_keeps_the_stage_is_said_in_the_inbox(tmp_path, project):
    world = Rules(tmp_path / "state.sqlite", project)
    contact = recycled(world)
    stubborn = world.hubspot.put

    def put(vendor_object, id_=None, **fields):
        if world.hubspot.ours and fields.get("lifecyclestage"):
            fields["lifecyclestage"] = "marketingqualifiedlead"
        return stubborn(vendor_object, id_, **fields)

    world.hubspot.put = put
    world.run()
    assert world.inbox("KEPT")
    assert world.field(contact, "lifecyclestage") == "marketingqualifiedlead"
    world.hubspot.put = stubborn
    world.settle()
    judge_recycled(world, contact)
    assert not world.inbox("KEPT")


def test_the_reason_comes_and_the_rejection_with_it(tmp_path, project):
    world = Rules(tmp_path / "state.sqlite", project)
    contact = unexplained(world)
    world.settle()
    world.now += timedelta(hours=3)
    world.hubspot.put("contacts", contact, revops_rejection_reason="need_none")
    world.settle()
    assert world.field(contact, "hs_lead_status") == "UNQUALIFIED"
    assert world.field(contact, "revops_rejection_state") == "ok"
    assert [open_ for _, _, open_ in world.hubspot.opened.values()] == [False]


def test_an_edit_of_a_derived_field_is_overwritten_and_noted(tmp_path, project):
    world = Rules(tmp_path / "state.sqlite", project)
    contact = world.person()
    world.settle()
    world.hubspot.put("contacts", contact, revops_fit_score="99")
    world.settle()
    assert world.field(contact, "revops_fit_score") != "99"
    with world.store() as store:
        written = [change for row in store.ledger.of_link(f"person:hubspot:{contact}") for change in row.changes]
    assert any("an edit in the CRM is overwritten" in change.because for change in written)


def test_events_that_lie_ahead_do_not_count(tmp_path, project):
    world = Rules(tmp_path / "state.sqlite", project)
    contact = world.person()
    world.form(contact, "f1", "2026-12-24T09:00:00Z", title="Demo anfragen")
    world.settle()
    assert str(world.field(contact, "revops_engagement_score")) == "0"

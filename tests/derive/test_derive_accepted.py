"""Sales takes a person on whom a rule of ours qualified: by a lead status, in either CRM (domain §2.3, §2.4, §3.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from rules_world import Rules, edited, later, ruled_sql, shipped

from connector.revops.lifecycle_journey import iso

SIDES = ("hubspot", "salesforce")
NEXT_YEAR = datetime(2027, 6, 7, 10, 0, tzinfo=UTC)
"""A Monday, when who was turned down for the time may come back."""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project):
    return Rules(tmp_path / "state.sqlite", project)


def status(world, contact, side, word):
    """Somebody sets a lead status; gives the instant as it stands in fields."""
    words = {"taken": ("IN_PROGRESS", "Working - Contacted"), "open": ("OPEN", "Open - Not Contacted")}
    in_hubspot, in_salesforce = words[word]
    if side == "hubspot":
        world.hubspot.put("contacts", contact, hs_lead_status=in_hubspot)
    else:
        world.salesforce.put("Lead", world.lead(), Status=in_salesforce)
    return iso(world.now)


def escalations(world, contact):
    with world.store() as store:
        return [each for each in store.effects.of_person(f"person:hubspot:{contact}") if each.kind == "Escalate"]


def kept(world, contact, at):
    """Sales answered at this instant, and both promises stay kept."""
    assert world.field(contact, "revops_sal_at") == at
    assert world.field(contact, "revops_feedback_at") == at
    assert world.promise(contact, "acceptance")[1] is None
    assert world.promise(contact, "feedback")[1] is None
    assert world.field(contact, "revops_feedback_overdue") != "true"
    assert escalations(world, contact) == []


def broken(world, contact):
    """Nobody answered."""
    assert not world.field(contact, "revops_sal_at")
    assert not world.field(contact, "revops_feedback_at")
    assert world.promise(contact, "acceptance")[1]
    assert world.promise(contact, "feedback")[1]
    assert world.field(contact, "revops_feedback_overdue") == "true"
    assert len(escalations(world, contact)) == 1


@pytest.mark.parametrize("side", SIDES)
def test_sales_accepts_an_sql_of_our_own_rule(world, side):
    contact = ruled_sql(world)
    at = status(world, contact, side, "taken")
    world.settle()
    later(world, days=5)
    kept(world, contact, at)
    assert world.field(contact, "revops_stage") == "SQL"
    assert world.field(contact, "lifecyclestage") == "salesqualifiedlead"
    assert world.writes() == 0


def test_sales_accepts_an_mql_of_our_own_rule_by_the_lead_status_of_hubspot(world):
    contact = world.buyer()
    world.asks(contact, "f1")
    world.settle()
    assert (world.field(contact, "revops_stage"), world.field(contact, "revops_stage_source")) == ("MQL", "rule")
    at = status(world, contact, "hubspot", "taken")
    world.settle()
    assert world.field(contact, "revops_stage") == "SAL"
    later(world, days=5)
    kept(world, contact, at)


@pytest.mark.parametrize("side", SIDES)
def test_who_was_accepted_stays_so_whatever_the_status_becomes(world, side):
    contact = ruled_sql(world)
    at = status(world, contact, side, "taken")
    world.settle()
    status(world, contact, side, "open")
    later(world, days=1)
    status(world, contact, side, "taken")
    later(world, days=5)
    kept(world, contact, at)


@pytest.mark.parametrize("side", SIDES)
def test_the_first_word_of_sales_counts(world, side):
    contact = ruled_sql(world)
    at = status(world, contact, side, "taken")
    world.now += timedelta(minutes=20)
    (other,) = set(SIDES) - {side}
    status(world, contact, other, "taken")
    later(world, days=5)
    kept(world, contact, at)


def test_a_lead_status_that_we_wrote_is_no_answer(project, tmp_path):
    edited(project, tmp_path, "lifecycle", "write_lead_status: false", "write_lead_status: true ")
    made = edited(project, tmp_path, "lifecycle", "{recycled: BAD_TIMING}", "{recycled: BAD_TIMING, sal: IN_PROGRESS}")
    world = Rules(tmp_path / "state.sqlite", made)
    contact = ruled_sql(world)
    assert world.field(contact, "hs_lead_status") == "IN_PROGRESS"
    assert world.salesforce.rows["Lead", world.lead()].fields["Status"] == "Working - Contacted"
    later(world, days=5)
    broken(world, contact)


def test_a_lead_status_that_stood_before_is_no_answer(world):
    contact = world.buyer(hs_lead_status="IN_PROGRESS", revops_bant_budget="planned", revops_bant_authority="decides")
    later(world, hours=1)
    world.hubspot.put("contacts", contact, revops_bant_need="explicit")
    world.asks(contact, "f1")
    world.settle()
    assert world.field(contact, "revops_stage") == "SQL"
    later(world, days=5)
    broken(world, contact)


@pytest.mark.parametrize("side", SIDES)
def test_the_status_of_an_earlier_cycle_is_no_answer_but_a_new_one_is(world, side):
    contact = ruled_sql(world)
    status(world, contact, "salesforce", "taken")
    world.settle()
    later(world, days=1)
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED", revops_rejection_reason="timeline_too_far")
    world.settle()
    assert world.field(contact, "hs_lead_status") == "BAD_TIMING"
    world.now = NEXT_YEAR
    world.asks(contact, "f3")
    world.settle()
    assert (world.field(contact, "revops_stage"), str(world.field(contact, "revops_cycle"))) == ("SQL", "2")
    assert not world.field(contact, "revops_sal_at")
    assert not world.field(contact, "revops_feedback_at")
    status(world, contact, "salesforce", "open")
    world.settle()
    assert not world.field(contact, "revops_feedback_at")
    at = status(world, contact, side, "taken")
    world.settle()
    later(world, days=5)
    kept(world, contact, at)


def test_memories_of_before_acceptances_were_kept_are_read(world):
    contact = ruled_sql(world)
    with world.store() as store:
        ((key, body),) = [each for some in store.standings.all("person") for each in some]
        assert body["journey"].pop("taken_at") is None
        store.standings.put("person", [(key, body, world.now)])
    at = status(world, contact, "salesforce", "taken")
    world.settle()
    later(world, days=5)
    kept(world, contact, at)


def test_an_acceptance_outlives_the_loss_of_the_state(world):
    contact = ruled_sql(world)
    at = status(world, contact, "salesforce", "taken")
    world.settle()
    status(world, contact, "salesforce", "open")
    world.settle()
    world.path.unlink()
    with world.store() as store:
        store.put("rules.began", "2020-01-01T00:00:00+00:00")
    world.settle()
    later(world, days=5)
    kept(world, contact, at)

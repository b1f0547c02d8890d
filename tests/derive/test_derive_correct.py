"""The ways down that a person opens: a stage that was wrong, a customer who left, and one lowered by hand in a CRM."""

from datetime import timedelta

import pytest
from attribution_world import Boundaries, some
from rules_world import Rules, shipped

from connector.engine.derive.correct import Asked, Corrections, asked
from connector.engine.lease import leased
from connector.engine.run import apply, plan
from connector.engine.seams import Seams
from connector.errors import BrakeError, LaterError, SettingsError
from connector.revops.lifecycle import Lifecycle

SLIP = Asked("data_correction", "import mistake", "lead")
LEFT = Asked("customer_churned", "contract ended")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project):
    return Rules(tmp_path / "state.sqlite", project)


def correct(world, contact, wanted=SLIP, boundaries=None):
    """What the command does, between two runs; killed at a commit if wanted."""
    at = world.now + timedelta(minutes=1)
    world.now = at + timedelta(minutes=1)
    seams = Seams(lambda: at, lambda kind: kind, lambda _seconds: None)
    with world.store() as store:
        corrections = Corrections(world.project, store, world.project.agreement.lifecycle, seams)
        person = corrections.person("hubspot", contact)
        if boundaries is None:
            return corrections.note(person, wanted)
        with boundaries.commits():
            return corrections.note(person, wanted)


def customer(world, **fields):
    """Somebody whom a slip of the hand made a customer."""
    contact = world.person(**fields)
    world.settle()
    world.hubspot.put("contacts", contact, lifecyclestage="customer")
    world.settle()
    assert stages(world, contact) == ("customer", "customer", "customer")
    world.now += timedelta(hours=1)
    return contact


def stages(world, contact):
    """What HubSpot shows, and revloop's own field in both CRMs."""
    (lead,) = world.salesforce.of("Lead")
    return (*(world.field(contact, name) for name in ("lifecyclestage", "revops_stage")), lead["RevOps_Stage__c"])


def because(world, contact, name):
    with world.store() as store:
        written = store.ledger.of_link(f"person:hubspot:{contact}")
        return next(change.because for row in written for change in row.changes if change.field == name)


def test_the_next_run_carries_a_correction_out_in_both_crms(world):
    contact = customer(world)
    noted = correct(world, contact)
    assert (noted.before, noted.corrected, noted.after, noted.known) == ("customer", "lead", "lead", False)
    assert stages(world, contact) == ("customer", "customer", "customer")
    world.run()
    assert stages(world, contact) == ("lead", "lead", "lead")
    assert world.writes() == 0
    assert not world.field(contact, "revops_customer_at")
    assert because(world, contact, "hubspot.stage") == "lifecycle.data_correction: import mistake"
    assert because(world, contact, "revops_stage") == "lifecycle.data_correction: import mistake"
    world.now += timedelta(days=3)
    assert world.writes() == 0


def test_correcting_twice_is_correcting_once(world):
    contact = customer(world)
    correct(world, contact)
    assert correct(world, contact).known
    other = correct(world, contact, Asked("data_correction", "no, an MQL", "mql"))
    assert (other.known, other.after) == (False, "mql")
    world.settle()
    assert stages(world, contact) == ("marketingqualifiedlead", "MQL", "MQL")
    with pytest.raises(SettingsError, match="MQL is not lower than MQL"):
        correct(world, contact, Asked("data_correction", "again", "mql"))


def test_a_correction_may_be_killed_anywhere(tmp_path, world):
    contact = customer(world)
    whole, boundaries = world.copied(tmp_path / "whole.sqlite"), Boundaries()
    correct(whole, contact, boundaries=boundaries)
    assert boundaries.seen == ["commit"]
    killed = world.copied(tmp_path / "killed.sqlite")
    with pytest.raises(BaseException):  # noqa: B017, PT011  (the process is no more)
        correct(killed, contact, boundaries=Boundaries(1))
    assert killed.writes() == 0
    boundaries = Boundaries()
    whole.copied(tmp_path / "run.sqlite").run(boundaries)
    for at in some(range(1, len(boundaries.seen) + 1)):
        again = whole.copied(tmp_path / f"{at}.sqlite")
        again.run(Boundaries(at))
        again.settle()
        assert stages(again, contact) == ("lead", "lead", "lead")
        again.path.unlink()


def test_rules_and_people_may_raise_a_corrected_person_again(world):
    contact = customer(world)
    correct(world, contact)
    world.settle()
    world.hubspot.put("contacts", contact, lifecyclestage="salesqualifiedlead")
    world.settle()
    assert stages(world, contact) == ("salesqualifiedlead", "SQL", "SQL")


def test_a_stage_that_was_a_mistake_opens_no_way_to_sql(world):
    """Sales' answers make an SQL of an MQL only, and who is one stays one: not by a stage that was wrong."""
    answers = {"revops_bant_budget": "approved", "revops_bant_authority": "decides", "revops_bant_need": "explicit"}
    contact = customer(world, **answers)
    world.form(contact, "f1", "2026-11-23T08:00:00Z", title="Kontaktformular")
    world.settle()
    noted = correct(world, contact)
    assert noted.after == "lead"
    world.settle()
    assert stages(world, contact) == ("lead", "lead", "lead")
    assert "MQL nein" in world.field(contact, "revops_score_explanation")


def test_what_the_rules_say_at_once_is_told(world):
    company = world.hubspot.put(
        "companies", name="Metall GmbH", domain="metall.example", numberofemployees="1450", industry="MACHINERY"
    )
    contact = customer(
        world, company="Metall GmbH", jobtitle="Bereichsleiterin", **{"associations.companies": [company.id]}
    )
    world.form(contact, "f1", "2026-11-23T08:00:00Z", title="Kontaktformular")
    world.settle()
    noted = correct(world, contact)
    assert (noted.corrected, noted.after) == ("lead", "mql")
    assert noted.because.startswith("scoring.mql: hot")
    world.settle()
    assert stages(world, contact) == ("marketingqualifiedlead", "MQL", "MQL")


@pytest.mark.parametrize("late", [False, True])
def test_nobody_has_to_answer_for_a_lead_that_was_none(world, late):
    contact = world.person(lifecyclestage="lead")
    world.settle()
    world.hubspot.put("contacts", contact, lifecyclestage="marketingqualifiedlead")
    world.settle()
    assert world.field(contact, "revops_handover_at")
    world.now += timedelta(days=9 if late else 0, hours=2)
    world.settle()
    assert bool(world.field(contact, "revops_sla_breached_at")) is late
    correct(world, contact)
    world.settle()
    world.now += timedelta(days=9)
    world.settle()
    for name in ("handover_at", "feedback_overdue", "sla_feedback_due_at", "sla_breached_at"):
        assert not world.field(contact, f"revops_{name}"), name
    opened = [open_ for crm in world.crms.values() for _, _, open_ in crm.opened.values()]
    assert bool(opened) is late
    assert not any(opened)
    with world.store() as store:
        ((_, body),) = [each for found in store.standings.all("person") for each in found]
    assert body["handovers"] == []


def test_a_customer_who_left_stays_one_and_is_marked(world):
    contact = customer(world)
    noted = correct(world, contact, LEFT)
    assert (noted.after, noted.former) == ("customer", True)
    world.run()
    assert stages(world, contact) == ("customer", "customer", "customer")
    (lead,) = world.salesforce.of("Lead")
    assert world.field(contact, "revops_customer_status") == lead["RevOps_Customer_Status__c"] == "former"
    assert because(world, contact, "revops_customer_status") == "lifecycle.customer_churned: contract ended"
    assert world.writes() == 0
    with pytest.raises(SettingsError, match="former already"):
        correct(world, contact, LEFT)


def test_a_plan_that_was_made_before_is_not_applied_after(world):
    contact = customer(world)
    made = world.run(engine=plan)
    correct(world, contact)
    with pytest.raises(BrakeError, match="since plan"):
        world.run(engine=lambda *run: apply(*run, made.plan))


def test_nothing_is_noted_while_a_run_goes_on(world):
    seams = Seams(lambda: world.now, lambda kind: kind, lambda _seconds: None)
    with world.store() as store:
        store.acquire("run-1", world.now, 600)
        with pytest.raises(LaterError, match="another run"), leased(store, "correct-1", seams):
            pass


def test_who_cannot_be_corrected(world):
    contact = world.person()
    world.settle()
    with pytest.raises(SettingsError, match="only a customer leaves, this is MQL"):
        correct(world, contact, LEFT)
    with pytest.raises(SettingsError, match="customer is not lower than MQL"):
        correct(world, contact, Asked("data_correction", "slip", "customer"))


def test_who_is_left_alone_is_not_corrected(world):
    contact = customer(world)
    seams = Seams(lambda: world.now, lambda kind: kind, lambda _seconds: None)
    with world.store() as store:
        corrections = Corrections(world.project, store, world.project.agreement.lifecycle, seams)
        person = corrections.person("hubspot", contact)
        person.unit.halves["hubspot"].takes_part = False  # as a `sync` condition of the mapping says
        with pytest.raises(SettingsError, match="revloop leaves this person alone"):
            corrections.note(person, SLIP)


def test_what_lies_after_a_correction_is_not_lowered_by_it(world):
    contact = customer(world)
    world.now -= timedelta(days=1)  # this machine's clock is a day behind that of the CRMs
    with pytest.raises(SettingsError, match=r"could not carry this out: data_correction .* since 20"):
        correct(world, contact)
    with world.store() as store:
        ((_, body),) = [each for found in store.standings.all("person") for each in found]
    assert body["downs"] == []


@pytest.mark.parametrize(
    ("to", "reason", "churned", "message"),
    [
        ("leed", "slip", False, "did you mean 'lead'"),
        ("sal", "slip", False, "does not use the stage sal"),
        ("lead", " ", False, "say why"),
        ("lead", "x" * 201, False, "say why"),
        (None, "slip", False, "either --to STAGE, or --churned"),
        ("lead", "slip", True, "either --to STAGE, or --churned"),
    ],
)
def test_what_is_typed_wrong_is_told(to, reason, churned, message):
    config = Lifecycle(stages=("lead", "mql", "customer"))
    with pytest.raises(SettingsError, match=message):
        asked(config, to, reason, churned=churned)
    with pytest.raises(SettingsError, match="no lifecycle rules are in force"):
        asked(None, to, reason, churned=churned)


def test_a_stage_lowered_by_hand_is_set_back_with_the_remedy(world):
    contact = customer(world)
    world.hubspot.put("contacts", contact, lifecyclestage="lead")
    world.settle()
    assert stages(world, contact) == ("customer", "customer", "customer")
    assert because(world, contact, "hubspot.stage") == (
        "lifecycle: lead was set by hand in HubSpot and is set back; to lower it for good: "
        f"revloop correct {contact} --to lead --reason TEXT"
    )
    world.hubspot.put("contacts", contact, lifecyclestage="")
    world.settle()
    assert "no stage was set by hand in HubSpot" in because(world, contact, "hubspot.stage")

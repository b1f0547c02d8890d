"""A stage that was wrong, from the real command to both sandboxes."""

import pytest
from desk import begin, desk, end_all, ended, project, run, spawn, until

PERSON = {"email": "petra.probe@probe.example", "lastname": "Probe", "company": "Probe GmbH", "hs_lead_status": "OPEN"}
WHY = ("--reason", "import mistake")


@pytest.fixture(scope="module")
def at():
    with desk("--bare") as running:
        yield running


@pytest.fixture(scope="module")
def folder(at, tmp_path_factory):
    """A project whose rules have been applied to both CRMs once."""
    at.fresh(6)
    made = project(tmp_path_factory.mktemp("correct") / "p", at, settings="rules: {attribution: off}")
    assert run(made, "install").code == 0
    assert run(made, "sync").code in (0, 1)
    yield made
    end_all()


@pytest.fixture
def person(folder, at):
    """An MQL whom a slip of the hand made a customer."""
    made = at.order("hubspot", "create", {"object": "contacts", "properties": stage("marketingqualifiedlead") | PERSON})
    assert run(folder, "sync").code in (0, 1)
    at.order("hubspot", "edit", {"object": "contacts", "id": made["id"], "properties": stage("customer")})
    assert run(folder, "sync").code in (0, 1)
    assert stages(at, made["id"]) == ("customer", "customer", "customer")
    yield made["id"]
    at.order("hubspot", "archive", {"object": "contacts", "id": made["id"]})
    for lead in [each for each in at.salesforce_records("Lead") if each["Email"] == PERSON["email"]]:
        at.order("salesforce", "delete", {"sobject": "Lead", "id": lead["Id"]})
    assert run(folder, "sync", "--full").code in (0, 1)


def stage(value):
    return {"lifecyclestage": value}


def stages(at, contact):
    """What HubSpot shows, and revloop's own field in both CRMs."""
    held = at.contacts()[contact]["properties"]
    (lead,) = [each for each in at.salesforce_records("Lead") if each["Email"] == PERSON["email"]]
    return held["lifecyclestage"], held["revops_stage"], lead["RevOps_Stage__c"]


def statuses(folder):
    return {each["status"] for each in run(folder, "runs", "--json").data["runs"]}


def test_a_correction_is_noted_planned_and_written(folder, at, person):
    told = run(folder, "correct", PERSON["email"], "--to", "Lead", *WHY)
    assert told.code == 0, told.err
    assert "customer → lead, in both CRMs" in told.out
    assert stages(at, person) == ("customer", "customer", "customer")
    assert run(folder, "correct", person, "--to", "lead", *WHY, "--json").data["known"]
    planned = run(folder, "plan")
    assert "lifecycle.data_correction: import mistake" in planned.out
    assert run(folder, "sync").code in (0, 1)
    assert stages(at, person) == ("lead", "lead", "lead")
    assert run(folder, "sync", "--json").data["writes"] == {"hubspot": 0, "salesforce": 0}
    (story,) = run(folder, "explain", person, "--field", "hubspot.stage", "--json").data["records"][0]["fields"]
    assert story["written"][0]["because"] == "lifecycle.data_correction: import mistake"
    again = run(folder, "correct", person, "--to", "lead", *WHY)
    assert (again.code, "lead is not lower than lead" in again.err) == (2, True)


def test_a_customer_who_left_is_marked(folder, at, person):
    told = spawn(folder, "correct", person, "--churned", "--reason", "contract ended", "--json")
    assert told.code == 0, told.err
    assert told.data["stage"] == {"now": "customer", "corrected": "customer", "next_run": "customer"}
    assert told.data["former"] is True
    assert run(folder, "sync").code in (0, 1)
    assert stages(at, person) == ("customer", "customer", "customer")
    assert at.contacts()[person]["properties"]["revops_customer_status"] == "former"


def test_what_cannot_be_corrected_says_why(folder, at, person):
    company = next(each for each in at.salesforce_records("Account"))["Id"]
    for arguments, message in (
        ((person, "--to", "leed"), "did you mean 'lead'"),
        ((person, "--to", "evangelist"), "evangelist is not lower than customer"),
        ((person,), "either --to STAGE, or --churned"),
        (("nobody@probe.example", "--to", "lead"), "no record is known by this"),
        ((company, "--to", "lead"), "this is no person"),
    ):
        refused = run(folder, "correct", *arguments, *WHY)
        assert (refused.code, message in refused.err) == (2, True), refused.err
    assert run(folder, "correct", person, "--to", "lead").code == 2
    assert run(folder, "correct", person, "--to", "lead", "--reason", " ").code == 2


def test_one_person_is_meant_and_still_there(folder, at):
    twin = {"Email": "twin@probe.example", "LastName": "Probe", "Company": "Probe GmbH"}
    leads = [at.order("salesforce", "create", {"sobject": "Lead", "fields": twin})["id"] for _ in range(2)]
    assert run(folder, "sync").code in (0, 1)
    refused = run(folder, "correct", twin["Email"], "--to", "lead", *WHY)
    assert (refused.code, "2 persons fit" in refused.err, all(each in refused.err for each in leads)) == (2, True, True)
    for lead in leads:
        at.order("salesforce", "delete", {"sobject": "Lead", "id": lead})
    assert run(folder, "sync", "--full").code in (0, 1)
    refused = run(folder, "correct", leads[0], "--to", "lead", *WHY)
    assert (refused.code, "no record of this person is left" in refused.err) == (2, True), refused.err


def test_it_is_refused_while_a_run_goes_on(folder, at, person):
    at.slow(0.5)
    running = begin(folder, "sync", "--full")
    try:
        until(lambda: "running" in statuses(folder), "the run to begin")
        refused = run(folder, "correct", person, "--to", "lead", *WHY)
        assert (refused.code, "another run" in refused.err) == (3, True), refused.err
    finally:
        at.slow(0)
        ended(running)
    assert run(folder, "correct", person, "--to", "lead", *WHY).code == 0

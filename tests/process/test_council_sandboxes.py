"""From a hand-over in the sandboxes to the lead council: real runs, real HTTP, the real command."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from desk import desk, project, run

PERSON = {
    "email": "wanda.weit@probe.example",
    "lastname": "Weit",
    "company": "Probe GmbH",
    "lifecyclestage": "marketingqualifiedlead",
    "hs_lead_status": "OPEN",
}


@pytest.fixture(scope="module")
def at():
    with desk("--bare") as running:
        yield running


@pytest.fixture
def folder(at, tmp_path):
    """A project whose rules have been applied to both CRMs once."""
    at.fresh(6)
    made = project(tmp_path / "p", at, settings="rules: {attribution: off}")
    assert run(made, "install").code == 0
    assert run(made, "sync").code in (0, 1)
    return made


def this_month():
    return f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"


def council(folder, month):
    told = run(folder, "report", "council", "--month", month, "--json", "--records")
    assert told.code == 0, told.err
    return told.data


def changed(before, after, figure):
    """How much a figure of the headline grew, and by which records."""
    old, new = before["headline"][figure], after["headline"][figure]
    return int(new["value"]) - int(old["value"]), set(new["records"]) - set(old["records"])


def handed_over(folder, at):
    """A person whom sales gets, as a run sees it."""
    owner = at.order("hubspot", "owners", {"owners": []})["owners"][0]["id"]
    made = at.order("hubspot", "create", {"object": "contacts", "properties": PERSON | {"hubspot_owner_id": owner}})
    assert run(folder, "sync", "--full").code in (0, 1)
    return made["id"]


def test_a_hand_over_its_rejection_and_the_erasure_of_the_person(folder, at):
    month = this_month()
    nobody = council(folder, month)
    contact = handed_over(folder, at)
    mine = {f"hubspot:{contact}"}
    given = council(folder, month)
    assert changed(nobody, given, "handed_over")[0] == changed(nobody, given, "open")[0] == 1
    assert mine <= changed(nobody, given, "open")[1]
    at.order(
        "hubspot", "edit",
        {"object": "contacts", "id": contact,
         "properties": {"hs_lead_status": "UNQUALIFIED", "revops_rejection_reason": "budget_none"}},
    )  # fmt: skip
    assert run(folder, "sync", "--full").code in (0, 1)
    turned_down = council(folder, month)
    assert [changed(given, turned_down, name)[0] for name in ("handed_over", "rejected", "open")] == [0, 1, -1]
    assert mine <= changed(given, turned_down, "rejected")[1]
    text = run(folder, "report", "council", "--month", month).out
    assert PERSON["email"] not in text
    assert PERSON["lastname"] not in text

    at.order("hubspot", "erase", {"object": "contacts", "id": contact})
    for lead in at.salesforce_records("Lead"):
        if lead["Email"] == PERSON["email"]:  # what somebody edits there has nowhere to go
            fields = {"FirstName": "Wanda"}
            at.order("salesforce", "edit", {"sobject": "Lead", "id": lead["Id"], "fields": fields})
    assert run(folder, "sync", "--full").code in (0, 1)  # a full read finds out
    erased = council(folder, month)
    numbers = ("handed_over", "rejected", "open")
    assert [changed(turned_down, erased, name)[0] for name in numbers] == [0, 0, 0]
    assert not mine & set(erased["headline"]["rejected"]["records"])

"""Doors of the HubSpot sandbox for what is done with contacts, and tasks, forms and owners as the API shows them."""

import pytest
from hubspot_server import running

FIRST, SECOND = "2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"
OBJECTS = "/crm/objects/2026-03"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


def test_a_call_is_a_record_linked_to_the_contact(hub):
    contact = hub.contact(email="a@example.com")
    made = hub.door("call", contact="a@example.com", at=FIRST, title="First call", status="NO_ANSWER", owner="90000001")
    names = ("hs_call_title", "hs_call_status", "hs_call_direction", "hs_timestamp", "hubspot_owner_id")
    shown = hub.shown(f"{OBJECTS}/calls/{made['id']}", *names)
    assert [shown[name] for name in names] == ["First call", "NO_ANSWER", "OUTBOUND", FIRST, "90000001"]
    body = {"inputs": [{"id": contact}]}
    [linked] = hub.post("/crm/associations/2026-03/contacts/calls/batch/read", body).json()["results"]
    assert [one["toObjectId"] for one in linked["to"]] == [int(made["id"])]


def test_robots_are_left_out_on_request(hub):
    hub.judge = False  # legacy addresses are in none of the published contracts
    contact = hub.contact(email="a@example.com")
    for at, more in ((FIRST, {}), (SECOND, {"filtered": "true"})):
        hub.door("event", kind="click", contact=contact, at=at, properties=more)
    everything = hub.get("/email/public/v1/events").json()["events"]
    assert [one["filteredEvent"] for one in everything] == [False, True]
    people = hub.get("/email/public/v1/events?excludeFilteredEvents=true").json()["events"]
    assert [one["filteredEvent"] for one in people] == [False]


def test_forms_are_paged(hub):
    hub.judge = False
    contact = hub.contact(email="a@example.com")
    for number in range(5):
        hub.door("event", kind="form", contact=contact, properties={"hs_form_name": f"Form {number}"})
    names, after = [], ""
    while True:
        page = hub.get(f"/marketing/v3/forms?limit=2{after}").json()
        names += [one["name"] for one in page["results"]]
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"
    assert names == [f"Form {number}" for number in range(5)]


def test_a_task_is_made_with_its_association_and_is_done_when_completed(hub):
    contact = hub.contact(email="a@example.com")
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}
    task = {
        "properties": {"hs_timestamp": FIRST, "hs_task_subject": "Call back", "hs_task_status": "NOT_STARTED"},
        "associations": [{"to": {"id": contact}, "types": [kind]}],
        "objectWriteTraceId": "t1",
    }
    answer = hub.post(f"{OBJECTS}/tasks/batch/create", {"inputs": [task]})
    assert answer.status_code == 201
    [made] = answer.json()["results"]
    assert made["objectWriteTraceId"] == "t1"
    for status, done in (("DEFERRED", "0"), ("COMPLETED", "1")):
        change = {"inputs": [{"id": made["id"], "properties": {"hs_task_status": status}}]}
        assert hub.post(f"{OBJECTS}/tasks/batch/update", change).status_code == 200
        assert hub.shown(f"{OBJECTS}/tasks/{made['id']}", "hs_task_is_completed")["hs_task_is_completed"] == done


def test_owners_stand_in_teams(hub):
    team = {"id": "7", "name": "Sales south", "primary": True}
    hub.door("owners", owners=[{"id": "501", "email": "sales.one@example.com", "teams": [team]}])
    [owner] = hub.get("/crm/owners/2026-03?email=sales.one@example.com").json()["results"]
    assert owner["teams"] == [team]

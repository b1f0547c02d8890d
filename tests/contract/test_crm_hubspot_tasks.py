"""Tasks of the HubSpot adapter: against the sandbox over HTTP, and lost and partial answers."""

from datetime import UTC, datetime

import orjson
import pytest
import responses
from hubspot_portal import Portal, fresh, serving

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.errors import LaterError, SettingsError
from connector.model import Done, Later, Refused, TaskChange, TaskDraft, TaskSeen, Unknown

BASE = "https://crm.example"
CREATE = f"{BASE}/crm/objects/2026-03/tasks/batch/create"
UPDATE = f"{BASE}/crm/objects/2026-03/tasks/batch/update"
DUE = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
OWNER = "90000001"


@pytest.fixture(scope="module")
def sandbox():
    with serving() as started:
        yield started


@pytest.fixture
def hub(sandbox):
    with fresh(sandbox) as started:
        yield started


@pytest.fixture
def crm():
    opened = HubSpot(BASE, FixedToken("t"), pause=lambda _: None)
    yield opened
    opened.close()


@pytest.fixture
def mock():
    with responses.RequestsMock() as started:
        yield started


def draft(record, key="p1:1", *, ref="ref-1", urgent=False, owner=OWNER, vendor_object="contacts"):
    body = f"Please choose a reason & tell <us>.\n\n[revloop {key}]"
    return TaskDraft(ref, vendor_object, record, owner, "Reason missing: 7", body, DUE, urgent)


def stored(hub, number):
    return hub.sandbox.order("records?object=tasks", method="GET")[number]


def test_a_task_is_opened_with_its_contact_and_seen_at_once(hub: Portal):
    contact, other = hub.people(2)
    hub.sandbox.order("lag", {"seconds": 600})
    [outcome] = hub.crm.open_tasks([draft(contact, urgent=True)])
    assert isinstance(outcome, Done)
    assert outcome.created
    task = stored(hub, outcome.id)
    assert task["associations"] == {"contacts": {contact: [204]}}
    names = (
        "hs_task_subject",
        "hs_task_status",
        "hs_task_priority",
        "hs_task_type",
        "hubspot_owner_id",
        "hs_timestamp",
    )
    assert [task["properties"][name] for name in names] == [
        *("Reason missing: 7", "NOT_STARTED", "HIGH", "TODO", OWNER, "2026-11-24T14:30:00Z"),
    ]
    [seen] = hub.crm.tasks("contacts", [other, contact], "[revloop p1:1]")
    assert seen == TaskSeen(outcome.id, contact, draft(contact).body, open=True)
    assert hub.crm.tasks("contacts", [contact], "[revloop p1:2]") == []
    assert hub.crm.tasks("contacts", [], "[revloop p1:1]") == []


def test_a_task_without_owner_and_hurry(hub: Portal):
    [contact] = hub.people(1)
    [outcome] = hub.crm.open_tasks([draft(contact, owner=None)])
    held = stored(hub, outcome.id)["properties"]
    assert not held.get("hubspot_owner_id")
    assert not held.get("hs_task_priority")


def test_a_task_of_a_lead_record(hub: Portal):
    [contact] = hub.people(1)
    link = {"to": {"id": contact}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]}
    order = {"object": "leads", "properties": {"hs_lead_name": "Sample"}, "associations": [link]}
    lead = hub.sandbox.order("create", order)["id"]
    [outcome] = hub.crm.open_tasks([draft(lead, vendor_object="leads")])
    assert [each.id for each in hub.crm.tasks("leads", [lead], "[revloop p1:1]")] == [outcome.id]


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_closing_and_opening_again_changes_nothing_more_when_repeated(hub: Portal, state):
    [contact] = hub.people(1)
    [made] = hub.crm.open_tasks([draft(contact)])
    for _ in range(2):
        [outcome] = hub.crm.change_tasks([TaskChange("c", made.id, state)])
        assert isinstance(outcome, Done)
        assert [each.open for each in hub.crm.tasks("contacts", [contact], "[revloop")] == [False]
    held = stored(hub, made.id)["properties"]
    assert (held["hs_task_status"], held["hs_timestamp"]) == ("COMPLETED", "2026-11-24T14:30:00Z")
    later = datetime(2026, 11, 25, 9, tzinfo=UTC)
    hub.crm.change_tasks([TaskChange("c", made.id, "open", later)])
    held = stored(hub, made.id)["properties"]
    assert (held["hs_task_status"], held["hs_timestamp"]) == ("NOT_STARTED", "2026-11-25T09:00:00Z")
    assert [each.open for each in hub.crm.tasks("contacts", [contact], "[revloop")] == [True]


def test_many_tasks_keep_their_order_and_one_that_is_refused_holds_only_itself(hub: Portal):
    contacts = hub.people(130)
    drafts = [draft(contact, f"p{n}:1", ref=f"r{n}") for n, contact in enumerate(contacts)]
    drafts[7] = draft("424242", "p7:1", ref="r7")
    drafts[120] = draft(contacts[120], "p120:1", ref="r120", owner="1")
    outcomes = hub.crm.open_tasks(drafts)
    assert [n for n, one in enumerate(outcomes) if not isinstance(one, Done)] == [7, 120]
    assert isinstance(outcomes[7], Refused)
    assert isinstance(outcomes[120], Refused)
    assert outcomes[120].code == "INVALID_OPTION"
    seen = hub.crm.tasks("contacts", contacts, "[revloop")
    assert {each.record: each.id for each in seen} == {
        contacts[n]: one.id for n, one in enumerate(outcomes) if isinstance(one, Done)
    }
    [gone] = hub.crm.change_tasks([TaskChange("c", "424242", "completed")])
    assert isinstance(gone, Refused)
    assert gone.code == "GONE"


def test_a_lost_answer_is_unknown_and_nothing_is_made_twice(hub: Portal):
    [contact] = hub.people(1)
    hub.sandbox.order("faults", {"kind": "lost", "path": "tasks/batch/create", "times": 1})
    hub.sandbox.forget()
    [outcome] = hub.crm.open_tasks([draft(contact)])
    assert isinstance(outcome, Unknown)
    assert hub.sandbox.calls() == 1
    assert len(hub.crm.tasks("contacts", [contact], "[revloop p1:1]")) == 1


def test_closing_a_task_is_repeated_when_the_answer_is_lost(hub: Portal):
    [contact] = hub.people(1)
    [made] = hub.crm.open_tasks([draft(contact)])
    hub.sandbox.order("faults", {"kind": "lost", "path": "tasks/batch/update", "times": 1})
    assert isinstance(hub.crm.change_tasks([TaskChange("c", made.id, "completed")])[0], Done)


def test_a_limit_is_no_lost_answer(hub: Portal):
    [contact] = hub.people(1)
    body = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}
    order = {"kind": "status", "path": "tasks/batch/create", "status": 429, "answer": body, "times": 1}
    hub.sandbox.order("faults", order)
    with pytest.raises(LaterError, match="calls of the day"):
        hub.crm.open_tasks([draft(contact)])
    assert isinstance(hub.crm.open_tasks([draft(contact)])[0], Done)


def test_text_that_people_put_around_the_marker_does_not_hide_it(hub: Portal):
    [contact] = hub.people(1)
    [made] = hub.crm.open_tasks([draft(contact)])
    hub.edit("tasks", made.id, hs_task_body="<p>Done &amp; dusted</p><p>[revloop <b>p1:1</b>]</p>")
    [seen] = hub.crm.tasks("contacts", [contact], "[revloop p1:1]")
    assert seen.body == "Done & dusted\n[revloop p1:1]\n"


def test_a_task_that_was_removed_is_not_seen(hub: Portal):
    [contact] = hub.people(1)
    [made] = hub.crm.open_tasks([draft(contact)])
    hub.sandbox.order("archive", {"object": "tasks", "id": made.id})
    assert hub.crm.tasks("contacts", [contact], "[revloop") == []


def result(number, **more):
    return {"id": number, "properties": {"hs_lastmodifieddate": "2026-11-24T10:00:00Z", **more}}


def test_results_are_told_apart_by_their_marker_where_trace_ids_do_not_come_back(crm, mock):
    drafts = [draft("7", f"p{n}:1", ref=f"r{n}") for n in range(3)]
    bodies = []

    def answer(request):
        bodies.extend(one["properties"]["hs_task_body"] for one in orjson.loads(request.body)["inputs"])
        made = [result("92", hs_task_body=bodies[2]), result("90", hs_task_body=bodies[0])]
        return 201, {}, orjson.dumps({"results": made})

    mock.add_callback("POST", CREATE, answer)
    outcomes = crm.open_tasks(drafts)
    assert [getattr(one, "id", type(one)) for one in outcomes] == ["90", Unknown, "92"]


def test_a_partial_answer_gives_each_task_its_own_outcome(crm, mock):
    error = {
        "status": "error",
        "category": "VALIDATION_ERROR",
        "message": "no",
        "context": {"objectWriteTraceId": ["r0"]},
    }
    made = {**result("91"), "objectWriteTraceId": "r1"}
    mock.post(CREATE, status=207, json={"results": [made], "errors": [error], "numErrors": 1})
    outcomes = crm.open_tasks([draft("7", ref="r0"), draft("8", ref="r1")])
    assert isinstance(outcomes[0], Refused)
    assert (outcomes[1].id, outcomes[1].created) == ("91", True)


def test_an_answer_that_says_nothing_is_unknown(crm, mock):
    mock.post(CREATE, status=201, body="{}", content_type="application/json")
    assert isinstance(crm.open_tasks([draft("7")])[0], Unknown)


def test_a_server_error_may_have_made_the_task(crm, mock):
    mock.post(CREATE, status=502, body="bad gateway")
    assert isinstance(crm.open_tasks([draft("7")])[0], Unknown)
    assert len(mock.calls) == 1


def test_a_missing_scope_is_a_mistake_in_the_settings(crm, mock):
    mock.post(CREATE, status=403, json={"status": "error", "message": "no", "category": "MISSING_SCOPES"})
    with pytest.raises(SettingsError, match="MISSING_SCOPES"):
        crm.open_tasks([draft("7")])


def test_an_error_after_the_first_hundred_leaves_these_done(crm, mock):
    def answer(request):
        inputs = orjson.loads(request.body)["inputs"]
        if len(inputs) < 100:
            return 503, {"Retry-After": "900"}, b"{}"
        made = [
            {**result(one["objectWriteTraceId"]), "objectWriteTraceId": one["objectWriteTraceId"]} for one in inputs
        ]
        return 201, {}, orjson.dumps({"results": made})

    mock.add_callback("POST", CREATE, answer)
    outcomes = crm.open_tasks([draft("7", ref=f"r{n}") for n in range(101)])
    assert all(isinstance(one, Done) for one in outcomes[:100])
    assert isinstance(outcomes[100], Unknown | Later)


def test_a_task_pair_that_hubspot_does_not_know_makes_no_call(crm, mock):
    mock.get(f"{BASE}/crm/associations/2026-03/tasks/2-7/labels", json={"results": []})
    with pytest.raises(SettingsError, match="no association from tasks"):
        crm.open_tasks([draft("7", vendor_object="2-7")])


def test_nothing_to_do_asks_nothing(crm):
    assert crm.open_tasks([]) == []
    assert crm.change_tasks([]) == []

"""Batches of the HubSpot sandbox: all or nothing, 207 with trace ids, ids that address nothing."""

import pytest
from hubspot_server import running

BATCH = "/crm/objects/2026-03/contacts/batch"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


def person(name, trace=None, **more):
    body = {"properties": {"email": f"{name}@example.com", **more}}
    return {**body, "objectWriteTraceId": trace} if trace else body


def test_a_batch_without_trace_ids_is_all_or_nothing(hub):
    answer = hub.post(f"{BATCH}/create", {"inputs": [person("a"), person("b", city="Ulm", nope="1")]})
    assert answer.status_code == 400
    assert hub.dump("contacts") == {}
    hub.contact(email="taken@example.com")
    answer = hub.post(f"{BATCH}/create", {"inputs": [person("a"), person("taken")]})
    assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
    assert len(hub.dump("contacts")) == 1


def test_trace_ids_make_a_batch_partial(hub):
    taken = hub.contact(email="taken@example.com")
    inputs = [person("a", "t1"), person("b", "t2", nope="1"), person("taken", "t3"), person("a", "t4")]
    answer = hub.post(f"{BATCH}/create", {"inputs": inputs})
    body = answer.json()
    assert (answer.status_code, body["numErrors"]) == (207, 3)
    assert [one["objectWriteTraceId"] for one in body["results"]] == ["t1"]
    traces = [one["context"]["objectWriteTraceId"] for one in body["errors"]]
    assert traces == [["t2"], ["t3"], ["t4"]]
    assert body["errors"][0]["message"].startswith("Property values were not valid: [")
    assert body["errors"][1]["message"] == f"Contact already exists. Existing ID: {taken}"


def test_trace_ids_must_be_unique_to_count(hub):
    answer = hub.post(f"{BATCH}/create", {"inputs": [person("a", "t"), person("b", "t", nope="1")]})
    assert answer.status_code == 400


def test_read_says_which_ids_address_nothing(hub):
    made = hub.contact(email="a@example.com", city="Ulm")
    given = {"properties": ["city"], "inputs": [{"id": made}, {"id": "5"}, {"id": "x"}]}
    answer = hub.post(f"{BATCH}/read", given)
    assert answer.status_code == 207
    assert [one["properties"]["city"] for one in answer.json()["results"]] == ["Ulm"]
    assert answer.json()["errors"][0]["context"] == {"ids": ["5", "x"]}
    assert answer.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"


def test_read_by_a_unique_value(hub):
    made = hub.contact(email="a@example.com", revloop_salesforce_id="00Q1")
    for name, value in (("email", "A@example.com"), ("revloop_salesforce_id", "00Q1")):
        answer = hub.post(f"{BATCH}/read", {"properties": [], "idProperty": name, "inputs": [{"id": value}]})
        assert [one["id"] for one in answer.json()["results"]] == [made]
    answer = hub.post(f"{BATCH}/read", {"properties": [], "idProperty": "city", "inputs": [{"id": "Ulm"}]})
    assert answer.status_code == 400


def test_update_tells_missing_records_by_trace(hub):
    made = hub.contact(email="a@example.com")
    inputs = [
        {"id": made, "properties": {"city": "Ulm"}, "objectWriteTraceId": "1"},
        {"id": "77", "properties": {"city": "Ulm"}, "objectWriteTraceId": "2"},
    ]
    answer = hub.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"ids": ["77"], "objectWriteTraceId": ["2"]}
    assert answer.json()["results"][0]["properties"]["city"] == "Ulm"


def test_an_id_twice_ends_a_batch(hub):
    made = hub.contact(email="a@example.com")
    inputs = [{"id": made, "properties": {"city": c}, "objectWriteTraceId": c} for c in ("Ulm", "Bonn")]
    answer = hub.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["message"] == f"Duplicate IDs found in batch input: [{made}]. IDs must be unique"


def test_upsert_by_a_unique_property(hub):
    old = hub.contact(email="a@example.com", revloop_salesforce_id="00Q1")
    inputs = [
        {"id": "00Q1", "idProperty": "revloop_salesforce_id", "properties": {"city": "Ulm"}, "objectWriteTraceId": "1"},
        {
            "id": "00Q2",
            "idProperty": "revloop_salesforce_id",
            "properties": {"email": "b@example.com"},
            "objectWriteTraceId": "2",
        },
        {
            "id": "00Q3",
            "idProperty": "revloop_salesforce_id",
            "properties": {"email": "a@example.com"},
            "objectWriteTraceId": "3",
        },
    ]
    answer = hub.post(f"{BATCH}/upsert", {"inputs": inputs})
    body = answer.json()
    assert answer.status_code == 207
    assert [(one["new"], one["objectWriteTraceId"]) for one in body["results"]] == [(False, "1"), (True, "2")]
    assert body["results"][0]["id"] == old
    assert body["errors"][0]["message"] == f"Contact already exists. Existing ID: {old}"
    assert {one["properties"].get("revloop_salesforce_id") for one in hub.dump("contacts").values()} == {"00Q1", "00Q2"}


def test_upsert_by_email_is_never_partial(hub):
    inputs = [
        {"id": "a@example.com", "idProperty": "email", "properties": {"city": "Ulm"}, "objectWriteTraceId": "1"},
        {"id": "b@example.com", "idProperty": "email", "properties": {"nope": "1"}, "objectWriteTraceId": "2"},
    ]
    assert hub.post(f"{BATCH}/upsert", {"inputs": inputs}).status_code == 400
    assert hub.dump("contacts") == {}
    assert hub.post(f"{BATCH}/upsert", {"inputs": inputs[:1]}).json()["results"][0]["new"] is True
    assert hub.post(f"{BATCH}/upsert", {"inputs": inputs[:1]}).json()["results"][0]["new"] is False


def test_a_batch_has_a_hundred_inputs(hub):
    inputs = [person(f"p{n}") for n in range(101)]
    assert hub.post(f"{BATCH}/create", {"inputs": inputs}).status_code == 400
    assert hub.post(f"{BATCH}/create", {"inputs": inputs[:100]}).status_code == 201
    ids = [{"id": key} for key in hub.dump("contacts")]
    assert hub.post(f"{BATCH}/archive", {"inputs": [*ids[:50], {"id": "5"}]}).status_code == 204
    assert sum(one["archived"] for one in hub.dump("contacts").values()) == 50


def test_writes_are_counted_at_the_door(hub):
    hub.session.delete(f"{hub.url}/_sandbox/counters", timeout=10)
    hub.post(f"{BATCH}/create", {"inputs": [person("a", "1"), person("b", "2", nope="1")]})
    hub.post(f"{BATCH}/read", {"properties": [], "inputs": [{"id": "1"}]})
    assert hub.session.get(f"{hub.url}/_sandbox/counters", timeout=10).json()["writes"] == 1

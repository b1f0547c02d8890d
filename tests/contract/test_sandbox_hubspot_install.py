"""What an installation asks of a HubSpot account: unique properties, custom objects, and their limits."""

import pytest
from hubspot_server import running

SCHEMAS = "/crm-object-schemas/2026-03/schemas"
KEY = {"label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
NUMBER = {"label": "Number", "type": "number", "fieldType": "number"}
TOUCHPOINT = {
    "name": "revops_touchpoint",
    "labels": {"singular": "Touchpoint", "plural": "Touchpoints"},
    "primaryDisplayProperty": "revops_key",
    "requiredProperties": ["revops_key"],
    "searchableProperties": ["revops_key"],
    "properties": [{"name": "revops_key", **KEY}],
    "associatedObjects": ["0-1"],
}
CREDIT = {
    **TOUCHPOINT,
    "name": "revops_credit",
    "labels": {"singular": "Credit", "plural": "Credits"},
    "properties": [{"name": "revops_key", **KEY}, {"name": "revops_weight", **NUMBER}],
    "associatedObjects": ["0-3", "revops_touchpoint"],
}


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


def types(hub, one, other):
    kind = hub.get(f"/crm/associations/2026-03/{one}/{other}/labels").json()["results"][0]
    return [{"associationCategory": kind["category"], "associationTypeId": kind["typeId"]}]


def record(hub, key, link, target, **properties):
    body = {"properties": properties, "associations": [{"to": {"id": target}, "types": types(hub, key, link)}]}
    answer = hub.post(f"/crm/objects/2026-03/{key}", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_touchpoints_and_credits_hang_together(hub):
    touch_type = hub.post(SCHEMAS, TOUCHPOINT).json()["objectTypeId"]
    made = hub.post(SCHEMAS, CREDIT)
    assert made.status_code == 201
    credit_type = made.json()["objectTypeId"]
    deal = hub.deal(dealname="Muster AG")
    touch = record(hub, touch_type, "0-1", hub.contact(email="a@example.com"), revops_key="t1")
    credit = record(hub, credit_type, "0-3", deal, revops_key="c1", revops_weight="0.4")
    path = f"/crm/objects/2026-03/{credit_type}/{credit}/associations/{touch_type}/{touch}"
    assert hub.call("PUT", path, types(hub, credit_type, touch_type)).status_code == 201
    read = hub.post(f"/crm/associations/2026-03/{touch_type}/{credit_type}/batch/read", {"inputs": [{"id": touch}]})
    assert [one["toObjectId"] for one in read.json()["results"][0]["to"]] == [int(credit)]
    again = {"inputs": [{"id": "c1", "idProperty": "revops_key", "properties": {"revops_weight": "0.6"}}]}
    [upserted] = hub.post(f"/crm/objects/2026-03/{credit_type}/batch/upsert", again).json()["results"]
    assert (upserted["id"], upserted["new"], upserted["properties"]["revops_weight"]) == (credit, False, "0.6")


def test_a_credit_names_a_type_that_there_must_be(hub):
    answer = hub.post(SCHEMAS, CREDIT)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Unable to infer object type from: revops_touchpoint",
    )
    assert hub.get(SCHEMAS).json()["results"] == []


def test_a_type_has_at_most_ten_unique_properties(hub):
    for name in ("contacts", "companies"):
        path = f"/crm/properties/2026-03/{name}"
        for number in range(9):  # the stamp is the first
            body = {"groupName": "revloop", "name": f"unique_{number}", **KEY}
            assert hub.post(path, body).status_code == 201
        answer = hub.post(path, {"groupName": "revloop", "name": "one_more", **KEY})
        assert (answer.status_code, "at most 10 unique properties" in answer.json()["message"]) == (400, True)
        assert hub.get(f"{path}/one_more").status_code == 404
        assert hub.post(path, {"groupName": "revloop", "name": "one_more", **NUMBER}).status_code == 201


def test_an_account_whose_custom_objects_are_used_up_refuses_another(hub):
    hub.door("quota", custom_object_types=1)
    assert hub.get("/crm/limits/2026-03/custom-object-types").json() == {"limit": 1, "usage": 0, "percentage": 0.0}
    assert hub.post(SCHEMAS, TOUCHPOINT).status_code == 201
    assert hub.get("/crm/limits/2026-03/custom-object-types").json()["percentage"] == 100.0
    answer = hub.post(SCHEMAS, CREDIT)
    assert (answer.status_code, answer.json()["message"]) == (400, "The account has its 1 custom object types already")


def test_an_account_whose_properties_are_used_up_refuses_another(hub):
    hub.door("quota", custom_properties=2)  # the stamp is the first
    path = "/crm/properties/2026-03/contacts"
    assert hub.post(path, {"groupName": "revloop", "name": "one", **NUMBER}).status_code == 201
    [contacts] = [
        each
        for each in hub.get("/crm/limits/2026-03/custom-properties").json()["byObjectType"]
        if each["objectTypeId"] == "0-1"
    ]
    assert (contacts["limit"], contacts["usage"]) == (2, 2)
    answer = hub.post(path, {"groupName": "revloop", "name": "two", **NUMBER})
    assert (answer.status_code, "at most 2 custom properties" in answer.json()["message"]) == (400, True)
    assert hub.call("DELETE", f"{path}/one").status_code == 204
    assert hub.post(path, {"groupName": "revloop", "name": "two", **NUMBER}).status_code == 201


@pytest.mark.parametrize("tier", ["free", "starter", "professional"])
def test_other_accounts_have_no_custom_objects(hub, tier):
    hub.door("tier", tier=tier)
    for answer in (hub.get(SCHEMAS), hub.post(SCHEMAS, TOUCHPOINT)):
        assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert hub.get("/crm/limits/2026-03/custom-object-types").json()["limit"] == 0
    body = {"groupName": "revloop", "name": "revops_attr_first_channel", "label": "First", **NUMBER}
    assert hub.post("/crm/properties/2026-03/deals", body).status_code == 201


def test_a_name_is_free_again_when_its_archived_type_is_removed(hub):
    key = hub.post(SCHEMAS, TOUCHPOINT).json()["objectTypeId"]
    assert hub.call("DELETE", f"{SCHEMAS}/{key}?archived=true").status_code == 404
    assert hub.call("DELETE", f"{SCHEMAS}/{key}").status_code == 204
    assert hub.get(SCHEMAS).json()["results"] == []
    assert [one["name"] for one in hub.get(f"{SCHEMAS}?archived=true").json()["results"]] == ["revops_touchpoint"]
    assert hub.post(SCHEMAS, TOUCHPOINT).status_code == 409
    assert hub.call("DELETE", f"{SCHEMAS}/{key}?archived=true").status_code == 204
    assert hub.post(SCHEMAS, TOUCHPOINT).status_code == 201

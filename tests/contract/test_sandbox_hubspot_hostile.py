"""Whatever is sent to the HubSpot sandbox, it answers with a refusal and not with a failure of its own."""

import itertools

import openapi
import orjson
import pytest
import requests
from hubspot_server import running

BASE = "/crm/objects/2026-03"
PAIR = "/crm/associations/2026-03/contacts/companies"
RECORD = ("properties", "associations")
INPUTS = ("inputs",)
ENDPOINTS = {
    f"{BASE}/contacts": RECORD,
    f"{BASE}/contacts/search": ("filterGroups", "sorts", "after", "limit", "query", "properties"),
    f"{BASE}/contacts/merge": ("primaryObjectId", "objectIdToMerge"),
    f"{BASE}/contacts/gdpr-delete": ("objectId", "idProperty"),
    f"{BASE}/contacts/batch/create": INPUTS,
    f"{BASE}/contacts/batch/read": (*INPUTS, "properties", "propertiesWithHistory", "idProperty"),
    f"{BASE}/contacts/batch/update": INPUTS,
    f"{BASE}/contacts/batch/upsert": INPUTS,
    f"{BASE}/contacts/batch/archive": INPUTS,
    f"{PAIR}/batch/read": INPUTS,
    f"{PAIR}/batch/create": INPUTS,
    f"{PAIR}/batch/archive": INPUTS,
    f"{PAIR}/batch/associate/default": INPUTS,
    f"{PAIR}/batch/labels/archive": INPUTS,
    f"{PAIR}/labels": ("label", "name", "inverseLabel"),
    "/crm/properties/2026-03/contacts": ("name", "label", "type", "options", "displayOrder"),
    "/crm/properties/2026-03/contacts/batch/create": INPUTS,
    "/crm/properties/2026-03/contacts/groups": ("name", "label", "displayOrder"),
    "/crm/pipelines/2026-03/deals": ("label", "displayOrder", "stages"),
    "/crm/pipelines/2026-03/deals/default/stages": ("label", "displayOrder", "metadata"),
    "/crm-object-schemas/2026-03/schemas": (
        *("name", "labels", "properties", "requiredProperties", "searchableProperties", "associatedObjects"),
    ),
    "/settings/currencies/2026-03/exchange-rates": ("conversionRate", "fromCurrencyCode"),
}
ODD = [None, "", "x", "²", 0, -1, 1.5, True, [], {}, [None], [[]], ["x"], [{}], {"id": {}}, "9" * 40]
FIELDS = {
    "inputs": [
        *ODD,
        *([{"id": one, "properties": {"city": one}}] for one in ODD),
        *([{"id": "1", "properties": one, "from": one, "to": one, "types": one}] for one in ODD),
        *(
            [
                {
                    "from": {"id": "1"},
                    "to": {"id": one},
                    "types": [{"associationTypeId": one, "associationCategory": one}],
                }
            ]
            for one in ODD
        ),
        *([{"id": "1", "properties": {}, "idProperty": one}] for one in ODD),
    ],
    "filterGroups": [
        *ODD,
        *([{"filters": [{"propertyName": "num_notes", "operator": "EQ", "value": one}]}] for one in ODD),
        *([{"filters": [{"propertyName": one, "operator": "EQ", "value": "1"}]}] for one in ODD),
        *([{"filters": [{"propertyName": "hs_object_id", "operator": "IN", "values": one}]}] for one in ODD),
        *([{"filters": [{"propertyName": "associations.company", "operator": "IN", "values": one}]}] for one in ODD),
        *([{"filters": [{"propertyName": "city", "operator": one, "value": "1"}]}] for one in ODD),
    ],
    "sorts": [*ODD, *([{"propertyName": one}] for one in ODD)],
}
RIGHT = {
    "primaryObjectId": "1",
    "objectIdToMerge": "2",
    "objectId": "1",
    "name": "mine",
    "label": "Mine",
    "labels": {"singular": "M", "plural": "Ms"},
    "groupName": "revloop",
    "type": "enumeration",
    "fieldType": "select",
    "options": [{"label": "a", "value": "a", "displayOrder": 0, "hidden": False}],
    "displayOrder": 0,
    "stages": [],
    "requiredProperties": [],
    "searchableProperties": [],
    "associatedObjects": [],
    "fromCurrencyCode": "USD",
    "toCurrencyCode": "EUR",
    "conversionRate": 1,
}


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


def call(hub, method, path, data=None):
    headers = {"Authorization": f"Bearer {hub.token}"}
    return hub.session.request(method, hub.url + path, data=data, headers=headers, timeout=10)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_odd_fields(server, path):
    hub = server.fresh()
    for name, odd in ((field, one) for field in ENDPOINTS[path] for one in FIELDS.get(field, ODD)):
        answer = call(hub, "POST", path, orjson.dumps({**RIGHT, name: odd}))
        assert answer.status_code < 500, (path, name, odd)
        if answer.status_code >= 400:
            openapi.available() and openapi.validate_response("POST", path, answer.status_code, answer.json())


@pytest.mark.parametrize(
    "text", [b"", b"null", b"1", b'"x"', b"[]", b"{", b"\xff", b'{"inputs": "' + b"\xed\xa0\x80" + b'"}']
)
def test_odd_bodies(server, text):
    hub = server.fresh()
    for method, path in itertools.product(
        ("POST", "PUT", "PATCH"), (*ENDPOINTS, f"{BASE}/contacts/1", f"{BASE}/deals/1/associations/contacts/2")
    ):
        assert call(hub, method, path, text).status_code < 500, (method, path)


@pytest.mark.parametrize("key", ["0", "²", "9" * 40, "a%2Fb", "%00", "%F0%9F%98%80", "1%20", "-1"])
def test_odd_ids(server, key):
    hub = server.fresh()
    for path in (
        f"{BASE}/contacts/{key}",
        f"{BASE}/contacts/{key}?idProperty=email",
        f"{BASE}/contacts?after={key}",
        f"{BASE}/contacts?limit={key}",
        f"{BASE}/contacts/{key}/associations/companies",
        f"{BASE}/contacts/1/associations/companies?after={key}",
        f"{BASE}/{key}",
        f"/crm/owners/2026-03/{key}",
        f"/crm/owners/2026-03?after={key}",
        f"/crm/properties/2026-03/contacts/{key}",
        f"/crm/pipelines/2026-03/deals/{key}",
    ):
        assert call(hub, "GET", path).status_code < 500, path
        assert call(hub, "DELETE", path.partition("?")[0]).status_code < 500, path


def test_the_door_takes_no_harm(server):
    hub = server.fresh()
    for name, odd in itertools.product(("edit", "create", "merge", "associate", "load", "owners", "limits"), ODD):
        for order in (odd, {"object": "contacts", "id": odd, "properties": odd, "rows": odd, "owners": odd}):
            answer = requests.post(f"{hub.url}/_sandbox/{name}", data=orjson.dumps(order), timeout=10)
            assert answer.status_code < 500, (name, order)

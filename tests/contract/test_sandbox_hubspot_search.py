"""Searches of the HubSpot sandbox: operators, limits, order, and the index that lags."""

import pytest
from hubspot_server import running

SEARCH = "/crm/objects/2026-03/contacts/search"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    client = server.fresh()
    rows = [
        {
            "email": "ada@example.com",
            "firstname": "Ada",
            "lastname": "Müller",
            "hs_lead_status": "NEW",
            "hs_buying_role": "CHAMPION;OTHER",
            "closedate": "2026-01-01T00:00:00Z",
            "associatedcompanyid": "",
            "revloop_salesforce_id": "00Q1",
        },
        {
            "email": "bob@example.com",
            "firstname": "Bob",
            "lastname": "Sample",
            "hs_lead_status": "OPEN",
            "closedate": "2026-01-01T00:00:00.500Z",
            "city": "Bad Ems",
        },
        {"email": "cid@example.com", "firstname": "Cid", "lastname": "sample", "hs_buying_role": "OTHER"},
    ]
    client.door("load", object="contacts", rows=rows)
    return client


def names(hub, *filters, **more):
    body = {"filterGroups": [{"filters": list(filters)}], "properties": ["firstname"], "limit": 200, **more}
    answer = hub.post(SEARCH, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["results"])
    return "".join(one["properties"]["firstname"][0] for one in answer.json()["results"])


def where(name, operator, value=None, **more):
    given = {"propertyName": name, "operator": operator, **more}
    return given if value is None else {**given, "value": value}


JANUARY = str(1767225600000)


@pytest.mark.parametrize(
    ("found", "condition"),
    [
        ("A", where("email", "EQ", "ADA@Example.com")),
        ("A", where("lastname", "EQ", "MÜLLER")),
        ("BC", where("lastname", "EQ", "SAMPLE")),
        ("BC", where("lastname", "NEQ", "müller")),
        ("A", where("hs_lead_status", "EQ", "NEW")),
        ("", where("hs_lead_status", "EQ", "new")),
        ("B", where("hs_lead_status", "NEQ", "NEW")),
        ("AB", where("email", "IN", values=["ada@example.com", "bob@example.com"])),
        ("BC", where("lastname", "IN", values=["sample"])),
        ("", where("lastname", "IN", values=["Sample"])),
        ("A", where("lastname", "NOT_IN", values=["sample"])),
        ("AC", where("hs_buying_role", "EQ", "OTHER")),
        ("A", where("hs_buying_role", "IN", values=["CHAMPION", "BLOCKER"])),
        ("B", where("city", "HAS_PROPERTY")),
        ("AC", where("city", "NOT_HAS_PROPERTY")),
        ("B", where("city", "CONTAINS_TOKEN", "ems")),
        ("B", where("email", "CONTAINS_TOKEN", "bo*")),
        ("B", where("closedate", "GT", JANUARY)),
        ("AB", where("closedate", "GTE", JANUARY)),
        ("A", where("closedate", "EQ", JANUARY)),
        ("A", where("closedate", "LT", "1767225600500")),
        ("AB", where("closedate", "BETWEEN", JANUARY, highValue="1767225600500")),
        ("AB", where("closedate", "GTE", "2026-01-01")),
        ("A", where("revloop_salesforce_id", "EQ", "00Q1")),
    ],
)
def test_operators(hub, found, condition):
    assert names(hub, condition) == found


def test_groups_are_alternatives_and_filters_all_hold(hub):
    both = [where("lastname", "EQ", "sample"), where("firstname", "EQ", "bob")]
    assert names(hub, *both) == "B"
    groups = [{"filters": both}, {"filters": [where("email", "EQ", "ada@example.com")]}]
    answer = hub.post(SEARCH, {"filterGroups": groups})
    assert [one["properties"]["firstname"] for one in answer.json()["results"]] == ["Ada", "Bob"]


def test_free_text(hub):
    answer = hub.post(SEARCH, {"query": "sam bob"})
    assert [one["properties"]["firstname"] for one in answer.json()["results"]] == ["Bob"]


def test_order_and_pages(hub):
    body = {"sorts": [{"propertyName": "firstname", "direction": "DESCENDING"}], "limit": 2}
    first = hub.post(SEARCH, body).json()
    assert [one["properties"]["firstname"] for one in first["results"]] == ["Cid", "Bob"]
    assert (first["total"], first["paging"]["next"]["after"]) == (3, "2")
    second = hub.post(SEARCH, {**body, "after": "2"}).json()
    assert [one["properties"]["firstname"] for one in second["results"]] == ["Ada"]
    assert "paging" not in second
    assert (
        hub.post(SEARCH, {"sorts": ["-firstname"], "limit": 1}).json()["results"][0]["properties"]["firstname"] == "Cid"
    )


def test_by_linked_record(hub):
    ada = next(iter(hub.dump("contacts")))
    company = hub.company(name="ACME")
    hub.door("associate", **{"from": {"object": "contacts", "id": ada}, "to": {"object": "companies", "id": company}})
    body = {"filterGroups": [{"filters": [where("associations.contact", "EQ", ada)]}]}
    answer = hub.post("/crm/objects/2026-03/companies/search", body)
    assert [one["id"] for one in answer.json()["results"]] == [company]


def test_archived_records_never_appear(hub):
    ada = next(iter(hub.dump("contacts")))
    hub.call("DELETE", f"/crm/objects/2026-03/contacts/{ada}")
    assert names(hub, where("email", "EQ", "ada@example.com")) == ""
    assert names(hub, where("lastname", "HAS_PROPERTY")) == "BC"


def test_by_id_beyond_a_window(hub):
    ids = list(hub.dump("contacts"))
    window = where("lastmodifieddate", "BETWEEN", "0", highValue="99999999999999")
    assert names(hub, window, where("hs_object_id", "GT", ids[0]), sorts=["hs_object_id"]) == "BC"


FILTER = where("city", "EQ", "x")


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": -1},
        {"after": "abc"},
        {"after": "9900", "limit": 101},
        {"filterGroups": [{"filters": [FILTER]}] * 6},
        {"filterGroups": [{"filters": [FILTER] * 7}]},
        {"filterGroups": [{"filters": [FILTER] * 4}] * 5},
        {"sorts": ["city", "email"]},
        {"filterGroups": [{"filters": [where("nope", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [where("city", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [where("num_associated_deals", "GT", "many")]}]},
        {"filterGroups": [{"filters": [where("city", "IN", "x")]}]},
        {"query": "x" * 3000},
    ],
)
def test_limits(hub, body):
    answer = hub.post(SEARCH, body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_the_limits_themselves_are_allowed(hub):
    body = {"filterGroups": [{"filters": [FILTER] * 6}] * 3, "limit": 200, "after": "9800"}
    assert hub.post(SEARCH, body).json()["total"] == 0
    assert hub.post(SEARCH, {"filterGroups": [{"filters": [FILTER]}] * 5}).status_code == 200


def test_the_index_lags_behind(server, hub):
    hub.door("lag", seconds=20)
    ada, bob, _ = hub.dump("contacts")
    hub.call("PATCH", f"/crm/objects/2026-03/contacts/{ada}", {"properties": {"city": "Ulm"}})
    hub.call("DELETE", f"/crm/objects/2026-03/contacts/{bob}")
    hub.contact(email="dee@example.com", firstname="Dee", city="Ulm")
    assert hub.shown(f"/crm/objects/2026-03/contacts/{ada}", "city")["city"] == "Ulm"
    assert names(hub, where("city", "EQ", "Ulm")) == ""
    assert names(hub, where("city", "HAS_PROPERTY")) == "B"
    assert names(hub, where("email", "EQ", "dee@example.com")) == ""
    server.clock.advance(10)
    hub.call("PATCH", f"/crm/objects/2026-03/contacts/{ada}", {"properties": {"city": "Bonn"}})
    server.clock.advance(11)
    assert names(hub, where("city", "EQ", "Ulm")) == "AD"
    assert names(hub, where("email", "EQ", "bob@example.com")) == ""
    server.clock.advance(10)
    assert names(hub, where("city", "EQ", "Ulm")) == "D"
    assert names(hub, where("city", "EQ", "Bonn")) == "A"

"""Generated rows go through the load doors of both running sandboxes and are there afterwards."""

from contextlib import ExitStack

import pytest
import requests
from servers import running

from connector.sandbox import hubspot, salesforce
from connector.sandbox.clock import Clock
from connector.sandbox.generate import generate

PERSONS = 240
SLICE = 100
TOKEN = {"Authorization": "Bearer 00D000000000001EAA!sandbox"}


@pytest.fixture(scope="module")
def loaded():
    with ExitStack() as stack:
        doors = {}
        for vendor in (hubspot, salesforce):
            clock = Clock()
            app = vendor.create_app(None, clock=clock)
            doors[vendor] = stack.enter_context(running(app, clock=clock, control=vendor.control_routes(app)))
        counts = {}
        hubspot_rows, salesforce_rows = generate(PERSONS, 3, overlap=0.5, dirt=True)
        doors[hubspot].order("owners", {"owners": list(hubspot_rows.pop("owners"))})
        for name, rows in hubspot_rows.items():
            counts[name] = load(doors[hubspot], "object", name, list(rows))
        for name, rows in salesforce_rows.items():
            counts[name] = load(doors[salesforce], "sobject", name, list(rows))
        yield doors[hubspot], doors[salesforce], counts


def load(door, key, name, rows):
    for start in range(0, len(rows), SLICE):
        door.order("load", {key: name, "rows": rows[start : start + SLICE]})
    return len(rows)


def test_hubspot_holds_every_row(loaded):
    door, _, counts = loaded
    records = {}
    for name in ("companies", "contacts", "deals"):
        records[name] = door.order(f"records?object={name}", method="GET")
        assert len(records[name]) == counts[name] > 0
    contacts = records["contacts"].values()
    assert all(one["properties"]["associatedcompanyid"] in records["companies"] for one in contacts)
    deals = records["deals"].values()
    assert all(one["properties"]["hs_primary_associated_company"] in records["companies"] for one in deals)
    assert any(int(one["properties"].get("num_associated_contacts", 0)) > 1 for one in deals)


@pytest.mark.parametrize("name", ["Account", "Lead", "Contact", "Opportunity", "OpportunityContactRole"])
def test_salesforce_holds_every_row(loaded, name):
    _, door, counts = loaded
    assert total(door, name) == counts[name] > 0


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Contact WHERE Account.Name = null", 0),
        ("User WHERE IsActive = false", 1),
        ("Opportunity WHERE StageName = 'Closed Won' AND IsWon = false", 0),
        ("Opportunity WHERE StageName LIKE 'Closed%' AND IsClosed = false", 0),
        ("OpportunityContactRole WHERE Contact.LastName = null", 0),
    ],
)
def test_salesforce_understands_them(loaded, where, expected):
    _, door, _ = loaded
    assert total(door, where) == expected


def total(door, source):
    query = {"q": f"SELECT COUNT() FROM {source}"}
    answer = requests.get(f"{door.url}/services/data/v68.0/query", params=query, headers=TOKEN, timeout=10)
    assert answer.ok, answer.text
    return answer.json()["totalSize"]

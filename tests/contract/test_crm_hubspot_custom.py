"""Custom objects of a HubSpot portal through our adapter: found, written, associated, removed. And its owners."""

import pytest
import requests
import responses
from hubspot_portal import TOKEN, Portal, fresh, ids, refuse_job, serving

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.port import Query
from connector.errors import SettingsError
from connector.model import Done, Owner, Refused, Write

SCHEMAS = "/crm-object-schemas/2026-03/schemas"
KEY = "revops_key"


@pytest.fixture(scope="module")
def sandbox():
    with serving() as started:
        yield started


@pytest.fixture
def hub(sandbox):
    with fresh(sandbox) as started:
        yield started


def made(hub: Portal, name, *targets):
    """A custom object as an admin makes it; gives its type id."""
    text = {"type": "string", "fieldType": "text"}
    body = {
        "name": name,
        "labels": {"singular": name, "plural": name},
        "primaryDisplayProperty": KEY,
        "requiredProperties": [KEY],
        "properties": [
            {"name": KEY, "label": "Key", "hasUniqueValue": True, **text},
            {"name": "revops_channel", "label": "Channel", **text},
            {"name": "revops_amount", "label": "Amount", "type": "number", "fieldType": "number"},
        ],
        "associatedObjects": list(targets),
    }
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.post(f"{hub.sandbox.url}{SCHEMAS}", json=body, headers=headers, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()["objectTypeId"]


@pytest.fixture
def carriers(hub):
    touchpoint = made(hub, "revops_touchpoint", "0-1")
    return touchpoint, made(hub, "revops_credit", "0-3", touchpoint)


def upsert(hub, vendor_object, *keys, **fields):
    writes = [Write(f"ref-{key}", None, {KEY: key, **fields}) for key in keys]
    return hub.crm.create(vendor_object, KEY, writes, refuse_job)


def linked(hub, vendor_object, number):
    return hub.sandbox.order(f"records?object={vendor_object}", method="GET")[number]["associations"]


def test_custom_objects_are_known_by_name(hub: Portal, carriers):
    touchpoint, credit = carriers
    assert hub.crm.custom_objects() == {"revops_touchpoint": touchpoint, "revops_credit": credit}


def test_an_account_without_them_has_none(hub: Portal, carriers):
    assert carriers
    hub.sandbox.order("tier", {"tier": "professional"})
    assert hub.crm.custom_objects() == {}
    with pytest.raises(SettingsError):
        upsert(hub, carriers[0], "k1")


def test_a_row_is_upserted_by_its_key(hub: Portal, carriers):
    touchpoint, _ = carriers
    [first] = upsert(hub, touchpoint, "k1", revops_channel="webinar", revops_amount="10.50")
    [again] = upsert(hub, touchpoint, "k1", revops_channel="event")
    assert (first.created, again.created, again.id) == (True, False, first.id)
    assert again.fields["revops_channel"] == "event"
    [found] = hub.crm.find(touchpoint, KEY, ["k1", "k2"], ["revops_channel", "revops_amount"])
    assert found.fields == {KEY: "k1", "revops_channel": "event", "revops_amount": "10.5"}
    assert found.modified == again.modified
    many = upsert(hub, touchpoint, *(f"m{n}" for n in range(130)))
    assert len(set(ids(many))) == 130


def test_a_bad_row_holds_only_itself(hub: Portal, carriers):
    writes = [Write(f"r{n}", None, {KEY: f"k{n}", "revops_amount": "much" if n == 1 else "1"}) for n in range(3)]
    outcomes = hub.crm.create(carriers[0], KEY, writes, refuse_job)
    assert [isinstance(one, Done) for one in outcomes] == [True, False, True]
    assert isinstance(outcomes[1], Refused)


def test_it_is_described_updated_read_and_archived(hub: Portal, carriers):
    touchpoint, _ = carriers
    fields = hub.crm.describe(touchpoint)
    assert (fields[KEY].unique, fields[KEY].required, fields["revops_channel"].required) == (True, True, False)
    [number] = ids(upsert(hub, touchpoint, "k1"))
    [outcome] = hub.crm.update(touchpoint, [Write("u", number, {"revops_channel": "paid"})], refuse_job)
    assert isinstance(outcome, Done)
    reading = hub.crm.changes(Query(touchpoint, (KEY, "revops_channel")), None)
    [record] = [record for page in reading for record in page.records]
    assert (record.id, record.fields["revops_channel"]) == (number, "paid")
    for _ in range(2):
        [outcome] = hub.crm.archive(touchpoint, [Write("a", number, {})])
        assert isinstance(outcome, Done)
    assert hub.crm.find(touchpoint, KEY, ["k1"], []) == []
    assert [gone.why for gone in hub.crm.gone(touchpoint, [number])] == ["deleted"]
    # The key is free again.
    assert upsert(hub, touchpoint, "k1")[0].created


def test_it_is_associated_with_persons_deals_and_its_own_kind(hub: Portal, carriers):
    touchpoint, credit = carriers
    one, other = hub.people(2)
    deal = hub.sandbox.order("create", {"object": "deals", "properties": {"dealname": "D", "dealstage": "closedwon"}})
    [touch], [share] = ids(upsert(hub, touchpoint, "t1")), ids(upsert(hub, credit, "c1"))
    wishes = {f"associations.{touchpoint}": {"add": [touch]}, "associations.deals": {"add": [deal["id"]]}}
    for _ in range(2):
        [outcome] = hub.crm.associate(touchpoint, [Write("a", touch, {"associations.contacts": {"add": [one]}})])
        assert outcome == Done(touch)
        [outcome] = hub.crm.associate(credit, [Write("b", share, wishes)])
        assert outcome == Done(share)
    assert set(linked(hub, touchpoint, touch)["contacts"]) == {one}
    assert set(linked(hub, credit, share)["deals"]) == {deal["id"]}
    assert set(linked(hub, credit, share)["p_revops_touchpoint"]) == {touch}
    [record] = hub.crm.read(credit, [share], [f"associations.{touchpoint}", "associations.deals"])
    assert record.fields == {f"associations.{touchpoint}": [touch], "associations.deals": [deal["id"]]}
    moved = {"associations.contacts": {"add": [other], "remove": [one]}}
    [outcome] = hub.crm.associate(touchpoint, [Write("a", touch, moved)])
    assert outcome == Done(touch)
    assert set(linked(hub, touchpoint, touch)["contacts"]) == {other}


def test_an_end_that_is_gone_holds_only_its_row(hub: Portal, carriers):
    touchpoint, _ = carriers
    [person] = hub.people(1)
    first, second = ids(upsert(hub, touchpoint, "t1", "t2"))
    writes = [
        Write("a", first, {"associations.contacts": {"add": ["424242"]}}),
        Write("b", second, {"associations.contacts": {"add": [person]}}),
    ]
    outcomes = hub.crm.associate(touchpoint, writes)
    assert isinstance(outcomes[0], Refused)
    assert outcomes[1] == Done(second)


def test_a_pair_that_is_not_declared_is_said_so(hub: Portal, carriers):
    [number] = ids(upsert(hub, carriers[0], "t1"))
    with pytest.raises(SettingsError, match="declare it in the schema"):
        hub.crm.associate(carriers[0], [Write("a", number, {"associations.companies": {"add": ["1"]}})])


def test_the_unlabelled_type_is_taken_and_the_labels_of_the_portal_are_not():
    base = "https://crm.example"
    crm = HubSpot(base, FixedToken("t"), pause=lambda _: None)
    labels = [
        {"category": "USER_DEFINED", "typeId": 31, "label": "Influenced"},
        {"category": "USER_DEFINED", "typeId": 30, "label": None},
    ]
    with responses.RequestsMock() as mock:
        mock.get(f"{base}/crm/associations/2026-03/2-7/contacts/labels", json={"results": labels})
        mock.post(f"{base}/crm/associations/2026-03/2-7/contacts/batch/read", json={"results": []})
        created = {"fromObjectId": 5, "toObjectId": 9, "labels": []}
        mock.post(f"{base}/crm/associations/2026-03/2-7/contacts/batch/create", status=201, json={"results": [created]})
        [outcome] = crm.associate("2-7", [Write("a", "5", {"associations.contacts": {"add": ["9"]}})])
        body = mock.calls[-1].request.body
    crm.close()
    assert outcome == Done("5")
    assert b'"associationTypeId":30' in body
    assert b'"associationCategory":"USER_DEFINED"' in body


def test_owners_have_teams_and_queues_have_names(hub: Portal):
    south = {"id": "7", "name": "Sales south", "primary": True}
    north = {"id": "8", "name": "Sales north", "primary": False}
    given = [
        {
            "id": "501",
            "email": " Sales.One@Example.com",
            "firstName": "Sales",
            "lastName": "One",
            "teams": [north, south],
        },
        {"id": "502", "email": "sales.two@example.com", "teams": [north]},
        {"id": "503", "email": "inbound@example.com", "firstName": "Inbound", "lastName": "Leads", "type": "QUEUE"},
        {"id": "504", "email": "sales.gone@example.com", "archived": True},
    ]
    hub.sandbox.order("owners", {"owners": given, "replace": True})
    assert hub.crm.owners() == [
        Owner("501", "sales.one@example.com", active=True, team="Sales south"),
        Owner("502", "sales.two@example.com", active=True),
        Owner("503", None, active=True, queue=True, name="Inbound Leads"),
        Owner("504", "sales.gone@example.com", active=False),
    ]

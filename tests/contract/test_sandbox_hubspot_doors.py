"""The doors of the HubSpot sandbox: acting as a person, loading, rules of the account, what a restart keeps."""

import asyncio

import pytest
from hubspot_server import Client, running

from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import LoadError, create_app, load_csv

CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


def test_a_person_can_set_a_stage_back(hub):
    made = hub.door("create", object="contacts", properties={"email": "a@example.com", "lifecyclestage": "customer"})[
        "id"
    ]
    shown = hub.door("edit", object="contacts", id=made, properties={"lifecyclestage": "lead"})
    assert shown["properties"]["lifecyclestage"] == "lead"
    told = hub.get(f"{CONTACTS}/{made}?propertiesWithHistory=lifecyclestage").json()["propertiesWithHistory"]
    assert {one["sourceType"] for one in told["lifecyclestage"]} == {"CRM_UI"}


def test_a_person_links_and_unlinks(hub):
    contact, company = hub.contact(email="a@example.com"), hub.company(name="ACME")
    ends = {"from": {"object": "contacts", "id": contact}, "to": {"object": "companies", "id": company}}
    hub.door("associate", **ends)
    assert hub.dump("contacts")[contact]["associations"] == {"companies": {company: [1, 279]}}
    hub.door("disassociate", **ends)
    assert hub.dump("contacts")[contact]["associations"] == {}


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("edit", {"object": "contacts", "id": "5", "properties": {}}),
        ("edit", {"object": "widgets", "id": "5", "properties": {}}),
        ("create", {"object": "contacts", "properties": {"nope": "1"}}),
        ("create", {"object": "contacts"}),
        ("tier", {"tier": "gold"}),
        ("limits", {"hourly": 1}),
        ("rules", {"object": "contacts", "create_required": ["nope"]}),
        ("load", {"object": "contacts", "rows": [{"firstnam": "x"}]}),
    ],
)
def test_orders_that_make_no_sense(hub, name, order):
    answer = hub.session.post(f"{hub.url}/_sandbox/{name}", json=order, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert hub.dump("contacts") == {}


def test_loaded_rows_keep_ids_and_stamps(hub):
    rows = [
        {
            "hs_object_id": "4711",
            "email": "a@example.com",
            "createdate": "2025-02-03T04:05:06Z",
            "lastmodifieddate": "2025-03-01T00:00:00Z",
            "hs_analytics_source": "PAID_SEARCH",
            "num_conversion_events": 3,
        }
    ]
    hub.door("load", object="contacts", rows=rows)
    shown = hub.shown(f"{CONTACTS}/4711", "num_conversion_events", "hs_analytics_source")
    assert (shown["createdate"], shown["lastmodifieddate"]) == ("2025-02-03T04:05:06Z", "2025-03-01T00:00:00Z")
    assert (shown["num_conversion_events"], shown["hs_analytics_source"]) == ("3", "PAID_SEARCH")
    assert int(hub.contact(email="b@example.com")) > 4711


def test_rules_of_the_account_bind_2026_09_only(hub):
    rule = {"property": "city", "when": "country", "values": ["Germany"]}
    hub.door("rules", object="contacts", create_required=["firstname"], conditional=[rule])
    given = {"email": "a@example.com", "country": "Germany"}
    old = hub.contact(**given)
    answer = hub.post("/crm/objects/2026-09/contacts", {"properties": {"email": "b@example.com"}})
    assert answer.status_code == 400
    assert answer.json()["message"] == "The property values provided are invalid"
    assert answer.json()["errors"] == [
        {
            "code": "MISSING_REQUIRED_PROPERTY",
            "message": "A value for firstname must be provided",
            "context": {"propertyName": ["firstname"]},
        }
    ]
    path = f"/crm/objects/2026-09/contacts/{old}"
    assert hub.call("PATCH", path, {"properties": {"phone": "1"}}).status_code == 200
    answer = hub.call("PATCH", path, {"properties": {"country": "Germany", "phone": "2"}})
    assert answer.json()["errors"] == [
        {
            "code": "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
            "message": "city is required because of a conditional property rule based on [country]",
            "context": {"propertyName": ["city"]},
        }
    ]
    assert hub.shown(path, "phone")["phone"] == "1"
    assert hub.call("PATCH", path, {"properties": {"country": "Germany", "city": "Ulm"}}).status_code == 200


def test_a_restart_keeps_records_definitions_and_tokens(tmp_path):
    with running(tmp_path) as server:
        hub = Client(server.url)
        hub.door("tokens", add="mine")
        hub.post(
            "/crm/v3/properties/contacts",
            {"groupName": "revloop", "name": "mine", "label": "Mine", "type": "string", "fieldType": "text"},
        )
        made = hub.contact(email="a@example.com", mine="kept")
    with running(tmp_path) as server:
        hub = Client(server.url, "mine")
        assert hub.shown(f"{CONTACTS}/{made}", "mine")["mine"] == "kept"
        assert hub.contact(email="b@example.com") > made


def test_a_failed_call_leaves_nothing_half_done(hub):
    hub.contact(email="taken@example.com")
    link = {"to": {"id": "5"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}
    before = hub.dump("contacts")
    inputs = [
        {"properties": {"email": "a@example.com"}},
        {"properties": {"email": "b@example.com"}, "associations": [link]},
    ]
    assert hub.post(f"{CONTACTS}/batch/create", {"inputs": inputs}).status_code == 400
    assert hub.dump("contacts") == before


@pytest.fixture
def portal():
    app = create_app(None, clock=Clock())
    yield app.state.portal
    app.state.portal.store.close()


def test_a_folder_of_files_is_loaded_in_the_right_order(tmp_path, portal):
    folder = tmp_path / "hubspot"
    folder.mkdir()
    (folder / "contacts.csv").write_text(
        "hs_object_id,email,associatedcompanyid\n11,a@example.com,21\n", encoding="utf-8"
    )
    (folder / "companies.csv").write_text("hs_object_id,name\n21,Acme GmbH\n", encoding="utf-8")
    (folder / "deals.csv").write_text(
        "dealname,dealstage,amount,associatedcompanyid,associatedcontactids\nD,closedwon,10.5,21,11\n", encoding="utf-8"
    )
    assert load_csv(portal, tmp_path) == {"companies": 1, "contacts": 1, "deals": 1}
    deal = portal.store.db.execute("SELECT props FROM record WHERE object = '0-3'").fetchone()[0]
    assert '"hs_primary_associated_company":"21"' in deal
    assert '"num_associated_contacts":"1"' in deal
    assert '"pipeline":"default"' in deal


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("contacts.csv", "email,fristname\na@example.com,A\n", ["contacts.csv", "'fristname'", "'firstname'"]),
        (
            "contacts.csv",
            "email,hs_lead_status\na@example.com,NOPE\n",
            ["contacts.csv line 2", "hs_lead_status", "NOPE"],
        ),
        ("contacts.csv", "email\na@example.com\nA@example.com\n", ["contacts.csv line 3", "already exists"]),
        ("contacts.csv", "email,associatedcompanyid\na@example.com,5\n", ["line 2", "no record 5"]),
        ("contacts.csv", "email,createdate\na@example.com,yesterday\n", ["line 2", "'yesterday'"]),
        ("people.csv", "email\na@example.com\n", ["people.csv", "contacts.csv"]),
    ],
)
def test_a_file_that_does_not_fit_is_named_and_nothing_is_loaded(tmp_path, portal, name, text, parts):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(LoadError) as error:
        load_csv(portal, tmp_path)
    for part in parts:
        assert part in str(error.value)
    assert portal.store.db.execute("SELECT count(*) FROM record").fetchone() == (0,)


def test_the_app_closes_its_file_when_it_ends(tmp_path):
    app = create_app(tmp_path, clock=Clock())

    async def life():
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(life())
    with pytest.raises(Exception, match="closed"):
        app.state.portal.store.get("tier")

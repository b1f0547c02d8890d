"""Single records of the HubSpot sandbox: values, refusals, history, lists."""

import json

import pytest
from hubspot_server import running

CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


def bad(answer):
    """The (property, code) pairs of a refusal."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    text = body["message"]
    assert text.startswith("Property values were not valid: [")
    listed = json.loads(text.partition(": ")[2])
    assert [one["error"] for one in listed] == [one["code"] for one in body["errors"]]
    return [(one["context"]["propertyName"][0], one["code"]) for one in body["errors"]]


def test_a_record_has_the_shape_that_the_facts_show(hub):
    made = hub.post(CONTACTS, {"properties": {"email": " Ada.Sample@Example.COM ", "firstname": "Ada"}})
    assert made.status_code == 201
    assert made.headers["Location"].endswith(made.json()["id"])
    body = hub.get(f"{CONTACTS}/{made.json()['id']}").json()
    assert body["properties"]["email"] == "ada.sample@example.com"
    assert set(body["properties"]) == {
        "email",
        "firstname",
        "lastname",
        "createdate",
        "hs_object_id",
        "lastmodifieddate",
    }
    assert body["properties"]["lastname"] is None
    assert body["properties"]["hs_object_id"] == body["id"]
    assert body["url"].endswith(f"/record/0-1/{body['id']}")


@pytest.mark.parametrize("name", ["contacts", "contact", "0-1", "CONTACTS"])
@pytest.mark.parametrize("base", ["/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"])
def test_one_store_under_every_path(hub, base, name):
    made = hub.contact(email="a@example.com")
    assert hub.get(f"{base}/{name}/{made}").json()["id"] == made


def test_requested_but_unset_is_null_and_undefined_is_absent(hub):
    made = hub.contact(email="a@example.com")
    shown = hub.shown(f"{CONTACTS}/{made}", "phone", "no_such_thing")
    assert shown["phone"] is None
    assert "no_such_thing" not in shown


def test_every_bad_property_of_a_request_is_listed(hub):
    given = {
        "email": "nonsense",
        "no_such_thing": "1",
        "hs_lead_status": "new",
        "hs_object_id": "7",
        "hubspotscore": "7",
        "associatedcompanyid": "seven",
        "closedate": "1/1/1",
        "hubspot_owner_id": "1",
    }
    found = bad(hub.post(CONTACTS, {"properties": given}))
    assert found == [
        ("email", "INVALID_EMAIL"),
        ("no_such_thing", "PROPERTY_DOESNT_EXIST"),
        ("hs_lead_status", "INVALID_OPTION"),
        ("hs_object_id", "READ_ONLY_VALUE"),
        ("hubspotscore", "READ_ONLY_VALUE"),
        ("associatedcompanyid", "INVALID_INTEGER"),
        ("closedate", "INVALID_LONG"),
        ("hubspot_owner_id", "INVALID_OPTION"),
    ]
    assert hub.dump("contacts") == {}


def test_the_texts_of_refusals(hub):
    given = {"no_such_thing": "1", "hubspotscore": "7", "closedate": "1/1/1", "hs_lead_status": "X"}
    errors = hub.post(CONTACTS, {"properties": given}).json()["errors"]
    texts = [one["message"] for one in errors]
    assert texts[:3] == [
        'Property "no_such_thing" does not exist',
        '"hubspotscore" is a calculated property; its value cannot be set.',
        "1/1/1 was not a valid long.",
    ]
    assert texts[3].startswith('X was not one of the allowed options: [label: "New"\nvalue: "NEW"\ndisplay_order: 0\n')


def test_a_date_off_midnight_is_refused_and_normalised_by_2026_09(hub):
    hub.post("/crm/v3/properties/contacts", PROPERTY | {"name": "first_call", "type": "date", "fieldType": "date"})
    given = {"email": "a@example.com", "first_call": "1496643178000"}
    refused = hub.post(CONTACTS, {"properties": given})
    assert bad(refused) == [("first_call", "INVALID_DATE")]
    assert refused.json()["errors"][0]["message"] == "1496643178000 is at 6:12:58.0 UTC, not midnight!"
    made = hub.post("/crm/objects/2026-09/contacts", {"properties": given})
    assert made.json()["properties"]["first_call"] == "2017-06-05"
    assert made.json()["warnings"] == [
        {
            "category": "PROPERTY_VALUE_NORMALIZED",
            "context": {"normalizedValue": "1496620800000", "propertyName": "first_call", "rawValue": "1496643178000"},
            "message": "first_call was normalized",
        }
    ]


PROPERTY = {"groupName": "contactinformation", "label": "x"}


@pytest.mark.parametrize(
    ("type_", "field", "given", "stored"),
    [
        ("number", "number", "007.50", "7.5"),
        ("number", "number", "1e3", "1000"),
        ("number", "number", 12, "12"),
        ("bool", "booleancheckbox", "TRUE", "true"),
        ("date", "date", "1767225600000", "2026-01-01"),
        ("datetime", "date", "1767225600000", "2026-01-01T00:00:00Z"),
        ("datetime", "date", "2026-01-01T01:00:00.5+01:00", "2026-01-01T00:00:00.500Z"),
        ("string", "text", " as it is ", " as it is "),
    ],
)
def test_values_come_back_as_hubspot_stores_them(hub, type_, field, given, stored):
    options = {"options": [{"label": "Y", "value": "true", "displayOrder": 0, "hidden": False}]}
    more = options if type_ == "bool" else {}
    body = PROPERTY | {"name": "mine", "type": type_, "fieldType": field} | more
    assert hub.post("/crm/v3/properties/contacts", body).status_code == 201
    made = hub.contact(email="a@example.com", mine=given)
    assert hub.shown(f"{CONTACTS}/{made}", "mine")["mine"] == stored


def test_empty_clears_and_null_does_not(hub):
    made = hub.contact(email="a@example.com", phone="1", city="Ulm")
    hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"city": "", "phone": None}})
    shown = hub.shown(f"{CONTACTS}/{made}", "phone", "city")
    assert (shown["phone"], shown["city"]) == ("1", None)


def test_a_leading_semicolon_adds_to_a_list(hub):
    made = hub.contact(email="a@example.com", hs_buying_role="CHAMPION;OTHER")
    hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"hs_buying_role": ";BUDGET_HOLDER;OTHER"}})
    assert hub.shown(f"{CONTACTS}/{made}", "hs_buying_role")["hs_buying_role"] == "CHAMPION;OTHER;BUDGET_HOLDER"
    refused = hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"hs_buying_role": ";NOBODY"}})
    assert bad(refused) == [("hs_buying_role", "INVALID_OPTION")]


def test_lifecycle_goes_forward_only_until_it_is_cleared(hub):
    made = hub.contact(email="a@example.com", lifecyclestage="opportunity")
    answer = hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"lifecyclestage": "lead", "city": "Ulm"}})
    assert answer.status_code == 200
    names = ("lifecyclestage", "city", "hs_lifecyclestage_lead_date", "hs_lifecyclestage_opportunity_date")
    shown = hub.shown(f"{CONTACTS}/{made}", *names)
    assert (shown["lifecyclestage"], shown["city"]) == ("opportunity", "Ulm")
    assert shown["hs_lifecyclestage_lead_date"] is None
    assert shown["hs_lifecyclestage_opportunity_date"]
    hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"lifecyclestage": ""}})
    hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"lifecyclestage": "lead"}})
    shown = hub.shown(f"{CONTACTS}/{made}", *names)
    assert shown["lifecyclestage"] == "lead"
    assert shown["hs_lifecyclestage_lead_date"]


def test_history_names_the_writer(hub):
    made = hub.contact(email="a@example.com", city="Ulm")
    hub.door("edit", object="contacts", id=made, properties={"city": "Bonn"}, user=7)
    hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"city": ""}})
    told = hub.get(f"{CONTACTS}/{made}?propertiesWithHistory=city").json()["propertiesWithHistory"]["city"]
    assert [one["value"] for one in told] == ["", "Bonn", "Ulm"]
    assert [one["sourceType"] for one in told] == ["INTEGRATION", "CRM_UI", "INTEGRATION"]
    assert (told[1]["sourceId"], told[1]["updatedByUserId"]) == ("userId:7", 7)
    assert told[0]["sourceId"] == told[2]["sourceId"] == "2600001"


def test_any_change_moves_the_stamp_and_an_equal_value_does_not(server, hub):
    made = hub.contact(email="a@example.com", city="Ulm")
    before = hub.get(f"{CONTACTS}/{made}").json()["updatedAt"]
    server.clock.advance(10)
    hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"city": "Ulm"}})
    assert hub.get(f"{CONTACTS}/{made}").json()["updatedAt"] == before
    hub.call("PATCH", f"{CONTACTS}/{made}", {"properties": {"city": "Bonn"}})
    after = hub.get(f"{CONTACTS}/{made}").json()
    assert after["updatedAt"] > before
    assert after["properties"]["lastmodifieddate"] == after["updatedAt"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{CONTACTS}/123", "resource not found"),
        (f"{CONTACTS}/abc", "Object not found.  objectId are usually numeric."),
    ],
)
def test_records_that_are_not_there(hub, path, text):
    answer = hub.get(path)
    assert (answer.status_code, answer.json()["message"]) == (404, text)


def test_lists_page_by_id(hub):
    made = [hub.contact(email=f"p{n}@example.com") for n in range(5)]
    seen, after = [], ""
    while True:
        page = hub.get(f"{CONTACTS}?limit=2&properties=email" + (f"&after={after}" if after else "")).json()
        seen += [one["id"] for one in page["results"]]
        if "paging" not in page:
            break
        after = page["paging"]["next"]["after"]
        assert after in made
    assert seen == made
    assert hub.get(f"{CONTACTS}?limit=101").status_code == 400


def test_archived_records_have_their_own_list(hub):
    gone, kept = hub.contact(email="a@example.com"), hub.contact(email="b@example.com")
    assert hub.call("DELETE", f"{CONTACTS}/{gone}").status_code == 204
    assert hub.call("DELETE", f"{CONTACTS}/{gone}").status_code == 204
    assert hub.get(f"{CONTACTS}/{gone}").status_code == 404
    assert hub.get(f"{CONTACTS}/{gone}?archived=true").json()["archived"] is True
    assert [one["id"] for one in hub.get(CONTACTS).json()["results"]] == [kept]
    listed = hub.get(f"{CONTACTS}?archived=true").json()["results"]
    assert [one["id"] for one in listed] == [gone]
    assert listed[0]["archivedAt"]


def test_history_pages_hold_fifty_records(hub):
    rows = [{"email": f"p{n}@example.com"} for n in range(60)]
    hub.door("load", object="contacts", rows=rows)
    assert hub.get(f"{CONTACTS}?limit=60&propertiesWithHistory=email").status_code == 400
    page = hub.get(f"{CONTACTS}?limit=50&propertiesWithHistory=email").json()["results"]
    assert all(one["propertiesWithHistory"]["email"][0]["sourceType"] == "IMPORT" for one in page)


@pytest.mark.parametrize(
    ("path", "given", "lacking"),
    [
        ("contacts", {"city": "Ulm"}, ["email", "firstname", "lastname"]),
        ("companies", {"city": "Ulm"}, ["name", "domain"]),
        ("deals", {"dealname": "x"}, ["dealstage"]),
        ("tasks", {"hs_task_subject": "call"}, ["hs_timestamp"]),
    ],
)
def test_a_record_needs_its_required_values(hub, path, given, lacking):
    answer = hub.post(f"/crm/objects/2026-03/{path}", {"properties": given})
    assert answer.status_code == 400
    assert answer.json()["context"]["properties"] == lacking


def test_a_deal_follows_its_stage(hub):
    made = hub.deal(amount="1000", dealstage="contractsent")
    names = ("pipeline", "hs_is_closed", "hs_deal_stage_probability", "closedate", "amount_in_home_currency")
    shown = hub.shown(f"/crm/objects/2026-03/deals/{made}", *names)
    assert (shown["pipeline"], shown["hs_is_closed"], shown["hs_deal_stage_probability"]) == ("default", "false", "0.9")
    assert (shown["closedate"], shown["amount_in_home_currency"]) == (None, "1000")
    hub.call("PATCH", f"/crm/objects/2026-03/deals/{made}", {"properties": {"dealstage": "closedwon"}})
    shown = hub.shown(f"/crm/objects/2026-03/deals/{made}", *names, "hs_is_closed_won")
    assert (shown["hs_is_closed"], shown["hs_is_closed_won"]) == ("true", "true")
    assert shown["closedate"]
    refused = hub.call("PATCH", f"/crm/objects/2026-03/deals/{made}", {"properties": {"dealstage": "lost"}})
    assert bad(refused) == [("dealstage", "INVALID_OPTION")]


def test_a_lead_needs_its_contact(hub):
    path, contact = "/crm/objects/2026-03/leads", hub.contact(email="a@example.com")
    assert hub.post(path, {"properties": {"hs_lead_name": "L"}}).status_code == 400
    link = {"to": {"id": contact}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]}
    made = hub.post(path, {"properties": {"hs_lead_name": "L"}, "associations": [link]}).json()["id"]
    shown = hub.shown(f"{path}/{made}", "hs_pipeline", "hs_pipeline_stage", "hs_primary_contact_id")
    assert shown["hs_pipeline_stage"] == "new-stage-id"
    assert shown["hs_primary_contact_id"] == contact
    hub.call("DELETE", f"{path}/{made}/associations/contacts/{contact}")
    assert hub.get(f"{path}/{made}").status_code == 404


def test_links_with_a_record(hub):
    company = hub.company(name="ACME")
    link = {"to": {"id": company}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}
    made = hub.post(CONTACTS, {"properties": {"email": "a@example.com"}, "associations": [link]}).json()["id"]
    told = hub.get(f"{CONTACTS}/{made}?associations=companies,deals").json()["associations"]
    assert told == {
        "companies": {
            "results": [
                {"id": company, "type": "contact_to_company"},
                {"id": company, "type": "contact_to_company_unlabeled"},
            ]
        }
    }
    assert hub.get(f"{CONTACTS}?associations=companies").json()["results"][0]["associations"] == told
    missing = {**link, "to": {"id": "999"}}
    answer = hub.post(CONTACTS, {"properties": {"email": "b@example.com"}, "associations": [missing]})
    assert (answer.status_code, answer.json()["message"]) == (400, "One or more associations are invalid")
    wrong = {"to": {"id": company}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 280}]}
    answer = hub.post(CONTACTS, {"properties": {"email": "b@example.com"}, "associations": [wrong]})
    assert answer.json()["message"] == ("invalid from object type 0-1 for associations to be created. expected: 0-2")
    assert len(hub.dump("contacts")) == 1

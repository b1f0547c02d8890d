"""Definitions of the HubSpot sandbox: properties, groups, pipelines, custom objects, owners, account."""

import pytest
from hubspot_server import running

PROPERTIES = "/crm/properties/2026-03/contacts"
MINE = {"groupName": "revloop", "name": "mine", "label": "Mine", "type": "string", "fieldType": "text"}


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


@pytest.mark.parametrize(
    ("name", "least"), [("contacts", 60), ("companies", 50), ("deals", 40), ("leads", 15), ("tasks", 12)]
)
def test_a_fresh_account_has_the_standard_properties(hub, name, least):
    for version in ("/crm/properties/2026-03", "/crm/v3/properties"):
        listed = hub.get(f"{version}/{name}").json()["results"]
        assert len(listed) >= least
        by_name = {one["name"]: one for one in listed}
        assert by_name["hs_object_id"]["modificationMetadata"]["readOnlyValue"] is True
    assert by_name["hubspot_owner_id"]["referencedObjectType"] == "OWNER"


def test_options_of_the_standard_properties(hub):
    stage = hub.get(f"{PROPERTIES}/lifecyclestage").json()["options"]
    assert [one["value"] for one in stage][:3] == ["subscriber", "lead", "marketingqualifiedlead"]
    industry = hub.get("/crm/properties/2026-03/companies/industry").json()["options"]
    assert "COMPUTER_SOFTWARE" in {one["value"] for one in industry}
    deal = hub.get("/crm/properties/2026-03/deals/dealstage").json()["options"]
    assert deal[-1]["value"] == "closedlost"


def test_the_stamp_is_there_unless_the_account_is_bare(hub):
    for name in ("contacts", "companies", "deals"):
        assert hub.get(f"/crm/properties/2026-03/{name}/revloop_salesforce_id").json()["hasUniqueValue"] is True
    with running(bare=True) as bare:
        assert bare.fresh().get(f"{PROPERTIES}/revloop_salesforce_id").status_code == 404


def test_the_life_of_a_property(hub):
    assert hub.post(PROPERTIES, MINE).status_code == 201
    answer = hub.post(PROPERTIES, MINE)
    assert answer.status_code == 409
    assert answer.json()["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    assert answer.json()["message"] == "A property named 'mine' already exists."
    made = hub.contact(email="a@example.com", mine="kept")
    assert hub.call("PATCH", f"{PROPERTIES}/mine", {"label": "Ours"}).json()["label"] == "Ours"
    assert hub.call("DELETE", f"{PROPERTIES}/mine").status_code == 204
    assert hub.get(f"{PROPERTIES}/mine").status_code == 404
    assert hub.get(f"{PROPERTIES}/mine?archived=true").json()["archived"] is True
    assert "mine" not in hub.shown(f"/crm/objects/2026-03/contacts/{made}", "mine")
    assert hub.post(PROPERTIES, MINE).status_code == 201
    assert hub.shown(f"/crm/objects/2026-03/contacts/{made}", "mine")["mine"] == "kept"


def test_options_replace_each_other_and_stay_when_left_out(hub):
    options = [{"label": v, "value": v, "displayOrder": n, "hidden": False} for n, v in enumerate("ab")]
    hub.post(PROPERTIES, MINE | {"type": "enumeration", "fieldType": "select", "options": options})
    assert hub.call("PATCH", f"{PROPERTIES}/mine", {"label": "x"}).json()["options"] == options
    assert hub.call("PATCH", f"{PROPERTIES}/mine", {"options": options[1:]}).json()["options"] == options[1:]
    answer = hub.post("/crm/objects/2026-03/contacts", {"properties": {"email": "a@example.com", "mine": "a"}})
    assert answer.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_batches_of_properties(hub):
    inputs = [MINE, MINE | {"name": "other"}]
    assert hub.post(f"{PROPERTIES}/batch/create", {"inputs": inputs}).status_code == 201
    read = {"archived": False, "inputs": [{"name": "mine"}, {"name": "nope"}]}
    answer = hub.post(f"{PROPERTIES}/batch/read", read)
    assert (answer.status_code, [one["name"] for one in answer.json()["results"]]) == (207, ["mine"])
    assert hub.post(f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "mine"}]}).status_code == 204
    assert (
        hub.post(
            f"{PROPERTIES}/batch/create", {"inputs": [MINE | {"name": "third"}, MINE | {"name": "other"}]}
        ).status_code
        == 409
    )
    assert hub.get(f"{PROPERTIES}/third").status_code == 404


def test_ten_unique_properties_and_no_more(hub):
    inputs = [MINE | {"name": f"key_{n}", "hasUniqueValue": True} for n in range(10)]
    assert hub.post(f"{PROPERTIES}/batch/create", {"inputs": inputs}).status_code == 400
    assert hub.post(f"{PROPERTIES}/batch/create", {"inputs": inputs[:9]}).status_code == 201


@pytest.mark.parametrize("change", [{"groupName": "nope"}, {"type": "text"}, {"name": "Mine"}, {"type": "enumeration"}])
def test_bad_definitions(hub, change):
    assert hub.post(PROPERTIES, MINE | change).status_code == 400


def test_standard_properties_cannot_be_deleted(hub):
    answer = hub.call("DELETE", f"{PROPERTIES}/email")
    assert answer.json()["subCategory"] == "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"


def test_groups(hub):
    groups = f"{PROPERTIES}/groups"
    assert hub.post(groups, {"name": "ours", "label": "Ours"}).status_code == 201
    assert hub.post(groups, {"name": "ours", "label": "Ours"}).status_code == 409
    assert hub.call("PATCH", f"{groups}/ours", {"label": "Theirs"}).json()["label"] == "Theirs"
    assert {"ours", "revloop", "contactinformation"} <= {one["name"] for one in hub.get(groups).json()["results"]}
    assert hub.call("DELETE", f"{groups}/revloop").status_code == 400
    assert hub.call("DELETE", f"{groups}/ours").status_code == 204
    assert hub.get(f"{groups}/ours").status_code == 404


def test_pipelines(hub):
    deals = "/crm/pipelines/2026-03/deals"
    assert [one["id"] for one in hub.get(deals).json()["results"]] == ["default"]
    stage = {"label": "Won", "displayOrder": 0, "metadata": {"probability": "1.0"}}
    made = hub.post(deals, {"label": "Renewals", "displayOrder": 1, "stages": [stage]}).json()
    assert made["id"].isdigit()
    assert made["stages"][0]["metadata"] == {"probability": "1.0", "isClosed": "true"}
    stage_id = made["stages"][0]["id"]
    assert (
        hub.shown(
            f"/crm/objects/2026-03/deals/{hub.deal(pipeline=made['id'], dealstage=stage_id)}", "hs_is_closed_won"
        )["hs_is_closed_won"]
        == "true"
    )
    answer = hub.post("/crm/objects/2026-03/deals", {"properties": {"dealname": "x", "dealstage": stage_id}})
    assert answer.json()["errors"][0]["context"]["propertyName"] == ["dealstage"]
    path = f"{deals}/{made['id']}/stages/{stage_id}"
    answer = hub.call("DELETE", f"{path}?validateReferencesBeforeDelete=true")
    assert answer.json()["subCategory"] == "PipelineError.STAGE_ID_IN_USE"
    assert hub.call("PATCH", path, {"label": "Closed", "metadata": {}}).json()["label"] == "Closed"
    assert hub.call("DELETE", path).status_code == 204
    leads = hub.get("/crm/pipelines/2026-03/leads").json()["results"][0]
    assert [one["id"] for one in leads["stages"]][-1] == "unqualified-stage-id"


SCHEMA = {
    "name": "touch",
    "labels": {"singular": "Touch", "plural": "Touches"},
    "primaryDisplayProperty": "touch_key",
    "requiredProperties": ["touch_key"],
    "searchableProperties": ["touch_key"],
    "secondaryDisplayProperties": [],
    "properties": [
        {"name": "touch_key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True},
        {"name": "weight", "label": "Weight", "type": "number", "fieldType": "number"},
    ],
    "associatedObjects": ["0-1", "DEAL"],
}


def test_a_custom_object_from_schema_to_linked_record(hub):
    schemas = "/crm-object-schemas/2026-03/schemas"
    made = hub.post(schemas, SCHEMA)
    assert made.status_code == 201
    key, name = made.json()["objectTypeId"], made.json()["fullyQualifiedName"]
    assert key.startswith("2-")
    assert name.endswith("_touch")
    assert hub.post(schemas, SCHEMA).status_code == 409
    assert [one["objectTypeId"] for one in hub.get("/crm-object-schemas/v3/schemas").json()["results"]] == [key]
    contact = hub.contact(email="a@example.com")
    kinds = hub.get(f"/crm/associations/2026-03/{key}/0-1/labels").json()["results"]
    types = [{"associationCategory": kinds[0]["category"], "associationTypeId": kinds[0]["typeId"]}]
    body = {
        "properties": {"touch_key": "T1", "weight": "0.40"},
        "associations": [{"to": {"id": contact}, "types": types}],
    }
    answer = hub.post(f"/crm/objects/2026-03/{name}", body)
    assert answer.status_code == 201
    assert hub.post(f"/crm/objects/2026-03/{key}", {"properties": {"weight": "1"}}).status_code == 400
    upsert = {"inputs": [{"id": "T1", "idProperty": "touch_key", "properties": {"weight": "1"}}]}
    answer = hub.post(f"/crm/objects/2026-03/{key}/batch/upsert", upsert)
    assert (answer.json()["results"][0]["new"], answer.json()["results"][0]["properties"]["weight"]) == (False, "1")
    read = hub.post(f"/crm/associations/2026-03/0-1/{key}/batch/read", {"inputs": [{"id": contact}]})
    assert [to["toObjectId"] for to in read.json()["results"][0]["to"]] == [int(answer.json()["results"][0]["id"])]
    assert hub.call("DELETE", f"{schemas}/{key}").status_code == 400


def test_custom_objects_are_for_enterprise_accounts(hub):
    key = hub.post("/crm-object-schemas/2026-03/schemas", SCHEMA).json()["objectTypeId"]
    hub.door("tier", tier="professional")
    for path in (f"/crm/objects/2026-03/{key}", "/crm-object-schemas/2026-03/schemas"):
        answer = hub.get(path)
        assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert hub.get("/crm/objects/2026-03/leads").status_code == 200
    hub.door("tier", tier="starter")
    assert hub.get("/crm/objects/2026-03/leads").status_code == 403


def test_owners(hub):
    owners = hub.get("/crm/owners/2026-03?limit=2").json()
    assert len(owners["results"]) == 2
    after = owners["paging"]["next"]["after"]
    assert len(hub.get(f"/crm/v3/owners/?limit=2&after={after}").json()["results"]) == 1
    first = owners["results"][0]
    assert hub.get(f"/crm/owners/2026-03?email={first['email'].upper()}").json()["results"] == [first]
    hub.door("owners", owners=[{"id": first["id"], "archived": True}, {"email": "new@example.com"}])
    assert hub.get(f"/crm/owners/2026-03/{first['id']}").status_code == 404
    gone = hub.get("/crm/owners/2026-03?archived=true").json()["results"][0]
    assert "userId" not in gone
    assert gone["userIdIncludingInactive"] == first["userId"]
    answer = hub.post(
        "/crm/objects/2026-03/contacts", {"properties": {"email": "a@example.com", "hubspot_owner_id": first["id"]}}
    )
    assert answer.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_the_account(hub):
    for path in ("/account-info/2026-03/details", "/account-info/v3/details"):
        told = hub.get(path).json()
        assert (told["timeZone"], told["companyCurrency"]) == ("Europe/Berlin", "EUR")
    assert hub.get("/account-info/2026-03/api-usage/daily/private-apps").json()["results"][0]["currentUsage"] >= 2
    assert hub.get("/crm/limits/2026-03/custom-object-types").json() == {"limit": 20, "usage": 0, "percentage": 0.0}
    assert hub.get("/crm/limits/2026-03/custom-properties").json()["overallUsage"] == 3


def test_other_currencies_are_summed_in_the_companys(hub):
    assert hub.get("/settings/currencies/2026-03/company-currency").json()["id"] == "EUR"
    rate = {"conversionRate": 0.5, "fromCurrencyCode": "USD", "toCurrencyCode": "EUR"}
    assert hub.post("/settings/currencies/2026-03/exchange-rates", rate).status_code == 200
    assert len(hub.get("/settings/currencies/2026-03/exchange-rates").json()["results"]) == 1
    made = hub.deal(amount="99.98", deal_currency_code="USD")
    shown = hub.shown(f"/crm/objects/2026-03/deals/{made}", "amount_in_home_currency")
    assert shown["amount_in_home_currency"] == "49.99"

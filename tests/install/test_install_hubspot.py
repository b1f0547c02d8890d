"""Installing in HubSpot, over HTTP: what comes to be, what is left alone, and what the account refuses."""

import pytest
from scene import rules

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.hubspot.definitions import Definitions
from connector.errors import LaterError, SettingsError
from connector.install import hubspot_compare, hubspot_install, whole
from connector.install.wanted import Wishes

SCHEMAS = "/crm-object-schemas/2026-03/schemas"


def look(stage, wish):
    present = hubspot_install.look_at_hubspot(stage.vendors.hubspot, wish.hubspot)
    return present, hubspot_compare.compare_hubspot(wish.hubspot, present)


def install(stage, wish):
    present, lack = look(stage, wish)
    hubspot_install.create_in_hubspot(stage.vendors.hubspot, wish.hubspot, present, lack, wish.wishes.locale)
    return look(stage, wish)[1]


def create(stage, vendor_object, **body):
    made = {"groupName": "contactinformation", "label": "Mine", "type": "string", "fieldType": "text", **body}
    answer = stage.call("hubspot", "POST", f"/crm/properties/2026-03/{vendor_object}", made)
    assert answer.ok, answer.text


def with_token(stage, *lacking):
    """HubSpot through a token that lacks scopes."""
    known = [
        "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read",
        "crm.schemas.contacts.read", "crm.schemas.companies.read", "crm.schemas.deals.read",
        "crm.schemas.contacts.write", "crm.schemas.companies.write", "crm.schemas.deals.write",
        "crm.schemas.custom.read", "crm.schemas.custom.write",
    ]  # fmt: skip
    scopes = [each for each in known if each not in lacking]
    stage.order("hubspot", "tokens", {"add": "pat-na1-narrow", "scopes": scopes})
    crm = HubSpot(stage.sandboxes["hubspot"].url, FixedToken("pat-na1-narrow"), pause=lambda _: None)
    return crm, Definitions(crm.client, crm.paths)


def test_an_enterprise_account_gets_properties_and_custom_objects(stage, wish):
    assert not list(install(stage, wish).steps())
    temperature = stage.property("contacts", "revops_temperature")
    assert (temperature["label"], temperature["groupName"]) == ("Lead-Temperatur", "revops")
    assert [(each["value"], each["label"]) for each in temperature["options"]] == [
        ("cold", "Kalt"), ("warm", "Warm"), ("hot", "Heiß"),
    ]  # fmt: skip
    assert stage.property("deals", "revloop_salesforce_id")["hasUniqueValue"]
    assert stage.property("contacts", "revops_rejection_comment")["description"].startswith("Füllen Menschen aus")
    sourced = stage.property("deals", "revops_sourced")
    assert (sourced["type"], [each["value"] for each in sourced["options"]]) == ("bool", ["true", "false"])
    schemas = {each["name"]: each for each in stage.call("hubspot", "GET", SCHEMAS).json()["results"]}
    assert set(schemas) == {"revops_touchpoint", "revops_credit"}
    assert schemas["revops_credit"]["labels"] == {"singular": "Attributionsanteil", "plural": "Attributionsanteile"}
    assert schemas["revops_credit"]["primaryDisplayProperty"] == "revops_channel"
    assert stage.property("deals", "revops_attr_summary") is None


def test_rows_of_the_custom_objects_hang_together(stage, wish):
    """What attribution will write: an upsert by key, and a credit linked to its touchpoint and deal."""
    install(stage, wish)
    types = {each["name"]: each["objectTypeId"] for each in stage.call("hubspot", "GET", SCHEMAS).json()["results"]}
    contact = stage.order("hubspot", "create", {"object": "contacts", "properties": {"email": "a@example.com"}})["id"]
    deal = stage.order(
        "hubspot", "create", {"object": "deals", "properties": {"dealname": "D", "dealstage": "closedwon"}}
    )["id"]
    ids = {}
    for name, properties in (
        ("revops_touchpoint", {"revops_channel": "paid", "revops_is_first": "true"}),
        ("revops_credit", {"revops_milestones": "FT;OC", "revops_amount": "48.10", "revops_weight_pct": "33.333334"}),
    ):
        row = {
            "id": f"key-{name}",
            "idProperty": "revops_key",
            "properties": {"revops_key": f"key-{name}", **properties},
        }
        path = f"/crm/objects/2026-03/{types[name]}/batch/upsert"
        answers = [stage.call("hubspot", "POST", path, {"inputs": [row]}) for _ in range(2)]
        assert [each.json()["results"][0]["new"] for each in answers] == [True, False], answers[0].text
        ids[name] = answers[0].json()["results"][0]["id"]
    for source, target, record in (
        ("revops_touchpoint", "contacts", contact),
        ("revops_credit", "deals", deal),
        ("revops_credit", types["revops_touchpoint"], ids["revops_touchpoint"]),
    ):
        path = f"/crm/objects/2026-03/{types[source]}/{ids[source]}/associations/default/{target}/{record}"
        assert stage.call("hubspot", "PUT", path).ok, (source, target)


@pytest.mark.parametrize("tier", ["free", "starter", "professional"])
def test_other_accounts_get_properties_instead(stage, wish, tier):
    stage.fresh(tier)
    lack = install(stage, wish)
    assert not list(lack.steps())
    assert not lack.carriers
    (finding,) = lack.findings
    assert (finding.level, "subscription has no custom objects" in finding.what) == ("info", True)
    summary = stage.property("deals", "revops_attr_summary")
    assert (summary["fieldType"], summary["label"]) == ("textarea", "Attribution (Übersicht)")


@pytest.mark.parametrize("tier", ["professional", "enterprise"])
def test_a_second_install_changes_nothing(stage, wish, tier):
    stage.fresh(tier)
    install(stage, wish)
    stage.sandboxes["hubspot"].forget()
    assert not list(install(stage, wish).steps())
    assert stage.changes() == []


def test_labels_follow_the_language(stage, wish):
    english = whole.wanted(wish.agreement, Wishes(wish.wishes.stamps, wish.wishes.prefixes, "en"))
    install(stage, english)
    assert stage.property("contacts", "revops_temperature")["options"][0]["label"] == "Cold"
    assert not list(look(stage, wish)[1].steps())  # another language is no difference


def test_missing_options_are_added_and_those_of_people_stay(stage, wish):
    install(stage, wish)
    path = "/crm/properties/2026-03/contacts/revops_temperature"
    mine = [
        {"value": "cold", "label": "Eiskalt", "displayOrder": 0, "hidden": False},
        {"value": "lukewarm", "label": "Lau", "displayOrder": 1, "hidden": False},
    ]
    assert stage.call("hubspot", "PATCH", path, {"options": mine, "label": "Wärme"}).ok
    (step,) = look(stage, wish)[1].steps()
    assert (step.kind, step.name, step.what) == ("options", "revops_temperature", "+ warm, hot")
    assert not list(install(stage, wish).steps())
    found = stage.property("contacts", "revops_temperature")
    assert [(each["value"], each["label"]) for each in found["options"]] == [
        ("cold", "Eiskalt"), ("lukewarm", "Lau"), ("warm", "Warm"), ("hot", "Heiß"),
    ]  # fmt: skip
    assert found["label"] == "Wärme"


def test_a_reason_that_retires_is_hidden_and_comes_back(stage, wish, tmp_path):
    install(stage, wish)
    line = "category: data_quality, recycle_days: 30"
    retired = rules(tmp_path, edits=[("rules/rejection_reasons.yaml", line, f"{line}, retired: true")])

    def hidden():
        options = stage.property("contacts", "revops_rejection_reason")["options"]
        return [each["value"] for each in options if each["hidden"]]

    steps = list(look(stage, retired)[1].steps())
    assert {each.what for each in steps} == {"no longer offered: data_incomplete"}
    assert not list(install(stage, retired).steps())
    assert hidden() == ["data_incomplete"]
    assert not list(install(stage, wish).steps())
    assert hidden() == []


def test_a_property_of_another_type_is_said_and_never_changed(stage, wish):
    create(stage, "contacts", name="revops_fit_score")
    create(stage, "contacts", name="revloop_salesforce_id")
    lack = install(stage, wish)
    assert not list(lack.steps())
    told = [each.what for each in lack.findings if each.level == "error"]
    assert told == [
        "contacts.revloop_salesforce_id does not require unique values: twins could be made",
        "contacts.revops_fit_score is of type string, not number",
    ]
    assert stage.property("contacts", "revops_fit_score")["type"] == "string"


def test_a_property_that_was_archived_comes_back(stage, wish):
    install(stage, wish)
    assert stage.call("hubspot", "DELETE", "/crm/properties/2026-03/contacts/revops_fit_score").ok
    (step,) = look(stage, wish)[1].steps()
    assert (step.kind, step.where, step.name) == ("property", "contacts", "revops_fit_score")
    assert not list(install(stage, wish).steps())


def test_parts_of_a_custom_object_that_are_missing_are_added(stage, wish):
    """An older version, or a person, made the objects with less."""
    key = {"name": "revops_key", "label": "Key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    body = {
        "name": "revops_credit",
        "labels": {"singular": "Credit", "plural": "Credits"},
        "primaryDisplayProperty": "revops_key",
        "requiredProperties": ["revops_key"],
        "searchableProperties": ["revops_key"],
        "secondaryDisplayProperties": [],
        "properties": [key],
        "associatedObjects": [],
        "allowsSensitiveProperties": False,
        "shouldCreateSameObjectAssociation": False,
    }
    touchpoint = {**body, "name": "revops_touchpoint", "associatedObjects": ["0-1"]}
    assert stage.call("hubspot", "POST", SCHEMAS, touchpoint).ok
    assert stage.call("hubspot", "POST", SCHEMAS, body).ok
    steps = list(look(stage, wish)[1].steps())
    assert [(each.where, each.name) for each in steps if each.kind == "association"] == [
        ("revops_credit", "revops_touchpoint"),
        ("revops_credit", "deals"),
    ]
    assert len([each for each in steps if each.where == "revops_credit" and each.kind == "property"]) == 11
    assert not list(install(stage, wish).steps())
    credit = next(
        each for each in stage.call("hubspot", "GET", SCHEMAS).json()["results"] if each["name"] == "revops_credit"
    )
    assert {each["groupName"] for each in credit["properties"] if each["name"].startswith("revops_")} == {
        "revops_credit_information"
    }


# --- what an account or a token refuses ------------------------------------------------------------------------


def test_an_account_whose_custom_objects_are_used_up(stage, wish):
    stage.order("hubspot", "quota", {"custom_object_types": 1})
    lack = install(stage, wish)
    assert (list(lack.steps()), lack.carriers) == ([], False)
    (finding,) = lack.findings
    assert finding.level == "warning"
    assert "may have 1 more custom objects, revloop needs 2 (revops_touchpoint, revops_credit)" in finding.what
    assert stage.property("deals", "revops_attr_summary") is not None
    assert stage.call("hubspot", "GET", SCHEMAS).json()["results"] == []


def test_an_account_whose_properties_are_used_up(stage, wish):
    stage.order("hubspot", "quota", {"custom_properties": 40})
    lack = install(stage, wish)
    assert [(each.where, each.kind) for each in lack.steps()] == []
    finding = next(each for each in lack.findings if each.level == "error")
    assert "contacts may have 40 more properties of your own, revloop needs 50" in finding.what
    assert stage.property("contacts", "revops_stage") is None
    assert stage.property("companies", "revops_stage") is not None


def test_a_token_that_may_not_make_properties(stage, wish):
    crm, definitions = with_token(stage, "crm.schemas.contacts.write")
    present = hubspot_install.look_at_hubspot(definitions, wish.hubspot)
    lack = hubspot_compare.compare_hubspot(wish.hubspot, present)
    with pytest.raises(SettingsError, match=r"lacks a scope, one of crm\.schemas\.contacts\.write"):
        hubspot_install.create_in_hubspot(definitions, wish.hubspot, present, lack, "de")
    crm.close()
    assert not list(install(stage, wish).steps())  # with the scope the next one goes on


def test_a_token_that_may_not_see_custom_objects_gets_properties_and_is_told(stage, wish):
    crm, definitions = with_token(stage, "crm.schemas.custom.read", "crm.schemas.custom.write")
    present = hubspot_install.look_at_hubspot(definitions, wish.hubspot)
    crm.close()
    lack = hubspot_compare.compare_hubspot(wish.hubspot, present)
    (finding,) = lack.findings
    assert (finding.level, lack.carriers) == ("warning", False)
    assert "crm.schemas.custom.read" in finding.what
    assert "crm.objects.custom.read/write" in finding.do
    assert "revops_attr_summary" in {each.name for each in lack.steps()}


def test_a_token_that_may_not_make_custom_objects(stage, wish):
    crm, definitions = with_token(stage, "crm.schemas.custom.write")
    present = hubspot_install.look_at_hubspot(definitions, wish.hubspot)
    lack = hubspot_compare.compare_hubspot(wish.hubspot, present)
    with pytest.raises(SettingsError, match=r"crm\.schemas\.custom\.write"):
        hubspot_install.create_in_hubspot(definitions, wish.hubspot, present, lack, "de")
    crm.close()


def test_the_name_of_an_archived_custom_object_is_told(stage, wish):
    install(stage, wish)
    stage.call("hubspot", "DELETE", f"{SCHEMAS}/revops_credit")
    with pytest.raises(SettingsError, match="keeps the name revops_credit"):
        install(stage, wish)


def test_a_lost_answer_is_no_harm(stage, wish):
    stage.order("hubspot", "faults", {"kind": "lost", "method": "POST", "path": "/contacts/batch/create"})
    with pytest.raises(LaterError):
        install(stage, wish)
    assert stage.property("contacts", "revops_fit_score") is not None
    assert not list(install(stage, wish).steps())


def test_somebody_else_installs_at_the_same_time(stage, wish):
    present, lack = look(stage, wish)
    install(stage, wish)
    with pytest.raises(LaterError, match="somebody was quicker"):
        hubspot_install.create_in_hubspot(stage.vendors.hubspot, wish.hubspot, present, lack, "de")


def test_a_limit_that_nobody_told_beforehand(stage, wish):
    stage.order("hubspot", "faults", {"kind": "status", "path": "/crm/limits/", "status": 403, "times": 20,
                                      "answer": {"category": "MISSING_SCOPES", "errors": []}})  # fmt: skip
    stage.order("hubspot", "quota", {"custom_properties": 10})
    with pytest.raises(SettingsError, match="can have at most 10 custom properties"):
        install(stage, wish)

"""`install --remove`: what would go is listed with what stands in it, and goes only by that number."""

import pytest

from connector.errors import BrakeError, SettingsError
from connector.install import whole
from connector.install.removing import Removal, list_removal, remove
from connector.install.steps import Loss

ADMIN, INTEGRATION = "admin@revloop-sandbox.example", "integration@revloop-sandbox.example"


def installed(stage, wish):
    whole.install(wish, stage.vendors)
    return whole.look(wish, stage.vendors)


def listed(stage, wish):
    looked = whole.look(wish, stage.vendors)
    return looked, list_removal(wish, stage.vendors, looked)


def filled(removal, **sought):
    return {
        f"{each.where}.{each.name}".removeprefix("."): each.filled
        for each in removal.losses
        if each.filled != 0 and each.kind in ("field", "property", "custom object")
        if all(getattr(each, name) == value for name, value in sought.items())
    }


def fill(stage, wish):
    """Three leads and two contacts with something in revloop's fields, and rows in the custom objects."""
    org = stage.call
    for number in range(3):
        body = {"LastName": f"L{number}", "Company": "Muster AG", "RevOps_Fit_Score__c": number,
                "RevOps_Feedback_Overdue__c": number == 1, "RevOps_Score_Explanation__c": "Engagement 33"}  # fmt: skip
        assert org("salesforce", "POST", "/sobjects/Lead", body).status_code == 201
    assert org("salesforce", "PATCH", "/sobjects/RevOps_Touchpoint__c/Key__c/t1", {"Channel__c": "paid"}).ok
    for number in range(2):
        properties = {"email": f"p{number}@example.com", "revops_fit_score": str(number)}
        stage.order("hubspot", "create", {"object": "contacts", "properties": properties})
    touchpoint = whole.look(wish, stage.vendors).hubspot.schemas["revops_touchpoint"].type_id
    for number in range(2):
        body = {"properties": {"revops_key": f"t{number}"}}
        assert org("hubspot", "POST", f"/crm/objects/2026-03/{touchpoint}", body).status_code == 201
    return 3 + 1 + 1 + 2 + 2


def test_nothing_installed_is_nothing_to_take_away(stage, wish):
    _, removal = listed(stage, wish)
    assert (removal.losses, removal.count) == ((), 0)


def test_the_list_counts_the_values_that_are_filled(stage, wish):
    installed(stage, wish)
    expected = fill(stage, wish)
    before = stage.changes()
    _, removal = listed(stage, wish)
    assert stage.changes() == before
    assert filled(removal, side="salesforce") == {
        "Lead.RevOps_Fit_Score__c": 3,
        "Lead.RevOps_Feedback_Overdue__c": 1,
        "Lead.RevOps_Score_Explanation__c": None,
        "Contact.RevOps_Score_Explanation__c": None,
        "Opportunity.RevOps_Sourced_Evidence__c": None,
        "RevOps_Touchpoint__c": 1,
    }
    assert filled(removal, side="hubspot") == {"contacts.revops_fit_score": 2, "revops_touchpoint": 2}
    assert removal.count == expected


def test_two_values_of_one_record_are_two_values(stage, wish):
    installed(stage, wish)
    properties = {"email": "p@example.com", "revops_fit_score": "1", "revops_cycle": "1"}
    stage.order("hubspot", "create", {"object": "contacts", "properties": properties})
    _, removal = listed(stage, wish)
    assert (removal.count, removal.words) == (2, "2 filled values")
    assert Removal((Loss("hubspot", "property", "contacts", "revops_cycle", 1),)).words == "1 filled value"


def test_another_number_deletes_nothing(stage, wish):
    installed(stage, wish)
    fill(stage, wish)
    looked, removal = listed(stage, wish)
    before = stage.changes()
    with pytest.raises(BrakeError, match="9 filled values, 3 of them rows of custom objects would be deleted, not 8"):
        remove(wish, stage.vendors, looked, removal, 8)
    assert stage.changes() == before
    assert stage.property("contacts", "revops_fit_score") is not None


def test_the_right_number_takes_everything_away_and_nothing_else(stage, wish):
    made = {"groupName": "contactinformation", "name": "of_a_person", "label": "Mine", "type": "string",
            "fieldType": "text"}  # fmt: skip
    assert stage.call("hubspot", "POST", "/crm/properties/2026-03/contacts", made).ok
    stage.order("salesforce", "field", {"sobject": "Lead", "name": "Of_A_Person__c", "type": "Date"})
    installed(stage, wish)
    fill(stage, wish)
    looked, removal = listed(stage, wish)
    remove(wish, stage.vendors, looked, removal, removal.count)
    _, left = listed(stage, wish)
    assert left.losses == ()
    assert stage.property("contacts", "of_a_person") is not None
    described = stage.call("salesforce", "GET", "/sobjects/Lead/describe").json()["fields"]
    assert [each["name"] for each in described if each["custom"]] == ["Of_A_Person__c"]
    assert len(stage.order("hubspot", "records?object=contacts", method="GET")) == 2
    query = "/query?q=SELECT Id FROM PermissionSet WHERE Name LIKE 'RevOps%'"
    assert stage.call("salesforce", "GET", query).json()["records"] == []
    whole.install(wish, stage.vendors)
    assert not whole.look(wish, stage.vendors).steps


def test_the_group_stays_while_somebody_elses_property_is_in_it(stage, wish):
    installed(stage, wish)
    mine = {"groupName": "revops", "name": "of_a_person", "label": "Mine", "type": "string", "fieldType": "text"}
    assert stage.call("hubspot", "POST", "/crm/properties/2026-03/contacts", mine).ok
    looked, removal = listed(stage, wish)
    remove(wish, stage.vendors, looked, removal, 0)
    groups = stage.call("hubspot", "GET", "/crm/properties/2026-03/contacts/groups").json()["results"]
    assert "revops" in {each["name"] for each in groups}
    assert stage.property("contacts", "of_a_person") is not None
    assert stage.property("contacts", "revops_stage") is None


def test_what_stands_in_place_of_custom_objects_goes_too(stage, wish):
    stage.fresh("professional")
    installed(stage, wish)
    looked, removal = listed(stage, wish)
    assert "revops_attr_summary" in {each.name for each in removal.losses}
    remove(wish, stage.vendors, looked, removal, 0)
    assert stage.property("deals", "revops_attr_summary") is None


def test_a_login_that_may_not_delete_deletes_nothing(stage, wish):
    installed(stage, wish)
    looked, removal = listed(stage, wish)
    stage.order("salesforce", "profile", {"user": INTEGRATION, "profile": "Minimum Access - API Only Integrations"})
    before = stage.changes()
    denied = whole.Looked(
        looked.hubspot,
        type(looked.salesforce)(
            looked.salesforce.user, frozenset({"ViewSetup"}), looked.salesforce.objects, looked.salesforce.fields,
            looked.salesforce.described, looked.salesforce.rules, looked.salesforce.sets,
        ),
        looked.hubspot_lack,
        looked.salesforce_lack,
        (),
    )  # fmt: skip
    with pytest.raises(SettingsError, match="may not change the org: it lacks"):
        remove(wish, stage.vendors, denied, removal, 0)
    assert stage.changes() == before


def test_something_else_in_the_org_uses_a_field(stage, wish):
    installed(stage, wish)
    rule = {"FullName": "Lead.Of_A_Person", "Metadata": {"active": True, "errorMessage": "no",
            "errorConditionFormula": "RevOps_Fit_Score__c > 100"}}  # fmt: skip
    assert stage.call("salesforce", "POST", "/tooling/sobjects/ValidationRule", rule).status_code == 201
    looked, removal = listed(stage, wish)
    with pytest.raises(SettingsError, match="nothing was changed there") as refused:
        remove(wish, stage.vendors, looked, removal, 0)
    assert "take it out there first" in refused.value.problems[0]
    assert "Of_A_Person" in refused.value.problems[0]
    assert stage.property("contacts", "revops_fit_score") is not None

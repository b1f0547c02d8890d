"""Installing in Salesforce, over HTTP: a deploy that is checked first, what it brings, and what it refuses."""

import pytest
from scene import DEFAULT, VERSION, rules

from connector.crm.auth import FixedToken
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.crm.salesforce.definitions import OrgDefinitions
from connector.errors import LaterError, SettingsError
from connector.install import salesforce_compare, salesforce_install
from connector.model import Refused, Write
from connector.revops.rejection_refusal import refused_rejection

LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}
REASON, COMMENT = "RevOps_Rejection_Reason__c", "RevOps_Rejection_Comment__c"
REJECTED = "Closed - Not Converted"
STATUSES = 'salesforce: ["Closed - Not Converted"]'
ADMIN, INTEGRATION = "admin@revloop-sandbox.example", "integration@revloop-sandbox.example"


def look(stage, wish, user=""):
    ask = stage.vendors.salesforce
    present = salesforce_install.look_at_salesforce(ask, wish.salesforce, wish.wishes, user=user)
    return present, salesforce_compare.compare_salesforce(wish.salesforce, present)


def install(stage, wish, user=""):
    present, lack = look(stage, wish, user)
    vendors = stage.vendors
    salesforce_install.create_in_salesforce(vendors.salesforce, vendors.deploy, present, lack, wish.wishes, VERSION)
    return look(stage, wish, user)[1]


def fields(stage, sobject):
    answer = stage.call("salesforce", "GET", f"/sobjects/{sobject}/describe")
    assert answer.ok, answer.text
    return {each["name"]: each for each in answer.json()["fields"]}


def lead(stage, **more):
    return stage.call("salesforce", "POST", "/sobjects/Lead", {**LEAD, **more})


def rows(stage, soql):
    answer = stage.call("salesforce", "GET", f"/query?q={soql}")
    assert answer.ok, answer.text
    return answer.json()["records"]


def tooling(stage, soql):
    answer = stage.call("salesforce", "GET", f"/tooling/query?q={soql}")
    assert answer.ok, answer.text
    return answer.json()["records"]


def test_everything_comes_with_one_deploy_that_was_checked_first(stage, wish):
    assert not list(install(stage, wish).steps())
    deploys = [each for each in stage.changes() if each == f"POST /services/data/v{VERSION}/metadata/deployRequest"]
    assert len(deploys) == 2
    lead_fields = fields(stage, "Lead")
    assert (lead_fields["Revloop_HubSpot_Id__c"]["externalId"], lead_fields["Revloop_HubSpot_Id__c"]["unique"]) == (
        True, True,
    )  # fmt: skip
    assert (lead_fields["RevOps_Fit_Score__c"]["precision"], lead_fields["RevOps_Fit_Score__c"]["scale"]) == (9, 0)
    assert lead_fields["RevOps_Score_Explanation__c"]["length"] == 2000
    assert [each["label"] for each in lead_fields["RevOps_Temperature__c"]["picklistValues"]] == [
        "Kalt",
        "Warm",
        "Heiß",
    ]
    credit = fields(stage, "RevOps_Credit__c")
    assert credit["Touchpoint__c"]["referenceTo"] == ["RevOps_Touchpoint__c"]
    assert (credit["Amount__c"]["type"], credit["Weight_Pct__c"]["scale"]) == ("currency", 6)
    assert credit["Milestones__c"]["type"] == "multipicklist"


def test_rows_of_the_custom_objects_are_upserted_by_key(stage, wish):
    install(stage, wish)
    person = lead(stage).json()["id"]
    path = "/sobjects/RevOps_Touchpoint__c/Key__c/t1"
    assert stage.call("salesforce", "PATCH", path, {"Lead__c": person, "Channel__c": "paid"}).status_code == 201
    assert stage.call("salesforce", "PATCH", path, {"Is_First__c": True}).json()["created"] is False
    [row] = rows(stage, "SELECT Name, Lead__r.LastName FROM RevOps_Touchpoint__c")
    assert (row["Name"], row["Lead__r"]["LastName"]) == ("T-00000001", "Musterfrau")


def test_a_second_install_changes_nothing(stage, wish):
    install(stage, wish)
    stage.sandboxes["salesforce"].forget()
    assert not list(install(stage, wish).steps())
    assert stage.changes() == []


# --- the rules that were installed, and nothing else, refuse (domain §3.2) ------------------------------------------


def test_before_the_install_nobody_asks_for_a_reason(stage):
    assert lead(stage, Status=REJECTED).status_code == 201


def test_a_rejection_without_a_reason_is_refused_by_the_installed_rule(stage, wish):
    install(stage, wish)
    [error] = lead(stage, Status=REJECTED).json()
    assert (error["errorCode"], error["fields"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", [REASON])
    [error] = lead(stage, Status=REJECTED, **{REASON: "other", COMMENT: "zu kurz"}).json()
    assert (error["errorCode"], error["fields"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", [COMMENT])
    assert lead(stage, Status=REJECTED, **{REASON: "other", COMMENT: "fünfzehn Zeichen!"}).status_code == 201
    assert lead(stage, Status=REJECTED, **{REASON: "budget_none"}).status_code == 201
    assert lead(stage, **{REASON: "other"}).status_code == 201  # a reason alone rejects nobody


def test_clearing_the_reason_of_a_rejected_lead_is_refused_and_other_edits_are_not(stage, wish):
    old = lead(stage, Status=REJECTED).json()["id"]  # before there was a rule
    install(stage, wish)
    path = f"/sobjects/Lead/{old}"
    assert stage.call("salesforce", "PATCH", path, {"Title": "Einkauf"}).status_code == 204
    assert stage.call("salesforce", "PATCH", path, {REASON: "need_none"}).status_code == 204
    [error] = stage.call("salesforce", "PATCH", path, {REASON: None}).json()
    assert error["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_the_connector_knows_the_refusal_again(stage, wish):
    install(stage, wish)
    person = lead(stage).json()["id"]
    for written, missing in (({}, "reason"), ({REASON: "other", COMMENT: "kurz"}, "comment")):
        write = Write("w", person, {"Status": REJECTED, **written})
        [outcome] = stage.salesforce.update("Lead", [write], lambda _: None)
        assert isinstance(outcome, Refused)
        assert refused_rejection("salesforce", outcome).missing == missing


def test_taken_away_the_rule_refuses_nobody(stage, wish):
    install(stage, wish)
    for rule in tooling(stage, "SELECT Id FROM ValidationRule"):
        stage.call("salesforce", "DELETE", f"/tooling/sobjects/ValidationRule/{rule['Id']}")
    assert lead(stage, Status=REJECTED).status_code == 201


def test_a_rule_that_differs_is_replaced(stage, wish, tmp_path):
    install(stage, wish)
    other = rules(tmp_path, edits=[("rules/rejection.yaml", STATUSES, 'salesforce: ["Unqualified"]')])
    steps = list(look(stage, other)[1].steps())
    assert {(each.kind, each.what) for each in steps} == {("validation rule", "replaced: it is not as the rules say")}
    assert not list(install(stage, other).steps())
    assert lead(stage, Status=REJECTED).status_code == 201
    assert lead(stage, Status="Unqualified").json()[0]["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_a_rule_that_an_admin_switched_off_stays_off_and_is_told(stage, wish, tmp_path):
    install(stage, wish)
    name = "RevOps_Rejection_Reason_Required"
    [rule] = tooling(stage, f"SELECT Id FROM ValidationRule WHERE ValidationName = '{name}'")
    path = f"/tooling/sobjects/ValidationRule/{rule['Id']}"
    metadata = stage.call("salesforce", "GET", path).json()["Metadata"]
    assert stage.call("salesforce", "PATCH", path, {"Metadata": {**metadata, "active": False}}).status_code == 204
    lack = install(stage, wish)
    assert not list(lack.steps())
    (finding,) = lack.findings
    assert (finding.level, f"{name} on Lead is switched off" in finding.what) == ("warning", True)
    other = rules(tmp_path, edits=[("rules/rejection.yaml", STATUSES, 'salesforce: ["Unqualified"]')])
    install(stage, other)
    assert lead(stage, Status="Unqualified").status_code == 201


def test_a_rule_that_nobody_wants_any_more_is_told(stage, wish, tmp_path):
    install(stage, wish)
    off = rules(tmp_path, edits=[("rules/rejection.yaml", "salesforce: validation_rule", "salesforce: off")])
    told = [each.what for each in install(stage, off).findings]
    assert [each for each in told if "although rules/rejection.yaml asks for none" in each] == told
    assert len(told) == 2


# --- who sees what ---------------------------------------------------------------------------------------------------


def test_a_field_that_no_permission_set_shows_is_invisible(stage, wish):
    install(stage, wish)
    [assignment] = rows(stage, "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'RevOps_Integration'")
    assert stage.call("salesforce", "DELETE", f"/sobjects/PermissionSetAssignment/{assignment['Id']}").ok
    assert "RevOps_Fit_Score__c" not in fields(stage, "Lead")
    assert lead(stage, RevOps_Fit_Score__c=1).json()[0]["errorCode"] == "INVALID_FIELD"
    assert [each.kind for each in look(stage, wish)[1].steps()] == ["assignment"]
    assert not list(install(stage, wish).steps())
    assert "RevOps_Fit_Score__c" in fields(stage, "Lead")


def test_somebody_else_may_get_the_permission_set(stage, wish):
    assert not list(install(stage, wish, ADMIN).steps())
    held = rows(stage, "SELECT Assignee.Username FROM PermissionSetAssignment WHERE PermissionSet.Name LIKE 'RevOps%'")
    assert [each["Assignee"]["Username"] for each in held] == [ADMIN]
    with pytest.raises(SettingsError, match="no active user of this user name"):
        look(stage, wish, "nobody's@example.com")


def test_missing_permissions_are_added_and_what_an_admin_added_stays(stage, wish):
    install(stage, wish)
    [given] = rows(stage, "SELECT Id FROM PermissionSet WHERE Name = 'RevOps_Integration'")
    more = {"ParentId": given["Id"], "SobjectType": "Task", "PermissionsRead": True}
    assert stage.call("salesforce", "POST", "/sobjects/ObjectPermissions", more).ok
    [shown] = rows(
        stage,
        f"SELECT Id FROM FieldPermissions WHERE ParentId = '{given['Id']}' AND Field = 'Lead.RevOps_Fit_Score__c'",
    )
    assert stage.call("salesforce", "DELETE", f"/sobjects/FieldPermissions/{shown['Id']}").ok
    [fixed] = rows(
        stage,
        f"SELECT Id FROM FieldPermissions WHERE ParentId = '{given['Id']}' AND Field = 'Lead.RevOps_Cycle__c'",
    )
    assert stage.call("salesforce", "PATCH", f"/sobjects/FieldPermissions/{fixed['Id']}", {"PermissionsEdit": False}).ok
    [opened] = rows(
        stage, f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{given['Id']}' AND SobjectType = 'Campaign'"
    )
    assert stage.call("salesforce", "DELETE", f"/sobjects/ObjectPermissions/{opened['Id']}").ok
    [narrow] = rows(
        stage, f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{given['Id']}' AND SobjectType = 'Account'"
    )
    narrower = {"PermissionsViewAllRecords": False}
    assert stage.call("salesforce", "PATCH", f"/sobjects/ObjectPermissions/{narrow['Id']}", narrower).ok
    steps = {(each.kind, each.where, each.name) for each in look(stage, wish)[1].steps()}
    assert steps == {
        ("permission", "RevOps_Integration", name)
        for name in ("Lead.RevOps_Fit_Score__c", "Lead.RevOps_Cycle__c", "Campaign", "Account")
    }
    assert not list(install(stage, wish).steps())
    assert rows(stage, f"SELECT Id FROM ObjectPermissions WHERE ParentId = '{given['Id']}' AND SobjectType = 'Task'")


# --- what is there already -------------------------------------------------------------------------------------------


def test_options_are_added_and_those_of_people_stay(stage, wish):
    install(stage, wish)
    [field] = tooling(
        stage, "SELECT Id FROM CustomField WHERE DeveloperName = 'RevOps_Temperature' AND TableEnumOrId = 'Lead'"
    )
    path = f"/tooling/sobjects/CustomField/{field['Id']}"
    metadata = stage.call("salesforce", "GET", path).json()["Metadata"]
    mine = [{"valueName": "cold", "label": "Eiskalt"}, {"valueName": "lukewarm", "label": "Lau"}]
    values = {**metadata["valueSet"], "valueSetDefinition": {"sorted": False, "value": mine}}
    changed = {**metadata, "valueSet": values, "label": "Wärme"}
    assert stage.call("salesforce", "PATCH", path, {"Metadata": changed}).status_code == 204
    (step,) = look(stage, wish)[1].steps()
    assert (step.kind, step.where, step.what) == ("options", "Lead", "+ warm, hot")
    assert not list(install(stage, wish).steps())
    found = fields(stage, "Lead")["RevOps_Temperature__c"]
    assert [each["value"] for each in found["picklistValues"]] == ["cold", "lukewarm", "warm", "hot"]
    assert (found["label"], found["picklistValues"][0]["label"]) == ("Wärme", "Eiskalt")


def test_a_reason_that_retires_is_no_longer_offered_and_comes_back(stage, wish, tmp_path):
    install(stage, wish)
    kept = lead(stage, Status=REJECTED, **{REASON: "data_incomplete"}).json()["id"]
    line = "category: data_quality, recycle_days: 30"
    retired = rules(tmp_path, edits=[("rules/rejection_reasons.yaml", line, f"{line}, retired: true")])
    assert {each.what for each in look(stage, retired)[1].steps()} == {"no longer offered: data_incomplete"}
    assert not list(install(stage, retired).steps())
    assert lead(stage, Status=REJECTED, **{REASON: "data_incomplete"}).status_code == 400
    assert stage.call("salesforce", "GET", f"/sobjects/Lead/{kept}").json()[REASON] == "data_incomplete"
    assert not list(install(stage, wish).steps())
    assert lead(stage, Status=REJECTED, **{REASON: "data_incomplete"}).status_code == 201


def test_a_field_of_another_type_is_said_and_never_changed(stage, wish):
    stage.order("salesforce", "field", {"sobject": "Lead", "name": "RevOps_Fit_Score__c", "type": "Text", "length": 20})
    stage.order("salesforce", "field", {"sobject": "Contact", "name": COMMENT, "type": "Text", "length": 20})
    stage.order(
        "salesforce", "field", {"sobject": "Lead", "name": "Revloop_HubSpot_Id__c", "type": "Text", "length": 64}
    )
    lack = install(stage, wish)
    assert not list(lack.steps())
    assert {(each.level, each.what) for each in lack.findings} == {
        ("error", "Lead.RevOps_Fit_Score__c is of type string, not double"),
        ("error", "Lead.Revloop_HubSpot_Id__c is not «External ID» and «Unique»: twins could be made"),
        ("warning", f"Contact.{COMMENT} takes 20 characters, revloop writes up to 255"),
    }
    assert fields(stage, "Lead")["RevOps_Fit_Score__c"]["type"] == "string"


def test_a_lookup_that_points_elsewhere_is_said(stage, wish):
    install(stage, wish)
    present, _ = look(stage, wish)
    described = {name: dict(columns) for name, columns in present.described.items()}
    described["RevOps_Credit__c"]["Opportunity__c"] = {"type": "reference", "referenceTo": ["Account"]}
    other = salesforce_compare.SalesforcePresent(
        present.user, present.rights, present.objects, present.fields, described, present.rules, present.sets
    )
    (finding,) = salesforce_compare.compare_salesforce(wish.salesforce, other).findings
    assert finding.what == "RevOps_Credit__c.Opportunity__c does not point to Opportunity"


# --- who may not install, and what is refused ---------------------------------------------------------------------


def test_a_login_that_may_not_deploy_is_told_which_permissions_it_lacks(stage, wish):
    stage.order("salesforce", "profile", {"user": INTEGRATION, "profile": "Minimum Access - API Only Integrations"})
    with pytest.raises(SettingsError, match="«View Setup and Configuration»") as refused:
        look(stage, wish)
    assert "«Modify Metadata Through Metadata API Functions»" in str(refused.value)


def test_a_login_that_may_look_and_not_deploy(stage, wish):
    stage.order("salesforce", "profile", {"user": INTEGRATION, "profile": "Minimum Access - API Only Integrations"})
    [user] = rows(stage, f"SELECT Id FROM User WHERE Username = '{INTEGRATION}'")
    made = stage.order(
        "salesforce", "create", {"sobject": "PermissionSet", "fields": {
            "Name": "Looking", "Label": "Looking", "PermissionsViewSetup": True}},
    )  # fmt: skip
    stage.order("salesforce", "create", {"sobject": "PermissionSetAssignment", "fields": {
        "AssigneeId": user["Id"], "PermissionSetId": made["id"]}})  # fmt: skip
    present, lack = look(stage, wish)
    assert list(lack.steps())
    vendors = stage.vendors
    with pytest.raises(SettingsError, match="Nothing was changed in Salesforce") as refused:
        salesforce_install.create_in_salesforce(vendors.salesforce, vendors.deploy, present, lack, DEFAULT, VERSION)
    assert "it lacks «Modify Metadata Through Metadata API Functions», «Customize Application», «Assign" in str(
        refused.value
    )
    assert stage.changes() == []


def test_where_the_permissions_cannot_be_asked_the_vendor_says_it(stage, wish):
    """Without a word on the permissions beforehand, the refusal of the deploy itself is told."""
    present, lack = look(stage, wish)
    unknown = salesforce_compare.SalesforcePresent(
        present.user, None, present.objects, present.fields, present.described, present.rules, present.sets
    )
    stage.order("salesforce", "profile", {"user": INTEGRATION, "profile": "Minimum Access - API Only Integrations"})
    vendors = stage.vendors
    with pytest.raises(SettingsError, match="INSUFFICIENT_ACCESS"):
        salesforce_install.create_in_salesforce(vendors.salesforce, vendors.deploy, unknown, lack, DEFAULT, VERSION)


def test_a_deploy_with_component_errors_names_each_and_changes_nothing(stage, wish):
    for number in range(25):
        stage.order("salesforce", "field", {"sobject": "Account", "name": f"Ext_{number}__c", "type": "Text",
                                            "length": 20, "externalId": True})  # fmt: skip
    with pytest.raises(SettingsError, match="nothing was changed there") as refused:
        install(stage, wish)
    told = "\n".join(refused.value.problems)
    assert "field Account.Revloop_HubSpot_Id__c: the org's limit is reached" in told
    assert "RevOps_Fit_Score__c" not in fields(stage, "Lead")
    assert stage.call("salesforce", "GET", "/sobjects/RevOps_Credit__c/describe").status_code == 404
    assert len([each for each in stage.changes() if "deployRequest" in each]) == 1  # the check alone


def test_a_deploy_that_never_ends_is_left_to_itself(stage, wish):
    answer = {"id": "0AfSb0000000001AAA", "deployResult": {"done": False, "status": "InProgress"}}
    stage.order("salesforce", "faults", {"kind": "status", "method": "GET", "path": "/metadata/deployRequest/",
                                         "status": 200, "answer": answer, "times": 1000})  # fmt: skip
    stage.patience = 5.0
    with pytest.raises(LaterError, match="is not done after 5 seconds: look at Setup > Deployment Status"):
        install(stage, wish)
    stage.order("salesforce", "faults", method="DELETE")
    assert not list(install(stage, wish).steps())


@pytest.mark.parametrize(
    ("result", "error", "words"),
    [
        ({"done": True, "status": "Canceled", "success": False}, LaterError, "somebody cancelled the deploy"),
        ({"done": True, "status": "Failed", "success": False, "errorMessage": "UNKNOWN_EXCEPTION: broke off"},
         SettingsError, "package.xml: UNKNOWN_EXCEPTION: broke off"),
    ],
)  # fmt: skip
def test_a_deploy_that_ends_otherwise(stage, wish, result, error, words):
    stage.order("salesforce", "faults", {"kind": "status", "method": "GET", "path": "/metadata/deployRequest/",
                                         "status": 200, "answer": {"id": "x", "deployResult": result}})  # fmt: skip
    with pytest.raises(error, match=words):
        install(stage, wish)


def test_a_lost_answer_to_a_deploy_is_no_harm(stage, wish):
    stage.order("salesforce", "faults", {"kind": "lost", "method": "POST", "path": "/metadata/deployRequest"})
    assert not list(install(stage, wish).steps())


def test_a_deploy_that_is_forgotten_meanwhile(stage, wish):
    stage.order("salesforce", "faults", {"kind": "status", "method": "GET", "path": "/metadata/deployRequest/",
                                         "status": 404, "answer": [{"errorCode": "NOT_FOUND"}]})  # fmt: skip
    with pytest.raises(LaterError, match="no longer knows the deploy"):
        install(stage, wish)


def test_lead_statuses_that_are_missing_are_not_made(stage, tmp_path):
    other = rules(tmp_path, edits=[("rules/rejection.yaml", STATUSES, 'salesforce: ["Nurturing"]')])
    present, _ = look(stage, other)
    install(stage, other)
    assert "Nurturing" not in present.statuses
    assert look(stage, other)[0].statuses == present.statuses


def test_another_login_sees_the_same(stage, wish):
    """The definitions are asked through the adapter's own door: its credentials, its limits."""
    crm = SalesforceCrm(
        stage.sandboxes["salesforce"].url, FixedToken("00D000000000001EAA!other"), Options(version=VERSION),
        pause=lambda _: None, monotonic=lambda: 0.0,
    )  # fmt: skip
    install(stage, wish)
    assert OrgDefinitions(crm.org).custom_objects() == {"RevOps_Touchpoint__c", "RevOps_Credit__c"}
    crm.close()

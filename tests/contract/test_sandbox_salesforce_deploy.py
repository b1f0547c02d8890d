"""The sandbox takes metadata packages as the Metadata REST API does, and what they hold becomes real."""

import pytest
from salesforce_org import salesforce
from salesforce_package import (
    assign,
    deploy,
    grants,
    installed,
    manifest,
    package,
    picklist_field,
    poll,
    problems,
    rejection,
    request,
    rule,
    text_field,
    tooling,
)

from connector.sandbox.salesforce.seed import INTEGRATION_ID

LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}
TOUCH = {
    "deploymentStatus": "Deployed",
    "fields": [
        text_field("Key__c", 64, externalId=True, unique=True, caseSensitive=False),
        {
            "fullName": "Lead__c",
            "label": "Lead",
            "type": "Lookup",
            "referenceTo": "Lead",
            "relationshipName": "RevOps_Touchpoints",
            "deleteConstraint": "SetNull",
        },
        {"fullName": "Occurred_At__c", "label": "Occurred at", "type": "DateTime"},
        {"fullName": "Is_First__c", "label": "First", "type": "Checkbox", "defaultValue": False},
    ],
    "label": "Touchpoint",
    "nameField": {"displayFormat": "TP-{000000}", "label": "Number", "type": "AutoNumber"},
    "pluralLabel": "Touchpoints",
    "sharingModel": "ReadWrite",
}
TOUCH_FIELDS = [f"RevOps_Touchpoint__c.{one['fullName']}" for one in TOUCH["fields"]]


@pytest.fixture(scope="module")
def running():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(running):
    return running.again()


def custom_object():
    return package({"RevOps_Touchpoint__c": TOUCH}, {"RevOps": grants(*TOUCH_FIELDS, objects=["RevOps_Touchpoint__c"])})


def test_a_deploy_is_answered_at_once_and_worked_off_behind(org):
    answer = request(org, rejection(), checkOnly=False, rollbackOnError=True, singlePackage=True)
    assert answer.status_code == 201
    body = answer.json()
    assert body["id"].startswith("0Af")
    assert body["deployResult"]["status"] == "Pending"
    assert not body["deployResult"]["done"]
    first = org.call("GET", f"/metadata/deployRequest/{body['id']}").json()["deployResult"]
    assert (first["status"], first["done"]) == ("InProgress", False)
    result = poll(org, body["id"])
    assert (result["status"], result["success"], result["numberComponentErrors"]) == ("Succeeded", True, 0)
    assert result["numberComponentsTotal"] == result["numberComponentsDeployed"] == 6
    told = {one["fullName"]: one for one in result["details"]["componentSuccesses"]}
    assert told["Lead.RevOps_Rejection_Reason__c"]["componentType"] == "CustomField"
    assert told["Lead.RevOps_Rejection_Reason__c"]["fileName"] == "objects/Lead.object"
    assert told["Lead.RevOps_Rejection_Reason__c"]["created"]
    assert told["Lead.RevOps_Reason"]["id"].startswith("03d")
    assert told["RevOps"]["id"].startswith("0PS")
    assert "package.xml" in told
    assert "details" not in org.call("GET", f"/metadata/deployRequest/{body['id']}").json()["deployResult"]


def test_a_check_changes_nothing(org):
    result = deploy(org, rejection(), checkOnly=True)
    assert (result["status"], result["checkOnly"], result["numberComponentsDeployed"]) == ("Succeeded", True, 6)
    assert tooling(org, "SELECT Id FROM ValidationRule") == []
    assert org.query("SELECT Id FROM PermissionSet WHERE Name = 'RevOps'") == []
    assert org.call("POST", "/sobjects/Lead", {**LEAD, "Status": "Closed - Not Converted"}).status_code == 201
    installed(org, rejection())
    assert len(tooling(org, "SELECT Id FROM ValidationRule")) == 2


def test_a_second_deploy_of_the_same_changes_nothing(org):
    first = installed(org, custom_object())
    second = installed(org, custom_object())
    ids = [{one["fullName"]: one["id"] for one in done["details"]["componentSuccesses"]} for done in (first, second)]
    assert ids[0] == ids[1]
    told = [one for one in second["details"]["componentSuccesses"] if one["componentType"]]
    assert [one["fullName"] for one in told if one["changed"] or one["created"]] == []


def test_a_custom_object_becomes_real(org):
    installed(org, custom_object())
    assign(org, "RevOps", INTEGRATION_ID)
    described = org.call("GET", "/sobjects/RevOps_Touchpoint__c/describe").json()
    fields = {one["name"]: one for one in described["fields"]}
    assert described["labelPlural"] == "Touchpoints"
    assert fields["Key__c"]["externalId"]
    assert fields["Key__c"]["unique"]
    assert fields["Is_First__c"]["defaultValue"] is False
    lead = org.create("Lead", **LEAD)
    path = "/sobjects/RevOps_Touchpoint__c/Key__c/tp-1"
    made = org.call("PATCH", path, {"Lead__c": lead, "Occurred_At__c": "2026-11-01T08:00:00Z"})
    assert made.status_code == 201
    assert org.call("PATCH", path, {"Is_First__c": True}).json()["created"] is False
    [row] = org.query(
        "SELECT Name, Is_First__c, Lead__r.LastName FROM RevOps_Touchpoint__c "
        "WHERE Occurred_At__c > 2026-10-31T00:00:00Z"
    )
    assert (row["Name"], row["Is_First__c"], row["Lead__r"]["LastName"]) == ("TP-000001", True, "Musterfrau")
    [row] = org.query("SELECT Id, (SELECT Name FROM RevOps_Touchpoints__r) FROM Lead")
    assert row["RevOps_Touchpoints__r"]["totalSize"] == 1
    job = org.call("POST", "/jobs/ingest", {"object": "RevOps_Touchpoint__c", "operation": "insert"}).json()
    assert job["state"] == "Open"


def test_details_go_with_their_master(org):
    org.order("rules", field_security=False)
    master = {
        "fullName": "Touch__c",
        "label": "Touch",
        "type": "MasterDetail",
        "referenceTo": "RevOps_Touchpoint__c",
        "relationshipName": "Credits",
    }
    credit = {**TOUCH, "fields": [master], "label": "Credit", "sharingModel": "ControlledByParent"}
    installed(org, package({"RevOps_Touchpoint__c": TOUCH, "RevOps_Credit__c": credit}))
    touch = org.create("RevOps_Touchpoint__c", Key__c="t")
    made = org.create("RevOps_Credit__c", Touch__c=touch)
    assert org.call("POST", "/sobjects/RevOps_Credit__c", {}).json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert "OwnerId" not in org.read("RevOps_Credit__c", made)
    org.call("DELETE", f"/sobjects/RevOps_Touchpoint__c/{touch}")
    assert org.query("SELECT Id FROM RevOps_Credit__c") == []


def test_without_rollback_the_sound_parts_stay(org):
    lead = {"fields": [text_field("Sound__c")], "validationRules": [rule("Broken", "NOPE()")]}
    result = deploy(org, package({"Lead": lead}), rollbackOnError=False)
    assert (result["status"], result["numberComponentErrors"]) == ("SucceededPartial", 1)
    assert len(tooling(org, "SELECT Id FROM CustomField WHERE DeveloperName = 'Sound'")) == 1


def test_a_failed_deploy_leaves_no_trace_of_what_came_before_the_mistake(org):
    bad = grants("RevOps_Touchpoint__c.Missing__c", objects=["RevOps_Touchpoint__c"])
    result = deploy(org, package({"RevOps_Touchpoint__c": TOUCH}, {"RevOps": bad}))
    assert problems(result) == {
        "RevOps": "In field: field - no CustomField named RevOps_Touchpoint__c.Missing__c found"
    }
    assert org.call("GET", "/sobjects/RevOps_Touchpoint__c/describe").status_code == 404
    installed(org, custom_object())


def test_destructive_changes_take_components_away(org):
    installed(org, rejection())
    assign(org, "RevOps", INTEGRATION_ID)
    empty = {"members": {}}
    used = package(**empty, destructiveChanges_xml=manifest({"CustomField": ["Lead.RevOps_Rejection_Reason__c"]}))
    [problem] = problems(deploy(org, used)).values()
    assert "Validation Formula - RevOps_Reason, RevOps_Other" in problem
    gone = {
        "ValidationRule": ["Lead.RevOps_Reason", "Lead.RevOps_Other"],
        "CustomField": ["Lead.RevOps_Rejection_Reason__c", "Lead.Never__c"],
    }
    result = deploy(org, package(**empty, destructiveChanges_xml=manifest({"ValidationRule": gone["ValidationRule"]})))
    assert result["status"] == "Succeeded"
    result = deploy(org, package(**empty, destructiveChanges_xml=manifest({"CustomField": gone["CustomField"]})))
    told = {one["fullName"]: one for one in result["details"]["componentSuccesses"]}
    assert told["Lead.RevOps_Rejection_Reason__c"]["deleted"]
    assert told["Lead.Never__c"]["problem"] == "No CustomField named: Lead.Never__c found"
    assert told["Lead.Never__c"]["problemType"] == "Warning"
    names = {one["name"] for one in org.call("GET", "/sobjects/Lead/describe").json()["fields"]}
    assert "RevOps_Rejection_Reason__c" not in names
    assert "RevOps_Rejection_Comment__c" in names
    lead = org.create("Lead", **LEAD, Status="Closed - Not Converted")
    assert org.read("Lead", lead)["Status"] == "Closed - Not Converted"


def test_a_custom_object_can_go_and_come_back(org):
    installed(org, custom_object())
    assign(org, "RevOps", INTEGRATION_ID)
    org.create("RevOps_Touchpoint__c", Key__c="t")
    away = manifest({"CustomObject": ["RevOps_Touchpoint__c"]})
    assert deploy(org, package(members={}, destructiveChanges_xml=away))["status"] == "Succeeded"
    assert org.call("GET", "/sobjects/RevOps_Touchpoint__c/describe").status_code == 404
    installed(org, custom_object())
    assert org.query("SELECT Id FROM RevOps_Touchpoint__c") == []


def test_a_field_can_change_but_not_its_type(org):
    installed(org, package({"Lead": {"fields": [picklist_field("Grade__c", "a", "b")]}}))
    changed = installed(org, package({"Lead": {"fields": [picklist_field("Grade__c", "a", "b", "c", label="Note")]}}))
    [told] = [one for one in changed["details"]["componentSuccesses"] if one["componentType"] == "CustomField"]
    assert (told["changed"], told["created"]) == (True, False)
    [row] = tooling(org, "SELECT Id FROM CustomField WHERE DeveloperName = 'Grade'")
    metadata = org.call("GET", f"/tooling/sobjects/CustomField/{row['Id']}").json()["Metadata"]
    assert [one["valueName"] for one in metadata["valueSet"]["valueSetDefinition"]["value"]] == ["a", "b", "c"]
    assert metadata["label"] == "Note"
    result = deploy(org, package({"Lead": {"fields": [text_field("Grade__c")]}}))
    assert problems(result) == {"Lead.Grade__c": "Cannot change type of Lead.Grade__c from picklist to string"}


def test_what_was_deployed_is_there_after_a_restart(tmp_path):
    with salesforce(tmp_path) as org:
        installed(org, rejection())
        assign(org, "RevOps", INTEGRATION_ID)
    with salesforce(tmp_path) as org:
        [error] = org.call("POST", "/sobjects/Lead", {**LEAD, "Status": "Closed - Not Converted"}).json()
        assert error["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        assert len(tooling(org, "SELECT Id FROM ValidationRule WHERE Active = true")) == 2


def test_a_bulk_job_survives_a_deploy_while_it_runs(org):
    job = org.call("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}).json()
    rows = "".join(f"Person{number},Muster AG\n" for number in range(3000))
    url = f"/jobs/ingest/{job['id']}"
    headers = {"Content-Type": "text/csv"}
    base = f"{org.sandbox.url}/services/data/v68.0"
    assert org.http.put(f"{base}{url}/batches", data=f"LastName,Company\n{rows}", headers=headers, timeout=30).ok
    org.call("PATCH", url, {"state": "UploadComplete"})
    installed(org, rejection())
    state = {}
    for _ in range(500):
        state = org.call("GET", url).json()
        if state["state"] in ("JobComplete", "Failed"):
            break
    assert (state["state"], state["numberRecordsFailed"], state["numberRecordsProcessed"]) == ("JobComplete", 0, 3000)


def test_an_option_that_is_no_longer_active_is_kept_and_not_taken_again(org):
    org.order("rules", field_security=False)
    field = picklist_field("Grade__c", "a", "b")
    installed(org, package({"Lead": {"fields": [field]}}))
    old = org.create("Lead", **LEAD, Grade__c="b")
    field["valueSet"]["valueSetDefinition"]["value"][1]["isActive"] = False
    installed(org, package({"Lead": {"fields": [field]}}))
    [described] = [
        one for one in org.call("GET", "/sobjects/Lead/describe").json()["fields"] if one["name"] == "Grade__c"
    ]
    assert [(one["value"], one["active"]) for one in described["picklistValues"]] == [("a", True), ("b", False)]
    assert org.read("Lead", old)["Grade__c"] == "b"
    assert org.update("Lead", old, Title="Einkauf").status_code == 204
    [error] = org.call("POST", "/sobjects/Lead", {**LEAD, "Grade__c": "b"}).json()
    assert error["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"

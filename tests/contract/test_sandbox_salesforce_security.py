"""Who sees and writes what in the sandbox: field-level security, objects, permission sets, user permissions."""

import time
from urllib.parse import quote

import pytest
import requests
from salesforce_org import salesforce
from salesforce_package import (
    COMMENT,
    REASON,
    assign,
    deploy,
    grants,
    installed,
    package,
    picklist_field,
    problems,
    rejection,
    request,
    text_field,
    tooling,
)

from connector.sandbox.salesforce.seed import ADMIN_ID, INTEGRATION_ID

LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}
STAMP = "Revloop_HubSpot_Id__c"
MINIMUM = "Minimum Access - API Only Integrations"
OBJECT = {
    "deploymentStatus": "Deployed",
    "fields": [text_field("Key__c", 64, externalId=True, unique=True)],
    "label": "Touchpoint",
    "nameField": {"label": "Name", "type": "Text"},
    "pluralLabel": "Touchpoints",
    "sharingModel": "ReadWrite",
}


@pytest.fixture(scope="module")
def running():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(running):
    return running.again()


def fields(org, sobject="Lead"):
    return {one["name"]: one for one in org.call("GET", f"/sobjects/{sobject}/describe").json()["fields"]}


def as_user(org, email):
    """A function that calls the API as another user."""
    org.order("clients", client_id=f"for {email}", secret="s", user=email)
    form = {"grant_type": "client_credentials", "client_id": f"for {email}", "client_secret": "s"}
    answer = requests.post(f"{org.sandbox.url}/services/oauth2/token", data=form, timeout=30)
    token = answer.json()["access_token"]

    def call(method, path, body=None):
        url = f"{org.sandbox.url}/services/data/v68.0{path}"
        return requests.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    call.token = token
    return call


def error(answer):
    assert answer.status_code >= 400, answer.text
    return answer.json()[0]["errorCode"], answer.json()[0]["message"]


def test_a_deployed_field_is_there_for_nobody_until_it_is_granted(org):
    installed(org, rejection())
    assert REASON not in fields(org)
    assert STAMP in fields(org)
    code, message = error(org.call("GET", f"/query?q=SELECT Id, {REASON} FROM Lead"))
    assert code == "INVALID_FIELD"
    assert message.startswith(
        f"\nSELECT Id, {REASON} FROM Lead\n           ^\nERROR at Row:1:Column:12\nNo such column '{REASON}' on entity "
    )
    refused = error(org.call("POST", "/sobjects/Lead", {**LEAD, REASON: "other"}))
    assert refused == ("INVALID_FIELD", f"No such column '{REASON}' on sobject of type Lead")
    lead = org.create("Lead", **LEAD)
    assert REASON not in org.read("Lead", lead)
    assert org.call("GET", f"/sobjects/Lead/{lead}?fields={REASON}").status_code == 400
    body = {"ids": [lead], "fields": [REASON]}
    assert org.call("POST", "/composite/sobjects/Lead", body).status_code == 400
    assert (
        as_user(org, "admin@revloop-sandbox.example")("GET", f"/query?q=SELECT {REASON} FROM Lead").status_code == 400
    )

    given = assign(org, "RevOps", INTEGRATION_ID)
    assert fields(org)[REASON]["updateable"]
    assert org.update("Lead", lead, **{REASON: "other", COMMENT: "x" * 15}).status_code == 204
    assert org.query(f"SELECT {REASON} FROM Lead WHERE {REASON} = 'other'")[0][REASON] == "other"
    assert (
        as_user(org, "admin@revloop-sandbox.example")("GET", f"/query?q=SELECT {REASON} FROM Lead").status_code == 400
    )

    assert org.call("DELETE", f"/sobjects/PermissionSetAssignment/{given}").status_code == 204
    assert REASON not in fields(org)


def test_a_field_that_may_only_be_read_cannot_be_written(org):
    grade = package(
        {"Lead": {"fields": [picklist_field("Grade__c", "A", "B")]}},
        {"Readers": grants("Lead.Grade__c", editable=False)},
    )
    installed(org, grade)
    assign(org, "Readers", INTEGRATION_ID)
    described = fields(org)["Grade__c"]
    assert (described["createable"], described["updateable"]) == (False, False)
    code, message = error(org.call("POST", "/sobjects/Lead", {**LEAD, "Grade__c": "A"}))
    assert code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert "Unable to create/update fields: Grade__c" in message


def test_required_fields_need_no_grant(org):
    installed(org, package({"Account": {"fields": [text_field("Must__c", required=True)]}}))
    assert not fields(org, "Account")["Must__c"]["nillable"]
    assert error(org.call("POST", "/sobjects/Account", {"Name": "x"}))[0] == "REQUIRED_FIELD_MISSING"


def test_bulk_does_not_know_a_hidden_field(org):
    installed(org, rejection())
    job = org.call("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}).json()
    url = f"/jobs/ingest/{job['id']}"
    base = f"{org.sandbox.url}/services/data/v68.0{url}/batches"
    csv = f"LastName,Company,{REASON}\nA,B,other\n"
    assert org.http.put(base, data=csv, headers={"Content-Type": "text/csv"}, timeout=30).ok
    org.call("PATCH", url, {"state": "UploadComplete"})
    state = {}
    while state.get("state") not in ("JobComplete", "Failed"):
        time.sleep(0.01)
        state = org.call("GET", url).json()
    assert (state["state"], state["errorMessage"]) == ("Failed", f"InvalidBatch : Field name not found : {REASON}")
    refused = org.call("POST", "/jobs/query", {"operation": "query", "query": f"SELECT {REASON} FROM Lead"})
    assert error(refused)[0] == "INVALID_FIELD"


def test_a_hidden_external_id_is_none(org):
    installed(org, package({"Account": {"fields": [text_field("Key__c", 64, externalId=True, unique=True)]}}))
    code, message = error(org.call("PATCH", "/sobjects/Account/Key__c/7", {"Name": "x"}))
    assert (code, message) == (
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: Key__c",
    )
    body = {"records": [{"attributes": {"type": "Account"}, "Key__c": "7", "Name": "x"}]}
    assert error(org.call("PATCH", "/composite/sobjects/Account/Key__c", body))[0] == "NOT_FOUND"
    record = {"LastName": "Musterfrau", "Account": {"Key__c": "7"}}
    assert error(org.call("POST", "/sobjects/Contact", record))[0] == "INVALID_FIELD"


def test_a_deployed_object_needs_object_permissions(org):
    sales = as_user(org, "sanna.sales@revloop-sandbox.example")
    content = grants("RevOps_Touchpoint__c.Key__c", objects=["RevOps_Touchpoint__c"])
    rights = {**content["objectPermissions"][0], "allowDelete": False, "allowEdit": False}
    sets = {"RevOps": content, "Makers": {**content, "objectPermissions": [rights]}}
    installed(org, package({"RevOps_Touchpoint__c": OBJECT}, sets))
    assert sales("GET", "/sobjects/RevOps_Touchpoint__c/describe").status_code == 404
    assert error(sales("GET", "/query?q=SELECT Id FROM RevOps_Touchpoint__c"))[0] == "INVALID_TYPE"
    assert sales("POST", "/sobjects/RevOps_Touchpoint__c", {"Name": "x"}).status_code == 404
    names = {one["name"] for one in sales("GET", "/sobjects").json()["sobjects"]}
    assert "RevOps_Touchpoint__c" not in names
    admin = as_user(org, "admin@revloop-sandbox.example")
    assert admin("GET", "/sobjects/RevOps_Touchpoint__c/describe").status_code == 200
    assign(org, "Makers", org.user("sanna.sales@revloop-sandbox.example"))
    made = sales("POST", "/sobjects/RevOps_Touchpoint__c", {"Name": "x", "Key__c": "k"})
    assert made.status_code == 201
    path = f"/sobjects/RevOps_Touchpoint__c/{made.json()['id']}"
    assert sales("GET", path).json()["Key__c"] == "k"
    assert error(sales("PATCH", path, {"Name": "y"})) == (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type cannot be updated: Touchpoint",
    )
    assert error(sales("DELETE", path))[0] == "INSUFFICIENT_ACCESS_OR_READONLY"
    [told] = sales("DELETE", f"/composite/sobjects?ids={made.json()['id']}").json()
    assert told["errors"][0]["statusCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_door_switches_field_level_security_off(org):
    installed(org, rejection())
    assert REASON not in fields(org)
    org.order("rules", field_security=False)
    assert REASON in fields(org)
    org.create("Lead", **LEAD, **{REASON: "no_budget"})
    org.order("rules", field_security=True)
    assert REASON not in fields(org)


def test_a_field_made_by_hand_is_seen_by_all(org):
    org.order("field", sobject="Lead", name="Note__c", type="Text", length=10, label="Note")
    assert "Note__c" in fields(org)


def test_who_may_not_deploy_is_told_so(org):
    org.order("profile", user="integration@revloop-sandbox.example", profile=MINIMUM)
    refused = request(org, rejection())
    assert refused.status_code == 403
    assert refused.json() == [
        {
            "errorCode": "INSUFFICIENT_ACCESS",
            "message": "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions",
        }
    ]
    body = {"FullName": "Lead.A__c", "Metadata": {"type": "Text", "length": 3, "label": "A"}}
    assert error(org.call("POST", "/tooling/sobjects/CustomField", body))[0] == "INSUFFICIENT_ACCESS_OR_READONLY"
    soql = quote("SELECT Id FROM ValidationRule")
    assert error(org.call("GET", f"/tooling/query?q={soql}"))[0] == "INSUFFICIENT_ACCESS_OR_READONLY"
    record = {"AssigneeId": INTEGRATION_ID, "PermissionSetId": org.query("SELECT Id FROM PermissionSet")[0]["Id"]}
    refused = org.call("POST", "/sobjects/PermissionSetAssignment", record)
    assert error(refused)[0] == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_deploying_also_takes_customize_application(org):
    content = {
        "label": "Deployer",
        "userPermissions": [{"enabled": True, "name": "ModifyMetadata"}, {"enabled": True, "name": "ApiEnabled"}],
    }
    installed(org, package(sets={"Deployer": content}))
    assign(org, "Deployer", INTEGRATION_ID)
    org.order("profile", user="integration@revloop-sandbox.example", profile=MINIMUM)
    result = deploy(org, package({"Lead": {"fields": [text_field("A__c")]}}))
    assert problems(result)["Lead.A__c"] == "insufficient access rights on cross-reference id"


def test_what_a_user_may_set_up_can_be_asked(org):
    soql = (
        "SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{}' "
        "AND PermissionSet.PermissionsCustomizeApplication = true"
    )
    assert len(org.query(soql.format(INTEGRATION_ID))) == 1
    assert len(org.query(soql.format(ADMIN_ID))) == 1
    org.order("profile", user="integration@revloop-sandbox.example", profile=MINIMUM)
    assert org.query(soql.format(INTEGRATION_ID)) == []
    assert org.query(f"SELECT Profile.Name FROM User WHERE Id = '{INTEGRATION_ID}'")[0]["Profile"]["Name"] == MINIMUM
    assert "no profile is named" in org.refused("profile", user=INTEGRATION_ID, profile="King")["error"]


def test_a_permission_set_is_assigned_once_and_not_deleted_while_held(org):
    installed(org, rejection())
    given = assign(org, "RevOps", INTEGRATION_ID)
    [row] = org.query("SELECT Id FROM PermissionSet WHERE Name = 'RevOps'")
    record = {"AssigneeId": INTEGRATION_ID, "PermissionSetId": row["Id"]}
    assert error(org.call("POST", "/sobjects/PermissionSetAssignment", record)) == (
        "DUPLICATE_VALUE",
        f"Duplicate PermissionSetAssignment. Assignee: {INTEGRATION_ID}; Permission Set: {row['Id']}",
    )
    assert error(org.call("DELETE", f"/sobjects/PermissionSet/{row['Id']}"))[0] == "DELETE_FAILED"
    org.call("DELETE", f"/sobjects/PermissionSetAssignment/{given}")
    assert org.call("DELETE", f"/sobjects/PermissionSet/{row['Id']}").status_code == 204
    assert org.query("SELECT Id FROM FieldPermissions") == []


def test_a_second_deploy_replaces_what_a_set_grants(org):
    installed(org, rejection())
    assign(org, "RevOps", INTEGRATION_ID)
    asked = "SELECT Field, PermissionsEdit FROM FieldPermissions WHERE Parent.Name = 'RevOps' ORDER BY Field"
    assert [one["Field"] for one in org.query(asked)] == [f"Lead.{COMMENT}", f"Lead.{REASON}"]
    installed(org, package(sets={"RevOps": grants(f"Lead.{REASON}")}))
    assert [one["Field"] for one in org.query(asked)] == [f"Lead.{REASON}"]
    assert COMMENT not in fields(org)


def test_a_field_of_the_tooling_api_is_hidden_too(org):
    body = {"FullName": "Lead.Grade__c", "Metadata": {"type": "Text", "length": 3, "label": "Grade"}}
    assert org.call("POST", "/tooling/sobjects/CustomField", body).status_code == 201
    assert "Grade__c" not in fields(org)
    assert len(tooling(org, "SELECT Id FROM CustomField WHERE DeveloperName = 'Grade'")) == 1
    made = org.create("PermissionSet", Name="Graders", Label="Graders")
    grant = {"ParentId": made, "SobjectType": "Lead", "Field": "Lead.Grade__c"}
    org.create("FieldPermissions", **grant, PermissionsRead=True, PermissionsEdit=True)
    assign(org, "Graders", INTEGRATION_ID)
    assert "Grade__c" in fields(org)


def test_a_new_user_has_a_profile_and_may_have_a_manager(org):
    chief = org.order("users", email="chief@example.com", last="Chief")["id"]
    org.order("users", email="sanna.sales@revloop-sandbox.example", manager="chief@example.com")
    [row] = org.query("SELECT ManagerId, Profile.Name FROM User WHERE FirstName = 'Sanna'")
    assert (row["ManagerId"], row["Profile"]["Name"]) == (chief, "Standard User")

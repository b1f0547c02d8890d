"""The Tooling API of the sandbox: what is installed, and single rules and fields written."""

import pytest
from salesforce_org import salesforce
from salesforce_package import installed, rejection, tooling


@pytest.fixture(scope="module")
def running():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(running):
    return running.again()


LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}


def test_the_tooling_api_tells_what_is_installed(org):
    installed(org, rejection())
    [row] = tooling(
        org,
        "SELECT Id, FullName, Metadata FROM ValidationRule WHERE EntityDefinition.QualifiedApiName = 'Lead' "
        "AND ValidationName = 'RevOps_Reason'",
    )
    assert row["FullName"] == "Lead.RevOps_Reason"
    assert row["Metadata"]["active"] is True
    assert row["Metadata"]["errorDisplayField"] == "RevOps_Rejection_Reason__c"
    assert row["attributes"]["url"] == f"/services/data/v68.0/tooling/sobjects/ValidationRule/{row['Id']}"
    assert org.call("GET", f"/tooling/sobjects/ValidationRule/{row['Id']}").json()["Metadata"] == row["Metadata"]
    fields = tooling(
        org, "SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Lead' ORDER BY DeveloperName"
    )
    assert [one["DeveloperName"] for one in fields] == [
        "Revloop_HubSpot_Id",
        "RevOps_Rejection_Comment",
        "RevOps_Rejection_Reason",
    ]
    answer = org.call("GET", "/tooling/query?q=SELECT Id, Metadata FROM CustomField")
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "MALFORMED_QUERY"
    assert "no more than one row for retrieval" in answer.json()[0]["message"]
    assert tooling(org, "SELECT Name FROM User WHERE LastName = 'Admin'")[0]["Name"] == "Sandbox Admin"


def test_the_tooling_api_writes_rules_and_fields(org):
    metadata = {"active": True, "errorConditionFormula": 'Company = "Nein AG"', "errorMessage": "No"}
    body = {"FullName": "Lead.No_Nein", "Metadata": metadata}
    made = org.call("POST", "/tooling/sobjects/ValidationRule", body)
    assert made.status_code == 201
    assert org.call("POST", "/sobjects/Lead", {**LEAD, "Company": "Nein AG"}).status_code == 400
    path = f"/tooling/sobjects/ValidationRule/{made.json()['id']}"
    assert org.call("PATCH", path, {"Metadata": {**metadata, "active": False}}).status_code == 204
    assert org.call("POST", "/sobjects/Lead", {**LEAD, "Company": "Nein AG"}).status_code == 201
    broken = org.call("PATCH", path, {"Metadata": {**metadata, "errorConditionFormula": "Nein"}})
    assert broken.json()[0]["message"] == "Field Nein does not exist. Check spelling."
    assert org.call("DELETE", path).status_code == 204
    assert org.call("GET", path).status_code == 404
    assert org.call("POST", "/tooling/sobjects/ApexClass", {}).status_code == 404

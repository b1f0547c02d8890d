"""What the objects do of themselves: stages, roles, members, activities, duplicates, custom objects."""

import pytest
from salesforce_org import STAMP, salesforce

LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}


@pytest.fixture(scope="module")
def server():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(server):
    return server.again()


def test_a_deal_follows_its_stage(org):
    deal = org.create("Opportunity", Name="Deal", StageName="Needs Analysis", CloseDate="2026-12-01", Amount=1000)
    read = org.read("Opportunity", deal)
    derived = {
        name: read[name]
        for name in (
            "Probability",
            "ExpectedRevenue",
            "ForecastCategory",
            "IsClosed",
            "IsWon",
            "FiscalYear",
            "FiscalQuarter",
            "Fiscal",
            "LastStageChangeDate",
        )
    }
    assert derived == {
        "Probability": 20.0,
        "ExpectedRevenue": 200.0,
        "ForecastCategory": "Pipeline",
        "IsClosed": False,
        "IsWon": False,
        "FiscalYear": 2026,
        "FiscalQuarter": 4,
        "Fiscal": "2026 4",
        "LastStageChangeDate": None,
    }
    org.update("Opportunity", deal, StageName="closed won")
    read = org.read("Opportunity", deal)
    assert (read["StageName"], read["IsWon"], read["Probability"]) == ("Closed Won", True, 100.0)
    assert (read["ForecastCategory"], read["LastStageChangeDate"]) == ("Closed", STAMP)
    [error] = org.update("Opportunity", deal, IsWon=False).json()
    assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_deal_has_one_primary_contact(org):
    first, second = (org.create("Contact", LastName=name) for name in ("Eins", "Zwei"))
    deal = org.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-12-01", ContactId=first)
    roles = "SELECT ContactId, IsPrimary FROM OpportunityContactRole ORDER BY ContactId"
    assert [(one["ContactId"], one["IsPrimary"]) for one in org.query(roles)] == [(first, True)]
    org.create("OpportunityContactRole", OpportunityId=deal, ContactId=second, IsPrimary=True, Role="Decision Maker")
    assert [(one["ContactId"], one["IsPrimary"]) for one in org.query(roles)] == [(first, False), (second, True)]
    assert org.read("Opportunity", deal)["ContactId"] == second
    [role] = org.query("SELECT Id FROM OpportunityContactRole WHERE IsPrimary = true")
    org.call("DELETE", f"/sobjects/OpportunityContactRole/{role['Id']}")
    assert org.read("Opportunity", deal)["ContactId"] is None


def test_a_person_is_in_a_campaign_once(org):
    campaign, lead = org.create("Campaign", Name="Messe"), org.create("Lead", **LEAD, Email="erika@example.com")
    member = org.create("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Responded")
    read = org.read("CampaignMember", member)
    assert (read["HasResponded"], read["FirstRespondedDate"], read["Email"]) == (
        True,
        "2026-11-23",
        "erika@example.com",
    )
    [error] = org.call("POST", "/sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": lead}).json()
    assert (error["errorCode"], error["message"]) == ("DUPLICATE_VALUE", "Already a campaign member.")
    assert org.read("Campaign", campaign)["NumberOfResponses"] == 1
    org.update("Lead", lead, LastName="Neu")
    assert org.read("CampaignMember", member)["Name"] == "Neu"


def test_activities_know_their_account_and_end(org):
    account = org.create("Account", Name="Muster AG")
    contact = org.create("Contact", LastName="x", AccountId=account)
    task = org.read("Task", org.create("Task", Subject="Call", WhoId=contact, Status="Completed"))
    assert (task["AccountId"], task["IsClosed"], task["CompletedDateTime"]) == (account, True, STAMP)
    event = org.create("Event", Subject="Demo", StartDateTime="2026-11-24T12:00:00+01:00", DurationInMinutes=90)
    assert org.read("Event", event)["EndDateTime"] == "2026-11-24T12:30:00.000+0000"
    assert org.call("POST", "/sobjects/Event", {"Subject": "x"}).json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_duplicates_are_let_pass_alerted_or_blocked(org):
    body = {"LastName": "x", "Email": "Twin@example.com"}
    holder = org.create("Contact", **body)
    org.create("Contact", **body)
    org.order("rules", duplicate_rule="alert")
    [error] = org.call("POST", "/sobjects/Contact", body).json()
    assert (error["errorCode"], error["duplicateResut"]["allowSave"]) == ("DUPLICATES_DETECTED", True)
    [match] = error["duplicateResut"]["matchResults"]
    assert (match["size"], match["matchRecords"][0]["record"]["Id"]) == (2, holder)
    save = {"Sforce-Duplicate-Rule-Header": "allowSave=true; runAsCurrentUser=true"}
    assert org.call("POST", "/sobjects/Contact", body, headers=save).status_code == 201
    org.order("rules", duplicate_rule="block")
    for sobject, more in (("Contact", {}), ("Lead", {"Company": "y"})):
        refused = org.call("POST", f"/sobjects/{sobject}", {**body, **more}, headers=save)
        assert refused.json()[0]["duplicateResut"]["allowSave"] is False
    assert org.update("Contact", holder, Email="TWIN@example.com", FirstName="y").status_code == 400
    assert org.update("Contact", holder, FirstName="y").status_code == 204


def test_custom_objects_count_their_records_and_look_up_others(org):
    org.order(
        "sobject",
        name="Touch__c",
        name_field={"type": "AutoNumber", "displayFormat": "T-{0000}"},
        fields=[
            {"name": "Person__c", "type": "Lookup", "referenceTo": "Lead", "relationshipName": "Touches"},
            {
                "name": "Kinds__c",
                "type": "MultiselectPicklist",
                "valueSet": {
                    "restricted": True,
                    "valueSetDefinition": {"value": [{"fullName": "Web"}, {"fullName": "Mail"}]},
                },
            },
        ],
    )
    lead = org.create("Lead", **LEAD)
    touch = org.create("Touch__c", Person__c=lead, Kinds__c="mail;Web")
    read = org.read("Touch__c", touch)
    assert (touch[0], read["Name"], read["Kinds__c"]) == ("a", "T-0001", "Web;Mail")
    [row] = org.query("SELECT Person__r.Company FROM Touch__c WHERE Person__r.LastName = 'Musterfrau'")
    assert row["Person__r"]["Company"] == "Muster AG"
    [row] = org.query("SELECT Id, (SELECT Name FROM Touches__r) FROM Lead")
    assert row["Touches__r"]["records"][0]["Name"] == "T-0001"
    org.call("DELETE", f"/sobjects/Lead/{lead}")
    assert org.read("Touch__c", touch)["Person__c"] is None


def test_a_custom_field_comes_by_the_tooling_api(org):
    body = {"FullName": "Lead.Grade__c", "Metadata": {"type": "Text", "length": 3, "label": "Grade"}}
    answer = org.call("POST", "/tooling/sobjects/CustomField", body)
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "success", "errors", "warnings", "infos"}
    assert org.call("POST", "/tooling/sobjects/CustomField", body).json()[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    org.order("rules", field_security=False)  # nobody has been given access to the new field yet
    [error] = org.call("POST", "/sobjects/Lead", {**LEAD, "Grade__c": "A+++"}).json()
    assert error["message"] == "Grade: data value too large: A+++ (max length=3)"

"""Statuses of tasks and campaign members, answers to campaigns, and the history of leads in the Salesforce sandbox."""

import sqlite3
from contextlib import closing

import pytest
from salesforce_org import STAMP, salesforce

LEAD = {"LastName": "Sample", "Company": "Example GmbH", "Email": "ann@example.com"}


@pytest.fixture(scope="module")
def running():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(running):
    return running.again()


def test_a_task_is_closed_by_a_status_that_the_org_calls_closed(org):
    asked = "SELECT ApiName, IsClosed, IsDefault FROM TaskStatus ORDER BY SortOrder"
    told = [(row["ApiName"], row["IsClosed"], row["IsDefault"]) for row in org.query(asked)]
    assert told == [
        ("Not Started", False, True),
        ("In Progress", False, False),
        ("Completed", True, False),
        ("Waiting on someone else", False, False),
        ("Deferred", False, False),
    ]
    task = org.create("Task", Subject="Call", Status="Deferred")
    assert org.read("Task", task)["IsClosed"] is False
    org.order("load", sobject="TaskStatus", rows=[{"ApiName": "Canceled", "IsClosed": True}])
    org.update("Task", task, Status="canceled")
    shown = org.read("Task", task)
    assert (shown["IsClosed"], shown["CompletedDateTime"]) == (True, STAMP)
    answer = org.call("POST", "/sobjects/TaskStatus", {"ApiName": "Mine"})
    assert answer.json()[0]["errorCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


def test_each_campaign_has_its_own_statuses(org):
    lead = org.create("Lead", **LEAD)
    campaign = org.create("Campaign", Name="Webinar", Type="Webinar")
    asked = f"SELECT Label, HasResponded FROM CampaignMemberStatus WHERE CampaignId = '{campaign}' ORDER BY SortOrder"
    assert [(row["Label"], row["HasResponded"]) for row in org.query(asked)] == [("Sent", False), ("Responded", True)]
    org.create("CampaignMemberStatus", CampaignId=campaign, Label="Attended", HasResponded=True)
    member = org.create("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Registered")
    assert org.read("CampaignMember", member)["HasResponded"] is False
    org.update("CampaignMember", member, Status="Attended")
    shown = org.read("CampaignMember", member)
    assert (shown["HasResponded"], shown["FirstRespondedDate"]) == (True, STAMP[:10])


def test_a_person_answers_a_campaign_by_one_door(org):
    lead = org.create("Lead", **LEAD)
    answer = {"campaign": "Webinar", "type": "Webinar", "person": "ann@example.com"}
    first = org.order("respond", **answer, status="Registered", responded=False)
    again = org.order("respond", **answer, status="Attended", on="2026-11-20")
    assert again == first
    shown = org.read("CampaignMember", first["member"])
    names = ("LeadId", "Status", "HasResponded", "FirstRespondedDate")
    assert [shown[name] for name in names] == [lead, "Attended", True, "2026-11-20"]
    assert org.read("Campaign", first["campaign"])["Type"] == "Webinar"
    contact = org.order("convert", lead=lead)["contact"]
    other = org.order("respond", campaign="Fair", person=contact)
    assert org.read("CampaignMember", other["member"])["ContactId"] == contact
    org.refused("respond", campaign="Fair", person="nobody@example.com")
    org.refused("respond", campaign="Fair")


def history(org, lead):
    asked = f"SELECT Field, OldValue, NewValue, CreatedBy.Name, Lead.LastName FROM LeadHistory WHERE LeadId = '{lead}'"
    rows = org.query(f"{asked} ORDER BY Id")
    return [(row["Field"], row["OldValue"], row["NewValue"], row["CreatedBy"]["Name"]) for row in rows]


def test_history_is_kept_of_tracked_fields_only(org):
    early = org.create("Lead", **LEAD)
    org.update("Lead", early, Status="Working - Contacted")
    assert history(org, early) == []
    assert org.order("rules", tracked=["Status", "OwnerId"])["tracked"] == ["OwnerId", "Status"]
    org.refused("rules", tracked=["NoSuchField"])
    lead = org.create("Lead", **LEAD)
    org.update("Lead", lead, Status="Working - Contacted", Title="CTO")
    org.update("Lead", lead, Status="Working - Contacted")
    sanna = org.user("sanna.sales@revloop-sandbox.example")
    before = org.read("Lead", lead)["OwnerId"]
    org.order("edit", sobject="Lead", id=lead, fields={"OwnerId": sanna})
    us, admin = "revloop integration", "Sandbox Admin"
    assert history(org, lead) == [
        ("created", None, None, us),
        ("Status", "Open - Not Contacted", "Working - Contacted", us),
        ("Owner", us, "Sanna Sales", admin),
        ("Owner", before, sanna, admin),
    ]
    org.order("convert", lead=lead)
    assert history(org, lead)[-1] == ("Status", "Working - Contacted", "Closed - Converted", admin)
    answer = org.call("POST", "/sobjects/LeadHistory", {"LeadId": lead, "Field": "Status"})
    assert answer.status_code == 400


def test_a_queue_can_own_a_lead_and_its_history_tells_the_queues_name(org):
    org.order("rules", tracked=["OwnerId"])
    [queue] = org.query("SELECT Id FROM Group WHERE Type = 'Queue'")
    lead = org.create("Lead", **LEAD)
    org.update("Lead", lead, OwnerId=queue["Id"])
    assert [row[2] for row in history(org, lead)][1:] == ["Inbound leads", queue["Id"]]


def test_an_older_sandbox_is_given_what_it_lacks(tmp_path):
    with salesforce(tmp_path) as client:
        lead = client.create("Lead", **LEAD)
    with closing(sqlite3.connect(tmp_path / "salesforce.sqlite")) as database:
        for name in ("TaskStatus", "CampaignMemberStatus", "LeadHistory"):
            database.execute(f"DROP TABLE {name}")
        database.commit()
    with salesforce(tmp_path) as client:
        assert len(client.query("SELECT Id FROM TaskStatus")) == 5
        assert client.query("SELECT Id FROM LeadHistory") == []
        assert client.read("Lead", lead)["LastName"] == "Sample"

"""What people do, for scoring and attribution: campaigns, their members, tasks, added by the control doors."""

import pytest
from salesforce_org import salesforce

LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}


@pytest.fixture(scope="module")
def running():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(running):
    return running.again()


def test_activity_for_scoring_comes_by_the_doors(org):
    lead = org.create("Lead", **LEAD)
    webinar = {"Name": "Webinar", "Type": "Webinar", "IsActive": True}
    campaign = org.order("create", sobject="Campaign", fields=webinar)["id"]
    member = org.order(
        "create",
        sobject="CampaignMember",
        fields={"CampaignId": campaign, "LeadId": lead, "Status": "Responded"},
        user="sanna.sales@revloop-sandbox.example",
    )["id"]
    task = {"WhoId": lead, "Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"}
    made = org.order("create", sobject="Task", fields=task, user="sanna.sales@revloop-sandbox.example")["id"]
    shown = org.read("CampaignMember", member)
    assert (shown["HasResponded"], shown["FirstRespondedDate"]) == (True, "2026-11-23")
    assert org.read("Task", made)["CompletedDateTime"] == "2026-11-23T10:00:00.000+0000"
    other = {"CampaignId": campaign, "LeadId": org.create("Lead", **LEAD), "Status": "Responded"}
    rows = [{**other, "FirstRespondedDate": "2026-05-04"}]
    org.order("load", sobject="CampaignMember", rows=rows)
    asked = "SELECT Id FROM CampaignMember WHERE FirstRespondedDate = 2026-05-04 AND Campaign.Type = 'Webinar'"
    [row] = org.query(asked)
    assert row["Id"] != member

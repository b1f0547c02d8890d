"""What both adapters give as activities is what the attribution rules read, without anything in between."""

from datetime import UTC, datetime

import pytest
from crm_salesforce import crm_fixture, org_fixture, running_org_fixture  # noqa: F401 - fixtures
from hubspot_portal import fresh, serving

from connector.revops import attribution_hubspot as of_hubspot
from connector.revops import attribution_salesforce as of_salesforce
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_touch import Desk

SINCE = datetime(2026, 10, 1, tzinfo=UTC)
DESK = Desk(AttributionConfig(include_sales=True, include_opens=True), "145002601", "00DSb0000000001EAA")
PAGE = "https://example.com/demo?utm_medium=cpc&utm_campaign=q4&email=ann@example.com"


@pytest.fixture(scope="module")
def sandbox():
    with serving() as started:
        yield started


@pytest.fixture
def hub(sandbox):
    with fresh(sandbox) as started:
        yield started


def read(crm):
    return {each.source: each for page in crm.activities(None, SINCE) for each in page.activities}


def told(touch):
    return (touch.event, touch.occurred_at, touch.code, touch.channel, touch.subchannel, touch.campaign, touch.path)


def test_activities_of_hubspot_are_touches(hub):
    [contact] = hub.people(1)
    order = {"contact": contact, "at": "2026-11-01T08:00:00Z"}
    hub.sandbox.order(
        "event", {**order, "kind": "form", "properties": {"hs_form_name": "Demo request", "hs_url": PAGE}}
    )
    visit = {"hs_url": "https://example.com/", "hs_referrer": "https://www.google.com/search?q=x"}
    hub.sandbox.order("event", {**order, "kind": "page", "properties": visit})
    hub.sandbox.order("event", {**order, "kind": "click", "properties": {"hs_url": PAGE, "campaign_id": 7}})
    hub.sandbox.order("event", {**order, "kind": "open"})
    hub.sandbox.order("meeting", {**order, "title": "Demo"})
    hub.sandbox.order("call", {**order, "title": "First call"})
    found = read(hub.crm)
    at = "2026-11-01T08:00:00Z"
    form = of_hubspot.form_touch(DESK, "p1", found["form"].fields)
    assert told(form) == ("form", at, "PAID_SEARCH", "paid", "Demo request", "q4", "/demo")
    view = of_hubspot.page_touch(DESK, "p1", found["page_view"].fields)
    assert told(view) == ("page_view", at, "ORGANIC_SEARCH", "organic", "", "", "/")
    click = of_hubspot.email_touch(DESK, "p1", found["email_click"].fields)
    assert (*told(click), click.campaign_id) == ("email_click", at, "EMAIL", "email", "", "q4", "/demo", "7")
    assert of_hubspot.email_touch(DESK, "p1", found["email_open"].fields).event == "email_open"
    meeting = of_hubspot.activity_touch(DESK, "p1", "meeting", found["meeting"].fields, contact)
    assert told(meeting) == ("meeting", at, "SALES", "sales", "Demo", "", "")
    assert meeting.record == found["meeting"].fields["hs_object_id"]
    call = of_hubspot.activity_touch(DESK, "p1", "call", found["call"].fields, contact)
    assert told(call) == ("call", at, "SALES", "sales", "First call", "", "")


def test_activities_of_salesforce_are_touches(org, crm):
    org.sandbox.order("clock", {"now": "2026-11-23T10:00:00Z"})
    lead = org.create("Lead", LastName="Sample", Company="Example GmbH")
    answer = {"campaign": "Webinar May", "type": "Webinar", "person": lead, "status": "Attended", "on": "2026-11-20"}
    made = org.sandbox.order("respond", answer)
    org.create("Task", WhoId=lead, Subject="Call", Status="Completed")
    org.create("Event", WhoId=lead, Subject="Demo", StartDateTime="2026-11-22T09:00:00Z", DurationInMinutes=30)
    found = read(crm)
    member = found["campaign_member"].fields
    touch = of_salesforce.campaign_touch(DESK, "p1", member, member["Campaign"])
    assert told(touch) == (
        *("campaign_response", "2026-11-20T11:00:00Z", "Campaign:Webinar", "webinar", "Attended", "Webinar May", ""),
    )
    assert (touch.record, touch.campaign_id, touch.precision) == (made["member"], made["campaign"], "day")
    task = of_salesforce.task_touch(DESK, "p1", found["task"].fields)
    assert told(task) == ("task", "2026-11-23T10:00:00Z", "SALES", "sales", "Call", "", "")
    event = of_salesforce.event_touch(DESK, "p1", found["event"].fields)
    assert told(event) == ("event", "2026-11-22T09:00:00Z", "SALES", "sales", "Demo", "", "")

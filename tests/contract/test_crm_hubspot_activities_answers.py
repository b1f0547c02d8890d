"""Answers about activities that the sandbox does not give: refusals, garbage, records of others."""

from datetime import UTC, datetime

import orjson
import pytest
import responses
from responses.matchers import query_param_matcher

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.errors import LaterError, SettingsError

BASE = "https://crm.example"
SINCE = datetime(2026, 10, 1, tzinfo=UTC)
AT = "2026-11-01T08:00:00Z"
EVENTS = f"{BASE}/events/event-occurrences/2026-03"
FORMS = f"{BASE}/marketing/v3/forms"
SUBMISSIONS = f"{BASE}/form-integrations/v1/submissions/forms"
EMAIL = f"{BASE}/email/public/v1/events"
SEARCHES = tuple(f"{BASE}/crm/objects/2026-03/{name}/search" for name in ("meetings", "calls"))
CONTACTS = f"{BASE}/crm/objects/2026-03/contacts/batch/read"
NOTHING = {"results": []}


@pytest.fixture
def crm():
    opened = HubSpot(BASE, FixedToken("t"), pause=lambda _: None)
    yield opened
    opened.close()


@pytest.fixture
def mock():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as started:
        yield started


def quiet(mock, *but):
    """Answer nothing from every source except those that a test plays itself."""
    for url in SEARCHES:
        if url not in but:
            mock.post(url, json={"results": [], "total": 0})
    for url, body in ((FORMS, NOTHING), (EMAIL, {"events": [], "hasMore": False}), (EVENTS, NOTHING)):
        if url not in but:
            mock.get(url, json=body)


def read(crm):
    reading = crm.activities(None, SINCE)
    return [each for page in reading for each in page.activities], reading


def visit(**more):
    told = {"objectType": "CONTACT", "objectId": "7", "eventType": "e_visited_page", "occurredAt": AT, "id": "v1"}
    return {**told, "properties": {"hs_url": "https://example.com/"}, **more}


def contact(number, email):
    return {"id": number, "properties": {"email": email, "lastmodifieddate": AT}}


def test_only_visits_of_contacts_count(crm, mock):
    quiet(mock, EVENTS)
    visits = [
        visit(),
        visit(id="v2", objectType="0-1", objectId=8),
        visit(id="v3", objectType="COMPANY"),
        visit(id="v4", objectId=None),
        visit(id="v5", occurredAt="once"),
        visit(id="v6", properties={"hs_url": "http://[::bad", "hs_referrer": "no site"}),
    ]
    mock.get(EVENTS, json={"results": visits})
    found, _ = read(crm)
    assert [(each.id, each.record) for each in found] == [("v1", "7"), ("v2", "8"), ("v6", "7")]
    assert found[-1].fields["properties"] == {"hs_url": "", "hs_referrer": ""}


def test_a_form_that_was_just_deleted_and_a_submission_without_an_id_or_an_address(crm, mock):
    quiet(mock, FORMS)
    mock.get(FORMS, json={"results": [{"id": "f1", "name": "Gone"}, {"id": "f2", "name": "Demo"}]})
    mock.get(
        f"{SUBMISSIONS}/f1", status=404, json={"status": "error", "message": "No form", "category": "OBJECT_NOT_FOUND"}
    )
    email = {"name": "email", "value": " Ann@Example.com ", "objectTypeId": "0-1"}
    company = {"name": "email", "value": "info@example.com", "objectTypeId": "0-2"}
    sent = {"submittedAt": 1793520000000, "pageUrl": "example.com/demo?x=1"}
    rows = [
        {**sent, "conversionId": "c1", "values": [company, email]},
        {**sent, "values": [email]},
        {**sent, "conversionId": "c3", "values": [company]},
        {**sent, "conversionId": "c4", "values": [{"name": "email", "value": "two words@example.com"}]},
        {**sent, "conversionId": "c5", "values": [{"name": "email", "value": "nobody@example.com"}]},
    ]
    mock.get(f"{SUBMISSIONS}/f2", json={"results": rows})
    mock.post(
        CONTACTS,
        status=207,
        json={
            "results": [contact("7", "ann@example.com")],
            "errors": [
                {
                    "status": "error",
                    "category": "OBJECT_NOT_FOUND",
                    "message": "some are missing",
                    "context": {"ids": ["x"]},
                }
            ],
        },
    )
    found, reading = read(crm)
    assert [(each.id, each.record, each.fields["pageUrl"]) for each in found] == [("c1", "7", "//example.com/demo")]
    assert dict(reading.without) == {}
    asked = orjson.loads(next(call.request.body for call in mock.calls if call.request.url == CONTACTS))
    assert sorted(one["id"] for one in asked["inputs"]) == ["ann@example.com", "nobody@example.com"]


def test_contacts_that_could_not_be_looked_up_are_not_nobody(crm, mock):
    quiet(mock, EMAIL)
    click = {
        "id": "e1",
        "type": "CLICK",
        "created": 1793520000000,
        "recipient": "ann@example.com",
        "emailCampaignId": 1,
    }
    mock.get(EMAIL, json={"events": [click], "hasMore": False, "offset": "x"})
    mock.post(CONTACTS, status=207, json={"results": [], "errors": [{"category": "INTERNAL", "message": "m"}]})
    with pytest.raises(LaterError, match="could not read all records"):
        read(crm)


def test_email_events_go_on_while_there_are_more(crm, mock):
    quiet(mock, EMAIL)
    common = {"startTimestamp": str(int(SINCE.timestamp() * 1000)), "excludeFilteredEvents": "true", "limit": "1000"}

    def page(kind, number, after, **more):
        event = {"id": number, "type": kind, "created": 1793520000000, "recipient": "ann@example.com"}
        asked = {**common, "eventType": kind, **({"offset": after} if after else {})}
        mock.get(EMAIL, json={"events": [event], **more}, match=[query_param_matcher(asked)])

    page("CLICK", "e1", "", hasMore=True, offset="next")
    page("CLICK", "e2", "next", hasMore=False, offset="end")
    page("OPEN", "e3", "", hasMore=True)  # more, but no way to it
    mock.post(CONTACTS, json={"results": [contact("7", "ann@example.com")]})
    assert [each.id for each in read(crm)[0]] == ["e1", "e2", "e3"]


@pytest.mark.parametrize(
    ("url", "source"),
    [(EVENTS, "page_view"), (FORMS, "form"), (EMAIL, "email_click")],
    ids=["events", "forms", "email"],
)
@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refused_source_is_named_and_the_others_are_read(crm, mock, url, source, status):
    quiet(mock, url)
    mock.get(url, status=status, json={"status": "error", "message": "no", "category": "VALIDATION_ERROR"})
    found, reading = read(crm)
    assert found == []
    assert source in reading.without
    assert source not in orjson.loads(reading.mark)
    assert "meeting" in orjson.loads(reading.mark)


@pytest.mark.parametrize("url", [EVENTS, FORMS, EMAIL])
@pytest.mark.parametrize("body", ["{}", "[]", '{"results": 7, "events": 7}'])
def test_an_answer_of_something_in_between_is_no_empty_source(crm, mock, url, body):
    quiet(mock, url)
    mock.get(url, body=body, content_type="application/json")
    with pytest.raises(LaterError, match="answered without"):
        read(crm)


def test_a_login_page_of_a_proxy_is_no_refusal(crm, mock):
    quiet(mock, EVENTS)
    mock.get(EVENTS, status=403, body="<html>Please log in</html>", content_type="text/html")
    with pytest.raises(SettingsError, match="HTML page"):
        read(crm)


def test_a_revoked_token_stops_the_run(crm, mock):
    quiet(mock, FORMS)
    mock.get(FORMS, status=401, json={"status": "error", "message": "no", "category": "INVALID_AUTHENTICATION"})
    with pytest.raises(SettingsError, match="does not accept the token"):
        read(crm)


def test_a_meeting_without_a_time_is_left_out(crm, mock):
    quiet(mock, SEARCHES[0])
    names = ("hs_object_id", "hs_timestamp", "hs_activity_type", "hubspot_owner_id", "hs_meeting_start_time")
    more = ("hs_meeting_end_time", "hs_meeting_title", "hs_meeting_outcome")
    untimed = {"id": "43", "properties": {**dict.fromkeys((*names, *more)), "hs_lastmodifieddate": AT}}
    mock.post(SEARCHES[0], json={"results": [untimed], "total": 1})
    linked = {"from": {"id": "43"}, "to": [{"toObjectId": 7, "associationTypes": []}]}
    mock.post(f"{BASE}/crm/associations/2026-03/meetings/contacts/batch/read", json={"results": [linked]})
    assert read(crm)[0] == []

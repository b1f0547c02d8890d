"""What contacts do in the HubSpot sandbox: page views, submissions, e-mail clicks, meetings, and how to read them."""

import pytest
from hubspot_server import running

EVENTS = "/events/event-occurrences/2026-03"
PAGE = {"hs_url": "https://example.com/pricing?utm_source=news&utm_campaign=q4", "hs_title": "Pricing"}
FIRST, SECOND, THIRD = "2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z", "2026-11-03T08:00:00Z"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


def event(hub, kind, contact, at, **properties):
    return hub.door("event", kind=kind, contact=contact, at=at, properties=properties)["id"]


def times(answer):
    return [one["occurredAt"] for one in answer.json()["results"]]


def test_a_page_view_is_told_and_counted(hub):
    contact = hub.contact(email="a@example.com")
    made = event(hub, "page", contact, FIRST, **PAGE)
    event(hub, "page", "A@example.com", SECOND, hs_url="https://example.com/")
    answer = hub.get(f"{EVENTS}?objectType=contact&objectId={contact}&sort=occurredAt")
    assert answer.status_code == 200
    assert answer.json()["results"][0] == {
        "objectType": "CONTACT",
        "objectId": contact,
        "eventType": "e_visited_page",
        "occurredAt": FIRST,
        "id": made,
        "properties": {"hs_utm_source": "news", "hs_utm_campaign": "q4", **PAGE},
    }
    names = ("hs_analytics_num_page_views", "hs_analytics_last_url", "hs_analytics_last_timestamp")
    shown = hub.shown(f"/crm/objects/2026-03/contacts/{contact}", *names, "hs_analytics_first_url")
    assert [shown[name] for name in names] == ["2", "https://example.com/", SECOND]
    assert shown["hs_analytics_first_url"] == PAGE["hs_url"]


def test_a_late_event_counts_but_is_not_the_latest(hub):
    contact = hub.contact(email="a@example.com")
    event(hub, "form", contact, SECOND, hs_form_name="Demo")
    event(hub, "form", contact, FIRST, hs_form_name="Whitepaper")
    names = ("num_conversion_events", "recent_conversion_event_name", "first_conversion_event_name")
    shown = hub.shown(f"/crm/objects/2026-03/contacts/{contact}", *names)
    assert [shown[name] for name in names] == ["2", "Demo", "Whitepaper"]


def test_occurrences_are_narrowed_and_paged(hub):
    one, other = hub.contact(email="a@example.com"), hub.contact(email="b@example.com")
    for at in (FIRST, SECOND, THIRD):
        event(hub, "page", one, at, hs_url="https://example.com/")
    event(hub, "form", one, SECOND, hs_form_name="Demo")
    event(hub, "page", other, SECOND, hs_url="https://example.com/")
    event(hub, "click", one, SECOND)
    base = f"{EVENTS}?objectType=contact&objectId={one}"
    assert len(hub.get(EVENTS).json()["results"]) == 5
    assert times(hub.get(f"{base}&eventType=e_visited_page")) == [THIRD, SECOND, FIRST]
    assert times(hub.get(f"{base}&occurredAfter={SECOND}&eventType=e_visited_page&sort=occurredAt")) == [SECOND, THIRD]
    assert times(hub.get(f"{base}&occurredBefore={FIRST}")) == [FIRST]
    assert len(hub.get(f"{EVENTS}?objectType=contact&objectProperty.email=b@example.com").json()["results"]) == 1
    assert {one["eventType"] for one in hub.get(base).json()["results"]} == {"e_visited_page", "e_submitted_form"}
    found, after = [], ""
    while True:
        page = hub.get(f"{base}&limit=3{after}").json()
        found += [one["id"] for one in page["results"]]
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"
    assert len(found) == len(set(found)) == 4


@pytest.mark.parametrize(
    "query",
    ["objectType=nothing", "objectType=contact&objectId=x", "occurredAfter=soon", "after=x", "limit=1000"],
)
def test_what_cannot_be_asked_is_refused(hub, query):
    assert hub.get(f"{EVENTS}?{query}").status_code == 400


def test_the_events_api_is_for_enterprise_accounts(hub):
    hub.door("tier", tier="professional")
    answer = hub.get(EVENTS)
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert hub.get(f"{EVENTS}/event-types").json()["eventTypes"] == ["e_visited_page", "e_submitted_form"]
    hub.door("tier", tier="enterprise")
    hub.judge = False  # the contract names the dated address only
    assert hub.get("/events/v3/events").status_code == 200


def test_clicks_and_opens_have_an_address_of_their_own(hub):
    hub.judge = False  # legacy addresses are in none of the published contracts
    contact = hub.contact(email="a@example.com")
    event(hub, "open", contact, FIRST)
    event(hub, "click", contact, SECOND, hs_url="https://example.com/", campaign_id=7)
    event(hub, "click", contact, THIRD)
    body = hub.get("/email/public/v1/events?recipient=a@example.com&eventType=CLICK").json()
    assert [one["created"] for one in body["events"]] == [1793606400000, 1793692800000]
    assert body["events"][0]["emailCampaignId"] == 7
    assert body["hasMore"] is False
    first = hub.get("/email/public/v1/events?limit=2").json()
    rest = hub.get(f"/email/public/v1/events?offset={first['offset']}&startTimestamp=0").json()
    assert ([one["type"] for one in first["events"]], first["hasMore"]) == (["OPEN", "CLICK"], True)
    assert [one["type"] for one in rest["events"]] == ["CLICK"]
    names = ("hs_email_open", "hs_email_click", "hs_email_last_click_date")
    shown = hub.shown(f"/crm/objects/2026-03/contacts/{contact}", *names)
    assert [shown[name] for name in names] == ["1", "2", THIRD]


def test_forms_and_their_submissions(hub):
    hub.judge = False  # legacy addresses are in none of the published contracts
    contact = hub.contact(email="a@example.com")
    for at in (FIRST, SECOND, THIRD):
        event(hub, "form", contact, at, hs_form_name="Demo", hs_url="https://example.com/demo")
    [form] = hub.get("/marketing/v3/forms").json()["results"]
    assert form["name"] == "Demo"
    page = hub.get(f"/form-integrations/v1/submissions/forms/{form['id']}?limit=2").json()
    assert [one["submittedAt"] for one in page["results"]] == [1793692800000, 1793606400000]
    assert page["results"][0]["values"] == [{"name": "email", "value": "a@example.com", "objectTypeId": "0-1"}]
    after = page["paging"]["next"]["after"]
    rest = hub.get(f"/form-integrations/v1/submissions/forms/{form['id']}?after={after}").json()
    assert [one["submittedAt"] for one in rest["results"]] == [1793520000000]
    assert hub.get("/form-integrations/v1/submissions/forms/nothing").status_code == 404


def test_a_meeting_is_a_record_linked_to_the_contact(hub):
    contact = hub.contact(email="a@example.com")
    made = hub.door("meeting", contact="a@example.com", at=FIRST, title="First talk", outcome="COMPLETED")
    names = ("hs_meeting_title", "hs_meeting_outcome", "hs_timestamp")
    shown = hub.shown(f"/crm/objects/2026-03/meetings/{made['id']}", *names)
    assert [shown[name] for name in names] == ["First talk", "COMPLETED", FIRST]
    body = {"inputs": [{"id": contact}]}
    [linked] = hub.post("/crm/associations/2026-03/contacts/meetings/batch/read", body).json()["results"]
    assert [one["toObjectId"] for one in linked["to"]] == [int(made["id"])]


def test_events_follow_a_merge_and_end_with_an_erasure(hub):
    one, other = hub.contact(email="a@example.com"), hub.contact(email="b@example.com")
    event(hub, "page", one, FIRST, hs_url="https://example.com/")
    event(hub, "page", other, SECOND, hs_url="https://example.com/")
    merged = hub.post("/crm/objects/2026-03/contacts/merge", {"primaryObjectId": one, "objectIdToMerge": other}).json()
    for known in (merged["id"], one, other):
        assert len(hub.get(f"{EVENTS}?objectType=contact&objectId={known}").json()["results"]) == 2
    hub.door("erase", object="contacts", id=merged["id"])
    assert hub.get(EVENTS).json()["results"] == []


def test_orders_that_make_no_sense_are_refused(hub):
    contact = hub.contact(email="a@example.com")
    orders = [
        {"kind": "wave", "contact": contact},
        {"kind": "page", "contact": "nobody@example.com"},
        {"kind": "page", "contact": contact, "at": "soon"},
        {"kind": "page"},
    ]
    for order in orders:
        answer = hub.session.post(f"{hub.url}/_sandbox/event", json=order, timeout=10)
        assert answer.status_code == 400
        assert "error" in answer.json()


def test_events_are_there_after_a_restart(tmp_path):
    with running(tmp_path) as server:
        hub = server.fresh()
        event(hub, "page", hub.contact(email="a@example.com"), FIRST, **PAGE)
        assert len(hub.get(EVENTS).json()["results"]) == 1
    with running(tmp_path) as server:
        url = f"{server.url}{EVENTS}"
        answer = hub.session.get(url, headers={"Authorization": f"Bearer {hub.token}"}, timeout=10)
        assert len(answer.json()["results"]) == 1

"""Activities of HubSpot contacts through our adapter, over HTTP, against the sandbox."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hubspot_portal import TOKEN, Portal, adapted, fresh, serving

from connector.errors import LaterError
from connector.model import Activity

SINCE = datetime(2026, 10, 1, tzinfo=UTC)
NOW = "2026-11-23T10:00:00+00:00"
FIRST, SECOND, THIRD = "2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z", "2026-11-03T08:00:00Z"
PAGE = "https://user:secret@example.com:8443/pricing/?email=ann@example.com&utm_source=news&utm_campaign=q4#top"
KEPT = "https://example.com:8443/pricing/?utm_source=news&utm_campaign=q4"
ADDRESS = "person0@example.com"


@pytest.fixture(scope="module")
def sandbox():
    with serving() as started:
        yield started


@pytest.fixture
def hub(sandbox):
    with fresh(sandbox) as started:
        sandbox.order("clock", {"now": NOW})
        yield started


def event(hub: Portal, kind, contact=ADDRESS, at=FIRST, **properties) -> str:
    order = {"kind": kind, "contact": contact, "at": at, "properties": properties}
    return hub.sandbox.order("event", order)["id"]


def read(hub: Portal, mark=None, since=SINCE):
    """All activities, in the order they came, and the reading."""
    reading = hub.crm.activities(mark, since)
    return [each for page in reading for each in page.activities], reading


def of(activities, source) -> list[Activity]:
    return [each for each in activities if each.source == source]


def test_a_submission_belongs_to_the_contact_with_its_address_and_keeps_nothing_that_was_typed(hub: Portal):
    [contact] = hub.people(1)
    number = event(hub, "form", hs_form_name="Demo request", hs_url=PAGE)
    activities, reading = read(hub)
    [form] = of(activities, "form")
    form_id = form.fields["formId"]
    fields = {"conversionId": number, "submittedAt": 1793520000000, "pageUrl": KEPT, "title": "Demo request"}
    at = "2026-11-01T08:00:00.000Z"
    assert form == Activity("hubspot", "form", number, "contacts", contact, at, {**fields, "formId": form_id})
    assert ADDRESS not in repr(activities)
    assert dict(reading.without) == {}


def test_a_submission_of_an_additional_address_and_one_of_nobody(hub: Portal):
    one, other = hub.people(2)
    event(hub, "form", hs_form_name="Demo")
    event(hub, "form", contact="person1@example.com", hs_form_name="Demo")
    merged = hub.sandbox.order("merge", {"object": "contacts", "primary": one, "other": other})["id"]
    assert {each.record for each in of(read(hub)[0], "form")} == {merged}
    hub.sandbox.order("archive", {"object": "contacts", "id": merged})
    assert of(read(hub)[0], "form") == []


def test_many_forms_with_many_submissions(hub: Portal):
    hub.people(1)
    made = {
        event(hub, "form", at=f"2026-10-{n % 28 + 1:02}T08:00:00Z", hs_form_name=f"Form {n % 3}") for n in range(180)
    }
    made |= {event(hub, "form", hs_form_name=f"Small form {n}") for n in range(110)}
    event(hub, "form", at="2026-09-30T23:59:59Z", hs_form_name="Form 1")
    found = of(read(hub)[0], "form")
    assert len(found) == len(made) == 290
    assert {each.id for each in found} == made


def test_page_views_keep_address_and_site_only(hub: Portal):
    [contact] = hub.people(1)
    referrer = "https://www.google.com/search?q=revenue+operations"
    number = event(hub, "page", hs_url=PAGE, hs_referrer=referrer, hs_title="Pricing")
    [view] = of(read(hub)[0], "page_view")
    properties = {"hs_url": KEPT, "hs_referrer": "https://www.google.com/"}
    assert (view.id, view.record, view.vendor_object) == (number, contact, "contacts")
    assert view.fields == {"id": number, "occurredAt": FIRST, "properties": properties}


def test_page_views_over_several_pages(hub: Portal):
    hub.people(1)
    made = {
        event(hub, "page", at=f"2026-11-01T08:{n % 60:02}:00Z", hs_url=f"https://example.com/{n}") for n in range(230)
    }
    assert {each.id for each in of(read(hub)[0], "page_view")} == made


def test_clicks_and_opens_without_robots_and_without_the_address(hub: Portal):
    [contact] = hub.people(1)
    opened = event(hub, "open", campaign_id=7)
    clicked = event(hub, "click", at=SECOND, hs_url=PAGE, campaign_id=7)
    event(hub, "click", at=THIRD, filtered="true")
    activities, _ = read(hub)
    [click], [look] = of(activities, "email_click"), of(activities, "email_open")
    assert (click.record, click.at, look.id) == (contact, "2026-11-02T08:00:00.000Z", opened)
    fields = {"id": clicked, "type": "CLICK", "created": 1793606400000, "emailCampaignId": 7, "url": KEPT}
    assert click.fields == fields
    assert "url" not in look.fields
    assert ADDRESS not in repr(activities)


def test_a_meeting_is_one_activity_of_each_of_its_contacts_and_its_outcome_comes_later(hub: Portal):
    one, other = hub.people(2)
    order = {"contact": one, "at": SECOND, "title": "Demo", "outcome": "SCHEDULED", "owner": "90000001"}
    made = hub.sandbox.order("meeting", order)["id"]
    ends = {"from": {"object": "meetings", "id": made}, "to": {"object": "contacts", "id": other}}
    hub.sandbox.order("associate", ends)
    activities, reading = read(hub)
    meetings = of(activities, "meeting")
    assert {each.id: each.record for each in meetings} == {f"{made}-{one}": one, f"{made}-{other}": other}
    told = meetings[0].fields
    assert (told["hs_object_id"], told["hs_meeting_title"], told["hubspot_owner_id"]) == (made, "Demo", "90000001")
    assert told["hs_meeting_outcome"] == "SCHEDULED"
    assert "hs_meeting_body" not in told
    hub.sandbox.order("clock", {"advance": 3600})
    hub.edit("meetings", made, hs_meeting_outcome="COMPLETED")
    again, _ = read(hub, reading.mark)
    assert [(each.id, each.fields["hs_meeting_outcome"]) for each in again if each.record == one] == [
        (f"{made}-{one}", "COMPLETED")
    ]
    assert again[0].at == "2026-11-02T08:00:00.000Z"


def remains(hub: Portal, mark, **more):
    """What remains of meetings and calls, as (source, record) -> ids, and the reading."""
    reading = hub.crm.activities(mark, SINCE, **more)
    return {(each.source, each.record): set(each.ids) for page in reading for each in page.remains}, reading


def meeting(hub: Portal, *contacts, kind="meeting"):
    made = hub.sandbox.order(kind, {"contact": contacts[0], "at": SECOND})["id"]
    for other in contacts[1:]:
        ends = {"from": {"object": f"{kind}s", "id": made}, "to": {"object": "contacts", "id": other}}
        hub.sandbox.order("associate", ends)
    return made


def test_a_contact_taken_off_a_meeting_remains_no_more(hub: Portal):
    one, other = hub.people(2)
    made = meeting(hub, one, other)
    found, reading = remains(hub, None)
    assert found == {("meeting", made): {f"{made}-{one}", f"{made}-{other}"}}
    hub.sandbox.order("clock", {"advance": 3600})
    path = hub.crm.paths.associations("meetings", "contacts", "/batch/archive")
    answer = hub.crm.client.post(path, {"inputs": [{"from": {"id": made}, "to": [{"id": other}]}]}, repeat=True)
    assert answer.status < 300
    hub.edit("meetings", made, hs_meeting_outcome="COMPLETED")
    assert remains(hub, reading.mark)[0] == {("meeting", made): {f"{made}-{one}"}}


@pytest.mark.parametrize("kind", ["meeting", "call"])
def test_an_archived_one_is_found_by_a_full_read(hub: Portal, kind):
    [contact] = hub.people(1)
    kept, gone = meeting(hub, contact, kind=kind), meeting(hub, contact, kind=kind)
    known = {kind: [f"{kept}-{contact}", f"{gone}-{contact}"]}
    _, reading = remains(hub, None)
    hub.sandbox.order("clock", {"advance": 3600})
    hub.sandbox.order("archive", {"object": f"{kind}s", "id": gone})
    told = {"known": lambda source: known.get(source, [])}
    assert (kind, gone) not in remains(hub, reading.mark, **told)[0]
    found, full = remains(hub, reading.mark, **told, full=True)
    assert found == {(kind, gone): set(), (kind, kept): {f"{kept}-{contact}"}}
    assert dict(full.without) == {}


def test_one_that_is_only_not_listed_is_not_gone(hub: Portal):
    [contact] = hub.people(1)
    hub.sandbox.order("lag", {"seconds": 600})
    made = meeting(hub, contact)
    assert remains(hub, None, known=lambda source: [f"{made}-{contact}"] * (source == "meeting"), full=True)[0] == {}


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_refusal_makes_no_meeting_gone(hub: Portal, status):
    [contact] = hub.people(1)
    made = meeting(hub, contact)
    hub.sandbox.order("archive", {"object": "meetings", "id": made})
    hub.sandbox.order("faults", {"kind": "status", "path": "/meetings/batch/read", "status": status, "times": 99})
    reading = hub.crm.activities(None, SINCE, lambda source: [f"{made}-{contact}"] * (source == "meeting"), full=True)
    found = []
    with suppress(LaterError):
        found = [each for page in reading for each in page.remains]
    assert found == []


def test_calls_and_what_belongs_to_nobody(hub: Portal):
    [contact] = hub.people(1)
    made = hub.sandbox.order("call", {"contact": contact, "at": THIRD, "title": "First call"})["id"]
    hub.sandbox.order("create", {"object": "calls", "properties": {"hs_timestamp": THIRD, "hs_call_title": "Alone"}})
    [call] = of(read(hub)[0], "call")
    assert call.id == f"{made}-{contact}"
    names = ("hs_call_status", "hs_call_direction", "hs_call_title")
    assert [call.fields[name] for name in names] == ["COMPLETED", "OUTBOUND", "First call"]


def test_the_next_read_begins_a_little_before_the_last_one_and_brings_only_what_is_new(hub: Portal):
    hub.people(1)
    old = event(hub, "page", hs_url="https://example.com/")
    event(hub, "form", hs_form_name="Demo")
    _, reading = read(hub)
    hub.sandbox.order("clock", {"advance": 60})
    late = event(hub, "page", at="2026-11-23T09:50:00Z", hs_url="https://example.com/late")
    new = event(hub, "form", at="2026-11-23T10:00:30Z", hs_form_name="Demo")
    again, next_reading = read(hub, reading.mark)
    assert {each.id for each in again} == {late, new}
    assert old not in {each.id for each in again}
    assert set(orjson.loads(next_reading.mark)) == {
        *("form", "page_view", "email_click", "email_open", "meeting", "call"),
    }


def test_the_search_index_may_be_behind(hub: Portal):
    [contact] = hub.people(1)
    _, reading = read(hub)
    hub.sandbox.order("lag", {"seconds": 20})
    made = hub.sandbox.order("meeting", {"contact": contact, "at": THIRD})["id"]
    nothing, after = read(hub, reading.mark)
    assert of(nothing, "meeting") == []
    hub.sandbox.order("clock", {"advance": 25})
    assert [each.id for each in of(read(hub, after.mark)[0], "meeting")] == [f"{made}-{contact}"]


def test_a_mark_that_nobody_can_read_reads_everything(hub: Portal):
    hub.people(1)
    number = event(hub, "page", hs_url="https://example.com/")
    for mark in ("not json", "[1]", '{"page_view": 7}', '{"page_view": "soon"}'):
        assert [each.id for each in read(hub, mark)[0]] == [number]


def test_a_read_gives_its_mark_after_its_last_page_only(hub: Portal):
    reading = hub.crm.activities(None, SINCE)
    with pytest.raises(RuntimeError, match="after its last page"):
        assert reading.mark


@pytest.mark.parametrize("tier", ["free", "starter", "professional"])
def test_an_account_below_enterprise_has_no_page_views_and_the_rest_is_read(hub: Portal, tier):
    hub.people(1)
    event(hub, "page", hs_url="https://example.com/")
    number = event(hub, "form", hs_form_name="Demo")
    hub.sandbox.order("tier", {"tier": tier})
    activities, reading = read(hub)
    assert [each.id for each in activities] == [number]
    assert set(reading.without) == {"page_view"}
    assert "pages: last_url" in reading.without["page_view"]
    assert "page_view" not in orjson.loads(reading.mark)
    # Once the account offers it, nothing of the time before is missing.
    hub.sandbox.order("tier", {"tier": "enterprise"})
    assert [each.source for each in read(hub, reading.mark)[0]] == ["page_view"]


def test_a_source_that_is_forbidden_later_keeps_its_mark(hub: Portal):
    _, reading = read(hub)
    hub.sandbox.order("clock", {"advance": 86_400})
    hub.sandbox.order("tier", {"tier": "professional"})
    _, later = read(hub, reading.mark)
    before, after = orjson.loads(reading.mark), orjson.loads(later.mark)
    assert after["page_view"] == before["page_view"]
    moved = datetime.fromisoformat(after["form"]) - datetime.fromisoformat(before["form"])
    assert abs(moved - timedelta(days=1)) < timedelta(minutes=1)  # the sandbox's clock goes on, a little back at times


def test_missing_scopes_are_named_and_stop_nothing(sandbox, hub: Portal):
    [contact] = hub.people(1)
    made = hub.sandbox.order("meeting", {"contact": contact, "at": THIRD})["id"]
    scopes = ["crm.objects.contacts.read"]
    sandbox.order("tokens", {"add": TOKEN, "scopes": scopes})
    try:
        activities, reading = read(hub)
    finally:
        sandbox.order("tokens", {"add": TOKEN})
    assert [each.id for each in activities] == [f"{made}-{contact}"]
    assert set(reading.without) == {"form", "email_click", "email_open"}
    assert "scope `forms`" in reading.without["form"]
    assert "scope `content`" in reading.without["email_click"]


def test_trouble_on_the_way_is_for_later(hub: Portal):
    hub.sandbox.order("faults", {"kind": "status", "path": "/marketing/v3/forms", "status": 503, "times": 99})
    with pytest.raises(LaterError):
        read(hub)


def test_a_limit_is_waited_for(hub: Portal):
    hub.people(1)
    number = event(hub, "form", hs_form_name="Demo")
    body = {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "policyName": "TEN_SECONDLY_ROLLING",
    }
    order = {"kind": "status", "path": "/form-integrations", "status": 429, "answer": body, "times": 1}
    hub.sandbox.order("faults", order)
    assert [each.id for each in read(hub)[0]] == [number]


def test_another_version_of_the_api(sandbox, hub: Portal):
    hub.people(1)
    number = event(hub, "page", hs_url="https://example.com/")
    with adapted(sandbox, version="2026-09") as other:
        assert [each.id for each in read(other)[0]] == [number]

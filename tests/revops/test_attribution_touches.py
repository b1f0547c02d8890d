"""Touches from plain records of both CRMs, and which of them count."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from attribution_cases import CLOSE, CONFIG, DESK, touch

from connector.revops.attribution_channels import code_of_visit, landing
from connector.revops.attribution_collect import collect
from connector.revops.attribution_hubspot import (
    activity_touch,
    contact_touches,
    email_touch,
    form_touch,
    page_touch,
)
from connector.revops.attribution_salesforce import campaign_touch, event_touch, task_touch
from connector.revops.attribution_time import seconds
from connector.revops.attribution_touch import Desk, touch_key

SALES_DESK = Desk(replace(CONFIG, include_sales=True, include_opens=True), "1234567", "00D000000000001AAA")
CONTACT = {
    "hs_object_id": "901",
    "hs_merged_object_ids": "700;501",
    "hs_analytics_source": "PAID_SEARCH",
    "hs_analytics_source_data_1": "brand",
    "hs_analytics_first_timestamp": "2026-08-01T09:30:00.512Z",
    "hs_analytics_first_url": "https://www.example.com/pricing?utm_campaign=autumn&email=anna@example.com",
    "hs_latest_source": "EMAIL_MARKETING",
    "hs_latest_source_timestamp": "2026-09-10T08:00:00Z",
}
BERLIN = "Europe/Berlin"
MEMBER = {"Id": "00v1", "HasResponded": True, "FirstRespondedDate": "2026-07-01", "Status": "Attended"}
WEBINAR = {"Id": "7011", "Type": "Webinar", "Name": "Autumn webinar"}


def brief(found):
    return [(each.event, each.occurred_at, each.channel) for each in found]


def test_the_key_is_the_documented_hash():
    # printf '%s' 'tp1|1|2|hubspot|3|form|2026-11-20T12:00:00Z' | sha256sum | cut -c1-32
    assert touch_key("1", "2", "hubspot", "3", "form", CLOSE) == "49b98a87cbbb027cad81e1c1effb9b15"


def test_first_and_latest_source_of_a_contact():
    found = list(contact_touches(DESK, "p1", CONTACT))
    assert brief(found) == [
        ("first_source", "2026-08-01T09:30:00Z", "paid"),
        ("latest_source", "2026-09-10T08:00:00Z", "email"),
    ]
    assert found[0].path == "/pricing"
    assert found[0].campaign == "autumn"
    assert "anna" not in repr(found)  # other query values are dropped


@pytest.mark.parametrize(
    ("changed", "code", "guessed"),
    [
        ({}, "EMAIL_MARKETING", False),
        ({"recent_conversion_date": "2026-09-10T08:00:00Z"}, "EMAIL_MARKETING", False),  # in the same second
        ({"recent_conversion_date": "2026-09-10T07:59:59Z"}, "PAID_SEARCH", True),  # a later visit
        ({"hs_latest_source_timestamp": "2026-09-12T00:00:01Z", "hs_analytics_source": None}, "", True),
        ({"hs_latest_source_timestamp": None}, "PAID_SEARCH", True),
        ({"hs_latest_source": ""}, "PAID_SEARCH", True),
    ],
)
def test_a_conversion_came_by_the_latest_source_that_is_no_later(changed, code, guessed):
    fields = {**CONTACT, "recent_conversion_date": "2026-09-12T00:00:00Z", "recent_conversion_event_name": "Demo"}
    made = list(contact_touches(DESK, "p1", {**fields, **changed}))[-1]
    assert (made.event, made.code, made.guessed, made.subchannel) == ("conversion", code, guessed, "Demo")


def test_history_of_the_latest_source_counts_each_visit_once():
    history = [
        {"value": "EMAIL_MARKETING", "timestamp": "2026-09-10T08:00:00Z"},
        {"value": "SOCIAL_MEDIA", "timestamp": "2026-08-20T10:00:00Z"},
        {"value": "PAID_SEARCH", "timestamp": "2026-08-01T09:30:05Z"},  # the first visit once more
    ]
    found = brief(contact_touches(DESK, "p1", CONTACT, history))
    assert [each[2] for each in found] == ["paid", "social", "email"]


def test_a_merge_does_not_change_keys():
    before = {**CONTACT, "hs_object_id": "501", "hs_merged_object_ids": None}
    keys = [[each.key for each in contact_touches(DESK, "p1", fields)] for fields in (before, CONTACT)]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("detail", ["INTEGRATION", "IMPORT", "CRM_UI", "import"])
def test_an_import_is_no_touch(detail):
    fields = {
        "hs_object_id": "1",
        "hs_analytics_source": "OFFLINE",
        "hs_analytics_source_data_1": detail,
        "hs_analytics_first_timestamp": "2026-08-01T09:30:00Z",
    }
    assert list(contact_touches(DESK, "p1", fields)) == []


def test_an_unknown_source_is_other():
    fields = {**CONTACT, "hs_analytics_source": "TELEPATHY", "hs_latest_source": None}
    assert [each.channel for each in contact_touches(DESK, "p1", fields)] == ["other"]


def test_a_form_takes_its_channel_from_the_page():
    submission = {
        "conversionId": "c1",
        "submittedAt": 1795176000123,
        "pageUrl": "https://example.com/demo?utm_medium=cpc&utm_campaign=brand",
    }
    made = form_touch(DESK, "p1", submission)
    assert (made.channel, made.campaign, made.path, made.at) == ("paid", "brand", "/demo", CLOSE)


@pytest.mark.parametrize(
    ("address", "referrer", "code"),
    [
        ("https://example.com/?utm_medium=Email", None, "EMAIL_MARKETING"),
        ("https://example.com/?utm_medium=paid-social", None, "PAID_SOCIAL"),
        ("https://example.com/?utm_medium=banner", None, "OTHER_CAMPAIGNS"),
        ("https://example.com/?utm_source=list", None, "OTHER_CAMPAIGNS"),
        ("https://example.com/", "https://www.google.de/", "ORGANIC_SEARCH"),
        ("https://example.com/", "https://t.co/abc", "SOCIAL_MEDIA"),
        ("https://example.com/", "https://chatgpt.com/", "AI_REFERRALS"),
        ("https://example.com/", "https://partner.example/", "REFERRALS"),
        ("https://example.com/", None, "DIRECT_TRAFFIC"),
        ("http://[broken", "http://[broken", "DIRECT_TRAFFIC"),
        (None, None, "DIRECT_TRAFFIC"),
    ],
)
def test_the_source_of_a_visit(address, referrer, code):
    assert code_of_visit(landing(address)[1], referrer) == code


def test_opens_and_sales_are_off_unless_wanted():
    opened = {"id": "e1", "type": "OPEN", "created": 1795176000000}
    meeting = {"hs_object_id": "5", "hs_meeting_outcome": "COMPLETED", "hs_meeting_start_time": "2026-11-20T12:00:00Z"}
    call = {"hs_object_id": "6", "hs_call_status": "COMPLETED", "hs_timestamp": "2026-11-20T12:00:00Z"}
    task = {"Id": "00T1", "Status": "Completed", "ActivityDate": "2026-11-20"}
    event = {"Id": "00U1", "StartDateTime": "2026-11-20T12:00:00.000+0000"}
    found = [
        [
            email_touch(desk, "p1", opened),
            activity_touch(desk, "p1", "meeting", meeting, "901"),
            activity_touch(desk, "p1", "call", call, "901"),
            task_touch(desk, "p1", task),
            event_touch(desk, "p1", event),
        ]
        for desk in (DESK, SALES_DESK)
    ]
    assert found[0] == [None] * 5
    assert [each.channel for each in found[1]] == ["email", "sales", "sales", "sales", "sales"]
    assert activity_touch(SALES_DESK, "p1", "meeting", {**meeting, "hs_meeting_outcome": "NO_SHOW"}, "901") is None
    assert task_touch(SALES_DESK, "p1", {**task, "Status": "Open"}) is None


def test_a_meeting_of_two_is_a_touch_of_each():
    meeting = {"hs_object_id": "5", "hs_meeting_outcome": "COMPLETED", "hs_meeting_start_time": "2026-11-20T12:00:00Z"}
    ann, bob = (activity_touch(SALES_DESK, f"p{id_}", "meeting", meeting, id_) for id_ in ("901", "902"))
    assert ann.record == bob.record == "5"
    # printf '%s' 'tp1|1234567|00D000000000001AAA|hubspot|5-901|meeting|2026-11-20T12:00:00Z' | sha256sum | cut -c1-32
    assert ann.key == "6278bfd0e05b647d924ca0a49eec7fd2"
    assert bob.key != ann.key


def test_a_campaign_response_is_the_noon_of_its_day():
    made = campaign_touch(DESK, "p1", MEMBER, WEBINAR)
    assert (made.occurred_at, made.precision, made.channel) == ("2026-07-01T10:00:00Z", "day", "webinar")
    assert made.campaign == "Autumn webinar"
    assert campaign_touch(DESK, "p1", {**MEMBER, "HasResponded": False}, WEBINAR) is None
    assert campaign_touch(DESK, "p1", MEMBER, {"Type": None}).channel == "other"
    assert campaign_touch(DESK, "p1", {**MEMBER, "FirstRespondedDate": None}, WEBINAR) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11-20T12:00:00.000+0000", CLOSE),
        ("2026-11-20T13:00:00+01:00", CLOSE),
        ("1795176000999", CLOSE),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), CLOSE),
        (datetime(2026, 11, 20, 12), None),  # noqa: DTZ001  (a naive instant is refused, that is the point)
        ("yesterday", None),
        ("", None),
        (None, None),
        (True, None),
    ],
)
def test_instants_of_both_vendors(raw, expected):
    assert seconds(raw) == expected


def test_the_future_is_ignored_and_counted():
    found = collect([touch(1), touch(-1), None], CLOSE, BERLIN)
    assert (len(found.touches), found.future) == (1, 1)


@pytest.mark.parametrize(
    ("day", "midnight"),
    [
        ("2026-11-20", "2026-11-19T23:00:00Z"),
        ("2026-03-29", "2026-03-28T23:00:00Z"),  # eleven hours before noon: the clock goes forward
        ("2026-10-25", "2026-10-24T22:00:00Z"),  # thirteen hours
    ],
)
def test_a_day_has_come_when_it_begins(day, midnight):
    response = campaign_touch(DESK, "p1", {**MEMBER, "FirstRespondedDate": day}, WEBINAR)
    begins = seconds(midnight)
    assert collect([response], begins - 1, BERLIN).future == 1
    assert collect([response], begins, BERLIN).touches == (response,)
    assert collect([response], begins, "America/New_York").future == 1


def test_without_consent_only_declared_touches_are_collected():
    touches = [touch(1), touch(2, tracked=True), touch(3, tracked=True, person="p2")]
    found = collect(touches, CLOSE, BERLIN, lambda person: person == "p2")
    assert [each.person for each in found.touches] == ["p1", "p2"]
    assert (found.without_consent, found.coverage) == (1, (2, 3))


def test_five_clicks_in_two_seconds_are_one_flagged():
    def click(number, second):
        event = {"id": f"e{number}", "type": "CLICK", "created": (CLOSE + second) * 1000}
        return email_touch(DESK, "p1", event)

    clicks = [click(i, second) for i, second in enumerate((0, 1, 1, 2, 2, 3, 60, 61))]
    found = collect([*clicks, *reversed(clicks)], CLOSE + 100, BERLIN)
    assert [(each.at - CLOSE, each.flagged) for each in found.touches] == [(0, True), (60, False), (61, False)]
    assert (found.robot_clicks, found.duplicates) == (5, 8)
    four = collect([*clicks[:4], *clicks[:4]], CLOSE + 100, BERLIN)  # doubles do not make a robot
    assert len(four.touches) == 4


def test_page_views_are_one_touch_per_visit():
    views = [
        page_touch(DESK, "p1", {"id": f"v{minute}", "occurredAt": (CLOSE + minute * 60) * 1000})
        for minute in (0, 20, 49, 80, 81)
    ]
    found = collect(views, CLOSE + 9999, BERLIN)
    assert [(each.at - CLOSE) // 60 for each in found.touches] == [0, 80]
    assert found.same_visit == 3

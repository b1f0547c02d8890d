"""Activities are taken in as told; what a CRM says is gone leaves at once, with the records that lose it."""

from datetime import UTC, datetime

import pytest

from connector.model import Activity, ActivityPage, Remains

AT = "2026-11-01T10:00:00Z"


def done(number, record, source="meeting", **fields):
    side = "hubspot" if source in ("meeting", "call", "form") else "salesforce"
    return Activity(side, source, number, "contacts", record, AT, fields)


def take(store, activities=(), remains=(), side="hubspot"):
    taken = store.activities.take(side, ActivityPage(list(activities), list(remains)))
    return taken.count, set(taken.records)


def left(source, record, *ids):
    return Remains(source, record, frozenset(ids))


def test_what_is_known_already_is_no_news(store):
    page = [done("7-1", "1"), done("7-2", "2")]
    assert take(store, page) == (2, {"1", "2"})
    assert take(store, page) == (0, set())
    assert take(store, [done("7-1", "1", title="Demo")]) == (1, {"1"})


def test_a_record_that_loses_an_activity_to_another_one_is_named_too(store):
    take(store, [done("00T1", "00Q1", "task")], side="salesforce")
    assert take(store, [done("00T1", "0031", "task")], side="salesforce") == (1, {"00Q1", "0031"})


def test_a_contact_that_a_meeting_has_no_more_loses_it(store):
    take(store, [done("7-1", "1"), done("7-2", "2"), done("77-1", "1"), done("7-1", "1", "call")])
    assert take(store, [done("7-1", "1")], [left("meeting", "7", "7-1")]) == (1, {"1", "2"})
    assert store.activities.ids("hubspot", "meeting") == ["7-1", "77-1"]
    assert take(store, [], [left("meeting", "7")]) == (1, {"1"})
    assert store.activities.ids("hubspot", "meeting") == ["77-1"]
    assert store.activities.ids("hubspot", "call") == ["7-1"]


@pytest.mark.parametrize("source", ["task", "event", "campaign_member"])
def test_a_deleted_record_of_salesforce_is_gone_once(store, source):
    take(store, [done("00T1", "00Q1", source), done("00T2", "00Q1", source)], side="salesforce")
    assert take(store, [], [left(source, "00T1")], side="salesforce") == (1, {"00Q1"})
    assert take(store, [], [left(source, "00T1")], side="salesforce") == (0, set())
    assert [each.id for each in store.activities.of_records("salesforce", ["00Q1"])["00Q1"]] == ["00T2"]


def test_a_thousand_records_at_once(store):
    take(store, [done(f"{number}-{person}", str(person)) for number in range(700) for person in (1, 2)])
    gone = [left("meeting", str(number), f"{number}-1") for number in range(700)]
    assert take(store, [], gone) == (700, {"1", "2"})
    assert len(store.activities.ids("hubspot", "meeting")) == 700


def test_what_is_too_old_is_forgotten(store):
    take(store, [done("7-1", "1")])
    assert store.activities.forget(datetime(2026, 11, 2, tzinfo=UTC)) == 1
    assert store.activities.ids("hubspot", "meeting") == []

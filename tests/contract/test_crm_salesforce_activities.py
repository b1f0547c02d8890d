"""Activities of leads and contacts through the Salesforce adapter, over HTTP, against the sandbox."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from crm_salesforce import CANARY, crm_fixture, org_fixture, running_org_fixture  # noqa: F401 - fixtures

from connector.errors import LaterError
from connector.model import TaskDraft
from connector.revops.rejection_texts import marker

NOW = "2026-11-23T10:00:00+00:00"
SINCE = datetime(2026, 10, 1, tzinfo=UTC)
LEAD = {"LastName": "Sample", "Company": "Example GmbH", "Email": CANARY}
STAMP = "2026-11-23T10:00:00.000Z"


@pytest.fixture(autouse=True)
def _now(org):
    org.sandbox.order("clock", {"now": NOW})


def read(crm, mark=None, since=SINCE):
    reading = crm.activities(mark, since)
    return [each for page in reading for each in page.activities], reading


def of(activities, source):
    return [each for each in activities if each.source == source]


def respond(org, person, campaign="Webinar May", **more):
    return org.sandbox.order("respond", {"campaign": campaign, "person": person, **more})


def test_a_campaign_member_carries_its_campaign(org, crm):
    lead = org.create("Lead", **LEAD)
    made = respond(org, CANARY, type="Webinar", status="Attended", on="2026-11-20")
    activities, reading = read(crm)
    [member] = activities
    assert (member.source, member.id, member.record, member.vendor_object) == (
        *("campaign_member", made["member"], lead, "Lead"),
    )
    assert member.at == "2026-11-20"
    assert member.fields == {
        "Id": made["member"],
        "CampaignId": made["campaign"],
        "LeadId": lead,
        "ContactId": None,
        "Status": "Attended",
        "HasResponded": True,
        "FirstRespondedDate": "2026-11-20",
        "CreatedDate": "2026-11-23T10:00:00.000+0000",
        "Campaign": {"Id": made["campaign"], "Name": "Webinar May", "Type": "Webinar"},
    }
    assert dict(reading.without) == {}
    assert CANARY not in repr(activities)


def test_a_member_that_has_not_answered_is_there_since_it_was_made(org, crm):
    org.create("Lead", **LEAD)
    respond(org, CANARY, status="Registered", responded=False)
    [member] = read(crm)[0]
    assert (member.at, member.fields["HasResponded"]) == (STAMP, False)


def test_members_come_again_when_they_answer_convert_or_their_campaign_is_renamed(org, crm):
    lead = org.create("Lead", **LEAD)
    made = respond(org, CANARY, status="Registered", responded=False)
    _, reading = read(crm)
    org.later(crm)
    respond(org, CANARY, status="Attended")
    [member], second = read(crm, reading.mark)
    assert (member.id, member.fields["Status"]) == (made["member"], "Attended")
    org.later(crm)
    contact = org.sandbox.order("convert", {"lead": lead})["contact"]
    [member], third = read(crm, second.mark)
    assert (member.id, member.record, member.vendor_object) == (made["member"], contact, "Contact")
    org.later(crm)
    org.edit("Campaign", made["campaign"], Name="Webinar June")
    [member], _ = read(crm, third.mark)
    assert member.fields["Campaign"]["Name"] == "Webinar June"
    org.later(crm)
    _, fourth = read(crm, third.mark)
    assert read(crm, fourth.mark)[0] == []


def test_tasks_and_events_of_persons(org, crm):
    lead = org.create("Lead", **LEAD)
    contact = org.create("Contact", LastName="Sample", Email="other@example.com")
    call = {"Subject": "Call", "Status": "Completed", "TaskSubtype": "Call", "CallType": "Outbound"}
    task = org.create("Task", WhoId=lead, **call)
    open_task = org.create("Task", WhoId=contact, Subject="Email", ActivityDate="2026-11-30")
    org.create("Task", Subject="Call", Status="Completed")
    start = {"StartDateTime": "2026-11-22T09:00:00Z", "DurationInMinutes": 30}
    event = org.create("Event", WhoId=contact, Subject="Demo call", Description="secret words", **start)
    activities, _ = read(crm)
    tasks = {each.id: each for each in of(activities, "task")}
    assert set(tasks) == {task, open_task}
    assert (tasks[task].at, tasks[task].vendor_object, tasks[task].record) == (STAMP, "Lead", lead)
    assert tasks[open_task].at == "2026-11-30"
    assert tasks[task].fields["IsClosed"] is True
    names = ("Subject", "Status", "TaskSubtype", "CallType", "CompletedDateTime")
    assert [tasks[task].fields[name] for name in names] == [
        *("Call", "Completed", "Call", "Outbound", "2026-11-23T10:00:00.000+0000"),
    ]
    [met] = of(activities, "event")
    assert (met.id, met.record, met.vendor_object, met.at) == (event, contact, "Contact", "2026-11-22T09:00:00.000Z")
    assert met.fields["Subject"] == "Demo call"
    assert "secret words" not in repr(activities)


def test_texts_that_people_wrote_are_not_kept(org, crm):
    lead = org.create("Lead", **LEAD)
    org.create("Task", WhoId=lead, Subject=f"Email: offer for {CANARY}", Status="Completed")
    org.create("Task", WhoId=lead, Subject="Send Quote", Status="Completed")
    activities, _ = read(crm)
    assert sorted(str(each.fields["Subject"]) for each in activities) == ["None", "Send Quote"]
    assert CANARY not in repr(activities)


def test_an_event_of_a_whole_day_is_a_day_and_copies_for_invitees_do_not_count(org, crm):
    lead = org.create("Lead", **LEAD)
    day = {"WhoId": lead, "IsAllDayEvent": True, "ActivityDate": "2026-11-21", "DurationInMinutes": 1440}
    event = org.create("Event", Subject="Fair", **day)
    start = {"WhoId": lead, "StartDateTime": "2026-11-22T09:00:00.000Z", "DurationInMinutes": 30}
    org.load("Event", [{"Subject": "Demo", "IsChild": True, **start}])
    [met] = of(read(crm)[0], "event")
    assert (met.id, met.at) == (event, "2026-11-21")


def test_a_task_of_ours_is_no_work_of_sales_and_one_of_the_same_user_is(org, crm):
    lead = org.create("Lead", **LEAD)
    due = datetime(2026, 11, 24, tzinfo=UTC)
    body = f"Please choose.\n\n{marker('p:1')}"
    [made] = crm.open_tasks([TaskDraft("r", "Lead", lead, None, "Reason missing", body, due)])
    org.edit("Task", made.id, Status="Completed")
    theirs = org.sandbox.order(
        "create",
        {
            "sobject": "Task",
            "fields": {"WhoId": lead, "Subject": "Call", "Status": "Completed"},
            "user": "integration@revloop-sandbox.example",
        },
    )["id"]
    assert [each.id for each in of(read(crm)[0], "task")] == [theirs]


def test_what_is_deleted_or_too_old_is_left_out(org, crm):
    lead = org.create("Lead", **LEAD)
    gone = org.create("Task", WhoId=lead, Subject="Call", Status="Completed")
    org.delete("Task", gone)
    org.load("Task", [{"WhoId": lead, "Subject": "Call", "ActivityDate": "2026-09-01"}])
    respond(org, CANARY, on="2026-09-01")
    assert read(crm)[0] == []
    assert len(read(crm, since=datetime(2026, 8, 1, tzinfo=UTC))[0]) == 2


def lost(crm, mark, **more):
    """What remains of records that changed, as (source, record, ids), and where the next read begins."""
    reading = crm.activities(mark, SINCE, **more)
    found = {(each.source, each.record, each.ids) for page in reading for each in page.remains}
    return found, reading.mark


def none(source, record):
    return (source, record, frozenset())


def everything(org):
    """A member, a task and an event of a lead: source -> id."""
    lead = org.create("Lead", **LEAD)
    start = {"StartDateTime": "2026-11-22T09:00:00Z", "DurationInMinutes": 30}
    return {
        "campaign_member": respond(org, CANARY)["member"],
        "task": org.create("Task", WhoId=lead, Subject="Call", Status="Completed"),
        "event": org.create("Event", WhoId=lead, Subject="Demo", **start),
    }


OBJECTS = {"campaign_member": "CampaignMember", "task": "Task", "event": "Event"}


def test_what_is_deleted_after_the_mark_is_told_once(org, crm):
    made = everything(org)
    _, reading = read(crm)
    for source, number in made.items():
        org.delete(OBJECTS[source], number)
    org.later(crm)
    gone, mark = lost(crm, reading.mark)
    assert gone == {none(*each) for each in made.items()}
    org.later(crm)
    assert lost(crm, mark)[0] == set()


def test_a_deletion_hidden_by_a_gap_or_asked_for_by_a_full_read_is_found_in_the_bin(org, crm):
    made = everything(org)
    org.delete("Task", made["task"])
    org.sandbox.order("clock", {"advance": 14.5 * 86_400})
    crm.account()
    asked = []

    def known(source):
        asked.append(source)
        return [made[source]]

    old = orjson.dumps(dict.fromkeys(OBJECTS, "2026-11-20T00:00:00Z")).decode()
    gone, mark = lost(crm, old, known=known)
    assert none("task", made["task"]) in gone
    assert {each for each in gone if each[0] != "task"} == set()
    assert asked == list(OBJECTS)
    asked.clear()
    assert lost(crm, mark, known=known)[0] == set()
    assert asked == []
    assert none("task", made["task"]) in lost(crm, mark, known=known, full=True)[0]


def test_what_is_only_out_of_sight_is_not_gone(org, crm):
    everything(org)
    ids = {"campaign_member": "00v000000000999AAA", "task": "00T000000000999AAA", "event": "00U000000000999AAA"}
    assert lost(crm, None, known=lambda source: [ids[source]], full=True)[0] == set()


def test_a_task_taken_off_its_person_is_gone_and_one_moved_is_not(org, crm):
    made = everything(org)
    other = org.create("Contact", LastName="Sample", Email="other@example.com")
    _, reading = read(crm)
    org.later(crm)
    org.edit("Task", made["task"], WhoId=None)
    org.edit("Event", made["event"], WhoId=other)
    assert lost(crm, reading.mark)[0] == {none("task", made["task"])}
    assert [each.record for each in of(read(crm, reading.mark)[0], "event")] == [other]


@pytest.mark.parametrize(("status", "answer"), [(503, None), (403, [{"message": "no", "errorCode": "API_DISABLED"}])])
def test_a_refused_question_makes_nothing_gone(org, crm, status, answer):
    made = everything(org)
    _, reading = read(crm)
    org.fault(kind="status", path="/deleted", status=status, answer=answer, times=99)
    org.fault(kind="status", path="/queryAll", status=status, answer=answer, times=99)
    found = set()
    try:
        for page in crm.activities(reading.mark, SINCE, lambda source: [made[source]], full=True):
            found |= {(each.source, each.record) for each in page.remains}
    except LaterError:
        pass
    assert found == set()


def test_many_members_over_several_pages(org, crm):
    leads = org.load("Lead", [{"LastName": f"L{n}", "Company": "C"} for n in range(2100)])
    campaign = org.create("Campaign", Name="Newsletter", Type="Email")
    org.load("CampaignMember", [{"CampaignId": campaign, "LeadId": lead, "Status": "Responded"} for lead in leads])
    reading = crm.activities(None, SINCE)
    sizes = [len(page.activities) for page in reading]
    assert sizes == [2000, 100]


def test_the_mark_waits_for_a_long_transaction(org, crm):
    org.sandbox.order("hold", {"until": "2026-11-23T09:30:00Z"})
    _, reading = read(crm)
    marks = orjson.loads(reading.mark)
    assert marks == dict.fromkeys(("campaign_member", "task", "event"), "2026-11-23T09:30:00Z")


def test_a_mark_that_nobody_can_read_reads_everything(org, crm):
    lead = org.create("Lead", **LEAD)
    task = org.create("Task", WhoId=lead, Subject="Call", Status="Completed")
    for mark in ("no json", "[]", '{"task": 7}', '{"task": "soon"}'):
        assert [each.id for each in read(crm, mark)[0]] == [task]


def test_a_read_gives_its_mark_after_its_last_page_only(org, crm):
    reading = crm.activities(None, SINCE)
    with pytest.raises(RuntimeError, match="after its last page"):
        assert reading.mark


def test_an_object_that_the_user_may_not_see_is_named_and_stops_nothing(org, crm):
    lead = org.create("Lead", **LEAD)
    task = org.create("Task", WhoId=lead, Subject="Call", Status="Completed")
    _, before = read(crm)
    org.later(crm)
    refusal = [{"message": "sObject type 'CampaignMember' is not supported.", "errorCode": "INVALID_TYPE"}]
    fault = {"kind": "status", "path": "/query", "status": 400, "answer": refusal, "times": 1}
    org.fault(**fault)
    activities, reading = read(crm)
    assert [each.id for each in activities] == [task]
    assert set(reading.without) == {"campaign_member"}
    assert "read campaigns" in reading.without["campaign_member"]
    assert "campaign_member" not in orjson.loads(reading.mark)
    org.fault(**fault)
    _, later = read(crm, before.mark)
    old, new = orjson.loads(before.mark), orjson.loads(later.mark)
    assert new["campaign_member"] == old["campaign_member"]
    assert new["task"] > old["task"]


def test_a_permission_that_is_missing_is_named(org, crm):
    refusal = [{"message": "no", "errorCode": "INSUFFICIENT_ACCESS"}]
    crm.account()
    org.fault(kind="status", path="/sobjects/Event/deleted", status=403, answer=refusal, times=1)
    _, reading = read(crm)
    assert set(reading.without) == {"event"}


def test_trouble_on_the_way_is_for_later(org, crm):
    crm.account()
    org.fault(kind="status", path="/query", status=503, times=99)
    with pytest.raises(LaterError):
        read(crm)


def test_the_first_question_of_a_run_is_asked_by_the_orgs_clock(org):
    org.sandbox.order("clock", {"now": (datetime.now(UTC) - timedelta(days=300)).isoformat()})
    with org.crm() as crm:
        _, reading = read(crm)
    assert dict(reading.without) == {}
    assert len(orjson.loads(reading.mark)) == 3

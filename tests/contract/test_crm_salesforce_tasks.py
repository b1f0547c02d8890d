"""Tasks of the Salesforce adapter: against the sandbox over HTTP, and lost and partial answers."""

import time
from datetime import UTC, datetime

import pytest
import responses
from crm_salesforce import crm_fixture, org_fixture, running_org_fixture  # noqa: F401 - fixtures

from connector.crm.auth import FixedToken
from connector.crm.port import Crm
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.crm.salesforce.ids import to18
from connector.errors import LaterError
from connector.model import Done, Refused, TaskChange, TaskDraft, TaskSeen, Unknown
from connector.revops.rejection_texts import marker

URL = "https://acme.my.salesforce.com"
ROOT = f"{URL}/services/data/v67.0"
LEAD = {"LastName": "Sample", "Company": "Example GmbH"}
DUE = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
"""Half past midnight of the next day in the org's time zone, Berlin."""


def draft(record, key="p1:1", *, ref="ref-1", urgent=False, owner=None, vendor_object="Lead"):
    body = f"Please choose a reason.\n\n{marker(key)}"
    return TaskDraft(ref, vendor_object, record, owner, "Reason missing: 7", body, DUE, urgent)


def stored(org, number):
    return next(row for row in org.records("Task") if row["Id"] == number)


def test_a_task_is_opened_with_its_person_and_seen_at_once(org, crm):
    lead, other = (org.create("Lead", **LEAD) for _ in range(2))
    owner = next(one.id for one in crm.owners() if (one.email or "").startswith("sanna."))
    [outcome] = crm.open_tasks([draft(lead, urgent=True, owner=owner)])
    assert isinstance(outcome, Done)
    task = stored(org, outcome.id)
    names = ("WhoId", "OwnerId", "Subject", "Status", "Priority", "ActivityDate", "IsReminderSet", "ReminderDateTime")
    assert [task[name] for name in names] == [
        *(lead, owner, "Reason missing: 7", "Not Started", "High", "2026-11-25", True, "2026-11-24T23:30:00.000+0000"),
    ]
    [seen] = crm.tasks("Lead", [other, lead[:15]], "[revloop p1:1]")
    assert seen == TaskSeen(outcome.id, lead, draft(lead).body, open=True)
    assert crm.tasks("Lead", [lead], "[revloop p1:2]") == []
    assert crm.tasks("Lead", [], "[revloop p1:1]") == []
    # Without an owner it is the integration user's.
    [outcome] = crm.open_tasks([draft(other)])
    assert stored(org, outcome.id)["Priority"] == "Normal"


def test_a_task_of_a_queue_a_contact_and_a_converted_lead(org, crm):
    lead = org.create("Lead", **LEAD)
    queue = next(one for one in crm.owners() if one.queue)
    assert (queue.name, queue.email, queue.active) == ("Inbound leads", None, True)
    [made] = crm.open_tasks([draft(lead, owner=queue.id)])
    contact = org.sandbox.order("convert", {"lead": lead})["contact"]
    assert crm.tasks("Lead", [lead], "[revloop") == []
    [seen] = crm.tasks("Contact", [contact], "[revloop")
    assert (seen.id, seen.record) == (made.id, contact)


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_closing_and_opening_again_changes_nothing_more_when_repeated(org, crm, state):
    lead = org.create("Lead", **LEAD)
    [made] = crm.open_tasks([draft(lead)])
    for _ in range(2):
        [outcome] = crm.change_tasks([TaskChange("c", made.id, state)])
        assert isinstance(outcome, Done)
        assert [each.open for each in crm.tasks("Lead", [lead], "[revloop")] == [False]
    task = stored(org, made.id)
    assert (task["Status"], task["IsReminderSet"], task["ActivityDate"]) == ("Completed", False, "2026-11-25")
    crm.change_tasks([TaskChange("c", made.id, "open", datetime(2026, 12, 1, 9, tzinfo=UTC))])
    task = stored(org, made.id)
    assert (task["Status"], task["ActivityDate"], task["IsReminderSet"]) == ("Not Started", "2026-12-01", True)
    assert [each.open for each in crm.tasks("Lead", [lead], "[revloop")] == [True]


def test_the_words_of_the_org_are_used(org, crm):
    known = {row["ApiName"]: row["Id"] for row in org.records("TaskStatus")}
    rows = [
        {"Id": known["Not Started"], "IsDefault": False},
        {"ApiName": "To do", "MasterLabel": "To do", "IsDefault": True, "SortOrder": 6},
        {"ApiName": "Canceled", "MasterLabel": "Canceled", "IsClosed": True, "SortOrder": 7},
    ]
    org.sandbox.order("load", {"sobject": "TaskStatus", "rows": rows})
    lead = org.create("Lead", **LEAD)
    [made] = crm.open_tasks([draft(lead)])
    words = []
    for state in ("cancelled", "open", "completed"):
        crm.change_tasks([TaskChange("c", made.id, state)])
        words.append(stored(org, made.id)["Status"])
    assert words == ["Canceled", "To do", "Completed"]


def test_many_tasks_keep_their_order_and_one_that_is_refused_holds_only_itself(org, crm):
    leads = org.load("Lead", [{"LastName": f"L{n}", "Company": "C"} for n in range(230)])
    drafts = [draft(lead, f"p{n}:1", ref=f"r{n}") for n, lead in enumerate(leads)]
    drafts[7] = draft(to18("00Q000000000999"), "p7:1", ref="r7")
    outcomes = crm.open_tasks(drafts)
    assert [n for n, one in enumerate(outcomes) if not isinstance(one, Done)] == [7]
    assert isinstance(outcomes[7], Refused)
    seen = {each.record: each.id for each in crm.tasks("Lead", leads, "[revloop")}
    assert seen == {leads[n]: one.id for n, one in enumerate(outcomes) if isinstance(one, Done)}
    [gone] = crm.change_tasks([TaskChange("c", to18("00T000000000999"), "completed")])
    assert isinstance(gone, Refused)
    assert gone.code == "GONE"


def test_a_lost_answer_is_unknown_and_nothing_is_made_twice(org, crm):
    lead = org.create("Lead", **LEAD)
    crm.account()
    org.fault(kind="lost", method="POST", path="/composite/sobjects", times=1)
    org.sandbox.forget()
    [outcome] = crm.open_tasks([draft(lead)])
    assert isinstance(outcome, Unknown)
    assert org.sandbox.calls() == 1
    assert len(crm.tasks("Lead", [lead], "[revloop p1:1]")) == 1


def test_a_task_that_was_removed_is_not_seen_and_an_archived_one_is(org, crm):
    lead = org.create("Lead", **LEAD)
    first, second = (crm.open_tasks([draft(lead, f"p{n}:1")])[0].id for n in range(2))
    org.delete("Task", first)
    org.load("Task", [{"Id": second, "IsArchived": True}])
    assert [each.id for each in crm.tasks("Lead", [lead], "[revloop")] == [second]


def test_the_days_quota_stops_before_anything_is_made(org, crm):
    lead = org.create("Lead", **LEAD)
    crm.account()
    refusal = [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    org.fault(kind="status", path="/composite/sobjects", status=403, answer=refusal, times=1)
    with pytest.raises(LaterError):
        crm.open_tasks([draft(lead)])
    assert org.records("Task") == []


def test_nothing_to_do_asks_for_no_write(org, crm):
    org.sandbox.forget()
    assert crm.open_tasks([]) == []
    assert crm.change_tasks([]) == []
    assert {said.method for said in org.sandbox.talk} <= {"GET"}


def test_partial_and_malformed_answers():
    crm: Crm = SalesforceCrm(URL, FixedToken("t"), Options(), pause=lambda _: None, monotonic=time.monotonic)
    lead = "00Q000000000001AAA"
    organization = {"Id": "00D000000000001EAA", "Name": "E", "TimeZoneSidKey": "Not/AZone", "OrganizationType": None}
    done = {"id": "00T000000000001AAA", "success": True, "errors": []}
    refused = {"success": False, "errors": [{"statusCode": "INACTIVE_OWNER_OR_USER", "message": "no", "fields": []}]}
    with responses.RequestsMock() as mock:
        mock.get(f"{ROOT}/query/", json={"totalSize": 1, "done": True, "records": [organization]})
        mock.get(f"{ROOT}/query/", status=400, json=[{"errorCode": "INVALID_TYPE", "message": "no CurrencyType"}])
        mock.post(f"{ROOT}/composite/sobjects", json=[done, refused])
        first, second = crm.open_tasks([draft(lead, ref="r0"), draft(lead, "p2:1", ref="r1")])
        sent = mock.calls[-1].request.body
        mock.post(f"{ROOT}/composite/sobjects", json={"odd": "answer"})
        [third] = crm.open_tasks([draft(lead)])
        mock.get(f"{ROOT}/query/", status=400, json=[{"errorCode": "INVALID_TYPE", "message": "no TaskStatus"}])
        mock.patch(f"{ROOT}/composite/sobjects", json=[done])
        [fourth] = crm.change_tasks([TaskChange("c", "00T000000000001AAA", "cancelled")])
        changed = mock.calls[-1].request.body
    crm.close()
    assert (first.id, second.code) == ("00T000000000001AAA", "INACTIVE_OWNER_OR_USER")
    assert b'"ActivityDate":"2026-11-24"' in sent  # an unknown zone: the day in UTC
    assert isinstance(third, Unknown)
    assert isinstance(fourth, Done)
    assert b'"Status":"Completed"' in changed

"""The simulated CRMs' activities, tasks, custom objects, owners and lifecycle stages behave as the port says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from boundary import Boundaries, Killed, Strike, Watched
from crm import SimCrm
from stage import Stage

from connector.crm.port import Crm
from connector.model import Activity, Done, Later, Outcome, Refused, Remains, TaskChange, TaskDraft, Unknown, Write

SINCE = datetime(2026, 10, 1, tzinfo=UTC)
DUE = datetime(2026, 11, 3, 14, tzinfo=UTC)


def no_job(_job: str) -> None:
    raise AssertionError


def read(crm: SimCrm, mark: str | None = None, since: datetime = SINCE) -> tuple[list[Activity], str]:
    reading = crm.activities(mark, since)
    return [each for page in reading for each in page.activities], reading.mark


def draft(row_id: str, vendor_object: str = "contacts", marker: str = "[revloop p:1]") -> TaskDraft:
    return TaskDraft(f"ref-{row_id}", vendor_object, row_id, None, "Reason missing", f"Please.\n\n{marker}", DUE)


def ident(outcome: Outcome) -> str:
    assert isinstance(outcome, Done)
    return outcome.id


def test_both_are_what_the_engine_asks_for(stage: Stage) -> None:
    crms: list[Crm] = [Watched(crm, Boundaries(stage.world)) for crm in (stage.hubspot, stage.salesforce)]
    assert [crm.side for crm in crms] == ["hubspot", "salesforce"]


def test_activities_come_once_and_again_when_something_changed(stage: Stage) -> None:
    ann = stage.people.contact("ann")
    forms = [stage.doings.form(ann, f"Form {number}") for number in range(5)]
    stage.world.sleep(100)
    found, mark = read(stage.hubspot)
    assert found == forms
    view = stage.doings.page(ann, "https://example.com/pricing")
    stage.world.sleep(100)
    again, later = read(stage.hubspot, mark)
    assert again == [view]
    assert read(stage.hubspot, later)[0] == []
    assert read(stage.hubspot, None, stage.world.now)[0] == []
    assert read(stage.salesforce)[0] == []


def test_what_is_not_offered_is_named(stage: Stage) -> None:
    ann = stage.people.contact("ann")
    stage.doings.page(ann, "https://example.com/")
    click = stage.doings.click(ann)
    stage.hubspot.not_offered["page_view"] = "needs Enterprise"
    reading = stage.hubspot.activities(None, SINCE)
    with pytest.raises(AssertionError):
        assert reading.without
    assert [each for page in reading for each in page.activities] == [click]
    assert reading.without == {"page_view": "needs Enterprise"}


def test_activities_follow_a_conversion_and_are_told_again(stage: Stage) -> None:
    lead = stage.people.lead("ann")
    member = stage.doings.response(lead, "Webinar", "Webinar", status="Attended")
    call = stage.doings.worked(lead)
    _, mark = read(stage.salesforce)
    stage.world.sleep(300)
    contact, _, _ = stage.salesforce.convert(lead, None)
    found, _ = read(stage.salesforce, mark)
    told = {(each.id, each.vendor_object, each.record) for each in found}
    assert told == {(member.id, "Contact", contact.id), (call.id, "Contact", contact.id)}


def test_activities_follow_merges(stage: Stage) -> None:
    ann, ben = stage.people.contact("ann"), stage.people.contact("ben")
    meeting = stage.doings.meeting(ben, "Demo")
    stage.world.sleep(100)
    _, mark = read(stage.hubspot)
    merged = stage.hubspot.merge(ann, ben)
    assert read(stage.hubspot, mark)[0] == []
    assert [(each.id, each.record) for each in read(stage.hubspot)[0]] == [(meeting.id, merged.id)]
    one, other = stage.people.lead("ann"), stage.people.lead("ann")
    stage.doings.response(other, "Fair", "Trade Show", responded=False)
    stage.salesforce.merge(one, other)
    assert [each.record for each in read(stage.salesforce)[0]] == [one.id]


def test_a_task_is_found_by_its_marker_and_goes_with_its_record(stage: Stage) -> None:
    lead, other = stage.people.lead("ann"), stage.people.lead("ben")
    [made] = stage.salesforce.open_tasks([draft(lead.id, "Lead")])
    [seen] = stage.salesforce.tasks("Lead", [other.id, lead.id], "[revloop p:1]")
    assert (seen.id, seen.record, seen.open) == (ident(made), lead.id, True)
    assert stage.salesforce.tasks("Lead", [lead.id], "[revloop p:2]") == []
    contact, _, _ = stage.salesforce.convert(lead, None)
    assert stage.salesforce.tasks("Lead", [lead.id], "[revloop") == []
    assert [each.id for each in stage.salesforce.tasks("Contact", [contact.id], "[revloop")] == [ident(made)]
    [refused] = stage.salesforce.open_tasks([draft(lead.id, "Lead")])
    assert isinstance(refused, Refused)


def test_tasks_are_closed_and_opened_again_and_twice_the_same_makes_two(stage: Stage) -> None:
    ann = stage.people.contact("ann")
    first, second = (ident(stage.hubspot.open_tasks([draft(ann.id)])[0]) for _ in range(2))
    for state in ("completed", "cancelled", "cancelled"):
        assert stage.hubspot.change_tasks([TaskChange("c", first, state)]) == [Done(first)]
        assert {each.id: each.open for each in stage.hubspot.tasks("contacts", [ann.id], "[revloop")} == {
            first: False,
            second: True,
        }
    later = DUE + timedelta(days=1)
    stage.hubspot.change_tasks([TaskChange("c", first, "open", later)])
    assert (stage.hubspot.kept.tasks[first].state, stage.hubspot.kept.tasks[first].due_at) == ("open", later)
    stage.hubspot.kept.tasks[second].gone = True
    [gone] = stage.hubspot.change_tasks([TaskChange("c", second, "completed")])
    assert isinstance(gone, Refused)
    assert [each.id for each in stage.hubspot.tasks("contacts", [ann.id], "[revloop")] == [first]
    [nobody] = stage.hubspot.open_tasks([draft("7")])
    assert isinstance(nobody, Refused)
    stage.hubspot.locked_every = 1
    assert isinstance(stage.hubspot.change_tasks([TaskChange("c", first, "completed")])[0], Later)


def test_the_connectors_own_objects_are_upserted_linked_and_removed(stage: Stage) -> None:
    ann = stage.people.contact("ann")
    touchpoint = stage.hubspot.custom_objects()["revops_touchpoint"]
    write = Write("r", None, {"revops_key": "k1", "revops_channel": "webinar"})
    first, again = (stage.hubspot.create(touchpoint, "revops_key", [write], no_job)[0] for _ in range(2))
    assert ident(first) == ident(again)
    wish = {"associations.contacts": {"add": [ann.id]}}
    assert stage.hubspot.associate(touchpoint, [Write("a", ident(first), wish)]) == [Done(ident(first))]
    lead = stage.people.lead("ann")
    names = stage.salesforce.custom_objects()
    assert set(names) == {"RevOps_Touchpoint__c", "RevOps_Credit__c"}
    fields = {"Key__c": "k1", "Lead__c": lead.id}
    [row] = stage.salesforce.create("RevOps_Touchpoint__c", "Key__c", [Write("r", None, fields)], no_job)
    wrong = Write("r", None, {"Key__c": "k2", "Lead__c": "00Q7"})
    [refused] = stage.salesforce.create("RevOps_Touchpoint__c", "Key__c", [wrong], no_job)
    assert isinstance(refused, Refused)
    for _ in range(2):
        assert stage.salesforce.archive("RevOps_Touchpoint__c", [Write("x", ident(row), {})]) == [Done(ident(row))]
    assert stage.salesforce.live("RevOps_Touchpoint__c") == []
    with pytest.raises(AssertionError):
        stage.salesforce.archive("Lead", [Write("x", lead.id, {})])
    stage.hubspot.with_custom_objects = False
    assert stage.hubspot.custom_objects() == {}


def test_owners_have_managers_teams_and_queues(stage: Stage) -> None:
    ada, bob = stage.salesforce.owner("ada"), stage.salesforce.owner("bob")
    owners = {owner.id: owner for owner in stage.salesforce.owners()}
    assert (owners[ada].manager, owners[bob].manager) == (None, ada)
    assert [owner.name for owner in owners.values() if owner.queue] == ["Inbound leads"]
    assert {owner.team for owner in stage.hubspot.owners()} == {"Sales"}


def test_a_lifecycle_stage_goes_forward_only_unless_it_was_cleared(stage: Stage) -> None:
    ann = stage.people.contact("ann", lifecyclestage="salesqualifiedlead", hs_lead_status="OPEN")

    def set_to(value: str) -> str:
        [outcome] = stage.hubspot.update("contacts", [Write("u", ann.id, {"lifecyclestage": value})], no_job)
        assert isinstance(outcome, Done)
        return str(outcome.fields["lifecyclestage"])

    assert set_to("lead") == "salesqualifiedlead"
    assert set_to("customer") == "customer"
    assert (set_to(""), set_to("lead")) == ("", "lead")
    stage.people.edit(ann, lifecyclestage="subscriber", hs_lead_status="UNQUALIFIED")  # a person may
    told = stage.hubspot.history("contacts", [ann.id], ["lifecyclestage", "hs_lead_status"])[ann.id]
    assert [(each.value, each.ours) for each in told["lifecyclestage"]] == [
        *(("subscriber", False), ("lead", True), ("", True), ("customer", True), ("salesqualifiedlead", False)),
    ]
    assert [each.value for each in told["hs_lead_status"]] == ["UNQUALIFIED", "OPEN"]


def test_a_deleted_activity_is_told_by_salesforce_and_found_by_a_full_read_of_hubspot(stage: Stage) -> None:
    ann, lead = stage.people.contact("ann"), stage.people.lead("ben")
    meeting, call = stage.doings.meeting(ann, "Demo"), stage.doings.worked(lead)
    marks = {crm: read(crm)[1] for crm in (stage.hubspot, stage.salesforce)}
    stage.world.sleep(300)
    stage.hubspot.untell(meeting)
    stage.salesforce.untell(call)

    def remains(crm: SimCrm, *, full: bool) -> list[Remains]:
        known = {"meeting": [meeting.id], "task": [call.id]}
        reading = crm.activities(marks[crm], SINCE, lambda source: known.get(source, []), full=full)
        return [each for page in reading for each in page.remains]

    assert remains(stage.hubspot, full=False) == []
    assert remains(stage.hubspot, full=True) == [Remains("meeting", meeting.id.partition("-")[0])]
    for full in (False, True):
        assert remains(stage.salesforce, full=full) == [Remains("task", call.id)]


def test_a_kill_strikes_between_two_pages_of_activities(stage: Stage) -> None:
    ann = stage.people.contact("ann")
    for number in range(5):
        stage.doings.form(ann, f"Form {number}")
    boundaries = Boundaries(stage.world, Strike(3, "kill"))
    reading = Watched(stage.hubspot, boundaries).activities(None, SINCE)
    pages = iter(reading)
    assert len(next(pages).activities) == 3
    with pytest.raises(Killed):
        next(pages)
    assert boundaries.seen == ["hubspot activities", "hubspot activities page", "hubspot activities page"]


@pytest.mark.parametrize(("how", "made"), [("lost", 2), ("half", 1), ("undone", 0), ("locked", 0), ("kill after", 2)])
def test_a_strike_on_opening_tasks(stage: Stage, how, made) -> None:
    rows = [stage.people.contact(who) for who in ("ann", "ben")]
    crm = Watched(stage.hubspot, Boundaries(stage.world, Strike(1, how)))
    drafts = [draft(row.id) for row in rows]
    if how == "kill after":
        with pytest.raises(Killed):
            crm.open_tasks(drafts)
    else:
        expected = Later if how == "locked" else Unknown
        assert all(isinstance(outcome, expected) for outcome in crm.open_tasks(drafts))
    assert len(stage.hubspot.tasks("contacts", [row.id for row in rows], "[revloop")) == made


def test_rows_of_the_connectors_own_objects_trouble_no_judge(stage: Stage) -> None:
    stage.people.contact("ann")
    stage.people.lead("ben")
    touchpoint = stage.hubspot.custom_objects()["revops_touchpoint"]
    stage.hubspot.create(touchpoint, "revops_key", [Write("r", None, {"revops_key": "k1"})], no_job)
    stage.salesforce.create("RevOps_Touchpoint__c", "Key__c", [Write("r", None, {"Key__c": "k1"})], no_job)
    assert stage.settle() == []

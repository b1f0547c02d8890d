"""Which rows of Salesforce are activities, which of their fields are kept, and when each happened.

A member of a campaign carries its campaign's name and type, so a renamed campaign brings its members again. What
people wrote into a task is not kept: its subject only where it is one of the org's own choices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.crm.salesforce import moments
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.shape import Row
from connector.model import Activity, ActivitySource

PEOPLE = {"003": "Contact", "00Q": "Lead"}
"""The key prefixes of the records that are persons."""
CAMPAIGN = ("Id", "Name", "Type")


@dataclass(frozen=True, slots=True)
class Source:
    """One object whose rows are activities.

    `columns` are asked for, `where` gives the condition for rows changed since a SOQL time, `activity` makes one of a
    row; `archived` rows are those `query` does not show; `advice` says what an admin does about a refusal. `at_first`
    narrows a first read: later on, a row that has lost its person must be seen.
    """

    name: ActivitySource
    vendor_object: str
    columns: tuple[str, ...]
    where: Callable[[str], str]
    activity: Callable[[Row], Activity | None]
    advice: str
    archived: bool = False
    at_first: str = ""


_MEMBER = ("Id", "CampaignId", "LeadId", "ContactId", "Status", "HasResponded", "FirstRespondedDate", "CreatedDate")
_TASK = (
    *("Id", "WhoId", "OwnerId", "Subject", "Status", "IsClosed", "CompletedDateTime", "ActivityDate"),
    *("TaskSubtype", "CallType", "CreatedDate"),
)
_EVENT = (
    *("Id", "WhoId", "OwnerId", "Subject", "StartDateTime", "ActivityDateTime", "ActivityDate", "IsAllDayEvent"),
    *("EventSubtype", "CreatedDate"),
)


def _member(row: Row) -> Activity | None:
    vendor_object = "Contact" if row["ContactId"] else "Lead"
    person = row["ContactId"] or row["LeadId"]
    if not person:
        return None
    fields: dict[str, Any] = {name: row[name] for name in _MEMBER}
    campaign = row.get("Campaign") or {}
    fields["Campaign"] = {name: campaign.get(name) for name in CAMPAIGN}
    responded = row["FirstRespondedDate"] if row["HasResponded"] else None
    at = responded or moments.stamp(row["CreatedDate"])
    return Activity("salesforce", "campaign_member", to18(row["Id"]), vendor_object, to18(person), at, fields)


def _task(row: Row) -> Activity | None:
    done = row["CompletedDateTime"] if row["IsClosed"] else None
    at = moments.stamp(done) if done else row["ActivityDate"] or moments.stamp(row["CreatedDate"])
    return _of_person("task", row, _TASK, at)


def _event(row: Row) -> Activity | None:
    start = None if row["IsAllDayEvent"] else row["StartDateTime"] or row["ActivityDateTime"]
    at = moments.stamp(start) if start else row["ActivityDate"] or moments.stamp(row["CreatedDate"])
    return _of_person("event", row, _EVENT, at)


def _of_person(source: ActivitySource, row: Row, names: tuple[str, ...], at: str) -> Activity | None:
    person = to18(row["WhoId"] or "")
    vendor_object = PEOPLE.get(person[:3])
    if vendor_object is None:
        return None
    fields = {name: row[name] for name in names}
    return Activity("salesforce", source, to18(row["Id"]), vendor_object, person, at, fields)


SOURCES = (
    Source(
        "campaign_member",
        "CampaignMember",
        (*_MEMBER, *(f"Campaign.{name}" for name in CAMPAIGN)),
        lambda since: f"(SystemModstamp >= {since} OR Campaign.LastModifiedDate >= {since})",
        _member,
        "campaign members are not read: let the integration user read campaigns and see their fields",
    ),
    Source(
        "task",
        "Task",
        (*_TASK, "CreatedById"),
        lambda since: f"SystemModstamp >= {since} AND IsDeleted = false",
        _task,
        "tasks are not read: let the integration user see activities and their fields",
        archived=True,
        at_first=" AND WhoId != null",
    ),
    Source(
        "event",
        "Event",
        _EVENT,
        lambda since: f"SystemModstamp >= {since} AND IsDeleted = false AND IsChild = false",
        _event,
        "events are not read: let the integration user see activities and their fields",
        archived=True,
        at_first=" AND WhoId != null",
    ),
)
"""In the order in which they are read."""

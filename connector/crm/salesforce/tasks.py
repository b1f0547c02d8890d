"""Tasks on leads and contacts: opened with `WhoId`, found by it, closed by id.

A task is found by SOQL, which sees own writes at once; its description cannot be filtered by, so the marker in it is
looked for here. Tasks closed more than a year ago are archived and come with `queryAll` only.
The due date is a day without a time of day, in the org's time zone; the time of day becomes the reminder.
Salesforce knows no cancelled task, but an org's own statuses, several of which may be closed ones (`TaskStatus`): a
cancelled task gets the closed status of that name where the org has one, else the one of a completed task. `Deferred`
counts as open in a new org: such a task would go on reminding its owner.
Sources: object reference, «Task», «TaskStatus».
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.crm.http import CallDeniedError
from connector.crm.salesforce import moments, soql
from connector.crm.salesforce.collections import Collections, Order
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.lookups import Lookups
from connector.crm.salesforce.org import Org
from connector.model import Outcome, TaskChange, TaskDraft, TaskSeen, Write

MARK = "[revloop "
"""How the marker in the body of every task that revloop opens begins."""
_CANCELLED = ("cancelled", "canceled", "deferred")


@dataclass(frozen=True, slots=True)
class Statuses:
    """The org's own words."""

    open: str = "Not Started"
    completed: str = "Completed"
    cancelled: str = "Completed"

    @staticmethod
    def of(org: Org) -> Statuses:
        """Those of an org, by the order and the flags an admin gave them; a new org's where the user may not look."""
        query = soql.select("TaskStatus", ("ApiName", "IsClosed", "IsDefault"), order="SortOrder")
        try:
            rows = org.select(query)["records"]
        except CallDeniedError:
            return Statuses()
        closed = [row["ApiName"] for row in rows if row["IsClosed"]]
        waiting = [row["ApiName"] for row in rows if not row["IsClosed"]]
        default = [row["ApiName"] for row in rows if row["IsDefault"]]
        completed = next((one for one in closed if one == "Completed"), closed[0] if closed else "Completed")
        return Statuses(
            open=(default or waiting or ["Not Started"])[0],
            completed=completed,
            cancelled=next((one for one in closed if one.lower() in _CANCELLED), completed),
        )


def seen(lookups: Lookups, records: Sequence[str], marker: str) -> list[TaskSeen]:
    """The tasks of these records whose description holds `marker`."""
    conditions = (f"IsDeleted = false AND {one}" for one in soql.among("WhoId", sorted({to18(one) for one in records})))
    rows = lookups.rows("Task", ("Id", "WhoId", "Description", "IsClosed"), conditions, deleted=True)
    return [
        TaskSeen(to18(row["Id"]), to18(row["WhoId"]), row["Description"], not row["IsClosed"])
        for row in rows
        if marker in (row["Description"] or "")
    ]


def opened(collections: Collections, zone: str, drafts: Sequence[TaskDraft]) -> list[Outcome]:
    """Make tasks, in the org's status for new ones; nothing is repeated."""
    writes = [Write(draft.ref, None, _fields(draft, zone)) for draft in drafts]
    return collections.write(Order("insert", "Task"), writes) if writes else []


def changed(collections: Collections, zone: str, statuses: Statuses, changes: Sequence[TaskChange]) -> list[Outcome]:
    """Complete, cancel or reopen tasks; a closed one reminds nobody any more."""
    words = {"open": statuses.open, "completed": statuses.completed, "cancelled": statuses.cancelled}
    writes = []
    for change in changes:
        fields: dict[str, Any] = {"Status": words[change.state]}
        if change.due_at:
            fields |= _due(change.due_at, zone)
        if change.state != "open":
            fields["IsReminderSet"] = False
        writes.append(Write(change.ref, change.id, fields))
    return collections.write(Order("update", "Task"), writes) if writes else []


def _fields(draft: TaskDraft, zone: str) -> dict[str, Any]:
    fields = {
        "WhoId": to18(draft.record),
        "Subject": draft.subject,
        "Description": draft.body,
        "Priority": "High" if draft.urgent else "Normal",
        **_due(draft.due_at, zone),
    }
    return {**fields, "OwnerId": draft.owner} if draft.owner else fields


def _due(at: datetime, zone: str) -> dict[str, Any]:
    try:
        day = at.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        day = at.date()
    return {"ActivityDate": day.isoformat(), "IsReminderSet": True, "ReminderDateTime": moments.literal(at)}

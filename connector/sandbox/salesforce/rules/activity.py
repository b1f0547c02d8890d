"""Tasks and events: what follows from their status, their times and whom they are about."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.sandbox.salesforce import times
from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.store import Row, known


def before_task(batch: Batch, change: Change) -> None:
    """Fill the closed and priority marks and the account of a task."""
    new = change.new
    new["IsClosed"] = int(_is_closed(batch, new.get("Status")))
    new["IsHighPriority"] = int(str(new.get("Priority") or "").lower() == "high")
    if change.altered("Status"):
        new["CompletedDateTime"] = batch.stamp if new["IsClosed"] else None
    if change.old is None and not new.get("TaskSubtype"):
        new["TaskSubtype"] = "Task"
    _account(batch, change)


def _is_closed(batch: Batch, status: object) -> bool:
    """Whether the org's list of statuses calls this one closed; an unknown one is open."""
    found = batch.store.db.execute("SELECT max(IsClosed) FROM TaskStatus WHERE ApiName = ?", (status,)).fetchone()[0]
    return bool(found)


def before_event(batch: Batch, change: Change) -> None:
    """Fill start, end and length of an event from one another.

    Raises:
        ApiError: the event has no start or no length.
    """
    new = change.new
    given = "StartDateTime" if "StartDateTime" in change.given else "ActivityDateTime"
    start = new.get(given) or new.get("StartDateTime")
    if start is None and new.get("ActivityDate"):
        start = f"{new['ActivityDate']}T00:00:00.000Z"
    if start is None:
        raise ApiError(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", ["ActivityDateTime"]
        )
    length = _length(change, start)
    if length is None:
        raise ApiError(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [DurationInMinutes]", ["DurationInMinutes"]
        )
    end = times.http_date(start) + timedelta(minutes=length)
    new |= {"StartDateTime": start, "ActivityDateTime": start, "ActivityDate": start[:10]}
    new |= {"EndDateTime": times.stamp(end), "EndDate": times.stamp(end)[:10], "DurationInMinutes": length}
    _account(batch, change)


def _length(change: Change, start: str) -> int | None:
    """The event's length in minutes: as given, or up to its given end."""
    new = change.new
    if "EndDateTime" in change.given and new.get("EndDateTime"):
        end: datetime = times.http_date(new["EndDateTime"])
        return int((end - times.http_date(start)).total_seconds() // 60)
    length: int | None = new.get("DurationInMinutes")
    return length


def _account(batch: Batch, change: Change) -> None:
    """The account of what or whom an activity is about."""
    if not change.given & {"WhatId", "WhoId"}:
        return
    new: Row = change.new
    what, who = new.get("WhatId"), new.get("WhoId")
    if what and what.startswith("001"):
        new["AccountId"] = what
        return
    for name, record in (("Opportunity", what), ("Contact", who)):
        sobject = known(batch.store.schema, name)
        if record and record.startswith(sobject.key_prefix):
            row = batch.store.row(sobject, record) or {}
            new["AccountId"] = row.get("AccountId")
            return
    new["AccountId"] = None

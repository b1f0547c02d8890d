"""What changed in a span of time: getUpdated and getDeleted.

`latestDateCovered` is where the next span may safely begin: not after the start of a transaction that is still
running (`Settings.hold`). Source: REST API guide, «Get Updated», «Get Deleted».
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connector.sandbox.salesforce import removal, times
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.schema import SObject

UPDATED_DAYS, MOST_IDS = 30, 600_000


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("GET", "/sobjects/{sobject}/updated", _updated)
    paths.add("GET", "/sobjects/{sobject}/deleted", _deleted)


def _updated(call: Call) -> Reply:
    sobject, start, end = _asked(call)
    if call.org.store.now() - start > timedelta(days=UPDATED_DAYS):
        raise ApiError("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    alive = call.org.layouts.of(sobject).alive
    found = call.org.store.db.execute(
        f'SELECT Id FROM "{sobject.name}" WHERE SystemModstamp >= ? AND SystemModstamp < ? {alive} '  # noqa: S608 - schema names
        "ORDER BY SystemModstamp, Id",
        (times.stamp(start), _upper(end)),
    ).fetchall()
    if len(found) > MOST_IDS:
        raise ApiError("EXCEEDED_ID_LIMIT", "The number of IDs exceeds the limit of 600000")
    return Reply({"ids": [one for (one,) in found], "latestDateCovered": _covered(call, end)})


def _deleted(call: Call) -> Reply:
    sobject, start, end = _asked(call)
    removal.purge(call.org.store)
    found = call.org.store.db.execute(
        "SELECT at, id FROM _deleted WHERE sobject = ? AND at >= ? AND at < ? ORDER BY at, id",
        (sobject.name, times.stamp(start), _upper(end)),
    )
    records = [{"deletedDate": times.answered(at), "id": one} for at, one in found]
    earliest = times.stamp(call.org.store.now() - timedelta(days=removal.BIN_DAYS))
    answer: dict[str, Any] = {"deletedRecords": records, "earliestDateAvailable": times.answered(earliest)}
    return Reply({**answer, "latestDateCovered": _covered(call, end)})


def _asked(call: Call) -> tuple[SObject, datetime, datetime]:
    """The object and the span that a call names."""
    sobject = call.sobject(call.parts["sobject"])
    if not sobject.field("SystemModstamp"):
        raise ApiError("INVALID_TYPE", f"The entity {sobject.name} is not replicateable")
    start, end = (_time(call, name) for name in ("start", "end"))
    if end <= start:
        raise ApiError("INVALID_REPLICATION_DATE", "endDate must be later than startDate")
    return sobject, start, end


def _time(call: Call, name: str) -> datetime:
    text = call.query.get(name)
    if not text:
        raise ApiError("MISSING_ARGUMENT", f"The required parameter {name} is missing")
    try:
        at = times.read_datetime(text)
    except ValueError:
        raise ApiError("INVALID_REPLICATION_DATE", f"Invalid value for the parameter {name}: {text}") from None
    return at.replace(second=0, microsecond=0) if call.org.settings.whole_minutes else at


def _upper(end: datetime) -> str:
    """The first stamp that is outside: an end within a second takes in what that second holds so far."""
    return times.stamp(end + timedelta(seconds=1)) if end.microsecond else times.stamp(end)


def _covered(call: Call, end: datetime) -> str:
    """The end of the span, no later than now and no later than where a running transaction began."""
    now = times.stamp(min(end, call.org.store.now()))
    hold = call.org.settings.hold
    return times.answered(min(now, hold) if hold else now)

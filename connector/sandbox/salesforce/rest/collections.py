"""sObject Collections: up to 200 records written, or 2,000 read, in one call, each with its own result.

Source: REST API guide, «sObject Collections»; the answers' form from recorded calls.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from connector.sandbox.salesforce import dml, errors, ids, removal, render
from connector.sandbox.salesforce.batch import Batch
from connector.sandbox.salesforce.dml import Outcome
from connector.sandbox.salesforce.errors import ApiError, json_problem
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.rest.records import asked
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Row, Undo

MOST_WRITTEN, MOST_READ, MOST_CHUNKS = 200, 2000, 10


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("POST", "/composite/sobjects", _create)
    paths.add("PATCH", "/composite/sobjects", _update)
    paths.add("DELETE", "/composite/sobjects", _delete)
    paths.add("PATCH", "/composite/sobjects/{sobject}/{field}", _upsert)
    paths.add("GET", "/composite/sobjects/{sobject}", _read)
    paths.add("POST", "/composite/sobjects/{sobject}", _read)


def _records(call: Call) -> tuple[list[Row], bool]:
    """The records of a body, and whether all or none of them are to be written."""
    body = call.object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise json_problem("The request body needs a list of records at [line:1, column:1]")
    _limit(len(records), MOST_WRITTEN)
    return records, bool(body.get("allOrNone"))


def _limit(count: int, most: int) -> None:
    if count > most:
        raise ApiError(
            "EXCEEDED_ID_LIMIT",
            f"record limit reached. cannot submit more than {most} records in this operation",
        )


def _kind(record: Row) -> str:
    return str((record.get("attributes") or {}).get("type") or "")


def _limit_chunks(records: list[Row]) -> None:
    """Raise when neighbours of one type make more than ten chunks."""
    if sum(1 for _ in groupby(records, _kind)) > MOST_CHUNKS:
        raise ApiError(
            "INVALID_INPUT",
            f"Cannot have more than {MOST_CHUNKS} chunks in a single operation. Please "
            "rearrange the data to reduce chunking.",
        )


def _typed(call: Call, record: Row) -> SObject:
    """The object of a record as its attributes say."""
    found = call.org.store.schema.sobject(_kind(record))
    if found is None or call.sight.schema.sobject(found.name) is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{_kind(record)}' is not supported.", [])
    return found


def _own_id(record: Row) -> Any:
    return next((value for name, value in record.items() if name.lower() == "id"), None)


def _create(call: Call) -> Reply:
    records, whole = _records(call)
    _limit_chunks(records)
    batch = call.batch()
    return _written(
        call, batch, records, whole, lambda record: Outcome(dml.create(batch, _typed(call, record), record))
    )


def _update(call: Call) -> Reply:
    records, whole = _records(call)
    _limit_chunks(records)
    batch = call.batch()
    twice = dml.repeated([ids.normal(_own_id(record)) for record in records])

    def write(record: Row) -> Outcome:
        own = _own_id(record)
        if own is None:
            raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call", [])
        if (ids.normal(own) or "").lower() in twice:
            raise ApiError("DUPLICATE_VALUE", f"Duplicate id specified: {own}", ["Id"])
        return Outcome(dml.update(batch, _typed(call, record), own, record))

    return _written(call, batch, records, whole, write)


def _upsert(call: Call) -> Reply:
    records, whole = _records(call)
    sobject = call.sobject(call.parts["sobject"])
    key = dml.upsert_key(call.seen(sobject.name), call.parts["field"])
    batch = call.batch()
    twice = dml.repeated([_take(record, key.name) for record in records])

    def write(record: Row) -> Outcome:
        if _kind(record) and _kind(record).lower() != sobject.name.lower():
            raise ApiError("INVALID_TYPE", "Record type does not match the type of the request", [])
        value = _take(record, key.name)
        if value is not None and str(value).lower() in {str(one) for one in twice}:
            raise ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", [key.name])
        rest = {name: one for name, one in record.items() if name.lower() != key.name.lower()}
        return dml.upsert(batch, sobject, key, value, rest)

    return _written(call, batch, records, whole, write, created=True)


def _take(record: Row, name: str) -> Any:
    return next((value for key, value in record.items() if key.lower() == name.lower()), None)


def _delete(call: Call) -> Reply:
    listed = [one.strip() for one in call.query.get("ids", "").split(",") if one.strip()]
    if not listed:
        raise ApiError("MISSING_ARGUMENT", "The ids parameter is required")
    _limit(len(listed), MOST_WRITTEN)
    batch = call.batch()
    whole = call.query.get("allOrNone", "").lower() == "true"
    records: list[Row] = [{"id": one} for one in listed]
    return _written(call, batch, records, whole, lambda record: Outcome(removal.delete_any(batch, record["id"])))


def _written(
    call: Call,
    batch: Batch,
    records: list[Row],
    whole: bool,
    write: Callable[[Row], Outcome],
    *,
    created: bool = False,
) -> Reply:
    """Write the records and tell each result, in order; `created` is told by upserts only."""
    outcomes: list[Outcome] = []
    with batch.store.attempt():
        outcomes += dml.each(records, write)
        if whole and not all(one.success for one in outcomes):
            raise Undo
    failed = whole and not all(one.success for one in outcomes)
    if failed:
        outcomes = [Outcome(errors=one.errors or [errors.rolled_back()]) for one in outcomes]
    call.wrote = sum(one.success for one in outcomes)
    return Reply([_result(one, created=created) for one in outcomes])


def _result(outcome: Outcome, *, created: bool) -> dict[str, Any]:
    if not outcome.success:
        return {"success": False, "errors": [error.row() for error in outcome.errors]}
    result: dict[str, Any] = {"id": outcome.id, "success": True, "errors": []}
    return {**result, "created": bool(outcome.created)} if created else result


def _read(call: Call) -> Reply:
    sobject = call.sobject(call.parts["sobject"])
    if call.method == "POST":
        body = call.object()
        listed, names = body.get("ids") or [], body.get("fields") or []
    else:
        listed, names = call.query.get("ids", "").split(","), call.query.get("fields", "").split(",")
    _limit(len(listed), MOST_READ)
    if not names or not names[0]:
        raise ApiError("MISSING_ARGUMENT", "The fields parameter is required")
    fields = asked(call.seen(sobject.name), names)
    shown = []
    for one in listed:
        record = ids.normal(one)
        if record is None:
            raise errors.malformed_id(str(one))
        row = call.org.store.row(sobject, record)
        gone = row is None or row.get("IsDeleted")
        shown.append(None if row is None or gone else render.record(sobject, row, call.version, fields))
    return Reply(shown)

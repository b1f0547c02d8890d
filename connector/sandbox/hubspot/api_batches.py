"""Batches of records: all or nothing, or 207 with what went well when every input carries a trace id.

Rules: HubSpot's error guide (facts §4.1). A batch update leaves the old id of a merged record out of its results
without an error, as observed by integrators.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.sandbox.hubspot import ids, records, rendering, writing
from connector.sandbox.hubspot.api_objects import given_links, given_properties, must_be_unique
from connector.sandbox.hubspot.call import MAX_BATCH, Answer, Call, batch
from connector.sandbox.hubspot.errors import VALIDATION, ApiError, missing_ids
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.records import Row
from connector.sandbox.hubspot.rendering import View
from connector.sandbox.hubspot.router import Endpoint

TRACE = "objectWriteTraceId"


@dataclass(slots=True)
class _Outcome:
    results: list[dict[str, Any]]
    errors: list[dict[str, Any]]


def _each(inputs: Sequence[Mapping[str, Any]], write: Callable[[Mapping[str, Any]], dict[str, Any] | None]) -> _Outcome:
    """Write every input; an error is an entry of the answer with trace ids, the end of the batch without."""
    traces = [one.get(TRACE) for one in inputs]
    partial = all(traces) and len(set(traces)) == len(traces)
    outcome = _Outcome([], [])
    for one, trace in zip(inputs, traces, strict=True):
        try:
            shown = write(one)
        except ApiError as error:
            if not partial:
                raise
            outcome.errors.append(error.in_batch({TRACE: [str(trace)]}))
            continue
        if shown is not None:
            outcome.results.append(shown)
    return outcome


def _answer(call: Call, outcome: _Outcome, status: int) -> Answer:
    body = batch(call.portal, outcome.results, outcome.errors)
    return Answer(body, 207 if outcome.errors else status, writes=len(outcome.results))


def _show(call: Call, object_type: ObjectType, written: writing.Written, **more: Any) -> dict[str, Any]:
    view = View(call.portal, object_type, written.names)
    return view.show(written.row, warnings=written.warnings or None, **more)


def create(call: Call) -> Answer:
    """New records."""
    object_type = call.object_type(right="write")

    def write(one: Mapping[str, Any]) -> dict[str, Any]:
        given, links = given_properties(one), given_links(one)
        written = writing.create(call.portal, object_type, given, links, call.source, call.version)
        return _show(call, object_type, written, objectWriteTraceId=one.get(TRACE))

    return _answer(call, _each(call.inputs(MAX_BATCH, "properties"), write), 201)


def read(call: Call) -> Answer:
    """Records by id or by a unique value; those that do not exist make it a 207."""
    object_type = call.object_type(right="read")
    body = call.json("inputs")
    given = list(dict.fromkeys(str(one["id"]) for one in call.inputs(MAX_BATCH, "id")))
    found = _rows(call, object_type, given, _key_name(body))
    archived = call.flag("archived")
    live = {key: row for key, row in found.items() if (row.archived > 0) == archived}
    rows = list({row.id: row for row in live.values()}.values())
    with_history = call.text_list(body, "propertiesWithHistory")
    view = View(call.portal, object_type, [*call.text_list(body, "properties"), *with_history])
    told = rendering.history(call.portal, object_type, rows, with_history) if with_history else {}
    results = [view.show(row, propertiesWithHistory=told.get(row.id)) for row in rows]
    missing = [key for key in given if key not in live]
    errors = [missing_ids(object_type.label, missing).in_batch({})] if missing else []
    return Answer(batch(call.portal, results, errors), 207 if errors else 200)


def update(call: Call) -> Answer:
    """Changes of existing records."""
    object_type = call.object_type(right="write")
    inputs = call.inputs(MAX_BATCH, "id", "properties")
    _no_doubles(inputs)
    found = _found(call, object_type, inputs)

    def write(one: Mapping[str, Any]) -> dict[str, Any] | None:
        key = str(one["id"])
        row = found.get((_key_name(one), key))
        if row is None and records.survivor(call.portal, object_type, ids.number(key) or 0):
            return None
        if row is None or row.archived:
            raise missing_ids(object_type.label, [key])
        given = given_properties(one)
        written = writing.update(call.portal, object_type, row, given, call.source, call.version)
        return _show(call, object_type, written, objectWriteTraceId=one.get(TRACE))

    return _answer(call, _each(inputs, write), 200)


def upsert(call: Call) -> Answer:
    """Changes of records addressed by a unique value, new records for values that nobody has."""
    object_type = call.object_type(right="write")
    inputs = call.inputs(MAX_BATCH, "id", "properties")
    _no_doubles(inputs)
    found = _found(call, object_type, inputs)

    def write(one: Mapping[str, Any]) -> dict[str, Any]:
        name, key = _key_name(one), str(one["id"])
        given = given_properties(one)
        row = found.get((name, key))
        if row is not None and not row.archived:
            written = writing.update(call.portal, object_type, row, given, call.source, call.version)
            return _show(call, object_type, written, new=False, objectWriteTraceId=one.get(TRACE))
        if not name or name == "hs_object_id":
            raise missing_ids(object_type.label, [key])
        given = {name: key, **given}
        written = writing.create(call.portal, object_type, given, [], call.source, call.version)
        return _show(call, object_type, written, new=True, objectWriteTraceId=one.get(TRACE))

    if any(one.get("idProperty") == "email" for one in inputs):
        # "Partial upserts are not supported when using email as idProperty" (HubSpot's contacts guide).
        inputs = [{name: value for name, value in one.items() if name != TRACE} for one in inputs]
    return _answer(call, _each(inputs, write), 200)


def archive(call: Call) -> Answer:
    """Records into the recycle bin; ids that address nothing are passed over."""
    object_type = call.object_type(right="write")
    wanted = [ids.number(one["id"]) for one in call.inputs(MAX_BATCH, "id")]
    rows = records.fetch(call.portal, object_type, [key for key in wanted if key is not None])
    live = [row for row in rows.values() if not row.archived]
    for row in live:
        writing.archive(call.portal, object_type, row, call.source)
    return Answer(status=204, writes=len(live))


def _no_doubles(inputs: Sequence[Mapping[str, Any]]) -> None:
    counted = Counter(str(one["id"]) for one in inputs)
    doubles = [key for key, times in counted.items() if times > 1]
    if doubles:
        text = f"Duplicate IDs found in batch input: [{', '.join(doubles)}]. IDs must be unique"
        raise ApiError(400, text, VALIDATION, {"context": {"ids": doubles}})


def _found(
    call: Call, object_type: ObjectType, inputs: Sequence[Mapping[str, Any]]
) -> dict[tuple[str | None, str], Row]:
    """The rows that the inputs address, under (idProperty, id) as given."""
    keys: dict[str | None, list[str]] = {}
    for one in inputs:
        keys.setdefault(_key_name(one), []).append(str(one["id"]))
    return {
        (name, key): row for name, wanted in keys.items() for key, row in _rows(call, object_type, wanted, name).items()
    }


def _key_name(body: Mapping[str, Any]) -> str | None:
    """The `idProperty` of an input or a body."""
    given = body.get("idProperty")
    return str(given) if given else None


def _rows(call: Call, object_type: ObjectType, keys: Sequence[str], name: str | None) -> dict[str, Row]:
    portal = call.portal
    if name and name != "hs_object_id":
        must_be_unique(call, object_type, name)
        wanted = {key: records.by_value(portal, object_type, name, key) for key in keys}
    else:
        wanted = {key: ids.number(key) for key in keys}
    rows = records.fetch(portal, object_type, [one for one in wanted.values() if one is not None])
    return {key: rows[record_id] for key, record_id in wanted.items() if record_id in rows}


ENDPOINTS = [
    Endpoint("POST", "objects", "/{type}/batch/create", create),
    Endpoint("POST", "objects", "/{type}/batch/read", read),
    Endpoint("POST", "objects", "/{type}/batch/update", update),
    Endpoint("POST", "objects", "/{type}/batch/upsert", upsert),
    Endpoint("POST", "objects", "/{type}/batch/archive", archive),
]

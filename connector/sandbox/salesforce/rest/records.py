"""One record at a time: create, read, update, upsert by external id, delete, with conditional headers.

Source of the conditional headers: REST API guide, «Conditional Requests»; entity tags exist for accounts only.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from connector.sandbox.salesforce import dml, errors, ids, removal, render, times
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row
from connector.sandbox.salesforce.values import convert


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("POST", "/sobjects/{sobject}", _create)
    paths.add("GET", "/sobjects/{sobject}/{id}", _read)
    paths.add("PATCH", "/sobjects/{sobject}/{id}", _update)
    paths.add("DELETE", "/sobjects/{sobject}/{id}", _delete)
    paths.add("GET", "/sobjects/{sobject}/{field}/{value}", _read_by_key)
    paths.add("PATCH", "/sobjects/{sobject}/{field}/{value}", _upsert)
    paths.add("DELETE", "/sobjects/{sobject}/{field}/{value}", _delete_by_key)


def _create(call: Call) -> Reply:
    sobject = call.sobject(call.parts["sobject"])
    record = dml.create(call.batch(), sobject, call.object())
    return _created(call, sobject, record)


def _created(call: Call, sobject: SObject, record: str, extra: Row | None = None) -> Reply:
    call.wrote = 1
    location = f"/services/data/v{call.version}/sobjects/{sobject.name}/{record}"
    body = {"id": record, "success": True, "errors": [], **(extra or {})}
    return Reply(body, 201, {"Location": location})


def _read(call: Call) -> Reply:
    sobject = call.seen(call.parts["sobject"])
    record = ids.normal(call.parts["id"])
    if record is None:
        raise ApiError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {call.parts['id']}",
            status=404,
        )
    row = call.org.store.row(call.sobject(sobject.name), record)
    if row is None:
        raise errors.not_found()
    if row.get("IsDeleted"):
        raise errors.deleted()
    return _shown(call, sobject, row)


def _shown(call: Call, sobject: SObject, row: Row) -> Reply:
    headers = _tags(sobject, row)
    if _unmodified(call, sobject, row):
        return Reply(None, 304, headers)
    fields = None
    if "fields" in call.query:
        fields = asked(sobject, call.query["fields"].split(","))
    return Reply(render.record(sobject, row, call.version, fields), 200, headers)


def asked(sobject: SObject, names: list[str]) -> list[Field]:
    """The fields a client named.

    Raises:
        ApiError: INVALID_FIELD, one does not exist.
    """
    found = []
    for name in names:
        field = sobject.field(name.strip())
        if field is None:
            raise ApiError(
                "INVALID_FIELD",
                f"No such column '{name.strip()}' on entity '{sobject.name}'. If you are attempting to use a custom "
                "field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
                "describe call for the appropriate names.",
            )
        found.append(field)
    return found


def _update(call: Call) -> Reply:
    sobject = call.sobject(call.parts["sobject"])
    batch = call.batch()
    raw = call.object()
    row = dml.living(batch, sobject, call.parts["id"])
    _refuse_stale(call, sobject, row)
    if any(name.lower() == "id" for name in raw):
        raise ApiError("INVALID_FIELD", "The Id field should not be specified in the sobject data.", ["Id"])
    dml.update(batch, sobject, row["Id"], raw)
    call.wrote = 1
    return Reply(None, 204)


def _delete(call: Call) -> Reply:
    sobject = call.sobject(call.parts["sobject"])
    removal.delete(call.batch(), sobject, call.parts["id"])
    call.wrote = 1
    return Reply(None, 204)


def _holder(call: Call, sobject: SObject) -> Row:
    """The row whose external id the path names."""
    batch = call.batch()
    key = dml.upsert_key(call.seen(sobject.name), call.parts["field"])
    holders = dml.with_key(batch, sobject, key, convert(key, call.parts["value"]))
    if len(holders) > 1:
        raise _several(call, sobject, holders)
    row = call.org.store.row(sobject, holders[0]) if holders else None
    if row is None:
        raise errors.not_found()
    return row


def _read_by_key(call: Call) -> Reply:
    sobject = call.sobject(call.parts["sobject"])
    return _shown(call, call.seen(sobject.name), _holder(call, sobject))


def _delete_by_key(call: Call) -> Reply:
    sobject = call.sobject(call.parts["sobject"])
    removal.delete(call.batch(), sobject, _holder(call, sobject)["Id"])
    call.wrote = 1
    return Reply(None, 204)


def _upsert(call: Call) -> Reply:
    sobject = call.sobject(call.parts["sobject"])
    key = dml.upsert_key(call.seen(sobject.name), call.parts["field"])
    raw = call.object()
    for name in raw:
        if name.lower() in ("id", key.name.lower()):
            raise ApiError(
                "INVALID_FIELD", f"The {name} field should not be specified in the sobject data.", [key.name]
            )
    batch = call.batch()
    if call.query.get("updateOnly") == "true":
        _holder(call, sobject)
    try:
        outcome = dml.upsert(batch, sobject, key, call.parts["value"], raw)
    except ApiError as error:
        raise (_several(call, sobject, error.extra["holders"]) if error.status == 300 else error) from None  # noqa: PLR2004 - «300 Multiple Choices»
    assert outcome.id is not None
    if outcome.created:
        return _created(call, sobject, outcome.id, {"created": True})
    call.wrote = 1
    return Reply({"id": outcome.id, "success": True, "errors": [], "created": False})


def _several(call: Call, sobject: SObject, holders: list[str]) -> ApiError:
    urls = [f"/services/data/v{call.version}/sobjects/{sobject.name}/{one}" for one in holders]
    return ApiError("DUPLICATE_EXTERNAL_ID", "several records", status=300, extra={"urls": urls})


def _tags(sobject: SObject, row: Row) -> dict[str, str]:
    stored = row.get("LastModifiedDate")
    if not stored:
        return {}
    headers = {"Last-Modified": format_datetime(times.http_date(stored), usegmt=True)}
    if sobject.name == "Account":
        headers["ETag"] = _etag(row)
    return headers


def _etag(row: Row) -> str:
    digest = hashlib.sha256(f"{row['Id']}{row['SystemModstamp']}{row}".encode()).hexdigest()[:24]
    return f'"{digest}"'


def _unmodified(call: Call, sobject: SObject, row: Row) -> bool:
    """Whether a conditional read may be answered by 304."""
    tag = call.headers.get("if-none-match")
    if tag and sobject.name == "Account":
        return _etag(row) in tag
    since = since_header(call, "if-modified-since")
    stored = row.get("LastModifiedDate")
    return bool(since and stored and times.http_date(stored) <= since)


def since_header(call: Call, name: str) -> datetime | None:
    """The time in a conditional header, None without the header.

    Raises:
        ApiError: 400, the value is no HTTP date.
    """
    text = call.headers.get(name)
    if not text:
        return None
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        raise ApiError("INVALID_HEADER", f"invalid value of the header {name}: {text}") from None


def _refuse_stale(call: Call, sobject: SObject, row: Row) -> None:
    """Raise 412 when the record changed since the client's copy."""
    tag = call.headers.get("if-match")
    stale = bool(tag and sobject.name == "Account" and _etag(row) not in tag and tag.strip() != "*")
    since = since_header(call, "if-unmodified-since")
    if since and times.http_date(row["LastModifiedDate"]) > since:
        stale = True
    if stale:
        raise ApiError("PRECONDITION_FAILED", "The record has been modified since it was read", status=412)

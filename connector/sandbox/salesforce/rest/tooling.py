"""The Tooling API: query and single components, for custom fields, custom objects and validation rules.

Source: Tooling API guide, «CustomField», «ValidationRule», «EntityDefinition»; other objects of a tooling query
are those of the REST API.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import orjson

from connector.sandbox.salesforce import access, customize, ids
from connector.sandbox.salesforce.errors import ApiError, not_found
from connector.sandbox.salesforce.http import Call, Paths, Reply
from connector.sandbox.salesforce.metadata import catalogue, components, fields, objects
from connector.sandbox.salesforce.metadata.components import Component
from connector.sandbox.salesforce.metadata.reading import MetadataError
from connector.sandbox.salesforce.rest.query import select
from connector.sandbox.salesforce.soql import Result, SoqlError, run

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE).search
_KINDS = {one.lower(): one for one in (components.FIELD, components.RULE, components.OBJECT)}
_SCHEMA = catalogue.schema()


def add_to(paths: Paths) -> None:
    """Enter these resources into the table of paths."""
    paths.add("GET", "/tooling/query", _query)
    paths.add("POST", "/tooling/sobjects/{type}", _create)
    paths.add("GET", "/tooling/sobjects/{type}/{id}", _read)
    paths.add("PATCH", "/tooling/sobjects/{type}/{id}", _update)
    paths.add("DELETE", "/tooling/sobjects/{type}/{id}", _delete)


def _query(call: Call) -> Reply:
    soql = call.query.get("q")
    if not soql:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    name = _FROM(soql)
    if name is None or _SCHEMA.sobject(name[1]) is None:
        result = select(call, soql, include_deleted=False)
        return Reply(_page(result, list(result.rows)))
    access.need(call.org.store, call.user, "ViewSetup", "CustomizeApplication", "ModifyAllData")
    with closing(catalogue.filled(call.org.store, _SCHEMA)) as db:
        try:
            result = run(soql, schema=_SCHEMA, db=db, now=call.org.store.clock.now(), version=call.version)
        except SoqlError as error:
            raise ApiError(error.code, error.message) from None
        single = any(column.name in catalogue.SINGLE for column in result.columns)
        if single and result.total_size > 1:
            raise ApiError(
                "MALFORMED_QUERY",
                "When retrieving results with Metadata or FullName fields, the query qualifications must specify no "
                f"more than one row for retrieval. Result size: {result.total_size}",
            )
        return Reply(_page(result, [_unpacked(record) for record in result.rows]))


def _page(result: Result, records: list[dict[str, Any]]) -> dict[str, Any]:
    name = result.sobject.name
    return {
        "size": len(records),
        "totalSize": result.total_size,
        "done": True,
        "queryLocator": None,
        "entityTypeName": name,
        "records": records,
    }


def _unpacked(record: dict[str, Any]) -> dict[str, Any]:
    """A record with its metadata as JSON, and its address below `tooling`."""
    if record.get("Metadata"):
        record["Metadata"] = orjson.loads(record["Metadata"])
    attributes = record.get("attributes")
    if attributes and "url" in attributes:
        attributes["url"] = attributes["url"].replace("/sobjects/", "/tooling/sobjects/")
    return record


def _kind(call: Call) -> str:
    found = _KINDS.get(call.parts["type"].lower())
    if found is None:
        raise not_found()
    return found


def _find(call: Call) -> Component:
    kind, number = _kind(call), ids.normal(call.parts["id"])
    found = next((one for one in components.listed(call.org.store, kind) if one.id == number), None)
    if found is None:
        raise not_found()
    return found


def _put(call: Call, kind: str, name: str, metadata: Any) -> str:
    """Bring a field or rule to this metadata; gives its id."""
    if not isinstance(metadata, dict) or kind == components.OBJECT:
        raise ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {kind}")
    given = {key: value for key, value in metadata.items() if value is not None and key != "urls"}
    put = fields.put_field if kind == components.FIELD else fields.put_rule
    try:
        placed = put(call.org.store, name, given)
    except MetadataError as error:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", error.message, []) from None
    return str(placed.id)


def _create(call: Call) -> Reply:
    kind = _kind(call)
    access.need(call.org.store, call.user, "CustomizeApplication", "ModifyAllData")
    body = call.object()
    name = str(body.get("FullName") or "")
    sobject = call.org.store.schema.sobject(name.partition(".")[0])
    taken = kind == components.FIELD and sobject is not None and sobject.field(name.partition(".")[2])
    if taken or components.find(call.org.store, kind, name):
        text = f"There is already a {kind} named {name}."
        raise ApiError("DUPLICATE_DEVELOPER_NAME", text, ["DeveloperName"])
    number = _put(call, kind, name, body.get("Metadata"))
    return Reply({"id": number, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


def _read(call: Call) -> Reply:
    access.need(call.org.store, call.user, "ViewSetup", "CustomizeApplication", "ModifyAllData")
    component = _find(call)
    row = next((one for one in catalogue.rows(call.org.store, component.type) if one["Id"] == component.id), None)
    if row is None:
        raise not_found()
    url = f"/services/data/v{call.version}/tooling/sobjects/{component.type}/{component.id}"
    return Reply({"attributes": {"type": component.type, "url": url}, **_unpacked(dict(row))})


def _update(call: Call) -> Reply:
    access.need(call.org.store, call.user, "CustomizeApplication", "ModifyAllData")
    component = _find(call)
    _put(call, component.type, component.name, call.object().get("Metadata"))
    return Reply(None, 204)


def _delete(call: Call) -> Reply:
    access.need(call.org.store, call.user, "CustomizeApplication", "ModifyAllData")
    component = _find(call)
    try:
        objects.delete(call.batch(), component.type, component.name)
    except MetadataError as error:
        raise ApiError("DELETE_FAILED", error.message, []) from None
    customize.mark_changed(call.org.store)
    return Reply(None, 204)

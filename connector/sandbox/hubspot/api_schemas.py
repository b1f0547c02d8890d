"""Custom object types over HTTP (Enterprise only): facts §11."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from connector.sandbox.hubspot import instants
from connector.sandbox.hubspot.api_labels import new_types
from connector.sandbox.hubspot.api_properties import add, make, shown, within_limit
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError, fields_not_set, malformed, missing_scopes
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.router import Endpoint

FIRST_TYPE, FIRST_RECORD = 53_000_001, 60_000_000_001
ACTIVITIES = ("0-27", "0-46", "0-47", "0-48", "0-49")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def _enter(call: Call, right: str) -> None:
    scope = f"crm.schemas.custom.{right}"
    if call.portal.tier != "enterprise":
        raise missing_scopes([scope])
    call.need(scope)


def _find(call: Call) -> tuple[ObjectType, dict[str, Any]]:
    given = call.params["type"]
    object_type = call.portal.types.find(given)
    schema = call.portal.schemas.get(object_type.type_id) if object_type else None
    if object_type is None or schema is None:
        raise ApiError(404, f"Object type {given} does not exist", "OBJECT_NOT_FOUND")
    return object_type, schema


def _shown(portal: Portal, schema: dict[str, Any], *, whole: bool = True) -> dict[str, Any]:
    key = schema["type"]["type_id"]
    body = {name: value for name, value in schema.items() if name != "type"}
    if not whole:
        return {name: value for name, value in body.items() if name != "associations"}
    object_type = portal.types.find(key)
    assert object_type is not None
    live = [prop for prop in portal.properties[key].values() if prop.archived_at is None]
    return {**body, "properties": [shown(portal, object_type, prop) for prop in live]}


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what only the sandbox knows of it."""
    return {name: value for name, value in schema.items() if name != "type"}


def list_all(call: Call) -> Answer:
    """Every custom object type."""
    _enter(call, "read")
    if call.flag("archived"):
        archived = [{**one, "archived": True, "properties": []} for one in call.portal.archived_schemas.values()]
        return Answer({"results": [_bare(one) for one in archived]})
    return Answer({"results": [_shown(call.portal, one) for one in call.portal.schemas.values()]})


def read(call: Call) -> Answer:
    """One custom object type."""
    _enter(call, "read")
    return Answer(_shown(call.portal, _find(call)[1]))


def create(call: Call) -> Answer:
    """A new custom object type with its properties and associations."""
    _enter(call, "write")
    portal, body = call.portal, call.json("name", "labels", "requiredProperties", "properties", "associatedObjects")
    name = str(body["name"])
    _allowed(portal, name)
    number = portal.store.next_id("object type", FIRST_TYPE)
    key = f"2-{number}"
    object_type = ObjectType(
        type_id=key,
        name=name,
        plural=f"p_{name}",
        scope="crm.objects.custom",
        searchable=tuple(body.get("searchableProperties") or ()),
        first_id=FIRST_RECORD + (number - FIRST_TYPE) * 1_000_000_000,
        qualified_name=f"p{portal.portal_id}_{name}",
    )
    targets = [_target(portal, str(given)) for given in body["associatedObjects"]]
    made = [make(portal, object_type, one, f"{name}_information") for one in body["properties"]]
    _known_names(body, {prop.name for prop in made})
    within_limit(portal, object_type, made)
    portal.types.add(object_type)
    portal.fresh_type(object_type)
    add(portal, object_type, made)
    portal.schemas[key] = _schema(portal, object_type, body, number)
    portal.schemas[key]["associations"] = [
        one for target in [*targets, *ACTIVITIES] for one in _associate(portal, key, target)
    ]
    portal.store.put("schemas", portal.schemas)
    return Answer(_shown(portal, portal.schemas[key]), 201)


def _allowed(portal: Portal, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ApiError(400, f"Object name {name} must begin with a letter and hold letters, digits and _ only")
    if portal.types.find(name) is not None:
        raise ApiError(409, f"An object type named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
    if any(one["name"] == name for one in portal.archived_schemas.values()):
        raise ApiError(409, f"An archived object type is named '{name}'.", "OBJECT_ALREADY_EXISTS")
    if len(portal.schemas) >= portal.most_types:
        raise ApiError(400, f"The account has its {portal.most_types} custom object types already")


def _target(portal: Portal, given: str) -> str:
    found = portal.types.find(given)
    if found is None:
        raise ApiError(400, f"Unable to infer object type from: {given}", None)
    return found.type_id


def _known_names(body: dict[str, Any], names: set[str]) -> None:
    wanted = [*body.get("requiredProperties", ()), *(body.get("searchableProperties") or ())]
    wanted += [*(body.get("secondaryDisplayProperties") or ())]
    wanted += [body["primaryDisplayProperty"]] if body.get("primaryDisplayProperty") else []
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise ApiError(400, f"The schema names properties that it does not define: {', '.join(unknown)}")


def _schema(portal: Portal, object_type: ObjectType, body: dict[str, Any], number: int) -> dict[str, Any]:
    if not isinstance(body["labels"], dict):
        raise malformed("Cannot deserialize value of type ObjectTypeDefinitionLabels")
    at = instants.shown(portal.now())
    return {
        "type": asdict(object_type),
        "id": str(number),
        "objectTypeId": object_type.type_id,
        "fullyQualifiedName": object_type.qualified_name,
        "name": object_type.name,
        "labels": body["labels"],
        "description": str(body.get("description") or ""),
        "primaryDisplayProperty": body.get("primaryDisplayProperty") or "hs_object_id",
        "secondaryDisplayProperties": list(body.get("secondaryDisplayProperties") or ()),
        "searchableProperties": list(body.get("searchableProperties") or ()),
        "requiredProperties": list(body["requiredProperties"]),
        "allowsSensitiveProperties": bool(body.get("allowsSensitiveProperties")),
        "archived": False,
        "createdAt": at,
        "updatedAt": at,
        "associations": [],
    }


def _associate(portal: Portal, source: str, target: str) -> list[dict[str, Any]]:
    at = instants.shown(portal.now())
    return [
        {
            "id": str(kind.type_id),
            "fromObjectTypeId": kind.source,
            "toObjectTypeId": kind.target,
            "name": f"{kind.source}_to_{kind.target}",
            "createdAt": at,
            "updatedAt": at,
        }
        for kind in new_types(portal, source, target, None, None)
    ]


def change(call: Call) -> Answer:
    """Change a type's labels and the roles of its properties; the name stays."""
    _enter(call, "write")
    object_type, schema = _find(call)
    body = call.json()
    named = {"requiredProperties": [], **body}
    _known_names(named, set(call.portal.properties[object_type.type_id]))
    names = (
        "labels",
        "description",
        "primaryDisplayProperty",
        "secondaryDisplayProperties",
        "searchableProperties",
        "requiredProperties",
    )
    schema.update({name: body[name] for name in names if body.get(name) is not None})
    if body.get("clearDescription"):
        schema["description"] = ""
    schema["updatedAt"] = instants.shown(call.portal.now())
    call.portal.store.put("schemas", call.portal.schemas)
    return Answer(_shown(call.portal, schema, whole=False))


def delete(call: Call) -> Answer:
    """Archive a type that has no records; with `archived=true` remove an archived one, which frees its name."""
    _enter(call, "write")
    portal = call.portal
    if call.flag("archived"):
        return _purge(call)
    object_type, schema = _find(call)
    used = portal.store.db.execute(
        "SELECT 1 FROM record WHERE object = ? AND archived = 0 LIMIT 1", (object_type.type_id,)
    ).fetchone()
    if used:
        raise ApiError(400, f"Object type {object_type.name} still has records")
    del portal.schemas[object_type.type_id]
    portal.types.remove(object_type)
    portal.archived_schemas[object_type.type_id] = schema
    portal.store.put("schemas", portal.schemas)
    portal.store.put("archived schemas", portal.archived_schemas)
    return Answer(status=204)


def _purge(call: Call) -> Answer:
    """Remove an archived type for good."""
    given, kept = call.params["type"], call.portal.archived_schemas
    key = next((key for key, one in kept.items() if given in (key, one["name"], one["fullyQualifiedName"])), None)
    if key is None:
        raise ApiError(404, f"Object type {given} is not archived", "OBJECT_NOT_FOUND")
    del kept[key]
    call.portal.store.put("archived schemas", kept)
    return Answer(status=204)


def associate(call: Call) -> Answer:
    """Let two types be linked."""
    _enter(call, "write")
    object_type, schema = _find(call)
    body = call.json("fromObjectTypeId", "toObjectTypeId")
    pair = [_target(call.portal, str(body[name])) for name in ("fromObjectTypeId", "toObjectTypeId")]
    if object_type.type_id not in pair:
        raise fields_not_set(["fromObjectTypeId"])
    added = _associate(call.portal, *pair)
    schema["associations"] += added
    call.portal.store.put("schemas", call.portal.schemas)
    return Answer(added[0], 201)


ENDPOINTS = [
    Endpoint("GET", "schemas", "", list_all),
    Endpoint("POST", "schemas", "", create),
    Endpoint("GET", "schemas", "/{type}", read),
    Endpoint("PATCH", "schemas", "/{type}", change),
    Endpoint("DELETE", "schemas", "/{type}", delete),
    Endpoint("POST", "schemas", "/{type}/associations", associate),
]

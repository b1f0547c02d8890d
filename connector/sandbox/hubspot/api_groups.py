"""Property groups over HTTP."""

from __future__ import annotations

from typing import Any

from connector.sandbox.hubspot.api_properties import schema_type
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.router import Endpoint


def _find(call: Call, object_type: ObjectType) -> dict[str, Any]:
    name = call.params["group"]
    group = call.portal.groups[object_type.type_id].get(name)
    if group is None:
        raise ApiError(404, f"Property group {name} does not exist", "OBJECT_NOT_FOUND")
    return group


def list_all(call: Call) -> Answer:
    """Every group of a type."""
    groups = call.portal.groups[schema_type(call, "read").type_id].values()
    return Answer({"results": [{**group, "archived": False} for group in groups]})


def read(call: Call) -> Answer:
    """One group."""
    return Answer({**_find(call, schema_type(call, "read")), "archived": False})


def create(call: Call) -> Answer:
    """A new group: 409 when its name is taken."""
    object_type = schema_type(call, "write")
    body = call.json("name", "label")
    name, groups = str(body["name"]), call.portal.groups[object_type.type_id]
    if name in groups:
        text = f"A property group named '{name}' already exists."
        raise ApiError(409, text, "OBJECT_ALREADY_EXISTS")
    groups[name] = {"name": name, "label": str(body["label"]), "displayOrder": int(body.get("displayOrder", -1))}
    call.portal.keep_definitions(object_type.type_id)
    return Answer({**groups[name], "archived": False}, 201)


def change(call: Call) -> Answer:
    """Another label or place for a group."""
    object_type = schema_type(call, "write")
    group, body = _find(call, object_type), call.json()
    group.update({name: body[name] for name in ("label", "displayOrder") if body.get(name) is not None})
    call.portal.keep_definitions(object_type.type_id)
    return Answer({**group, "archived": False})


def delete(call: Call) -> Answer:
    """Remove a group that holds no property."""
    object_type = schema_type(call, "write")
    name = _find(call, object_type)["name"]
    held = [
        prop.name
        for prop in call.portal.properties[object_type.type_id].values()
        if prop.group == name and prop.archived_at is None
    ]
    if held:
        raise ApiError(400, f"Property group {name} still holds {len(held)} properties")
    del call.portal.groups[object_type.type_id][name]
    call.portal.keep_definitions(object_type.type_id)
    return Answer(status=204)


ENDPOINTS = [
    Endpoint("GET", "properties", "/{type}/groups", list_all),
    Endpoint("POST", "properties", "/{type}/groups", create),
    Endpoint("GET", "properties", "/{type}/groups/{group}", read),
    Endpoint("PATCH", "properties", "/{type}/groups/{group}", change),
    Endpoint("DELETE", "properties", "/{type}/groups/{group}", delete),
]

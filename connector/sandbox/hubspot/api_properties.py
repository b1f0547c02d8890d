"""Properties and their groups over HTTP.

Shapes and texts: facts §7. Archiving a property keeps its values; creating it again brings it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connector.sandbox.hubspot import instants
from connector.sandbox.hubspot.call import Answer, Call, batch
from connector.sandbox.hubspot.errors import ApiError, fields_not_set, malformed, missing_ids
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.pipelines import PIPELINED, as_options
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.router import Endpoint
from connector.sandbox.hubspot.standard import Property, option

TYPES = {"bool", "date", "datetime", "enumeration", "number", "phone_number", "string"}
FIELD_TYPES = {
    "booleancheckbox",
    "calculation_equation",
    "checkbox",
    "date",
    "file",
    "html",
    "number",
    "phonenumber",
    "radio",
    "select",
    "text",
    "textarea",
}
MAX_UNIQUE = 10
"""Unique properties of one object type (HubSpot's properties guide)."""
KEPT = ("numberDisplayHint", "textDisplayHint", "currencyPropertyName", "calculationFormula", "dateDisplayHint")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def schema_type(call: Call, right: str) -> ObjectType:
    """The type that a path names, for a token that may read or write its definitions."""
    object_type = call.object_type()
    scope = "custom" if object_type.custom else object_type.scope.rpartition(".")[2]
    if right == "read":
        call.need(f"crm.schemas.{scope}.read", f"crm.objects.{scope}.read")
    else:
        # Leads and activities have no schema scope of their own in the published contracts.
        call.need(f"crm.schemas.{scope}.write", *([f"crm.objects.{scope}.write"] if scope == "leads" else []))
    return object_type


def shown(portal: Portal, object_type: ObjectType, prop: Property) -> dict[str, Any]:
    """A property as the API gives it; pipelines and stages appear as its options."""
    body = prop.shown()
    if prop.name in PIPELINED.get(object_type.type_id, ()):
        known = portal.pipelines[object_type.type_id]
        is_pipeline = prop.name == PIPELINED[object_type.type_id][0]
        items = known if is_pipeline else [stage for one in known for stage in one["stages"]]
        body["options"] = as_options(items)
    return body


def _find(call: Call, object_type: ObjectType, name: str, *, archived: bool = False) -> Property:
    prop = call.portal.properties[object_type.type_id].get(name)
    if prop is None or (prop.archived_at is not None) != archived:
        context = {"context": {"propertyName": [name]}}
        raise ApiError(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND", context)
    return prop


def list_all(call: Call) -> Answer:
    """Every property of a type."""
    object_type = schema_type(call, "read")
    archived = call.flag("archived")
    found = call.portal.properties[object_type.type_id].values()
    kept = [prop for prop in found if (prop.archived_at is not None) == archived]
    return Answer({"results": [shown(call.portal, object_type, prop) for prop in kept]})


def read(call: Call) -> Answer:
    """One property."""
    object_type = schema_type(call, "read")
    prop = _find(call, object_type, call.params["name"], archived=call.flag("archived"))
    return Answer(shown(call.portal, object_type, prop))


def create(call: Call) -> Answer:
    """A new property, or an archived one brought back."""
    object_type = schema_type(call, "write")
    prop = make(call.portal, object_type, call.json())
    add(call.portal, object_type, [prop])
    return Answer(shown(call.portal, object_type, prop), 201)


def create_many(call: Call) -> Answer:
    """New properties, all or none."""
    object_type = schema_type(call, "write")
    made = [make(call.portal, object_type, one) for one in call.inputs()]
    add(call.portal, object_type, made)
    return Answer(batch(call.portal, [shown(call.portal, object_type, prop) for prop in made]), 201)


def read_many(call: Call) -> Answer:
    """Properties by name; those that do not exist make it a 207."""
    object_type = schema_type(call, "read")
    archived = bool(call.json("inputs").get("archived"))
    names = [str(one["name"]) for one in call.inputs(100, "name")]
    known = call.portal.properties[object_type.type_id]
    found = [known[name] for name in names if name in known and (known[name].archived_at is not None) == archived]
    missing = [name for name in names if known.get(name) not in found]
    errors = [missing_ids("PROPERTY", missing).in_batch({})] if missing else []
    results = [shown(call.portal, object_type, prop) for prop in found]
    return Answer(batch(call.portal, results, errors), 207 if errors else 200)


def change(call: Call) -> Answer:
    """Change a property's texts or options; given options replace the whole list."""
    object_type = schema_type(call, "write")
    prop = _find(call, object_type, call.params["name"])
    body = call.json()
    if prop.defined_by_hubspot and set(body) - {"options", "label", "description"}:
        raise ApiError(400, f"Property {prop.name} is defined by HubSpot and cannot be changed so")
    prop.label = str(body.get("label", prop.label))
    prop.description = str(body.get("description", prop.description))
    prop.group = _group(call.portal, object_type, str(body.get("groupName", prop.group)))
    prop.type = str(body.get("type", prop.type))
    prop.field_type = str(body.get("fieldType", prop.field_type))
    prop.hidden = bool(body.get("hidden", prop.hidden))
    prop.order = int(body.get("displayOrder", prop.order))
    prop.form_field = bool(body.get("formField", prop.form_field))
    if body.get("options") is not None:
        prop.options = _options(body["options"])
    prop.updated_at = instants.shown(call.portal.now())
    call.portal.keep_definitions(object_type.type_id)
    return Answer(shown(call.portal, object_type, prop))


def archive(call: Call) -> Answer:
    """Archive one property."""
    object_type = schema_type(call, "write")
    _archive(call, object_type, [call.params["name"]])
    return Answer(status=204)


def archive_many(call: Call) -> Answer:
    """Archive properties."""
    object_type = schema_type(call, "write")
    _archive(call, object_type, [str(one["name"]) for one in call.inputs(100, "name")])
    return Answer(status=204)


def _archive(call: Call, object_type: ObjectType, names: list[str]) -> None:
    known = call.portal.properties[object_type.type_id]
    props = [known[name] for name in names if name in known and known[name].archived_at is None]
    for prop in props:
        if prop.defined_by_hubspot:
            raise ApiError(
                400,
                f"Property {prop.name} is defined by HubSpot and cannot be deleted",
                extra={"subCategory": "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"},
            )
    for prop in props:
        prop.archived_at = instants.shown(call.portal.now())
    call.portal.keep_definitions(object_type.type_id)


def make(portal: Portal, object_type: ObjectType, body: Mapping[str, Any], group: str = "") -> Property:
    """A property from its JSON form, checked but not yet added.

    Raises:
        ApiError: 400 for a definition that HubSpot refuses, 409 for a name that is taken.
    """
    given = {"groupName": group, **body} if group else body
    needed = ("groupName", "name", "label", "type", "fieldType")
    lacking = [name for name in needed if not isinstance(given.get(name), str) or not given[name]]
    if lacking:
        raise fields_not_set(lacking)
    name = given["name"]
    known = portal.properties.get(object_type.type_id, {})
    if name in known and known[name].archived_at is None:
        extra = {"subCategory": "Properties.PROPERTY_WITH_NAME_EXISTS", "context": {"name": [name]}}
        raise ApiError(409, f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS", extra)
    if not _NAME.fullmatch(name):
        raise ApiError(400, f"Property name {name} must begin with a letter and hold a-z, 0-9 and _ only")
    if given["type"] not in TYPES or given["fieldType"] not in FIELD_TYPES:
        raise malformed(f"Cannot deserialize type {given['type']} with fieldType {given['fieldType']}")
    options = _options(given.get("options") or [])
    if given["type"] == "enumeration" and not options and not given.get("externalOptions"):
        raise ApiError(400, f"Property {name} is an enumeration and needs options")
    at = instants.shown(portal.now())
    return Property(
        name=name,
        label=given["label"],
        type=given["type"],
        field_type=given["fieldType"],
        group=group or _group(portal, object_type, given["groupName"]),
        description=str(given.get("description") or ""),
        options=options,
        unique=bool(given.get("hasUniqueValue")),
        calculated=given["fieldType"] == "calculation_equation",
        read_only=given["fieldType"] == "calculation_equation",
        hidden=bool(given.get("hidden")),
        owner=given.get("referencedObjectType") == "OWNER",
        free_options=bool(given.get("externalOptions")),
        currency=bool(given.get("showCurrencySymbol")),
        form_field=bool(given.get("formField")),
        order=int(given.get("displayOrder", -1)),
        created_at=known[name].created_at if name in known else at,
        updated_at=at,
        extra={key: given[key] for key in KEPT if given.get(key) is not None},
    )


def within_limit(portal: Portal, object_type: ObjectType, made: list[Property]) -> None:
    """Refuse more properties, or more unique ones, than a type may have.

    Raises:
        ApiError: 400.
    """
    known = portal.properties.get(object_type.type_id, {})
    unique = {prop.name for prop in (*known.values(), *made) if prop.unique and prop.archived_at is None}
    if len(unique) > MAX_UNIQUE:
        raise ApiError(400, f"{object_type.label} can have at most {MAX_UNIQUE} unique properties")
    if own_properties({**known, **{prop.name: prop for prop in made}}.values()) > portal.most_properties:
        raise ApiError(400, f"{object_type.label} can have at most {portal.most_properties} custom properties")


def own_properties(known: Iterable[Property]) -> int:
    """How many properties the account made itself and has not archived."""
    return sum(not prop.defined_by_hubspot and prop.archived_at is None for prop in known)


def add(portal: Portal, object_type: ObjectType, made: list[Property]) -> None:
    """Add checked properties to a type.

    Raises:
        ApiError: 400 when the type would have more properties than HubSpot allows.
    """
    within_limit(portal, object_type, made)
    portal.properties[object_type.type_id].update({prop.name: prop for prop in made})
    portal.keep_definitions(object_type.type_id)


def _options(given: Any) -> list[dict[str, Any]]:
    try:
        options = [
            {
                **option(
                    str(one["value"]),
                    str(one["label"]),
                    int(one.get("displayOrder", order)),
                    hidden=bool(one.get("hidden")),
                ),
                **({"description": one["description"]} if one.get("description") else {}),
            }
            for order, one in enumerate(given)
        ]
    except (TypeError, KeyError, ValueError):
        raise malformed("Cannot deserialize value of type OptionInput") from None
    if len({one["value"] for one in options}) != len(options):
        raise ApiError(400, "Option values must be unique")
    return options


def _group(portal: Portal, object_type: ObjectType, name: str) -> str:
    if name not in portal.groups[object_type.type_id]:
        raise ApiError(400, f"Property group {name} does not exist", extra={"context": {"groupName": [name]}})
    return name


ENDPOINTS = [
    Endpoint("GET", "properties", "/{type}", list_all),
    Endpoint("POST", "properties", "/{type}", create),
    Endpoint("POST", "properties", "/{type}/batch/create", create_many),
    Endpoint("POST", "properties", "/{type}/batch/read", read_many),
    Endpoint("POST", "properties", "/{type}/batch/archive", archive_many),
    Endpoint("GET", "properties", "/{type}/{name}", read),
    Endpoint("PATCH", "properties", "/{type}/{name}", change),
    Endpoint("DELETE", "properties", "/{type}/{name}", archive),
]

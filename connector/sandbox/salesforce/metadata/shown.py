"""The metadata of installed components as the Tooling API answers it: every key, what is not set as null."""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce.metadata.components import Component
from connector.sandbox.salesforce.schema import Field, Schema, SObject

Metadata = dict[str, Any]

_KINDS = {
    "string": "Text",
    "boolean": "Checkbox",
    "double": "Number",
    "currency": "Currency",
    "percent": "Percent",
    "date": "Date",
    "datetime": "DateTime",
    "email": "Email",
    "phone": "Phone",
    "url": "Url",
    "picklist": "Picklist",
    "multipicklist": "MultiselectPicklist",
    "reference": "Lookup",
}
_LONG_TEXT = 255
_SIZED = ("Text", "LongTextArea")
_AS_GIVEN = ("description", "visibleLines", "relationshipLabel", "deleteConstraint", "trackHistory", "caseSensitive")
_RULE = ("active", "description", "errorConditionFormula", "errorDisplayField", "errorMessage", "urls")


def field_metadata(schema: Schema, sobject: SObject, field: Field, component: Component) -> Metadata:
    """The Metadata of a custom field: what it is now, and from its deploy what has no effect in the sandbox."""
    kind = field_kind(field, component)
    picked = field.type in ("picklist", "multipicklist")
    number = field.type in ("double", "currency", "percent")
    default = field.default if field.type == "boolean" else component.metadata.get("defaultValue")
    return {
        "type": kind,
        "label": field.label,
        "length": field.length if kind in _SIZED else None,
        "precision": field.precision if number else None,
        "scale": field.scale if number else None,
        "required": not field.nillable and field.type != "boolean",
        "unique": field.unique,
        "externalId": field.external_id,
        "defaultValue": default,
        "inlineHelpText": field.help,
        "valueSet": _value_set(field) if picked else None,
        "referenceTo": field.reference_to[0] if field.reference_to else None,
        "relationshipName": _child_name(schema, sobject, field),
        "formula": None,
        **{name: component.metadata.get(name) for name in _AS_GIVEN},
    }


def field_kind(field: Field, component: Component) -> str:
    """The Metadata API's name for the type of a custom field."""
    if component.metadata.get("type"):
        return str(component.metadata["type"])
    if field.type == "textarea":
        return "LongTextArea" if field.length > _LONG_TEXT else "TextArea"
    return "MasterDetail" if field.cascade else _KINDS[field.type]


def rule_metadata(component: Component) -> Metadata:
    """The Metadata of a validation rule."""
    return {name: component.metadata.get(name) for name in _RULE}


def _value_set(field: Field) -> Metadata:
    values = [
        {"valueName": one.value, "label": one.label, "default": one.default, "isActive": one.active, "color": None}
        for one in field.picklist
    ]
    return {
        "controllingField": None,
        "restricted": field.restricted,
        "valueSetDefinition": {"sorted": False, "value": values},
        "valueSetName": None,
        "valueSettings": [],
    }


def _child_name(schema: Schema, sobject: SObject, field: Field) -> str | None:
    for target in field.reference_to:
        parent = schema.sobject(target)
        for name, child in parent.child_relationships.items() if parent else ():
            if child == (sobject.name, field.name):
                return name.removesuffix("__r")
    return None

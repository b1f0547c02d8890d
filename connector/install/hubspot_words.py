"""What HubSpot calls things: the types of its properties, and the bodies by which properties and objects are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connector.install.wanted import Choice, WantedField, WantedKind, WantedObject, about
from connector.revops.agreement import Locale

TYPE_IDS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3"}

TYPES: Mapping[WantedKind, tuple[str, str]] = {
    "stamp": ("string", "text"),
    "key": ("string", "text"),
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "integer": ("number", "number"),
    "percent": ("number", "number"),
    "money": ("number", "number"),
    "datetime": ("datetime", "date"),
    "date": ("date", "date"),
    "bool": ("bool", "booleancheckbox"),
    "picklist": ("enumeration", "select"),
    "multi": ("enumeration", "checkbox"),
}
"""Kind -> type and fieldType (properties guide)."""
_YES_NO = {"de": (("true", "Ja"), ("false", "Nein")), "en": (("true", "Yes"), ("false", "No"))}


def described(wanted: WantedField) -> str:
    """A property's type for a person."""
    return TYPES[wanted.kind][0] + (", unique" if wanted.unique else "")


def property_body(wanted: WantedField, group: str, locale: Locale) -> dict[str, Any]:
    """What makes one property; without a `group` for a new custom object, which has its own."""
    type_, field_type = TYPES[wanted.kind]
    body: dict[str, Any] = {
        "name": wanted.name,
        "label": wanted.label,
        "description": about(wanted, locale),
        "type": type_,
        "fieldType": field_type,
        "hasUniqueValue": wanted.unique,
        "formField": False,
    }
    if group:
        body["groupName"] = group
    if wanted.choices:
        body["options"] = options(wanted.choices, 0)
    elif wanted.kind == "bool":
        body["options"] = options((Choice(*each) for each in _YES_NO[locale]), 0)
    return body


def options(choices: Iterable[Choice], first: int) -> list[dict[str, Any]]:
    """Options as HubSpot takes them, in this order from place `first` on."""
    return [
        {"value": each.value, "label": each.label, "displayOrder": first + place, "hidden": each.retired}
        for place, each in enumerate(choices)
    ]


def schema_body(wanted: WantedObject, linked: Iterable[str], locale: Locale) -> dict[str, Any]:
    """What makes a custom object; `linked` are object type ids, those of other custom objects included."""
    return {
        "name": wanted.name,
        "labels": {"singular": wanted.label, "plural": wanted.plural},
        "primaryDisplayProperty": wanted.shown[0],
        "secondaryDisplayProperties": list(wanted.shown[1:]),
        "searchableProperties": [wanted.key],
        "requiredProperties": [wanted.key],
        "properties": [property_body(each, "", locale) for each in wanted.fields],
        "associatedObjects": list(linked),
        "allowsSensitiveProperties": False,
        "shouldCreateSameObjectAssociation": False,
    }

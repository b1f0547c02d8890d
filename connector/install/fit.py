"""Which of a vendor's column types can hold a mapping's field types.

Types are HubSpot's `type` of a property and Salesforce's `type` of a describe. A loose fit works as long as the
values happen to be right, and is worth a warning.
"""

from __future__ import annotations

from typing import Literal

from connector.core.moment import DAYS_KEPT_AS_MOMENTS
from connector.model import Field, FieldInfo, FieldType, Side

Fit = Literal["good", "loose", "bad"]

_TEXTS = frozenset({"string", "textarea", "email", "phone", "url", "encryptedstring", "combobox"})
_NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})

GOOD: dict[Side, dict[FieldType, frozenset[str]]] = {
    "hubspot": {
        "text": frozenset({"string", "phone_number"}),
        "email": frozenset({"string"}),
        "phone": frozenset({"string", "phone_number"}),
        "domain": frozenset({"string"}),
        "url": frozenset({"string"}),
        "number": frozenset({"number"}),
        "money": frozenset({"number"}),
        "bool": frozenset({"bool"}),
        "date": frozenset({"date"}),
        "datetime": frozenset({"datetime"}),
        "enum": frozenset({"enumeration"}),
        "multi": frozenset({"enumeration"}),
        "country": frozenset({"string"}),
        "owner": frozenset({"enumeration"}),
        "reference": frozenset({"number"}),
        "references": frozenset(),
    },
    "salesforce": {
        "text": _TEXTS,
        "email": frozenset({"email"}),
        "phone": frozenset({"phone"}),
        "domain": frozenset({"url", "string"}),
        "url": frozenset({"url", "string"}),
        "number": _NUMBERS,
        "money": _NUMBERS,
        "bool": frozenset({"boolean"}),
        "date": frozenset({"date"}),
        "datetime": frozenset({"datetime"}),
        "enum": frozenset({"picklist", "combobox"}),
        "multi": frozenset({"multipicklist"}),
        "country": frozenset({"string", "picklist"}),
        "owner": frozenset({"reference"}),
        "reference": frozenset({"reference"}),
        "references": frozenset(),
    },
}

_LOOSE: dict[Side, dict[FieldType, frozenset[str]]] = {
    "hubspot": {
        "text": frozenset({"number", "enumeration", "bool", "date", "datetime"}),
        "number": frozenset({"string", "enumeration"}),
        "money": frozenset({"string"}),
        "bool": frozenset({"enumeration", "string"}),
        "enum": frozenset({"string", "bool"}),
        "multi": frozenset({"string"}),
        "country": frozenset({"enumeration"}),
        "owner": frozenset({"string", "number"}),
    },
    "salesforce": {
        "text": frozenset({"picklist", "id", *_NUMBERS, "boolean", "date", "datetime", "multipicklist"}),
        "email": _TEXTS,
        "phone": _TEXTS,
        "number": frozenset({"string"}),
        "money": frozenset({"string"}),
        "bool": frozenset({"string", "picklist"}),
        "enum": _TEXTS,
        "multi": _TEXTS | {"picklist"},
        "country": _TEXTS,
    },
}


def fit(field: Field, side: Side, info: FieldInfo) -> Fit:
    """How well one column suits one field."""
    if field.type == "date" and info.type == "datetime":
        kept_as_moment = side == "hubspot" and info.name in DAYS_KEPT_AS_MOMENTS
        return "good" if kept_as_moment else "bad" if field.flows_to(side) else "loose"
    if info.type in GOOD[side][field.type]:
        return "good"
    return "loose" if info.type in _LOOSE[side].get(field.type, frozenset()) else "bad"


def suitable(side: Side, type_: FieldType) -> str:
    """The column types to name in a message."""
    return ", ".join(sorted(GOOD[side][type_])) or "an association"

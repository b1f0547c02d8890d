"""A stored row as REST shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connector.sandbox.salesforce import times
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row

_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")


def record(sobject: SObject, row: Row, version: str, fields: Iterable[Field] | None = None) -> dict[str, Any]:
    """The JSON form of a row: its `attributes`, then the asked fields (all by default) and always the Id."""
    shown: dict[str, Any] = {
        "attributes": {
            "type": sobject.name,
            "url": f"/services/data/v{version}/sobjects/{sobject.name}/{row['Id']}",
        }
    }
    for field in sobject.fields.values() if fields is None else fields:
        shown[field.name] = value(field, row)
    shown.setdefault("Id", row["Id"])
    return shown


def value(field: Field, row: Row) -> Any:
    """The JSON form of one field of a row."""
    stored = row.get(field.name)
    if field.type == "boolean":
        return bool(stored)
    if field.type == "datetime" and stored:
        return times.answered(stored)
    return _address(field, row) if field.type == "address" else stored


def _address(field: Field, row: Row) -> dict[str, Any] | None:
    """The compound of the fields that share the address's prefix, or None when all are empty."""
    prefix = field.name.removesuffix("Address")
    parts = {part[0].lower() + part[1:]: row.get(prefix + part) for part in _PARTS}
    return parts if any(one is not None for one in parts.values()) else None

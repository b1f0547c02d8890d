"""What the orders at the doors have in common: which record is meant, who acts, and how a record is shown."""

from __future__ import annotations

from typing import Any

from connector.sandbox.hubspot import records, rendering
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal, Source
from connector.sandbox.hubspot.records import Row

USER = 70_001
INTERFACE = "interface"
"""The version under which a person's edits are judged: the account's rules are not among them here."""
Order = dict[str, Any]


def type_of(portal: Portal, name: str) -> ObjectType:
    """The object of this name.

    Raises:
        ValueError: there is none.
    """
    found = portal.types.find(name)
    if found is None:
        raise ValueError(f"there is no object {name!r}")
    return found


def row_of(portal: Portal, object_type: ObjectType, given: Any) -> Row:
    """The record of an id, which may be that of a merged one.

    Raises:
        ValueError: there is none.
    """
    record_id = int(given)
    record_id = records.survivor(portal, object_type, record_id) or record_id
    row = records.fetch(portal, object_type, [record_id]).get(record_id)
    if row is None:
        raise ValueError(f"there is no {object_type.name} {given}")
    return row


def person_of(order: Order) -> Source:
    """The person who acts, as the property history names them."""
    user = int(order.get("user") or USER)
    return Source("CRM_UI", f"userId:{user}", user)


def shown(portal: Portal, object_type: ObjectType, row: Row) -> dict[str, Any]:
    """A record with all its properties."""
    return rendering.View(portal, object_type, portal.properties[object_type.type_id]).show(row)

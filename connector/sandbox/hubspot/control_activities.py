"""The doors for what contacts do and what is done with them: page views, forms, e-mails, meetings, calls."""

from __future__ import annotations

from typing import Any

from connector.sandbox.hubspot import events, instants, writing
from connector.sandbox.hubspot.control_orders import INTERFACE, Order, person_of, row_of, shown, type_of
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Row

_TO_CONTACT = {"meetings": 200, "calls": 194}


def _event(portal: Portal, order: Order) -> Any:
    """`{"kind": "page" | "form" | "click" | "open", "contact": id or e-mail, "at"?, "properties"?}`.

    Properties are those of the event: `hs_url`, `hs_title` and `hs_referrer` of a page, `hs_form_name` of a form,
    `filtered` of an e-mail event that a robot made.
    """
    contacts = type_of(portal, "contacts")
    row = _contact(portal, contacts, order["contact"])
    at = instants.read(str(order["at"])) if order.get("at") else portal.now()
    if at is None:
        raise ValueError(f"at is no time: {order['at']!r}")
    event = events.add(portal, contacts, row, str(order["kind"]), at, order.get("properties") or {})
    return {"id": event.uid, "type": event.type, "contact": str(row.id)}


def _meeting(portal: Portal, order: Order) -> Any:
    """`{"contact": id or e-mail, "at"?, "title"?, "outcome"?, "owner"?}`: a meeting linked to the contact."""
    at = str(order.get("at") or instants.shown(portal.now()))
    given = {
        "hs_timestamp": at,
        "hs_meeting_start_time": at,
        "hs_meeting_title": order.get("title") or "Meeting",
        "hs_meeting_outcome": order.get("outcome") or "COMPLETED",
    }
    return _with_contact(portal, "meetings", given, order)


def _call(portal: Portal, order: Order) -> Any:
    """`{"contact": id or e-mail, "at"?, "title"?, "status"?, "direction"?, "owner"?}`: a call with the contact."""
    given = {
        "hs_timestamp": str(order.get("at") or instants.shown(portal.now())),
        "hs_call_title": order.get("title") or "Call",
        "hs_call_status": order.get("status") or "COMPLETED",
        "hs_call_direction": order.get("direction") or "OUTBOUND",
    }
    return _with_contact(portal, "calls", given, order)


def _with_contact(portal: Portal, name: str, given: dict[str, Any], order: Order) -> Any:
    object_type = type_of(portal, name)
    contact = _contact(portal, type_of(portal, "contacts"), order["contact"])
    if order.get("owner"):
        given = {**given, "hubspot_owner_id": str(order["owner"])}
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TO_CONTACT[name]}
    link = {"to": {"id": str(contact.id)}, "types": [kind]}
    written = writing.create(portal, object_type, given, [link], person_of(order), INTERFACE)
    return shown(portal, object_type, written.row)


def _contact(portal: Portal, contacts: ObjectType, given: Any) -> Row:
    """The contact of an id or an e-mail address."""
    text = str(given).strip().lower()
    if "@" not in text:
        return row_of(portal, contacts, text)
    found = portal.store.db.execute(
        "SELECT id FROM identity WHERE object = ? AND property = 'email' AND value = ?", (contacts.type_id, text)
    ).fetchone()
    if found is None:
        raise ValueError("no contact has this e-mail address")
    return row_of(portal, contacts, found[0])


ACTIVITIES = {"event": _event, "meeting": _meeting, "call": _call}

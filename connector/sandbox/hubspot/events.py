"""What contacts do: page views, form submissions, clicks and opens of marketing e-mails.

An event is kept and counted into the contact's own properties, as HubSpot does by itself. How events are read is
`api_events.py`; meetings are records of their own.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from connector.sandbox.hubspot import instants, records
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal, Source
from connector.sandbox.hubspot.records import Row

PAGE, FORM, CLICK, OPEN = "e_visited_page", "e_submitted_form", "CLICK", "OPEN"
KINDS = {"page": PAGE, "form": FORM, "click": CLICK, "open": OPEN}
"""The doors' words, and the event types (page views: as read by others; submissions: not sourced)."""
UNIFIED = (PAGE, FORM)
"""What the events API knows: it leaves out marketing e-mails (events guide)."""
_FORMS = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_SOURCES = {PAGE: "ANALYTICS", FORM: "FORM", CLICK: "EMAIL", OPEN: "EMAIL"}
_COUNTERS = {
    PAGE: "hs_analytics_num_page_views",
    FORM: "num_conversion_events",
    CLICK: "hs_email_click",
    OPEN: "hs_email_open",
}
_LATEST = {
    PAGE: "hs_analytics_last_timestamp",
    FORM: "recent_conversion_date",
    CLICK: "hs_email_last_click_date",
    OPEN: "hs_email_last_open_date",
}
_FIRST = {PAGE: "hs_analytics_first_timestamp", FORM: "first_conversion_date"}
_NAMES = {
    PAGE: ("hs_url", "hs_analytics_first_url", "hs_analytics_last_url"),
    FORM: ("hs_form_name", "first_conversion_event_name", "recent_conversion_event_name"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one record; `at` is in milliseconds."""

    seq: int
    uid: str
    type: str
    object: str
    record: int
    at: int
    props: dict[str, str]


def add(portal: Portal, contact_type: ObjectType, row: Row, kind: str, at: int, given: Mapping[str, Any]) -> Event:
    """Keep an event of a contact and count it.

    Raises:
        ValueError: there is no such kind of event.
    """
    if kind not in KINDS:
        raise ValueError(f"a kind of event is one of {', '.join(KINDS)}, not {kind!r}")
    event_type = KINDS[kind]
    props = {name: str(value) for name, value in given.items() if value is not None}
    if event_type == PAGE:
        props = {**_campaign(props.get("hs_url", "")), **props}
    if event_type == FORM:
        props["hs_form_guid"] = form(portal, props.get("hs_form_name", "Contact us"))
        props.setdefault("hs_form_name", "Contact us")
    uid = str(uuid.uuid4())
    recipient = row.props.get("email", "")
    seq = portal.store.db.execute(
        "INSERT INTO event (uid, type, object, record, at, recipient, props) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (uid, event_type, contact_type.type_id, row.id, at, recipient, orjson.dumps(props).decode()),
    ).lastrowid
    _count(portal, contact_type, row, event_type, at, props)
    return Event(int(seq or 0), uid, event_type, contact_type.type_id, row.id, at, props)


def find(portal: Portal, where: str, values: tuple[Any, ...], limit: int, *, newest_first: bool = False) -> list[Event]:
    """The events that meet an SQL condition, by time."""
    turn = "DESC" if newest_first else "ASC"
    found = portal.store.db.execute(
        f"SELECT seq, uid, type, object, record, at, props FROM event WHERE {where} "  # noqa: S608 - conditions of this package
        f"ORDER BY at {turn}, seq {turn} LIMIT ?",
        (*values, limit),
    )
    return [
        Event(seq, uid, kind, key, record, at, orjson.loads(props))
        for seq, uid, kind, key, record, at, props in found.fetchall()
    ]


def form(portal: Portal, name: str) -> str:
    """The id of the form of this name, which comes to be when it is first sent."""
    forms = portal.store.get("forms", {})
    guid = str(uuid.uuid5(_FORMS, name))
    if guid not in forms:
        at = instants.shown(portal.now())
        kept = {"id": guid, "name": name, "formType": "hubspot", "createdAt": at, "updatedAt": at, "archived": False}
        portal.store.put("forms", {**forms, guid: kept})
    return guid


def forms(portal: Portal) -> list[dict[str, Any]]:
    """The forms of the account."""
    return list(portal.store.get("forms", {}).values())


def _count(
    portal: Portal, contact_type: ObjectType, row: Row, event_type: str, at: int, props: Mapping[str, str]
) -> None:
    """Bring the contact's own counters and latest dates up to an event."""
    held = row.props
    changes = {_COUNTERS[event_type]: str(int(held.get(_COUNTERS[event_type]) or 0) + 1)}
    latest, first = _LATEST[event_type], _FIRST.get(event_type)
    named, first_name, last_name = _NAMES.get(event_type, ("", "", ""))
    if at >= (instants.read(held.get(latest) or "") or 0):
        changes[latest] = instants.shown(at)
        if last_name:
            changes[last_name] = props.get(named, "")
    if first and (not held.get(first) or at < (instants.read(held[first]) or 0)):
        changes[first] = instants.shown(at)
        changes[first_name] = props.get(named, "")
    records.change(portal, contact_type, row, changes, Source(_SOURCES[event_type], None))


def _campaign(url: str) -> dict[str, str]:
    """The UTM parameters of an address as properties of its page view."""
    return {f"hs_{name}": value for name, value in parse_qsl(urlsplit(url).query) if name.startswith("utm_")}

"""Canonical text back to what a vendor's API takes: the inverse of `reading`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.core import choices, country, moment, phone, plain
from connector.core.reading import LINKED
from connector.core.unread import Waiting
from connector.model import Field, Side, Value, by_association

ResolveBack = Callable[[Field, Side, str], Value]
"""A field's link id -> vendor record id, or owner e-mail -> owner id, on the given side; None: there is none."""


def render(field: Field, side: Side, value: Value, resolve: ResolveBack, *, time_zone: str = "UTC") -> Any:
    """The raw value to write on `side`: HubSpot takes text and `""` clears, Salesforce JSON types and None clears.

    An association renders as the list of record ids it should hold.

    Raises:
        Unmapped: the option has no counterpart.
        Unreadable: the number does not fit into JSON.
        Waiting: a reference or owner that `resolve` does not know on this side.
    """
    if field.type in LINKED:
        return _render_link(field, side, value, resolve)
    if value is None:
        return _cleared(field, side)
    return _render_plain(field, side, value, time_zone)


def _cleared(field: Field, side: Side) -> Any:
    if side == "hubspot":
        return ""
    return False if field.type == "bool" else None


def _render_plain(field: Field, side: Side, value: str, time_zone: str) -> Any:
    match field.type:
        case "bool":
            return value if side == "hubspot" else value == "true"
        case "number" | "money":
            return value if side == "hubspot" else plain.json_number(value)
        case "phone":
            return phone.written(value)
        case "country":
            return value if _takes_codes(field, side) else country.english(value)
        case "date":
            kept_as_moment = side == "hubspot" and field.hubspot in moment.DAYS_KEPT_AS_MOMENTS
            return moment.noon(value, time_zone) if kept_as_moment else value
        case "enum":
            return _option(field, side, value)
        case "multi":
            return ";".join(_option(field, side, each) for each in value.split(";"))
    return value


def _option(field: Field, side: Side, value: str) -> str:
    options = choices.writing(field, side)
    return value if options is None else choices.look_up(options, value, field, side)


def _takes_codes(field: Field, side: Side) -> bool:
    """Whether a country column holds codes: Salesforce's state and country picklists, `…CountryCode`."""
    columns = [field.hubspot or ""] if side == "hubspot" else list(field.salesforce.values())
    return any(column.lower().endswith("code") for column in columns)


def _render_link(field: Field, side: Side, value: Value, resolve: ResolveBack) -> Any:
    columns = [field.hubspot or ""] if side == "hubspot" else field.salesforce.values()
    ids = []
    for each in (value or "").split(";") if value else ():
        found = resolve(field, side, each)
        if found is None:
            raise Waiting(f"{field.name}: what it points to has no counterpart in this CRM yet")
        ids.append(found)
    if field.type == "references" or any(by_association(column) for column in columns):
        return ids
    if ids:
        return ids[0]
    return "" if side == "hubspot" else None

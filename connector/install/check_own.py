"""Revloop's own fields and objects against the live CRMs: what is missing, hidden, or instead.

It asks no CRM itself; what they said is handed in. Fields are told by object and not one by one: one install, or one
permission set, cures all of them. What the fields hold is compared in `check_own_fields`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connector.crm.port import Room
from connector.install.check_fields import CALLED, Described
from connector.install.check_own_fields import check_beyond, check_columns
from connector.install.finding import Finding
from connector.install.hubspot_compare import INSTEAD, NO_OBJECTS, limit_reached, without_objects
from connector.install.wanted import WantedField, Wishes
from connector.install.wanted_hubspot import HubSpotWanted, wanted_hubspot
from connector.install.wanted_salesforce import SalesforceWanted, wanted_salesforce
from connector.model import Side
from connector.revops.agreement import Agreement

Objects = Mapping[Side, Mapping[str, str]]
"""The custom objects of each side that could be asked: name -> how the port calls it."""

_LONGEST_LIST = 6
_INSTALL = "type `revloop install --plan` to see what is missing, then `revloop install`"


def vendor_objects(agreement: Agreement, wishes: Wishes) -> dict[Side, tuple[str, ...]]:
    """The standard objects that own fields are on."""
    if agreement.empty:
        return {"hubspot": (), "salesforce": ()}
    hubspot, salesforce = wanted_hubspot(agreement, wishes), wanted_salesforce(agreement, wishes)
    return {
        "hubspot": tuple(dict.fromkeys(each.object for each in hubspot.fields)),
        "salesforce": tuple(dict.fromkeys(each.object for each in salesforce.fields)),
    }


def carrier_names(agreement: Agreement, wishes: Wishes) -> dict[Side, tuple[str, ...]]:
    """The custom objects of each side."""
    if agreement.empty:
        return {"hubspot": (), "salesforce": ()}
    return {
        "hubspot": tuple(each.name for each in wanted_hubspot(agreement, wishes).objects),
        "salesforce": tuple(each.name for each in wanted_salesforce(agreement, wishes).objects),
    }


def check_own(
    agreement: Agreement, wishes: Wishes, described: Described, objects: Objects, room: Room | None = None
) -> Iterator[Finding]:
    """Everything of the rules in force that the CRMs do not have or do not show.

    `room` is how many custom objects HubSpot's account may have; None where it does not say.
    """
    if agreement.empty:
        return
    hubspot, salesforce = wanted_hubspot(agreement, wishes), wanted_salesforce(agreement, wishes)
    missing = _missing(hubspot, objects)
    instead = bool(missing) and (_no_room(missing, room) or _stands_in(hubspot, described))
    fields = (*hubspot.fields, *(hubspot.fallback if instead else ()), *_inner(hubspot))
    yield from _fields("hubspot", fields, described, "")
    yield from _fields("salesforce", salesforce.all_fields, described, salesforce.integration.name)
    yield from check_beyond(agreement, wishes, described)
    yield from _of_hubspot(missing, room, instead=instead)
    yield from _of_salesforce(salesforce, objects)


def own_names(agreement: Agreement, wishes: Wishes) -> frozenset[tuple[str, str]]:
    """(vendor object, field) of every own field but the stamps: told here, and by nobody else."""
    if agreement.empty:
        return frozenset()
    fields: Iterable[WantedField] = (
        *wanted_hubspot(agreement, wishes).fields,
        *wanted_hubspot(agreement, wishes).fallback,
        *wanted_salesforce(agreement, wishes).fields,
    )
    return frozenset((each.object, each.name) for each in fields if not each.unique)


def _inner(hubspot: HubSpotWanted) -> Iterator[WantedField]:
    return (field for each in hubspot.objects for field in each.fields)


def _fields(side: Side, fields: Iterable[WantedField], described: Described, set_: str) -> Iterator[Finding]:
    by_object: dict[str, list[WantedField]] = {}
    for each in fields:
        if not each.unique:  # a stamp is looked at with its mapping
            by_object.setdefault(each.object, []).append(each)
    for vendor_object, wanted in by_object.items():
        columns = described.get((side, vendor_object))
        if columns is None:
            continue
        names = [each.name for each in wanted]
        missing = [each for each in names if each not in columns]
        fixed = [each for each in names if each in columns and not columns[each].writable]
        if missing:
            of = f"{len(missing)} of the {len(names)} fields that the rules need"
            what = f"{vendor_object} lacks {of}: {_listed(missing)}"
            hidden = f"; if they are there, assign the permission set {set_} to the integration user" if set_ else ""
            yield Finding("error", CALLED[side], what, f"{_INSTALL}{hidden}")
        if fixed:
            what = f"{vendor_object} does not let the login write {len(fixed)} fields of the rules: {_listed(fixed)}"
            do = f"assign the permission set {set_} to the integration user" if set_ else "look at their settings there"
            yield Finding("error", CALLED[side], what, do)
        yield from check_columns(side, wanted, columns)


def _missing(hubspot: HubSpotWanted, objects: Objects) -> list[str]:
    """The custom objects that HubSpot does not have; none where it could not be asked."""
    known = objects.get("hubspot")
    return [] if known is None else [each.name for each in hubspot.objects if each.name not in known]


def _no_room(missing: list[str], room: Room | None) -> bool:
    """Whether the account may not have the objects: only then an install makes deal properties in their place."""
    return room is not None and room.left < len(missing)


def _stands_in(hubspot: HubSpotWanted, described: Described) -> bool:
    """Whether what stands for the objects is there already."""
    return all(each.name in described.get(("hubspot", each.object), {}) for each in hubspot.fallback)


def _of_hubspot(missing: list[str], room: Room | None, *, instead: bool) -> Iterator[Finding]:
    if not missing:
        return
    gone = f"the custom objects {', '.join(missing)} are not there"
    if room is not None and room.limit == 0:
        yield without_objects(NO_OBJECTS)
    elif room is not None and _no_room(missing, room):
        yield limit_reached(room.left, missing)
    elif instead:
        do = "type `revloop install`: it makes them, or says what the token or the account lacks for it"
        yield Finding("info", "HubSpot", f"{gone}: {INSTEAD}", do)
    else:
        yield Finding("error", "HubSpot", gone, _INSTALL)


def _of_salesforce(salesforce: SalesforceWanted, objects: Objects) -> Iterator[Finding]:
    if "salesforce" in objects:
        missing = [each.name for each in salesforce.objects if each.name not in objects["salesforce"]]
        if missing:
            what = f"the custom objects {', '.join(missing)} are not there, or the login may not see them"
            name = salesforce.integration.name
            do = f"{_INSTALL}; if they are there, assign the permission set {name} to the integration user"
            yield Finding("error", "Salesforce", what, do)


def _listed(names: list[str]) -> str:
    more = len(names) - _LONGEST_LIST
    return ", ".join(names[:_LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")

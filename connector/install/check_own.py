"""Revloop's own fields and objects against the live CRMs: what is missing, hidden, or instead.

It asks no CRM itself; what they said is handed in. Fields are told by object and not one by one: one install, or one
permission set, cures all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connector.install.check_fields import CALLED, Described
from connector.install.finding import Finding
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


def check_own(agreement: Agreement, wishes: Wishes, described: Described, objects: Objects) -> Iterator[Finding]:
    """Everything of the rules in force that the CRMs do not have or do not show."""
    if agreement.empty:
        return
    hubspot, salesforce = wanted_hubspot(agreement, wishes), wanted_salesforce(agreement, wishes)
    fallback = hubspot.fallback if _instead(hubspot, objects) is False else ()
    fields = (*hubspot.fields, *fallback)
    yield from _fields("hubspot", fields, described, "")
    yield from _fields("salesforce", salesforce.fields, described, salesforce.integration.name)
    yield from _objects(hubspot, salesforce, objects)


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


def _fields(side: Side, fields: Iterable[WantedField], described: Described, set_: str) -> Iterator[Finding]:
    by_object: dict[str, list[str]] = {}
    for each in fields:
        if not each.unique:  # a stamp is looked at with its mapping
            by_object.setdefault(each.object, []).append(each.name)
    for vendor_object, names in by_object.items():
        columns = described.get((side, vendor_object))
        if columns is None:
            continue
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


def _objects(hubspot: HubSpotWanted, salesforce: SalesforceWanted, objects: Objects) -> Iterator[Finding]:
    if "hubspot" in objects and hubspot.objects and _instead(hubspot, objects) is False:
        missing = [each.name for each in hubspot.objects if each.name not in objects["hubspot"]]
        what = (
            f"the custom objects {', '.join(missing)} are not there, so attribution is kept in deal properties, its "
            "credits in Salesforce only"
        )
        do = "on an Enterprise hub type `revloop install`; otherwise nothing, this is how it is meant to be"
        yield Finding("info", "HubSpot", what, do)
    if "salesforce" in objects:
        missing = [each.name for each in salesforce.objects if each.name not in objects["salesforce"]]
        if missing:
            what = f"the custom objects {', '.join(missing)} are not there, or the login may not see them"
            name = salesforce.integration.name
            do = f"{_INSTALL}; if they are there, assign the permission set {name} to the integration user"
            yield Finding("error", "Salesforce", what, do)


def _instead(hubspot: HubSpotWanted, objects: Objects) -> bool | None:
    """Whether HubSpot has the custom objects; None where it could not be asked."""
    known = objects.get("hubspot")
    return None if known is None else all(each.name in known for each in hubspot.objects)


def _listed(names: list[str]) -> str:
    more = len(names) - _LONGEST_LIST
    return ", ".join(names[:_LONGEST_LIST]) + (f" and {more} more" if more > 0 else "")

"""Taking away what an install made: first listed with the values that would be lost, then done if confirmed.

Nothing is deleted without the number of those values, as the list showed it: if it has changed meanwhile, a person
has to look again. A record counts once for each of its fields that holds something, a row of a custom object once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from connector.errors import BrakeError
from connector.install import deploy_words
from connector.install.package import removal as removal_package
from connector.install.steps import Loss
from connector.install.wanted_hubspot import HubSpotWanted
from connector.install.wanted_salesforce import SalesforceWanted
from connector.install.whole import Looked, Vendors, Wanted


@dataclass(frozen=True, slots=True)
class Removal:
    """Everything that would go, Salesforce first."""

    losses: tuple[Loss, ...]

    @property
    def count(self) -> int:
        """The number that confirms it: filled values and rows, added up over all lines."""
        return sum(each.filled or 0 for each in self.losses)

    @property
    def words(self) -> str:
        """What the number counts: `9 filled values, 2 of them rows of custom objects`."""
        rows = sum(each.filled or 0 for each in self.losses if each.kind == "custom object")
        told = f"{self.count:,} filled value{'' if self.count == 1 else 's'}"
        return f"{told}, {rows:,} of them rows of custom objects" if rows else told


def list_removal(wish: Wanted, vendors: Vendors, looked: Looked) -> Removal:
    """What there is of revloop's parts, and how many values are filled in each; nothing is changed.

    Raises:
        SettingsError: a login may not see or count something.
        LaterError: a CRM cannot answer now.
    """
    salesforce = list(_in_salesforce(wish.salesforce, vendors, looked))
    return Removal((*salesforce, *_in_hubspot(wish.hubspot, vendors, looked)))


def _in_salesforce(wanted: SalesforceWanted, vendors: Vendors, looked: Looked) -> Iterator[Loss]:
    present, ask = looked.salesforce, vendors.salesforce
    for name in present.rules:
        yield Loss("salesforce", "validation rule", "Lead", name)
    for sobject in dict.fromkeys(each.object for each in wanted.fields):
        names = [each.name for each in wanted.fields if each.object == sobject and each.name in present.fields[sobject]]
        shown = present.described.get(sobject, {})
        countable = [each for each in names if shown.get(each, {}).get("aggregatable")]
        filled = ask.filled(sobject, countable)
        filled |= {each: ask.records(sobject, each) for each in names if shown.get(each, {}).get("type") == "boolean"}
        for each in names:
            yield Loss("salesforce", "field", sobject, each, filled.get(each))
    for made in reversed(wanted.objects):
        if made.name in present.objects:
            seen = bool(present.described.get(made.name))
            yield Loss("salesforce", "custom object", "", made.name, ask.records(made.name) if seen else None)
    for one in wanted.sets:
        if one.name in present.sets:
            yield Loss("salesforce", "permission set", "", one.name)


def _in_hubspot(wanted: HubSpotWanted, vendors: Vendors, looked: Looked) -> Iterator[Loss]:
    present, ask = looked.hubspot, vendors.hubspot
    for each in (*wanted.fields, *wanted.fallback):
        if each.name in present.properties.get(each.object, {}):
            yield Loss("hubspot", "property", each.object, each.name, ask.filled(each.object, each.name))
    for made in reversed(wanted.objects):
        schema = present.schemas.get(made.name)
        if schema is not None:
            yield Loss("hubspot", "custom object", "", made.name, ask.records(schema.type_id))
    for vendor_object, groups in present.groups.items():
        if wanted.group in groups:
            yield Loss("hubspot", "property group", vendor_object, wanted.group)


def remove(
    wish: Wanted,
    vendors: Vendors,
    looked: Looked,
    removal: Removal,
    confirmed: int,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Take away everything that is listed.

    Raises:
        BrakeError: the confirmed number is not that of the list.
        SettingsError: a CRM refuses it, or a permission is missing.
        LaterError: a CRM cannot answer now, or a deploy is not over yet.
    """
    if confirmed != removal.count:
        raise BrakeError(
            f"{removal.words} would be deleted, not {confirmed:,}: nothing was deleted; look at the list again with "
            "`revloop install --remove`"
        )
    gone = {(each.side, each.kind, each.where, each.name) for each in removal.losses}
    if any(side == "salesforce" for side, *_ in gone):
        told("Salesforce: taking away")
        _from_salesforce(wish.salesforce, vendors, looked)
    if any(side == "hubspot" for side, *_ in gone):
        told("HubSpot: taking away")
        _from_hubspot(wish.hubspot, vendors, looked)


def _from_salesforce(wanted: SalesforceWanted, vendors: Vendors, looked: Looked) -> None:
    """Rules and the objects that refer to others go first, permission sets last: until then they show the rest."""
    present = looked.salesforce
    objects = [each.name for each in reversed(wanted.objects) if each.name in present.objects]
    inside = set(objects)
    fields = [
        each.place
        for each in wanted.fields
        if each.object not in inside and each.name in present.fields.get(each.object, ())
    ]
    first: Mapping[str, list[str]] = {
        "ValidationRule": [f"Lead.{each}" for each in present.rules],
        "CustomObject": objects[:-1],
    }
    last: Mapping[str, list[str]] = {"CustomField": fields, "CustomObject": objects[-1:]}
    if any(first.values()) or any(last.values()):
        deploy_words.refuse_without(present.rights, deploying=True)
        content = removal_package(first, last, vendors.version)
        deploy_words.refuse_failed(vendors.deploy(content, True))
        deploy_words.refuse_failed(vendors.deploy(content, False))
    for seen in present.sets.values():
        for assignment in vendors.salesforce.holders(seen.id).values():
            vendors.salesforce.delete("PermissionSetAssignment", assignment)
        vendors.salesforce.delete("PermissionSet", seen.id)


def _from_hubspot(wanted: HubSpotWanted, vendors: Vendors, looked: Looked) -> None:
    present, portal = looked.hubspot, vendors.hubspot
    for made in reversed(wanted.objects):
        schema = present.schemas.get(made.name)
        if schema is not None:
            portal.archive_records(schema.type_id)
            portal.delete_schema(schema.type_id)
    fields = (*wanted.fields, *wanted.fallback)
    for vendor_object, properties in present.properties.items():
        names = [each.name for each in fields if each.object == vendor_object and each.name in properties]
        if names:
            portal.archive_properties(vendor_object, names)
        others = [each for each in properties.values() if each.get("groupName") == wanted.group]
        if wanted.group in present.groups.get(vendor_object, ()) and all(each["name"] in names for each in others):
            portal.delete_group(vendor_object, wanted.group)

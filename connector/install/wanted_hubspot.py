"""What there should be in HubSpot: a property group, properties, stamps, custom objects or what stands in for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.install.wanted import STAMP_LENGTH, WantedField, WantedObject, Wishes, choices
from connector.revops.agreement import Agreement
from connector.revops.carriers import CARRIERS, Carrier, hubspot_field
from connector.revops.fields import SUMMARY, OwnField, dictionary

OBJECTS = {"person": "contacts", "company": "companies", "deal": "deals"}
"""The object of the rules -> HubSpot's."""
_STAMP_LABELS = {"de": "Salesforce-ID (revloop)", "en": "Salesforce ID (revloop)"}


@dataclass(frozen=True, slots=True)
class HubSpotWanted:
    """Everything for one portal.

    `objects` where the account has custom objects, else `fallback` (domain §4.5): never both.
    """

    group: str
    group_label: str
    fields: tuple[WantedField, ...]
    objects: tuple[WantedObject, ...]
    fallback: tuple[WantedField, ...]


def wanted_hubspot(agreement: Agreement, wishes: Wishes) -> HubSpotWanted:
    """What the rules in force need of a portal."""
    prefix = wishes.prefixes["hubspot"]
    carried = agreement.attribution is not None
    return HubSpotWanted(
        group=prefix.strip("_"),
        group_label="RevOps (revloop)",
        fields=(
            *(
                WantedField(each, wishes.stamps["hubspot"], "stamp", _STAMP_LABELS[wishes.locale], length=STAMP_LENGTH)
                for each in OBJECTS.values()
            ),
            *(one for each in dictionary(agreement) for one in _fields(each, wishes)),
        ),
        objects=tuple(_object(each, wishes) for each in CARRIERS) if carried else (),
        fallback=tuple(_fields(SUMMARY, wishes)) if carried else (),
    )


def _fields(own: OwnField, wishes: Wishes) -> Iterator[WantedField]:
    for each in own.objects:
        yield WantedField(
            OBJECTS[each],
            own.vendor_name("hubspot", wishes.prefixes["hubspot"]),
            own.kind,
            own.label(wishes.locale),
            choices(own.options, wishes.locale),
            own.length or 255,
            people=own.writer == "people",
        )


def _object(carrier: Carrier, wishes: Wishes) -> WantedObject:
    prefix, locale = wishes.prefixes["hubspot"], wishes.locale
    name = carrier.hubspot(prefix)
    fields = tuple(
        WantedField(
            name,
            hubspot_field(each.name, prefix),
            each.kind,
            each.label(locale),
            choices(each.options, locale),
            each.length,
        )
        for each in carrier.fields
    )
    carriers = {each.name: each.hubspot(prefix) for each in CARRIERS}
    ends = {**OBJECTS, **carriers}
    return WantedObject(
        name,
        carrier.label(locale),
        carrier.plural(locale),
        fields,
        key=next(each.name for each in fields if each.kind == "key"),
        shown=tuple(hubspot_field(each, prefix) for each in carrier.shown),
        linked=tuple(ends[each.to] for each in carrier.references if each.to in ends),
    )

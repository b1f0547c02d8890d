"""What a portal lacks of what is wanted, and what is different there: decided from what it said of itself.

Labels are left alone, people may rename what they see. Options that people added stay. A property of another type is
nobody's to change here: its values would be lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.install import hubspot_words as words
from connector.install.finding import Finding
from connector.install.steps import Step
from connector.install.wanted import WantedField, WantedObject
from connector.install.wanted_hubspot import OBJECTS, HubSpotWanted

Property = Mapping[str, Any]

NO_OBJECTS = "the account's subscription has no custom objects"
INSTEAD = "attribution is kept in deal properties instead, its credits in Salesforce only"
OTHER_TYPE = "rename or archive that property in HubSpot, or choose another `own_fields.hubspot` in connector.yaml"


@dataclass(frozen=True, slots=True)
class Schema:
    """A custom object as the portal has it; `linked` are the object type ids it is associated with."""

    type_id: str
    name: str
    linked: frozenset[str]


@dataclass(frozen=True, slots=True)
class HubSpotPresent:
    """What a portal has: properties and groups by object, custom objects by name.

    `without` says why there are no custom objects; "" where there may be. `types_left` and `properties_left` are
    how many more there may be, None or absent where HubSpot does not say.
    """

    properties: Mapping[str, Mapping[str, Property]]
    groups: Mapping[str, frozenset[str]]
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    without: str = ""
    without_by_hand: str = ""
    types_left: int | None = None
    properties_left: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """A property whose list of options has to be replaced: `all` is the new list, `added` and `hidden` its news."""

    field: WantedField
    all: tuple[Property, ...]
    added: tuple[str, ...]
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HubSpotLack:
    """What is to be created or changed, in the order in which it must be done, and what only a person can do."""

    groups: tuple[str, ...]
    properties: Mapping[str, tuple[WantedField, ...]]
    options: tuple[Options, ...]
    objects: tuple[WantedObject, ...]
    links: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    group: str
    carriers: bool

    def steps(self) -> Iterator[Step]:
        """One line for each thing."""
        for each in self.groups:
            yield Step("hubspot", "property group", each, self.group)
        for vendor_object, fields in self.properties.items():
            for one in fields:
                yield Step("hubspot", "property", vendor_object, one.name, f"{words.described(one)}: {one.label}")
        for changed in self.options:
            told = [f"+ {', '.join(changed.added)}"] if changed.added else []
            told += [f"no longer offered: {', '.join(changed.hidden)}"] if changed.hidden else []
            yield Step("hubspot", "options", changed.field.object, changed.field.name, "; ".join(told))
        for made in self.objects:
            yield Step("hubspot", "custom object", "", made.name, f"{made.plural}, {len(made.fields)} properties")
        for source, target in self.links:
            yield Step("hubspot", "association", source, target)


def compare_hubspot(wanted: HubSpotWanted, present: HubSpotPresent) -> HubSpotLack:
    """Hold what is wanted against what there is."""
    carriers, findings = _carriers(wanted, present)
    fields = [*wanted.fields, *(() if carriers else wanted.fallback)]
    there = [each for each in wanted.objects if each.name in present.schemas] if carriers else []
    fields += [field for each in there for field in each.fields]
    missing: dict[str, list[WantedField]] = {}
    options: list[Options] = []
    for each in fields:
        known = present.properties.get(each.object, {}).get(each.name)
        if known is None:
            missing.setdefault(each.object, []).append(each)
            continue
        findings += _wrong(each, known)
        changed = _options(each, known)
        if changed is not None:
            options.append(changed)
    crowded = list(_no_room(missing, present))
    findings += [finding for _, finding in crowded]
    for vendor_object, _ in crowded:
        del missing[vendor_object]  # a part of them would help nobody
    return HubSpotLack(
        groups=tuple(
            each for each in OBJECTS.values() if each in missing and wanted.group not in present.groups.get(each, ())
        ),
        properties={name: tuple(each) for name, each in missing.items()},
        options=tuple(options),
        objects=tuple(each for each in wanted.objects if each.name not in present.schemas) if carriers else (),
        links=tuple(_links(there, present)),
        findings=tuple(findings),
        group=wanted.group,
        carriers=carriers,
    )


def _carriers(wanted: HubSpotWanted, present: HubSpotPresent) -> tuple[bool, list[Finding]]:
    """Whether the account has, or may have, the custom objects; why not."""
    missing = [each.name for each in wanted.objects if each.name not in present.schemas]
    if not missing:
        return bool(wanted.objects), []
    if present.without:
        return False, [without_objects(present.without, present.without_by_hand)]
    if present.types_left is not None and present.types_left < len(missing):
        return False, [limit_reached(present.types_left, missing)]
    return True, []


def without_objects(why: str, by_hand: str = "") -> Finding:
    """The account has no custom objects; `by_hand` says what would change that."""
    do = by_hand or "nothing, unless you want credits in HubSpot too: they need an Enterprise hub"
    return Finding("warning" if by_hand else "info", "HubSpot", f"{why}: {INSTEAD}", do)


def limit_reached(left: int, missing: Sequence[str]) -> Finding:
    """The account may have custom objects, but not as many more as are missing."""
    what = (
        f"the account may have {left} more custom objects, revloop needs {len(missing)} ({', '.join(missing)}): "
        f"{INSTEAD}"
    )
    do = "remove a custom object that nobody uses, or have the limit raised, then type `revloop install` again"
    return Finding("warning", "HubSpot", what, do)


def _wrong(wanted: WantedField, known: Property) -> Iterator[Finding]:
    place = f"{wanted.object}.{wanted.name}"
    if known.get("type") != words.TYPES[wanted.kind][0]:
        what = f"{place} is of type {known.get('type')}, not {words.TYPES[wanted.kind][0]}"
        yield Finding("error", "HubSpot", what, f"{OTHER_TYPE}; its type is not changed, its values would be lost")
    elif wanted.unique and not known.get("hasUniqueValue"):
        do = "archive that property in HubSpot and type `revloop install`: uniqueness is fixed when it is made"
        yield Finding("error", "HubSpot", f"{place} does not require unique values: twins could be made", do)


def _options(wanted: WantedField, known: Property) -> Options | None:
    """The list with what is missing behind what is there; None where nothing is missing."""
    if known.get("type") != "enumeration" or not wanted.choices:
        return None
    there = [dict(each) for each in known.get("options") or ()]
    by_value = {each["value"]: each for each in there}
    added = [each for each in wanted.choices if each.value not in by_value]
    hidden = []
    for choice in wanted.choices:
        one = by_value.get(choice.value)
        if one is not None and bool(one.get("hidden")) != choice.retired:
            one["hidden"] = choice.retired
            hidden += [choice.value] if choice.retired else []
    offered = [each.value for each in wanted.choices if not each.retired and each.value in by_value]
    if not added and there == list(known.get("options") or ()):
        return None
    fresh = words.options(added, len(there))
    back = [each for each in offered if _was_hidden(known, each)]
    return Options(wanted, (*there, *fresh), (*(each.value for each in added), *back), tuple(hidden))


def _was_hidden(known: Property, value: str) -> bool:
    return any(each["value"] == value and each.get("hidden") for each in known.get("options") or ())


def _no_room(missing: Mapping[str, Sequence[WantedField]], present: HubSpotPresent) -> Iterator[tuple[str, Finding]]:
    """The objects that take no further property, and what to do."""
    for vendor_object, fields in missing.items():
        left = present.properties_left.get(vendor_object)
        if left is not None and left < len(fields):
            what = f"{vendor_object} may have {left} more properties of your own, revloop needs {len(fields)}"
            do = "archive properties that nobody uses, or switch off a part of the rules you do not need"
            yield vendor_object, Finding("error", "HubSpot", what, do)


def _links(there: Sequence[WantedObject], present: HubSpotPresent) -> Iterator[tuple[str, str]]:
    """Associations that custom objects which are there do not have yet."""
    for each in there:
        schema = present.schemas[each.name]
        for target in each.linked:
            other = present.schemas.get(target)
            known = other.type_id if other else words.TYPE_IDS.get(target, "")
            if known and known not in schema.linked:
                yield each.name, target

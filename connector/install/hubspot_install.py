"""Reading what a portal has, and creating what it lacks.

Every step may be repeated: an install goes on where one ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from connector.crm.hubspot.definitions import Definitions
from connector.errors import SettingsError
from connector.install import hubspot_words as words
from connector.install.hubspot_compare import NO_OBJECTS, HubSpotLack, HubSpotPresent, Schema
from connector.install.wanted import WantedObject
from connector.install.wanted_hubspot import OBJECTS, HubSpotWanted
from connector.revops.agreement import Locale

_ADD_SCOPES = (
    "give the token crm.schemas.custom.read/write and crm.objects.custom.read/write if credits are wanted in HubSpot "
    "too, then type `revloop install` again"
)


def look_at_hubspot(definitions: Definitions, wanted: HubSpotWanted) -> HubSpotPresent:
    """What the portal has of everything that is wanted.

    Raises:
        SettingsError: the token may not read definitions.
        LaterError: HubSpot cannot answer now.
    """
    objects = list(OBJECTS.values())
    present = HubSpotPresent(
        properties={each: _properties(definitions, each) for each in objects},
        groups={each: frozenset(definitions.groups(each)) for each in objects},
        properties_left=_left(definitions),
    )
    return _with_custom_objects(definitions, wanted, present) if wanted.objects else present


def _properties(definitions: Definitions, vendor_object: str) -> dict[str, Mapping[str, object]]:
    return {str(each["name"]): each for each in definitions.properties(vendor_object)}


def _left(definitions: Definitions) -> dict[str, int]:
    """How many properties each object has room for; nothing where the token may not ask, creating will tell."""
    try:
        room = definitions.properties_room()
    except SettingsError:
        return {}
    return {name: room[type_id].left for name, type_id in words.TYPE_IDS.items() if type_id in room}


def _with_custom_objects(definitions: Definitions, wanted: HubSpotWanted, present: HubSpotPresent) -> HubSpotPresent:
    """Custom objects are asked for last: whether they are refused is the account's answer to whether it has them."""
    room = definitions.custom_objects_room()
    if room is not None and room.limit == 0:
        return replace(present, without=NO_OBJECTS)
    try:
        listed = definitions.schemas()
    except SettingsError as error:
        return replace(present, without=str(error), without_by_hand=_ADD_SCOPES if room else "")
    known = {
        str(each["name"]): Schema(
            str(each["objectTypeId"]),
            str(each["name"]),
            frozenset(
                str(end)
                for one in each.get("associations") or ()
                for end in (one["fromObjectTypeId"], one["toObjectTypeId"])
            )
            - {str(each["objectTypeId"])},
        )
        for each in listed
    }
    ours = [known[each.name] for each in wanted.objects if each.name in known]
    return replace(
        present,
        schemas={each.name: each for each in ours},
        properties={**present.properties, **{each.name: _properties(definitions, each.type_id) for each in ours}},
        types_left=room.left if room else None,
    )


def create_in_hubspot(
    definitions: Definitions,
    wanted: HubSpotWanted,
    present: HubSpotPresent,
    lack: HubSpotLack,
    locale: Locale,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Create everything that is lacking; what came to be is read again by the caller.

    Raises:
        SettingsError: HubSpot refuses a definition, or a scope is missing; what was made before stays.
        LaterError: the answer to a step was lost: an install that follows sees what came of it.
    """
    for each in lack.groups:
        definitions.create_group(each, wanted.group, wanted.group_label)
    for vendor_object, fields in lack.properties.items():
        told(f"HubSpot: properties of {vendor_object}")
        group = _group(wanted, present, vendor_object)
        bodies = [words.property_body(one, group, locale) for one in fields]
        definitions.create_properties(_type(present, vendor_object), bodies)
    for changed in lack.options:
        vendor_object = _type(present, changed.field.object)
        definitions.set_options(vendor_object, changed.field.name, changed.all)
    types = {**words.TYPE_IDS, **{each.name: each.type_id for each in present.schemas.values()}}
    for made in lack.objects:
        told(f"HubSpot: custom object {made.name}")
        types[made.name] = _make(definitions, made, types, locale)
    for source, target in lack.links:
        definitions.link_schemas(types[source], types[target])


def _make(definitions: Definitions, made: WantedObject, types: Mapping[str, str], locale: Locale) -> str:
    linked = [types[each] for each in made.linked]
    return definitions.create_schema(words.schema_body(made, linked, locale))


def _type(present: HubSpotPresent, vendor_object: str) -> str:
    known = present.schemas.get(vendor_object)
    return known.type_id if known else vendor_object


def _group(wanted: HubSpotWanted, present: HubSpotPresent, vendor_object: str) -> str:
    """Our own group, of a custom object the one that its properties are in."""
    if vendor_object not in present.schemas:
        return wanted.group
    key = next(each.key for each in wanted.objects if each.name == vendor_object)
    return str(present.properties[vendor_object].get(key, {}).get("groupName") or f"{vendor_object}_information")

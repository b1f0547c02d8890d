"""What a portal says of its objects, owners and itself, in the words of the port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.crm.http import CallDeniedError
from connector.crm.hubspot.client import Client, checked, listed
from connector.crm.hubspot.names import Paths, is_custom, plural
from connector.crm.port import Room
from connector.errors import LaterError, SettingsError
from connector.model import Account, FieldInfo, Owner

REQUIRED = {
    "deals": {"dealname", "dealstage"},
    "leads": {"hs_lead_name"},
    "tasks": {"hs_timestamp"},
    "notes": {"hs_timestamp"},
    "calls": {"hs_timestamp"},
    "meetings": {"hs_timestamp"},
}
"""What a create must bring (object guides); contacts and companies need one of several, which no flag can say."""
STAGES = {
    "deals": ("pipeline", "dealstage"),
    "tickets": ("hs_pipeline", "hs_pipeline_stage"),
    "leads": ("hs_pipeline", "hs_pipeline_stage"),
}
LONGEST_TEXT = 65_536


def describe(client: Client, paths: Paths, vendor_object: str) -> dict[str, FieldInfo]:
    """Every property of an object.

    Raises:
        SettingsError: the object does not exist or may not be seen.
    """
    told = listed(client.get(paths.properties(vendor_object)), f"the properties of {vendor_object}")
    required = _required(client, paths, vendor_object)
    found = {raw["name"]: _field(raw, required) for raw in told["results"]}
    pipeline, stage = STAGES.get(plural(vendor_object), ("", ""))
    if stage in found:
        pipelines, stages = _pipelines(client, paths, vendor_object)
        found[pipeline] = _with_options(found[pipeline], pipelines) if pipeline in found else found[stage]
        found[stage] = _with_options(found[stage], stages)
    return found


def _field(raw: Mapping[str, Any], required: set[str]) -> FieldInfo:
    """One property; options of properties that point to owners or other records are not listed by HubSpot."""
    rules = raw.get("modificationMetadata") or {}
    writable = not raw.get("calculated") and not rules.get("readOnlyValue")
    closed = raw["type"] in ("enumeration", "bool") and not (
        raw.get("externalOptions") or raw.get("referencedObjectType")
    )
    options = tuple(option["value"] for option in raw.get("options") or ()) if closed else None
    return FieldInfo(
        name=raw["name"],
        type=raw["type"],
        writable=writable,
        createable=writable,
        unique=bool(raw.get("hasUniqueValue")),
        required=raw["name"] in required,
        length=LONGEST_TEXT if raw["type"] == "string" else None,
        options=options,
        restricted=options is not None,
    )


def _with_options(field: FieldInfo, options: tuple[str, ...]) -> FieldInfo:
    return FieldInfo(
        name=field.name,
        type=field.type,
        writable=field.writable,
        createable=field.createable,
        unique=field.unique,
        required=field.required,
        length=field.length,
        options=options,
        restricted=True,
    )


def _required(client: Client, paths: Paths, vendor_object: str) -> set[str]:
    if not is_custom(vendor_object):
        return REQUIRED.get(plural(vendor_object), set())
    schema = checked(client.get(paths.schema(vendor_object)), f"the schema of {vendor_object}")
    return set(schema.get("requiredProperties") or ())


def _pipelines(client: Client, paths: Paths, vendor_object: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of all pipelines and of all their stages, in the order the portal shows them."""
    body = listed(client.get(paths.pipelines(vendor_object)), f"the pipelines of {vendor_object}")
    pipelines = sorted(body["results"], key=lambda pipeline: pipeline.get("displayOrder", 0))
    stages = [
        stage["id"]
        for pipeline in pipelines
        for stage in sorted(pipeline.get("stages") or (), key=lambda stage: stage.get("displayOrder", 0))
    ]
    return tuple(pipeline["id"] for pipeline in pipelines), tuple(dict.fromkeys(stages))


def owners(client: Client, paths: Paths) -> list[Owner]:
    """Every owner, the deactivated ones included."""
    found = []
    for archived in ("false", "true"):
        after = None
        while True:
            body = listed(client.get(paths.owners, limit=100, after=after, archived=archived), "the owners")
            found += [_owner(raw, active=archived == "false") for raw in body["results"]]
            after = ((body.get("paging") or {}).get("next") or {}).get("after")
            if after is None:
                break
    return found


def _owner(raw: Mapping[str, Any], *, active: bool) -> Owner:
    email = (raw.get("email") or "").strip().lower()
    queue = raw.get("type") == "QUEUE"
    name = f"{raw.get('firstName') or ''} {raw.get('lastName') or ''}".strip()
    teams = raw.get("teams") or ()
    return Owner(
        str(raw["id"]),
        None if queue else email or None,
        active and not raw.get("archived"),
        team=next((str(team["name"]) for team in teams if team.get("primary") and team.get("name")), None),
        queue=queue,
        name=name or None if queue else None,
    )


def custom_objects(client: Client, paths: Paths) -> dict[str, str]:
    """Name of a custom object -> its type id; none where the subscription or the token has none of them."""
    light = dict.fromkeys(
        ("includePropertyDefinitions", "includeAssociationDefinitions", "includeAuditMetadata"), "false"
    )
    try:
        told = listed(client.get(paths.schemas, **light), "the custom objects")
    except CallDeniedError:
        return {}
    return {str(raw["name"]): str(raw["objectTypeId"]) for raw in told["results"] if not raw.get("archived")}


def custom_objects_room(client: Client, paths: Paths) -> Room | None:
    """How many custom objects the account may have and has; None where the token may not ask."""
    try:
        told = checked(client.get(f"/crm/limits/{paths.version}/custom-object-types"), "its limits")
    except SettingsError:
        return None
    return Room(int(told.get("limit") or 0), int(told.get("usage") or 0))


def account(client: Client, paths: Paths) -> Account:
    """The portal behind the token.

    Raises:
        LaterError: something between us and HubSpot answered in its place.
    """
    body = checked(client.get(paths.account), "the account")
    if not body.get("portalId"):
        raise LaterError("HubSpot answered without 'portalId': check what stands between, then run again", 60.0)
    number = str(body["portalId"])
    return Account(
        side="hubspot",
        id=number,
        name=f"HubSpot portal {number}",
        time_zone=str(body.get("timeZone") or "UTC"),
        currency=str(body.get("companyCurrency") or ""),
        tier=str(body.get("accountType") or ""),
    )

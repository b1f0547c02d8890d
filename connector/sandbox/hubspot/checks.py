"""Whether a request may write these values to this record: every bad property is found before anything is written.

Codes and texts: facts §6.3, §6.5. The text of a clash of unique values is not published; the code is seen in
public clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot import records, values
from connector.sandbox.hubspot.errors import ApiError, BadValue, bad_values, contact_exists, malformed
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.pipelines import PIPELINED, as_options, find_pipeline, find_stage
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.standard import Property

STRICT = "2026-09"
"""The version that enforces the account's rules on writes and forgives dates off midnight."""


@dataclass(slots=True)
class Checked:
    """Values as HubSpot will store them, and what 2026-09 says about them."""

    changes: dict[str, str] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)


def check(
    portal: Portal, object_type: ObjectType, given: Mapping[str, Any], before: Mapping[str, str], version: str
) -> Checked:
    """Normalise all given values.

    Raises:
        ApiError: 400 with every property that is unknown, read-only or has a bad value.
    """
    checked, bad = Checked(), list[BadValue]()
    for name, raw in given.items():
        try:
            text = values.text_of(raw)
        except TypeError as error:
            found = "Array" if str(error) == "list" else "Object"
            reason = f"Cannot deserialize value of type `java.lang.String` from {found} value"
            raise malformed(f"{reason} (token `START_{found.upper()}`)") from None
        prop = portal.property(object_type, name)
        if prop is None:
            bad.append(BadValue(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif not prop.settable:
            kind = "calculated" if prop.calculated else "read only"
            text = f'"{name}" is a {kind} property; its value cannot be set.'
            bad.append(BadValue(name, "READ_ONLY_VALUE", text))
        elif text is not None:
            _one(portal, prop, text, before.get(name, ""), version, checked, bad)
    _stages(portal, object_type, checked.changes, before, bad)
    if bad:
        raise bad_values(portal.portal_id, bad)
    return checked


def _one(
    portal: Portal, prop: Property, text: str, before: str, version: str, checked: Checked, bad: list[BadValue]
) -> None:
    try:
        value = values.normalise(prop, text, before, lenient=version == STRICT)
    except values.InvalidValueError as error:
        bad.append(BadValue(prop.name, error.code, error.message))
        return
    if prop.owner and value:
        owner = portal.owner(value)
        if owner is None or owner["archived"]:
            refused = values.wrong_option(value, [])
            bad.append(BadValue(prop.name, refused.code, refused.message))
            return
    if isinstance(value, values.Normalised):
        context = {"normalizedValue": value.shown, "propertyName": prop.name, "rawValue": text}
        text = f"{prop.name} was normalized"
        checked.warnings.append({"category": "PROPERTY_VALUE_NORMALIZED", "context": context, "message": text})
    checked.changes[prop.name] = str(value)


def _stages(
    portal: Portal,
    object_type: ObjectType,
    changes: dict[str, str],
    before: Mapping[str, str],
    bad: list[BadValue],
) -> None:
    if object_type.type_id not in PIPELINED:
        return
    pipeline_name, stage_name = PIPELINED[object_type.type_id]
    if not changes.get(pipeline_name) and not changes.get(stage_name):
        return
    known = portal.pipelines[object_type.type_id]
    pipeline_id = changes.get(pipeline_name) or before.get(pipeline_name) or known[0]["id"]
    pipeline = find_pipeline(known, pipeline_id)
    if pipeline is None:
        refused = values.wrong_option(pipeline_id, as_options(known))
        bad.append(BadValue(pipeline_name, refused.code, refused.message))
        return
    changes[pipeline_name] = pipeline_id
    stage_id = changes.get(stage_name) or before.get(stage_name)
    if stage_id and find_stage(pipeline, stage_id) is None:
        refused = values.wrong_option(stage_id, as_options(pipeline["stages"]))
        bad.append(BadValue(stage_name, refused.code, refused.message))


def required(portal: Portal, object_type: ObjectType, props: Mapping[str, str]) -> None:
    """The values without which a record cannot be created.

    Raises:
        ApiError: 400 with the properties that are missing.
    """
    lacking = [group for group in object_type.required if not any(props.get(name) for name in group)]
    schema = portal.schemas.get(object_type.type_id, {})
    lacking += [(name,) for name in schema.get("requiredProperties", ()) if not props.get(name)]
    if lacking:
        names = [name for group in lacking for name in group]
        text = f"Error creating {object_type.label}. Some required properties were not set."
        raise ApiError(400, text, extra={"context": {"properties": names}})


def unique(portal: Portal, object_type: ObjectType, changes: Mapping[str, str], own_id: int | None) -> None:
    """The values that no two records of a type may share.

    Raises:
        ApiError: 409 for a contact's e-mail, 400 for any other unique property.
    """
    for name, value in records.identities(portal, object_type, dict(changes)):
        holder = records.by_value(portal, object_type, name, value)
        if holder is not None and holder != own_id:
            if name == "email":
                raise contact_exists(holder)
            text = f"{value} is not unique: record {holder} already has that value."
            raise bad_values(portal.portal_id, [BadValue(name, "CONFLICTING_UNIQUE_VALUE", text)])
        if name == "email":
            _not_blocked(portal, value)


def _not_blocked(portal: Portal, address: str) -> None:
    found = portal.store.db.execute("SELECT 1 FROM blocklist WHERE email = ?", (address,)).fetchone()
    if found:
        bad = BadValue("email", "INVALID_EMAIL", "email has been GDPR blacklisted")
        raise bad_values(portal.portal_id, [bad])


def account_rules(
    portal: Portal,
    object_type: ObjectType,
    after: Mapping[str, str],
    touched: Mapping[str, Any],
    *,
    create: bool,
) -> None:
    """The rules an admin has set, which only 2026-09 enforces on writes.

    Raises:
        ApiError: 400 MISSING_REQUIRED_PROPERTY (create) or MISSING_CONDITIONAL_REQUIRED_PROPERTY.
    """
    rules = portal.rules.get(object_type.type_id, {})
    if create:
        missing = [name for name in rules.get("create_required", ()) if not after.get(name)]
        if missing:
            details = [
                _detail("MISSING_REQUIRED_PROPERTY", f"A value for {name} must be provided", name) for name in missing
            ]
            text = "The property values provided are invalid"
            raise ApiError(400, text, extra={"errors": details})
    details = [
        _detail(
            "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
            f"{rule['property']} is required because of a conditional property rule based on [{rule['when']}]",
            rule["property"],
        )
        for rule in rules.get("conditional", ())
        if {rule["property"], rule["when"]} & touched.keys()
        and after.get(rule["when"]) in rule["values"]
        and not after.get(rule["property"])
    ]
    if details:
        raise ApiError(400, "The property values provided are invalid", extra={"errors": details})


def _detail(code: str, text: str, name: str) -> dict[str, Any]:
    return {"code": code, "message": text, "context": {"propertyName": [name]}}

"""May this be written: read-only and required fields, references that exist, values that are unique."""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce import errors
from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.layout import Column, Layout
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row
from connector.sandbox.salesforce.values import Stored, convert

_SKIPPED = ("attributes", "id")


def read(batch: Batch, layout: Layout, raw: Row, *, creating: bool) -> Row:
    """The stored values of a client's record, by canonical field name.

    Raises:
        ApiError: an unknown or read-only field, a value that does not fit, a lookup that finds nothing.
    """
    values: Row = {}
    refused = []
    for name, value in raw.items():
        if name.lower() in _SKIPPED:
            continue
        column = visible(batch, layout.sobject, name, _column(layout, name, value))
        field = column.field
        if not (field.createable if creating else field.updateable) or not _editable(batch, layout.sobject, field):
            refused.append(field.name)
        elif column.key:
            values[field.name] = _looked_up(batch, column, value)
        else:
            values[field.name] = _value(batch, field, value)
    if refused:
        raise errors.read_only(refused)
    return values


def visible(batch: Batch, sobject: SObject, name: str, column: Column) -> Column:
    """The column, if it exists for who writes.

    Raises:
        ApiError: INVALID_FIELD, as for a field that does not exist.
    """
    access = batch.actor.access
    if access is not None:
        hidden = not access.reads(sobject, column.field)
        if hidden or (column.target and column.key and not access.reads(column.target, column.key)):
            raise errors.no_such_column(name, sobject.name)
    return column


def _editable(batch: Batch, sobject: SObject, field: Field) -> bool:
    access = batch.actor.access
    return access is None or access.edits(sobject, field)


def _column(layout: Layout, name: str, value: Any) -> Column:
    """The column a client's key stands for; a nested object is a lookup by the key inside it."""
    if not isinstance(value, dict):
        return layout.column(name)
    kind = (value.get("attributes") or {}).get("type")
    keys = [key for key in value if key.lower() != "attributes"]
    if len(keys) != 1:
        raise ApiError("INVALID_FIELD", f"{name} needs exactly one external ID or Id to be looked up by")
    return layout.lookup(name, keys[0], kind)


def _value(batch: Batch, field: Field, raw: Any) -> Stored:
    if field.type == "boolean" and raw is None:
        if batch.csv:
            raise ApiError("INVALID_TYPE_ON_FIELD_IN_RECORD", "value not of required type: ", [field.name])
        raise errors.json_problem(
            "Cannot deserialize instance of boolean from VALUE_NULL value null or request may be missing a "
            "required field at [line:1, column:1]"
        )
    return convert(field, raw, csv=batch.csv)


def _looked_up(batch: Batch, column: Column, raw: Any) -> str | None:
    """The id of the record whose external id is the given one."""
    assert column.target is not None
    assert column.key is not None
    if isinstance(raw, dict):
        raw = next(value for key, value in raw.items() if key.lower() != "attributes")
    value = convert(column.key, raw, csv=batch.csv)
    if value is None:
        return None
    alive = batch.layouts.of(column.target).alive
    found = batch.store.db.execute(
        f'SELECT Id FROM "{column.target.name}" WHERE "{column.key.name}" = ? {alive} LIMIT 2',  # noqa: S608 - names come from the schema
        (value,),
    ).fetchall()
    if not found:
        raise ApiError(
            "INVALID_FIELD",
            f"Foreign key external ID: {value} not found for field {column.key.name} in entity {column.target.name}",
            [],
        )
    if len(found) > 1:
        raise ApiError("INVALID_FIELD", f"More than one record found for external id field: {value}", [])
    return str(found[0][0])


def required(layout: Layout, change: Change) -> None:
    """Raise REQUIRED_FIELD_MISSING for what a new record lacks or an update would empty."""
    if change.old is None:
        missing = [field.name for field in layout.required if change.new.get(field.name) is None]
    else:
        missing = []
    missing += [
        name
        for name in change.given
        if change.new.get(name) is None and not change.sobject.fields[name].nillable and name not in missing
    ]
    if missing:
        order = list(change.sobject.fields)
        raise errors.required(sorted(missing, key=order.index))


def references(batch: Batch, change: Change) -> None:
    """Raise when a given reference points to nothing, to a deleted record or to another kind of object."""
    for name in change.given:
        field = change.sobject.fields[name]
        value = change.new.get(name)
        if field.type == "reference" and value is not None and change.altered(name):
            _reference(batch, change, field, value)


def _reference(batch: Batch, change: Change, field: Field, value: str) -> None:
    target = _target(batch, field, value)
    if target is None:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"{field.label}: id value of incorrect type: {value}", [field.name])
    state = batch.state.get(value)
    if state is None:
        state = batch.state[value] = _state(batch, target, value)
    if state == "missing" and field.name == "RecordTypeId":
        raise ApiError(
            "INVALID_CROSS_REFERENCE_KEY",
            f"Record Type ID: this ID value isn't valid for the user: {value}",
            [field.name],
        )
    if state == "missing":
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    if state == "deleted":
        raise ApiError("ENTITY_IS_DELETED", "entity is deleted", [])
    if state == "converted" and change.sobject.name != "Lead":
        raise errors.converted_lead()
    if state == "inactive" and field.name == "OwnerId":
        raise ApiError(
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{value}] as owner of {change.sobject.name.lower()}",
            [],
        )


def _target(batch: Batch, field: Field, value: str) -> SObject | None:
    for name in field.reference_to:
        target = batch.store.schema.sobject(name)
        if target and value.startswith(target.key_prefix):
            return target
    return None


def _state(batch: Batch, target: SObject, value: str) -> str:
    """What the referenced record is: missing, deleted, converted, inactive or fit."""
    flags = [one for one in ("IsDeleted", "IsConverted", "IsActive") if one in target.fields]
    found = batch.store.db.execute(
        f'SELECT Id{"".join(", " + flag for flag in flags)} FROM "{target.name}" WHERE Id = ?',  # noqa: S608 - names come from the schema
        (value,),
    ).fetchone()
    if found is None:
        return "missing"
    row = dict(zip(flags, found[1:], strict=True))
    if row.get("IsDeleted"):
        return "deleted"
    if row.get("IsConverted"):
        return "converted"
    return "inactive" if target.name == "User" and not row.get("IsActive") else "fit"


def unique(batch: Batch, layout: Layout, change: Change) -> None:
    """Raise DUPLICATE_VALUE when another living record holds a unique value."""
    for field in layout.unique:
        value = change.new.get(field.name)
        if value is None or not change.altered(field.name):
            continue
        holder = batch.store.db.execute(
            f'SELECT Id FROM "{change.sobject.name}" WHERE "{field.name}" = ? AND Id <> ? {layout.alive} LIMIT 1',  # noqa: S608 - names come from the schema
            (value, change.new.get("Id") or ""),
        ).fetchone()
        if holder:
            raise errors.duplicate_value(field.name, holder[0])


def loaded(batch: Batch, layout: Layout, raw: Row) -> Row:
    """The stored values of a record that is taken over: read-only fields and the Id may be given too.

    Raises:
        ApiError: an unknown field or a value that does not fit.
    """
    values: Row = {}
    for name, value in raw.items():
        if name != "attributes":
            field = layout.column(name).field
            values[field.name] = convert(field, value, csv=batch.csv)
    return values

"""Writing records: create, update and upsert, one record or many, each record refused on its own.

What may be written is checked in `checks.py`, what an object adds of itself in `rules/`, removal in `removal.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.salesforce import checks, errors, ids, rules
from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.layout import Layout
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.store import Row
from connector.sandbox.salesforce.values import convert

_READ_ONLY_OBJECTS = ("LeadHistory", "LeadStatus", "OpportunityStage", "TaskStatus", "Profile", "CustomPermission")


@dataclass(slots=True)
class Outcome:
    """What became of one record of a call."""

    id: str | None = None
    created: bool | None = None
    errors: list[ApiError] = field(default_factory=list)

    @property
    def success(self) -> bool:
        """Whether the record was written."""
        return not self.errors


def create(batch: Batch, sobject: SObject, raw: Row) -> str:
    """Write a new record; gives its id.

    Raises:
        ApiError: the record is refused.
    """
    layout = batch.layouts.of(sobject)
    _writable(batch, sobject, "Create", "inserted")
    given_id = next((value for name, value in raw.items() if name.lower() == "id"), None)
    if given_id:
        raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"])
    values = checks.read(batch, layout, raw, creating=True)
    new = {**layout.defaults, **values}
    new["Id"] = None
    if "OwnerId" in sobject.fields and sobject.fields["OwnerId"].createable and "OwnerId" not in values:
        new["OwnerId"] = batch.actor.user
    change = Change(sobject, new, None, set(values))
    _check(batch, layout, change)
    new["Id"] = new["Id"] or batch.store.new_id(sobject.key_prefix)
    batch.sign(sobject, new, new=True)
    batch.store.insert(sobject, new)
    rules.after(batch, change)
    return change.id


def update(batch: Batch, sobject: SObject, record: Any, raw: Row) -> str:
    """Write fields of a record; gives its 18-character id. The stamps move even if no value differs.

    Raises:
        ApiError: the record is refused.
    """
    layout = batch.layouts.of(sobject)
    _writable(batch, sobject, "Edit", "updated")
    old = living(batch, sobject, record)
    if old.get("IsConverted") and sobject.name == "Lead":
        raise errors.converted_lead()
    values = checks.read(batch, layout, raw, creating=False)
    change = Change(sobject, {**old, **values}, old, set(values))
    _check(batch, layout, change)
    batch.sign(sobject, change.new, new=False)
    moved = {name: value for name, value in change.new.items() if value != old[name]}
    if moved:
        batch.store.update(sobject, change.id, moved)
    rules.after(batch, change)
    return change.id


def upsert(batch: Batch, sobject: SObject, key: Field, value: Any, raw: Row) -> Outcome:
    """Update the record whose `key` has this value, or create one with it.

    Raises:
        ApiError: the record is refused; MULTIPLE (status 300) when several records have the value.
    """
    if key.type == "id":
        if value in (None, ""):
            return Outcome(create(batch, sobject, raw), created=True)
        return Outcome(update(batch, sobject, value, raw), created=False)
    stored = convert(key, value, csv=batch.csv)
    if stored is None:
        raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified", [])
    holders = with_key(batch, sobject, key, stored)
    if len(holders) > 1:
        raise ApiError(
            "DUPLICATE_EXTERNAL_ID",
            f"{key.name}: more than one record found for external id field: [{', '.join(holders)}]",
            [],
            status=300,
            extra={"holders": holders},
        )
    if holders:
        return Outcome(update(batch, sobject, holders[0], raw), created=False)
    return Outcome(create(batch, sobject, {**raw, key.name: value}), created=True)


def with_key(batch: Batch, sobject: SObject, key: Field, value: Any) -> list[str]:
    """The ids of the living records whose field `key` has a stored value."""
    alive = batch.layouts.of(sobject).alive
    found = batch.store.db.execute(
        f'SELECT Id FROM "{sobject.name}" WHERE "{key.name}" = ? {alive} ORDER BY Id',  # noqa: S608 - names come from the schema
        (value,),
    )
    return [one for (one,) in found]


def upsert_key(sobject: SObject, name: str) -> Field:
    """The field by which records of an object may be upserted.

    Raises:
        ApiError: there is no such field, or it is neither External ID nor a lookup field.
    """
    found = sobject.field(name)
    if found and (found.external_id or found.id_lookup or found.type == "id"):
        return found
    raise ApiError("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}", status=404)


def living(batch: Batch, sobject: SObject, record: Any) -> Row:
    """The row of a record that is not deleted.

    Raises:
        ApiError: MALFORMED_ID, unknown or deleted.
    """
    found = ids.normal(record)
    if found is None:
        raise errors.malformed_id(str(record))
    if not found.startswith(sobject.key_prefix):
        raise ApiError("MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {record}", ["Id"])
    row = batch.store.row(sobject, found)
    if row is None:
        raise errors.unknown_id()
    if row.get("IsDeleted"):
        raise errors.deleted()
    return row


def each(records: Iterable[Row], write: Callable[[Row], Outcome]) -> list[Outcome]:
    """The outcome of writing each record, in order; a refusal touches only its own record."""
    outcomes = []
    for record in records:
        try:
            outcomes.append(write(record))
        except ApiError as error:
            outcomes.append(Outcome(errors=[error, *error.further]))
    return outcomes


def repeated(values: list[Any]) -> set[Any]:
    """The values that occur more than once, text without regard to capitals."""
    seen: set[Any] = set()
    twice = set()
    for value in values:
        folded = value.lower() if isinstance(value, str) else value
        if folded in seen and folded not in (None, ""):
            twice.add(folded)
        seen.add(folded)
    return twice


def _check(batch: Batch, layout: Layout, change: Change) -> None:
    """Everything that can refuse a record, before the first row is written."""
    checks.references(batch, change)
    rules.before(batch, change)
    checks.required(layout, change)
    rules.validate(batch, change)
    checks.unique(batch, layout, change)
    rules.refuse_duplicate(batch, change)


def _writable(batch: Batch, sobject: SObject, right: str, done: str) -> None:
    access = batch.actor.access
    if sobject.name in _READ_ONLY_OBJECTS or (access is not None and not access.may(right, sobject)):
        raise ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be {done}: {sobject.label}")

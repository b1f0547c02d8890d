"""Deleting and restoring records: the recycle bin, what is deleted along, what merely loses its reference.

The log of deletions feeds getDeleted; after 15 days a deleted record is gone for good.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.sandbox.salesforce import errors, ids, times
from connector.sandbox.salesforce.batch import Batch
from connector.sandbox.salesforce.dml import living
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.rules import guard
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Row, Store, known

BIN_DAYS = 15
_ALONG = {
    "Account": (
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
    ),
    "Contact": (
        ("OpportunityContactRole", "ContactId"),
        ("CampaignMember", "ContactId"),
        ("Task", "WhoId"),
        ("Event", "WhoId"),
    ),
    "Lead": (("CampaignMember", "LeadId"), ("Task", "WhoId"), ("Event", "WhoId")),
    "Opportunity": (
        ("OpportunityContactRole", "OpportunityId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
    ),
    "Campaign": (("CampaignMember", "CampaignId"), ("Task", "WhatId"), ("Event", "WhatId")),
}
"""What goes with a deleted record, as `cascadeDelete` of the recorded describes says."""
_LOOSENED = {
    "Account": (("Account", "ParentId"),),
    "Contact": (("Opportunity", "ContactId"), ("Contact", "ReportsToId")),
    "Campaign": (("Opportunity", "CampaignId"), ("Campaign", "ParentId")),
}
_KEPT = (
    *("User", "Organization", "LeadHistory", "LeadStatus", "OpportunityStage", "TaskStatus"),
    *("RecordType", "Profile", "CustomPermission"),
)


def delete(batch: Batch, sobject: SObject, record: Any) -> str:
    """Put a record and what depends on it into the recycle bin; gives its 18-character id.

    Raises:
        ApiError: unknown, deleted already, or of an object that cannot be deleted.
    """
    if sobject.name in _KEPT:
        raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [], status=403)
    row = living(batch, sobject, record)
    access = batch.actor.access
    if access is not None and not access.may("Delete", sobject):
        raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [], status=403)
    guard.before_delete(batch, sobject, row)
    _remove(batch, sobject, row, root=row["Id"])
    return str(row["Id"])


def delete_any(batch: Batch, record: str) -> str:
    """Delete a record by its id alone, as the Collections delete does.

    Raises:
        ApiError: MALFORMED_ID, unknown, deleted already.
    """
    found = ids.normal(record)
    sobject = batch.store.schema.by_prefix(found[:3]) if found else None
    if found is None or sobject is None:
        raise errors.malformed_id(record)
    return delete(batch, sobject, found)


def _remove(batch: Batch, sobject: SObject, row: Row, *, root: str) -> None:
    record = str(row["Id"])
    if "IsDeleted" not in sobject.fields:
        batch.store.db.execute(f'DELETE FROM "{sobject.name}" WHERE Id = ?', (record,))  # noqa: S608 - a schema name
    else:
        batch.touch(sobject.name, record, {"IsDeleted": 1})
    batch.store.db.execute(
        "INSERT OR REPLACE INTO _deleted VALUES (?, ?, ?, ?)", (sobject.name, record, batch.stamp, root)
    )
    if sobject.name == "OpportunityContactRole" and row["IsPrimary"]:
        batch.store.db.execute("UPDATE Opportunity SET ContactId = NULL WHERE Id = ?", (row["OpportunityId"],))
    for child, key in _ALONG.get(sobject.name, ()):
        kind = known(batch.store.schema, child)
        for dependent in batch.store.rows(kind, f"{key} = ? AND IsDeleted = 0", (record,)):
            _remove(batch, kind, dependent, root=root)
    for kind, key in _detail(batch.store, sobject):
        for dependent in batch.store.rows(kind, f'"{key}" = ? AND IsDeleted = 0', (record,)):
            _remove(batch, kind, dependent, root=root)
    for child, key in _loosened(batch.store, sobject):
        batch.store.db.execute(f'UPDATE "{child}" SET "{key}" = NULL WHERE "{key}" = ?', (record,))  # noqa: S608 - schema names


def _detail(store: Store, sobject: SObject) -> list[tuple[SObject, str]]:
    """The detail records of custom master-detail fields: they go with their master."""
    children = ((store.schema.sobject(child), key) for child, key in sobject.child_relationships.values())
    return [(child, key) for child, key in children if child and child.fields[key].cascade]


def _loosened(store: Store, sobject: SObject) -> list[tuple[str, str]]:
    """The lookups that become empty, those of custom fields included."""
    custom = [
        (child, key)
        for child, key in sobject.child_relationships.values()
        if key.endswith("__c") and store.schema.sobject(child) and not known(store.schema, child).fields[key].cascade
    ]
    return [*_LOOSENED.get(sobject.name, ()), *custom]


def restore(batch: Batch, sobject: SObject, record: Any) -> list[str]:
    """Take a record out of the recycle bin with all that was deleted along with it; gives the ids.

    Raises:
        ApiError: the record is not in the bin.
    """
    found = ids.normal(record)
    row = batch.store.row(sobject, found) if found else None
    if row is None or not row.get("IsDeleted"):
        raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", [])
    along = batch.store.db.execute(
        "SELECT sobject, id FROM _deleted WHERE root = ? OR id = ?", (row["Id"], row["Id"])
    ).fetchall()
    for name, one in along:
        changes: Row = {"IsDeleted": 0}
        if "MasterRecordId" in known(batch.store.schema, name).fields:
            changes["MasterRecordId"] = None
        batch.touch(name, one, changes)
    batch.store.db.execute("DELETE FROM _deleted WHERE root = ? OR id = ?", (row["Id"], row["Id"]))
    return [one for _, one in along]


def purge(store: Store) -> None:
    """Remove for good what has been in the recycle bin for more than 15 days."""
    limit = times.stamp(store.now() - timedelta(days=BIN_DAYS))
    gone = store.db.execute("SELECT sobject, id FROM _deleted WHERE at < ?", (limit,)).fetchall()
    for name, record in gone:
        store.db.execute(f'DELETE FROM "{name}" WHERE Id = ?', (record,))  # noqa: S608 - a schema name
    if gone:
        store.db.execute("DELETE FROM _deleted WHERE at < ?", (limit,))

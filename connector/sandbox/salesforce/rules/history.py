"""LeadHistory: a row for each change of a tracked field, as an admin has switched them on.

A change of owner is told twice, by names and by ids; a new lead has a row `created`. Source: object reference,
«StandardObjectNameHistory»; the two rows of an owner as read by others.
"""

from __future__ import annotations

from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.store import Row, known

_TEXT, _ENTITY = "Text", "EntityId"


def after_lead(batch: Batch, change: Change) -> None:
    """Keep what a write of a lead has changed."""
    track(batch, change.id, change.old, change.new)


def track(batch: Batch, lead: str, old: Row | None, new: Row) -> None:
    """Keep the differences of two states of a lead; `old` is None for a new one."""
    if not batch.settings.tracked:
        return
    if old is None:
        _row(batch, lead, "created", _TEXT, None, None)
        return
    for name in sorted(batch.settings.tracked):
        before, present = old.get(name), new.get(name)
        if before == present:
            continue
        if name == "OwnerId":
            _row(batch, lead, "Owner", _TEXT, _name(batch, before), _name(batch, present))
            _row(batch, lead, "Owner", _ENTITY, before, present)
        else:
            _row(batch, lead, name, _TEXT, before, present)


def _row(batch: Batch, lead: str, field: str, kind: str, before: object, present: object) -> None:
    told = {"LeadId": lead, "Field": field, "DataType": kind, "OldValue": before, "NewValue": present}
    batch.fresh(known(batch.store.schema, "LeadHistory"), told)


def _name(batch: Batch, owner: object) -> str | None:
    for name in ("User", "Group"):
        row = batch.store.row(known(batch.store.schema, name), str(owner))
        if row:
            return str(row["Name"])
    return None

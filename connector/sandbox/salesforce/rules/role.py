"""Opportunity contact roles: an opportunity has at most one primary, and knows its contact."""

from __future__ import annotations

from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.store import Row


def after(batch: Batch, change: Change) -> None:
    """A new primary takes the place of the old one; the opportunity follows."""
    new = change.new
    if new.get("IsPrimary") and (change.altered("IsPrimary") or change.altered("ContactId")):
        clear_other_primaries(batch, new)
        batch.store.db.execute(
            "UPDATE Opportunity SET ContactId = ? WHERE Id = ?", (new["ContactId"], new["OpportunityId"])
        )
    elif change.old and change.old.get("IsPrimary") and not new.get("IsPrimary"):
        batch.store.db.execute("UPDATE Opportunity SET ContactId = NULL WHERE Id = ?", (new["OpportunityId"],))


def clear_other_primaries(batch: Batch, row: Row) -> None:
    """Take the primary mark from every other role of the opportunity."""
    others = batch.store.db.execute(
        "SELECT Id FROM OpportunityContactRole WHERE OpportunityId = ? AND Id <> ? AND IsPrimary = 1 AND IsDeleted = 0",
        (row["OpportunityId"], row["Id"]),
    ).fetchall()
    for (other,) in others:
        batch.touch("OpportunityContactRole", other, {"IsPrimary": 0})

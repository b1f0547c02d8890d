"""People: the compound name, the bounced mark, and user names that are unique."""

from __future__ import annotations

from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError


def before(_batch: Batch, change: Change) -> None:
    """Fill `Name` of a lead or contact, and `IsEmailBounced` of a contact."""
    new = change.new
    new["Name"] = full_name(new.get("FirstName"), new.get("LastName"))
    if "IsEmailBounced" in change.sobject.fields:
        new["IsEmailBounced"] = int(bool(new.get("EmailBouncedReason") or new.get("EmailBouncedDate")))


def before_user(batch: Batch, change: Change) -> None:
    """Fill `Name` of a user.

    Raises:
        ApiError: DUPLICATE_USERNAME, the user name is taken.
    """
    new = change.new
    new["Name"] = full_name(new.get("FirstName"), new.get("LastName"))
    taken = (
        change.altered("Username")
        and batch.store.db.execute(
            "SELECT 1 FROM User WHERE Username = ? AND Id <> ?", (new.get("Username"), new.get("Id") or "")
        ).fetchone()
    )
    if taken:
        raise ApiError(
            "DUPLICATE_USERNAME",
            "Duplicate Username.<br>The username already exists in this or another Salesforce organization. "
            "Usernames must be unique across all Salesforce organizations.",
            ["Username"],
        )


def full_name(first: str | None, last: str | None) -> str | None:
    """First and last name as Salesforce joins them."""
    return " ".join(part for part in (first, last) if part) or None

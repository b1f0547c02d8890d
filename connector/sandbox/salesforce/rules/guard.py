"""Permission sets and who holds them: who may change that, what may not be there twice, what goes together."""

from __future__ import annotations

from connector.sandbox.salesforce import access, profiles
from connector.sandbox.salesforce.batch import Batch, Change
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Row

GUARDED = ("PermissionSet", "PermissionSetAssignment", "FieldPermissions", "ObjectPermissions", "SetupEntityAccess")
_RIGHTS = ("AssignPermissionSets", "ManageUsers", "CustomizeApplication")
_PARTS = ("FieldPermissions", "ObjectPermissions", "SetupEntityAccess")
_TWICE = {
    "PermissionSetAssignment": ("AssigneeId", "PermissionSetId"),
    "FieldPermissions": ("ParentId", "Field"),
    "ObjectPermissions": ("ParentId", "SobjectType"),
    "SetupEntityAccess": ("ParentId", "SetupEntityId"),
    "PermissionSet": ("Name",),
}


def before(batch: Batch, change: Change) -> None:
    """Refuse a grant by somebody who may not give it, and one that is there already.

    Raises:
        ApiError: INSUFFICIENT_ACCESS_OR_READONLY, DUPLICATE_VALUE.
    """
    access.need(batch.store, batch.actor.user, *_RIGHTS)
    name, new = change.sobject.name, change.new
    keys = _TWICE[name]
    where = " AND ".join(f'"{key}" = ?' for key in keys)
    taken = batch.store.db.execute(
        f'SELECT Id FROM "{name}" WHERE {where} AND Id <> ?',  # noqa: S608 - the names are those above
        (*(new.get(key) for key in keys), new.get("Id") or ""),
    ).fetchone()
    if taken and name == "PermissionSetAssignment":
        text = f"Duplicate PermissionSetAssignment. Assignee: {new['AssigneeId']}; Permission Set: "
        raise ApiError("DUPLICATE_VALUE", text + str(new["PermissionSetId"]), list(keys))
    if taken:
        text = f"duplicate value found: {keys[-1]} duplicates value on record with id: {taken[0]}"
        raise ApiError("DUPLICATE_VALUE", text, [keys[-1]])
    if name == "FieldPermissions" and new.get("PermissionsEdit"):
        new["PermissionsRead"] = 1


def before_delete(batch: Batch, sobject: SObject, row: Row) -> None:
    """Refuse to delete what somebody may not, or a set that users hold; what a set grants goes with it.

    Raises:
        ApiError: INSUFFICIENT_ACCESS_OR_READONLY, DELETE_FAILED.
    """
    if sobject.name not in GUARDED:
        return
    access.need(batch.store, batch.actor.user, *_RIGHTS)
    if sobject.name != "PermissionSet":
        return
    held = batch.store.db.execute(
        "SELECT COUNT(*) FROM PermissionSetAssignment WHERE PermissionSetId = ?", (row["Id"],)
    ).fetchone()[0]
    if held or row["IsOwnedByProfile"]:
        raise ApiError("DELETE_FAILED", f"The permission set {row['Label']} is assigned to users: {held}", [])
    clear(batch, str(row["Id"]))


def clear(batch: Batch, permission_set: str) -> None:
    """Take away everything a permission set grants."""
    for part in _PARTS:
        batch.store.db.execute(f'DELETE FROM "{part}" WHERE ParentId = ?', (permission_set,))  # noqa: S608 - a name above


def after_user(batch: Batch, change: Change) -> None:
    """A user holds the permission set of the profile."""
    if change.altered("ProfileId") and change.new.get("ProfileId"):
        profiles.follow(batch, change.id, str(change.new["ProfileId"]))

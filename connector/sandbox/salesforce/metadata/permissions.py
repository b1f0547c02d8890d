"""Permission sets of a package: a deploy replaces all that the set grants (as since API version 40)."""

from __future__ import annotations

from typing import Any

from connector.sandbox.salesforce.batch import Batch
from connector.sandbox.salesforce.metadata.fields import Placed
from connector.sandbox.salesforce.metadata.reading import Metadata, MetadataError, need
from connector.sandbox.salesforce.rules import guard
from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.store import Row, known

_USER = "Permissions"
_OBJECT_RIGHTS = ("Create", "Read", "Edit", "Delete")
_DEPENDS = {"Create": "Read", "Edit": "Read", "Delete": "Edit"}
_ALL_RECORDS = {"viewAllRecords": "PermissionsViewAllRecords", "modifyAllRecords": "PermissionsModifyAllRecords"}
_SHOWN = "Name = ? AND IsOwnedByProfile = 0"


def put_set(batch: Batch, name: str, metadata: Metadata) -> Placed:
    """Create a permission set, or let it grant what this metadata grants and no more.

    Raises:
        MetadataError: it names a field, object or permission that there is not, or one that cannot be granted.
    """
    need(metadata, "label")
    grants = {
        "FieldPermissions": [_field(batch, one) for one in metadata.get("fieldPermissions", ())],
        "ObjectPermissions": [_object(batch, one) for one in metadata.get("objectPermissions", ())],
        "SetupEntityAccess": [
            _custom(batch, one) for one in metadata.get("customPermissions", ()) if one.get("enabled")
        ],
    }
    sobject = known(batch.store.schema, "PermissionSet")
    values = {"Label": metadata["label"], "Description": metadata.get("description"), **_user(sobject, metadata)}
    found = batch.store.rows(sobject, _SHOWN, (name,))
    if not found:
        number = str(batch.fresh(sobject, {"Name": name, **values})["Id"])
        _grant(batch, number, grants)
        return Placed(number, created=True, changed=True)
    number = str(found[0]["Id"])
    before = _granted(batch, number)
    changed = any(found[0][key] != value for key, value in values.items())
    guard.clear(batch, number)
    _grant(batch, number, grants)
    changed = changed or before != _granted(batch, number)
    if changed:
        batch.touch("PermissionSet", number, values)
    return Placed(number, changed=changed)


def _grant(batch: Batch, number: str, grants: dict[str, list[Row]]) -> None:
    for table, rows in grants.items():
        sobject = known(batch.store.schema, table)
        for row in rows:
            batch.fresh(sobject, {**row, "ParentId": number})


def _granted(batch: Batch, number: str) -> list[list[Any]]:
    """What a set grants, without ids and dates."""
    shown = {
        "FieldPermissions": "Field, PermissionsRead, PermissionsEdit",
        "ObjectPermissions": "SobjectType, PermissionsCreate, PermissionsRead, PermissionsEdit, PermissionsDelete, "
        "PermissionsViewAllRecords, PermissionsModifyAllRecords",
        "SetupEntityAccess": "SetupEntityId",
    }
    return [
        batch.store.db.execute(
            f"SELECT {columns} FROM {table} WHERE ParentId = ? ORDER BY 1",  # noqa: S608 - the names are those above
            (number,),
        ).fetchall()
        for table, columns in shown.items()
    ]


def _field(batch: Batch, given: Metadata) -> Row:
    full = str(given.get("field"))
    name, _, own = full.partition(".")
    sobject = batch.store.schema.sobject(name)
    field = sobject.field(own) if sobject else None
    if sobject is None or field is None:
        raise MetadataError(f"In field: field - no CustomField named {full} found")
    required = not field.nillable and field.type != "boolean"
    if required or field.cascade:
        raise MetadataError(f"You cannot deploy to a required field: {sobject.name}.{field.name}")
    edit, read = bool(given.get("editable")), bool(given.get("readable"))
    return {
        "SobjectType": sobject.name,
        "Field": f"{sobject.name}.{field.name}",
        "PermissionsEdit": int(edit),
        "PermissionsRead": int(read or edit),
    }


def _object(batch: Batch, given: Metadata) -> Row:
    sobject = batch.store.schema.sobject(str(given.get("object")))
    if sobject is None:
        raise MetadataError(f"In field: object - no CustomObject named {given.get('object')} found")
    rights = {right: bool(given.get(f"allow{right}")) for right in _OBJECT_RIGHTS}
    for right, other in _DEPENDS.items():
        if rights[right] and not rights[other]:
            raise MetadataError(f"Permission {right} {sobject.name} depends on permission(s): {other} {sobject.name}")
    return {
        "SobjectType": sobject.name,
        **{_USER + right: int(value) for right, value in rights.items()},
        **{column: int(bool(given.get(element))) for element, column in _ALL_RECORDS.items()},
    }


def _custom(batch: Batch, given: Metadata) -> Row:
    found = batch.store.db.execute("SELECT Id FROM CustomPermission WHERE DeveloperName = ?", (given.get("name"),))
    row = found.fetchone()
    if row is None:
        raise MetadataError(f"In field: customPermission - no CustomPermission named {given.get('name')} found")
    return {"SetupEntityId": row[0], "SetupEntityType": "CustomPermission"}


def _user(sobject: SObject, metadata: Metadata) -> Row:
    """User permissions of the set as columns; ones the sandbox knows nothing of have no effect."""
    given = {str(one.get("name")) for one in metadata.get("userPermissions", ()) if one.get("enabled")}
    columns = [name for name in sobject.fields if name.startswith(_USER)]
    return {column: int(column.removeprefix(_USER) in given) for column in columns}

"""Who sees and writes what: user permissions, permission sets, field-level security.

Standard objects and their fields are open to everybody, as are custom ones that an administrator made by hand.
What came by a deploy or by the Tooling API is `secured`: a field is there only for users to whom a permission
set grants it, administrators included; an object needs the same, or «Modify All Data».
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.schema import Field, Schema, SObject
from connector.sandbox.salesforce.store import Store

_RIGHTS = ("Read", "Create", "Edit", "Delete")
_HELD = """
  FROM PermissionSetAssignment AS held JOIN {table} AS given ON given.ParentId = held.PermissionSetId
  WHERE held.AssigneeId = ? AND held.IsActive = 1"""
_FIELDS = f"SELECT given.Field, given.PermissionsRead, given.PermissionsEdit {_HELD}".format(table="FieldPermissions")
_OBJECTS = "SELECT given.SobjectType, {rights} {held}".format(
    rights=", ".join(f"given.Permissions{right}" for right in _RIGHTS), held=_HELD.format(table="ObjectPermissions")
)
_NAMED = "given.SetupEntityId IN (SELECT Id FROM CustomPermission WHERE DeveloperName = ?)"
_CUSTOM = f"SELECT 1 {_HELD} AND {_NAMED}".format(table="SetupEntityAccess")


@dataclass(frozen=True)
class Access:
    """What one user may do with what is secured: lower-case `object.field` names, and rights by object."""

    readable: frozenset[str]
    editable: frozenset[str]
    objects: frozenset[tuple[str, str]]
    everything: bool

    def reads(self, sobject: SObject, field: Field) -> bool:
        """Whether the field exists for the user."""
        return not field.secured or _key(sobject, field) in self.readable

    def edits(self, sobject: SObject, field: Field) -> bool:
        """Whether the user may write the field."""
        return not field.secured or _key(sobject, field) in self.editable

    def may(self, right: str, sobject: SObject) -> bool:
        """Whether the user may `Read`, `Create`, `Edit` or `Delete` records of the object."""
        return not sobject.secured or self.everything or (sobject.name.lower(), right) in self.objects


@dataclass(frozen=True)
class Sight:
    """The org as one user sees it; `access` is None when nothing is hidden from anybody."""

    schema: Schema
    access: Access | None


class Sights:
    """The sight of each user, worked out again when the schema or the grants have changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, tuple[tuple[Schema, int, Access], Sight]] = {}

    def of(self, user: str) -> Sight:
        """How a user sees the org now."""
        schema = self._store.schema
        if not schema.secured:
            return Sight(schema, None)
        access = granted(self._store, user)
        state = (schema, schema.version, access)
        kept = self._kept.get(user)
        if kept is None or kept[0] != state:
            kept = self._kept[user] = (state, Sight(_seen(schema, access), access))
        return kept[1]


def granted(store: Store, user: str) -> Access:
    """What permission sets grant a user."""
    readable, editable = set(), set()
    for name, read, edit in store.db.execute(_FIELDS, (user,)):
        if read or edit:
            readable.add(name.lower())
        if edit:
            editable.add(name.lower())
    objects = {
        (row[0].lower(), right)
        for row in store.db.execute(_OBJECTS, (user,))
        for right, given in zip(_RIGHTS, row[1:], strict=True)
        if given
    }
    everything = allowed(store, user, "ModifyAllData")
    return Access(frozenset(readable), frozenset(editable), frozenset(objects), everything)


def allowed(store: Store, user: str, permission: str) -> bool:
    """Whether a user holds a user permission such as `CustomizeApplication`, by profile or permission set."""
    found = store.db.execute(
        f"SELECT 1 FROM PermissionSetAssignment AS held JOIN PermissionSet AS given ON given.Id = held.PermissionSetId "  # noqa: S608 - the permission is a name of this package
        f'WHERE held.AssigneeId = ? AND held.IsActive = 1 AND given."Permissions{permission}" = 1 LIMIT 1',
        (user,),
    ).fetchone()
    return found is not None


def permitted(store: Store, user: str, custom_permission: str) -> bool:
    """Whether a user holds a custom permission."""
    return store.db.execute(_CUSTOM, (user, custom_permission)).fetchone() is not None


def need(store: Store, user: str, *permissions: str) -> None:
    """Let a user pass who holds one of the user permissions.

    Raises:
        ApiError: 403 INSUFFICIENT_ACCESS_OR_READONLY.
    """
    if not any(allowed(store, user, one) for one in permissions):
        raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [], status=403)


def _key(sobject: SObject, field: Field) -> str:
    return f"{sobject.name}.{field.name}".lower()


def _seen(schema: Schema, access: Access) -> Schema:
    """The schema without what the user does not see; objects of which nothing is hidden are shared."""
    objects = [one for one in schema if access.may("Read", one)]
    names = {one.name for one in objects}
    hidden = {
        (one.name, field.name) for one in objects for field in one.fields.values() if not access.reads(one, field)
    }
    seen = Schema([_seen_object(one, access, names, hidden) for one in objects])
    seen.version = schema.version
    return seen


def _seen_object(sobject: SObject, access: Access, names: set[str], hidden: set[tuple[str, str]]) -> SObject:
    fields = {
        name: field if access.edits(sobject, field) else dataclasses.replace(field, createable=False, updateable=False)
        for name, field in sobject.fields.items()
        if (sobject.name, name) not in hidden
    }
    children = {
        name: child for name, child in sobject.child_relationships.items() if child[0] in names and child not in hidden
    }
    if children == sobject.child_relationships and all(fields.get(name) is one for name, one in sobject.fields.items()):
        return sobject
    return dataclasses.replace(sobject, fields=fields, child_relationships=children)

"""What every write to an object needs to know, worked out once for each state of the schema."""

from __future__ import annotations

from dataclasses import dataclass

from connector.sandbox.salesforce.errors import ApiError, no_such_column
from connector.sandbox.salesforce.schema import Field, Schema, SObject


@dataclass(slots=True, frozen=True)
class Column:
    """What a client's column name means: a field, or a lookup found by `key` of `target`."""

    field: Field
    target: SObject | None = None
    key: Field | None = None


class Layout:
    """The defaults, checks and column names of one object."""

    def __init__(self, schema: Schema, sobject: SObject) -> None:
        self._schema = schema
        self.sobject = sobject
        self.version = schema.version
        fields = sobject.fields.values()
        self.defaults = {
            field.name: _default(field)
            for field in fields
            if (field.default is not None and not field.auto_number) or (field.type == "boolean" and not field.nillable)
        }
        self.required = [
            field
            for field in fields
            if field.createable and not field.nillable and not field.defaulted and field.type != "boolean"
        ]
        self.unique = [field for field in fields if field.unique]
        self.alive = "AND IsDeleted = 0" if sobject.field("IsDeleted") else ""
        """The SQL condition that leaves out the recycle bin."""
        self._names: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """What a column name of a client stands for.

        Names are taken in any capitals: `LastName`, `Account.Ext__c` (a lookup by external id), `Account`
        (the same as a nested object, whose key is read later), `Lead:Who.Email` for one of several targets.

        Raises:
            ApiError: INVALID_FIELD, there is no such field.
        """
        found = self._names.get(name)
        if found is None:
            found = self._find(name)
            self._names[name] = found
        return found

    def lookup(self, relationship: str, key: str, kind: str | None = None) -> Column:
        """The lookup `relationship`, found by the field `key` of its target object (of `kind`, if given).

        Raises:
            ApiError: INVALID_FIELD, no such relationship or no such key.
        """
        for field in self.sobject.fields.values():
            if (field.relationship_name or "").lower() != relationship.lower():
                continue
            for name in field.reference_to:
                target = self._schema.sobject(name)
                found = target.field(key) if target else None
                if found is None or (kind and name.lower() != kind.lower()):
                    continue
                if found.external_id or found.id_lookup or found.type == "id":
                    return Column(field, target, found)
                raise ApiError("INVALID_FIELD", f"{found.name} is not an External ID or indexed field for {name}")
        raise no_such_column(f"{relationship}.{key}", self.sobject.name)

    def _find(self, name: str) -> Column:
        field = self.sobject.field(name)
        if field:
            return Column(field)
        relationship, dot, key = name.partition(".")
        if dot:
            kind, colon, rest = relationship.partition(":")
            return self.lookup(rest, key, kind) if colon else self.lookup(relationship, key)
        raise no_such_column(name, self.sobject.name)


def _default(field: Field) -> str | int | float | None:
    if field.type == "boolean":
        return int(field.default == "true")
    if field.type in ("int", "double", "currency", "percent"):
        number = float(field.default or 0)
        return int(number) if field.type == "int" else number
    return field.default

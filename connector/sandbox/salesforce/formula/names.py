"""What the names in a formula stand for: fields of the record, of its parents, and the globals beginning with $."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connector.sandbox.salesforce.formula.expressions import (
    BOOLEAN,
    DATE,
    DATETIME,
    MULTI,
    NUMBER,
    PICKLIST,
    TEXT,
    Moment,
    Part,
)
from connector.sandbox.salesforce.formula.tokens import FormulaError
from connector.sandbox.salesforce.schema import Field, Schema, SObject

_KINDS = {
    "boolean": BOOLEAN,
    "int": NUMBER,
    "double": NUMBER,
    "currency": NUMBER,
    "percent": NUMBER,
    "date": DATE,
    "datetime": DATETIME,
    "picklist": PICKLIST,
    "multipicklist": MULTI,
}
_DEEPEST = 10
_PER_CENT = Decimal(100)
_GLOBAL_ROWS = {"$user": "User", "$organization": "Organization"}

Row = dict[str, Any]
Find = Callable[[Moment], Row | None]


class FieldNames:
    """The names that formulas on one object may use; `permissions` are the custom permissions of the org."""

    def __init__(self, schema: Schema, sobject: SObject, permissions: set[str]) -> None:
        self._schema = schema
        self._sobject = sobject
        self._permissions = {name.lower(): name for name in permissions}

    def part(self, path: tuple[str, ...]) -> Part:
        """The compiled form of a name.

        Raises:
            FormulaError: there is no such field.
        """
        if path[0].startswith("$"):
            return self._global(path)
        if len(path) == 1:
            return self._own(path[0])
        return self._over(self._sobject, path, path, lambda moment: moment.new)

    def _own(self, name: str) -> Part:
        field = self._sobject.field(name)
        if field is None or field.type == "address":
            raise _unknown(name)
        read = _reader(field)
        return Part(
            _KINDS.get(field.type, TEXT),
            lambda moment: read(moment.new),
            label=field.name,
            before=lambda moment: read(moment.old or {}),
        )

    def _over(self, sobject: SObject, path: tuple[str, ...], whole: tuple[str, ...], find: Find) -> Part:
        """A field of a parent record, or of a parent's parent."""
        if len(whole) > _DEEPEST:
            raise _unknown(".".join(whole))
        if len(path) == 1:
            field = sobject.field(path[0])
            if field is None or field.type == "address":
                raise _unknown(".".join(whole))
            read = _reader(field)
            label = ".".join(whole)
            return Part(_KINDS.get(field.type, TEXT), lambda moment: read(find(moment) or {}), label=label)
        step, _, kind = path[0].partition(":")
        reference = _relationship(sobject, step)
        target = self._target(reference, "Group" if kind == "Queue" else kind) if reference else None
        if reference is None or target is None:
            raise _unknown(".".join(whole))
        key, name = reference.name, target.name

        def parent(moment: Moment) -> Row | None:
            return moment.parent(name, (find(moment) or {}).get(key))

        return self._over(target, path[1:], whole, parent)

    def _target(self, reference: Field, kind: str) -> SObject | None:
        wanted = [name for name in reference.reference_to if not kind or name.lower() == kind.lower()]
        return self._schema.sobject(wanted[0]) if len(wanted) == 1 else None

    def _global(self, path: tuple[str, ...]) -> Part:
        root = path[0].lower()
        label = ".".join(path)
        if len(path) < 2:  # noqa: PLR2004 - a global and what of it
            raise _unknown(label)
        if root == "$permission":
            held = self._permissions.get(path[1].lower())
            if held is None or len(path) > 2:  # noqa: PLR2004 - the same
                raise _unknown(label)
            return Part(BOOLEAN, lambda moment: moment.permitted(held), label=label)
        if root == "$profile":
            return self._over(self._object("User"), ("Profile", *path[1:]), ("Profile", *path[1:]), _user)
        if root not in _GLOBAL_ROWS:
            raise _unknown(label)
        find: Find = _user if root == "$user" else (lambda moment: moment.parent("Organization", None))
        return self._over(self._object(_GLOBAL_ROWS[root]), path[1:], path[1:], find)

    def _object(self, name: str) -> SObject:
        found = self._schema.sobject(name)
        assert found is not None, f"every org has {name}"
        return found


def _user(moment: Moment) -> Row:
    return moment.user()


def _relationship(sobject: SObject, name: str) -> Field | None:
    wanted = name.lower()
    return next((one for one in sobject.fields.values() if (one.relationship_name or "").lower() == wanted), None)


def _unknown(name: str) -> FormulaError:
    return FormulaError(f"Field {name} does not exist. Check spelling.")


def _reader(field: Field) -> Callable[[Row], Any]:
    """How a stored value of a field becomes a value of a formula; 50 % is 0.5 there."""
    name, kind = field.name, field.type
    if kind == "boolean":
        return lambda row: bool(row.get(name))
    if kind == "percent":
        return lambda row: None if row.get(name) is None else Decimal(str(row[name])) / _PER_CENT
    if _KINDS.get(kind) == NUMBER:
        return lambda row: None if row.get(name) is None else Decimal(str(row[name]))
    if kind == "date":
        return lambda row: date.fromisoformat(row[name]) if row.get(name) else None
    if kind == "datetime":
        return lambda row: datetime.fromisoformat(row[name]) if row.get(name) else None
    return lambda row: row.get(name)

"""The field list of a query: which SQL columns it takes and how they become records and CSV columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.salesforce.soql.errors import pointed
from connector.sandbox.salesforce.soql.operands import operand
from connector.sandbox.salesforce.soql.scope import Found, Place, Scope
from connector.sandbox.salesforce.soql.shape import WHOLE_ROW, Address, Shape, rest_converter
from connector.sandbox.salesforce.soql.tree import Call, FieldSet, Path, Select, Selected


@dataclass(frozen=True, slots=True)
class Column:
    """One selected value, for CSV headers and columnMetadata.

    `name` is the header (`Account.Name`), `path` its parts, `type` the describe type; `index` is -1 for
    what has no single cell: a compound field (`type` address) or a child query (`type` subquery).
    """

    name: str
    path: tuple[str, ...]
    type: str
    index: int
    field: Field | None = None
    sobject: SObject | None = None
    aggregate: bool = False


class Selection:
    """The field list of a query that is not grouped; `child` compiles a child query and gives its reader."""

    def __init__(self, scope: Scope, base: str, child: Callable[[Select], tuple[str, Callable[[Any], Any]]]) -> None:
        self._scope = scope
        self._base = base
        self._child = child
        self.sql: list[str] = []
        self.columns: list[Column] = []
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._selected: set[str] = set()
        self.shape = self._level(Place((scope.root,)))

    def add(self, one: Selected) -> None:
        """Take one entry of the field list.

        Raises:
            SoqlError: for unknown or doubled fields and for aliases, which only grouped queries have.
        """
        if isinstance(one.what, Select):
            name, reader = self._child(one.what)
            self._once(name.lower(), name, one.what.at)
            self.shape.entries.append((name, WHOLE_ROW, reader))
            self.columns.append(Column(name, (name,), "subquery", WHOLE_ROW))
        elif isinstance(one.what, FieldSet):
            for name in self._members(one.what):
                self._field(Path((name,), one.what.at))
        elif one.alias:
            at = one.what.at
            raise pointed(self._scope.text, at, "MALFORMED_QUERY", "only aggregate expressions use field aliasing")
        elif isinstance(one.what, Path):
            self._field(one.what)
        else:
            self._function(one.what)

    def _members(self, which: FieldSet) -> list[str]:
        wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}[which.which]
        return [name for name, field in self._scope.sobject.fields.items() if field.custom in wanted]

    def _field(self, path: Path) -> None:
        found = self._scope.resolve(path)
        self._once(found.name.lower(), found.name, path.at)
        owner = next((one for one in found.place.entities if found.field.name in one.sobject.fields), self._scope.root)
        level = self._level(found.place)
        names = (*found.place.names, found.field.name)
        if found.field.type == "address":
            address = Address(self._components(found, owner.sobject))
            level.entries.append((found.field.name, WHOLE_ROW, address.value))
            index = WHOLE_ROW
        else:
            index = self._take(found.sql)
            level.entries.append((found.field.name, index, rest_converter(found.field.type)))
        self.columns.append(Column(found.name, names, found.field.type, index, found.field, owner.sobject))

    def _function(self, call: Call) -> None:
        result = operand(self._scope, call)
        key = f"expr{sum(column.aggregate for column in self.columns)}"
        index = self._take(result.sql)
        self.shape.entries.append((key, index, rest_converter(result.type)))
        self.columns.append(Column(key, (key,), result.type, index, aggregate=True))

    def _components(self, found: Found, sobject: SObject) -> list[tuple[str, int]]:
        prefix = found.field.name.removesuffix("Address")
        parts = [one.name for one in sobject.fields.values() if one.compound == found.field.name]
        keyed = ((name.removeprefix(prefix), self._take(found.place.sql(name))) for name in parts)
        return sorted((name[:1].lower() + name[1:], index) for name, index in keyed)

    def _level(self, place: Place) -> Shape:
        """The record level of a place; its parents are made on the way, in the order they are first named."""
        if place.names in self._shapes:
            return self._shapes[place.names]
        ids = [
            (self._take(entity.column("Id")), entity.sobject.name, f"{self._base}/{entity.sobject.name}/")
            for entity in place.entities
        ]
        shape = Shape("Name" if place.polymorphic else None, ids)
        self._shapes[place.names] = shape
        if place.names:
            above = self._level(self._scope.place(place.names[:-1]))
            above.entries.append((place.names[-1], WHOLE_ROW, shape.record))
        return shape

    def _take(self, sql: str) -> int:
        self.sql.append(sql)
        return len(self.sql) - 1

    def _once(self, key: str, name: str, at: int) -> None:
        if key in self._selected:
            raise pointed(self._scope.text, at, "MALFORMED_QUERY", f"duplicate field selected: {name}")
        self._selected.add(key)

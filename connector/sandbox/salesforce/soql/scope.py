"""What the names in one SELECT stand for: fields to SQL columns, parent paths to joins on primary keys.

A polymorphic parent (Owner over User and Group) is joined once for each object it may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.sandbox.salesforce.schema import Field, Schema, SObject
from connector.sandbox.salesforce.soql.errors import SoqlError, no_column, no_relationship, pointed
from connector.sandbox.salesforce.soql.tree import Path

DEEPEST_PATH = 5
IDS = {"id", "reference"}
_NOT_TEXT = IDS | {"boolean", "int", "double", "currency", "percent", "date", "datetime"}


@dataclass(frozen=True, slots=True)
class Entity:
    """One table of the statement under its SQL alias."""

    alias: str
    sobject: SObject

    def column(self, field: str) -> str:
        """The SQL of one of its columns; `field` is a name out of the schema, so quoting is enough."""
        return f'{self.alias}."{field}"'


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path has led to: one table, or several when the parent is polymorphic."""

    entities: tuple[Entity, ...]
    names: tuple[str, ...] = ()

    @property
    def polymorphic(self) -> bool:
        """Whether records of several objects can stand here."""
        return len(self.entities) > 1

    def sql(self, field: str) -> str:
        """The value of a field, taken from whichever table has it."""
        columns = [entity.column(field) for entity in self.entities if field in entity.sobject.fields]
        return columns[0] if len(columns) == 1 else f"COALESCE({', '.join(columns)})"


@dataclass(frozen=True, slots=True)
class Found:
    """A resolved field: its SQL, its description, and the place it belongs to."""

    sql: str
    field: Field
    place: Place

    @property
    def name(self) -> str:
        """The canonical path, as the vendor writes it in answers."""
        return ".".join((*self.place.names, self.field.name))


class Scope:
    """The tables of one SELECT from `sobject`; `numbers` keeps SQL aliases apart across nested ones."""

    def __init__(
        self,
        text: str,
        schema: Schema,
        sobject: SObject,
        aliases: dict[str, tuple[str, ...]],
        numbers: Iterator[int],
    ) -> None:
        self.text = text
        self.schema = schema
        self.sobject = sobject
        self.root = Entity(f"t{next(numbers)}", sobject)
        self.numbers = numbers
        self._aliases = aliases
        self._joins: list[str] = []
        self._places: dict[tuple[str, ...], Place] = {(): Place((self.root,))}

    @property
    def source(self) -> str:
        """The FROM clause, with the joins of all paths resolved so far."""
        return " ".join((f'"{self.sobject.name}" AS {self.root.alias}', *self._joins))

    def resolve(self, path: Path) -> Found:
        """The field a path names.

        Raises:
            SoqlError: INVALID_FIELD for an unknown field or relationship.
        """
        *steps, last = self._unaliased(path)
        if len(steps) > DEEPEST_PATH:
            reason = f"{path.written}: a path may lead over at most {DEEPEST_PATH} relationships"
            raise pointed(self.text, path.at, "INVALID_FIELD", reason)
        place = self._places[()]
        for step in steps:
            place = self._parent(place, step, path.at)
        field = self._field(place, last)
        if field is None:
            entity = "Name" if place.polymorphic else place.entities[0].sobject.name
            raise no_column(self.text, path.at, last, entity)
        return Found(_value(place, field), field, place)

    def place(self, names: tuple[str, ...]) -> Place:
        """A place that a resolved path has passed."""
        return self._places[names]

    def unfilterable(self, found: Found, path: Path, action: str) -> SoqlError:
        """The error for a long text or compound field in a filter, an order or a group."""
        reason = f"field '{found.field.name}' can not be {action} in a query call"
        return pointed(self.text, path.at, "INVALID_FIELD", reason)

    def _unaliased(self, path: Path) -> tuple[str, ...]:
        """The path without a table alias or the object's own name in front."""
        first, *rest = path.names
        if not rest:
            return path.names
        if first.lower() in self._aliases:
            return (*self._aliases[first.lower()], *rest)
        if first.lower() == self.sobject.name.lower() and not _references(self.root, first):
            return tuple(rest)
        return path.names

    def _parent(self, place: Place, relationship: str, at: int) -> Place:
        reference = next(filter(None, (_references(one, relationship) for one in place.entities)), None)
        if reference is None or reference.relationship_name is None:
            raise no_relationship(self.text, at, relationship)
        names = (*place.names, reference.relationship_name)
        if names not in self._places:
            self._places[names] = Place(tuple(self._join(place, reference, at)), names)
        return self._places[names]

    def _join(self, place: Place, reference: Field, at: int) -> Iterator[Entity]:
        known = [one for one in map(self.schema.sobject, reference.reference_to) if one]
        if not known:
            raise no_relationship(self.text, at, reference.relationship_name or reference.name)
        for sobject in known:
            entity = Entity(f"t{next(self.numbers)}", sobject)
            on = f"{entity.column('Id')} = {place.sql(reference.name)}"
            self._joins.append(f'LEFT JOIN "{sobject.name}" AS {entity.alias} ON {on}')
            yield entity

    @staticmethod
    def _field(place: Place, name: str) -> Field | None:
        if place.polymorphic and name.lower() == "type":
            return Field("Type", "Type", "string")
        return next(filter(None, (entity.sobject.field(name) for entity in place.entities)), None)


def _references(entity: Entity, relationship: str) -> Field | None:
    wanted = relationship.lower()
    fields = entity.sobject.fields.values()
    return next((one for one in fields if (one.relationship_name or "").lower() == wanted), None)


def _value(place: Place, field: Field) -> str:
    if place.polymorphic and field.name == "Type":
        cases = (f"WHEN {one.column('Id')} IS NOT NULL THEN {_kind(one)}" for one in place.entities)
        return f"(CASE {' '.join(cases)} END) COLLATE NOCASE"
    sql = place.sql(field.name)
    return f"{sql} COLLATE NOCASE" if sql.startswith("COALESCE") and field.type not in _NOT_TEXT else sql


def _kind(entity: Entity) -> str:
    """`Owner.Type` says User or, for a group, its own type: Queue."""
    return entity.column("Type") if entity.sobject.name == "Group" else f"'{entity.sobject.name}'"

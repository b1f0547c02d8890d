"""What the records of both CRMs truly mean: values and identities, read without the engine's own code.

Values are compared in a form of this module's own making, so that a mistake in `connector.core.values` cannot
hide in the judge as well. Only the field types of the simulation's mappings are known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from world import Entry, Row, World

from connector.model import SIDES, Field, ObjectMapping, Side, by_association, opposite

Value = str | None


class Truth:
    """Reads the world; made anew whenever the world has moved on."""

    def __init__(self, world: World, mappings: Sequence[ObjectMapping]) -> None:
        self.world = world
        self.mappings = {mapping.object: mapping for mapping in mappings}
        self._objects = {
            (side, vendor_object): mapping
            for mapping in mappings
            for side in ("hubspot", "salesforce")
            for vendor_object in mapping.vendor_objects(side)
        }

    def rows(self) -> Iterator[Row]:
        """Every row of both CRMs, the gone ones included."""
        for crm in self.world.crms.values():
            yield from crm.rows.values()

    def row(self, side: Side, id_: str) -> Row | None:
        """A row by id."""
        return self.world.crms[side].rows.get(id_)

    def mapping(self, row: Row) -> ObjectMapping | None:
        """The mapping a row falls under."""
        return self._objects.get((row.side, row.vendor_object))

    def mappings_of(self, row: Row) -> tuple[Field, ...]:
        """The mapping lines of a row's object."""
        mapping = self.mapping(row)
        return mapping.fields if mapping else ()

    def mappings_of_object(self, vendor_object: str, side: Side) -> tuple[Field, ...]:
        """The mapping lines of a vendor object."""
        mapping = self._objects.get((side, vendor_object))
        return mapping.fields if mapping else ()

    def active(self, row: Row) -> bool:
        """Whether a row is a record that people work with: not gone, and no converted lead."""
        return row.gone is None and not row.fields.get("IsConverted")

    def successor(self, row: Row) -> Row:
        """Where a row's story goes on: the survivor of its merge, the contact of its conversion."""
        rows = self.world.crms[row.side].rows
        into = row.fields.get("ConvertedContactId") or (row.gone.into if row.gone else None)
        return self.successor(rows[into]) if into else row

    # --- identities ---------------------------------------------------------------------------------------

    @cached_property
    def _roots(self) -> dict[str, str]:
        """Identities that a person has merged are one: the smallest name of each group."""
        roots: dict[str, str] = {}

        def root(name: str) -> str:
            while roots.setdefault(name, name) != name:
                name = roots[name]
            return name

        for row in self.rows():
            names = sorted(root(name) for name in row.identities)
            for name in names[1:]:
                roots[name] = names[0]
        return {name: root(name) for name in roots}

    def identity(self, row: Row) -> str:
        """Who a row truly is."""
        return self._roots[min(row.identities)]

    @cached_property
    def _members(self) -> dict[tuple[str, str, Side], list[Row]]:
        members: dict[tuple[str, str, Side], list[Row]] = {}
        for row in self.rows():
            mapping = self.mapping(row)
            if mapping is not None:
                members.setdefault((mapping.object, self.identity(row), row.side), []).append(row)
        return members

    def same(self, row: Row, side: Side) -> list[Row]:
        """The rows of one side that truly are what `row` is, ever."""
        mapping = self.mapping(row)
        assert mapping is not None
        return self._members.get((mapping.object, self.identity(row), side), [])

    def was(self, row: Row, seq: int) -> frozenset[str]:
        """Who a row truly was at a moment: whom it was made for, and who had been merged into it."""
        into = [each for each in self.same(row, row.side) if each.gone and each.gone.into == row.id]
        return row.made_as.union(*(self.was(each, seq) for each in into if (each.gone_seq or 0) < seq))

    def merged_at(self, row: Row) -> int:
        """When a person last merged records of whoever `row` is (0: never); what was said before is theirs to judge."""
        rows = [each for side in SIDES for each in self.same(row, side) if each.gone and each.gone.why == "merged"]
        return max((each.gone_seq or 0 for each in rows), default=0)

    # --- values -------------------------------------------------------------------------------------------

    def field_of(self, row: Row, vendor_name: str) -> Field | None:
        """The mapping line behind a vendor field."""
        mapping = self.mapping(row)
        fields = mapping.fields if mapping else ()
        return next((each for each in fields if each.vendor_name(row.side, row.vendor_object) == vendor_name), None)

    def value(self, field: Field, row: Row) -> Value:
        """What a row holds now."""
        name = field.vendor_name(row.side, row.vendor_object)
        return self.read(field, row.side, row.fields.get(name)) if name else None

    def held(self, field: Field, row: Row, after: int = 0) -> set[Value]:
        """Every value a row held at some moment later than number `after`; a deleted one goes on holding its last."""
        name = field.vendor_name(row.side, row.vendor_object)
        if name is None:
            return set()
        end = row.gone_seq if row.gone and row.gone_seq and row.gone.why == "merged" else self._end
        ends = [version.seq for version in row.versions[1:]] + [end]
        return {
            self.read(field, row.side, version.fields.get(name))
            for version, end in zip(row.versions, ends, strict=True)
            if end > after
        }

    def ever(self, field: Field, row: Row, side: Side, after: int = 0) -> set[Value]:
        """Every value that any record of one side that is `row` held later than number `after`."""
        return {value for each in self.same(row, side) for value in self.held(field, each, after)}

    def read(self, field: Field, side: Side, raw: Any) -> Value:
        """A raw value's meaning; references become identities."""
        if field.type in ("reference", "references"):
            return self._reference(field, side, raw)
        if raw in (None, ""):
            return None
        text = str(raw).strip()
        if field.type == "owner":
            return self._owners[side].get(text, text)
        if field.type == "email":
            return text.lower()
        if field.type == "domain":
            return text.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
        if field.type == "date":
            return text[:10]  # a moment about noon, where the property is one
        if field.type in ("number", "money"):
            return format(Decimal(text).normalize(), "f")
        if field.type == "enum" and side == "salesforce":
            return next((ours for ours, theirs in field.values.items() if theirs == text), text)
        return text or None

    def _reference(self, field: Field, side: Side, raw: Any) -> Value:
        ids = [str(each) for each in raw] if isinstance(raw, list) else [str(raw)] if raw else []
        if field.type == "reference":
            ids = ids[:1]
        rows = [row for row in (self.row(side, each) for each in ids) if row is not None]
        return ";".join(sorted({self.identity(row) for row in rows})) or None

    @cached_property
    def _owners(self) -> dict[Side, dict[str, str]]:
        return {side: {each.id: each.email or "" for each in crm.owners()} for side, crm in self.world.crms.items()}

    @cached_property
    def _end(self) -> int:
        return self.world.next_seq()

    # --- the journal --------------------------------------------------------------------------------------

    @cached_property
    def writes(self) -> list[tuple[Entry, Row, Field]]:
        """Every journal entry of a mapped field, with its row and its mapping line."""
        found = []
        for entry in self.world.journal:
            row = self.row(entry.side, entry.record)
            field = self.field_of(row, entry.field) if row else None
            if row is not None and field is not None:
                found.append((entry, row, field))
        return found

    def unanswered(self, seq: int) -> bool:
        """Whether the answer to the write with this number was lost."""
        return any(first < seq < last for first, last in (*self.world.lost, *self.world.pending))

    def said_since(self, seq: int, row: Row, field: Field) -> bool:
        """Whether a person on the other side set this field later than number `seq`, to whatever value."""
        others = {each.id for each in self.same(row, opposite(row.side))}
        return any(
            each.by == "human" and each.seq > seq and each.record in others and line.name == field.name
            for each, _, line in self.writes
        )


def is_column(field: Field, row: Row) -> bool:
    """Whether a field is a plain column of a row's object."""
    name = field.vendor_name(row.side, row.vendor_object)
    return name is not None and not by_association(name)

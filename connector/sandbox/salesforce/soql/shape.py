"""How a row of the store becomes a record of the REST API: attributes, nested parents, JSON types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Sequence[Any]
WHOLE_ROW = -1
"""Index of an entry that is made from the whole row: a parent, an address, a child query."""


def rest_datetime(stored: str) -> str:
    """`2026-11-22T10:00:00.000Z` as the REST API writes it, with `+0000`."""
    return stored[:-1] + "+0000"


def rest_converter(field_type: str) -> Callable[[Any], Any] | None:
    """What makes a stored value of this describe type a JSON value; None when it is one already."""
    if field_type == "boolean":
        return bool
    return rest_datetime if field_type == "datetime" else None


def flat(value: Any, field_type: str) -> str:
    """A stored value as the text of a CSV cell (facts: salesforce.md §2.8); empty stays an empty text."""
    if value is None:
        return ""
    if field_type == "boolean":
        return "true" if value else "false"
    return str(value)


@dataclass(slots=True)
class Shape:
    """One record level: `ids` are (index, sObject, address without id), one for each object it may be."""

    name: str | None
    ids: list[tuple[int, str, str]]
    entries: list[tuple[str, int, Callable[[Any], Any] | None]] = field(default_factory=list)

    def record(self, row: Row) -> dict[str, Any] | None:
        """The record of a row, or None when this parent is not there."""
        present = next((one for one in self.ids if row[one[0]] is not None), None)
        if present is None:
            return None
        index, sobject, address = present
        record: dict[str, Any] = {"attributes": {"type": self.name or sobject, "url": address + row[index]}}
        for key, index, convert in self.entries:
            if index == WHOLE_ROW:
                assert convert is not None
                record[key] = convert(row)
            else:
                value = row[index]
                record[key] = value if convert is None or value is None else convert(value)
        return record


@dataclass(frozen=True, slots=True)
class AggregateShape:
    """The level of a grouped query: no id, no address."""

    entries: list[tuple[str, int, Callable[[Any], Any] | None]]

    def record(self, row: Row) -> dict[str, Any]:
        """The AggregateResult of a row."""
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for key, index, convert in self.entries:
            value = row[index]
            record[key] = value if convert is None or value is None else convert(value)
        return record


@dataclass(frozen=True, slots=True)
class Address:
    """A compound address: (key in the answer, index in the row) of its components."""

    components: list[tuple[str, int]]

    def value(self, row: Row) -> dict[str, Any] | None:
        """The object the REST API shows, or None when every component is empty."""
        parts = {key: row[index] for key, index in self.components}
        return parts if any(part is not None for part in parts.values()) else None

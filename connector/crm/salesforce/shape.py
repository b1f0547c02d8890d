"""Rows of Salesforce as records and as signs that a record is gone, the same whichever road they came by.

REST gives JSON types, Bulk API 2.0 gives text: `converter` makes of the text what REST would have given, since a
record that comes once by each road must not look changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connector.crm.salesforce import moments
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.soql import ROLES, wanted
from connector.model import FieldInfo, Gone, Page, Record

Row = Mapping[str, Any]
Cell = Callable[[str], Any]


class Shape:
    """How the rows of one object become records with the asked fields."""

    def __init__(self, vendor_object: str, fields: Sequence[str]) -> None:
        self.vendor_object = vendor_object
        self._names = wanted(vendor_object, fields)
        self._roles = ROLES in fields

    def page(self, rows: Iterable[Row], roles: Callable[[Row], list[str]]) -> Page:
        """A page of records and of signs; `roles` gives the contacts of an opportunity's row."""
        records, gone = [], []
        for row in rows:
            if row["IsDeleted"]:
                gone.append(self.gone(row))
            else:
                records.append(self.record(row, roles))
        return Page(records, gone)

    def record(self, row: Row, roles: Callable[[Row], list[str]]) -> Record:
        """One record."""
        fields = {name: row.get(name) for name in self._names}
        if self._roles:
            fields[ROLES] = roles(row)
        return Record("salesforce", self.vendor_object, to18(row["Id"]), fields, moments.stamp(row["SystemModstamp"]))

    def gone(self, row: Row) -> Gone:
        """What a deleted row says: merged into another record, or deleted."""
        survivor = row.get("MasterRecordId")
        if survivor:
            return Gone("salesforce", self.vendor_object, to18(row["Id"]), "merged", to18(survivor))
        return Gone("salesforce", self.vendor_object, to18(row["Id"]), "deleted")


def ordered(roles: Iterable[tuple[str, bool]]) -> list[str]:
    """Contact ids of one opportunity, each once: the primary first, the others by id."""
    return list(dict.fromkeys(contact for contact, _ in sorted(roles, key=lambda role: (not role[1], role[0]))))


def converter(info: FieldInfo | None) -> Cell:
    """Makes of a CSV cell what REST gives for this field; an empty cell is None."""
    return _CELLS.get(info.type if info else "string", _text)


def _text(cell: str) -> Any:
    return cell or None


def _boolean(cell: str) -> Any:
    return cell.lower() == "true"


def _whole(cell: str) -> Any:
    return int(float(cell)) if cell else None


def _number(cell: str) -> Any:
    return float(cell) if cell else None


def _moment(cell: str) -> Any:
    return f"{cell[:-1]}+0000" if cell.endswith("Z") else cell or None


_CELLS: Mapping[str, Cell] = {
    "boolean": _boolean,
    "int": _whole,
    "double": _number,
    "currency": _number,
    "percent": _number,
    "datetime": _moment,
}

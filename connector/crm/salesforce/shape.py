"""Rows of Salesforce as records and as signs that a record is gone, the same whichever road they came by.

REST gives JSON types, Bulk API 2.0 gives text: `converter` makes of the text what REST would have given, since a
record that comes once by each road must not look changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from connector.crm.salesforce import moments
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.soql import ROLES, wanted
from connector.model import ROLE_NAMES, FieldInfo, Gone, Page, Record

Row = Mapping[str, Any]
Cell = Callable[[str], Any]


class Held(NamedTuple):
    """A contact role of an opportunity; `role` is None where nobody chose one."""

    contact: str
    primary: bool
    role: str | None


Roles = Callable[[Row], Sequence[Held]]
"""The contact roles of an opportunity's row."""


class Shape:
    """How the rows of one object become records with the asked fields."""

    def __init__(self, vendor_object: str, fields: Sequence[str]) -> None:
        self.vendor_object = vendor_object
        self._names = wanted(vendor_object, fields)
        self._roles, self._named = ROLES in fields, ROLE_NAMES in fields

    def page(self, rows: Iterable[Row], roles: Roles) -> Page:
        """A page of records and of signs."""
        records, gone = [], []
        for row in rows:
            if row["IsDeleted"]:
                gone.append(self.gone(row))
            else:
                records.append(self.record(row, roles))
        return Page(records, gone)

    def record(self, row: Row, roles: Roles) -> Record:
        """One record."""
        fields = {name: row.get(name) for name in self._names}
        if self._roles:
            held = roles(row)
            fields[ROLES] = ordered(held)
            if self._named:
                fields[ROLE_NAMES] = named(held)
        return Record("salesforce", self.vendor_object, to18(row["Id"]), fields, moments.stamp(row["SystemModstamp"]))

    def gone(self, row: Row) -> Gone:
        """What a deleted row says: merged into another record, or deleted."""
        survivor = row.get("MasterRecordId")
        if survivor:
            return Gone("salesforce", self.vendor_object, to18(row["Id"]), "merged", to18(survivor))
        return Gone("salesforce", self.vendor_object, to18(row["Id"]), "deleted")


def ordered(roles: Iterable[Held]) -> list[str]:
    """Contact ids of one opportunity, each once: the primary first, the others by id."""
    return list(dict.fromkeys(each.contact for each in sorted(roles, key=lambda one: (not one.primary, one.contact))))


def named(roles: Iterable[Held]) -> dict[str, list[str]]:
    """Contact id -> its roles; contacts without one are left out."""
    found: dict[str, set[str]] = {}
    for each in roles:
        if each.role:
            found.setdefault(each.contact, set()).add(each.role)
    return {contact: sorted(found[contact]) for contact in sorted(found)}


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

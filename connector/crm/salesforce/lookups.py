"""Records by id and by unique field, several calls at once; what a plan does with them is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from connector.crm.fan import spread
from connector.crm.http import CallDeniedError
from connector.crm.salesforce import roles, soql
from connector.crm.salesforce.collections import BATCH
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Fault, query_refused
from connector.crm.salesforce.reading import Roads
from connector.crm.salesforce.shape import Held, Row, Shape
from connector.model import Gone, Record

READ_BATCH = 2000
"""Ids in one Collections retrieve by POST."""
Part = TypeVar("Part")
Result = TypeVar("Result")


class Lookups:
    """The reads of one org that begin with known ids or values; `width` calls are in flight at once."""

    def __init__(self, roads: Roads, width: int) -> None:
        self._roads = roads
        self._width = width

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Records by id: Collections, or SOQL where contact roles are asked for."""
        known = list(dict.fromkeys(to18(one) for one in ids))
        if soql.ROLES in fields:
            return self._select(vendor_object, soql.among("Id", known), fields)
        shape = Shape(vendor_object, fields)
        names = soql.columns(vendor_object, fields)

        def part(some: Sequence[str]) -> list[Record]:
            body = {"ids": list(some), "fields": list(names)}
            path = f"composite/sobjects/{soql.name(vendor_object)}"
            try:
                rows = self._roads.org.ask(path, "POST", json=body, repeat=True)
            except Fault as fault:
                raise _unreadable(fault, vendor_object) from None
            return [shape.record(row, _no_roles) for row in rows or () if row and not row.get("IsDeleted")]

        # as many calls at once as there are, each with its share: 2,000 records are slow in one
        size = min(READ_BATCH, max(BATCH, -(-len(known) // self._width)))
        parts = [known[at : at + size] for at in range(0, len(known), size)]
        return [record for records in self._spread(part, parts) for record in records]

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records by a unique field; SOQL sees own writes at once."""
        sought = sorted({to18(one) if field == "Id" else one for one in values if one})
        return self._select(vendor_object, soql.among(field, sought), fields)

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of `ids`, those in the recycle bin; one that is only absent may be out of sight and is not named."""
        shape = Shape(vendor_object, ())
        names = (*soql.ALWAYS, *soql.MERGED.get(vendor_object, ()))
        conditions = (f"IsDeleted = true AND {one}" for one in soql.among("Id", sorted({to18(one) for one in ids})))
        return [shape.gone(row) for row in self.rows(vendor_object, names, conditions, deleted=True)]

    def rows(
        self,
        vendor_object: str,
        names: Sequence[str],
        conditions: Iterable[str],
        *,
        order: str = "",
        deleted: bool = False,
    ) -> list[Row]:
        """The rows that meet one of the conditions, a query for each; `deleted` adds deleted and archived ones."""

        def part(condition: str) -> list[Row]:
            asked = soql.select(vendor_object, names, where=condition, order=order)
            return [row for page in self._roads.pages_here(asked, deleted=deleted) for row in page["records"]]

        return [row for found in self._spread(part, conditions) for row in found]

    def _select(self, vendor_object: str, conditions: Iterator[str], fields: Sequence[str]) -> list[Record]:
        shape = Shape(vendor_object, fields)
        names = soql.columns(vendor_object, fields)
        with_roles = soql.ROLES in fields

        def child(row: Row) -> list[Held]:
            return roles.from_child(row, self._roads.org.more)

        def part(condition: str) -> list[Record]:
            asked = soql.select(vendor_object, names, where=condition, roles=with_roles)
            pages = self._roads.pages_here(asked, deleted=False)
            return [shape.record(row, child) for page in pages for row in page["records"]]

        return [record for records in self._spread(part, conditions) for record in records]

    def _spread(self, work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
        return spread(self._roads.pool, work, parts, self._width)


def _no_roles(_: Row) -> list[Held]:
    return []


def _unreadable(fault: Fault, vendor_object: str) -> Exception:
    if fault.status == 404:  # noqa: PLR2004 - not found
        return CallDeniedError(f"Salesforce shows no object {vendor_object}: check its name and the permission set")
    return query_refused(fault, f"FROM {vendor_object}")

"""A compiled query: the SQL that finds its rows, and the SQL that reads known rows again by id."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.soql.errors import too_complicated
from connector.sandbox.salesforce.soql.selection import Column
from connector.sandbox.salesforce.soql.shape import AggregateShape, Row, Shape
from connector.sandbox.salesforce.soql.values import Value

IDS_AT_ONCE = 2000
"""Rows read by id in one statement; SQLite takes 32,766 parameters."""

_LIMITS = ("too many", "at most 64 tables", "too large", "too complex")


@dataclass(slots=True)
class Statement:
    """One SELECT in SQL, in parts; `children` are its child queries."""

    sobject: SObject
    columns: list[Column]
    shape: Shape | AggregateShape
    select: list[str]
    source: str
    id_column: str
    where: str
    parameters: list[Value]
    group: str = ""
    having: str = ""
    order: str = ""
    limit: int | None = None
    offset: int = 0
    children: list[Children] = field(default_factory=list)

    def sql(self) -> str:
        """The whole statement; its marks are `parameters` in order."""
        limit = "" if self.limit is None and not self.offset else f" LIMIT {_most(self.limit)} OFFSET {self.offset}"
        return f"SELECT {', '.join(self.select)} {self.body()}{limit}"

    def body(self) -> str:
        """The statement after the field list, without LIMIT."""
        return f"FROM {self.source}{_part('WHERE', self.where)}{self._tail()}"

    def by_ids(self, db: sqlite3.Connection, ids: Sequence[str]) -> list[Row]:
        """The rows of these ids in their order, as they are now; a row that is gone is left out."""
        marks = ", ".join("?" * len(ids))
        sql = f"SELECT {', '.join(self.select)} FROM {self.source} WHERE {self.id_column} IN ({marks})"  # noqa: S608 - names come from the schema, values are marks
        rows = {row[0]: row for row in rows_of(db, sql, ids)}
        return [rows[one] for one in ids if one in rows]

    def records(self, db: sqlite3.Connection, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
        """The REST records of rows, with child queries run once for all of them."""
        for child in self.children:
            child.load(db, [row[0] for row in rows])
        for row in rows:
            record = self.shape.record(row)
            assert record is not None
            yield record

    def _tail(self) -> str:
        return _part("GROUP BY", self.group) + _part("HAVING", self.having) + _part("ORDER BY", self.order)


@dataclass(slots=True)
class Children:
    """A child query, run for a batch of parents at once; `reference` is the SQL of its parent's id."""

    statement: Statement
    reference: str
    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def load(self, db: sqlite3.Connection, ids: Sequence[str]) -> None:
        """Read the children of these parents."""
        self.found = {}
        for start in range(0, len(ids), IDS_AT_ONCE):
            self._load(db, ids[start : start + IDS_AT_ONCE])

    def of(self, row: Row) -> dict[str, Any] | None:
        """The children of a loaded parent row as the REST API nests them, or None when there are none."""
        return self.found.get(row[0])

    def _load(self, db: sqlite3.Connection, ids: Sequence[str]) -> None:
        one = self.statement
        marks = ", ".join("?" * len(ids))
        where = f"{self.reference} IN ({marks})" + (f" AND {one.where}" if one.where else "")
        sql = (
            f"SELECT {', '.join(one.select)}, {self.reference} "  # noqa: S608 - as in Statement.by_ids
            f"FROM {one.source} WHERE {where}{_part('ORDER BY', one.order)}"
        )
        grouped: dict[str, list[Row]] = {}
        for row in rows_of(db, sql, [*ids, *one.parameters]):
            grouped.setdefault(row[-1], []).append(row)
        end = None if one.limit is None else one.offset + one.limit
        kept = {parent: list(islice(rows, one.offset, end)) for parent, rows in grouped.items()}
        records = one.records(db, [row for rows in kept.values() for row in rows])
        for parent, rows in kept.items():
            if rows:
                nested = list(islice(records, len(rows)))
                self.found[parent] = {"totalSize": len(nested), "done": True, "records": nested}


def rows_of(db: sqlite3.Connection, sql: str, parameters: Sequence[Value]) -> Iterator[Row]:
    """Rows as plain tuples, whatever row type the connection is set to.

    Raises:
        SoqlError: QUERY_TOO_COMPLICATED when the statement passes a limit of SQLite.
    """
    cursor = db.cursor()
    cursor.row_factory = None
    try:
        return iter(cursor.execute(sql, parameters))
    except sqlite3.OperationalError as error:
        if any(limit in str(error) for limit in _LIMITS):
            raise too_complicated() from error
        raise


def _part(words: str, sql: str) -> str:
    return f" {words} {sql}" if sql else ""


def _most(limit: int | None) -> int:
    return -1 if limit is None else limit

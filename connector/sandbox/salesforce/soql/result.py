"""The answer to a query: its size, and its records read from the store as they are asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Any

from connector.sandbox.salesforce.schema import SObject
from connector.sandbox.salesforce.soql.selection import Column
from connector.sandbox.salesforce.soql.shape import WHOLE_ROW, AggregateShape, Row, flat
from connector.sandbox.salesforce.soql.statement import IDS_AT_ONCE, Statement, rows_of


class Result:
    """Records of one query.

    The first page is read at once together with the ids of all further rows; those are read by id when
    `rows` or `flat` reaches them. So no cursor stays open while others write, pages neither skip nor repeat
    a record, and a million rows cost the memory of their ids. A record that is gone by then is left out.
    """

    def __init__(self, statement: Statement, db: sqlite3.Connection, *, count: int | None = None) -> None:
        self._statement = statement
        self._db = db
        self._head: list[Row] = []
        self._later: list[str] = []
        self.total_size = count if count is not None else self._read()
        self.rows: Iterator[dict[str, Any]] = self._records()
        """The records in the shape of the REST API, to be walked once; `itertools.islice` takes a page."""

    @property
    def sobject(self) -> SObject:
        """The object of the FROM clause."""
        return self._statement.sobject

    @property
    def columns(self) -> list[Column]:
        """The selected columns in order."""
        return self._statement.columns

    @property
    def aggregate(self) -> bool:
        """Whether the records are AggregateResults."""
        return isinstance(self._statement.shape, AggregateShape)

    @property
    def grouped(self) -> bool:
        """Whether the query says GROUP BY."""
        return bool(self._statement.group)

    def flat(self) -> Iterator[list[str]]:
        """CSV cells of every row, in the order of `columns`; what has no single cell stays empty.

        Datetimes end in `Z`, booleans are `true` and `false`, empty is an empty text.
        """
        cells = [(column.index, column.type) for column in self.columns]
        for batch in self._batches():
            for row in batch:
                yield ["" if index == WHOLE_ROW else flat(row[index], kind) for index, kind in cells]

    def _read(self) -> int:
        cursor = rows_of(self._db, self._statement.sql(), self._statement.parameters)
        if self.aggregate:
            self._head = list(cursor)
        else:
            self._head = list(islice(cursor, IDS_AT_ONCE))
            self._later = [row[0] for row in cursor]
        return len(self._head) + len(self._later)

    def _records(self) -> Iterator[dict[str, Any]]:
        for batch in self._batches():
            yield from self._statement.records(self._db, batch)

    def _batches(self) -> Iterator[list[Row]]:
        if self._head:
            yield self._head
        for start in range(0, len(self._later), IDS_AT_ONCE):
            yield self._statement.by_ids(self._db, self._later[start : start + IDS_AT_ONCE])

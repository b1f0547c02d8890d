"""One connection to the state store, and its transactions. It knows one table: the counters.

Every transaction takes SQLite's write lock at its start, so that it never fails half way because another
program wrote meanwhile; reads outside of one take no lock. Threads may share the object: each waits its turn.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Row, select
from sqlalchemy.exc import DBAPIError

from connector.errors import StateError
from connector.state import tables
from connector.state.failures import state_error

T = TypeVar("T")

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns are reached by name."""

CHUNK = 500
"""How many ids one statement names, and how many rows one step of an iteration brings."""


class Database:
    """A connection in autocommit mode whose transactions nest by joining the outer one.

    Args:
        connection: with isolation level AUTOCOMMIT; closed, with its engine, by `close`.
        name: what error messages call it; holds no password.
    """

    def __init__(self, connection: Connection, name: str) -> None:
        self.connection = connection
        self.name = name
        self._lock = threading.RLock()
        self._depth = 0
        self._failed = False
        self._sqlite = connection.dialect.name == "sqlite"

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, also when the process is killed inside. Nested use joins the outer transaction.

        Raises:
            StateError: the database refused; everything since the outermost beginning is taken back.
        """
        return self._span("BEGIN IMMEDIATE" if self._sqlite else "BEGIN")

    def snapshot(self) -> AbstractContextManager[None]:
        """Several reads that see the same moment; nothing may be written inside."""
        return self._span("BEGIN" if self._sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @contextmanager
    def _span(self, begin: str) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield  # the outermost one commits
                return
            self._driver(begin)
            self._depth, self._failed = 1, False
            try:
                yield
            except BaseException:
                self._depth = 0
                self._roll_back()
                raise
            self._depth = 0
            self._commit()

    def _commit(self) -> None:
        # A statement failed and somebody swallowed the error: half a step must not be kept.
        if self._failed:
            self._roll_back()
            raise StateError(f"state store {self.name}: a step failed and was taken back; run again")
        try:
            self._driver("COMMIT")
        except StateError:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # SQLite has rolled back by itself after some errors (disk full): then there is nothing to do.
        with suppress(StateError):
            self._driver("ROLLBACK")

    def _driver(self, sql: str, rows: Any = None) -> CursorResult[Any]:
        try:
            return self.connection.exec_driver_sql(sql, rows)
        except DBAPIError as error:
            self._failed = True
            raise state_error(error, self.name) from None  # the cause may quote values

    # --- statements ---------------------------------------------------------------------------------------

    def rows(self, statement: Executable) -> Sequence[AnyRow]:
        """All rows of a small or limited select."""
        with self._lock:
            try:
                return self.connection.execute(statement).all()
            except DBAPIError as error:
                self._failed = True
                raise state_error(error, self.name) from None  # the cause may quote values

    def first(self, statement: Executable) -> AnyRow | None:
        """The first row, or None."""
        found = self.rows(statement)
        return found[0] if found else None

    def run(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """One write with `?` for each value; gives the number of rows it met."""
        with self.transaction():
            return self._driver(self._marks(sql), values).rowcount

    def many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """The same write for many rows of values, without the cost of building a statement per row."""
        if not rows:
            return 0
        with self.transaction():
            return self._driver(self._marks(sql), rows if isinstance(rows, list) else list(rows)).rowcount

    def _marks(self, sql: str) -> str:
        return sql if self._sqlite else sql.replace("?", "%s")

    def next(self, counter: str) -> int:
        """The next number of a counter; the first is 1."""
        with self.transaction():
            self.run(
                "INSERT INTO counter (name, value) VALUES (?, 1) "
                "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1",
                (counter,),
            )
            return self.latest(counter)

    def latest(self, counter: str) -> int:
        """The highest number a counter has given, 0 before the first."""
        found = self.first(select(tables.counter.c.value).where(tables.counter.c.name == counter))
        return int(found[0]) if found else 0

    def close(self) -> None:
        """Give the connection back to the operating system."""
        with self._lock:
            self.connection.close()
            self.connection.engine.dispose()


def chunks(items: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    every = items if isinstance(items, list) else list(items)
    for start in range(0, len(every), size):
        yield every[start : start + size]


def once(found: Collection[str], id: str, side: str) -> None:
    """Refuse to guess which of two records with one id is meant; `found` are the ids met before.

    Raises:
        StateError: `id` is among them.
    """
    if id in found:
        raise StateError(f"{side} uses the id {id} for two kinds of records and the caller did not say which is meant")


def moment(at: datetime) -> str:
    """A time as stored: UTC, always with microseconds, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")

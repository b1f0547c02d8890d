"""The org's memory: one SQLite connection, its transactions, record rows, id numbers and custom schema.

It knows tables and rows but no rule of Salesforce; those are in `dml.py` and `rules/`.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import ids, tables, times
from connector.sandbox.salesforce.schema import Field, PicklistValue, Schema, SObject, standard_schema

Row = dict[str, Any]

_BLOCK = 10_000
"""Id numbers reserved at a time: a restart skips the rest of a block, never repeats a number."""
_OWN_TABLES = """
CREATE TABLE IF NOT EXISTS _meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS _custom_object (name TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS _custom_field (sobject TEXT, name TEXT, child TEXT, body TEXT);
CREATE TABLE IF NOT EXISTS _component (
  type TEXT, name TEXT COLLATE NOCASE, id TEXT, body TEXT, PRIMARY KEY (type, name));
CREATE TABLE IF NOT EXISTS _deleted (sobject TEXT, id TEXT, at TEXT, root TEXT, PRIMARY KEY (sobject, id));
CREATE INDEX IF NOT EXISTS _deleted_at ON _deleted (sobject, at);
CREATE INDEX IF NOT EXISTS _deleted_root ON _deleted (root);
"""


@dataclass(slots=True, frozen=True)
class _Table:
    """The columns of an object's table and the SQL that reads and fills it, for one state of the schema."""

    version: int
    columns: tuple[str, ...]
    select: str
    insert: str


class Store:
    """The SQLite file of one org; `data` is its directory, None keeps everything in memory."""

    def __init__(self, data: Path | None, clock: Clock) -> None:
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        target = ":memory:" if data is None else str(data / "salesforce.sqlite")
        self.db = sqlite3.connect(target, isolation_level=None, check_same_thread=False)
        self.db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_OWN_TABLES}")
        self.schema: Schema = standard_schema()
        self._tables: dict[str, _Table] = {}
        self._next = self._last = 0
        with self.transaction():
            self._build()

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    def reset(self) -> None:
        """Forget every record and every custom field."""
        for (name,) in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            self.db.execute(f'DROP TABLE "{name}"')
        self.db.executescript(_OWN_TABLES)
        self.schema = standard_schema()
        self._tables.clear()
        self._next = self._last = 0
        with self.transaction():
            self._build()

    def _build(self) -> None:
        """Create what tables and columns are missing and take up the custom schema."""
        have = {name for (name,) in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for sobject in self.schema:
            if sobject.name in have:
                tables.complete_table(self.db, sobject)
            else:
                tables.create_table(self.db, sobject)
        self._take_up_custom()

    def reload_schema(self) -> None:
        """Read the schema anew, after something that changed it was undone."""
        version = self.schema.version
        self.schema = standard_schema()
        self._take_up_custom()
        self.schema.version += version

    def _take_up_custom(self) -> None:
        for (body,) in self.db.execute("SELECT body FROM _custom_object ORDER BY rowid").fetchall():
            self.schema.add(_sobject_from(orjson.loads(body)))
        for name, child, body in self.db.execute("SELECT sobject, child, body FROM _custom_field ORDER BY rowid"):
            self.schema.add_field(known(self.schema, name), _field_from(orjson.loads(body)), child)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        self.db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            self._forget_numbers()
            raise
        self.db.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Inside a transaction: what is written inside is undone when `Undo` is raised there."""
        self.db.execute("SAVEPOINT attempt")
        try:
            yield
        except Undo:
            self.db.execute("ROLLBACK TO attempt")
            self._forget_numbers()
        finally:
            self.db.execute("RELEASE attempt")

    def _forget_numbers(self) -> None:
        """The reservation of id numbers may have been undone: take the next ones from the table again."""
        self._next = self._last = 0

    def add_object(self, sobject: SObject) -> None:
        """Create a custom object with its table."""
        body = dataclasses.asdict(sobject)
        body.pop("_lower")
        self.db.execute("INSERT INTO _custom_object VALUES (?, ?)", (sobject.name, orjson.dumps(body)))
        tables.create_table(self.db, sobject)
        self.schema.add(sobject)

    def update_object(self, sobject: SObject) -> None:
        """Keep what was changed in a custom object itself, its fields aside."""
        (kept,) = self.db.execute("SELECT body FROM _custom_object WHERE name = ?", (sobject.name,)).fetchone()
        body = {**orjson.loads(kept), "label": sobject.label, "label_plural": sobject.label_plural}
        self.db.execute("UPDATE _custom_object SET body = ? WHERE name = ?", (orjson.dumps(body), sobject.name))
        self.schema.version += 1

    def drop_object(self, sobject: SObject) -> None:
        """Remove a custom object with its records and its fields."""
        self.db.execute("DELETE FROM _custom_object WHERE name = ?", (sobject.name,))
        self.db.execute("DELETE FROM _custom_field WHERE sobject = ?", (sobject.name,))
        self.db.execute(f'DROP TABLE "{sobject.name}"')
        self.reload_schema()

    def replace_field(self, sobject: SObject, field: Field) -> None:
        """Keep another definition of a custom field of the same type."""
        body = orjson.dumps(dataclasses.asdict(field))
        self.db.execute(
            "UPDATE _custom_field SET body = ? WHERE sobject = ? AND name = ?", (body, sobject.name, field.name)
        )
        tables.index_field(self.db, sobject, field)
        self.schema.add_field(sobject, field)

    def drop_field(self, sobject: SObject, field: Field) -> None:
        """Remove a custom field with its values."""
        self.db.execute("DELETE FROM _custom_field WHERE sobject = ? AND name = ?", (sobject.name, field.name))
        tables.drop_column(self.db, sobject, field)
        self.reload_schema()

    def add_field(self, sobject: SObject, field: Field, child_relationship: str | None = None) -> None:
        """Create a custom field with its column; a lookup is seen from its target under `child_relationship`."""
        body = orjson.dumps(dataclasses.asdict(field))
        self.db.execute(
            "INSERT INTO _custom_field VALUES (?, ?, ?, ?)", (sobject.name, field.name, child_relationship, body)
        )
        tables.add_column(self.db, sobject, field)
        self.schema.add_field(sobject, field, child_relationship)

    def now(self) -> datetime:
        """Sandbox time in whole seconds, as every stamp has it."""
        return self.clock.now().replace(microsecond=0)

    def stamp(self) -> str:
        """Sandbox time in its stored form."""
        return times.stamp(self.now())

    def new_id(self, prefix: str) -> str:
        """A fresh 18-character id; later ids sort later."""
        if self._next >= self._last:
            row = self.db.execute("SELECT value FROM _meta WHERE key = 'next_id'").fetchone()
            self._next = int(row[0]) if row else 1
            self._last = self._next + _BLOCK
            self.db.execute("INSERT OR REPLACE INTO _meta VALUES ('next_id', ?)", (str(self._last),))
        self._next += 1
        return ids.numbered(prefix, self._next - 1)

    def _table(self, sobject: SObject) -> _Table:
        """The SQL of an object's table as the schema is now."""
        table = self._tables.get(sobject.name)
        if table is None or table.version != self.schema.version:
            columns = tuple(sobject.fields)
            listed = ", ".join(f'"{column}"' for column in columns)
            marks = ", ".join("?" * len(columns))  # columns are named: one that came later stands last in the table
            self._tables[sobject.name] = table = _Table(
                self.schema.version,
                columns,
                f'SELECT {listed} FROM "{sobject.name}" WHERE ',  # noqa: S608 - names come from the schema
                f'INSERT INTO "{sobject.name}" ({listed}) VALUES ({marks})',  # noqa: S608 - names come from the schema
            )
        return table

    def rows(self, sobject: SObject, where: str = "1", values: tuple[Any, ...] = ()) -> list[Row]:
        """The rows of an object that meet an SQL condition, deleted ones included."""
        table = self._table(sobject)
        return [dict(zip(table.columns, row, strict=True)) for row in self.db.execute(table.select + where, values)]

    def row(self, sobject: SObject, record: str) -> Row | None:
        """The row of this 18-character id, deleted or not, or None."""
        found = self.rows(sobject, "Id = ?", (record,))
        return found[0] if found else None

    def insert(self, sobject: SObject, row: Row) -> None:
        """Write a new row; columns it does not name stay empty."""
        table = self._table(sobject)
        self.db.execute(table.insert, list(map(row.get, table.columns)))

    def update(self, sobject: SObject, record: str, changes: Row) -> None:
        """Write these columns of one row."""
        listed = ", ".join(f'"{column}" = ?' for column in changes)
        self.db.execute(f'UPDATE "{sobject.name}" SET {listed} WHERE Id = ?', [*changes.values(), record])  # noqa: S608 - names come from the schema


class Undo(Exception):  # noqa: N818 - an order to `attempt`, not an error
    """Raised inside `Store.attempt` to take back what was written there."""


def known(schema: Schema, name: str) -> SObject:
    """A standard object that every org has."""
    sobject = schema.sobject(name)
    assert sobject is not None, f"the schema lacks {name}"
    return sobject


def _field_from(body: dict[str, Any]) -> Field:
    body["picklist"] = tuple(PicklistValue(**one) for one in body["picklist"])
    body["reference_to"] = tuple(body["reference_to"])
    return Field(**body)


def _sobject_from(body: dict[str, Any]) -> SObject:
    fields = {name: _field_from(field) for name, field in body.pop("fields").items()}
    children = {name: (child[0], child[1]) for name, child in body.pop("child_relationships").items()}
    return SObject(**body, fields=fields, child_relationships=children)

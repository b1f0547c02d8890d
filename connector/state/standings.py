"""Where every person, company and deal stands under the agreed rules, and what is still to be derived from.

A *standing* is what the rules remember between two runs (journey, case, clocks, last score), as plain data; its key
is the link's id, or the id that a link of this record would have. A *todo* names a record that changed since the rules
last looked. Both are written only when a plan is applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from connector.model import Side
from connector.state import tables
from connector.state.database import CHUNK, Database, chunks, moment

_standing = tables.standing.c
_todo = tables.todo.c


class Standings:
    """Standings by object and key, and the todo list."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, object: str, keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """What the rules remember of these, by key."""
        columns, found = (_standing.key, _standing.body), dict[str, dict[str, Any]]()
        for some in chunks(keys):
            for row in self._db.rows(select(*columns).where(_standing.object == object, _standing.key.in_(some))):
                found[row.key] = orjson.loads(row.body)
        return found

    def put(self, object: str, rows: Sequence[tuple[str, Mapping[str, Any], datetime | None]]) -> None:
        """Remember (key, body, due) each; `due` is when the rules must look again though nothing changed."""
        self._db.many(
            "INSERT INTO standing (object, key, body, due) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (object, key) DO UPDATE SET body = excluded.body, due = excluded.due",
            [(object, key, _json(body), moment(due) if due else None) for key, body, due in rows],
        )

    def forget(self, object: str, keys: Collection[str]) -> None:
        """Remember nothing more of these."""
        self._db.many("DELETE FROM standing WHERE object = ? AND key = ?", [(object, key) for key in keys])

    def due(self, object: str, as_of: datetime, chunk: int = CHUNK) -> Iterator[list[str]]:
        """The keys that are due, by key; they may be put or forgotten on the way."""
        last = ""
        where = (_standing.object == object) & (_standing.due <= moment(as_of))
        while rows := self._db.rows(
            select(_standing.key).where(where, _standing.key > last).order_by(_standing.key).limit(chunk)
        ):
            last = rows[-1].key
            yield [row.key for row in rows]

    def all(self, object: str, chunk: int = CHUNK) -> Iterator[list[tuple[str, dict[str, Any]]]]:
        """Every standing, by key."""
        last = ""
        columns = (_standing.key, _standing.body)
        while rows := self._db.rows(
            select(*columns)
            .where(_standing.object == object, _standing.key > last)
            .order_by(_standing.key)
            .limit(chunk)
        ):
            last = rows[-1].key
            yield [(row.key, orjson.loads(row.body)) for row in rows]

    # --- what is to be derived ----------------------------------------------------------------------------

    def note_dirty(self, upto: int) -> None:
        """Put every record with an unprocessed change up to `upto` on the list, before planning cleans it."""
        self._db.run(
            "INSERT INTO todo (object, side, record, number) SELECT object, side, id, dirty FROM record "
            "WHERE dirty > 0 AND dirty <= ? "
            "ON CONFLICT (object, side, record) DO UPDATE SET number = excluded.number",
            (upto,),
        )

    def note(self, object: str, side: Side, records: Collection[str]) -> None:
        """Put records on the list, because an activity of theirs is new."""
        with self._db.transaction():
            number = self._db.next("change")
            self._db.many(
                "INSERT INTO todo (object, side, record, number) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (object, side, record) DO UPDATE SET number = excluded.number",
                [(object, side, each, number) for each in records],
            )

    def todo(self, object: str, side: Side, upto: int, chunk: int = CHUNK) -> Iterator[list[str]]:
        """The records on the list with a change up to `upto`, by id."""
        last = ""
        where = (_todo.object == object) & (_todo.side == side) & (_todo.number <= upto)
        while rows := self._db.rows(
            select(_todo.record).where(where, _todo.record > last).order_by(_todo.record).limit(chunk)
        ):
            last = rows[-1].record
            yield [row.record for row in rows]

    def done(self, upto: int, plan: str) -> None:
        """Everything up to a change number was derived from, and the plan that says so was applied.

        What the plan could not do stays on the list: records with an action that is neither done nor held.
        """
        with self._db.transaction():
            number = self._db.next("change")
            self._db.run("DELETE FROM todo WHERE number <= ?", (upto,))
            self._db.run(
                "INSERT INTO todo (object, side, record, number) SELECT DISTINCT object, side, record, ? FROM action "
                "WHERE plan = ? AND record IS NOT NULL AND kind IN ('update', 'restage') "
                "AND state NOT IN ('done', 'held') "
                "ON CONFLICT (object, side, record) DO UPDATE SET number = excluded.number",
                (number, plan),
            )


def _json(body: Mapping[str, Any]) -> str:
    return orjson.dumps(body, default=dict).decode()

"""Conflicts with both values: those that wait for a person, and the history of those that were decided.

A conflict is `open` (a person is asked), `chosen` (answered, not yet carried out), `decided` (by a rule, or
by a choice that was carried out) or `gone` (the values moved on before anybody answered).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, func, or_, select, true

from connector.errors import RecordError
from connector.model import Conflict, Side, Value
from connector.state import tables
from connector.state.database import AnyRow, Database, chunks, moment

_conflict = tables.conflict.c
_WAITING = or_(_conflict.state == "open", _conflict.state == "chosen")


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """A conflict as kept; `number` is what a person calls it."""

    number: int
    link: str
    object: str
    field: str
    base: Value
    hubspot: Value
    salesforce: Value
    decided: Side | None
    because: str
    run: str
    at: datetime
    state: Literal["open", "chosen", "decided", "gone"]
    choice: Side | None


Rows = list[ConflictRow]
Choices = dict[str, dict[str, tuple[Side, Value, Value]]]


class Conflicts:
    """By number, and by link."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def replace(self, link_id: str, object: str, conflicts: Sequence[Conflict], run: str, at: datetime) -> None:
        """Make `conflicts` the link's conflicts of now.

        A waiting one with the same field and values keeps its number and choice, or becomes `decided` when it
        now is; other waiting ones are `gone`; decided ones enter the history unless they are its last entry.
        """
        with self._db.transaction():
            waiting = {row.field: row for row in self._of_link(link_id, _WAITING)}
            last = {row.field: row for row in self._of_link(link_id, true())} if conflicts else {}
            kept = set()
            for each in conflicts:
                row = waiting.get(each.field)
                if row and _same(row, each):
                    kept.add(row.number)
                    if each.decided is not None:
                        self._db.run(
                            "UPDATE conflict SET state = 'decided', decided = ?, because = ?, run = ?, at = ? "
                            "WHERE number = ?",
                            (each.decided, each.because, run, moment(at), row.number),
                        )
                    continue
                row = last.get(each.field)
                if each.decided is None or not (row and _same(row, each) and row.decided == each.decided):
                    self._insert(link_id, object, each, run, at)
            for row in waiting.values():
                if row.number not in kept:
                    self._db.run("UPDATE conflict SET state = 'gone' WHERE number = ?", (row.number,))

    def _insert(self, link_id: str, object: str, conflict: Conflict, run: str, at: datetime) -> None:
        state = "open" if conflict.decided is None else "decided"
        self._db.run(
            "INSERT INTO conflict (link, object, field, base, hubspot, salesforce, decided, because, run, at, state) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                link_id,
                object,
                conflict.field,
                conflict.base,
                conflict.hubspot,
                conflict.salesforce,
                conflict.decided,
                conflict.because,
                run,
                moment(at),
                state,
            ),
        )

    def resolve(self, number: int, choice: Side) -> None:
        """Answer a conflict; its records are looked at again, so that the next run carries the answer out.

        Raises:
            RecordError: there is no such conflict, or it does not wait any more.
        """
        with self._db.transaction():
            row = self.get(number)
            if row is None:
                raise RecordError(
                    "UNKNOWN_CONFLICT", f"there is no conflict {number}; `revloop conflicts list` shows them"
                )
            if row.state not in ("open", "chosen"):
                raise RecordError(
                    "CONFLICT_CLOSED",
                    f"conflict {number} on {row.field} does not wait any more (it is {row.state}); "
                    "`revloop conflicts list` shows those that do",
                )
            self._db.run("UPDATE conflict SET choice = ?, state = 'chosen' WHERE number = ?", (choice, number))
            self._db.run(
                "UPDATE record SET dirty = ? WHERE link = ? AND object = ? AND gone IS NULL",
                (self._db.next("change"), row.link, row.object),
            )

    def choices(self, link_ids: Collection[str]) -> Choices:
        """Link -> field -> (chosen side, the HubSpot and the Salesforce value it is good for), not yet carried out."""
        found: Choices = {}
        for some in chunks(link_ids):
            rows = select(tables.conflict).where(_conflict.link.in_(some), _conflict.state == "chosen")
            for row in self._db.rows(rows):
                found.setdefault(row.link, {})[row.field] = (row.choice, row.hubspot, row.salesforce)
        return found

    def open_of(self, link_ids: Collection[str]) -> set[str]:
        """Those of the links that have a conflict which waits for a person or for its answer to be carried out."""
        found: set[str] = set()
        for some in chunks(link_ids):
            rows = select(_conflict.link).where(_conflict.link.in_(some), _WAITING)
            found.update(row.link for row in self._db.rows(rows))
        return found

    def get(self, number: int) -> ConflictRow | None:
        """One conflict."""
        found = self._db.first(select(tables.conflict).where(_conflict.number == number))
        return _as_row(found) if found else None

    def count(self) -> int:
        """How many wait for a person."""
        where = and_(_WAITING, _conflict.state == "open")
        return int(self._db.rows(select(func.count()).select_from(tables.conflict).where(where))[0][0])

    def history(self, link_id: str) -> Rows:
        """All conflicts of a link, oldest first, those decided by a rule included."""
        return [_as_row(row) for row in self._of_link(link_id, true())]

    def list(self, state: Literal["open", "all"] = "open", *, after: int = 0, limit: int | None = None) -> Rows:
        """Those that wait for a person, or all, by number; `after` and `limit` take them page by page."""
        where = and_(_WAITING, _conflict.state == "open") if state == "open" else true()
        rows = select(tables.conflict).where(where, _conflict.number > after).order_by(_conflict.number).limit(limit)
        return [_as_row(row) for row in self._db.rows(rows)]

    def _of_link(self, link_id: str, where: Any) -> Sequence[AnyRow]:
        rows = select(tables.conflict).where(_conflict.link == link_id, where)
        return self._db.rows(rows.order_by(_conflict.number))


def _same(row: AnyRow, conflict: Conflict) -> bool:
    return bool((row.hubspot, row.salesforce) == (conflict.hubspot, conflict.salesforce))


def _as_row(row: AnyRow) -> ConflictRow:
    return ConflictRow(
        row.number,
        row.link,
        row.object,
        row.field,
        row.base,
        row.hubspot,
        row.salesforce,
        row.decided,
        row.because,
        row.run,
        datetime.fromisoformat(row.at),
        row.state,
        row.choice,
    )

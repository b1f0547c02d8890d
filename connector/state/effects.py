"""What the rules decided to have done beyond fields: tasks, messages, escalations. Each stands here once, by its key.

An effect is `waiting`, then `sent` (the intent is committed, the answer is not known), then `done` or `dropped` (it has
become pointless; the note says why). Carrying effects out is the engine's business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
from sqlalchemy import and_, func, select

from connector.state import tables
from connector.state.database import CHUNK, AnyRow, Database, chunks, moment

EffectState = Literal["waiting", "sent", "done", "dropped"]

_effect = tables.effect.c


@dataclass(frozen=True, slots=True)
class Stored:
    """One effect: `kind` is its class's name, `body` its fields; `answer` such as the id of the task made."""

    key: str
    kind: str
    person: str
    body: dict[str, Any]
    not_before: datetime
    state: EffectState
    tries: int
    note: str
    answer: str | None


class Effects:
    """Effects by key."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def decide(self, run: str, rows: Sequence[tuple[str, str, str, Mapping[str, Any], datetime]]) -> None:
        """Remember (key, kind, person, body, not before) each as waiting; a known key is left as it is."""
        self._db.many(
            "INSERT INTO effect (key, kind, person, body, not_before, state, decided_in, tries, note) "
            "VALUES (?, ?, ?, ?, ?, 'waiting', ?, 0, '') ON CONFLICT (key) DO NOTHING",
            [
                (key, kind, person, orjson.dumps(body, default=dict).decode(), moment(at), run)
                for key, kind, person, body, at in rows
            ],
        )

    def undone(
        self, as_of: datetime, kinds: Collection[str], states: Collection[EffectState] = ("waiting", "sent")
    ) -> Iterator[list[Stored]]:
        """Effects of these kinds whose time has come, the earliest first; they may be settled on the way."""
        last = ("", "")
        where = and_(
            _effect.state.in_(list(states)), _effect.kind.in_(list(kinds)), _effect.not_before <= moment(as_of)
        )
        while rows := self._db.rows(
            select(*_effect)
            .where(where, (_effect.not_before > last[0]) | ((_effect.not_before == last[0]) & (_effect.key > last[1])))
            .order_by(_effect.not_before, _effect.key)
            .limit(CHUNK)
        ):
            last = (rows[-1].not_before, rows[-1].key)
            yield [_stored(row) for row in rows]

    def get(self, keys: Collection[str]) -> dict[str, Stored]:
        """Effects by key."""
        rows = (self._db.rows(select(*_effect).where(_effect.key.in_(some))) for some in chunks(keys))
        return {row.key: _stored(row) for some in rows for row in some}

    def of_person(self, person: str) -> list[Stored]:
        """Everything ever decided for a person, in order of time."""
        order = (_effect.not_before, _effect.key)
        return [
            _stored(row) for row in self._db.rows(select(*_effect).where(_effect.person == person).order_by(*order))
        ]

    def waiting(self, kinds: Collection[str]) -> int:
        """How many of these kinds are neither done nor dropped, due or not."""
        where = and_(_effect.state.in_(["waiting", "sent"]), _effect.kind.in_(list(kinds)))
        return int(self._db.rows(select(func.count()).select_from(tables.effect).where(where))[0][0])

    def send(self, keys: Collection[str]) -> None:
        """Commit the intent: from here on only the other side knows what happened."""
        sql = "UPDATE effect SET state = 'sent', tries = tries + 1 WHERE key = ?"
        self._db.many(sql, [(key,) for key in keys])

    def settle(self, rows: Sequence[tuple[str, EffectState, str, str | None]]) -> None:
        """Note what became of effects: (key, state, note, answer) each."""
        self._db.many(
            "UPDATE effect SET state = ?, note = ?, answer = COALESCE(?, answer) WHERE key = ?",
            [(state, note, answer, key) for key, state, note, answer in rows],
        )

    def postpone(self, rows: Sequence[tuple[str, datetime, str]]) -> None:
        """Certainly not done: have them wait again, (key, not before, note) each."""
        self._db.many(
            "UPDATE effect SET state = 'waiting', not_before = ?, note = ? WHERE key = ?",
            [(moment(at), note, key) for key, at, note in rows],
        )


def _stored(row: AnyRow) -> Stored:
    return Stored(
        row.key,
        row.kind,
        row.person,
        orjson.loads(row.body),
        datetime.fromisoformat(row.not_before),
        row.state,
        row.tries,
        row.note,
        row.answer,
    )

"""The ledger: every field we wrote, with before, after and why. Rows are added and never touched again.

Triggers in the database refuse changes, so that not even a mistake of ours rewrites the past.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import select

from connector.model import Change, Side
from connector.state import tables
from connector.state.database import CHUNK, AnyRow, Database, moment

_ledger = tables.ledger.c


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One record's part of what a run wrote; `answer` is the CRM's answer in one word or sentence."""

    run: str
    action_id: str
    kind: str
    side: Side
    vendor_object: str
    record: str
    link: str
    changes: tuple[Change, ...]
    at: datetime
    answer: str


class Ledger:
    """Written by apply and undo, read by explain and undo."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def write(self, rows: Sequence[LedgerRow]) -> None:
        """Append rows."""
        self._db.many(
            "INSERT INTO ledger (run, action, kind, side, vendor_object, record, link, changes, at, answer) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    row.run,
                    row.action_id,
                    row.kind,
                    row.side,
                    row.vendor_object,
                    row.record,
                    row.link,
                    orjson.dumps([(c.field, c.before, c.after, c.because) for c in row.changes]).decode(),
                    moment(row.at),
                    row.answer,
                )
                for row in rows
            ],
        )

    def of_link(self, link_id: str) -> Iterator[LedgerRow]:
        """What was written to a link's records, newest first."""
        last, columns = None, select(tables.ledger).where(_ledger.link == link_id).order_by(_ledger.number.desc())
        while rows := self._db.rows((columns if last is None else columns.where(_ledger.number < last)).limit(CHUNK)):
            last = rows[-1].number
            yield from map(_as_row, rows)

    def of_run(self, run: str) -> Iterator[LedgerRow]:
        """What a run wrote, in the order it was written."""
        last, columns = 0, select(tables.ledger).where(_ledger.run == run).order_by(_ledger.number).limit(CHUNK)
        while rows := self._db.rows(columns.where(_ledger.number > last)):
            last = rows[-1].number
            yield from map(_as_row, rows)


def _as_row(row: AnyRow) -> LedgerRow:
    return LedgerRow(
        row.run,
        row.action,
        row.kind,
        row.side,
        row.vendor_object,
        row.record,
        row.link,
        tuple([Change(*each) for each in orjson.loads(row.changes)]),
        datetime.fromisoformat(row.at),
        row.answer,
    )

"""The inbox: records that are held, since when, and why in an admin's words. It decides nothing.

Most entries end when their record has been processed. Those of `LASTING` codes do not depend on that: they end by name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true

from connector.model import Side
from connector.state import tables
from connector.state.database import Database, chunks, moment

_inbox = tables.inbox.c

DECIDED = frozenset({"TASK", "NOTIFY", "NO_RECIPIENT", "REVERT_LOOP", "PRIOR_STATUS_UNKNOWN"})
"""Codes of what was decided about a person and cannot be done."""
LASTING = DECIDED | {"CARRIER"}
"""Codes of what the rules want and cannot have: their entries outlive the processing of the record."""
_LASTING = ", ".join(f"'{code}'" for code in sorted(LASTING))
_LEFT = (
    "SELECT 1 FROM action WHERE action.plan = ? AND action.link = inbox.link AND action.object = inbox.object "
    "AND action.side = inbox.side AND action.record = inbox.record AND action.kind IN ('update', 'restage') "
    "AND action.state NOT IN ('done', 'held') AND (action.state <> 'refused' OR inbox.run = ?)"
)
"""What a plan has left to write of the record of an entry, in the sense of `Standings.done`."""


@dataclass(frozen=True, slots=True)
class Held:
    """One reason why one record does not sync; `since` is when it was first met, `run` the last that met it."""

    object: str
    side: Side
    record: str
    link: str | None
    code: str
    message: str
    since: datetime
    run: str


Rows = list[Held]


class Inbox:
    """One row per record and code."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def hold(self, run: str, at: datetime, rows: Sequence[tuple[str, Side, str, str | None, str, str]]) -> None:
        """Hold records: (object, side, record id, link id, code, message) each; a repeated one keeps `since`."""
        self._db.many(
            "INSERT INTO inbox (object, side, record, link, code, message, since, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (side, record, object, code) DO UPDATE SET link = excluded.link, message = excluded.message, "
            "run = excluded.run",
            [(*row, moment(at), run) for row in rows],
        )

    def release(
        self, side: Side, record_ids: Collection[str], codes: Collection[str], object: str | None = None
    ) -> None:
        """Take records out for some codes."""
        with self._db.transaction():
            for held in self._of_records(side, record_ids, object):
                if held.code in codes:
                    self._db.run(
                        "DELETE FROM inbox WHERE side = ? AND record = ? AND object = ? AND code = ?",
                        (side, held.record, held.object, held.code),
                    )

    def sweep(self, run: str, plan: str) -> None:
        """Take out every record that has been processed since, or is no more, and that the plan has nothing left for.

        What is held stays unprocessed, on one side of its link or the other. What the rules want written of a record
        that is processed already is known by the plan alone: its entry stays while that is not done. Where this run
        saw it refused, only what this run said of it stays.
        """
        self._db.run(
            "DELETE FROM inbox WHERE NOT EXISTS (SELECT 1 FROM record WHERE record.side = inbox.side "  # noqa: S608 - ours
            "AND record.id = inbox.record AND record.object = inbox.object AND record.dirty > 0) "
            "AND NOT EXISTS (SELECT 1 FROM record WHERE record.link = inbox.link "
            "AND record.object = inbox.object AND record.dirty > 0) "
            f"AND NOT EXISTS ({_LEFT}) AND code NOT IN ({_LASTING})",
            (plan, run),
        )

    def lasting(self, link: str) -> Rows:
        """The entries about what was decided of a link, open, closed or only proposed."""
        return self._found((_inbox.link == link) & _inbox.code.in_(DECIDED))

    def of_record(self, side: Side, id: str, object: str | None = None) -> Rows:
        """Why one record is held."""
        return self._of_records(side, [id], object)

    def counts(self) -> dict[str, int]:
        """How many rows by code."""
        rows = self._db.rows(select(_inbox.code, func.count()).group_by(_inbox.code).order_by(_inbox.code))
        return {row[0]: row[1] for row in rows}

    def of_code(self, code: str) -> Rows:
        """Everything held for one reason, longest first."""
        return self._found(_inbox.code == code)

    def list(self, object: str | None = None) -> Rows:
        """Everything held, longest first."""
        kind = _inbox.object == object if object is not None else true()
        return self._found(kind)

    def _of_records(self, side: Side, ids: Collection[str], object: str | None) -> Rows:
        kind = _inbox.object == object if object is not None else true()
        return [
            held for some in chunks(ids) for held in self._found((_inbox.side == side) & _inbox.record.in_(some) & kind)
        ]

    def _found(self, where: Any) -> Rows:
        rows = select(tables.inbox).where(where).order_by(_inbox.since, _inbox.side, _inbox.record, _inbox.code)
        return [
            Held(
                row.object,
                row.side,
                row.record,
                row.link,
                row.code,
                row.message,
                datetime.fromisoformat(row.since),
                row.run,
            )
            for row in self._db.rows(rows)
        ]

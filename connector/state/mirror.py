"""The mirror: the mapped fields of every record as last read, so that a run reads only what changed.

A record's `dirty` is the number of the change that nobody has processed yet, 0 when there is none. Records
are named by side and id; `object` (person, company, deal) is needed where HubSpot may have given one id to
two kinds of records, and a method that is not told raises instead of guessing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import case, func, select

from connector.errors import StateError
from connector.model import SIDES, Side
from connector.state import tables
from connector.state.database import CHUNK
from connector.state.records import Records

Key = tuple[str, str]
Row7 = tuple[Side, str, str, Mapping[str, Any], bytes, str, Sequence[Key]]

# A record that is met for the first time may have been linked already: `rebuild` links before it reads.
_SEE: dict[Side, str] = {
    "hubspot": (
        "INSERT INTO record (side, id, object, vendor_object, fields, print, modified, dirty, link) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM link WHERE object = ? AND hubspot = ? AND closed IS NULL)) "
        "ON CONFLICT (side, id, object) DO UPDATE SET vendor_object = excluded.vendor_object, "
        "fields = excluded.fields, print = excluded.print, modified = excluded.modified, "
        "dirty = excluded.dirty, gone = NULL"
    ),
    "salesforce": (
        "INSERT INTO record (side, id, object, vendor_object, fields, print, modified, dirty, link) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM link WHERE object = ? AND salesforce = ? AND closed IS NULL)) "
        "ON CONFLICT (side, id, object) DO UPDATE SET vendor_object = excluded.vendor_object, "
        "fields = excluded.fields, print = excluded.print, modified = excluded.modified, "
        "dirty = excluded.dirty, gone = NULL"
    ),
}
_NEVER_SEEN = "the mirror was told of a write to a record that it never saw; run again"


class Mirror(Records):
    """Everything read, by side and id."""

    # --- what was read ------------------------------------------------------------------------------------

    def see(self, object: str, rows: Sequence[Row7], *, dirty: bool = True) -> None:
        """Take in records as read: inserted or replaced, not gone, with these keys and no others.

        Args:
            object: person, company or deal.
            rows: (side, vendor object, id, fields, print, modified, keys as (name, value) pairs) each.
            dirty: whether somebody has to look at them; not so for what we have just written ourselves.
        """
        if not rows:
            return
        with self._db.transaction():
            number = self._db.next("change") if dirty else 0
            for side, sql in _SEE.items():
                mine = [
                    (side, id_, object, vendor, _text(fields), print_, modified, number, object, id_)
                    for row_side, vendor, id_, fields, print_, modified, _ in rows
                    if row_side == side
                ]
                self._db.many(sql, mine)
            self._replace_keys(object, [(row[0], row[2], row[6]) for row in rows])

    def stored(self, rows: Sequence[tuple[Any, ...]], object: str | None = None) -> None:
        """Take in what a CRM says it stored of our own write; what is dirty stays dirty.

        Args:
            rows: (side, id, fields, print, modified) each, and the keys as sixth when they are to be replaced.
            object: person, company or deal.

        Raises:
            StateError: a record is not mirrored yet; `see` comes first.
        """
        with self._db.transaction():
            objects = {side: self._objects(side, [row[1] for row in rows if row[0] == side], object) for side in SIDES}
            try:
                named = [(row, objects[row[0]][row[1]]) for row in rows]
            except KeyError:
                raise StateError(_NEVER_SEEN) from None
            met = self._db.many(
                "UPDATE record SET fields = ?, print = ?, modified = ? WHERE side = ? AND id = ? AND object = ?",
                [(_text(row[2]), row[3], row[4], row[0], row[1], each) for row, each in named],
            )
            if met != len(rows):
                raise StateError(_NEVER_SEEN)
            keyed: dict[str, list[tuple[Side, str, Sequence[Key]]]] = {}
            for row, each in named:
                if len(row) > 5:  # noqa: PLR2004 - the optional sixth
                    keyed.setdefault(each, []).append((row[0], row[1], row[5]))
            for each, their in keyed.items():
                self._replace_keys(each, their)

    def gone(self, side: Side, id: str, why: str, object: str | None = None) -> None:
        """Note that a record is no more: it keeps its fields, is clean, and is found by no key."""
        with self._db.transaction():
            for id_, each in self._objects(side, [id], object).items():
                self._db.run(
                    "UPDATE record SET gone = ?, dirty = 0 WHERE side = ? AND id = ? AND object = ?",
                    (why, side, id_, each),
                )
                self._replace_keys(each, [(side, id_, ())])

    def _replace_keys(self, object: str, rows: Sequence[tuple[Side, str, Sequence[Key]]]) -> None:
        self._db.many(
            "DELETE FROM record_key WHERE object = ? AND side = ? AND id = ?",
            [(object, side, id_) for side, id_, _ in rows],
        )
        self._db.many(
            "INSERT INTO record_key (object, side, key, value, id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(object, side, key, value, id_) for side, id_, keys in rows for key, value in keys],
        )

    # --- what waits ---------------------------------------------------------------------------------------

    def latest(self) -> int:
        """The highest change number given so far."""
        return self._db.latest("change")

    def touch(self, side: Side, ids: Collection[str], object: str | None = None) -> None:
        """Have records looked at again, as if they had changed."""
        with self._db.transaction():
            number = self._db.next("change")
            rows = self._objects(side, ids, object)
            self._db.many(
                "UPDATE record SET dirty = ? WHERE side = ? AND id = ? AND object = ? AND gone IS NULL",
                [(number, side, id_, each) for id_, each in rows.items()],
            )

    def reopen(self, side: Side, ids: Collection[str], upto: int, object: str) -> None:
        """Have records wait again that were processed up to a change number: there is something to do after all."""
        self._db.many(
            "UPDATE record SET dirty = ? WHERE side = ? AND id = ? AND object = ? AND dirty = 0 AND gone IS NULL",
            [(upto, side, id_, object) for id_ in ids],
        )

    def clean(self, side: Side, ids: Collection[str], upto: int, object: str | None = None) -> None:
        """Note that everything up to a change number has been processed for these records."""
        with self._db.transaction():
            rows = self._objects(side, ids, object)
            self._db.many(
                "UPDATE record SET dirty = 0 WHERE side = ? AND id = ? AND object = ? AND dirty > 0 AND dirty <= ?",
                [(side, id_, each, upto) for id_, each in rows.items()],
            )

    def clean_plan(self, plan: str, upto: int) -> None:
        """Clean the records of every link whose actions in the plan are all done."""
        action, last = tables.action.c, ""
        done = func.sum(case((action.state == "done", 0), else_=1)) == 0
        finished = select(action.link).where(action.plan == plan).group_by(action.link).having(done)
        with self._db.transaction():
            # In steps: one statement over a million links would keep its undo information in memory.
            while rows := self._db.rows(finished.where(action.link > last).order_by(action.link).limit(CHUNK)):
                last = rows[-1].link
                marks = ", ".join("?" * len(rows))
                sql = f"UPDATE record SET dirty = 0 WHERE dirty > 0 AND dirty <= ? AND link IN ({marks})"  # noqa: S608 - marks only
                self._db.run(sql, (upto, *(row.link for row in rows)))


def _text(fields: Mapping[str, Any]) -> str:
    return orjson.dumps(fields, default=dict).decode()

"""What persons did, as both CRMs told it: each activity once, whatever record it moved to since."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import orjson
from sqlalchemy import select

from connector.model import Activity, Side
from connector.state import tables
from connector.state.database import Database, chunks

_activity = tables.activity.c


class Activities:
    """By side, source and the source's own id."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def see(self, activities: Sequence[Activity]) -> list[Activity]:
        """Take in activities as read.

        Returns:
            Those that are new or differ from what was known.
        """
        with self._db.transaction():
            known = self._known(activities)
            fresh = [each for each in activities if known.get((each.side, each.source, each.id)) != _facts(each)]
            self._db.many(
                "INSERT INTO activity (side, source, id, vendor_object, record, at, fields) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (side, source, id) DO UPDATE SET "
                "vendor_object = excluded.vendor_object, record = excluded.record, at = excluded.at, "
                "fields = excluded.fields",
                [(each.side, each.source, each.id, *_facts(each)) for each in fresh],
            )
        return fresh

    def of_records(self, side: Side, records: Collection[str]) -> dict[str, list[Activity]]:
        """Record id -> its activities, oldest first."""
        found: dict[str, list[Activity]] = {}
        for some in chunks(records):
            where = (_activity.side == side) & _activity.record.in_(some)
            for row in self._db.rows(select(*_activity).where(where).order_by(_activity.at, _activity.id)):
                activity = Activity(
                    row.side, row.source, row.id, row.vendor_object, row.record, row.at, orjson.loads(row.fields)
                )
                found.setdefault(row.record, []).append(activity)
        return found

    def forget(self, before: datetime) -> int:
        """Drop activities older than the rules look at; gives how many."""
        return self._db.run("DELETE FROM activity WHERE at < ?", (before.date().isoformat(),))

    def _known(self, activities: Sequence[Activity]) -> dict[tuple[str, str, str], tuple[str, str, str, str]]:
        found: dict[tuple[str, str, str], tuple[str, str, str, str]] = {}
        for side, source in {(each.side, each.source) for each in activities}:
            ids = [each.id for each in activities if (each.side, each.source) == (side, source)]
            for some in chunks(ids):
                where = (_activity.side == side) & (_activity.source == source) & _activity.id.in_(some)
                for row in self._db.rows(select(*_activity).where(where)):
                    found[side, source, row.id] = (row.vendor_object, row.record, row.at, row.fields)
        return found


def _facts(activity: Activity) -> tuple[str, str, str, str]:
    fields = orjson.dumps(activity.fields, default=dict, option=orjson.OPT_SORT_KEYS).decode()
    return activity.vendor_object, activity.record, activity.at, fields

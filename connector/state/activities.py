"""What persons did, as both CRMs told it: each activity once, whatever record it moved to since.

What a CRM says is no more is forgotten at once, and what is too old for the rules in time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, func, or_, select

from connector.model import SHARED, Activity, ActivityPage, ActivitySource, Remains, Side
from connector.state import tables
from connector.state.database import AnyRow, Database, chunks

_activity = tables.activity.c


@dataclass(frozen=True, slots=True)
class Taken:
    """What a page brought: how many activities came, changed or went, and the records they are or were of.

    Where a meeting lost one of its persons, the others are among the records.
    """

    count: int
    records: frozenset[str]


class Activities:
    """By side, source and the source's own id."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def take(self, side: Side, page: ActivityPage) -> Taken:
        """Take in a page as read: what is new or differs from what was known, and what is gone."""
        with self._db.transaction():
            met = [row for source, some in _by_source(page.remains) for row in self._of_lost(side, source, some)]
            left_over = {(each.source, number) for each in page.remains for number in each.ids}
            gone = [row for row in met if (row.source, row.id) not in left_over]
            self._db.many(
                "DELETE FROM activity WHERE side = ? AND source = ? AND id = ?",
                [(side, row.source, row.id) for row in gone],
            )
            known = self._known(page.activities)
            fresh = [each for each in page.activities if known.get((each.side, each.source, each.id)) != _facts(each)]
            self._db.many(
                "INSERT INTO activity (side, source, id, vendor_object, record, at, fields) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (side, source, id) DO UPDATE SET "
                "vendor_object = excluded.vendor_object, record = excluded.record, at = excluded.at, "
                "fields = excluded.fields",
                [(each.side, each.source, each.id, *_facts(each)) for each in fresh],
            )
        left = [known[key][1] for each in fresh if (key := (each.side, each.source, each.id)) in known]
        records = [*(each.record for each in fresh), *(row.record for row in met), *left]
        return Taken(len(fresh) + len(gone), frozenset(records))

    def ids(self, side: Side, source: ActivitySource) -> list[str]:
        """The ids of everything that is known of a source."""
        where = (_activity.side == side) & (_activity.source == source)
        return [row.id for row in self._db.rows(select(_activity.id).where(where))]

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

    def _of_lost(self, side: Side, source: ActivitySource, remains: Sequence[Remains]) -> Iterator[AnyRow]:
        """What is known of those records that have lost something; a touch of several persons is each one's matter."""
        left = {each.record: each.ids for each in remains}
        where = (_activity.side == side) & (_activity.source == source)
        for some in chunks(list(left)):
            known: dict[str, list[AnyRow]] = {}
            for row in self._db.rows(select(*_activity).where(where, _of(source, some))):
                known.setdefault(row.id.partition("-")[0] if source in SHARED else row.id, []).append(row)
            for record, rows in known.items():
                if any(row.id not in left[record] for row in rows):
                    yield from rows

    def _known(self, activities: Sequence[Activity]) -> dict[tuple[str, str, str], tuple[str, str, str, str]]:
        found: dict[tuple[str, str, str], tuple[str, str, str, str]] = {}
        for side, source in {(each.side, each.source) for each in activities}:
            ids = [each.id for each in activities if (each.side, each.source) == (side, source)]
            for some in chunks(ids):
                where = (_activity.side == side) & (_activity.source == source) & _activity.id.in_(some)
                for row in self._db.rows(select(*_activity).where(where)):
                    found[side, source, row.id] = (row.vendor_object, row.record, row.at, row.fields)
        return found


def _by_source(remains: Sequence[Remains]) -> Iterator[tuple[ActivitySource, list[Remains]]]:
    for source in dict.fromkeys(each.source for each in remains):
        yield source, [each for each in remains if each.source == source]


def _of(source: ActivitySource, records: Sequence[str]) -> ColumnElement[bool]:
    """The activities of records: of a shared one, every id that begins with the record's and a hyphen."""
    if source not in SHARED:
        return _activity.id.in_(records)
    # By length, since no index knows beginnings in every order of letters: one look through the source's ids.
    starts: dict[int, list[str]] = {}
    for each in records:
        starts.setdefault(len(each) + 1, []).append(f"{each}-")
    return or_(*(func.substr(_activity.id, 1, length).in_(some) for length, some in starts.items()))


def _facts(activity: Activity) -> tuple[str, str, str, str]:
    fields = orjson.dumps(activity.fields, default=dict, option=orjson.OPT_SORT_KEYS).decode()
    return activity.vendor_object, activity.record, activity.at, fields

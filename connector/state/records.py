"""Looking into the mirror: single records, and those that wait for the next plan, in steps.

Iterations go by key ranges, so that records may be linked, cleaned or touched while they run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, func, literal_column, select, true

from connector.model import Link, Side
from connector.state import tables
from connector.state.database import CHUNK, AnyRow, Database, chunks, once
from connector.state.links import as_link

_record = tables.record.c
_link = tables.link.c
_ZERO: ColumnElement[int] = literal_column("0")  # spelled out, so that the partial index of dirty records is used


@dataclass(frozen=True, slots=True)
class Seen:
    """One mirrored record; `print` is the fingerprint of what was read, `fields` are raw or canonical alike."""

    side: Side
    vendor_object: str
    id: str
    object: str
    fields: dict[str, Any]
    modified: str
    link: str | None
    dirty: int
    print: bytes


Pair = tuple[Link, Seen | None, Seen | None]
"""A link with its HubSpot and its Salesforce record; None where that one is gone or was never read."""


class Records:
    """The mirrored records, to be read; `Mirror` writes them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def versions(self, side: Side, ids: Collection[str], object: str) -> dict[str, tuple[bytes, str]]:
        """Fingerprint and `modified` stamp of those records that are known and not gone."""
        rows = self._each(side, ids, object, _record.id, _record.print, _record.modified, alive=True)
        return {row.id: (row.print, row.modified) for row in rows}

    def get(self, side: Side, id: str, object: str | None = None) -> Seen | None:
        """One record; None when it is unknown or gone."""
        return self.many(side, [id], object).get(id)

    def many(self, side: Side, ids: Collection[str], object: str | None = None) -> dict[str, Seen]:
        """Those records that are known and not gone."""
        found: dict[str, Seen] = {}
        for row in self._each(side, ids, object, *tables.record.c, alive=True):
            once(found, row.id, side)
            found[row.id] = _seen(row)
        return found

    def why_gone(self, side: Side, id: str, object: str | None = None) -> str | None:
        """Why a record is gone; None when it is not, or was never seen."""
        rows = self._each(side, [id], object, _record.gone, alive=False)
        return next((row.gone for row in rows if row.gone), None)

    def alive(self, object: str, side: Side, vendor_object: str, chunk: int = 10 * CHUNK) -> Iterator[list[str]]:
        """The ids of all records of a vendor object that are known and not gone; they may go on the way."""
        where = and_(
            _record.object == object, _record.side == side, _record.gone.is_(None),
            _record.vendor_object == vendor_object,
        )  # fmt: skip
        last = ""
        while rows := self._db.rows(
            select(_record.id).where(where, _record.id > last).order_by(_record.id).limit(chunk)
        ):
            last = rows[-1].id
            yield [row.id for row in rows]

    def dirty_unlinked(self, object: str, side: Side, upto: int, chunk: int = CHUNK) -> Iterator[list[Seen]]:
        """Unlinked records with a change up to `upto`, by id; they may be linked or cleaned on the way."""
        return self._unlinked(object, side, and_(_record.dirty > _ZERO, _record.dirty <= upto), chunk)

    def all_unlinked(self, object: str, side: Side, chunk: int = CHUNK) -> Iterator[list[Seen]]:
        """Every unlinked record, by id; they may be linked on the way."""
        return self._unlinked(object, side, true(), chunk)

    def _unlinked(self, object: str, side: Side, which: ColumnElement[bool], chunk: int) -> Iterator[list[Seen]]:
        where = and_(
            _record.object == object, _record.side == side, _record.link.is_(None), _record.gone.is_(None), which
        )
        last = ""
        while rows := self._db.rows(select(*_record).where(where, _record.id > last).order_by(_record.id).limit(chunk)):
            last = rows[-1].id
            yield [_seen(row) for row in rows]

    def dirty_pairs(self, object: str, upto: int, chunk: int = CHUNK) -> Iterator[list[Pair]]:
        """Open links with a change up to `upto` on either side, by link id."""

        def after(last: str) -> list[str]:
            where = and_(_record.object == object, _record.dirty > _ZERO, _record.dirty <= upto, _record.link > last)
            dirty = select(_record.link).where(where).distinct().order_by(_record.link).limit(chunk)
            return [row.link for row in self._db.rows(dirty)]

        return self._pairs(object, after)

    def all_pairs(self, object: str, chunk: int = CHUNK) -> Iterator[list[Pair]]:
        """Every open link, by link id."""

        def after(last: str) -> list[str]:
            where = and_(_link.object == object, _link.closed.is_(None), _link.id > last)
            return [row.id for row in self._db.rows(select(_link.id).where(where).order_by(_link.id).limit(chunk))]

        return self._pairs(object, after)

    def _pairs(self, object: str, after: Callable[[str], list[str]]) -> Iterator[list[Pair]]:
        last = ""
        while True:
            with self._db.snapshot():
                ids = after(last)
                open_ = select(tables.link).where(_link.id.in_(ids), _link.closed.is_(None)).order_by(_link.id)
                links = [as_link(row) for row in self._db.rows(open_)]
                hubspot = self.many("hubspot", [link.hubspot for link in links], object)
                salesforce = self.many("salesforce", [link.salesforce for link in links], object)
            if not ids:
                return
            last = ids[-1]
            if links:
                yield [(link, hubspot.get(link.hubspot), salesforce.get(link.salesforce)) for link in links]

    def candidates(
        self, object: str, side: Side, key: str, values: Collection[str]
    ) -> dict[str, list[tuple[str, str, str | None]]]:
        """Records by the value of a key: (id, vendor object, link) each, ordered by id."""
        keys = tables.record_key.c
        named: dict[str, list[str]] = {}
        for some in chunks(values):
            where = and_(keys.object == object, keys.side == side, keys.key == key, keys.value.in_(some))
            for row in self._db.rows(select(keys.value, keys.id).where(where).order_by(keys.value, keys.id)):
                named.setdefault(row.value, []).append(row.id)
        # Not a join: without statistics SQLite may begin it at the wrong end and read every record.
        ids = {id_ for some in named.values() for id_ in some}
        columns = (_record.id, _record.vendor_object, _record.link)
        rows = {row.id: row for row in self._each(side, ids, object, *columns, alive=True)}
        found = {value: [rows[id_] for id_ in some if id_ in rows] for value, some in named.items()}
        return {value: [(row.id, row.vendor_object, row.link) for row in some] for value, some in found.items() if some}

    def count(self, object: str, side: Side, vendor_object: str | None = None) -> int:
        """How many records are known and not gone, of one vendor object or all."""
        kind = _record.vendor_object == vendor_object if vendor_object is not None else true()
        where = and_(_record.object == object, _record.side == side, _record.gone.is_(None), kind)
        return int(self._db.rows(select(func.count()).select_from(tables.record).where(where))[0][0])

    def _each(
        self, side: Side, ids: Collection[str], object: str | None, *columns: ColumnElement[Any], alive: bool
    ) -> Iterator[AnyRow]:
        kind = _record.object == object if object is not None else true()
        living = _record.gone.is_(None) if alive else true()
        for some in chunks(ids):
            yield from self._db.rows(select(*columns).where(_record.side == side, _record.id.in_(some), kind, living))

    def _objects(self, side: Side, ids: Collection[str], object: str | None) -> dict[str, str]:
        """Which object each id is: as the caller says, or as the mirror knows."""
        if object is not None:
            return dict.fromkeys(ids, object)
        found: dict[str, str] = {}
        for row in self._each(side, ids, object, _record.id, _record.object, alive=False):
            once(found, row.id, side)
            found[row.id] = row.object
        return found


def _seen(row: AnyRow) -> Seen:
    return Seen(
        row.side,
        row.vendor_object,
        row.id,
        row.object,
        orjson.loads(row.fields),
        row.modified,
        row.link,
        row.dirty,
        bytes(row.print),
    )

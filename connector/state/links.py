"""Links between two records of one person, company or deal, and what became of the ids they once had.

The database keeps one open link per record; which records belong together is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import orjson
from sqlalchemy import and_, func, or_, select, true

from connector.errors import StateError
from connector.model import SIDES, Base, Link, Side, Value
from connector.state import tables
from connector.state.database import CHUNK, AnyRow, Database, chunks, once

_link = tables.link.c
_POINT = "UPDATE record SET link = ? WHERE side = ? AND id = ? AND object = ?"


def as_link(row: AnyRow) -> Link:
    """A link from a row of its table."""
    return Link(row.id, row.object, row.hubspot, row.salesforce, row.salesforce_object, _base(row.base))


class Links:
    """Open and closed links, aliases of ids, hints from lead conversions."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- looking ------------------------------------------------------------------------------------------

    def get(self, ids: Collection[str], *, closed: bool = False) -> dict[str, Link]:
        """The open links among `ids`; with `closed` the closed ones as well."""
        state = true() if closed else _link.closed.is_(None)
        rows = (self._db.rows(select(tables.link).where(_link.id.in_(some), state)) for some in chunks(ids))
        return {row.id: as_link(row) for found in rows for row in found}

    def closed(self, id: str) -> str | None:
        """Why a link was closed; None when it is open or unknown."""
        found = self._db.first(select(_link.closed).where(_link.id == id))
        return found.closed if found else None

    def find(self, object: str, *, hubspot: str | None = None, salesforce: str | None = None) -> Link | None:
        """The open link of a record, by its id as it is now."""
        column, value = (_link.hubspot, hubspot) if hubspot is not None else (_link.salesforce, salesforce)
        where = and_(column == value, _link.object == object, _link.closed.is_(None))
        found = self._db.first(select(tables.link).where(where))
        return as_link(found) if found else None

    def of_records(self, side: Side, record_ids: Collection[str], object: str | None = None) -> dict[str, str]:
        """Record id -> id of its open link, also for ids that a merge or a conversion has replaced."""
        found = self._direct(side, record_ids, object)
        renamed = {id_: self.resolve(side, id_, object) for id_ in self._renamed(side, record_ids, found)}
        now = self._direct(side, set(renamed.values()), object)
        return found | {old: now[new] for old, new in renamed.items() if new in now}

    def _direct(self, side: Side, ids: Collection[str], object: str | None) -> dict[str, str]:
        column = _link.hubspot if side == "hubspot" else _link.salesforce
        kind = _link.object == object if object is not None else true()
        columns = select(column.label("record"), _link.id)
        rows = (self._db.rows(columns.where(column.in_(some), _link.closed.is_(None), kind)) for some in chunks(ids))
        found: dict[str, str] = {}
        for row in (row for some in rows for row in some):
            once(found, row.record, side)
            found[row.record] = row.id
        return found

    def _renamed(self, side: Side, ids: Collection[str], found: Mapping[str, str]) -> set[str]:
        alias = tables.alias.c
        missing = [id_ for id_ in ids if id_ not in found]
        rows = (
            self._db.rows(select(alias.old).where(alias.side == side, alias.old.in_(some))) for some in chunks(missing)
        )
        return {row.old for some in rows for row in some}

    def former(self, side: Side, record_ids: Collection[str], object: str) -> dict[str, list[str]]:
        """Record id -> the ids on the other side that it was linked to by links closed since.

        Links of ids that were merged or converted into the record are its own.
        """
        ours, theirs = (_link.hubspot, _link.salesforce) if side == "hubspot" else (_link.salesforce, _link.hubspot)
        now = {each: each for each in record_ids} | self.replaced_by(side, record_ids, object)
        found: dict[str, list[str]] = {}
        for some in chunks(list(now)):
            where = and_(ours.in_(some), _link.object == object, _link.closed.is_not(None))
            for row in self._db.rows(select(ours.label("own"), theirs.label("other")).where(where)):
                found.setdefault(now[row.own], []).append(row.other)
        return found

    def replaced_by(self, side: Side, ids: Collection[str], object: str) -> dict[str, str]:
        """Former id -> the one of `ids` that it was merged or converted into, through any number of steps."""
        alias, found, latest = tables.alias.c, dict[str, str](), {each: each for each in ids}
        while latest:
            step: dict[str, str] = {}
            for some in chunks(list(latest)):
                where = and_(alias.side == side, alias.new.in_(some), alias.object.in_([object, ""]))
                for row in self._db.rows(select(alias.old, alias.new).where(where)):
                    if row.old not in found:
                        step[row.old] = latest[row.new]
            found |= step
            latest = step
        return found

    def count(self, object: str) -> int:
        """How many links are open."""
        where = and_(_link.object == object, _link.closed.is_(None))
        return int(self._db.rows(select(func.count()).select_from(tables.link).where(where))[0][0])

    def iterate(self, object: str, chunk: int = CHUNK) -> Iterator[list[Link]]:
        """Every open link, by id; they may be changed on the way."""
        where, last = and_(_link.object == object, _link.closed.is_(None)), ""
        while rows := self._db.rows(select(tables.link).where(where, _link.id > last).order_by(_link.id).limit(chunk)):
            last = rows[-1].id
            yield [as_link(row) for row in rows]

    # --- making and moving --------------------------------------------------------------------------------

    def add(self, link: Link, run: str) -> None:
        """Make a link, or open a closed one of the same id again; its records are linked from now on.

        Raises:
            StateError: one of the records is in another open link.
        """
        self.add_all([link], run)

    def add_all(self, links: Sequence[Link], run: str) -> None:
        """Make many links, as `add` makes one."""
        with self._db.transaction():
            for id_ in self.get([link.id for link in links], closed=True):
                self._unlink(id_)
            self._db.many(
                "INSERT INTO link (id, object, hubspot, salesforce, salesforce_object, base, opened_in) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET object = excluded.object, "
                "hubspot = excluded.hubspot, salesforce = excluded.salesforce, "
                "salesforce_object = excluded.salesforce_object, base = excluded.base, closed = NULL, closed_in = NULL",
                [
                    (each.id, each.object, each.hubspot, each.salesforce, each.salesforce_object, _text(each.base), run)
                    for each in links
                ],
            )
            self._db.many(
                _POINT,
                [(each.id, side, each.record_id(side), each.object) for side in SIDES for each in links],
            )

    def move(self, link_id: str, side: Side, new_id: str, vendor_object: str) -> None:
        """Follow a merge or a conversion: the link and its record go to `new_id`, the old id becomes an alias."""
        with self._db.transaction():
            row = self._db.first(select(tables.link).where(_link.id == link_id))
            if row is None:
                raise StateError(
                    f"link {link_id} cannot follow its record, because the store does not hold it; run again"
                )
            old = row.hubspot if side == "hubspot" else row.salesforce
            if side == "hubspot":
                self._db.run("UPDATE link SET hubspot = ? WHERE id = ?", (new_id, link_id))
            else:
                sql = "UPDATE link SET salesforce = ?, salesforce_object = ? WHERE id = ?"
                self._db.run(sql, (new_id, vendor_object, link_id))
            if old != new_id:
                self._point(side, old, row.object, None)
                self.alias(side, old, new_id, row.object)
            self._point(side, new_id, row.object, link_id)

    def close(self, link_id: str, note: str, run: str) -> None:
        """End a link; its records are unlinked, its past is kept."""
        with self._db.transaction():
            self._db.run("UPDATE link SET closed = ?, closed_in = ? WHERE id = ?", (note, run, link_id))
            self._unlink(link_id)

    def _unlink(self, link_id: str) -> None:
        row = self._db.first(select(tables.link).where(_link.id == link_id))
        if row is not None:
            sql = "UPDATE record SET link = NULL WHERE side = ? AND id = ? AND object = ? AND link = ?"
            self._db.run(sql, ("hubspot", row.hubspot, row.object, link_id))
            self._db.run(sql, ("salesforce", row.salesforce, row.object, link_id))

    def _point(self, side: Side, id: str, object: str, link_id: str | None) -> None:
        self._db.run(_POINT, (link_id, side, id, object))

    # --- bases --------------------------------------------------------------------------------------------

    def move_base(self, rows: Sequence[tuple[str, Base]]) -> None:
        """Merge the fields that moved into the stored bases; a field that moved to None leaves them."""
        with self._db.transaction():
            for some in chunks(rows):
                ids = {link_id for link_id, _ in some}
                stored = {
                    row.id: _base(row.base)
                    for row in self._db.rows(select(_link.id, _link.base).where(_link.id.in_(ids)))
                }
                for link_id, moved in some:
                    if link_id in stored:
                        old = stored[link_id]
                        stored[link_id] = Base({**old.hubspot, **moved.hubspot}, {**old.salesforce, **moved.salesforce})
                self._db.many(
                    "UPDATE link SET base = ? WHERE id = ?", [(_text(base), id_) for id_, base in stored.items()]
                )

    # --- aliases and hints --------------------------------------------------------------------------------

    def alias(self, side: Side, old: str, new: str, object: str | None = None) -> None:
        """Note that a record is known by another id now."""
        if old == new:
            return
        with self._db.transaction():
            # The newest word wins: were `new` still an alias of something, following it could go in circles.
            self._db.run(
                "DELETE FROM alias WHERE side = ? AND old = ? AND object IN (?, '')", (side, new, object or "")
            )
            self._db.run(
                "INSERT INTO alias (side, old, object, new) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (side, old, object) DO UPDATE SET new = excluded.new",
                (side, old, object or "", new),
            )

    def resolve(self, side: Side, id: str, object: str | None = None) -> str:
        """The id a record has now, through any number of merges and conversions; `id` itself when nothing is known."""
        alias, passed = tables.alias.c, {id}
        kind = or_(alias.object == object, alias.object == "") if object is not None else true()
        now = id
        while True:
            where = and_(alias.side == side, alias.old == now, kind)
            found = self._db.first(select(alias.new).where(where).order_by(alias.object.desc()))
            if found is None or found.new in passed:
                return now
            now = found.new
            passed.add(now)

    def hint(self, object: str, hubspot: str, salesforce: str) -> None:
        """Note that two records were born in one lead conversion and belong together once both are read."""
        self._db.run(
            "INSERT INTO hint (object, salesforce, hubspot) VALUES (?, ?, ?) "
            "ON CONFLICT (object, salesforce) DO UPDATE SET hubspot = excluded.hubspot",
            (object, salesforce, hubspot),
        )

    def hints(self, object: str) -> dict[str, str]:
        """Salesforce id -> HubSpot id of the hints that no link has fulfilled yet."""
        hint = tables.hint.c
        taken = select(_link.id).where(
            _link.object == hint.object, _link.salesforce == hint.salesforce, _link.closed.is_(None)
        )
        rows = self._db.rows(select(hint.salesforce, hint.hubspot).where(hint.object == object, ~taken.exists()))
        return {row.salesforce: row.hubspot for row in rows}


def _base(stored: str) -> Base:
    hubspot, salesforce = orjson.loads(stored)
    return Base(hubspot, salesforce)


def _text(base: Base) -> str:
    return orjson.dumps([_filled(base.hubspot), _filled(base.salesforce)]).decode()


def _filled(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}

"""A read in progress: which road it takes, what it brings, and where the next one begins.

The mark is the `latestDateCovered` that getDeleted gives *before* the query runs: everything stamped up to it is
visible by then, also when a long transaction is still open. A read begins `overlap` earlier, since rows carry the
time they were written at and appear when they are committed. getDeleted also names rows that have left the recycle
bin, which queryAll no longer shows. Sources: REST API guide, «Get Deleted», «QueryAll».
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.crm.port import Query
from connector.crm.salesforce import moments, roles, soql
from connector.crm.salesforce.bulk_read import bulk_rows
from connector.crm.salesforce.deleted import BRIEF, deleted
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import Org
from connector.crm.salesforce.shape import Held, Row, Shape, converter
from connector.model import FieldInfo, Gone, Page

OLDEST = timedelta(days=14)
"""getDeleted looks 15 days back; a mark older than this makes the read full."""
SHORTEST = timedelta(minutes=1)
"""The least span getDeleted takes."""


@dataclass(frozen=True, slots=True)
class Roads:
    """What a read works with.

    `bulk_above` is the number of rows above which a bulk job is the cheaper road, `page_rows` how many rows of its
    results come with one call.
    """

    org: Org
    pool: Executor
    pause: Callable[[float], None]
    describe: Callable[[str], dict[str, FieldInfo]]
    overlap: timedelta
    bulk_above: int
    page_rows: int

    def pages(self, query: str, *, deleted: bool) -> Iterator[dict[str, Any]]:
        """Pages of a query by REST; the next one is under way while the caller works on this one."""
        yield from self.follow(self.org.select(query, deleted=deleted))

    def pages_here(self, query: str, *, deleted: bool) -> Iterator[dict[str, Any]]:
        """Pages of a query, one after the other, for work that is itself in the pool and must not wait for it."""
        page = self.org.select(query, deleted=deleted)
        yield page
        while not page["done"]:
            page = self.org.more(page["nextRecordsUrl"])
            yield page

    def follow(self, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A first page and those after it."""
        while True:
            following = None if page["done"] else self.pool.submit(self.org.more, page["nextRecordsUrl"])
            yield page
            if following is None:
                return
            page = following.result()

    def bulk(self, query: str, vendor_object: str, *, deleted: bool) -> Iterator[list[Row]]:
        """Chunks of rows of a query by a bulk job, with the values as REST gives them."""
        infos = self.describe(vendor_object)
        for header, rows in bulk_rows(self.org, query, self.pause, deleted=deleted, page_rows=self.page_rows):
            cells = [converter(infos.get(name)) for name in header]
            yield [{name: cell(text) for name, cell, text in zip(header, cells, row, strict=True)} for row in rows]


class Changes:
    """The port's `Reading` for one object.

    Raises, when made or iterated:
        SettingsError: the object or a field does not exist or may not be seen.
        LaterError: limits, or the org cannot be reached.
    """

    def __init__(self, roads: Roads, query: Query, mark: str | None) -> None:
        self._roads = roads
        self._query = query
        self._object = soql.name(query.vendor_object)
        self._shape = Shape(self._object, query.fields)
        self._roles = soql.ROLES in query.fields
        now = roads.org.door.vendor_now()
        since = moments.read(mark) - roads.overlap if mark else now - BRIEF
        start = max(since, now - OLDEST)
        end = max(now, start + SHORTEST)
        asked = [self._object, soql.ROLE] if self._roles else [self._object]
        told = [deleted(roads.org, one, start, end) for one in asked]
        self._purged = told[0].ids
        self._mark = moments.literal(min(one.covered for one in told))
        # with a gap in what getDeleted knows, only a full read is complete
        self._full = mark is None or start > since or not told[0].complete
        self._start = start
        self._ended = False

    @property
    def mark(self) -> str:
        """Where the next incremental read begins."""
        if not self._ended:
            raise RuntimeError("a read has its mark after its last page")
        return self._mark

    @property
    def full(self) -> bool:
        """Whether this read brings every record there is; known from the beginning."""
        return self._full

    def __iter__(self) -> Iterator[Page]:
        """Pages of about 2,000 records."""
        unseen = set(self._purged)
        seen: set[str] | None = set() if self._roles and not self._full else None
        for page in self._pages():
            for signs in (page.records, page.gone):
                found = [one.id for one in signs]
                unseen.difference_update(found)
                if seen is not None:
                    seen.update(found)
            yield page
        if seen is not None:
            yield from self._role_changes(seen)
        if unseen:
            yield Page([], [Gone("salesforce", self._object, one, "deleted") for one in sorted(unseen)])
        self._ended = True

    def _pages(self) -> Iterator[Page]:
        where = "" if self._full else f"SystemModstamp >= {moments.literal(self._start)}"
        names = soql.columns(self._object, self._query.fields)
        if self._full and self._query.expected > self._roads.bulk_above:
            yield from self._bulk(names, where)
            return
        order = "Id" if self._full else "SystemModstamp, Id"
        first = self._roads.org.select(
            soql.select(self._object, names, where=where, order=order, roles=self._roles), deleted=True
        )
        if first["totalSize"] > self._roads.bulk_above:
            yield from self._bulk(names, where)
            return
        for page in self._roads.follow(first):
            if page["records"]:
                yield self._shape.page(page["records"], self._child)

    def _child(self, row: Row) -> list[Held]:
        return roles.from_child(row, self._roads.org.more)

    def _bulk(self, names: Sequence[str], where: str) -> Iterator[Page]:
        query = soql.select(self._object, names, where=where)
        if not self._roles:
            for rows in self._roads.bulk(query, self._object, deleted=True):
                yield self._shape.page(rows, lambda _: [])
            return
        table = roles.RoleTable()
        try:
            # alive roles only, so `query`; changes after it come with the overlap of the next read
            asked = soql.select(soql.ROLE, ("OpportunityId", "ContactId", "IsPrimary", "Role"))
            for rows in self._roads.bulk(asked, soql.ROLE, deleted=False):
                table.add((row["OpportunityId"], row["ContactId"], row["IsPrimary"], row["Role"]) for row in rows)
            table.index()
            for rows in self._roads.bulk(query, self._object, deleted=True):
                known = table.of([row["Id"] for row in rows])
                yield self._shape.page(rows, lambda row, known=known: known.get(row["Id"], []))  # type: ignore[misc]
        finally:
            table.close()

    def _role_changes(self, seen: set[str]) -> Iterator[Page]:
        """Opportunities that did not change themselves but whose roles did."""
        where = f"SystemModstamp >= {moments.literal(self._start)}"
        query = soql.select(soql.ROLE, ("OpportunityId",), where=where, order="SystemModstamp, Id")
        touched: set[str] = set()
        for page in self._roads.pages(query, deleted=True):
            touched.update(to18(row["OpportunityId"]) for row in page["records"] if row["OpportunityId"])
        names = soql.columns(self._object, self._query.fields)
        for condition in soql.among("Id", sorted(touched - seen)):
            again = soql.select(self._object, names, where=condition, roles=True)
            for page in self._roads.pages(again, deleted=False):
                if page["records"]:
                    yield self._shape.page(page["records"], self._child)

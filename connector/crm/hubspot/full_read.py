"""Every record of an object, page by page, several pages at once, and then what lies in the recycle bin.

List pages are ordered by id and `after` is the id of the next record, so ranges of ids can be read side by side.
Ids lie in clusters; the search, which can skip records, tells where equal shares begin. It may be behind, which
makes a share larger and nothing wrong: the ranges cover every id. Should a page contradict the order of ids, the
rest is read one page after the other. Limits: 100 records per page, and 10,000 that a search can skip.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol

from connector.crm.hubspot.names import MERGED
from connector.model import Gone, Page, Record

log = logging.getLogger("revloop.hubspot")

FEW = 500
"""With so few records known, asking for the highest id costs more than it saves."""
LEAST_SHARE = 500
MOST_SHARE = 9_999
"""Records of one range: fewer are not worth a search call, more a search cannot skip."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One list page; `after` is None on the last one."""

    records: list[Record]
    after: str | None


class Source(Protocol):
    """The calls of a full read."""

    def page(self, after: str | None) -> Listed:
        """One page of live records from an id on."""

    def archived(self, after: str | None) -> tuple[list[str], str | None]:
        """Ids of one page of the recycle bin, and where the next begins."""

    def count(self) -> int:
        """How many records there are, about."""

    def skip(self, start: str, records: int) -> str | None:
        """The id that comes so many records after `start`; None when there are fewer."""


class _NotById(Exception):  # noqa: N818 - a signal inside this file
    """The pages are not in the order of ids."""


@dataclass(slots=True)
class _Range:
    """Ids from `cursor` up to, not including, `end` (None: to the last page)."""

    cursor: int
    end: int | None


class FullRead:
    """A `Reading` of everything; `began` tells the mark once the first answer is there, `expected` is a guess."""

    full = True

    def __init__(
        self,
        vendor_object: str,
        source: Source,
        pool: Executor,
        width: int,
        *,
        expected: int,
        began: Callable[[], str],
    ) -> None:
        self._object = vendor_object
        self._source = source
        self._pool = pool
        self._width = width
        self._expected = expected
        self._began = began
        self._merged: dict[str, str] = {}
        self._mark = ""

    @property
    def mark(self) -> str:
        """Where the next incremental read begins; empty before the last page."""
        return self._mark

    def __iter__(self) -> Iterator[Page]:
        """Live records first, then the deleted ones."""
        first = self._source.page(None)
        mark = self._began()
        yield self._page(first.records)
        if first.after is not None:
            yield from self._rest(first.after)
        yield from self._bin()
        self._mark = mark

    def _rest(self, after: str) -> Iterator[Page]:
        share = self._share(after)
        if share:
            try:
                yield from self._side_by_side(int(after), share)
            except _NotById:
                log.warning("HubSpot does not list %s by id: reading one page after the other", self._object)
            else:
                return
        at: str | None = after
        while at is not None:
            listed = self._source.page(at)
            yield self._page(listed.records)
            at = listed.after

    def _share(self, after: str) -> int:
        """Records per range; 0 when the rest is a few pages or ids are no numbers."""
        if not after.isdigit() or 0 < self._expected <= FEW:
            return 0
        total = self._source.count()
        return min(max(-(-total // self._width), LEAST_SHARE), MOST_SHARE) if total > 2 * LEAST_SHARE else 0

    def _side_by_side(self, start: int, share: int) -> Iterator[Page]:
        """Keep up to `width` calls in flight; the last range is open, so that new records are read too."""
        flying: dict[Future[Listed], _Range] = {}
        waiting: deque[_Range] = deque()
        scout: Future[str | None] | None = self._pool.submit(self._source.skip, str(start), share)
        try:
            while flying or waiting or scout:
                if scout and scout.done():
                    end = _boundary(scout.result(), start)
                    waiting.append(_Range(start, end))
                    start = end or start
                    scout = self._pool.submit(self._source.skip, str(start), share) if end else None
                while waiting and len(flying) < self._width:
                    part = waiting.popleft()
                    flying[self._pool.submit(self._source.page, str(part.cursor))] = part
                _first_of(flying, scout)
                pages = []
                for future in [future for future in flying if future.done()]:
                    part = flying.pop(future)
                    listed = future.result()
                    pages.append(_within(listed, part))
                    if _goes_on(listed, part):
                        flying[self._pool.submit(self._source.page, str(part.cursor))] = part
                for records in pages:
                    yield self._page(records)
        finally:
            _abandon(flying, scout)

    def _bin(self) -> Iterator[Page]:
        after: str | None = None
        while True:
            ids, after = self._source.archived(after)
            gone = [self._gone(number) for number in ids]
            if gone:
                yield Page([], gone)
            if after is None:
                return

    def _gone(self, number: str) -> Gone:
        survivor = self._merged.get(number)
        return Gone("hubspot", self._object, number, "merged" if survivor else "deleted", survivor)

    def _page(self, records: list[Record]) -> Page:
        for record in records:
            for old in str(record.fields.get(MERGED) or "").split(";"):
                if old:
                    self._merged[old] = record.id
        return Page(records)


def _within(listed: Listed, part: _Range) -> list[Record]:
    """The page's records of this range.

    Raises:
        _NotById: the page is not a run of ids from the cursor on.
    """
    previous = part.cursor - 1
    for record in listed.records:
        if not record.id.isdigit() or int(record.id) <= previous:
            raise _NotById
        previous = int(record.id)
    if listed.after is not None and (not listed.after.isdigit() or int(listed.after) <= previous):
        raise _NotById
    return [record for record in listed.records if part.end is None or int(record.id) < part.end]


def _goes_on(listed: Listed, part: _Range) -> bool:
    """Move the range past the page; False when nothing of it is left."""
    if listed.after is None or (part.end is not None and int(listed.after) >= part.end):
        return False
    part.cursor = int(listed.after)
    return True


def _boundary(found: str | None, start: int) -> int | None:
    """Where the next range begins, if the search gave an id beyond `start`."""
    return int(found) if found and found.isdigit() and int(found) > start else None


def _first_of(flying: Iterable[Future[Any]], scout: Future[Any] | None) -> None:
    """Wait until one of them is done."""
    wait([*flying, *([scout] if scout else [])], return_when=FIRST_COMPLETED)


def _abandon(flying: Iterable[Future[Any]], scout: Future[Any] | None) -> None:
    """Drop what has not begun and wait for the rest."""
    left = [*flying, *([scout] if scout else [])]
    for future in left:
        future.cancel()
    wait(left)

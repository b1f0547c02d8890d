"""Records changed since a mark, by search: keyset by id, so that 10,000 hits are no limit and no page can shift.

Search is eventually consistent, so a read begins `overlap` before the mark, and the next mark lies `lag` before the
instant this read began by HubSpot's own clock. Deleted records never appear in a search.
Limits: 200 records per page, bodies of 3,000 characters, 5 searches a second (HubSpot's search guide).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from connector.crm.port import Reading
from connector.model import Page, Record

PAGE = 200
SEARCHES_A_SECOND = 5.0
LISTS_A_SECOND = 19.0
WORTH_A_SWITCH = 2000
"""Below so many hits a search is quick enough, whatever a full read would take."""


@dataclass(frozen=True, slots=True)
class Hits:
    """One search page: its records as JSON, in the order of their ids, and how many match in all."""

    raws: list[dict[str, Any]]
    total: int


class Source(Protocol):
    """The calls of an incremental read."""

    def changed(self, since: datetime, after: str) -> Hits:
        """Records changed since an instant whose id is above `after`."""

    def complete(self, raws: list[dict[str, Any]]) -> list[Record]:
        """Records with everything that was asked for, associations too; up to 1,000 at once."""


class ChangedRead:
    """A `Reading` of what changed; it becomes a full one when listing everything is quicker.

    Args:
        source: the calls.
        since: where the read before this one ended.
        overlap: seconds before `since` where this one begins.
        expected: how many records there are, where `everything` may take over.
        began: the mark, as it is when the first page has come.
        everything: a read of all records.
    """

    def __init__(
        self,
        source: Source,
        since: datetime,
        *,
        overlap: float = 0.0,
        expected: int = 0,
        began: Callable[[], str] = str,
        everything: Callable[[], Reading] | None = None,
    ) -> None:
        self._source = source
        self._since = since - timedelta(seconds=overlap)
        self._expected = expected
        self._began = began
        self._everything = everything
        self._instead: Reading | None = None
        self._mark = ""

    @property
    def full(self) -> bool:
        """Whether it turned into a full read."""
        return self._instead is not None

    @property
    def mark(self) -> str:
        """Where the next incremental read begins; empty before the last page."""
        return self._instead.mark if self._instead else self._mark

    def __iter__(self) -> Iterator[Page]:
        """Pages of changed records."""
        hits = self._source.changed(self._since, "")
        mark = self._began()
        if self._everything and self._listing_is_quicker(hits.total):
            self._instead = self._everything()
            yield from self._instead
            return
        waiting: list[dict[str, Any]] = []
        while hits.raws:
            waiting += hits.raws
            if len(hits.raws) < PAGE:
                break
            if len(waiting) >= 5 * PAGE:
                yield Page(self._source.complete(waiting))
                waiting = []
            hits = self._source.changed(self._since, str(hits.raws[-1]["id"]))
        if waiting:
            yield Page(self._source.complete(waiting))
        self._mark = mark

    def _listing_is_quicker(self, total: int) -> bool:
        search = total / PAGE / SEARCHES_A_SECOND
        return total > WORTH_A_SWITCH and 0 < self._expected / 100 / LISTS_A_SECOND < search

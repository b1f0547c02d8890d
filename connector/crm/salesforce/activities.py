"""What leads and contacts answered to campaigns, and the tasks and events of sales with them.

Each source has a mark of its own, the `latestDateCovered` that getDeleted gives before the query runs. A source that
the user may not see is named with what to do and keeps its mark. A person of a task or event is its `WhoId`; those
that belong to nobody are left out, as are the copies of an event that its invitees have.

What getDeleted names since the mark is gone, and so is a row that is no activity any more: its person was taken off.
Where getDeleted does not reach back to the mark, and in a full read, everything is read anew and the recycle bin is
asked for what did not come. A row that has left the bin by then (15 days) is told by nothing and stays.
Sources: object reference, «CampaignMember», «Task», «Event».
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import orjson

from connector.crm.http import CallDeniedError
from connector.crm.port import Known
from connector.crm.salesforce import moments
from connector.crm.salesforce.activity_rows import SOURCES, Source
from connector.crm.salesforce.deleted import BRIEF, Deleted, deleted
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.reading import OLDEST, SHORTEST, Roads
from connector.crm.salesforce.sales_tasks import SalesTasks
from connector.crm.salesforce.shape import Row
from connector.crm.salesforce.soql import select
from connector.model import Activity, ActivityPage, ActivitySource, Gone, Remains

_DAY = len("2026-11-23")


class Activities:
    """The port's `ActivityReading`.

    Args:
        roads: the calls.
        tasks: tells which tasks are work of sales.
        binned: of some ids of an object, those that are deleted.
        mark: what the read before this one left behind; None or something unreadable reads all since `since`.
        since: nothing older is given.
        known: the ids that are known of a source.
        full: whether to read everything since `since`.
    """

    def __init__(
        self,
        roads: Roads,
        tasks: SalesTasks,
        binned: Callable[[str, Sequence[str]], list[Gone]],
        mark: str | None,
        since: datetime,
        known: Known,
        *,
        full: bool,
    ) -> None:
        self._roads = roads
        self._tasks = tasks
        self._binned = binned
        self._marks = _marks(mark)
        self._since = since
        self._known = known
        self._full = full
        self._next: dict[str, str] = {}
        self._without: dict[ActivitySource, str] = {}
        self._ended = False

    @property
    def mark(self) -> str:
        """Where the next read begins."""
        if not self._ended:
            raise RuntimeError("a read has its mark after its last page")
        return orjson.dumps(self._next, option=orjson.OPT_SORT_KEYS).decode()

    @property
    def without(self) -> Mapping[ActivitySource, str]:
        """Sources that could not be read, with what to do."""
        return self._without

    def __iter__(self) -> Iterator[ActivityPage]:
        """Pages of activities, one source after the other."""
        for source in SOURCES:
            mark = self._marks.get(source.name)
            try:
                told, reaches = self._deleted(source, mark)
                yield from _gone(source, told.ids)
                if reaches and not self._full:
                    yield from self._pages(source, mark)
                else:
                    yield from self._everything(source, first=mark is None)
                mark = told.covered
            except CallDeniedError as denied:
                self._without[source.name] = f"{source.advice} ({denied})"
            if mark:
                self._next[source.name] = moments.literal(mark)
        self._ended = True

    def _deleted(self, source: Source, mark: datetime | None) -> tuple[Deleted, bool]:
        """What was deleted since the mark, and whether that is all."""
        now = self._roads.org.door.vendor_now()
        since = mark - self._roads.overlap if mark else now - BRIEF
        start = max(since, now - OLDEST)
        told = deleted(self._roads.org, source.vendor_object, start, max(now, start + SHORTEST))
        return told, mark is not None and start == since and told.complete

    def _everything(self, source: Source, *, first: bool) -> Iterator[ActivityPage]:
        """All there is since `since`, and what of the known is in the recycle bin."""
        came: set[str] = set()
        for page in self._pages(source, None, source.at_first if first else ""):
            came.update(each.id for each in page.activities)
            came.update(each.record for each in page.remains)
            yield page
        missed = sorted(set(self._known(source.name)) - came)
        lost = self._binned(source.vendor_object, missed) if missed else []
        yield from _gone(source, (each.id for each in lost))

    def _pages(self, source: Source, mark: datetime | None, more: str = "") -> Iterator[ActivityPage]:
        begin = max(mark - self._roads.overlap, self._since) if mark else self._since
        query = select(source.vendor_object, source.columns, where=source.where(moments.literal(begin)) + more)
        for page in self._roads.pages(query, deleted=source.archived):
            kept = self._kept(source, page["records"])
            none = {to18(row["Id"]) for row in page["records"]} - {each.id for each in kept}
            if kept or none:
                yield ActivityPage(kept, [Remains(source.name, number) for number in sorted(none)])

    def _kept(self, source: Source, rows: list[Row]) -> list[Activity]:
        counted = self._tasks.of(rows) if source.name == "task" else rows
        return [each for row in counted if (each := source.activity(row)) and self._young(each)]

    def _young(self, activity: Activity) -> bool:
        if len(activity.at) == _DAY:
            return date.fromisoformat(activity.at) >= (self._since - timedelta(days=1)).date()
        return moments.read(activity.at) >= self._since


def _gone(source: Source, ids: Iterable[str]) -> Iterator[ActivityPage]:
    remains = [Remains(source.name, number) for number in sorted(ids)]
    if remains:
        yield ActivityPage([], remains)


def _marks(mark: str | None) -> dict[str, datetime]:
    """The marks of a read before this one, by source."""
    with suppress(ValueError, TypeError, AttributeError):
        return {name: moments.read(text) for name, text in orjson.loads(mark or "{}").items()}
    return {}

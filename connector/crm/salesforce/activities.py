"""What leads and contacts answered to campaigns, and the tasks and events of sales with them.

Each source has a mark of its own, the `latestDateCovered` that getDeleted gives before the query runs. A source that
the user may not see is named with what to do and keeps its mark. A person of a task or event is its `WhoId`; those
that belong to nobody are left out, as are the copies of an event that its invitees have.
Sources: object reference, «CampaignMember», «Task», «Event».
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta

import orjson

from connector.crm.http import CallDeniedError
from connector.crm.salesforce import moments
from connector.crm.salesforce.activity_rows import SOURCES, Source
from connector.crm.salesforce.deleted import BRIEF, deleted
from connector.crm.salesforce.reading import Roads
from connector.crm.salesforce.sales_tasks import SalesTasks
from connector.crm.salesforce.shape import Row
from connector.crm.salesforce.soql import select
from connector.model import Activity, ActivitySource

_DAY = len("2026-11-23")


class Activities:
    """The port's `ActivityReading`.

    Args:
        roads: the calls.
        tasks: tells which tasks are work of sales.
        mark: what the read before this one left behind; None or something unreadable reads all since `since`.
        since: nothing older is given.
    """

    def __init__(self, roads: Roads, tasks: SalesTasks, mark: str | None, since: datetime) -> None:
        self._roads = roads
        self._tasks = tasks
        self._marks = _marks(mark)
        self._since = since
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

    def __iter__(self) -> Iterator[list[Activity]]:
        """Pages of activities, one source after the other."""
        for source in SOURCES:
            mark = self._marks.get(source.name)
            try:
                now = self._roads.org.door.vendor_now()
                covered = deleted(self._roads.org, source.vendor_object, now - BRIEF, now).covered
                yield from self._pages(source, mark)
                mark = covered
            except CallDeniedError as denied:
                self._without[source.name] = f"{source.advice} ({denied})"
            if mark:
                self._next[source.name] = moments.literal(mark)
        self._ended = True

    def _pages(self, source: Source, mark: datetime | None) -> Iterator[list[Activity]]:
        begin = max(mark - self._roads.overlap, self._since) if mark else self._since
        query = select(source.vendor_object, source.columns, where=source.where(moments.literal(begin)))
        for page in self._roads.pages(query, deleted=source.archived):
            kept = self._kept(source, page["records"])
            if kept:
                yield kept

    def _kept(self, source: Source, rows: list[Row]) -> list[Activity]:
        counted = self._tasks.of(rows) if source.name == "task" else rows
        return [each for row in counted if (each := source.activity(row)) and self._young(each)]

    def _young(self, activity: Activity) -> bool:
        if len(activity.at) == _DAY:
            return date.fromisoformat(activity.at) >= (self._since - timedelta(days=1)).date()
        return moments.read(activity.at) >= self._since


def _marks(mark: str | None) -> dict[str, datetime]:
    """The marks of a read before this one, by source."""
    with suppress(ValueError, TypeError, AttributeError):
        return {name: moments.read(text) for name, text in orjson.loads(mark or "{}").items()}
    return {}

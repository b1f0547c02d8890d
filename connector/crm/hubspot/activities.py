"""What contacts did and what was done with them: every source in turn, each with a mark of its own.

A source that the account does not offer, or the token may not read, is named with what to do and left for later: its
mark stays where it was, so that nothing is missed once it is there. What a source asks is its own file's business.

HubSpot tells of no deletion by itself. A full read lists what may have been deleted anew, and asks by id for what is
known and did not come.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import orjson

from connector.crm.http import CallDeniedError
from connector.crm.hubspot.client import Client
from connector.crm.port import Known
from connector.model import Activity, ActivityPage, ActivitySource, Raw, Remains

OVERLAP = timedelta(minutes=15)
"""Events are told some time after they happened; a read begins this much before the last one did."""

Removed = Callable[[Collection[str]], list[Remains]]
"""Of these activities, by id, those whose record is no more."""


class Source(Protocol):
    """One kind of activity.

    `advice` says what an admin does about a refusal; `lag` how far what it reads from may be behind; `removed` tells
    what was deleted, and is None where HubSpot deletes nothing.
    """

    name: ActivitySource
    advice: str
    lag: timedelta
    removed: Removed | None

    def read(self, since: datetime) -> Iterator[ActivityPage]:
        """Activities that came or changed since an instant, page by page."""


class Activities:
    """The port's `ActivityReading`.

    Args:
        client: knows HubSpot's time.
        sources: the kinds of activities, in the order in which they are read.
        mark: what the read before this one left behind; None or something unreadable reads all since `since`.
        since: nothing older is given.
        known: the ids that are known of a source.
        full: whether to read everything since `since` of what may have been deleted.
        overlap: how much earlier than its mark a source is read.
    """

    def __init__(
        self,
        client: Client,
        sources: Sequence[Source],
        mark: str | None,
        since: datetime,
        known: Known,
        *,
        full: bool,
        overlap: timedelta = OVERLAP,
    ) -> None:
        self._client = client
        self._sources = sources
        self._marks = _marks(mark)
        self._since = since
        self._known = known
        self._full = full
        self._overlap = overlap
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
        for source in self._sources:
            began = self._client.monotonic()
            mark = self._marks.get(source.name)
            try:
                if source.removed and (self._full or mark is None):
                    yield from self._everything(source, source.removed)
                else:
                    yield from self._pages(source, mark)
                mark = self._client.began(began) - source.lag
            except CallDeniedError as denied:
                self._without[source.name] = f"{source.advice} ({denied})"
            if mark:
                self._next[source.name] = mark.isoformat(timespec="milliseconds")
        self._ended = True

    def _everything(self, source: Source, removed: Removed) -> Iterator[ActivityPage]:
        came: set[str] = set()
        for page in self._pages(source, None):
            came.update(each.record for each in page.remains)
            yield page
        missed = [each for each in self._known(source.name) if record_of(each) not in came]
        remains = removed(missed) if missed else []
        if remains:
            yield ActivityPage([], remains)

    def _pages(self, source: Source, mark: datetime | None) -> Iterator[ActivityPage]:
        begin = max(mark - self._overlap, self._since) if mark else self._since
        for page in source.read(begin):
            kept = [each for each in page.activities if datetime.fromisoformat(each.at) >= self._since]
            ids = frozenset(each.id for each in kept)
            if kept or page.remains:
                yield ActivityPage(kept, [replace(each, ids=each.ids & ids) for each in page.remains])


def record_of(number: str) -> str:
    """The id of the meeting or call that an activity belongs to."""
    return number.partition("-")[0]


def activity(source: ActivitySource, number: str, contact: str, at: datetime, fields: Raw) -> Activity:
    """One activity of a contact."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Activity("hubspot", source, number, "contacts", contact, moment, fields)


def instant(value: Any) -> datetime | None:
    """A moment as HubSpot's APIs write it: milliseconds since 1970, or ISO 8601; None for anything else."""
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        if isinstance(value, str) and value.isdecimal():
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    return None


def _marks(mark: str | None) -> dict[str, datetime]:
    """The marks of a read before this one, by source."""
    with suppress(ValueError, TypeError, AttributeError):
        found = {name: instant(text) for name, text in orjson.loads(mark or "{}").items()}
        return {name: at for name, at in found.items() if at is not None}
    return {}

"""What contacts did and what was done with them: every source in turn, each with a mark of its own.

A source that the account does not offer, or the token may not read, is named with what to do and left for later: its
mark stays where it was, so that nothing is missed once it is there. What a source asks is its own file's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import orjson

from connector.crm.http import CallDeniedError
from connector.crm.hubspot.client import Client
from connector.model import Activity, ActivitySource, Raw

OVERLAP = timedelta(minutes=15)
"""Events are told some time after they happened; a read begins this much before the last one did."""


class Source(Protocol):
    """One kind of activity.

    `advice` says what an admin does about a refusal; `lag` how far what it reads from may be behind.
    """

    name: ActivitySource
    advice: str
    lag: timedelta

    def read(self, since: datetime) -> Iterator[list[Activity]]:
        """Activities that came or changed since an instant, page by page."""


class Activities:
    """The port's `ActivityReading`.

    Args:
        client: knows HubSpot's time.
        sources: the kinds of activities, in the order in which they are read.
        mark: what the read before this one left behind; None or something unreadable reads all since `since`.
        since: nothing older is given.
        overlap: how much earlier than its mark a source is read.
    """

    def __init__(
        self,
        client: Client,
        sources: Sequence[Source],
        mark: str | None,
        since: datetime,
        overlap: timedelta = OVERLAP,
    ) -> None:
        self._client = client
        self._sources = sources
        self._marks = _marks(mark)
        self._since = since
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

    def __iter__(self) -> Iterator[list[Activity]]:
        """Pages of activities, one source after the other."""
        for source in self._sources:
            began = self._client.monotonic()
            mark = self._marks.get(source.name)
            try:
                yield from self._pages(source, mark)
                mark = self._client.began(began) - source.lag
            except CallDeniedError as denied:
                self._without[source.name] = f"{source.advice} ({denied})"
            if mark:
                self._next[source.name] = mark.isoformat(timespec="milliseconds")
        self._ended = True

    def _pages(self, source: Source, mark: datetime | None) -> Iterator[list[Activity]]:
        begin = max(mark - self._overlap, self._since) if mark else self._since
        for page in source.read(begin):
            kept = [each for each in page if datetime.fromisoformat(each.at) >= self._since]
            if kept:
                yield kept


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

"""Query results that are fetched page by page, and the locators that name the pages.

The last page given may be asked for again; earlier ones are gone. The oldest cursor is forgotten when there
are too many, every cursor after two days (facts: salesforce.md §2.2).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from connector.sandbox.salesforce import ids
from connector.sandbox.salesforce.errors import ApiError

_KEPT = 100
_LIFE = timedelta(days=2)
_LOCATOR = re.compile(r"(\w{18})-(\d+)").fullmatch

Record = dict[str, Any]


@dataclass(slots=True)
class Cursor:
    """The records of one query that are still to be read, and the page given last."""

    id: str
    rows: Iterator[Record]
    total: int
    size: int
    opened: datetime
    start: int = 0
    page: list[Record] = field(default_factory=list)

    def turn(self) -> None:
        """Read the next page."""
        self.start += self.size if self.page else 0
        self.page = list(islice(self.rows, self.size))

    @property
    def next(self) -> str | None:
        """The locator of the page after the last one given, None at the end."""
        after = self.start + self.size
        return f"{self.id}-{after}" if after < self.total and len(self.page) == self.size else None


class Cursors:
    """The open cursors of the org."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._count = 0

    def open(self, rows: Iterator[Record], total: int, size: int, now: datetime) -> Cursor:
        """The cursor of a query, its first page read."""
        self._count += 1
        cursor = Cursor(ids.numbered("0r8", self._count), rows, total, size, now)
        cursor.turn()
        if cursor.next:
            self._open[cursor.id] = cursor
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return cursor

    def find(self, locator: str, now: datetime) -> Cursor:
        """The cursor that a locator names, with that page read.

        Raises:
            ApiError: INVALID_QUERY_LOCATOR, unknown or expired.
        """
        match = _LOCATOR(locator)
        cursor = self._open.get(match[1]) if match else None
        if match is None or cursor is None or now - cursor.opened > _LIFE:
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        if locator == cursor.next:
            cursor.turn()
        elif int(match[2]) != cursor.start:
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return cursor

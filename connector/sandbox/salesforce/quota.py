"""The daily quota of API calls: a rolling 24 hours, org-wide, counted in hours."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from connector.sandbox.salesforce.errors import ApiError

_HOUR, _DAY_HOURS = 3600, 24
DEFAULT_MAX = 5_000_000
"""The allowance of a full sandbox."""


class Quota:
    """How many calls were made and how many may be."""

    def __init__(self, most: int = DEFAULT_MAX) -> None:
        self.most = most
        self._by_hour: Counter[int] = Counter()

    def used(self, now: datetime) -> int:
        """The calls of the last 24 hours."""
        first = int(now.timestamp()) // _HOUR - _DAY_HOURS + 1
        for hour in [hour for hour in self._by_hour if hour < first]:
            del self._by_hour[hour]
        return sum(self._by_hour.values())

    def spend(self, now: datetime) -> None:
        """Count one call.

        Raises:
            ApiError: 403 REQUEST_LIMIT_EXCEEDED, none is left.
        """
        if self.used(now) >= self.most:
            raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._by_hour[int(now.timestamp()) // _HOUR] += 1

    def leave(self, remaining: int, now: datetime) -> None:
        """Count as many calls as leave `remaining`."""
        missing = self.most - remaining - self.used(now)
        self._by_hour[int(now.timestamp()) // _HOUR] += missing

    def header(self, now: datetime) -> str:
        """The value of `Sforce-Limit-Info`."""
        return f"api-usage={self.used(now)}/{self.most}"

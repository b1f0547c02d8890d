"""How fast and how much: a rolling window of call starts, and the share of the day a run may spend.

Both are told the vendor's numbers by the adapters and know no vendor.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from connector.errors import LaterError

MARGIN = 0.04
JITTER = 0.05
"""Two calls do not travel equally long: a window is held 4 % (at least 50 ms) longer than the vendor's."""


class Pace:
    """Lets at most `calls` start in any `seconds`, shared by all threads, first come first served."""

    def __init__(
        self, calls: int, seconds: float, *, monotonic: Callable[[], float], pause: Callable[[float], None]
    ) -> None:
        self._monotonic = monotonic
        self._pause = pause
        self._lock = Lock()
        self._starts: deque[list[float]] = deque()
        self._held = 0.0
        self._calls = calls
        self._window = _window(seconds)

    def learn(self, calls: int, seconds: float) -> None:
        """Take over the vendor's current limit."""
        with self._lock:
            self._calls = max(calls, 1)
            self._window = _window(seconds)

    def hold(self, seconds: float) -> None:
        """Let nobody start for so many seconds (the vendor said that the window is full)."""
        with self._lock:
            self._held = max(self._held, self._monotonic() + seconds)

    def enter(self) -> None:
        """Wait for a place in the window and take it."""
        with self._lock:
            now = self._monotonic()
            start = max(now, self._held)
            while len(self._starts) > self._calls:
                self._starts.popleft()
            if len(self._starts) == self._calls:
                start = max(start, self._starts.popleft()[0] + self._window)
            if self._starts:
                start = max(start, self._starts[-1][0])
            place = [start]
            self._starts.append(place)
        if start > now:
            self._pause(start - now)
            # A thread that wakes late fills its place late, and the window counts from then.
            place[0] = max(start, self._monotonic())


def _window(seconds: float) -> float:
    return seconds + max(seconds * MARGIN, JITTER)


class Allowance:
    """The vendor's calls of the day; `share` of them may be spent before a run has to stop."""

    def __init__(self, vendor: str, share: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._vendor = vendor
        self._share = share
        self._monotonic = monotonic
        self._lock = Lock()
        self._again: float | None = None
        self.limit: int | None = None
        self.left: int | None = None

    def learn(self, limit: int, left: int) -> None:
        """Take over what the vendor's latest answer says."""
        with self._lock:
            self.limit, self.left = limit, left

    def check(self, after: float = 3600.0) -> None:
        """Let the next call pass; `after` so many seconds the day is over and the vendor's count begins anew.

        Raises:
            LaterError: the configured share of the day is spent.
        """
        with self._lock:
            limit, left = self.limit, self.left
            if not limit or left is None or left >= limit * (1 - self._share):
                return
            now = self._monotonic()
            self._again = now + after if self._again is None else self._again
            if now >= self._again:
                self.limit = self.left = self._again = None
                return
        raise LaterError(
            f"{self._vendor}: {limit - left} of today's {limit} API calls are used, more than the configured "
            f"budget of {self._share:.0%}: run again tomorrow, or raise the budget in connector.yaml",
            after,
        )

"""Call limits: the ten-second bucket per app, the search bucket per account, the day per account.

Numbers and bodies: facts §3. The short windows run on real time, the day on sandbox time in the account's zone.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.sandbox.clock import Clock
from connector.sandbox.hubspot.errors import ApiError

WINDOW = 10.0
ZONE = "Europe/Berlin"
# Tier -> calls in ten seconds, calls a day, association calls in ten seconds (usage guidelines, facts §3.1).
TIERS = {
    "free": (100, 250_000, 100),
    "starter": (100, 250_000, 100),
    "professional": (190, 625_000, 150),
    "enterprise": (190, 1_000_000, 150),
}


class Limits:
    """The buckets of one account; `enforce` False counts and shows, but never refuses."""

    def __init__(
        self,
        clock: Clock,
        *,
        search: int = 5,
        enforce: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ten_secondly, self.daily, self.association = TIERS["professional"]
        self.search = search
        self.enforce = enforce
        self._clock = clock
        self._monotonic = monotonic
        self.reset()

    def follow_tier(self, tier: str) -> None:
        """Take the limits of an account's tier."""
        self.ten_secondly, self.daily, self.association = TIERS[tier]

    def reset(self) -> None:
        """Forget every call."""
        self._calls: dict[str, deque[float]] = {}
        self._day: datetime | None = None
        self.used = 0

    def shown(self) -> dict[str, int | bool]:
        """The limits in force and what is left of the day."""
        return {
            "ten_secondly": self.ten_secondly,
            "search": self.search,
            "daily": self.daily,
            "association": self.association,
            "enforce": self.enforce,
            "daily_remaining": self.daily_remaining(),
        }

    def midnight(self) -> datetime:
        """The beginning of the account's present day."""
        return self._clock.now().astimezone(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)

    def daily_remaining(self) -> int:
        """Calls left today."""
        if self._day != self.midnight():
            self._day = self.midnight()
            self.used = 0
        return max(0, self.daily - self.used)

    def spend_day(self, remaining: int) -> None:
        """Leave `remaining` calls of today."""
        self.daily_remaining()
        self.used = self.daily - remaining

    def take(self, app: str, kind: str) -> dict[str, str]:
        """Count one call of `kind` (plain, search, association) and give the headers of its answer.

        Raises:
            ApiError: 429, when the call is beyond a limit; the headers are on it.
        """
        remaining = self.daily_remaining()
        if self.enforce and remaining == 0:
            raise _refused("You have reached your daily limit.", "DAILY")
        now = self._monotonic()
        if kind == "search":
            self._enter("search", now, 1.0, self.search, _secondly)
            self.used += 1
            return {}
        exempt = kind == "association"
        limit = self.association if exempt else self.ten_secondly
        in_window = self._enter(f"{kind} {app}", now, WINDOW, limit, _ten_secondly)
        self.used += 1
        left = max(0, limit - in_window)
        return {
            "X-HubSpot-RateLimit-Max": str(limit),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(self.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, remaining - 1)),
            "X-HubSpot-RateLimit-Secondly": str(limit // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(min(left, limit // 10)),
        }

    def _enter(self, bucket: str, now: float, window: float, limit: int, refuse: Callable[[], ApiError]) -> int:
        calls = self._calls.setdefault(bucket, deque())
        while calls and calls[0] <= now - window:
            calls.popleft()
        if self.enforce and len(calls) >= limit:
            raise refuse()
        calls.append(now)
        return len(calls)


def _refused(text: str, policy: str) -> ApiError:
    extra = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": str(uuid.uuid4())}
    return ApiError(429, text, None, extra)


def _ten_secondly() -> ApiError:
    text = "You have reached your ten_secondly_rolling limit."
    return _refused(text, "TEN_SECONDLY_ROLLING")


def _secondly() -> ApiError:
    return ApiError(429, "You have reached your secondly limit.", "RATE_LIMITS")

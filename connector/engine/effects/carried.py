"""What a run did about the effects that were waiting: the numbers of its summary, and when a failed one comes again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

NEXT_RUN = timedelta(seconds=1)
"""Put off by so much, an effect is due again in the next run, and no more in this one."""

_FIRST, _LONGEST = timedelta(minutes=5), timedelta(hours=6)


@dataclass
class Carried:
    """Counts of one run; `failed` are effects that somebody has to look after, `waiting` are all that are left."""

    opened: int = 0
    reopened: int = 0
    closed: int = 0
    sent: int = 0
    dropped: int = 0
    failed: int = 0
    waiting: int = 0

    def data(self) -> dict[str, Any]:
        """The counts for the summary of a run."""
        return {
            "tasks": {"opened": self.opened, "reopened": self.reopened, "closed": self.closed},
            "messages": self.sent,
            "dropped": self.dropped,
            "failed": self.failed,
            "waiting": self.waiting,
        }


def again_at(as_of: datetime, tries: int) -> datetime:
    """When something that failed `tries` times is tried again: after 5, 10, 20 … minutes, at most 6 hours."""
    return as_of + min(_LONGEST, _FIRST * (1 << min(max(tries - 1, 0), 10)))

"""Points in time as HubSpot writes and reads them; milliseconds since 1970 inside."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


def to_ms(at: datetime) -> int:
    """An aware time as milliseconds."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """Milliseconds as an aware UTC time."""
    return EPOCH + timedelta(milliseconds=ms)


def shown(ms: int) -> str:
    """ISO with Z; the fraction has three digits and is left out when zero (as Java's Instant prints it)."""
    text = from_ms(ms).isoformat(timespec="milliseconds" if ms % 1000 else "seconds")
    return text[:-6] + "Z"


def day(ms: int) -> str:
    """The UTC day of an instant."""
    return from_ms(ms).date().isoformat()


def read(text: str) -> int | None:
    """An epoch in milliseconds, an ISO date or an ISO time as milliseconds; None when it is neither."""
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    if not _ISO.fullmatch(text):
        return None
    try:
        if len(text) == len("2026-01-31"):
            return to_ms(datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC))
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_ms(at if at.tzinfo else at.replace(tzinfo=UTC))

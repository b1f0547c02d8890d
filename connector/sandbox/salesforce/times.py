"""Times as stored, as answered and as read from a client; all in UTC and whole seconds."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
_SECONDS = 19


def stamp(at: datetime) -> str:
    """The stored form, `2026-11-22T10:00:00.000Z`: text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def answered(stored: str) -> str:
    """The form in REST answers, `2026-11-22T10:00:00.000+0000`."""
    return stored[:-1] + "+0000"


def http_date(stored: str) -> datetime:
    """A stored stamp as an aware datetime."""
    return datetime.fromisoformat(stored[:_SECONDS] + "+00:00")


def read_datetime(text: str) -> datetime:
    """An ISO 8601 time with or without offset (then UTC), `+0100` and `+01:00` alike.

    Raises:
        ValueError: the text is no date and time.
    """
    at = datetime.fromisoformat(_OFFSET.sub(r"\1:\2", text.strip().replace(" ", "+")))
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def read_date(text: str) -> str:
    """A date as `YYYY-MM-DD`; of a date and time, the day.

    Raises:
        ValueError: the text is no date.
    """
    day = text[:10]
    if text[10:] and text[10] not in "Tt ":
        raise ValueError("no date")
    return date.fromisoformat(day).isoformat()

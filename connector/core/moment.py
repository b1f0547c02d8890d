"""Days and instants: what both CRMs send, as `YYYY-MM-DD` and `YYYY-MM-DDTHH:MM:SSZ`.

HubSpot sends days as `YYYY-MM-DD` or as milliseconds at midnight UTC, instants as ISO text or milliseconds;
Salesforce sends `2026-11-22T10:00:00.000+0000`, and `…000Z` in bulk files, and keeps whole seconds.
A day is never moved by a time zone; an instant becomes the day it has in the account's time zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connector.core.unread import Unreadable

DAYS_KEPT_AS_MOMENTS = frozenset({"closedate"})
"""HubSpot properties that mean a day but are stored as date and time (deals: `closedate`)."""

_DAY = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=16_384)
def day(raw: str, time_zone: str) -> str:
    """The day a vendor's date, or date and time, means.

    Midnight UTC is a day written as a moment and keeps its date in every time zone.

    Raises:
        Unreadable: it is neither.
    """
    if len(raw) == _DAY and raw[4] == "-":
        return _checked_day(raw)
    moment = _moment(raw)
    if moment.hour or moment.minute or moment.second or moment.microsecond:
        try:
            moment = moment.astimezone(ZoneInfo(time_zone))
        except OverflowError:  # the first or last day of the calendar
            raise Unreadable("it is not a date such as 2026-11-23") from None
    return moment.date().isoformat()


@lru_cache(maxsize=16_384)
def instant(raw: str) -> str:
    """An instant in UTC, cut to whole seconds; a plain day begins at midnight UTC.

    Raises:
        Unreadable: it is no date and time.
    """
    moment = _moment(raw)
    return f"{moment.date().isoformat()}T{moment.hour:02}:{moment.minute:02}:{moment.second:02}Z"


def noon(value: str, time_zone: str) -> str:
    """A canonical day as the instant of its noon in `time_zone`, so that every nearby reader sees that day."""
    middle = datetime.fromisoformat(f"{value}T12:00:00").replace(tzinfo=ZoneInfo(time_zone))
    return middle.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _checked_day(raw: str) -> str:
    try:
        return date.fromisoformat(raw).isoformat()
    except ValueError:
        raise Unreadable("it is not a date such as 2026-11-23") from None


def _moment(raw: str) -> datetime:
    """Aware UTC; text without an offset is UTC."""
    try:
        if raw.lstrip("-").isascii() and raw.lstrip("-").isdigit():
            return _EPOCH + timedelta(milliseconds=int(raw))
        moment = datetime.fromisoformat(raw)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("it is not a date and time such as 2026-11-23T09:30:00Z") from None

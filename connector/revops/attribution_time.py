"""Instants as whole seconds since 1970 in UTC, as attribution counts them.

Vendors send ISO text, milliseconds, or a plain day. What a plain day means depends on what it stands for: the noon
of a campaign response, the last second of a day of closing.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

DAY = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_LENGTH = len("2026-11-23")


def seconds(raw: Any) -> int | None:
    """A vendor's instant, cut to whole seconds; None for nothing and for what is no instant.

    Text without an offset is UTC; whole numbers are milliseconds.
    """
    if isinstance(raw, datetime):
        return None if raw.tzinfo is None else (raw - _EPOCH) // timedelta(seconds=1)
    if isinstance(raw, bool) or not isinstance(raw, str | int) or raw == "":
        return None
    try:
        if isinstance(raw, int) or raw.lstrip("-").isdecimal():
            return int(raw) // 1000
        moment = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return seconds(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def is_day(raw: Any) -> bool:
    """Whether a vendor sent a plain day."""
    return isinstance(raw, str) and len(raw) == _DAY_LENGTH and raw[4] == "-"


def noon_of(raw: str, time_zone: str) -> int | None:
    """A plain day as the instant of its noon in a time zone."""
    return _local(raw, 12, 0, time_zone)


def end_of(raw: str, time_zone: str) -> int | None:
    """A plain day as its last second in a time zone."""
    return _local(raw, 23, 59 * 60 + 59, time_zone)


def start_of_day(at: int, time_zone: str) -> int:
    """The first instant of an instant's calendar day in a time zone."""
    day = local_day(at, time_zone)
    return (datetime(day.year, day.month, day.day, tzinfo=zone(time_zone)) - _EPOCH) // timedelta(seconds=1)


def closing(raw: Any, time_zone: str) -> int | None:
    """When a close date says that a deal was closed: a plain day is its last second in a time zone.

    Midnight UTC is a day written as a moment.
    """
    if is_day(raw):
        return end_of(raw, time_zone)
    at = seconds(raw)
    return end_of(iso(at)[:10], time_zone) if at is not None and at % DAY == 0 else at


def day_end(raw: Any, time_zone: str) -> int | None:
    """The last second, in a time zone, of the day that a close date names."""
    at = closing(raw, time_zone)
    return None if at is None else end_of(local_day(at, time_zone).isoformat(), time_zone)


def _local(raw: str, hour: int, rest: int, time_zone: str) -> int | None:
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        return None
    moment = datetime(day.year, day.month, day.day, hour, rest // 60, rest % 60, tzinfo=zone(time_zone))
    return seconds(moment)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    return ZoneInfo(name)


def local_day(at: int, time_zone: str) -> date:
    """The calendar day of an instant in a time zone."""
    return (_EPOCH + timedelta(seconds=at)).astimezone(zone(time_zone)).date()


def iso(at: int) -> str:
    """An instant as `YYYY-MM-DDTHH:MM:SSZ`."""
    moment = _EPOCH + timedelta(seconds=at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"

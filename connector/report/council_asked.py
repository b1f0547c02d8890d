"""Which period a report is about: the one that was typed, or the last one that is over."""

from __future__ import annotations

import re
from datetime import date, timedelta

from connector.errors import SettingsError
from connector.revops.council_rows import Period, month, week


def month_asked(text: str | None, today: date) -> Period:
    """The month `2026-10`; nothing means the last one that is over.

    Raises:
        SettingsError: it is no month, or it has not begun yet.
    """
    if text is None:
        return month(f"{today:%Y-%m}").previous()
    if not re.fullmatch(r"\d{4}-\d{2}", text):
        raise SettingsError(f"--month {text} is no month: write it like 2026-10")
    try:
        found = month(text)
    except (ValueError, OverflowError):
        raise SettingsError(f"--month {text} is no month: write it like 2026-10") from None
    return _begun(found, f"--month {text}", f"{today:%Y-%m}", today)


def week_asked(text: str | None, today: date) -> Period:
    """The ISO week `2026-W43`; nothing means the last one that is over.

    Raises:
        SettingsError: it is no week, or it has not begun yet.
    """
    if text is None:
        return week(today - timedelta(days=7))
    parts = re.fullmatch(r"(\d{4})-W(\d{2})", text)
    try:
        found = week(date.fromisocalendar(int(parts[1]), int(parts[2]), 1)) if parts else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise SettingsError(f"--week {text} is no week: write it like 2026-W43, Monday to Sunday")
    return _begun(found, f"--week {text}", week(today).name, today)


def _begun(period: Period, asked: str, now: str, today: date) -> Period:
    if period.first > today:
        raise SettingsError(f"{asked} lies ahead, nobody can have been handed over yet: the newest one is {now}")
    return period

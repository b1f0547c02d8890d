"""Relative dates of SOQL as half-open ranges of days; in UTC, weeks begin on Monday, fiscal is calendar.

Ranges as in the vendor's reference of date literals: `LAST_N_DAYS:n` includes today, `NEXT_N_DAYS:n` does
not; `LAST_N_WEEKS:n` and its kin are the n whole units before the running one.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_NAME = re.compile(
    r"""(?:(?P<day>YESTERDAY|TODAY|TOMORROW)
    |(?P<near>LAST|THIS|NEXT)_(?:FISCAL_)?(?P<unit>WEEK|MONTH|QUARTER|YEAR)
    |(?P<way>LAST|NEXT)_(?:90_DAYS|N_(?:FISCAL_)?(?P<units>DAY|WEEK|MONTH|QUARTER|YEAR)S:(?P<count>\d{1,4}))
    |N_(?:FISCAL_)?(?P<past>DAY|WEEK|MONTH|QUARTER|YEAR)S_AGO:(?P<ago>\d{1,4}))""",
    re.VERBOSE | re.IGNORECASE,
)
_DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
_NEAR = {"LAST": -1, "THIS": 0, "NEXT": 1}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def is_period(written: str) -> bool:
    """Whether this is a relative date."""
    return _NAME.fullmatch(written) is not None


def period(written: str, today: date) -> tuple[date, date]:
    """First day and first day after of a relative date; `written` must satisfy `is_period`.

    Raises:
        OverflowError: the count leads out of the years 1 to 9999.
    """
    match = _NAME.fullmatch(written.upper())
    assert match is not None
    if match["day"]:
        return _units("DAY", today, _DAYS[match["day"]], 1)
    if match["near"]:
        return _units(match["unit"], today, _NEAR[match["near"]], 1)
    if match["past"]:
        return _units(match["past"], today, -int(match["ago"]), 1)
    unit = match["units"] or "DAY"
    count = int(match["count"] or 90)
    if match["way"] == "NEXT":
        return _units(unit, today, 1, count)
    including_today = 1 if unit == "DAY" else 0
    return _units(unit, today, -count, count + including_today)


def _units(unit: str, today: date, first: int, count: int) -> tuple[date, date]:
    """`count` units beginning `first` units after the running one."""
    return _start(unit, today, first), _start(unit, today, first + count)


def _start(unit: str, today: date, steps: int) -> date:
    """First day of the unit that lies `steps` after the running one."""
    if unit == "DAY":
        return today + timedelta(days=steps)
    if unit == "WEEK":
        return today + timedelta(days=7 * steps - today.weekday())
    length = _MONTHS[unit]
    months = today.year * 12 + (today.month - 1) // length * length + steps * length
    try:
        return date(months // 12, months % 12 + 1, 1)
    except ValueError as error:
        raise OverflowError("the relative date leads out of the calendar") from error

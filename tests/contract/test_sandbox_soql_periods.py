"""Relative dates of SOQL as ranges of days, seen from Monday, 2026-11-23."""

from datetime import date

import pytest

from connector.sandbox.salesforce.soql.periods import is_period, period

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("TODAY", "2026-11-23", "2026-11-24"),
        ("yesterday", "2026-11-22", "2026-11-23"),
        ("TOMORROW", "2026-11-24", "2026-11-25"),
        ("THIS_WEEK", "2026-11-23", "2026-11-30"),
        ("LAST_WEEK", "2026-11-16", "2026-11-23"),
        ("NEXT_WEEK", "2026-11-30", "2026-12-07"),
        ("THIS_MONTH", "2026-11-01", "2026-12-01"),
        ("LAST_MONTH", "2026-10-01", "2026-11-01"),
        ("NEXT_MONTH", "2026-12-01", "2027-01-01"),
        ("THIS_QUARTER", "2026-10-01", "2027-01-01"),
        ("LAST_QUARTER", "2026-07-01", "2026-10-01"),
        ("NEXT_QUARTER", "2027-01-01", "2027-04-01"),
        ("THIS_FISCAL_QUARTER", "2026-10-01", "2027-01-01"),
        ("THIS_YEAR", "2026-01-01", "2027-01-01"),
        ("LAST_YEAR", "2025-01-01", "2026-01-01"),
        ("NEXT_YEAR", "2027-01-01", "2028-01-01"),
        ("LAST_90_DAYS", "2026-08-25", "2026-11-24"),
        ("NEXT_90_DAYS", "2026-11-24", "2027-02-22"),
        ("LAST_N_DAYS:1", "2026-11-22", "2026-11-24"),
        ("NEXT_N_DAYS:1", "2026-11-24", "2026-11-25"),
        ("N_DAYS_AGO:3", "2026-11-20", "2026-11-21"),
        ("LAST_N_WEEKS:2", "2026-11-09", "2026-11-23"),
        ("NEXT_N_MONTHS:2", "2026-12-01", "2027-02-01"),
        ("LAST_N_QUARTERS:4", "2025-10-01", "2026-10-01"),
        ("N_MONTHS_AGO:11", "2025-12-01", "2026-01-01"),
        ("LAST_N_FISCAL_YEARS:1", "2025-01-01", "2026-01-01"),
    ],
)
def test_ranges(written, start, end):
    assert is_period(written)
    assert period(written, TODAY) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize("written", ["LAST_DAY", "LAST_N_DAYS", "LAST_N_DAYS:", "TODAY:1", "N_DAYS_AGO", "Name"])
def test_other_words_are_no_periods(written):
    assert not is_period(written)


@pytest.mark.parametrize("written", ["LAST_N_YEARS:9999", "NEXT_N_YEARS:8000", "LAST_N_WEEKS:9999999"])
def test_no_range_outside_the_calendar(written):
    if is_period(written):
        with pytest.raises(OverflowError):
            period(written, TODAY)

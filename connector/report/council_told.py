"""What is said about a report besides the report: that it is empty, that it is due."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from connector.revops.council_figures import Report
from connector.revops.council_rows import month
from connector.revops.rejection_config import RejectionConfig
from connector.state.store import Store

MADE = "report.council"
"""Kept in the store: the newest month whose council was made when it was over."""


def told(report: Report, months: Collection[str]) -> str | None:
    """One sentence where nobody was handed over in the period, with the months in which somebody was."""
    if report.figure("handed_over").value:
        return None
    if not months:
        return f"{report.period.name}: nobody was handed over to sales, nor ever since the rules began"
    first, last = min(months), max(months)
    known = f"in {first}" if first == last else f"from {first} to {last}"
    return f"{report.period.name}: nobody was handed over to sales; there are some {known}"


def remember_council(store: Store, report: Report) -> None:
    """Remember that the council of a whole month was made."""
    known = store.get(MADE) or ""
    if report.kind == "council" and not report.running and report.period.name > known:
        store.put(MADE, report.period.name)


def council_due(store: Store, rules: RejectionConfig | None, began: str | None, today: date) -> str | None:
    """The last month, where its council should have been made by now and was not.

    Args:
        store: the state.
        rules: the rules of the rejection loop; None while they are off.
        began: when the rules were first applied, in ISO 8601; nothing is due for months before.
        today: the day by the project's calendar.
    """
    if rules is None or began is None or today.day < rules.reports.council_day:
        return None
    last = month(f"{today:%Y-%m}").previous().name
    return last if last >= began[:7] and last > (store.get(MADE) or "") else None

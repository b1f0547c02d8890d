"""What stays of an erased person in the reports: a count without a person.

A hand-over becomes one of a number of hand-overs of the same week and month with the same outcome, source, campaign
and score. Ids, instants, company facts and scores go (domain §3.4: aggregates keep only counts).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connector.revops.council_rows import HandOver

_KEPT = ("disposition", "reason", "unexplained", "source", "campaign", "band", "temperature", "sql_rule", "components")


def counted(row: HandOver, zone: ZoneInfo, as_of: datetime) -> dict[str, Any]:
    """A hand-over without the person; of its instant only the week stays (`week_of`)."""
    found = {
        "day": week_of(row.handover_at, zone).isoformat(),
        **{name: getattr(row, name) for name in _KEPT},
        "late": _late(row, as_of),
        "recycled": row.recycled_at is not None,
        "won": row.won_at is not None,
    }
    found["components"] = list(row.components)
    return {name: value for name, value in found.items() if value not in (None, False, [])} | {"late": found["late"]}


def week_of(moment: datetime, zone: ZoneInfo) -> date:
    """The first local day of the week an instant lies in, or of its month where that comes later."""
    day = moment.astimezone(zone).date()
    return max(day - timedelta(days=day.weekday()), day.replace(day=1))


def key_of(counts: Mapping[str, Any]) -> str:
    """The key under which equal hand-overs are counted together."""
    text = json.dumps(counts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def rows_of(key: str, counts: Mapping[str, Any], number: int, zone: ZoneInfo) -> Iterator[HandOver]:
    """The hand-overs behind a count, with instants that say no more than the count does."""
    begins = datetime.combine(date.fromisoformat(counts["day"]), time(), zone)
    late, answered = counts["late"], "disposition" in counts
    due = None if late is None else begins if late else begins + _STEP
    for place in range(number):
        yield HandOver(
            person=f"{key}:{place}",
            cycle=0,
            records=(),
            handover_at=begins,
            disposition=counts.get("disposition"),
            feedback_at=begins + _STEP if answered else None,
            due_at=due,
            reason=counts.get("reason"),
            unexplained=counts.get("unexplained", False),
            source=counts.get("source"),
            campaign=counts.get("campaign"),
            band=counts.get("band"),
            temperature=counts.get("temperature"),
            sql_rule=counts.get("sql_rule"),
            components=tuple(counts.get("components", ())),
            recycled_at=begins + _STEP if counts.get("recycled") else None,
            won_at=begins + _STEP if counts.get("won") else None,
        )


_STEP = timedelta(microseconds=1)
"""Longer than nothing: what is late was due at the hand-over itself."""


def _late(row: HandOver, as_of: datetime) -> bool | None:
    """Whether the answer came late, or is overdue and will not come any more; None where it was never due."""
    if row.due_at is None:
        return None
    if row.feedback_at is not None:
        return row.feedback_at > row.due_at
    return True if as_of >= row.due_at else None

"""How persons went through the stages, as far as one council needs it: read from the memories while they pass by.

Kept are the steps that ended in the month and the SQLs of its fiscal quarter, never a whole journey.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from connector.revops.agreement import Agreement
from connector.revops.council_counts import week_of
from connector.revops.council_rows import Period
from connector.revops.council_stages import Stages, fiscal_quarter
from connector.revops.lifecycle_journey import Stamp, cycles
from connector.revops.lifecycle_sla import Qualified
from connector.revops.lifecycle_velocity import Step, steps
from connector.state.store import Store


@dataclass(slots=True)
class Walk:
    """The steps and SQLs seen so far; `known`: whether anybody has a journey at all."""

    month: Period
    quarter: Period
    zone: ZoneInfo
    steps: list[Step] = field(default_factory=list)
    sqls: list[Qualified] = field(default_factory=list)
    known: bool = False

    def living(self, body: Mapping[str, Any], records: tuple[str, ...]) -> None:
        """Take what one person's memory holds."""
        if not body.get("journey"):
            return
        self.known = True
        for stamps in cycles(body["journey"]):
            self.steps.extend(each for each in steps(stamps, records) if self.month.holds(each.ended, self.zone))
            for at in _sql(stamps):
                if self.quarter.holds(at, self.zone):
                    self.sqls.append(Qualified(at, records))

    def erased(self, body: Mapping[str, Any]) -> None:
        """Take SQLs of which nothing is left but the week and their number."""
        if "sql" not in body:
            return
        self.known = True
        begins = datetime.combine(date.fromisoformat(body["sql"]), time(), self.zone)
        if self.quarter.holds(begins, self.zone):
            self.sqls.extend([Qualified(begins)] * body["number"])


def walk(agreement: Agreement, month: Period, zone: ZoneInfo) -> Walk | None:
    """What to look for in a month; None where no lifecycle is in force."""
    config = agreement.lifecycle
    return None if config is None else Walk(month, fiscal_quarter(config, month.first), zone)


def stages(agreement: Agreement, seen: Walk | None) -> Stages | None:
    """What was seen, and what it is measured by; None where nothing is known of anybody's way."""
    if agreement.lifecycle is None or seen is None or not seen.known:
        return None
    return Stages(agreement.lifecycle, agreement.calendars.default, seen.steps, seen.sqls)


def keep_sqls(store: Store, name: str, body: Mapping[str, Any], zone: ZoneInfo) -> None:
    """Keep the SQLs of a person who was erased as numbers by week, so that the promise of the quarter stays true.

    Args:
        store: the state.
        name: under which the store keeps what is left of erased persons.
        body: what is remembered of the person.
        zone: where a week begins.
    """
    for stamps in cycles(body["journey"]) if body.get("journey") else ():
        for at in _sql(stamps):
            day = week_of(at, zone).isoformat()
            key = f"sql:{day}"
            known = store.standings.get(name, [key]).get(key)
            store.standings.put(name, [(key, {"sql": day, "number": (known["number"] if known else 0) + 1}, None)])


def _sql(stamps: Mapping[str, Stamp]) -> Iterator[datetime]:
    """When somebody became an SQL in a cycle, if that was observed."""
    stamp = stamps.get("sql")
    if stamp is not None and not stamp.inferred:
        yield stamp.at

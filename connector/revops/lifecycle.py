"""The stages of a person, their order, and what each CRM calls them (domain §2.1).

It holds the agreement as data. Who moves when is `lifecycle_decide`, what is written `lifecycle_moves`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from connector.revops.calendars import Mode

Stage = Literal["subscriber", "lead", "mql", "sal", "sql", "opportunity", "customer", "evangelist"]

RANKS: Mapping[str, int] = {
    "subscriber": 10,
    "lead": 20,
    "mql": 30,
    "sal": 35,
    "sql": 40,
    "opportunity": 50,
    "customer": 60,
    "evangelist": 70,
}
STAGES: tuple[str, ...] = tuple(RANKS)

WRITTEN: Mapping[str, str] = {stage: stage.upper() if stage in {"mql", "sal", "sql"} else stage for stage in STAGES}
"""The values of the picklist `revops_stage` / `RevOps_Stage__c`."""

HUBSPOT_STAGES: Mapping[str, str] = {
    "subscriber": "subscriber",
    "lead": "lead",
    "mql": "marketingqualifiedlead",
    "sql": "salesqualifiedlead",
    "opportunity": "opportunity",
    "customer": "customer",
    "evangelist": "evangelist",
}
"""HubSpot's default internal names; SAL has none, it is told by the lead status."""

HUBSPOT_ORDER: tuple[str, ...] = (*HUBSPOT_STAGES.values(), "other")
"""The portal's order as long as nobody changed it; the live one comes with the property's options."""

Exception_ = Literal["recycle", "opportunity_lost", "customer_churned", "data_correction", "erasure"]
EXCEPTIONS: tuple[Exception_, ...] = (
    "recycle",
    "opportunity_lost",
    "customer_churned",
    "data_correction",
    "erasure",
)
"""The only ways down (domain §2.2)."""


@dataclass(frozen=True, slots=True)
class Sla:
    """One promise: what starts its clock, what stops it, and how long it may run.

    `target` is by temperature where it differs; the key `*` holds for every other person. A person for whom
    there is no target has no clock.
    """

    id: str
    start: tuple[str, ...]
    stop: tuple[str, ...]
    target: Mapping[str, timedelta]
    clock: Mode = "working_days"
    escalate: str | None = None
    reset_on_reassign: bool = False

    def target_for(self, temperature: str | None) -> timedelta | None:
        """How long the clock may run for a person of this temperature."""
        found = self.target.get(temperature) if temperature else None
        return found if found is not None else self.target.get("*")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """`rules/lifecycle.yaml`, checked.

    `hubspot_status` and `salesforce_status` give the lead status of a stage; the keys `rejected` and `recycled`
    are the statuses of a person sales sent back. `sal_statuses` are the HubSpot lead statuses that turn an MQL
    into a SAL where the portal has no stage of its own for it.
    """

    stages: tuple[str, ...] = STAGES
    hubspot: Mapping[str, str] = field(default_factory=lambda: dict(HUBSPOT_STAGES))
    hubspot_status: Mapping[str, str] = field(default_factory=lambda: {"recycled": "BAD_TIMING"})
    hubspot_rejected: frozenset[str] = frozenset({"UNQUALIFIED", "BAD_TIMING"})
    sal_statuses: frozenset[str] = frozenset({"IN_PROGRESS", "ATTEMPTED_TO_CONTACT", "CONNECTED"})
    salesforce_status: Mapping[str, str] = field(
        default_factory=lambda: {
            "lead": "Open - Not Contacted",
            "sal": "Working - Contacted",
            "rejected": "Closed - Not Converted",
        }
    )
    salesforce_rejected: frozenset[str] = frozenset({"Closed - Not Converted"})
    convert: Literal["manual", "apex"] = "manual"
    write_lead_status: bool = False
    backfill: bool = False
    recycle_to: str = "lead"
    recycle_days: int = 180
    lost_to: str = "sql"
    churned_to: str = "customer"
    zone: str = "Europe/Berlin"
    sla: tuple[Sla, ...] = ()
    sql_per_quarter: int | None = None
    year_starts: int = 1  # the month in which the fiscal year begins
    where: Mapping[str, str] = field(default_factory=dict)  # setting -> file:line, for messages

    def enabled(self, stage: str | None) -> str | None:
        """The stage itself, or the highest one below it that this company uses."""
        if stage is None or stage in self.stages:
            return stage
        rank = RANKS[stage]
        return highest(each for each in self.stages if RANKS[each] < rank)

    def hubspot_value(self, stage: str) -> str | None:
        """The internal name of `lifecyclestage` for a stage: its own, or that of the nearest stage below."""
        below = [each for each in self.hubspot if RANKS[each] <= RANKS[stage] and each in self.stages]
        found = highest(below)
        return None if found is None else self.hubspot[found]

    def of_hubspot(self, value: str | None) -> str | None:
        """The stage that a `lifecyclestage` means; None where no stage is mapped to it."""
        if not value:
            return None
        return self.enabled(next((stage for stage, name in self.hubspot.items() if name == value), None))

    def of_salesforce_status(self, status: str | None) -> str | None:
        """The stage that a lead status means."""
        if not status:
            return None
        found = (stage for stage, name in self.salesforce_status.items() if name == status and stage in RANKS)
        return self.enabled(highest(found))

    def target_of(self, kind: Exception_, to: str | None) -> str | None:
        """Where an exception leads; None: to no stage at all."""
        if kind == "recycle":
            return self.recycle_to
        if kind == "opportunity_lost":
            return self.lost_to
        if kind == "customer_churned":
            return self.churned_to
        return to if kind == "data_correction" else None


def rank(stage: str | None) -> int:
    """The rank of a stage; 0 where there is none, or none of ours."""
    return RANKS.get(stage, 0) if stage is not None else 0


def highest(stages: Iterable[str | None]) -> str | None:
    """The stage with the highest rank."""
    return max(stages, key=rank, default=None)


def of_written(value: str | None) -> str | None:
    """The stage that `revops_stage` holds; capitals do not matter."""
    word = (value or "").strip().lower()
    return word if word in RANKS else None


def between(stages: Sequence[str], low: str | None, high: str) -> list[str]:
    """The stages above `low` and below `high`, in order."""
    return [stage for stage in stages if rank(low) < RANKS[stage] < RANKS[high]]

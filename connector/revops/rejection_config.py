"""The rules of the rejection loop as frozen data. Reading them from YAML is `project/rules/rejection`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from connector.model import Side
from connector.revops.calendars import Mode
from connector.revops.rejection_reasons import Locale, Reasons

Level = Literal["manager", "head_of_sales", "reassign"]
LEVELS: tuple[Level, ...] = ("manager", "head_of_sales", "reassign")

REVERT_WINDOW = timedelta(days=30)
"""The loop guard counts reverts of a person over this time (domain §3.2, step 7)."""

SMALLEST_MIN_CELL = 3


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What happens to a rejection without a reason.

    `salesforce`: its own validation rule refuses it; what gets past the rule is flagged, never reverted.
    `hubspot`: `revert` gives the status back, `flag` leaves it; both ask for the reason within `grace`.
    """

    salesforce: Literal["validation_rule", "off"] = "validation_rule"
    hubspot: Literal["revert", "flag", "off"] = "revert"
    grace: timedelta = timedelta(hours=4)
    clock: Mode = "business_hours"
    max_reverts: int = 3
    enforce_from: date | None = None
    began: datetime | None = None  # when the rules were first applied: what is older is left alone


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away, first and last day included; without a deputy the next in line is asked."""

    who: str
    first: date
    last: date
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who hears of a lead without feedback: level n after n times `after`, while nobody has answered.

    E-mail addresses are lower case. `teams` and `queues` name who leads a HubSpot team and a Salesforce queue.
    `queue`: whether the clock stands still while a queue owns the lead, or runs.
    """

    after: timedelta = timedelta(hours=48)
    clock: Mode = "working_days"
    levels: tuple[Level, ...] = ("manager", "head_of_sales")
    teams: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)
    head_of_sales: str | None = None
    reassign_to: str | None = None
    absences: tuple[Absence, ...] = ()
    queue: Literal["pause", "run"] = "pause"
    reset_on_reassign: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a rejected lead costs: hours times `hourly_cost` plus `overhead_per_lead` (domain §5.3)."""

    hourly_cost: Decimal = Decimal("50.00")
    overhead_per_lead: Decimal = Decimal("50.00")
    hours: tuple[Decimal, Decimal] = (Decimal(2), Decimal(3))
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Reports:
    """The lead council and the marketing feed.

    `other_warning`: the share of «other» above which the reasons need work. `suppress` names, per reason, what
    the rejected leads have in common and marketing may leave out.
    """

    council_day: int = 3
    min_cell: int = 5
    marketing_feed: Literal["weekly", "monthly", "off"] = "weekly"
    other_warning: Decimal = Decimal("0.15")
    cost: Cost = Cost()
    suppress: Mapping[str, str] = field(
        default_factory=lambda: {
            "fit_industry": "industry",
            "fit_region": "country",
            "fit_company_size": "company_size",
        }
    )


@dataclass(frozen=True, slots=True)
class RejectionConfig:
    """Everything the loop and its reports go by; `statuses` are internal values that mean «rejected»."""

    reasons: Reasons
    statuses: Mapping[Side, frozenset[str]] = field(
        default_factory=lambda: {
            "hubspot": frozenset({"UNQUALIFIED", "BAD_TIMING"}),
            "salesforce": frozenset({"Closed - Not Converted"}),
        }
    )
    enforcement: Enforcement = Enforcement()
    escalation: Escalation = Escalation()
    reports: Reports = Reports()
    locale: Locale = "de"

    def rejected(self, side: Side, status: str | None) -> bool:
        """Whether a lead status means that sales has turned the lead down."""
        return status is not None and status in self.statuses.get(side, frozenset())

    @property
    def hash(self) -> str:
        """sha256 of the meaning: the same rules have the same hash, however they were written down."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else str(value)

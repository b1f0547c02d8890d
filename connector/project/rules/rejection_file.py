"""What may stand in `rules/rejection.yaml` and `rules/rejection_reasons.yaml`: keys, words and types.

Whether it makes sense together, and what becomes of it, is `rejection`.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from connector.project.written import (
    Amount,
    Currency,
    Day,
    Days,
    Duration,
    Email,
    Id,
    LabelLine,
    Name,
    Some,
    Strict,
    each_once,
    matching,
)
from connector.revops.calendars import Mode
from connector.revops.rejection_config import SMALLEST_MIN_CELL, Level

Category = Literal[
    "budget", "authority", "need", "timeline", "fit", "data_quality", "engagement", "compliance", "other"
]


RulesFile = Annotated[
    str,
    matching(
        r"rules/[\w.-]+\.ya?ml", "name a file of this project's rules folder, such as rules/rejection_reasons.yaml"
    ),
]
StatusWords = Annotated[Some, AfterValidator(each_once)]


class ReasonLine(Strict):
    """One reason."""

    code: Id
    label: LabelLine
    category: Category
    recycle_days: Days | None = None
    comment: Annotated[int, Field(ge=0, le=500)] = 0
    task: Literal["merge"] | None = None
    suppress: bool = False
    retired: bool = False


class ReasonsFile(Strict):
    """The whole of `rules/rejection_reasons.yaml`."""

    reasons: Annotated[tuple[ReasonLine, ...], Field(min_length=1)]


class Statuses(Strict):
    """Lead statuses that mean «turned down»."""

    hubspot: StatusWords = ("UNQUALIFIED", "BAD_TIMING")
    salesforce: StatusWords = ("Closed - Not Converted",)


class EnforcementLines(Strict):
    """A rejection without a reason."""

    salesforce: Literal["validation_rule", "off"] = "validation_rule"
    hubspot: Literal["revert", "flag", "off"] = "revert"
    grace: Duration = timedelta(hours=4)
    clock: Mode = "business_hours"
    max_reverts_30d: Annotated[int, Field(ge=0, le=100)] = 3
    enforce_from: Day | None = None


class AbsenceLine(Strict):
    """Somebody is away."""

    who: Email
    from_: Annotated[Day, Field(alias="from")]
    until: Day
    deputy: Email | None = None

    @model_validator(mode="after")
    def _in_order(self) -> AbsenceLine:
        if self.until < self.from_:
            raise ValueError("`until` lies before `from`: exchange the days")
        if self.deputy == self.who:
            raise ValueError("nobody is their own deputy: name somebody else, or delete `deputy`")
        return self


class EscalationLines(Strict):
    """A hand-over without feedback."""

    after: Duration = timedelta(hours=48)
    clock: Mode = "working_days"
    levels: Annotated[tuple[Level, ...], AfterValidator(each_once)] = ("manager", "head_of_sales")
    teams: dict[Name, Email] = Field(default_factory=dict)
    queues: dict[Name, Email] = Field(default_factory=dict)
    head_of_sales: Email | None = None
    reassign_to: Email | None = None
    absences: tuple[AbsenceLine, ...] = ()
    queue: Literal["pause", "run"] = "pause"
    reset_on_reassign: bool = False


class CostLines(Strict):
    """What a rejected lead costs."""

    hourly_cost: Amount = Decimal("50.00")
    overhead_per_lead: Amount = Decimal("50.00")
    hours: Annotated[tuple[Amount, ...], Field(min_length=2, max_length=2)] = (Decimal(2), Decimal(3))
    currency: Currency = "EUR"

    @model_validator(mode="after")
    def _from_to(self) -> CostLines:
        if self.hours[0] > self.hours[1]:
            raise ValueError("`hours` are the fewest and the most, in this order")
        return self


class ReportLines(Strict):
    """The lead council and the marketing feed."""

    council_day: Annotated[int, Field(ge=1, le=28)] = 3
    min_cell: Annotated[int, Field(ge=SMALLEST_MIN_CELL)] = 5
    marketing_feed: Literal["weekly", "monthly", "off"] = "weekly"
    other_warning: Annotated[Amount, Field(le=100)] = Decimal(15)
    cost: CostLines = CostLines()
    suppress: dict[Name, Literal["industry", "country", "company_size"]] | None = None


class RejectionFile(Strict):
    """Everything below `rejection:`."""

    statuses: Statuses = Statuses()
    reasons_file: RulesFile = "rules/rejection_reasons.yaml"
    enforcement: EnforcementLines = EnforcementLines()
    escalation: EscalationLines = EscalationLines()
    reports: ReportLines = ReportLines()

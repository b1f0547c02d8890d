"""What may stand in `rules/lifecycle.yaml`: keys, words and times. Whether it makes sense is `lifecycle`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from connector.project.written import Days, Duration, Id, Name, Some, Strict, for_all
from connector.revops.calendars import Mode
from connector.revops.lifecycle import Lifecycle, Stage

DEFAULT = Lifecycle()
"""What holds where the file says nothing."""

Targets = Annotated[
    dict[str, Duration], BeforeValidator(for_all, json_schema_input_type=str | dict[str, str]), Field(min_length=1)
]
"""`48h` holds for everybody; {hot: 1h, warm: 8h} by temperature."""


class SalesforceLines(Strict):
    """Salesforce's words."""

    lead_status: dict[str, Name] | None = None
    convert: Literal["manual", "apex"] = "manual"


class ExceptionLines(Strict):
    """Where the named exceptions lead."""

    recycle_to: Stage = "lead"
    recycle_days: Days = 180
    lost_to: Stage = "sql"
    churned_to: Stage = "customer"


class SlaLines(Strict):
    """One promise."""

    id: Id
    start: Some
    stop: Some
    target: Targets
    clock: Mode = "working_days"
    escalate: Literal["manager", "head_of_sales"] | None = None
    reset_on_reassign: bool = False


class MarketingLines(Strict):
    """What marketing promises."""

    sql_per_quarter: Annotated[int, Field(ge=1)]
    year_starts: Annotated[int, Field(ge=1, le=12)] = 1


class LifecycleFile(Strict):
    """Everything below `lifecycle:`."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1)] | None = None
    hubspot: dict[str, Name] = Field(default_factory=dict)
    hubspot_status: dict[str, Name] | None = None
    sal_statuses: tuple[Name, ...] = tuple(sorted(DEFAULT.sal_statuses))
    salesforce: SalesforceLines = SalesforceLines()
    write_lead_status: bool = False
    backfill: bool = False
    exceptions: ExceptionLines = ExceptionLines()
    sla: tuple[SlaLines, ...] = ()
    marketing: MarketingLines | None = None

"""What may stand in `rules/rejection.yaml` and `rules/rejection_reasons.yaml`: keys, words and types.

Whether it makes sense together, and what becomes of it, is `rejection`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connector.project.mapping_file import Words
from connector.project.settings import Name, Strict
from connector.revops.rejection_config import SMALLEST_MIN_CELL, Level
from connector.revops.rejection_reasons import Locale

Clock = Literal["elapsed", "working_days", "business_hours"]
Category = Literal[
    "budget", "authority", "need", "timeline", "fit", "data_quality", "engagement", "compliance", "other"
]

_DURATION = re.compile(r"(\d{1,5})\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_CODE = re.compile(r"[a-z0-9_]{2,40}")
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\d{1,7}(\.\d{1,4})?")


def _duration(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    found = _DURATION.fullmatch(raw.strip())
    if not found or not int(found[1]):
        raise ValueError("write a time above 0 such as 30m, 4h, 48h or 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _day(raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    try:
        day = date.fromisoformat(raw.strip()) if _DATE.fullmatch(raw.strip()) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError("write a day such as 2026-12-01")
    return day


def _decimal(raw: object) -> object:
    if isinstance(raw, float):
        raise ValueError("write the number as text such as 50.00, a float is not exact")  # noqa: TRY004  (pydantic reports ValueError only)
    if not isinstance(raw, str):
        return raw
    if not _NUMBER.fullmatch(raw.strip()):
        raise ValueError("write a number of 0 or above such as 50.00, with a point and without a unit")
    return Decimal(raw.strip())


def _email(address: str) -> str:
    if not _EMAIL.fullmatch(address.strip()):
        raise ValueError("write one e-mail address such as leitung@example.com")
    return address.strip().lower()


def _code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError("a code is 2 to 40 small letters, digits and _, such as budget_none")
    return code


def _rules_file(path: str) -> str:
    if not re.fullmatch(r"rules/[\w.-]+\.ya?ml", path):
        raise ValueError("name a file of this project's rules folder, such as rules/rejection_reasons.yaml")
    return path


def _currency(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("write a currency as three capital letters, such as EUR")
    return code


Duration = Annotated[timedelta, BeforeValidator(_duration, json_schema_input_type=str)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]
Number = Annotated[Decimal, BeforeValidator(_decimal, json_schema_input_type=str)]
Email = Annotated[str, AfterValidator(_email)]
Code = Annotated[str, AfterValidator(_code)]


class Label(Strict):
    """What people see, in both languages."""

    en: Name
    de: Name


class ReasonLine(Strict):
    """One reason."""

    code: Code
    label: Label
    category: Category
    recycle_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    comment: Annotated[int, Field(ge=0, le=500)] = 0
    task: Literal["merge"] | None = None
    suppress: bool = False
    retired: bool = False


class ReasonsFile(Strict):
    """The whole of `rules/rejection_reasons.yaml`."""

    reasons: Annotated[tuple[ReasonLine, ...], Field(min_length=1)]


class Statuses(Strict):
    """Lead statuses that mean «turned down»."""

    hubspot: Words = ("UNQUALIFIED", "BAD_TIMING")
    salesforce: Words = ("Closed - Not Converted",)


class EnforcementLines(Strict):
    """A rejection without a reason."""

    salesforce: Literal["validation_rule", "off"] = "validation_rule"
    hubspot: Literal["revert", "flag", "off"] = "revert"
    grace: Duration = timedelta(hours=4)
    clock: Clock = "business_hours"
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


def _each_once(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    if len(set(levels)) < len(levels):
        raise ValueError("a level stands twice: keep one")
    return levels


class EscalationLines(Strict):
    """A hand-over without feedback."""

    after: Duration = timedelta(hours=48)
    clock: Clock = "working_days"
    levels: Annotated[tuple[Level, ...], AfterValidator(_each_once)] = ("manager", "head_of_sales")
    teams: dict[Name, Email] = Field(default_factory=dict)
    queues: dict[Name, Email] = Field(default_factory=dict)
    head_of_sales: Email | None = None
    reassign_to: Email | None = None
    absences: tuple[AbsenceLine, ...] = ()
    queue: Literal["pause", "run"] = "pause"
    reset_on_reassign: bool = False


class CostLines(Strict):
    """What a rejected lead costs."""

    hourly_cost: Number = Decimal("50.00")
    overhead_per_lead: Number = Decimal("50.00")
    hours: Annotated[tuple[Number, ...], Field(min_length=2, max_length=2)] = (Decimal(2), Decimal(3))
    currency: Annotated[str, AfterValidator(_currency)] = "EUR"

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
    other_warning: Annotated[Number, Field(le=100)] = Decimal(15)
    cost: CostLines = CostLines()
    suppress: dict[Name, Literal["industry", "country", "company_size"]] | None = None


class RejectionLines(Strict):
    """The part under `rejection:`."""

    statuses: Statuses = Statuses()
    reasons_file: Annotated[str, AfterValidator(_rules_file)] = "rules/rejection_reasons.yaml"
    locale: Locale = "de"
    enforcement: EnforcementLines = EnforcementLines()
    escalation: EscalationLines = EscalationLines()
    reports: ReportLines = ReportLines()


class RejectionFile(Strict):
    """The whole of `rules/rejection.yaml`."""

    rejection: RejectionLines


class RejectionKey(Strict):
    """The one key of the file, so that what stands under it can be read part by part."""

    rejection: dict[str, Any]

"""What may stand in `rules/scoring.yaml`: keys, words and numbers. Whether it makes sense is `scoring_checks`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connector.project.written import (
    NUMBER,
    Days,
    Id,
    LabelText,
    Name,
    Number,
    Pattern,
    Some,
    Strict,
    TimeZone,
    Words,
    as_tuple,
    exact,
    for_all,
)
from connector.revops.scoring_config import Temperature


def _band(raw: object) -> object:
    if not isinstance(raw, list | tuple) or len(raw) != 2:  # noqa: PLR2004  (a pair)
        raise ValueError("write a band as [lower bound, points], such as [200, 20]")
    return tuple(exact(each) for each in raw)


def _grade(raw: object) -> object:
    """`A: 1200` is a lower bound, `A: [approved]` are values; a mapping says everything."""
    if isinstance(raw, list | tuple):
        return {"values": raw}
    if isinstance(raw, str | int):
        return {"at_least" if NUMBER.fullmatch(str(raw)) else "values": raw}
    return raw


def _off(switch: bool) -> bool:
    if switch:
        raise ValueError("the predictive score is not part of this version: write false; the rules decide")
    return switch


Points = Annotated[Number, Field(ge=-1000, le=1000)]
Threshold = Annotated[int, Field(ge=1, le=100)]
Band = Annotated[tuple[Decimal, Decimal], BeforeValidator(_band, json_schema_input_type=list[float])]
Temperatures = Annotated[
    tuple[Temperature, ...], BeforeValidator(as_tuple, json_schema_input_type=Temperature | list[Temperature])
]
Level = Literal["E1", "E2", "E3"]
Levels = Annotated[tuple[Level, ...], BeforeValidator(as_tuple, json_schema_input_type=Level | list[Level])]


class FitLine(Strict):
    """Points for what a person is: by `bands` of a number, by class in `points`, or `when` missing or present."""

    id: Id
    label: LabelText | None = None
    field: Name
    bands: tuple[Band, ...] = ()
    read: Literal["count", "decimal"] = "count"
    values: dict[Id, Some] = Field(default_factory=dict)
    points: Annotated[dict[str, Points], BeforeValidator(for_all, json_schema_input_type=dict[str, float] | float)] = (
        Field(default_factory=dict)
    )
    when: Literal["missing", "present"] | None = None


class GradeLimits(Strict):
    """The lowest score of each grade; below C is D."""

    A: Threshold
    B: Threshold
    C: Threshold


class FitSection(Strict):
    """Who a person is."""

    rules: Annotated[tuple[FitLine, ...], Field(min_length=1)]
    grades: GradeLimits


class EventLine(Strict):
    """Points for what a person does; with `no_event_days` for doing nothing."""

    id: Id
    label: LabelText | None = None
    event: Id | None = None
    match: dict[Name, Pattern] = Field(default_factory=dict)
    points: Points
    cap: Points | None = None
    group: Id | None = None
    half_life_days: Annotated[Number | None, Field(le=3650)] = None
    window_days: Days = 365
    max_count: Annotated[int, Field(ge=1)] | None = None
    no_event_days: Days | None = None


class GroupLine(Strict):
    """A name, and if wanted a cap, for several engagement rules."""

    label: LabelText | None = None
    cap: Points | None = None


class LevelLimits(Strict):
    """The lowest score of each level; below E2 is E3."""

    E1: Threshold
    E2: Threshold


class EngagementSection(Strict):
    """What a person does."""

    rules: Annotated[tuple[EventLine, ...], Field(min_length=1)]
    groups: dict[Id, GroupLine] = Field(default_factory=dict)
    levels: LevelLimits


class Matrix(Strict):
    """A row per fit grade, with the temperature at E1, E2, E3."""

    A: tuple[Temperature, ...]
    B: tuple[Temperature, ...]
    C: tuple[Temperature, ...]
    D: tuple[Temperature, ...]


class Consent(Strict):
    """Events that are read only of persons who agreed, and the field that says so."""

    tracked_events: Words = ()
    require: Name = "tracking_consent"


class Mql(Strict):
    """Who is an MQL."""

    temperature: Annotated[Temperatures, Field(min_length=1)] = ("warm", "hot")
    engaged_within_days: Days = 90


class GradeLine(Strict):
    """When a criterion has a grade."""

    values: Words = ()
    at_least: Number | None = None
    events: Words = ()
    within_days: Days = 90
    levels: Levels = ()


GradeText = Annotated[GradeLine, BeforeValidator(_grade, json_schema_input_type=dict[str, Any] | list[str] | float)]


class CriterionLine(Strict):
    """A question with the answers A, B, C: from a `field`, the class of a fit `rule`, or else the engagement."""

    label: LabelText | None = None
    field: Name | None = None
    rule: Name | None = None
    a: Annotated[GradeText, Field(alias="A")]
    b: Annotated[GradeText, Field(alias="B")]
    empty: Words = ()


class SqlLine(Strict):
    """One rule that makes an SQL; which of the keys belong to which type is checked later."""

    type: Literal["bant_positive", "bant_grades"]
    enabled: bool = True
    criteria: Words | None = None
    min_positive: Annotated[int, Field(ge=1)] | None = None
    positive_min: Literal["A", "B"] | None = None
    active_events: Words | None = None
    within_days: Days | None = None
    min_a: Annotated[int, Field(ge=0)] | None = None
    min_ab: Annotated[int, Field(ge=1)] | None = None


class SqlSection(Strict):
    """When a person is handed to sales."""

    combine: Literal["any", "all"] = "any"
    rules: tuple[SqlLine, ...] = ()


class TitleClass(Strict):
    """Words that put a job title into a class."""

    class_: Annotated[Id, Field(alias="class")]
    words: Some


class EmailSection(Strict):
    """Domains of addresses."""

    freemail: Words = ()
    competitors: Words = ()


class FieldNames(Strict):
    """Other names for the fields that the engine itself asks for."""

    email: Name | None = None
    job_title: Name | None = None
    seniority: Name | None = None
    title_class: Name | None = None
    objection: Name | None = None
    erasure: Name | None = None
    unsubscribed_all: Name | None = None
    hard_bounce: Name | None = None
    competitor_domain: Name | None = None


class PredictiveSection(Strict):
    """The trained score, which is off."""

    enabled: Annotated[bool, AfterValidator(_off)] = False
    target: Name = "won_180d"
    min_leads: Annotated[int, Field(ge=1)] = 1000
    min_positives: Annotated[int, Field(ge=1)] = 120


class ScoringFile(Strict):
    """The whole of `rules/scoring.yaml`, below the key `scoring`."""

    timezone: TimeZone | None = None  # that of the project
    downgrade_margin: Annotated[int, Field(ge=0, le=50)] = 5
    fit: FitSection
    engagement: EngagementSection
    matrix: Matrix
    suppress: tuple[Literal["objection", "erasure", "unsubscribed_all", "hard_bounce", "competitor_domain"], ...] = (
        "objection",
        "erasure",
        "unsubscribed_all",
        "hard_bounce",
        "competitor_domain",
    )
    consent: Consent
    mql: Mql = Mql()
    criteria: dict[Id, CriterionLine] = Field(default_factory=dict)
    sql: SqlSection = SqlSection()
    titles: tuple[TitleClass, ...] = ()
    email: EmailSection = EmailSection()
    fields: FieldNames = FieldNames()
    predictive: PredictiveSection = PredictiveSection()

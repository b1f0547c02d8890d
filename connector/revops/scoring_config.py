"""What marketing and sales agreed on about scoring, as frozen data; `project/rules/scoring.py` makes it from YAML.

Nothing here checks or computes: a config that came through the reader is consistent. Points are Decimal.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

Locale = Literal["de", "en"]
Temperature = Literal["cold", "warm", "hot"]
TEMPERATURES: tuple[Temperature, ...] = ("cold", "warm", "hot")
"""From the lowest to the highest."""

FIT_GRADES = ("A", "B", "C", "D")
ENGAGEMENT_LEVELS = ("E1", "E2", "E3")
"""The best first; the last one has no threshold."""

SUPPRESSORS = ("objection", "erasure", "unsubscribed_all", "hard_bounce", "competitor_domain")
EMPTYING = frozenset({"objection", "erasure"})
"""Suppressors that end the profiling itself: scores and grades become empty, not 0 (GDPR Art. 17 and 21)."""

BANT = ("budget", "authority", "need", "timeline")

PERSON_FIELDS = (
    "email", "job_title", "seniority", "title_class", "tracking_consent",
    "objection", "erasure", "unsubscribed_all", "hard_bounce", "competitor_domain",
)  # fmt: skip
"""What the engine itself asks a person for; `fields` in the YAML may give each another name."""


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """How a rule is called in an explanation."""

    de: str
    en: str


@dataclasses.dataclass(frozen=True, slots=True)
class FitRule:
    """Points for what a person is. Exactly one of `bands`, `points`, `when` is set.

    `bands` are (lower bound, points), the highest bound first. `points` are by class; `values` says which values
    make a class, without it the value is the class. `when` gives `flat` points for a missing or present value.
    """

    id: str
    field: str
    label: Label
    bands: tuple[tuple[Decimal, Decimal], ...] = ()
    read: Literal["count", "decimal"] = "count"
    values: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    points: Mapping[str, Decimal] = dataclasses.field(default_factory=dict)
    when: Literal["missing", "present"] | None = None
    flat: Decimal = Decimal(0)


@dataclasses.dataclass(frozen=True, slots=True)
class EngagementRule:
    """Points for what a person does, or for silence when `no_event_days` is set (then `event` is empty)."""

    id: str
    event: str
    points: Decimal
    label: Label
    match: Mapping[str, str] = dataclasses.field(default_factory=dict)  # fact of the event -> regular expression
    cap: Decimal | None = None
    group: str | None = None
    half_life_days: Decimal | None = None
    window_days: int = 365
    max_count: int | None = None
    no_event_days: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """Engagement rules that share a cap, or only a name for `active_events`."""

    label: Label
    cap: Decimal | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class TitleLine:
    """Words that put a job title into a class; lines are tried in order."""

    title_class: str
    words: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Grade:
    """When a criterion has one grade: any of the conditions that are set."""

    values: tuple[str, ...] = ()
    at_least: Decimal | None = None
    events: tuple[str, ...] = ()  # engagement rules or groups
    within_days: int = 90
    levels: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Criterion:
    """A question answered with A, B or C: from a field, from a fit rule's class, or from the engagement."""

    id: str
    label: Label
    source: Literal["field", "rule", "engagement"]
    of: str  # the field or the fit rule; empty for engagement
    a: Grade
    b: Grade
    empty: tuple[str, ...] = ()  # values that mean the same as no answer


@dataclasses.dataclass(frozen=True, slots=True)
class BantPositive:
    """SQL by enough positive criteria and recent activity (domain §1.5)."""

    criteria: tuple[str, ...]
    min_positive: int
    positive_min: Literal["A", "B"]
    active_events: tuple[str, ...]
    within_days: int
    type: Literal["bant_positive"] = "bant_positive"


@dataclasses.dataclass(frozen=True, slots=True)
class BantGrades:
    """SQL by counting grades: at least `min_a` times A, and `min_ab` times A or B (domain §1.5)."""

    criteria: tuple[str, ...]
    min_a: int
    min_ab: int
    type: Literal["bant_grades"] = "bant_grades"


SqlRule = BantPositive | BantGrades


@dataclasses.dataclass(frozen=True, slots=True)
class ScoringConfig:
    """The whole of `rules/scoring.yaml`, defaults filled in."""

    fit: tuple[FitRule, ...]
    engagement: tuple[EngagementRule, ...]
    grades: Mapping[str, int]
    levels: Mapping[str, int]
    matrix: Mapping[str, tuple[Temperature, ...]]  # fit grade -> temperature at E1, E2, E3
    timezone: str = "Europe/Berlin"
    downgrade_margin: int = 5
    groups: Mapping[str, Group] = dataclasses.field(default_factory=dict)
    suppress: tuple[str, ...] = SUPPRESSORS
    tracked_events: tuple[str, ...] = ()
    mql_temperatures: tuple[Temperature, ...] = ("warm", "hot")
    engaged_within_days: int = 90
    criteria: tuple[Criterion, ...] = ()
    sql: tuple[SqlRule, ...] = ()
    combine: Literal["any", "all"] = "any"
    titles: tuple[TitleLine, ...] = ()
    freemail: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    fields: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def field_name(self, what: str) -> str:
        """The person's field that answers one of `PERSON_FIELDS`."""
        return self.fields.get(what, what)


def config_hash(config: ScoringConfig) -> str:
    """The sha256 of the config's canonical JSON: the order of keys and the spelling of numbers do not matter."""
    text = json.dumps(_plain(config), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value

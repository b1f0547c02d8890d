"""What may stand in `rules/attribution.yaml`, and the frozen rules it becomes.

Whether the codes under `channels` exist in a CRM is not asked here: a code nobody sends does no harm.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connector.project.mistakes import Mistakes, nearest
from connector.project.rules.section import Found, Section, read_section
from connector.project.written import Amount, Currency, Days, Name, Strict, each_once
from connector.project.yaml_lines import Document
from connector.revops.attribution_channels import DEFAULT_CHANNELS, OTHER, UNATTRIBUTED
from connector.revops.attribution_config import (
    ANCHORS,
    CHANNEL_MODELS,
    CREDIT_MODELS,
    DEFAULT_MARKETING,
    DEFAULT_WEIGHTS,
    AttributionConfig,
)

ROOT = "attribution"

Model = Literal["first", "last", "linear", "u_shape", "w_shape", "full_path", "time_decay", "markov", "shapley"]

_CHANNEL = re.compile(r"[a-z0-9_]{1,40}")
_SHORTEST, _LONGEST = Decimal("0.01"), Decimal(3650)


def _half_life(days: Decimal) -> Decimal:
    if not _SHORTEST <= days <= _LONGEST:
        raise ValueError(f"must be above 0: from {_SHORTEST} to {_LONGEST} days, usually 7")
    return days


def _summing(model: str) -> AfterValidator:
    anchors = ANCHORS[model]

    def check(weights: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        names = ", ".join((*anchors, "others"))
        if len(weights) != len(anchors) + 1:
            raise ValueError(f"has {len(weights)} weights, needs {len(anchors) + 1}: {names}")
        if sum(weights) != Decimal(100):
            raise ValueError(f"the weights sum to {sum(weights):f}, not 100: correct one of {names}")
        if not all(weights[:-1]):
            raise ValueError(f"a milestone's weight must be above 0: {names}; only that of the others may be 0")
        return weights

    return AfterValidator(check)


def _channel(name: str) -> str:
    if not _CHANNEL.fullmatch(name):
        raise ValueError("a channel is lower case letters, digits and _, such as webinar")
    if name == UNATTRIBUTED:
        raise ValueError(f"'{UNATTRIBUTED}' is the channel of deals without touches: choose another name")
    return name


def _roles(raw: object) -> object:
    if isinstance(raw, str) and raw != "any":
        raise ValueError("write `any`, or a list of roles such as [Decision Maker]")
    return None if raw == "any" else raw


Channel = Annotated[str, AfterValidator(_channel)]


class WeightLines(Strict):
    """Percent per milestone, then for all other touches together."""

    u_shape: Annotated[tuple[Amount, ...], _summing("u_shape")] = DEFAULT_WEIGHTS["u_shape"]
    w_shape: Annotated[tuple[Amount, ...], _summing("w_shape")] = DEFAULT_WEIGHTS["w_shape"]
    full_path: Annotated[tuple[Amount, ...], _summing("full_path")] = DEFAULT_WEIGHTS["full_path"]


class ContactLines(Strict):
    """Whose touches a deal gets."""

    roles: Annotated[
        tuple[Name, ...] | None, BeforeValidator(_roles, json_schema_input_type=Literal["any"] | list[str])
    ] = None
    account_wide: bool = False


class SourcedLines(Strict):
    """When a deal counts as brought by marketing."""

    marketing_channels: Annotated[tuple[Channel, ...], Field(min_length=1), AfterValidator(each_once)] = (
        DEFAULT_MARKETING
    )


class AttributionFile(Strict):
    """Everything below `attribution:`."""

    models: Annotated[tuple[Model, ...], Field(min_length=1), AfterValidator(each_once)] = (
        "first",
        "last",
        "linear",
        "u_shape",
        "w_shape",
        "full_path",
        "time_decay",
        "markov",
    )
    primary_model: Model = "w_shape"
    lookback_days: Days = 365
    half_life_days: Annotated[Amount, AfterValidator(_half_life)] = Decimal(7)
    weights: WeightLines = WeightLines()
    u_shape_anchor: Literal["lead", "last"] = "lead"
    last_non_direct: bool = False
    include_sales: bool = False
    include_opens: bool = False
    contacts: ContactLines = ContactLines()
    sourced: SourcedLines = SourcedLines()
    reporting_currency: Currency | None = None
    may_delete: bool = True
    channels: Annotated[dict[Name, Channel], Field(min_length=1, default_factory=lambda: dict(DEFAULT_CHANNELS))]


def read_attribution(document: Document, mistakes: Mistakes) -> Section[AttributionFile] | None:
    """The file, with everything noted that is wrong in it; None where no rest makes sense."""
    section = read_section(document, ROOT, AttributionFile, mistakes)
    if section is not None:
        section.note([*_primary(section.lines), *_marketing(section.lines)])
    return section


def compile_attribution(section: Section[AttributionFile], time_zone: str) -> AttributionConfig:
    """The rules of a file that was found to be right; `time_zone` is the project's, for days and noons."""
    lines = section.lines
    return AttributionConfig(
        models=tuple(model for model in (*CREDIT_MODELS, *CHANNEL_MODELS) if model in lines.models),
        primary_model=lines.primary_model,
        lookback_days=lines.lookback_days,
        half_life_days=lines.half_life_days,
        weights={model: getattr(lines.weights, model) for model in ANCHORS},
        u_anchor=lines.u_shape_anchor,
        last_non_direct=lines.last_non_direct,
        include_sales=lines.include_sales,
        include_opens=lines.include_opens,
        contact_roles=lines.contacts.roles,
        account_wide=lines.contacts.account_wide,
        channels=lines.channels,
        marketing_channels=tuple(sorted(lines.sourced.marketing_channels)),
        time_zone=time_zone,
        reporting_currency=lines.reporting_currency,
        may_delete=lines.may_delete,
    )


def _primary(lines: AttributionFile) -> Found:
    """The model of the KPIs must give deals credits, and be one of those that are computed."""
    if lines.primary_model in CHANNEL_MODELS:
        why = f"{lines.primary_model} gives channels a share and deals no credits"
        yield ("primary_model",), f"'primary_model': {why}: choose one of {', '.join(CREDIT_MODELS)}"
    elif lines.primary_model not in lines.models:
        yield (
            ("primary_model" if "primary_model" in lines.model_fields_set else "models",),
            f"'primary_model': {lines.primary_model} is not under `models`: add it there, or choose another",
        )


def _marketing(lines: AttributionFile) -> Found:
    channels = {*lines.channels.values(), OTHER}
    written = "sourced" in lines.model_fields_set
    for i, name in enumerate(lines.sourced.marketing_channels if written else ()):
        if name not in channels:
            text = f"the channel '{name}' stands behind no code under `channels`{nearest(name, channels)}"
            yield ("sourced", "marketing_channels", i), text

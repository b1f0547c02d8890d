"""What may stand in `rules/attribution.yaml`, and the frozen rules it becomes.

Whether the codes under `channels` exist in a CRM is not asked here: a code nobody sends does no harm.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connector.project.mistakes import Mistakes, nearest
from connector.project.settings import Name, Strict
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
from connector.revops.money import exponent

Model = Literal["first", "last", "linear", "u_shape", "w_shape", "full_path", "time_decay", "markov", "shapley"]

_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?")
_CHANNEL = re.compile(r"[a-z0-9_]{1,40}")
_SHORTEST, _LONGEST = Decimal("0.01"), Decimal(3650)


def _decimal(raw: object) -> object:
    if isinstance(raw, str):
        if not _NUMBER.fullmatch(raw.strip()):
            raise ValueError("write a number of 0 or above such as 22.5")
        return Decimal(raw.strip())
    if isinstance(raw, float):
        raise ValueError("write the number as text such as 22.5, a float is not exact")  # noqa: TRY004  (pydantic reports ValueError only)
    try:
        return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    except InvalidOperation:
        return raw


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


def _currency(code: str) -> str:
    exponent(code)
    return code


def _roles(raw: object) -> object:
    if isinstance(raw, str) and raw != "any":
        raise ValueError("write `any`, or a list of roles such as [Decision Maker]")
    return None if raw == "any" else raw


def _no_twice(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"'{twice[0]}' stands twice: keep one")
    return names


Exact = Annotated[Decimal, BeforeValidator(_decimal, json_schema_input_type=str)]
Channel = Annotated[str, AfterValidator(_channel)]


class WeightLines(Strict):
    """Percent per milestone, then for all other touches together."""

    u_shape: Annotated[tuple[Exact, ...], _summing("u_shape")] = DEFAULT_WEIGHTS["u_shape"]
    w_shape: Annotated[tuple[Exact, ...], _summing("w_shape")] = DEFAULT_WEIGHTS["w_shape"]
    full_path: Annotated[tuple[Exact, ...], _summing("full_path")] = DEFAULT_WEIGHTS["full_path"]


class ContactLines(Strict):
    """Whose touches a deal gets."""

    roles: Annotated[
        tuple[Name, ...] | None, BeforeValidator(_roles, json_schema_input_type=Literal["any"] | list[str])
    ] = None
    account_wide: bool = False


class SourcedLines(Strict):
    """When a deal counts as brought by marketing."""

    marketing_channels: Annotated[tuple[Channel, ...], Field(min_length=1), AfterValidator(_no_twice)] = (
        DEFAULT_MARKETING
    )


class AttributionLines(Strict):
    """The key `attribution`."""

    models: Annotated[tuple[Model, ...], Field(min_length=1), AfterValidator(_no_twice)] = (
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
    lookback_days: Annotated[int, Field(ge=1, le=3650)] = 365
    half_life_days: Annotated[Exact, AfterValidator(_half_life)] = Decimal(7)
    weights: WeightLines = WeightLines()
    u_shape_anchor: Literal["lead", "last"] = "lead"
    last_non_direct: bool = False
    include_sales: bool = False
    include_opens: bool = False
    contacts: ContactLines = ContactLines()
    sourced: SourcedLines = SourcedLines()
    reporting_currency: Annotated[str, AfterValidator(_currency)] | None = None
    channels: Annotated[dict[Name, Channel], Field(min_length=1, default_factory=lambda: dict(DEFAULT_CHANNELS))]


class AttributionFile(Strict):
    """The file `rules/attribution.yaml`."""

    attribution: AttributionLines


class _Outer(Strict):
    attribution: dict[str, Any]


def read_attribution(document: Document, mistakes: Mistakes, time_zone: str) -> AttributionConfig | None:
    """The rules of a file; every mistake in it is noted in `mistakes`, None where no rest makes sense.

    Args:
        document: the file.
        mistakes: collects; with any of them the result is for checking further only, not for running.
        time_zone: the project's, for days and noons.
    """
    outer, _ = mistakes.validated(_Outer, document)
    if outer is None:
        return None
    # key by key, so that one mistake does not hide what only several keys together get wrong
    inner = {place[1:]: line for place, line in document.lines.items() if place[:1] == ("attribution",)}
    lines, _ = mistakes.validated(AttributionLines, Document(document.name, outer.attribution, inner))
    if lines is None:
        return None
    _check(lines, document, mistakes)
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
    )


def _check(lines: AttributionLines, document: Document, mistakes: Mistakes) -> None:
    """What only several keys together can get wrong."""

    def wrong(text: str, *path: Any) -> None:
        mistakes.add(document, ("attribution", *path), text)

    if lines.primary_model in CHANNEL_MODELS:
        wrong(
            f"'primary_model': {lines.primary_model} gives channels a share and deals no credits: "
            f"choose one of {', '.join(CREDIT_MODELS)}",
            "primary_model",
        )
    elif lines.primary_model not in lines.models:
        wrong(
            f"'primary_model': {lines.primary_model} is not under `models`: add it there, or choose another",
            "primary_model" if "primary_model" in lines.model_fields_set else "models",
        )
    channels = {*lines.channels.values(), OTHER}
    written = "sourced" in lines.model_fields_set
    for i, name in enumerate(lines.sourced.marketing_channels if written else ()):
        if name not in channels:
            wrong(
                f"the channel '{name}' stands behind no code under `channels`{nearest(name, channels)}",
                "sourced",
                "marketing_channels",
                i,
            )

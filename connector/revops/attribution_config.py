"""The rules of attribution as frozen data. Reading them from YAML is `project/rules/attribution`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal

from connector.revops.attribution_channels import DEFAULT_CHANNELS

CREDIT_MODELS = ("first", "last", "linear", "u_shape", "w_shape", "full_path", "time_decay")
"""Models that give every touch of a deal a share of that deal: they become credits."""
CHANNEL_MODELS = ("markov", "shapley")
"""Models over all journeys at once: they give channels a share, and no deal a credit."""
MODELS = CREDIT_MODELS + CHANNEL_MODELS

ANCHORS: Mapping[str, tuple[str, ...]] = {
    "u_shape": ("FT", "LC"),
    "w_shape": ("FT", "LC", "OC"),
    "full_path": ("FT", "LC", "OC", "CW"),
}
"""Which milestones a shaped model pays, in the order of its weights; the last weight is shared by the others."""

DEFAULT_WEIGHTS: Mapping[str, tuple[Decimal, ...]] = {
    "u_shape": tuple(map(Decimal, ("40", "40", "20"))),
    "w_shape": tuple(map(Decimal, ("30", "30", "30", "10"))),
    "full_path": tuple(map(Decimal, ("22.5", "22.5", "22.5", "22.5", "10"))),
}


DEFAULT_MARKETING = ("content", "email", "event", "organic", "paid", "social", "webinar")


@dataclass(frozen=True, slots=True)
class AttributionConfig:
    """Everything that decides who gets which share.

    `contact_roles` None takes every role; `marketing_channels` are the channels whose first touch makes a deal
    marketing-sourced; a channel code that `channels` does not know becomes `other`. Without `may_delete` rows that
    nothing stands behind any more stay, credits among them with an amount of 0.
    """

    models: tuple[str, ...] = (*CREDIT_MODELS, "markov")
    primary_model: str = "w_shape"
    lookback_days: int = 365
    half_life_days: Decimal = Decimal(7)
    weights: Mapping[str, tuple[Decimal, ...]] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    u_anchor: Literal["lead", "last"] = "lead"
    last_non_direct: bool = False
    include_sales: bool = False
    include_opens: bool = False
    contact_roles: tuple[str, ...] | None = None
    account_wide: bool = False
    channels: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_CHANNELS))
    marketing_channels: tuple[str, ...] = DEFAULT_MARKETING
    time_zone: str = "Europe/Berlin"
    reporting_currency: str | None = None
    may_delete: bool = True

    @property
    def credit_models(self) -> tuple[str, ...]:
        """The configured models that give credits, in their usual order."""
        return tuple(model for model in CREDIT_MODELS if model in self.models)

    @property
    def half_life_seconds(self) -> int:
        """The half-life in whole seconds."""
        return max(1, int((self.half_life_days * 86_400).to_integral_value()))

    @property
    def hash(self) -> str:
        """sha256 of the canonical JSON: changes with the meaning, not with order or comments of the file."""
        return hashlib.sha256(json.dumps(_plain(asdict(self)), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value

"""Attribution of one deal: path, milestones, and every model's shares, as exact numbers.

    attributor = Attributor(config)
    result = attributor.attribute(deal, touches, as_of)
    credits = make_credits(result, attributor.config)          # attribution_credits
    print(explain(result, "de"))                               # attribution_text

Shares are whole minor units that add up to the amount, whatever its sign. Nothing here reads a CRM or writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_models import compile_models
from connector.revops.attribution_path import Deal, Milestones, milestones, path
from connector.revops.attribution_time import seconds
from connector.revops.attribution_touch import Touch
from connector.revops.money import split

WHOLE = 100_000_000
"""One hundred percent in steps of 0.000001 percent."""


class Shares(NamedTuple):
    """One model's split of a deal over its path: weights without a scale, and minor units (None: amount unknown)."""

    weights: Sequence[int]
    amounts: Sequence[int] | None

    def percents(self) -> list[int]:
        """The weights in millionths of a percent, together exactly 100 percent."""
        return split(WHOLE, self.weights)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One deal's path and shares; without touches `shares` is empty and the whole deal is unattributed."""

    deal: Deal
    touches: Sequence[Touch]
    milestones: Milestones
    shares: Mapping[str, Shares]


class Attributor:
    """The rules, compiled once for any number of deals."""

    def __init__(self, config: AttributionConfig) -> None:
        self.config = config
        self.config_hash = config.hash
        self._models = compile_models(config)

    def attribute(self, deal: Deal, touches: Iterable[Touch], as_of: datetime | int) -> Attribution:
        """Share a deal out over its touches.

        Args:
            deal: the deal, open or closed.
            touches: of all its persons, in any order, doubled or not (see `attribution_collect`).
            as_of: aware instant, or seconds since 1970 UTC; touches after it are not known yet.
        """
        now = as_of if isinstance(as_of, int) else seconds(as_of)
        if now is None:
            raise ValueError("as_of must be an instant with a time zone")
        kept = path(deal, touches, self.config, now)
        held = milestones(deal, kept)
        if not kept:
            return Attribution(deal, (), held, {})
        shares = {}
        for model, weigh in self._models.items():
            weights = weigh(kept, held)
            shares[model] = Shares(weights, None if deal.amount is None else split(deal.amount, weights))
        return Attribution(deal, kept, held, shares)

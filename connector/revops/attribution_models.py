"""The seven models that share a deal out over its touches, as whole-number weights.

Weights are proportions without a common scale; turning them into money and percent is `money.split`. Everything
about the rules that can be known before the first deal is compiled once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from connector.revops.attribution_channels import DIRECT
from connector.revops.attribution_config import ANCHORS, AttributionConfig
from connector.revops.attribution_decay import decay
from connector.revops.attribution_path import NAMES, Milestones
from connector.revops.attribution_touch import Touch

Weigh = Callable[[Sequence[Touch], Milestones], list[int]]
"""Weights for the touches of a path with at least one touch; at least one weight is above 0."""


def compile_models(config: AttributionConfig) -> dict[str, Weigh]:
    """The configured models that give credits, ready to weigh paths."""
    made: dict[str, Weigh] = {
        "first": _first,
        "last": _last_non_direct if config.last_non_direct else _last,
        "linear": _linear,
        "time_decay": _time_decay(config.half_life_seconds),
    }
    for model, anchors in ANCHORS.items():
        made[model] = _shape([NAMES.index(name) for name in anchors], config.weights[model])
    if config.u_anchor == "last":
        made["u_shape"] = _first_and_last(made["u_shape"])
    return {model: made[model] for model in config.credit_models}


def _one(count: int, position: int) -> list[int]:
    weights = [0] * count
    weights[position] = 1
    return weights


def _first(touches: Sequence[Touch], _: Milestones) -> list[int]:
    return _one(len(touches), 0)


def _last(touches: Sequence[Touch], _: Milestones) -> list[int]:
    return _one(len(touches), -1)


def _last_non_direct(touches: Sequence[Touch], _: Milestones) -> list[int]:
    """The last touch that was more than somebody typing our address; the last one where all were that."""
    for i in range(len(touches) - 1, -1, -1):
        if touches[i].code != DIRECT:
            return _one(len(touches), i)
    return _one(len(touches), -1)


def _linear(touches: Sequence[Touch], _: Milestones) -> list[int]:
    return [1] * len(touches)


def _time_decay(half_life: int) -> Weigh:
    tables = decay(half_life)
    return lambda touches, _: tables.weights([touch.at for touch in touches])


def _shape(anchors: Sequence[int], percents: Sequence[Decimal]) -> Weigh:
    """A model that pays milestones, and the touches between them from a residual.

    A vacant milestone's weight goes to the filled ones in proportion; so does the residual where there are no others.
    """
    scale = 10 ** max(0, *(-int(percent.as_tuple().exponent) for percent in percents))
    *pays, residual = (int(percent * scale) for percent in percents)
    paid = sum(pays)
    due = tuple(zip(anchors, pays, strict=True))

    def weigh(touches: Sequence[Touch], milestones: Milestones) -> list[int]:
        held: dict[int, int] = {}
        for anchor, pay in due:
            position = milestones[anchor]
            if position is not None:
                held[position] = held.get(position, 0) + pay
        count = len(touches)
        others = count - len(held)
        # Anchors share `paid` in proportion to what they hold, others `residual` equally, both times the same number.
        filled = sum(held.values())
        weights = [residual * filled] * count if others else [0] * count
        for position, pay in held.items():
            weights[position] = pay * paid * others if others else pay
        return weights

    return weigh


def _first_and_last(weigh: Weigh) -> Weigh:
    """The position-based variant of the U: its second anchor is the last touch."""
    return lambda touches, milestones: weigh(touches, milestones._replace(lead=len(touches) - 1))

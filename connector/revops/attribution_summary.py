"""A deal's attribution as one text, for a HubSpot account without custom objects (domain §4.5).

JSON of at most 60,000 bytes: what every channel brought under every model, and the touches. It says nothing of when
or under which version of the rules it was made, so that it changes only when the attribution does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connector.revops.attribution import WHOLE, Attribution
from connector.revops.attribution_channels import UNATTRIBUTED
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_touch import Touch
from connector.revops.fields import SUMMARY
from connector.revops.money import to_major

LONGEST = SUMMARY.length or 0


def summary(result: Attribution, config: AttributionConfig, longest: int = LONGEST) -> str:
    """The text; of a path too long for it the milestones and the newest touches are kept."""
    deal = result.deal
    whole: dict[str, Any] = {
        "amount": None if deal.amount is None else str(to_major(deal.amount, deal.currency)),
        "currency": deal.currency,
        "outcome": deal.outcome,
        "models": {model: _channels(result, model) for model in config.credit_models},
        "touches": [],
        "left_out": len(result.touches),
    }
    room = longest - len(_text(whole).encode())
    lines = [_line(touch, result.milestones.at(place)) for place, touch in enumerate(result.touches)]
    kept = _fitting(lines, room)
    return _text({**whole, "touches": [lines[place] for place in kept], "left_out": len(lines) - len(kept)})


def _channels(result: Attribution, model: str) -> dict[str, dict[str, str]]:
    """Channel -> percent, and amount where it is known."""
    deal = result.deal
    if not result.touches:
        return {UNATTRIBUTED: _share(WHOLE, deal.amount, deal.currency)}
    shares = result.shares[model]
    percents: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for place, percent in enumerate(shares.percents()):
        channel = result.touches[place].channel
        percents[channel] = percents.get(channel, 0) + percent
        if shares.amounts is not None:
            amounts[channel] = amounts.get(channel, 0) + shares.amounts[place]
    paid = {channel: percent for channel, percent in percents.items() if percent}
    return {channel: _share(percent, amounts.get(channel), deal.currency) for channel, percent in paid.items()}


def _share(percent: int, amount: int | None, currency: str) -> dict[str, str]:
    share = {"percent": f"{percent // 10**6}.{percent % 10**6:06}"}
    return share if amount is None else {**share, "amount": str(to_major(amount, currency))}


def _line(touch: Touch, milestones: Sequence[str]) -> list[Any]:
    return [touch.occurred_at, touch.channel, touch.campaign, list(milestones)]


def _fitting(lines: Sequence[list[Any]], room: int) -> list[int]:
    """The places of the lines that find room, milestones before newest, in the order of the path."""
    by_worth = sorted(range(len(lines)), key=lambda place: (not lines[place][-1], -place))
    kept = []
    for place in by_worth:
        room -= len(_text(lines[place]).encode()) + 1  # with its comma
        if room < 0:
            break
        kept.append(place)
    return sorted(kept)


def _text(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

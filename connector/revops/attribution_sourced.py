"""«Sourced» and first channel: who brought a deal and a person, and when that answer stops changing.

Both follow the first touch. They are frozen when the deal closes: a later change of touches or rules does not move
them, since reports and pay rest on them. A deal that is opened again is judged anew at its next close. The last channel
is never frozen: it goes with the credits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from connector.revops.attribution import Attribution, Attributor
from connector.revops.attribution_channels import UNATTRIBUTED
from connector.revops.attribution_path import Deal
from connector.revops.attribution_time import iso
from connector.revops.attribution_touch import Touch

_HASH_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Sourced:
    """Whether marketing brought a deal, and the evidence: first touch, its channel, model, rules, time of freezing.

    `touch` is empty and `channel` `unattributed` where no touch was known; `frozen` is empty while the deal is open.
    """

    sourced: bool
    channel: str
    campaign: str
    touch: str
    config: str
    frozen: str = ""
    model: str = "first"

    @property
    def evidence(self) -> str:
        """The evidence as canonical JSON, for the field `revops_sourced_evidence`; `parse_evidence` reads it."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse_evidence(text: str | None) -> Sourced | None:
    """What was written before; None for nothing, and for text that is not ours."""
    try:
        fields = {**json.loads(text or "")}
        fields.pop("last_channel", None)  # a part of the evidence once; frozen answers from then stand
        made = Sourced(**fields)
    except (ValueError, TypeError):
        return None
    kinds = {name: bool if name == "sourced" else str for name in Sourced.__slots__}
    return made if all(isinstance(getattr(made, name), kind) for name, kind in kinds.items()) else None


def sourced(result: Attribution, attributor: Attributor, previous: Sourced | None = None) -> Sourced:
    """Who brought a deal; the `previous` answer stands when it was frozen at this close.

    A deal is marketing-sourced when its first touch lies at or before its creation, on a marketing channel.
    """
    deal = result.deal
    if previous is not None and previous.frozen and deal.closed is not None:
        return previous
    first = result.touches[0] if result.touches else None
    marketing = attributor.config.marketing_channels
    return Sourced(
        sourced=first is not None and first.channel in marketing and first.at <= deal.created,
        channel=first.channel if first else UNATTRIBUTED,
        campaign=first.campaign if first else "",
        touch=first.key if first else "",
        config=attributor.config_hash[:_HASH_SHOWN],
        frozen=iso(deal.closed) if deal.closed is not None else "",
    )


def last_channel(result: Attribution) -> str:
    """The channel of a deal's last touch as it is known now; `unattributed` where there is none."""
    return result.touches[-1].channel if result.touches else UNATTRIBUTED


@dataclass(frozen=True, slots=True)
class FirstChannel:
    """Where a person came from; `channel` None while no touch is known."""

    channel: str | None
    campaign: str | None
    touch: str | None


def first_channel(
    touches: Iterable[Touch], deals: Iterable[Deal] = (), previous: FirstChannel | None = None
) -> FirstChannel:
    """The channel and campaign of a person's first touch.

    Args:
        touches: the person's touches as `collect` gives them, in any order.
        deals: the person's deals; once one is closed, the `previous` answer stands.
        previous: what is written now.
    """
    if previous is not None and previous.channel is not None and any(deal.closed is not None for deal in deals):
        return previous
    first = min(touches, key=lambda each: (each.at, each.precision == "day", each.key), default=None)
    if first is None:
        return FirstChannel(None, None, None)
    return FirstChannel(first.channel, first.campaign or None, first.key)

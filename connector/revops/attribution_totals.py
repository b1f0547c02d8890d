"""What each channel brought, under all nine models, over deals that stream by.

Memory grows with channels, models and currencies, not with deals. Amounts of different currencies are never added.
Won deals count with their amount; lost ones only tell the Markov chain where journeys end; open ones wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from connector.revops.attribution import Attribution
from connector.revops.attribution_channels import UNATTRIBUTED
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_markov import Markov
from connector.revops.attribution_shapley import Shapley
from connector.revops.money import as_weights, split


@dataclass(frozen=True, slots=True)
class ChannelTotals:
    """`amounts[model][currency][channel]` in minor units; `shares[model][channel]` of markov and shapley, exact.

    Per model and currency the amounts add up to what was won. `coverage` is won deals with touches, of all won.
    """

    amounts: Mapping[str, Mapping[str, Mapping[str, int]]]
    shares: Mapping[str, Mapping[str, Fraction]]
    coverage: tuple[int, int]


class Totals:
    """Adds up attributed deals."""

    def __init__(self, config: AttributionConfig) -> None:
        self._credit_models = config.credit_models
        self._channel_models = tuple(model for model in ("markov", "shapley") if model in config.models)
        self._credits: dict[str, Counter[tuple[str, str]]] = {model: Counter() for model in self._credit_models}
        self._won: Counter[str] = Counter()
        self._unattributed: Counter[str] = Counter()
        self._markov = Markov()
        self._wins = Shapley()
        self._revenue: dict[str, Shapley] = {}
        self._deals = [0, 0]

    def add(self, result: Attribution) -> None:
        """Count one deal; each deal once."""
        deal = result.deal
        if deal.outcome == "open":
            return
        channels = [touch.channel for touch in result.touches]
        won = deal.outcome == "won"
        if "markov" in self._channel_models:
            self._markov.add(channels, won=int(won), lost=int(not won))
        if not won:
            return
        self._deals[0] += bool(channels)
        self._deals[1] += 1
        self._won[deal.currency] += deal.amount or 0
        if not channels:
            self._unattributed[deal.currency] += deal.amount or 0
            return
        if "shapley" in self._channel_models:
            self._wins.add(channels)
            self._revenue.setdefault(deal.currency, Shapley()).add(channels, deal.amount or 0)
        for model, shares in result.shares.items():
            amounts = self._credits[model]
            for channel, amount in zip(channels, shares.amounts or (), strict=False):
                if amount:
                    amounts[deal.currency, channel] += amount

    def close(self) -> ChannelTotals:
        """The totals so far; more deals may follow."""
        amounts = {model: self._of_credits(model) for model in self._credit_models}
        shares: dict[str, Mapping[str, Fraction]] = {}
        if "markov" in self._channel_models:
            shares["markov"] = self._markov.removal().shares
            amounts["markov"] = {currency: self._by_shares(shares["markov"], currency) for currency in self._sorted()}
        if "shapley" in self._channel_models:
            wins = self._wins.values()
            total = sum(wins.values())
            shares["shapley"] = {channel: value / total for channel, value in wins.items()} if total else {}
            amounts["shapley"] = {currency: self._by_revenue(currency) for currency in self._sorted()}
        return ChannelTotals(amounts, shares, (self._deals[0], self._deals[1]))

    def _sorted(self) -> list[str]:
        return sorted(self._won)

    def _of_credits(self, model: str) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for currency in self._sorted():
            parts = {channel: value for (code, channel), value in self._credits[model].items() if code == currency}
            found[currency] = self._with_rest(dict(sorted(parts.items())), currency)
        return found

    def _with_rest(self, parts: dict[str, int], currency: str) -> dict[str, int]:
        rest = self._unattributed[currency]
        return {**parts, UNATTRIBUTED: rest} if rest else parts

    def _by_shares(self, shares: Mapping[str, Fraction], currency: str) -> dict[str, int]:
        """The amount won with touches, split once by shares over all journeys."""
        whole = self._won[currency] - self._unattributed[currency]
        if not shares:
            return self._with_rest({}, currency)
        parts = split(whole, as_weights(list(shares.values())))
        return self._with_rest(dict(zip(shares, parts, strict=True)), currency)

    def _by_revenue(self, currency: str) -> dict[str, int]:
        """Shapley values of revenue as whole minor units: floors first, missing units to the largest remainders."""
        values = self._revenue[currency].values() if currency in self._revenue else {}
        whole = int(sum(values.values()))
        sign = -1 if whole < 0 else 1  # more credit notes than sales: the mirror
        floors = {channel: value * sign // 1 for channel, value in values.items()}
        missing = whole * sign - sum(floors.values())
        for channel in sorted(values, key=lambda each: (floors[each] - values[each] * sign, each))[:missing]:
            floors[channel] += 1
        return self._with_rest({channel: value * sign for channel, value in floors.items()}, currency)

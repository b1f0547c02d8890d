"""A deal's path: which touches lead to it, in which order, and which of them are its milestones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal, NamedTuple

from connector.revops.attribution_channels import SALES
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_time import DAY, local_day
from connector.revops.attribution_touch import Touch, known_from

Outcome = Literal["open", "won", "lost"]


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as attribution sees it; instants are seconds since 1970 UTC, amounts minor units.

    `amount` None is unknown. `closed` is None while the deal is open, also after it was opened again. `reporting` is
    the amount converted once into the reporting currency; `lead_at` when the first of its persons became a lead.
    """

    key: str
    amount: int | None
    currency: str
    created: int
    closed: int | None = None
    outcome: Outcome = "open"
    lead_at: int | None = None
    reporting: int | None = None


class Milestones(NamedTuple):
    """Positions on the path of first touch, lead creation, opportunity creation, close; None is vacant."""

    first: int | None
    lead: int | None
    created: int | None
    closed: int | None

    def at(self, position: int) -> tuple[str, ...]:
        """The milestones one touch holds, such as `("FT", "LC")`."""
        return tuple(name for name, held in zip(NAMES, self, strict=True) if held == position)


NAMES = ("FT", "LC", "OC", "CW")
_ORDER = attrgetter("at", "key")
_HAPPENED = attrgetter("at", "system", "record", "event")


def contact_set(roles: Mapping[str, str | None], account: Iterable[str], config: AttributionConfig) -> frozenset[str]:
    """The persons whose touches a deal gets.

    Args:
        roles: the deal's persons and their role on it (None where none is set).
        account: every person of the deal's company, taken with `account_wide`.
        config: the rules.
    """
    wanted = config.contact_roles
    persons = {person for person, role in roles.items() if wanted is None or role in wanted}
    return frozenset(persons | set(account)) if config.account_wide else frozenset(persons)


def path(deal: Deal, touches: Iterable[Touch], config: AttributionConfig, as_of: int) -> list[Touch]:
    """The touches that count for a deal, oldest first, each once.

    Left out: earlier than the lookback before the deal was created, after its close, not yet known at `as_of`
    (`known_from`), and those of sales without `include_sales`. What several persons took part in, such as a meeting, is
    one touch: the one of the smallest key. Same second: by key. A touch of which only the day is known stands behind
    the exact ones of that day.
    """
    oldest = deal.created - config.lookback_days * DAY
    kept = [touch for touch in touches if oldest <= touch.at and (deal.closed is None or touch.at <= deal.closed)]
    kept = [touch for touch in kept if touch.at <= as_of or known_from(touch, config.time_zone) <= as_of]
    if not config.include_sales:
        kept = [touch for touch in kept if touch.code != SALES]
    kept.sort(key=_ORDER)
    if len({_HAPPENED(touch) for touch in kept}) < len(kept):
        once: dict[tuple[int, str, str, str], Touch] = {}
        for touch in kept:
            once.setdefault(_HAPPENED(touch), touch)
        kept = list(once.values())
    if "day" in [touch.precision for touch in kept]:
        days = {touch.key: local_day(touch.at, config.time_zone) for touch in kept}
        kept.sort(key=lambda each: (days[each.key], each.precision == "day", each.at, each.key))
    return kept


def milestones(deal: Deal, touches: Sequence[Touch]) -> Milestones:
    """The milestones of a path, each by the closest touch before it.

    Where none precedes, the nearest one within a day after stands in; else the milestone is vacant.
    """
    if not touches:
        return Milestones(None, None, None, None)
    instants = [touch.at for touch in touches]
    # only touches of which no more than the day is known can stand out of order
    closest = _closest if sorted(instants) == instants else _closest_out_of_order
    return Milestones(
        0, closest(instants, deal.lead_at), closest(instants, deal.created), closest(instants, deal.closed)
    )


def _closest(instants: list[int], moment: int | None) -> int | None:
    if moment is None:
        return None
    after = bisect_right(instants, moment)
    if after:
        return after - 1
    return 0 if instants[0] - moment <= DAY else None


def _closest_out_of_order(instants: list[int], moment: int | None) -> int | None:
    if moment is None:
        return None
    before = [i for i, at in enumerate(instants) if at <= moment]
    if before:
        return before[-1]
    nearest = min(range(len(instants)), key=instants.__getitem__)
    return nearest if instants[nearest] - moment <= DAY else None

"""A deal as its two records tell it: whether and when it was closed. Salesforce's word holds where it has the deal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from connector.engine.derive.units import Half, Unit
from connector.revops.attribution_time import closing, day_end, seconds
from connector.revops.lifecycle_sightings import Deal

_CLOSES = {"hubspot": "closedate", "salesforce": "CloseDate"}
_ENTERED = {"hubspot": "hs_v2_date_entered_current_stage", "salesforce": "LastStageChangeDate"}
"""When a deal came into the stage it is in, by the CRM's own stamp (UTC)."""
_CREATED = {"hubspot": "createdate", "salesforce": "CreatedDate"}


def teller(unit: Unit) -> Half:
    """The record whose word on the outcome holds."""
    return unit.halves.get("salesforce") or unit.halves["hubspot"]


def outcome(half: Half) -> tuple[bool, bool]:
    """Whether a record says that its deal is closed, and that it is won."""
    raw = half.raw
    if half.shape.side == "salesforce":
        won = _true(raw.get("IsWon"))
        return won or _true(raw.get("IsClosed")), won
    won = _true(raw.get("hs_is_closed_won"))
    return won or _true(raw.get("hs_is_closed")) or _true(raw.get("hs_is_closed_lost")), won


def company_deals(units: Sequence[Unit], as_of: datetime, time_zone: str) -> tuple[Deal, ...]:
    """Deals as the lifecycle sees them; `time_zone` says when the day of a close date ends."""
    return tuple(_deal(unit, as_of, time_zone) for unit in units)


def _deal(unit: Unit, as_of: datetime, time_zone: str) -> Deal:
    half = teller(unit)
    closed, won = outcome(half)
    if not closed:
        return Deal(unit.key, closed=False, won=False, at=_moment(seconds(half.raw.get(_CREATED[half.shape.side]))))
    return Deal(unit.key, closed, won, _closed_at(half, as_of, time_zone))


def _closed_at(half: Half, as_of: datetime, time_zone: str) -> datetime:
    """When a record's deal was closed, never after `as_of`.

    A close date is a day, and often a plan: it counts where that day was over when the record came into its stage, as
    with deals that were imported. Else it was closed when it came into its stage, by the CRM's stamp; where there is
    none, or one that lies ahead, when the record was changed last.
    """
    close = half.raw.get(_CLOSES[half.shape.side])
    entered, changed = _entered(half), _moment(seconds(half.seen.modified) if half.seen else None)
    known = entered if entered is not None and entered <= as_of else changed
    at, over = min(known or as_of, as_of), _moment(day_end(close, time_zone))
    if over is not None and over < at:
        return _moment(closing(close, time_zone)) or at
    return at


def _entered(half: Half) -> datetime | None:
    return _moment(seconds(half.raw.get(_ENTERED[half.shape.side])))


def _true(raw: object) -> bool:
    return str(raw).lower() == "true"


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, tz=UTC)

"""A deal as its two records tell it once the plan is applied: whether and when it was closed, for all rules alike.

Salesforce's word comes first where it has the deal, unless this very plan carries HubSpot's stage over to it: what
Salesforce makes of its stage (`IsClosed`, `IsWon`) follows only with the write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from connector.engine.derive.units import Half, Unit
from connector.model import Raw
from connector.revops.attribution_time import closing, day_end, seconds
from connector.revops.lifecycle_sightings import Deal

_STAGES = {"hubspot": "dealstage", "salesforce": "StageName"}
_CLOSES = {"hubspot": "closedate", "salesforce": "CloseDate"}
_ENTERED = {"hubspot": "hs_v2_date_entered_current_stage", "salesforce": "LastStageChangeDate"}
"""When a deal came into the stage it is in, by the CRM's own stamp (UTC)."""
_CREATED = {"hubspot": "createdate", "salesforce": "CreatedDate"}


def planned(half: Half) -> dict[str, Any]:
    """A record's raw fields with the amounts, dates and texts that the plan is about to write into it."""
    raw = dict(half.raw)
    for change in half.action.changes if half.action else ():
        field = half.shape.by_name.get(change.field)
        if field is not None and field.type in ("money", "number", "date", "datetime", "text"):
            raw[half.shape.vendor_name(field)] = change.after
    return raw


def opportunity(unit: Unit) -> Raw:
    """Salesforce's record once the plan is applied, with what follows from a stage that HubSpot gives it."""
    told = teller(unit)
    raw = planned(unit.halves["salesforce"])
    if told.shape.side == "hubspot":
        raw["IsClosed"], raw["IsWon"] = outcome(told)
    return raw


def teller(unit: Unit) -> Half:
    """The record whose word on the outcome holds."""
    salesforce, hubspot = unit.halves.get("salesforce"), unit.halves.get("hubspot")
    if salesforce is None:
        return unit.halves["hubspot"]
    return hubspot if hubspot is not None and _follows(salesforce) else salesforce


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
    closed, won = outcome(teller(unit))
    if not closed:
        return Deal(unit.key, closed=False, won=False, at=_created(unit))
    moments = [_closed_at(half, as_of, time_zone) for half in _agreeing(unit)]
    return Deal(unit.key, closed, won, min(moments))


def _agreeing(unit: Unit) -> Iterator[Half]:
    """The records that tell when a deal was closed: the other one was moved by a sync, so that the earlier is right."""
    told = teller(unit)
    yield told
    for half in unit.halves.values():
        if half is not told and _entered(half) is not None and _synced(half) and outcome(half) == outcome(told):
            yield half


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


def _created(unit: Unit) -> datetime | None:
    """When an open deal came to be: by Salesforce, where it has it."""
    half = unit.halves.get("salesforce")
    if half is None or half.seen is None:
        half = unit.halves.get("hubspot", half)
    return _moment(seconds(half.raw.get(_CREATED[half.shape.side]))) if half else None


def _entered(half: Half) -> datetime | None:
    return _moment(seconds(half.raw.get(_ENTERED[half.shape.side])))


def _follows(half: Half) -> bool:
    """Whether the plan makes a record, or gives it its stage."""
    if half.seen is None:
        return True
    fields = [half.shape.by_name.get(change.field) for change in half.action.changes] if half.action else []
    stage = _STAGES[half.shape.side]
    return any(half.shape.vendor_name(field) == stage for field in fields if field is not None)


def _synced(half: Half) -> bool:
    """Whether the mapping keeps the stages of both records the same."""
    return any(
        field.hubspot == _STAGES["hubspot"] and _STAGES["salesforce"] in field.salesforce.values()
        for field in half.shape.mapping.fields
    )


def _true(raw: object) -> bool:
    return str(raw).lower() == "true"


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, tz=UTC)

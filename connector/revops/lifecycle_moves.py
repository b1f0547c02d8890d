"""What has to be written into the CRMs' own stage fields, step by step.

HubSpot takes a stage only forward in the portal's order and keeps a higher one silently, with success; to go back
the field is emptied first and set in a second request (facts/hubspot §9). So a way down is two steps. Nothing is
sent from here: the plan carries each step as an action of its own, which is journalled and read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.model import Side
from connector.revops.lifecycle import HUBSPOT_ORDER, RANKS, Lifecycle, highest, rank
from connector.revops.lifecycle_journey import Journey
from connector.revops.lifecycle_sightings import Sighting

STAGE = "lifecyclestage"
LEAD_STATUS = "hs_lead_status"
STATUS = "Status"


@dataclass(frozen=True, slots=True)
class Step:
    """Fields that go out in one request; the next step must not be in the same batch."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """The steps of one record, in order, and the rule that wants them."""

    side: Side
    steps: tuple[Step, ...]
    because: str


def hubspot_move(
    config: Lifecycle,
    journey: Journey,
    seen: Sighting,
    because: str,
    *,
    order: Sequence[str] = HUBSPOT_ORDER,
) -> Move | None:
    """What a HubSpot record lacks; None where nothing is to be written.

    A stage that no canonical one is mapped to (a portal's own, or `other`) is left alone unless it stands before
    the wanted one in the portal's order.

    Args:
        config: the agreement.
        journey: where the person stands.
        seen: what the record shows now.
        because: the rule, for plan and ledger.
        order: the internal names in the portal's order, read live.
    """
    value = None if journey.stage is None else config.hubspot_value(journey.stage)
    if journey.stage is None or value is None:
        return None
    clear = _way(config, journey, seen.value, value, order)
    status = _hubspot_status(config, journey, seen, moving=clear is not None)
    wanted = ({STAGE: value} if clear is not None else {}) | ({LEAD_STATUS: status} if status else {})
    if not wanted:
        return None
    steps = (Step({STAGE: ""}), Step(wanted)) if clear else (Step(wanted),)
    return Move("hubspot", steps, because)


def lead_move(config: Lifecycle, journey: Journey, seen: Sighting, because: str) -> Move | None:
    """What a Salesforce lead's status lacks; only where `write_lead_status` is on, and never on a converted lead."""
    if not config.write_lead_status or journey.stage is None or seen.converted or seen.record_object != "Lead":
        return None
    if _sent_back(journey, seen) or rank(config.of_salesforce_status(seen.status)) >= rank(journey.stage):
        return None
    status = _status(config.salesforce_status, journey.stage)
    if status is None or status == seen.status:
        return None
    return Move("salesforce", (Step({STATUS: status}),), because)


def wants_conversion(config: Lifecycle, journey: Journey, seen: Sighting) -> bool:
    """Whether somebody has to convert the lead by hand: Salesforce has no REST call for it (domain §2.1)."""
    if config.convert != "manual" or seen.record_object != "Lead" or seen.converted or _sent_back(journey, seen):
        return False
    return rank(journey.stage) >= RANKS["sql"]


def _way(config: Lifecycle, journey: Journey, shown: str | None, value: str, order: Sequence[str]) -> bool | None:
    """How `lifecyclestage` gets from what it shows to a value: directly, emptied first (True), or not at all (None)."""
    if shown == value:
        return None
    if not shown:
        return False
    stage, wanted = config.of_hubspot(shown), config.of_hubspot(value)
    forward = shown in order and value in order and order.index(shown) < order.index(value)
    if stage is None:
        return False if forward else None
    if rank(stage) == rank(wanted):
        return None  # a finer stage of the portal's for the same one of ours
    if rank(stage) > rank(wanted) and journey.down is None:
        return None
    return not forward


def _hubspot_status(config: Lifecycle, journey: Journey, seen: Sighting, *, moving: bool) -> str | None:
    """The lead status to write along: that of a recycle with its move, that of the stage where we may write it."""
    if journey.down is not None and journey.down.kind == "recycle" and journey.recycled:
        status = config.hubspot_status.get("recycled") if moving else None
    elif config.write_lead_status and not _sent_back(journey, seen) and journey.stage is not None:
        stages = [stage for stage, name in config.hubspot_status.items() if name == seen.status and stage in RANKS]
        ahead = rank(highest(stages)) >= rank(journey.stage)
        status = None if ahead else _status(config.hubspot_status, journey.stage)
    else:
        status = None
    return None if status == seen.status else status


def _status(statuses: Mapping[str, str], stage: str) -> str | None:
    """The lead status of a stage, or of the nearest one below that has one."""
    found = highest(each for each in statuses if each in RANKS and RANKS[each] <= RANKS[stage])
    return None if found is None else statuses[found]


def _sent_back(journey: Journey, seen: Sighting) -> bool:
    """Whether the rejection that a record shows is still in force."""
    if seen.rejected_at is None:
        return False
    overcome = journey.recycled_at is not None and seen.rejected_at <= journey.recycled_at
    return not overcome or journey.recycled

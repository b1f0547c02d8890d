"""What has to be written into the CRMs' own stage fields, step by step, and what is left after a kill.

HubSpot takes a stage only forward in the portal's order and keeps a higher one silently, with success; to go back
the field is emptied first and set in a second request (facts/hubspot §9). So a way down is two steps with a
read-back, kept as data: whoever carries them out journals each one. Nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from connector.model import Side
from connector.revops.lifecycle import HUBSPOT_ORDER, RANKS, Lifecycle, highest, rank
from connector.revops.lifecycle_journey import Journey
from connector.revops.lifecycle_sightings import Sighting

STAGE = "lifecyclestage"
LEAD_STATUS = "hs_lead_status"
STATUS = "Status"

_ATTEMPTS = 2
"""Further steps that are tried when a CRM keeps what it had, before the record is held."""


@dataclass(frozen=True, slots=True)
class Step:
    """Fields that go out in one request; the next step must not be in the same batch."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """The steps of one record, in order, and what must be read back afterwards.

    `before` are the values it was decided on; `exception` names the way down, None is a raise.
    """

    side: Side
    vendor_object: str
    steps: tuple[Step, ...]
    verify: Mapping[str, str]
    before: Mapping[str, str | None]
    because: str
    exception: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a move came.

    `go` has `steps` left; `done` is read back; `overtaken`: somebody else set another value, decide anew;
    `kept`: the CRM does not take the value, hold the record.
    """

    state: Literal["done", "go", "overtaken", "kept"]
    steps: tuple[Step, ...] = ()
    why: str = ""


def hubspot_move(
    config: Lifecycle,
    journey: Journey,
    seen: Sighting,
    because: str,
    *,
    order: Sequence[str] = HUBSPOT_ORDER,
    vendor_object: str = "contacts",
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
        vendor_object: contacts or companies.
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
    lowered = clear is not None and rank(config.of_hubspot(seen.value)) > rank(journey.stage)
    exception = journey.down.kind if lowered and journey.down is not None else None
    before = {STAGE: seen.value, LEAD_STATUS: seen.status}
    return Move("hubspot", vendor_object, steps, wanted, {name: before[name] for name in wanted}, because, exception)


def lead_move(config: Lifecycle, journey: Journey, seen: Sighting, because: str) -> Move | None:
    """What a Salesforce lead's status lacks; only where `write_lead_status` is on, and never on a converted lead."""
    if not config.write_lead_status or journey.stage is None or seen.converted or seen.record_object != "Lead":
        return None
    if _sent_back(journey, seen) or rank(config.of_salesforce_status(seen.status)) >= rank(journey.stage):
        return None
    status = _status(config.salesforce_status, journey.stage)
    if status is None or status == seen.status:
        return None
    return Move("salesforce", "Lead", (Step({STATUS: status}),), {STATUS: status}, {STATUS: seen.status}, because)


def wants_conversion(config: Lifecycle, journey: Journey, seen: Sighting) -> bool:
    """Whether somebody has to convert the lead by hand: Salesforce has no REST call for it (domain §2.1)."""
    if config.convert != "manual" or seen.record_object != "Lead" or seen.converted or _sent_back(journey, seen):
        return False
    return rank(journey.stage) >= RANKS["sql"]


def progress(move: Move, observed: Mapping[str, str | None], sent: int) -> Progress:
    """What is left of a move, by what the record shows now.

    Args:
        move: as it was planned and journalled.
        observed: the values read back, at least those of `verify`.
        sent: how many steps were sent for it so far, further attempts included.
    """
    lacking = {name: value for name, value in move.verify.items() if observed.get(name) != value}
    if not lacking:
        return Progress("done")
    if STAGE not in lacking:
        return _again(move, (Step(lacking),), sent)
    shown = observed.get(STAGE) or None
    if shown is None:  # emptied, by our first step or by somebody: what is wanted can be set in either case
        return _again(move, (Step(lacking),), sent)
    if shown != (move.before.get(STAGE) or None):
        return Progress("overtaken", why=f"{STAGE} was changed by somebody else meanwhile")
    if sent < len(move.steps):
        return Progress("go", move.steps)
    return _again(move, (Step({STAGE: ""}), Step(lacking)), sent)  # success was answered, but the value kept


def _again(move: Move, steps: tuple[Step, ...], sent: int) -> Progress:
    if sent >= len(move.steps) + _ATTEMPTS:
        names = ", ".join(sorted(move.verify))
        return Progress("kept", why=f"{move.side} answers success but does not take the value of {names}")
    return Progress("go", steps)


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

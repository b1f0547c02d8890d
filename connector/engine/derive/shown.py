"""Since when each CRM shows a person's stage, lead status, owner and reason, and who set them.

A value that is still the one remembered needs no question, unless we wrote another one since: it may have been set
anew. A new one is looked up in the CRM's history; where it keeps none, the record's own stamp is the best that is
known. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connector.crm.port import ValueChange
from connector.engine.derive.memory import Shown
from connector.engine.derive.people import Person
from connector.engine.derive.units import Half
from connector.engine.seams import Work
from connector.model import SIDES, Side
from connector.revops.rejection_case import StatusChange, status_from_history

STAGE = {"contacts": "lifecyclestage", "companies": "lifecyclestage"}
STATUS = {"contacts": "hs_lead_status", "Lead": "Status"}
OWNER = {"contacts": "hubspot_owner_id", "Lead": "OwnerId", "Contact": "OwnerId"}
REASON = "revops_rejection_reason"

_History = Mapping[str, Sequence[ValueChange]]


@dataclass(frozen=True, slots=True)
class Watched:
    """The lead statuses whose time matters even at first sight: rejections, and what means that sales took over."""

    rejected: Mapping[Side, Collection[str]]
    accepted: Mapping[Side, Collection[str]]

    def matters(self, side: Side, status: str | None) -> bool:
        """Whether the history of a record that is met for the first time is worth a call."""
        return status in self.rejected[side] or status in self.accepted[side]


def look(work: Work, watched: Watched, persons: Sequence[Person]) -> None:
    """Fill `shown` of a chunk of persons, with one history call per vendor object at the most.

    Raises:
        LaterError, SettingsError: as the port says.
    """
    asked: dict[tuple[Side, str], dict[str, Person]] = {}
    for person in persons:
        for side in SIDES:
            half = person.unit.halves.get(side)
            if half is not None and half.seen is not None and _asks(person, side, half, watched):
                asked.setdefault((side, half.seen.vendor_object), {})[half.seen.id] = person
    histories: dict[tuple[Side, str], _History] = {}
    for (side, vendor_object), some in asked.items():
        names = _columns(next(iter(some.values())).unit.halves[side])
        found = work.crms[side].history(vendor_object, list(some), list(names.values()))
        histories.update({(side, record): history for record, history in found.items()})
    for person in persons:
        for side in SIDES:
            half = person.unit.halves.get(side)
            if half is not None and half.seen is not None:
                history = histories.get((side, half.seen.id), {})
                person.shown[side] = _shown(person, side, half, history, watched)


def _columns(half: Half) -> dict[str, str]:
    """stage, status, owner, reason -> the vendor's field, where this record has one."""
    vendor_object = half.shape.vendor_object
    reason = half.shape.by_name.get(REASON)
    named = {
        "stage": STAGE.get(vendor_object),
        "status": STATUS.get(vendor_object),
        "owner": OWNER.get(vendor_object),
        "reason": half.shape.vendor_name(reason) if reason else None,
    }
    return {what: column for what, column in named.items() if column}


def _value(half: Half, columns: Mapping[str, str], what: str) -> str | None:
    raw = half.raw.get(columns.get(what, ""))
    return str(raw) if raw not in (None, "") else None


def _asks(person: Person, side: Side, half: Half, watched: Watched) -> bool:
    """Whether something is new that a history can date."""
    columns = _columns(half)
    known = person.memory.shown.get(side)
    if known is None or known.vendor_object != half.shape.vendor_object:
        return watched.matters(side, _value(half, columns, "status"))
    return any(
        value != getattr(known, what) or _overwritten(person, side, what, value)
        for what in columns
        for value in (_value(half, columns, what),)
    )


def _overwritten(person: Person, side: Side, what: str, value: str | None) -> bool:
    """Whether we wrote another value last: what looks like the old one may have been set again since."""
    return person.memory.wrote.get(f"{side}.{what}", value) != value


def _wrote(person: Person, side: Side, what: str, value: str | None) -> bool:
    """Whether this is the value that we wrote last.

    The history does not always tell: it knows our entries only once HubSpot's id of our app is configured or learnt.
    """
    return value is not None and person.memory.wrote.get(f"{side}.{what}") == value


def _shown(person: Person, side: Side, half: Half, history: _History, watched: Watched) -> Shown:
    columns, known = _columns(half), person.memory.shown.get(side)
    if known is not None and known.vendor_object != half.shape.vendor_object:
        known = None
    facts: dict[str, Any] = {"vendor_object": half.shape.vendor_object}
    for what in columns:
        value = _value(half, columns, what)
        facts[what] = value
        first = _since(history.get(columns[what], ()), value)
        again = first is not None and _overwritten(person, side, what, value)
        if known is not None and value == getattr(known, what) and not again:
            facts[f"{what}_at"] = getattr(known, f"{what}_at")
            if what in ("stage", "status"):
                facts[f"{what}_ours"] = getattr(known, f"{what}_ours")
            continue
        at = _time(first.at) if first else _guess(half, what, value, fresh=known is not None)
        facts[f"{what}_at"] = at
        if what in ("stage", "status"):
            facts[f"{what}_ours"] = _wrote(person, side, what, value) or (first is not None and first.ours)
    facts["before"] = _before(known, facts, history.get(columns.get("status", ""), ()), watched.rejected[side])
    return Shown(**facts)


def _since(entries: Sequence[ValueChange], value: str | None) -> ValueChange | None:
    """The entry that gave a field its present value; writing the same again is no change."""
    found = None
    for entry in entries:
        if (entry.value or None) != value:
            break
        found = entry
    return found


def _before(
    known: Shown | None, facts: Mapping[str, Any], entries: Sequence[ValueChange], rejected: Collection[str]
) -> str | None:
    """The last status that was no rejection."""
    now = facts.get("status")
    if now not in rejected:
        return now or ""
    if entries:
        changes = [StatusChange(entry.value or "", _exact(entry.at), entry.ours) for entry in entries]
        found = status_from_history(changes, frozenset(rejected)).before
        if found is not None:
            return found
    # A history that begins with the rejection tells nothing of before: what was seen then does.
    if known is None:
        return None
    return known.before if known.status in rejected else known.status or ""


def _guess(half: Half, what: str, value: str | None, *, fresh: bool) -> datetime | None:
    """Without a history: HubSpot's own dates of stages and owners, or the stamp of the change just seen."""
    if what == "stage" and value:
        for name in (f"hs_v2_date_entered_{value}", f"hs_lifecyclestage_{value}_date"):
            if half.raw.get(name):
                return _time(str(half.raw[name]))
    if what == "owner" and half.raw.get("hubspot_owner_assigneddate"):
        return _time(str(half.raw["hubspot_owner_assigneddate"]))
    return _time(half.seen.modified) if fresh and half.seen else None


def _time(text: str) -> datetime | None:
    try:
        return _exact(text)
    except ValueError:
        return None


def _exact(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)

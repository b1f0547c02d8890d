"""From what the rules want to what a plan holds: changes in the updates and creates that are there, or in new ones.

A field that holds the wanted value already needs nothing. One that somebody edited is overwritten, and the plan says
so (domain §14: connector-owned fields).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.core.plan import Counts, identified
from connector.engine.derive.units import Half, Unit, extended
from connector.engine.derive.wanted import Set, Wanted
from connector.engine.seams import Work
from connector.model import SIDES, Action, Change, Field, Side, Value
from connector.revops.rejection_effects import Effect
from connector.revops.rejection_stored import effect_row


@dataclass(slots=True)
class Decided:
    """A unit with what is wanted of it; `before` are the own fields as decided last time."""

    unit: Unit
    wanted: Wanted
    before: Mapping[str, Value] = field(default_factory=dict)
    forget: str | None = None  # another key under which the unit was remembered


def add(work: Work, plan: str, counts: Counts, decided: Sequence[Decided], as_of: datetime) -> list[list[Change]]:
    """Make a chunk of decisions part of the plan.

    Returns:
        What is written of each unit, both sides together.
    """
    fresh: list[Action] = []
    changed: list[tuple[str, Action]] = []
    wrote: list[list[Change]] = []
    for each in decided:
        wrote.append([])
        for side in SIDES:
            half = each.unit.halves.get(side)
            if half is None:
                continue
            changes = _changes(side, half, each)
            wrote[-1].extend(changes)
            if changes and half.action is not None:
                changed.append((half.action.id, identified(extended(half.action, changes))))
            elif changes:
                fresh.append(_update(each.unit, side, half, changes))
                counts.derived[side] += 1
            fresh.extend(_restages(each, side, half))
        fresh.extend(_decision(each, as_of))
    finished = [identified(action) for action in fresh]
    for action in finished:
        counts.add(action)
    with work.store.transaction():
        work.store.plans.extend(plan, changed)
        work.store.plans.add(plan, finished)
    return wrote


def _update(unit: Unit, side: Side, half: Half, changes: Sequence[Change]) -> Action:
    return Action(
        "", "update", unit.object, unit.key, side, half.shape.vendor_object, half.id, changes=tuple(changes)
    )  # fmt: skip


def _changes(side: Side, half: Half, decided: Decided) -> list[Change]:
    """What one record lacks, with what tells ages too added where a number changes or it tells what is no longer so."""
    wanted = decided.wanted
    found = list(_differing(half, wanted.fields, decided.before))
    if found or wanted.behind(half.values):
        found += _differing(half, wanted.told(), decided.before)
    planned = {half.shape.vendor_name(half.shape.by_name[name]) for name in _planned(half)}
    for change in _differing(half, wanted.only[side], {}):
        # Whoever changes the same column in this plan already is right for now: the rules look again next time.
        if half.shape.vendor_name(half.shape.by_name[change.field]) not in planned:
            found.append(change)
    return found


def _planned(half: Half) -> Iterator[str]:
    if half.action is not None:
        yield from (change.field for change in half.action.changes if change.field in half.shape.by_name)


def _differing(half: Half, wanted: Mapping[str, Set], before: Mapping[str, Value]) -> Iterator[Change]:
    for name, each in wanted.items():
        held = half.values.get(name)
        if name not in half.shape.by_name or _same(half.shape.by_name[name], half.shape.side, held, each.value):
            continue
        if half.seen is None and each.value is None:
            continue
        edited = name in before and held is not None and held != before[name]
        because = each.because() + ("; an edit in the CRM is overwritten" if edited else "")
        yield Change(name, held, each.value, because)


def _same(field_: Field, side: Side, held: Value, wanted: Value) -> bool:
    """Whether a field holds the wanted value already.

    An empty yes-or-no is a no: in Salesforce always, in HubSpot unless the no is an answer (`Field.judged`).
    """
    if field_.type == "bool" and not (field_.judged and side == "hubspot"):
        return (held or "false") == (wanted or "false")
    return (held or None) == (wanted or None)


def _restages(decided: Decided, side: Side, half: Half) -> Iterator[Action]:
    if side != "hubspot" or half.seen is None or not decided.wanted.restage:
        return
    changes = tuple(
        Change(
            each.field,
            None if each.field in decided.wanted.only[side] else half.values.get(each.field),
            each.value,
            each.because,
        )
        for each in decided.wanted.restage
        if each.field in half.shape.by_name
    )
    if changes:
        unit = decided.unit
        yield Action(
            "", "restage", unit.object, unit.key, side, half.shape.vendor_object, half.id, changes=changes,
            reason="HubSpot takes a lower stage only over an empty one",
        )  # fmt: skip


def _decision(decided: Decided, as_of: datetime) -> Iterator[Action]:
    """What is to be remembered; nothing where nothing is new."""
    wanted, unit = decided.wanted, decided.unit
    if wanted.standing is None:
        return
    yield Action(
        "", "decide", unit.object, unit.key, "hubspot", "", None,
        data={
            "standing": wanted.standing,
            "due": wanted.due.isoformat() if wanted.due else None,
            "forget": decided.forget,
            "effects": [_row(each, as_of) for each in wanted.effects],
            "carried_out": wanted.carried_out,
            "pointless": wanted.pointless,
        },
    )  # fmt: skip


def _row(effect: Effect, as_of: datetime) -> list[Any]:
    *row, not_before = effect_row(effect, as_of)
    return [*row, not_before.isoformat()]

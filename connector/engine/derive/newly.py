"""Unlinked records that a rule of creation fits only as the rules change them: an MQL of this run gets its lead now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.engine.derive.units import Half, Unit
from connector.engine.derive.write import Decided
from connector.model import SIDES, Change, ObjectMapping, Side, opposite
from connector.state.records import Seen


@dataclass(frozen=True, slots=True)
class Newly:
    """One unlinked unit, and its record as it will be."""

    unit: Unit
    side: Side
    seen: Seen


def newly(mapping: ObjectMapping, decided: Sequence[Decided], changes: Sequence[Sequence[Change]]) -> list[Newly]:
    """The units of a chunk whose conditions of creation look at something that the rules change.

    Args:
        mapping: the object's mapping.
        decided: the chunk.
        changes: what the rules write of each unit, in the same order.
    """
    asked = {side: _asked(mapping, side) for side in SIDES}
    found = []
    for each, some in zip(decided, changes, strict=True):
        alone = _alone(each.unit)
        if alone is None or not some:
            continue
        side, half = alone
        columns = {half.shape.vendor_name(half.shape.by_name[change.field]): change.after for change in some}
        names = {change.field for change in some} | set(columns)
        if half.seen is not None and not names.isdisjoint(asked[opposite(side)]):
            found.append(Newly(each.unit, side, replace(half.seen, fields={**half.seen.fields, **columns})))
    return found


def _alone(unit: Unit) -> tuple[Side, Half] | None:
    """The one record of a unit that has no counterpart, and gets none in this plan."""
    if len(unit.halves) != 1:
        return None
    ((side, half),) = unit.halves.items()
    return (side, half) if half.seen is not None and half.seen.link is None else None


def _asked(mapping: ObjectMapping, side: Side) -> set[str]:
    """Everything that the conditions of creating a record on a side look at."""
    return {name for rule in mapping.create[side] for name in rule.when}

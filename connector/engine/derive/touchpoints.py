"""The touchpoints of a person: one row for every touch, in each CRM that knows the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.engine.carriers import Carriers
from connector.engine.derive.people import Person
from connector.engine.derive.rows import Rows, Wish, Wishes
from connector.engine.derive.units import Half
from connector.model import SIDES, Side
from connector.revops.attribution_path import Deal, milestones
from connector.revops.attribution_rows import touch_memory, touch_row
from connector.revops.attribution_touch import Touch
from connector.revops.carriers import TOUCHPOINT


class Touchpoints:
    """Plans the touchpoints of a chunk of persons."""

    def __init__(self, rows: Rows, carriers: Carriers, *, may_delete: bool) -> None:
        self._rows, self._may_delete = rows, may_delete
        self._sides = [side for side in SIDES if carriers.vendor_object(side, TOUCHPOINT.name) is not None]

    def add(self, persons: Sequence[tuple[Person, Sequence[Touch], int | None]]) -> None:
        """Plan what is missing and what is too much of (person, touches, when it became a lead) each."""
        if not self._sides:
            return
        stored = self._rows.stored([person.unit for person, _, _ in persons])
        self._rows.add(
            [(each.key, self._wishes(each, touches, lead), stored[each.key]) for each, touches, lead in persons],
            may_delete=self._may_delete,
        )

    def _wishes(self, person: Person, touches: Sequence[Touch], lead: int | None) -> Mapping[Side, Wishes]:
        made = _rows(touches, lead)
        found: dict[Side, Wishes] = {side: {} for side in self._sides}
        for side in self._sides:
            half = person.unit.halves.get(side)
            if half is None:
                continue  # a CRM that does not know the person has no use for its touches
            for touch, row in zip(touches, made, strict=True):
                refs = {"person": record_of(half), "campaign": _campaign(side, touch)}
                because = f"attribution.touch: {touch.event} told by {touch.system}"
                found[side][touch.key] = Wish(row, refs, because, touch_memory(touch))
        return found


def record_of(half: Half) -> str | None:
    """A record as rows point to it: what it is and its id; None where the plan makes it."""
    return f"{half.shape.vendor_object} {half.id}" if half.id else None


def _rows(touches: Sequence[Touch], lead: int | None) -> list[dict[str, str]]:
    """Every touch as a row; the first one, and the one that made the person a lead, are marked."""
    whole = sorted(touches, key=lambda each: (each.at, each.precision == "day", each.key))
    first = whole[0].key if whole else ""
    created = None
    if lead is not None:
        place = milestones(Deal("", None, "EUR", lead, lead_at=lead), whole).lead
        created = whole[place].key if place is not None else None
    return [touch_row(each, first=each.key == first, lead=each.key == created) for each in touches]


def _campaign(side: Side, touch: Touch) -> str | None:
    """The Salesforce campaign that a touch answered to."""
    return touch.campaign_id or None if side == "salesforce" and touch.system == "salesforce" else None

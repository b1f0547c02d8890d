"""Rows whose person or deal is no more: erased, deleted on both sides, or merged into another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.engine.derive.owners import erased
from connector.engine.derive.rows import Rows
from connector.engine.derive.units import Units
from connector.engine.seams import Work
from connector.model import SIDES, Side


@dataclass(slots=True)
class Dead:
    """Records that are no more, and the keys of units that went with them."""

    records: dict[Side, list[str]] = field(default_factory=lambda: {"hubspot": [], "salesforce": []})
    keys: set[str] = field(default_factory=set)


class Gone:
    """Finds what was lost since the rules last looked, and plans the end of its rows."""

    def __init__(self, work: Work, units: Units, plan: str, upto: int) -> None:
        self._work, self._units, self._plan, self._upto = work, units, plan, upto

    def of(self, object_: str) -> Dead:
        """The records of an object that are on the list of changes and no more there."""
        dead = Dead()
        if not self._units.mapped(object_):
            return dead
        for side in SIDES:
            for ids in self._work.store.standings.todo(object_, side, self._upto):
                lost = sorted(set(ids) - set(self._work.store.mirror.many(side, ids, object_)))
                dead.records[side] += lost
                keys = set(self._keys(object_, side, lost))
                living = self._units.of_keys(object_, sorted(keys))
                dead.keys |= keys - ({unit.key for unit in living} - erased(self._work.store, living))
        return dead

    def drop(self, dead: Dead, rows: Rows, carrier: str) -> None:
        """Plan the end of every row of dead units that no living one has taken over."""
        store = self._work.store
        found = store.carried.of(carrier, sorted(dead.keys))
        for side in SIDES:
            mine = [row for row in found if row.side == side]
            taken = store.plans.rows(self._plan, carrier, side, [row.key for row in mine])
            rows.plan(rows.drop(row, row.belongs_to, "its record is no more") for row in mine if row.key not in taken)

    def _keys(self, object_: str, side: Side, lost: list[str]) -> Iterator[str]:
        """Every key that the unit of a lost record may have had."""
        store = self._work.store
        yield from (f"{object_}:{side}:{record}" for record in lost)
        yield from store.links.of_records(side, lost, object_).values()
        other: Side = "salesforce" if side == "hubspot" else "hubspot"
        for some in store.links.former(side, lost, object_).values():
            yield from (f"{object_}:{other}:{record}" for record in some)

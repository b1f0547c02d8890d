"""Rows of custom objects in a plan: what should stand in each CRM against what is confirmed to stand there.

A row that is as it should be needs nothing. When and under which version of the rules it was computed is written along
with a change and never a reason for one, so that a second run writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.core.plan import Counts, identified
from connector.engine.derive.owners import owner_keys
from connector.engine.derive.units import Unit
from connector.engine.seams import Work
from connector.model import SIDES, Action, Change, Side
from connector.revops.attribution_rows import SILENT, Row
from connector.state.carried import CarriedRow

Refs = Mapping[str, str | None]
"""What a row points to: `person`, `deal` as `Lead 00Q…`, `campaign` as an id, `touchpoint` as a key. None: this plan
makes it, or it is not on this side."""

NOTHING_BEHIND = "nothing stands behind it any more"


@dataclass(frozen=True, slots=True)
class Wish:
    """A row as it should stand in one CRM; `memory` is kept beside it in our state."""

    fields: Row
    refs: Refs
    because: str
    memory: Mapping[str, Any] = field(default_factory=dict)


Wishes = dict[str, Wish]
"""Rows by key."""

Stored = dict[Side, dict[str, CarriedRow]]
"""What stands in each CRM, by key."""


class Rows:
    """Plans the rows of one carrier."""

    def __init__(self, work: Work, plan: str, counts: Counts, carrier: str) -> None:
        self._work, self._plan, self._counts, self._carrier = work, plan, counts, carrier
        self._moved: dict[Side, set[str]] = {side: set() for side in SIDES}

    def stored(self, units: Sequence[Unit]) -> dict[str, Stored]:
        """Unit key -> the rows it has, also those written under an earlier key."""
        owners = owner_keys(self._work.store, units)
        found: dict[str, Stored] = {unit.key: {side: {} for side in SIDES} for unit in units}
        for row in self._work.store.carried.of(self._carrier, list(owners)):
            found[owners[row.belongs_to]][row.side][row.key] = row
        return found

    def add(self, wanted: Iterable[tuple[str, Mapping[Side, Wishes], Stored]], *, may_delete: bool = True) -> None:
        """Plan what is missing, different or too much of (owner, wishes by side, stored rows) each.

        A side without wishes of its own is left alone. A row that moves from one owner to another is not removed from
        the first, whichever of both comes first.
        """
        listed, actions = list(wanted), list[Action]()
        strangers = self._strangers(listed)
        self._keep_moved(strangers)
        for owner, sides, stored in listed:
            for side, wishes in sides.items():
                actions += self._puts(owner, side, wishes, {**strangers[side], **stored[side]})
                if may_delete:
                    over = stored[side].keys() - wishes.keys() - self._moved[side]
                    gone = [row for key, row in stored[side].items() if key in over]
                    actions += [self.drop(row, owner) for row in gone]
        self.plan(actions)

    def drop(self, row: CarriedRow, owner: str, why: str = NOTHING_BEHIND) -> Action:
        """The action that removes a row."""
        because = f"attribution: {why}"
        changes = tuple(Change(name, value, None, because) for name, value in row.fields.items())
        return Action(
            "", "drop", self._carrier, owner, row.side, "", row.key, changes=changes, reason=because,
            data={"record": row.record},
        )  # fmt: skip

    def plan(self, actions: Iterable[Action]) -> None:
        """Make actions part of the plan."""
        finished = [identified(action) for action in actions]
        for action in finished:
            self._counts.add(action)
        self._work.store.plans.add(self._plan, finished)

    def _puts(self, owner: str, side: Side, wishes: Wishes, stored: Mapping[str, CarriedRow]) -> Iterator[Action]:
        for key, wish in wishes.items():
            before = stored.get(key)
            if before is None or _differs(wish, before, owner):
                yield self._put(owner, side, key, wish, before)

    def _strangers(self, wanted: Iterable[tuple[str, Mapping[Side, Wishes], Stored]]) -> Stored:
        """Rows that are wished for and stand under somebody else's key: the record has become another one's."""
        missing: dict[Side, list[str]] = {side: [] for side in SIDES}
        for _, sides, stored in wanted:
            for side, wishes in sides.items():
                missing[side] += [key for key in wishes if key not in stored[side]]
        return {side: self._work.store.carried.get(side, self._carrier, missing[side]) for side in SIDES}

    def _keep_moved(self, strangers: Stored) -> None:
        for side, rows in strangers.items():
            if rows:
                self._moved[side].update(rows)
                spared = self._work.store.plans.spare(self._plan, self._carrier, side, list(rows))
                self._counts.spare(self._carrier, side, spared)

    def _put(self, owner: str, side: Side, key: str, wish: Wish, before: CarriedRow | None) -> Action:
        old: Row = before.fields if before else {}
        names = [*wish.fields, *(name for name in old if name not in wish.fields)]
        changes = tuple(
            Change(name, old.get(name), wish.fields.get(name), wish.because)
            for name in names
            if old.get(name) != wish.fields.get(name)
        )
        changed = {change.field for change in changes}
        rest = {name: value for name, value in wish.fields.items() if name not in changed}
        return Action(
            "", "put", self._carrier, owner, side, "", key, changes=changes, reason=wish.because,
            data={"rest": rest, "refs": dict(wish.refs), "memory": dict(wish.memory)},
        )  # fmt: skip


def _differs(wish: Wish, before: CarriedRow, owner: str) -> bool:
    """Whether a row has to be written; `memory` follows the fields and is no reason."""
    if before.in_doubt or before.belongs_to != owner:
        return True
    return _speaking(wish.fields) != _speaking(before.fields) or _points(wish, before)


def _speaking(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name not in SILENT}


def _points(wish: Wish, before: CarriedRow) -> bool:
    """Whether the row has to point to something that it does not point to yet; it never lets go of anything."""
    stands = before.refs
    return any(value is not None and stands.get(name) != value for name, value in wish.refs.items())

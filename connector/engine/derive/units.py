"""Persons, companies and deals as both CRMs will show them once the plan at hand is applied.

A *unit* is one of them with a record on one side or on both. Its key is its link's id, or the id that a link of this
record would have, so that it stays the same when the counterpart is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from connector.core.condition import fits
from connector.engine.compare import link_id
from connector.engine.people import Owners
from connector.engine.references import References
from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.model import SIDES, Action, Raw, Side, Value
from connector.state.records import Seen

_ON_RECORDS = ("adopt", "create", "update", "associate")
"""The kinds of actions that say what a record will hold."""


@dataclass(slots=True)
class Half:
    """One side's record of a unit.

    `seen` is None for a record that the plan creates. `stored` are the canonical values as last read, `values` the
    same once the plan is applied. `action` is what the plan does with the record so far.
    """

    shape: Shape
    seen: Seen | None
    stored: dict[str, str]
    values: dict[str, str]
    action: Action | None = None
    takes_part: bool = True

    @property
    def raw(self) -> Raw:
        """The record's mirrored fields by the vendor's names."""
        return self.seen.fields if self.seen else {}

    @property
    def id(self) -> str | None:
        """The vendor's id; None for a record that the plan creates."""
        return self.seen.id if self.seen else None


@dataclass(slots=True)
class Unit:
    """A person, company or deal."""

    object: str
    key: str
    halves: dict[Side, Half] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """A field once the plan is applied; where the sides differ (a conflict, a direction) HubSpot's value."""
        for side in SIDES:
            half = self.halves.get(side)
            if half is not None and name in half.values:
                return half.values[name]
        return None

    def values(self) -> dict[str, str]:
        """All fields, as `value` gives them."""
        found: dict[str, str] = {}
        for side in reversed(SIDES):
            if side in self.halves:
                found.update(self.halves[side].values)
        return found

    def record(self, side: Side) -> str | None:
        """The record's id on one side, if it exists already."""
        half = self.halves.get(side)
        return half.id if half else None

    def own_keys(self) -> list[str]:
        """The keys that its records would have without each other."""
        return [f"{self.object}:{side}:{record}" for side in SIDES if (record := self.record(side))]

    @property
    def takes_part(self) -> bool:
        """Whether the mapping's `sync` conditions let revloop touch all of its records."""
        return all(half.takes_part for half in self.halves.values())


class Units:
    """Loads units of one plan, a chunk at a time, with a fixed number of queries for each chunk."""

    def __init__(self, work: Work, shapes: Shapes, owners: Owners, plan: str) -> None:
        self._work, self._shapes, self._owners, self._plan = work, shapes, owners, plan
        self._objects = {mapping.object: mapping for mapping in work.project.mappings}

    def mapped(self, object_: str) -> bool:
        """Whether the project has a mapping for an object."""
        return object_ in self._objects

    def of_records(self, object_: str, side: Side, ids: Collection[str]) -> list[Unit]:
        """The units that hold these records, each once, in the order of `ids`; gone records have none."""
        seen = self._work.store.mirror.many(side, ids, object_)
        return self.of_seen(object_, [seen[each] for each in dict.fromkeys(ids) if each in seen])

    def of_seen(self, object_: str, records: Iterable[Seen]) -> list[Unit]:
        """The units that hold these mirrored records."""
        by_side: dict[Side, dict[str, Seen]] = {side: {} for side in SIDES}
        for seen in records:
            by_side[seen.side][seen.id] = seen
        keys = {(side, each): key for side in SIDES for each, key in self._keys(object_, side, by_side[side]).items()}
        return self._load(object_, list(dict.fromkeys(keys.values())), keys, by_side)

    def of_keys(self, object_: str, keys: Collection[str]) -> list[Unit]:
        """The units with these keys; one whose records are all gone is left out."""
        links = self._work.store.links.get(keys)
        ids: dict[Side, list[str]] = {side: [link.record_id(side) for link in links.values()] for side in SIDES}
        for key in keys:
            side, record = _own(key)
            if key not in links and side is not None:
                ids[side].append(record)
        seen = [each for side in SIDES for each in self._work.store.mirror.many(side, ids[side], object_).values()]
        return self.of_seen(object_, seen)

    def _keys(self, object_: str, side: Side, seen: Mapping[str, Seen]) -> dict[str, str]:
        """Record id -> key: its link, the link that this plan makes, or the one it would have."""
        loose = [each.id for each in seen.values() if each.link is None]
        planned = self._work.store.plans.proposed(self._plan, object_, side, loose) if loose else {}
        return {
            id_: each.link or (planned[id_][0] if id_ in planned else link_id(object_, side, id_))
            for id_, each in seen.items()
        }

    def _load(
        self,
        object_: str,
        keys: list[str],
        of_record: Mapping[tuple[Side, str], str],
        known: dict[Side, dict[str, Seen]],
    ) -> list[Unit]:
        store = self._work.store
        actions = store.plans.of_links(self._plan, keys, _ON_RECORDS)
        links = store.links.get(keys)
        records: dict[str, dict[Side, str]] = {key: {} for key in keys}
        for (side, record), key in of_record.items():
            records[key][side] = record
        for key, link in links.items():
            records[key] = {side: link.record_id(side) for side in SIDES}
        for key in keys:
            records[key].update(_met(actions.get(key, ())))
        for side in SIDES:
            missing = [found[side] for found in records.values() if side in found and found[side] not in known[side]]
            known[side].update(store.mirror.many(side, missing, object_))
        every = [seen for side in SIDES for seen in known[side].values()]
        references = References(store, self._shapes, self._owners, self._plan, every)
        units = [self._unit(object_, key, records[key], actions.get(key, []), known, references) for key in keys]
        return [unit for unit in units if any(half.seen for half in unit.halves.values())]

    def _unit(
        self,
        object_: str,
        key: str,
        records: Mapping[Side, str],
        actions: list[Action],
        known: Mapping[Side, Mapping[str, Seen]],
        references: References,
    ) -> Unit:
        unit = Unit(object_, key)
        for side in SIDES:
            seen = known[side].get(records.get(side, ""))
            mine = [each for each in actions if each.side == side and each.kind in ("create", "update", "associate")]
            column = next((each for each in mine if each.kind != "associate"), None)
            if seen is None and (column is None or column.kind != "create"):
                continue
            vendor_object = seen.vendor_object if seen else mine[0].vendor_object
            shape = self._shapes.of(object_, side, vendor_object)
            stored, takes_part, waiting = dict[str, str](), True, list[str]()
            if seen is not None:
                stored, _, waiting = shape.canonical(seen.fields, references.resolve)
                takes_part = self._takes_part(shape, seen, stored, waiting)
            unit.halves[side] = Half(shape, seen, stored, _overlaid(stored, mine), column, takes_part)
        return unit

    def _takes_part(self, shape: Shape, seen: Seen, values: Mapping[str, str], waiting: list[str]) -> bool:
        mapped = {each.name for each in shape.mapping.fields}
        return fits(shape.mapping.sync[shape.side], values, seen.fields, waiting, mapped)


def extended(action: Action, changes: Iterable[object]) -> Action:
    """A planned action with further changes; its id is made anew by whoever stores it."""
    return replace(action, changes=(*action.changes, *changes))  # type: ignore[arg-type]


def _met(actions: Iterable[Action]) -> dict[Side, str]:
    """The two records that an adopt action of the plan is about to link."""
    for action in actions:
        if action.kind == "adopt" and action.source and action.record:
            return {"hubspot": action.source, "salesforce": action.record}
    return {}


def _overlaid(stored: Mapping[str, str], actions: Iterable[Action]) -> dict[str, str]:
    values = dict(stored)
    for change in (change for action in actions for change in action.changes):
        if change.after is None:
            values.pop(change.field, None)
        else:
            values[change.field] = change.after
    return values


def _own(key: str) -> tuple[Side | None, str]:
    """The record that a key names, as `link_id` made it."""
    _, side, record = (*key.split(":", 2), "", "")[:3]
    return next((each for each in SIDES if each == side), None), record

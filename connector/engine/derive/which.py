"""Which persons, companies and deals the rules have to look at in this run, each once.

Those whose record, company or deal changed, who did something, or whose clock has run out; all of them when the rules
changed. Everything else would give the same answer as last time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from connector.engine.derive.owners import PERSON, erased
from connector.engine.derive.units import Unit, Units
from connector.engine.seams import Work
from connector.engine.shape import pointed
from connector.model import SIDES, Side
from connector.state.database import CHUNK, chunks

POINTS_TO = {"person": ("company",), "deal": ("company", "person")}
"""Whom a change of the second concerns: a person is scored by its company, a deal is attributed to its persons."""

POINTED_TO = {"person": ("deal",)}
"""Likewise, where the second one points to the first: a deal moves the stage of its persons."""


class Which:
    """Finds units to derive from; what it found once it does not give again."""

    def __init__(self, work: Work, units: Units, upto: int, as_of: datetime, *, everyone: bool) -> None:
        self._work, self._units, self._upto, self._as_of = work, units, upto, as_of
        self._everyone = everyone

    def of(self, object_: str) -> Iterator[list[Unit]]:
        """The units of one object, in chunks."""
        if not self._units.mapped(object_):
            return
        given: set[str] = set()
        for units in self._all(object_) if self._everyone else self._some(object_):
            self._work.breathe()
            gone = erased(self._work.store, units) if object_ == PERSON else frozenset()
            fresh = [unit for unit in units if unit.key not in given and unit.takes_part and unit.key not in gone]
            given.update(unit.key for unit in fresh)
            if fresh:
                yield fresh

    def lost(self, object_: str) -> Iterator[str]:
        """The keys of units that are due and of which no record is left: their timers have to end."""
        for keys in self._work.store.standings.due(object_, self._as_of):
            there = {name for unit in self._units.of_keys(object_, keys) for name in (unit.key, *unit.own_keys())}
            yield from (key for key in keys if key not in there)

    def _all(self, object_: str) -> Iterator[list[Unit]]:
        mirror = self._work.store.mirror
        for pairs in mirror.all_pairs(object_):
            yield self._units.of_seen(object_, [seen for _, *both in pairs for seen in both if seen])
        for side in SIDES:
            for seen in mirror.all_unlinked(object_, side):
                yield self._units.of_seen(object_, seen)

    def _some(self, object_: str) -> Iterator[list[Unit]]:
        standings = self._work.store.standings
        for side in SIDES:
            for ids in standings.todo(object_, side, self._upto):
                yield self._units.of_records(object_, side, ids)
            for other in POINTS_TO.get(object_, ()):
                for ids in standings.todo(other, side, self._upto):
                    yield from self._pointing(object_, other, side, ids)
            for other in POINTED_TO.get(object_, ()):
                for ids in standings.todo(other, side, self._upto):
                    yield from self._pointed(object_, other, side, ids)
        for keys in standings.due(object_, self._as_of):
            yield self._units.of_keys(object_, keys)

    def _pointing(self, object_: str, to: str, changed: Side, ids: list[str]) -> Iterator[list[Unit]]:
        """The units that point to records of which one side changed, on either side."""
        links = self._work.store.links.get(set(self._work.store.links.of_records(changed, ids, to).values()))
        records: dict[Side, set[str]] = {side: {link.record_id(side) for link in links.values()} for side in SIDES}
        records[changed].update(ids)
        for side, some in records.items():
            for part in chunks(self.pointing(object_, side, to, sorted(some)), CHUNK):
                yield self._units.of_records(object_, side, part)

    def _pointed(self, object_: str, by: str, changed: Side, ids: list[str]) -> Iterator[list[Unit]]:
        """The units that changed records point to."""
        if not self._units.mapped(by):
            return
        for unit in self._units.of_records(by, changed, ids):
            for side, half in unit.halves.items():
                columns = [half.shape.vendor_name(each) for each in half.shape.fields if each.object == object_]
                some = [record for column in columns for record in pointed(half.raw.get(column))]
                yield self._units.of_records(object_, side, some)

    def pointing(self, object_: str, side: Side, to: str, ids: list[str]) -> list[str]:
        """The records of an object that point to any of `ids` of another one, on one side."""
        found = self._work.store.mirror.candidates(object_, side, f">{to}", ids)
        return list(dict.fromkeys(each[0] for some in found.values() for each in some))

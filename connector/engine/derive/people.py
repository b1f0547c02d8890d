"""A person as the rules see it: the records of both CRMs, company, deals, what the person did, what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.engine.derive.memory import Memory, Shown, from_body
from connector.engine.derive.units import Half, Unit, Units
from connector.engine.people import Owners
from connector.engine.seams import Work
from connector.engine.shape import pointed
from connector.model import SIDES, Activity, Owner, Raw, Side
from connector.revops.attribution_collect import Collected
from connector.revops.attribution_touch import Touch


@dataclass(frozen=True, slots=True)
class Touched:
    """A person's touches, and when the next one counts that lies ahead."""

    collected: Collected
    next_at: datetime | None

    @property
    def touches(self) -> tuple[Touch, ...]:
        """Those that count."""
        return self.collected.touches


@dataclass(slots=True)
class Person:
    """One person; `shown` is filled by `shown.look`, `touched` by whoever attributes."""

    unit: Unit
    memory: Memory
    company: Unit | None = None
    deals: list[Unit] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    owner: Owner | None = None
    shown: dict[Side, Shown] = field(default_factory=dict)
    known: Mapping[str, Any] | None = None  # the memory as it is stored
    stored_as: str | None = None  # the key under which it was found, where that is another one now
    touched: Touched | None = None

    @property
    def key(self) -> str:
        """The unit's key."""
        return self.unit.key

    def records(self) -> dict[str, Raw]:
        """The mirrored records of person and company by vendor object, raw."""
        units = (self.company, self.unit) if self.company else (self.unit,)
        return {half.shape.vendor_object: half.raw for unit in units for half in unit.halves.values()}


class People:
    """Loads persons for a chunk of units."""

    def __init__(self, work: Work, units: Units, owners: Owners) -> None:
        self._work, self._units, self._owners = work, units, owners

    def load(self, units: Sequence[Unit]) -> list[Person]:
        """The persons of these units, in their order."""
        persons = list(self._remembered(units))
        self._companies(persons)
        self._deals(persons)
        self._activities(persons)
        for person in persons:
            person.owner = self._owner(person.unit)
        return persons

    def _remembered(self, units: Sequence[Unit]) -> Iterator[Person]:
        """Persons with what is remembered, also where that was under one of their records before it was linked."""
        names = {unit.key: [unit.key, *unit.own_keys()] for unit in units}
        bodies = self._work.store.standings.get("person", [name for each in names.values() for name in each])
        for unit in units:
            key = next((name for name in names[unit.key] if name in bodies), None)
            memory = from_body(bodies[key]) if key else Memory(unit.key)
            records: dict[str, str] = {side: record for side in SIDES if (record := unit.record(side))}
            known = bodies[key] if key else None
            yield Person(
                unit, replace(memory, records=records), known=known, stored_as=key if key != unit.key else None
            )

    def _companies(self, persons: Sequence[Person]) -> None:
        for person, found in zip(persons, self._pointed(persons, "company"), strict=True):
            person.company = found

    def _pointed(self, persons: Sequence[Person], to: str) -> list[Unit | None]:
        """The unit that each person's record points to, the Salesforce account before the HubSpot company."""
        if not self._units.mapped(to):
            return [None] * len(persons)
        found: list[Unit | None] = [None] * len(persons)
        for side in SIDES:
            ids = [_target(person.unit.halves.get(side), to) for person in persons]
            units = self._units.of_records(to, side, [each for each in ids if each])
            by_id = {record: unit for unit in units if (record := unit.record(side))}
            for number, id_ in enumerate(ids):
                if id_ in by_id:
                    found[number] = by_id[id_]
        return found

    def _deals(self, persons: Sequence[Person]) -> None:
        if not self._units.mapped("deal"):
            return
        of: dict[str, list[Unit]] = {}
        for side in SIDES:
            mine = {record: person.key for person in persons if (record := person.unit.record(side))}
            found = self._work.store.mirror.candidates("deal", side, ">person", list(mine))
            ids = {deal: None for some in found.values() for deal, *_ in some}
            deals = self._units.of_records("deal", side, list(ids))
            units = {record: unit for unit in deals if (record := unit.record(side))}
            for record, some in found.items():
                of.setdefault(mine[record], []).extend(units[deal] for deal, *_ in some if deal in units)
        for person in persons:
            person.deals = list({unit.key: unit for unit in of.get(person.key, ())}.values())

    def _activities(self, persons: Sequence[Person]) -> None:
        """What each person did, under whatever id it was told."""
        for side in SIDES:
            mine = {record: person for person in persons if (record := person.unit.record(side))}
            now = {each: each for each in mine}
            now |= self._work.store.links.replaced_by(side, list(mine), "person")
            found = self._work.store.activities.of_records(side, list(now))
            for record, activities in found.items():
                mine[now[record]].activities.extend(activities)

    def _owner(self, unit: Unit) -> Owner | None:
        """Who owns the person: in Salesforce, where sales works, if there is a record."""
        for side in reversed(SIDES):
            half = unit.halves.get(side)
            if half is not None and half.seen is not None:
                column = "OwnerId" if side == "salesforce" else "hubspot_owner_id"
                found = self._owners.get(side, half.raw.get(column))
                if found is not None:
                    return found
        return None


def written(person: Person) -> dict[str, str | None]:
    """A person's fields as last read, HubSpot's where both have one: what the own fields tell if the state is lost."""
    found: dict[str, str | None] = {}
    for side in reversed(SIDES):
        if side in person.unit.halves:
            found.update(person.unit.halves[side].stored)
    return found


def _target(half: Half | None, object_: str) -> str | None:
    """The first record of another object that a record points to."""
    if half is None:
        return None
    for each in half.shape.fields:
        if each.object == object_:
            ids = pointed(half.raw.get(half.shape.vendor_name(each)))
            if ids:
                return ids[0]
    return None


def by_source(activities: Sequence[Activity], *sources: str) -> Iterator[Activity]:
    """The activities of some sources."""
    return (each for each in activities if each.source in sources)


def raw_of(person: Person, side: Side) -> Mapping[str, object]:
    """A person's mirrored record on one side, by the vendor's names."""
    half = person.unit.halves.get(side)
    return half.raw if half else {}

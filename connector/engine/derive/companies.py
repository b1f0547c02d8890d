"""The stage of companies: the highest among their persons and deals (domain §2.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from connector.engine.derive.people import Person
from connector.engine.derive.told import company_deals
from connector.engine.derive.units import Unit, Units
from connector.engine.derive.wanted import Set, Wanted
from connector.engine.derive.which import Which
from connector.engine.derive.write import Decided
from connector.engine.seams import Work
from connector.model import SIDES
from connector.revops.lifecycle import WRITTEN
from connector.revops.lifecycle_sightings import company_stage
from connector.state.database import CHUNK, chunks

STAGE = "revops_stage"


class Companies:
    """Collects the companies that the persons of a run belong to, and decides them when all persons are decided."""

    def __init__(self, work: Work, units: Units, which: Which, as_of: datetime) -> None:
        self._work, self._units, self._which, self._as_of = work, units, which, as_of
        self._config = work.project.agreement.lifecycle
        self._stages: dict[str, str | None] = {}
        self._keys: dict[str, None] = {}

    def note(self, persons: Sequence[Person], decided: Sequence[Decided]) -> None:
        """Remember what was decided about a chunk of persons."""
        if self._config is None:
            return
        for person, each in zip(persons, decided, strict=True):
            stage = each.wanted.fields.get(STAGE)
            before = person.memory.journey.stage if person.memory.journey else None
            now = stage.value.lower() if stage and stage.value else None
            if now == before and person.known is not None:
                continue
            self._stages[person.key] = now
            if person.company is not None:
                self._keys[person.company.key] = None

    def decide(self) -> Iterator[list[Decided]]:
        """The companies whose persons moved, and those that changed themselves, in chunks."""
        if self._config is None or not self._units.mapped("company"):
            return
        for some in chunks(list(self._keys), CHUNK):
            yield self._decided(self._units.of_keys("company", some))
        for units in self._which.of("company"):
            yield self._decided([unit for unit in units if unit.key not in self._keys])

    def _decided(self, units: Sequence[Unit]) -> list[Decided]:
        persons, deals = self._members("person", units), self._members("deal", units)
        stages = self._known([each.key for some in persons.values() for each in some])
        found = []
        for unit in units:
            own = [stages.get(each.key) for each in persons.get(unit.key, ())]
            zone = self._work.project.settings.time_zone
            assert self._config is not None
            stage = company_stage(self._config, own, company_deals(deals.get(unit.key, ()), self._as_of, zone))
            wanted = Wanted()
            because = partial(str, "lifecycle: the highest stage of its persons and deals")
            wanted.fields[STAGE] = Set(WRITTEN[stage] if stage else None, because)
            found.append(Decided(unit, wanted))
        return found

    def _members(self, object_: str, units: Sequence[Unit]) -> dict[str, list[Unit]]:
        """Company key -> its persons or deals, by what their records on either side point to."""
        found: dict[str, dict[str, Unit]] = {}
        if not self._units.mapped(object_):
            return {}
        for side in SIDES:
            owners = {record: unit.key for unit in units if (record := unit.record(side))}
            pointing = self._work.store.mirror.candidates(object_, side, ">company", list(owners))
            ids = {each: owners[company] for company, some in pointing.items() for each, *_ in some}
            for member in self._units.of_records(object_, side, list(ids)):
                record = member.record(side)
                if record in ids:
                    found.setdefault(ids[record], {})[member.key] = member
        return {key: list(members.values()) for key, members in found.items()}

    def _known(self, keys: Sequence[str]) -> dict[str, str | None]:
        """Person key -> stage: as decided in this run, else as remembered."""
        bodies = self._work.store.standings.get("person", [key for key in keys if key not in self._stages])
        remembered = {key: (body["journey"] or {}).get("stage") for key, body in bodies.items()}
        return remembered | self._stages

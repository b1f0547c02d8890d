"""What the rules as they are now would say, from the state alone: one person, or all of them against last time.

No CRM is asked and nothing is written. The records are those that the last run has read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from connector.engine.derive.people import People, Person
from connector.engine.derive.score import Scoring
from connector.engine.derive.signals import Signalled
from connector.engine.derive.stage import Staging, journey_of
from connector.engine.derive.units import Units
from connector.engine.derive.which import Which
from connector.engine.people import Owners
from connector.engine.seams import Seams, Work
from connector.engine.shape import Shapes
from connector.errors import SettingsError
from connector.model import SIDES, Side
from connector.project import Project
from connector.revops.scoring_result import Score
from connector.state.store import Store

LARGEST = 10
"""How many of the largest moves are named."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One person before and after; numbers are None where nobody was scored or must not be."""

    records: dict[Side, str | None]
    stage: tuple[str | None, str | None]
    temperature: tuple[str | None, str | None]
    fit: tuple[int | None, int | None]
    engagement: tuple[int | None, int | None]

    @property
    def size(self) -> int:
        """How far the numbers move, together."""
        return sum(abs((after or 0) - (before or 0)) for before, after in (self.fit, self.engagement))


@dataclass(slots=True)
class Moves:
    """A rule change in numbers: how many persons go from where to where, and who moves furthest."""

    as_of: datetime
    persons: int = 0
    stages: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    temperatures: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    changed: int = 0
    largest: list[Moved] = field(default_factory=list)

    def add(self, moved: Moved) -> None:
        """Count one person."""
        self.persons += 1
        self.stages[moved.stage] += 1
        self.temperatures[moved.temperature] += 1
        if moved.size == 0 and moved.temperature[0] == moved.temperature[1] and moved.stage[0] == moved.stage[1]:
            return
        self.changed += 1
        self.largest.append(moved)
        self.largest.sort(key=lambda each: (-each.size, str(each.records)))
        del self.largest[LARGEST:]


class Preview:
    """The rules of a project over its state, as of an instant.

    Raises:
        SettingsError: no scoring rules are in force.
    """

    def __init__(self, project: Project, store: Store, as_of: datetime) -> None:
        agreement, zone = project.agreement, project.settings.time_zone
        if agreement.scoring is None:
            raise SettingsError(
                "no scoring rules are in force: add rules/scoring.yaml (`revloop init` writes it), "
                "or switch `rules: {scoring: on}` in connector.yaml"
            )
        self._as_of = as_of
        seams = Seams(clock=lambda: as_of, new_id=lambda kind: kind, pause=lambda _seconds: None)
        work, owners = Work(project, store, {}, seams, ""), Owners({})
        self._units = Units(work, Shapes(project.mappings, zone), owners, "")
        self._which = Which(work, self._units, 0, as_of, everyone=True)
        self._people = People(work, self._units, owners)
        self._scoring = Scoring(agreement.scoring, Signalled(agreement.signals, zone), agreement.locale)
        self._staging = Staging(agreement.lifecycle, zone) if agreement.lifecycle else None

    def person(self, side: Side, record: str) -> tuple[Person, Score] | None:
        """One person by the id of a record; None where it is unknown or gone."""
        persons = self._people.load(self._units.of_records("person", side, [record]))
        return next(((each, self._scoring.score(each, journey_of(each), self._as_of).score) for each in persons), None)

    def all(self) -> Moves:
        """Everybody, against what was decided last."""
        moves = Moves(self._as_of)
        for moved in self._moved():
            moves.add(moved)
        return moves

    def _moved(self) -> Iterator[Moved]:
        for units in self._which.of("person"):
            for person in self._people.load(units):
                yield self._one(person)

    def _one(self, person: Person) -> Moved:
        scored, before = self._scoring.score(person, journey_of(person), self._as_of), person.memory.scored
        score, stage = scored.score, journey_of(person).stage
        after = stage
        if self._staging is not None:
            person.shown = dict(person.memory.shown)
            after = self._staging.decide(person, scored, self._as_of, ()).journey.stage
        return Moved(
            {side: person.unit.record(side) for side in SIDES},
            (stage, after),
            (before.get("temperature"), score.temperature),
            (before.get("fit"), score.fit_score),
            (before.get("engagement"), score.engagement_score),
        )

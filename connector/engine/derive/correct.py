"""The two ways down that only a person can open: a stage that was wrong, and a customer who left (domain §2.2).

A correction is noted in what the rules remember of the person; the next run carries it out like every other way down.
No CRM is asked and none is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from connector.engine.derive.memory import Memory, to_body
from connector.engine.derive.owners import erased
from connector.engine.derive.people import People, Person
from connector.engine.derive.score import Scoring
from connector.engine.derive.signals import Signalled
from connector.engine.derive.stage import Staged, Staging, journey_of
from connector.engine.derive.units import Units
from connector.engine.people import Owners
from connector.engine.seams import Seams, Work
from connector.engine.shape import Shapes
from connector.errors import SettingsError
from connector.model import SIDES, Side
from connector.project import Project
from connector.project.mistakes import nearest
from connector.revops.lifecycle import STAGES, Lifecycle, rank
from connector.revops.lifecycle_claims import called
from connector.revops.lifecycle_journey import Down
from connector.state.store import Store

ACTOR = "admin"
"""Who corrects, as it is kept: whoever may run the command. A name would be personal data."""

LONGEST = 200
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A correction as typed: `to` is a stage of the agreement; None for a customer who left."""

    kind: Literal["data_correction", "customer_churned"]
    reason: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """What the next run makes of a correction: the stages before and after it, and the rule of the last change.

    `known`: the same correction was noted before and waits; nothing was written.
    """

    records: dict[Side, str | None]
    before: str | None
    corrected: str | None
    after: str | None
    former: bool
    because: str
    known: bool


def asked(config: Lifecycle | None, to: str | None, reason: str, *, churned: bool) -> Asked:
    """What was typed, checked against the agreement.

    Raises:
        SettingsError: something is missing or unknown; the lifecycle is off.
    """
    if config is None:
        raise SettingsError(
            "no lifecycle rules are in force, so there is no stage to correct: add rules/lifecycle.yaml "
            "(`revloop init` writes it), or switch `rules: {lifecycle: on}` in connector.yaml"
        )
    words = " ".join(reason.split())
    if not words or len(words) > LONGEST:
        raise SettingsError(f"say why in --reason, in 1 to {LONGEST} characters and without a person's name")
    if (to is None) != churned:
        raise SettingsError("say what is right: either --to STAGE, or --churned for a customer who left")
    if to is None:
        return Asked("customer_churned", words)
    stage = to.strip().lower()
    if stage not in config.stages:
        unused = f"rules/lifecycle.yaml does not use the stage {stage}" if stage in STAGES else "--to is no stage"
        raise SettingsError(f"{unused}{nearest(stage, config.stages)} (one of {', '.join(config.stages)})")
    return Asked("data_correction", words, stage)


class Corrections:
    """Notes corrections in the state of a project whose lifecycle is in force.

    Raises:
        SettingsError: the correction would do nothing, or the person is none that the rules look at.
    """

    def __init__(self, project: Project, store: Store, config: Lifecycle, seams: Seams) -> None:
        agreement, zone = project.agreement, project.settings.time_zone
        self._store, self._seams = store, seams
        work, owners = Work(project, store, {}, seams, ""), Owners({})
        self._units = Units(work, Shapes(project.mappings, zone), owners, "")
        self._people = People(work, self._units, owners)
        self._staging = Staging(config, zone)
        signalled = Signalled(agreement.signals, zone)
        self._scoring = Scoring(agreement.scoring, signalled, agreement.locale) if agreement.scoring else None

    def person(self, side: Side, record: str) -> Person | None:
        """One person by the id of a record; None where it is unknown or gone."""
        return next(iter(self._people.load(self._units.of_records("person", side, [record]))), None)

    def note(self, person: Person, wanted: Asked) -> Noted:
        """Note a correction for the next run: all of it, or nothing."""
        self._refuse(person, wanted)
        down = Down(wanted.kind, self._seams.clock(), ACTOR, wanted.reason, wanted.to)
        waiting = [each for each in person.memory.open_downs if each.kind == down.kind]
        if waiting and replace(waiting[-1], at=down.at) == down:
            return self._noted(person, person.memory, waiting[-1], known=True)
        kept = tuple(each for each in person.memory.downs if each not in waiting)  # the last word on a matter counts
        memory = replace(person.memory, downs=(*kept, down))
        noted = self._noted(person, memory, down, known=False)
        with self._store.transaction():
            key = person.stored_as or person.key
            self._store.standings.put("person", [(key, to_body(memory), memory.due)])
            for side in SIDES:
                record = person.unit.record(side)
                if record is not None:
                    self._store.standings.note("person", side, [record])
        return noted

    def _refuse(self, person: Person, wanted: Asked) -> None:
        journey = journey_of(person)
        if not person.unit.takes_part or erased(self._store, [person.unit]):
            raise SettingsError("revloop leaves this person alone (`revloop explain RECORD` says why)")
        if wanted.kind == "customer_churned":
            if journey.former:
                raise SettingsError("this customer is marked as former already")
            if rank(journey.stage) < rank("customer"):
                raise SettingsError(f"only a customer leaves, this is {called(journey.stage)}")
        elif rank(wanted.to) >= rank(journey.stage):
            raise SettingsError(
                f"{called(wanted.to)} is not lower than {called(journey.stage)}, where the person stands: a correction "
                "only lowers; raise the stage in a CRM"
            )

    def _noted(self, person: Person, memory: Memory, down: Down, *, known: bool) -> Noted:
        staged = self._next(person, memory)
        journey = staged.journey
        if not any(each.exception == down.kind for each in staged.decision.passages):
            why = "; ".join(each.text for each in staged.decision.notes if each.text.startswith(down.kind))
            raise SettingsError(f"the next run could not carry this out: {why or 'somebody raised the person since'}")
        corrected = self._staging.config.target_of(down.kind, down.to)
        records = {side: person.unit.record(side) for side in SIDES}
        before, because = journey_of(person).stage, staged.decision.because
        return Noted(records, before, corrected, journey.stage, journey.former, because, known)

    def _next(self, person: Person, memory: Memory) -> Staged:
        """What the next run decides, if nothing changes in the CRMs until then."""
        then = self._seams.clock() + timedelta(seconds=1)
        person = replace(person, memory=memory, shown=dict(memory.shown))
        scored = None
        if self._scoring is not None:
            scored = self._scoring.score(person, self._staging.decide(person, None, then, ()).journey, then)
        return self._staging.decide(person, scored, then, ())

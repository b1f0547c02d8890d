"""Deriving a whole run: persons first, then companies and deals, all as part of the plan at hand.

Nothing is written to a CRM and nothing is remembered here: both happen when the plan is applied, so that a plan that
is never applied changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connector.core.plan import Counts
from connector.engine.compare import Planner
from connector.engine.derive.attribution import Attributing
from connector.engine.derive.companies import Companies
from connector.engine.derive.conversion import ask
from connector.engine.derive.handed import remembered_won
from connector.engine.derive.holders import held
from connector.engine.derive.loop import FIELD_EFFECTS, is_open
from connector.engine.derive.memory import Memory, from_body, to_body
from connector.engine.derive.newly import Newly, newly
from connector.engine.derive.people import People, Person
from connector.engine.derive.rules import Rules, make_rules
from connector.engine.derive.score import Scored, facts, voiced
from connector.engine.derive.shown import look
from connector.engine.derive.stage import Staged, journey_of, recycle
from connector.engine.derive.told import company_deals
from connector.engine.derive.units import Unit, Units
from connector.engine.derive.wanted import ALWAYS, Wanted
from connector.engine.derive.which import Which
from connector.engine.derive.write import Decided, add
from connector.engine.people import Owners
from connector.engine.seams import Work
from connector.engine.shape import Shapes
from connector.model import SIDES, ObjectMapping
from connector.revops.lifecycle_decide import Passage
from connector.revops.lifecycle_journey import Down, Journey
from connector.revops.lifecycle_sightings import Deal
from connector.revops.rejection_effects import Effect
from connector.revops.rejection_stored import effect_from
from connector.state.database import CHUNK, chunks

ROUNDS = 3
"""How often stage and rejection may answer to each other: a rejection recycles, and a new cycle begins."""


@dataclass(slots=True)
class Derive:
    """Derives everything of one plan that the `planner` has begun."""

    work: Work
    shapes: Shapes
    owners: Owners
    plan: str
    upto: int
    as_of: datetime
    planner: Planner
    everyone: bool = False
    _pending: dict[str, list[Effect]] = field(default_factory=dict)

    @property
    def counts(self) -> Counts:
        """The plan in numbers; they grow as actions are added."""
        return self.planner.counts

    @property
    def _person(self) -> ObjectMapping:
        return next(each for each in self.work.project.mappings if each.object == "person")

    def make(self) -> None:
        """Add what the rules want to the plan.

        Raises:
            LaterError, SettingsError: a CRM cannot be asked for a history now.
            Interrupted: a stop was asked for.
        """
        agreement = self.work.project.agreement
        if agreement.empty:
            return
        units = Units(self.work, self.shapes, self.owners, self.plan)
        people = People(self.work, units, self.owners)
        rules = self._rules(units, people)
        everyone = self.everyone or (rules.attributing is not None and rules.attributing.renewed)
        which = Which(self.work, units, self.upto, self.as_of, everyone=everyone)
        self._pending = self._undone()
        companies = Companies(self.work, units, which, self.as_of)
        for chunk in which.of("person"):
            self._some(rules, units, people.load(chunk), companies)
        self._end(rules, which)
        for some in companies.decide():
            add(self.work, self.plan, self.counts, some, self.as_of)
        if rules.attributing:
            rules.attributing.finish(which)

    def _some(self, rules: Rules, units: Units, persons: Sequence[Person], companies: Companies) -> None:
        """Decide a chunk of persons."""
        look(self.work, rules.watched, persons)
        if rules.attributing:
            rules.attributing.look(persons)
        decided = [self._decide(rules, person) for person in persons]
        wrote = add(self.work, self.plan, self.counts, decided, self.as_of)
        found = newly(self._person, decided, wrote)
        if rules.attributing:
            again = {each.unit.key for each in found}
            rules.attributing.persons([each for each in persons if each.key not in again])
        companies.note(persons, decided)
        self._again(rules, units, found)
        self.work.seams.progress("derive", len(persons), None)

    def _end(self, rules: Rules, which: Which) -> None:
        """End what runs for persons of whom no record is left."""
        for keys in chunks(list(which.lost("person")), CHUNK):
            decided = []
            for key, body in self.work.store.standings.get("person", keys).items():
                memory, effects = replace(from_body(body), due=None, clocks={}, held=()), list[Effect]()
                if rules.loop:
                    memory, effects = rules.loop.end(memory, self.as_of)
                decided.append(Decided(Unit("person", key), Wanted(effects=effects, standing=to_body(memory))))
            add(self.work, self.plan, self.counts, decided, self.as_of)

    def _again(self, rules: Rules, units: Units, found: Sequence[Newly]) -> None:
        """Persons who may get a counterpart by what the rules just decided: its fields are decided with it."""
        people = People(self.work, units, self.owners)
        for side in SIDES:
            mine = [each for each in found if each.side == side]
            if not mine:
                continue
            self.planner.reconsider("person", side, [each.seen for each in mine])
            persons = people.load(units.of_records("person", side, [each.seen.id for each in mine]))
            look(self.work, rules.watched, persons)
            if rules.attributing:
                rules.attributing.look(persons)
            decided = [self._decide(rules, person) for person in persons]
            add(self.work, self.plan, self.counts, decided, self.as_of)
            if rules.attributing:
                rules.attributing.persons(persons)

    def _rules(self, units: Units, people: People) -> Rules:
        rules = make_rules(self.work, self.owners, self.as_of)
        config = self.work.project.agreement.attribution
        if config:
            given = (self.plan, self.counts, self.upto, self.as_of)
            rules.attributing = Attributing(self.work, units, people, config, *given)
        return rules

    def _undone(self) -> dict[str, list[Effect]]:
        """Field effects decided in earlier runs and not carried out yet, by person."""
        found: dict[str, list[Effect]] = {}
        kinds = [each.__name__ for each in FIELD_EFFECTS]
        for some in self.work.store.effects.undone(self.as_of, kinds):
            for stored in some:
                found.setdefault(stored.person, []).append(effect_from(stored.kind, stored.body))
        return found

    # --- one person ----------------------------------------------------------------------------------

    def _decide(self, rules: Rules, person: Person) -> Decided:
        """Score, stage, rejection and clocks of one person, in this order."""
        wanted = Wanted()
        reached = self._reached(rules, person)
        scored = rules.scoring.score(person, reached, self.as_of) if rules.scoring else None
        memory = replace(person.memory, scored=facts(scored, person.memory.scored), held=held(person, self.as_of))
        memory, journey, staged, effects = self._settle(rules, person, memory, scored)
        if rules.scoring and scored:
            scored = rules.scoring.again(person, scored, reached, journey, self.as_of)
            told = voiced(scored, person.memory.scored, self.as_of)
            memory = replace(memory, scored={**memory.scored, **told})
            rules.scoring.want(wanted, scored, told["told_at"])
        if rules.staging and staged:
            rules.staging.want(wanted, person, staged)
        temperature = scored.score.temperature if scored else None
        clocks = rules.slas.clocks(person, memory, staged, temperature, self.as_of) if rules.slas and staged else {}
        if rules.slas:
            rules.slas.want(wanted, clocks)
        if rules.loop:
            rules.loop.want(wanted, memory)
            rules.loop.want_effects(wanted, person, [*self._pending.get(memory.id, ()), *effects])
        if rules.attributing:
            rules.attributing.want(wanted, person, journey if rules.staging else memory.journey)
        memory = replace(
            memory,
            journey=journey if rules.staging else memory.journey,
            clocks=clocks,
            shown=person.shown,
            won=remembered_won(person, memory.scored, self._deals(person), rules.began),
            converted_at=staged.converted_at if staged else None,
            wrote=_wrote(wanted),
        )
        if staged:
            memory, further = ask(self.work.project.agreement, person, memory, staged, rules.began, self.as_of)
            effects = [*effects, *further]
        moments = [
            person.touched.next_at if person.touched else None,
            staged.waits_until if staged else None,
        ]
        self._remember(rules, wanted, person, memory, scored, effects, moments)
        return Decided(person.unit, wanted, person.memory.wrote, person.stored_as)

    def _deals(self, person: Person) -> tuple[Deal, ...]:
        return company_deals(person.deals, self.as_of, self.work.project.settings.time_zone)

    def _reached(self, rules: Rules, person: Person) -> Journey:
        """Where the person stands by what the CRMs show, before the score has a say: MQL and SQL are kept by it."""
        unmoved = person.memory.journey is not None and person.shown == person.memory.shown
        if rules.staging is None or (unmoved and not person.memory.open_downs):
            return journey_of(person)
        return rules.staging.decide(person, None, self.as_of, _downs(rules, person, person.memory)).journey

    def _settle(
        self, rules: Rules, person: Person, memory: Memory, scored: Scored | None
    ) -> tuple[Memory, Journey, Staged | None, list[Effect]]:
        """Let stage and rejection answer to each other until neither moves: a rejection may end a cycle."""
        journey, staged = journey_of(person), None
        effects: list[Effect] = []
        passages: tuple[Passage, ...] = ()
        for _ in range(ROUNDS):
            before = (journey, memory)
            if rules.staging:
                staged = rules.staging.decide(
                    _with(person, memory, journey), scored, self.as_of, _downs(rules, person, memory)
                )
                journey, passages = staged.journey, (*passages, *staged.decision.passages)
            if rules.loop:
                memory, further = rules.loop.step(person, memory, journey, staged, self.as_of)
                effects += further
            if (journey, memory) == before:
                break
        return memory, journey, staged.by(passages) if staged else None, effects

    def _remember(
        self,
        rules: Rules,
        wanted: Wanted,
        person: Person,
        memory: Memory,
        scored: Scored | None,
        effects: list[Effect],
        further: Sequence[datetime | None],
    ) -> None:
        wanted.effects = effects
        wanted.due = self._due(rules, wanted, memory, scored, further)
        body = to_body(replace(memory, due=wanted.due))
        if body != person.known or effects or wanted.carried_out or wanted.pointless or person.stored_as:
            wanted.standing = body

    def _due(
        self, rules: Rules, wanted: Wanted, memory: Memory, scored: Scored | None, further: Sequence[datetime | None]
    ) -> datetime | None:
        """When the person must be looked at again though nothing changes; `further` are moments found before.

        A clock that runs out at this very instant is not broken yet: only the next run sees that nobody was in time.
        """
        if is_open(memory.case) or wanted.carried_out:
            return ALWAYS
        clocks = [each.due_at for each in memory.clocks.values() if each.state == "running" and each.due_at]
        moments: list[datetime] = []
        if scored and scored.fades and rules.scoring:
            moments.append(rules.scoring.next_day(self.as_of))
        if memory.journey and memory.journey.recycle_on and memory.journey.recycled:
            moments.append(datetime.combine(memory.journey.recycle_on, datetime.min.time(), UTC))
        ahead = [each for each in (*moments, *further) if each is not None and each > self.as_of]
        return min([*ahead, *(each for each in clocks if each >= self.as_of)], default=None)


def _downs(rules: Rules, person: Person, memory: Memory) -> list[Down]:
    """The recycles that follow from rejections, of this cycle and the one before."""
    loop = rules.loop
    if loop is None:
        return []
    side = next((side for side, each in person.shown.items() if loop.config.rejected(side, each.status)), None)
    reasons, calendars = loop.config.reasons, loop.desk.calendars
    return [down for case in (memory.past, memory.case) if (down := recycle(case, reasons, calendars, side))]


def _with(person: Person, memory: Memory, journey: Journey) -> Person:
    return replace(person, memory=replace(memory, journey=journey))


def _wrote(wanted: Wanted) -> dict[str, str | None]:
    """Own fields as decided, and what is written into the CRMs' own ones, to be recognised when it comes back."""
    only = {name: each.value for some in wanted.only.values() for name, each in some.items()}
    later = {each.field: each.value for each in wanted.restage}
    return {name: each.value for name, each in wanted.fields.items()} | only | later

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
from connector.engine.derive.attribution import CARRIERS, Attributing
from connector.engine.derive.companies import Companies
from connector.engine.derive.handed import remembered_won
from connector.engine.derive.loop import FIELD_EFFECTS, Loop, Slas, is_open
from connector.engine.derive.memory import Memory, to_body
from connector.engine.derive.newly import Newly, newly
from connector.engine.derive.people import People, Person
from connector.engine.derive.score import Scored, Scoring, facts
from connector.engine.derive.shown import Watched, look
from connector.engine.derive.signals import Signalled
from connector.engine.derive.stage import Staged, Staging, journey_of, recycle
from connector.engine.derive.units import Units
from connector.engine.derive.wanted import ALWAYS, Wanted
from connector.engine.derive.which import Which
from connector.engine.derive.write import Decided, add
from connector.engine.people import Owners
from connector.engine.seams import Work
from connector.engine.shape import Shapes
from connector.model import SIDES, ObjectMapping
from connector.revops.lifecycle import HUBSPOT_ORDER
from connector.revops.lifecycle_journey import Down, Journey
from connector.revops.rejection_effects import Effect
from connector.revops.rejection_stored import effect_from

BEGAN = "rules.began"
"""Kept in the store: when the rules were first applied. Rejections and hand-overs before that day are left alone."""

ROUNDS = 3
"""How often stage and rejection may answer to each other: a rejection recycles, and a new cycle begins."""


@dataclass(slots=True)
class _Rules:
    """The parts in force, made once for a run."""

    signalled: Signalled
    scoring: Scoring | None
    staging: Staging | None
    loop: Loop | None
    slas: Slas | None
    watched: Watched
    began: datetime
    attributing: Attributing | None


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
        companies = Companies(self.work, units, which)
        for chunk in which.of("person"):
            self._some(rules, units, people.load(chunk), companies)
        for some in companies.decide():
            add(self.work, self.plan, self.counts, some, self.as_of)
        if rules.attributing:
            rules.attributing.finish(which)

    def _some(self, rules: _Rules, units: Units, persons: Sequence[Person], companies: Companies) -> None:
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

    def _again(self, rules: _Rules, units: Units, found: Sequence[Newly]) -> None:
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

    def _rules(self, units: Units, people: People) -> _Rules:
        project = self.work.project
        agreement, zone = project.agreement, project.settings.time_zone
        began = _began(self.work, self.as_of)
        signalled = Signalled(agreement.signals, zone)
        lifecycle, rejection = agreement.lifecycle, agreement.rejection
        return _Rules(
            signalled,
            Scoring(agreement.scoring, signalled, agreement.locale) if agreement.scoring else None,
            Staging(lifecycle, zone, _stage_order(self.work)) if lifecycle else None,
            Loop(rejection, agreement.calendars, self.owners, began, _login(self.work)) if rejection else None,
            Slas(lifecycle.sla, signalled, agreement.calendars, began) if lifecycle else None,
            Watched(
                {
                    "hubspot": rejection.statuses["hubspot"] if rejection else frozenset(),
                    "salesforce": rejection.statuses["salesforce"] if rejection else frozenset(),
                },
                {
                    "hubspot": lifecycle.sal_statuses if lifecycle else frozenset(),
                    "salesforce": frozenset(lifecycle.salesforce_status.values()) if lifecycle else frozenset(),
                },
            ),
            began,
            Attributing(self.work, units, people, agreement.attribution, self.plan, self.counts, self.upto, self.as_of)
            if agreement.attribution
            else None,
        )

    def _undone(self) -> dict[str, list[Effect]]:
        """Field effects decided in earlier runs and not carried out yet, by person."""
        found: dict[str, list[Effect]] = {}
        kinds = [each.__name__ for each in FIELD_EFFECTS]
        for some in self.work.store.effects.undone(self.as_of, kinds):
            for stored in some:
                found.setdefault(stored.person, []).append(effect_from(stored.kind, stored.body))
        return found

    # --- one person ----------------------------------------------------------------------------------

    def _decide(self, rules: _Rules, person: Person) -> Decided:
        """Score, stage, rejection and clocks of one person, in this order."""
        wanted = Wanted()
        scored = rules.scoring.score(person, self._reached(rules, person), self.as_of) if rules.scoring else None
        memory = replace(person.memory, scored=facts(scored, person.memory.scored))
        memory, journey, staged, effects = self._settle(rules, person, memory, scored)
        if rules.scoring and scored:
            rules.scoring.want(wanted, scored)
        if rules.staging and staged:
            rules.staging.want(wanted, person, staged)
        temperature = scored.score.temperature if scored else None
        clocks = rules.slas.clocks(person, memory, journey, temperature, self.as_of) if rules.slas else {}
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
            won=remembered_won(person, memory.scored, self.work.project.settings.time_zone, rules.began),
            converted_at=staged.converted_at if staged else None,
            wrote=_wrote(wanted),
        )
        self._remember(rules, wanted, person, memory, scored, effects)
        return Decided(person.unit, wanted, person.memory.wrote, person.stored_as)

    def _reached(self, rules: _Rules, person: Person) -> Journey:
        """Where the person stands by what the CRMs show, before the score has a say: MQL and SQL are kept by it."""
        unmoved = person.memory.journey is not None and person.shown == person.memory.shown
        if rules.staging is None or unmoved:
            return journey_of(person)
        return rules.staging.decide(person, None, self.as_of, _downs(rules, person, person.memory)).journey

    def _settle(
        self, rules: _Rules, person: Person, memory: Memory, scored: Scored | None
    ) -> tuple[Memory, Journey, Staged | None, list[Effect]]:
        """Let stage and rejection answer to each other until neither moves: a rejection may end a cycle."""
        journey, staged = journey_of(person), None
        effects: list[Effect] = []
        for _ in range(ROUNDS):
            before = (journey, memory)
            if rules.staging:
                staged = rules.staging.decide(
                    _with(person, memory, journey), scored, self.as_of, _downs(rules, person, memory)
                )
                journey = staged.journey
            if rules.loop:
                memory, further = rules.loop.step(person, memory, journey, staged, self.as_of)
                effects += further
            if (journey, memory) == before:
                break
        return memory, journey, staged, effects

    def _remember(
        self,
        rules: _Rules,
        wanted: Wanted,
        person: Person,
        memory: Memory,
        scored: Scored | None,
        effects: list[Effect],
    ) -> None:
        wanted.effects = effects
        touched = person.touched.next_at if person.touched else None
        wanted.due = self._due(rules, wanted, memory, scored, touched)
        body = to_body(replace(memory, due=wanted.due))
        if body != person.known or effects or wanted.carried_out or wanted.pointless or person.stored_as:
            wanted.standing = body

    def _due(
        self, rules: _Rules, wanted: Wanted, memory: Memory, scored: Scored | None, touched: datetime | None
    ) -> datetime | None:
        """When the person must be looked at again though nothing changes."""
        if is_open(memory.case) or wanted.carried_out:
            return ALWAYS
        moments = [each.due_at for each in memory.clocks.values() if each.state == "running" and each.due_at]
        if scored and scored.fades and rules.scoring:
            moments.append(rules.scoring.next_day(self.as_of))
        if memory.journey and memory.journey.recycle_on and memory.journey.recycled:
            moments.append(datetime.combine(memory.journey.recycle_on, datetime.min.time(), UTC))
        moments += [touched] if touched else []
        ahead = [each for each in moments if each > self.as_of]
        return min(ahead, default=None)


def began(work: Work) -> str | None:
    """When the rules were first applied; None before that."""
    return work.store.get(BEGAN)


def remember_beginning(work: Work, plan: str) -> None:
    """Note when the rules were first applied, and with which custom objects last: with the plan that did it."""
    made = work.store.plans.get(plan)
    if made is None or work.project.agreement.empty:
        return
    if began(work) is None:
        work.store.put(BEGAN, made.made_at.isoformat())
    if made.counts.get("carriers") is not None:
        work.store.put(CARRIERS, made.counts["carriers"])


def _began(work: Work, as_of: datetime) -> datetime:
    known = began(work)
    return datetime.fromisoformat(known) if known else as_of


def _login(work: Work) -> str | None:
    """The Salesforce user behind the credentials: whoever owns a record that is created without saying whose it is."""
    owner = work.crms["salesforce"].describe("Lead").get("OwnerId")
    return owner.default if owner else None


def _stage_order(work: Work) -> Sequence[str]:
    """HubSpot's lifecycle stages in the portal's order, read live."""
    found = work.crms["hubspot"].describe("contacts").get("lifecyclestage")
    return found.options if found and found.options else HUBSPOT_ORDER


def _downs(rules: _Rules, person: Person, memory: Memory) -> list[Down]:
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

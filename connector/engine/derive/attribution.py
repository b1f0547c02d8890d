"""Attribution in a plan: touches of persons, credits of deals, and the fields that follow from both.

Persons come first, because a deal's milestones need to know when they became leads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from connector.core.plan import Counts, identified
from connector.engine.carriers import CODE, Carriers
from connector.engine.derive.credits import Attributed, Credits
from connector.engine.derive.deals import Case, Deals, Facts, lead_at
from connector.engine.derive.gone import Dead, Gone
from connector.engine.derive.origin import want_first, want_sourced, want_summary
from connector.engine.derive.people import People, Person
from connector.engine.derive.rates import ReportingRates
from connector.engine.derive.rows import Rows
from connector.engine.derive.touches import Touches
from connector.engine.derive.touchpoints import Touchpoints
from connector.engine.derive.units import Unit, Units
from connector.engine.derive.wanted import Wanted
from connector.engine.derive.which import Which
from connector.engine.derive.write import Decided, add
from connector.engine.seams import Work
from connector.model import SIDES, Action
from connector.revops.attribution import Attributor
from connector.revops.attribution_config import AttributionConfig
from connector.revops.carriers import CREDIT, TOUCHPOINT
from connector.revops.lifecycle_journey import Journey
from connector.state.database import CHUNK, chunks

CARRIERS = "carriers"
"""Kept in the store: which custom objects there were when every row was compared last."""


class Attributing:
    """The attribution of one plan."""

    def __init__(
        self, work: Work, units: Units, people: People, config: AttributionConfig, plan: str, counts: Counts,
        upto: int, as_of: datetime,
    ) -> None:  # fmt: skip
        self._work, self._units, self._plan, self._counts, self._as_of = work, units, plan, counts, as_of
        self._carriers, self._attributor = Carriers(work), Attributor(config)
        self._facts = Facts(work, config, ReportingRates(work, config))
        self._touches = Touches(work, config, as_of)
        self._deals = Deals(work, units, people, config, self._facts)
        self._rows = {name: Rows(work, plan, counts, name) for name in (TOUCHPOINT.name, CREDIT.name)}
        self._touchpoints = Touchpoints(self._rows[TOUCHPOINT.name], self._carriers, may_delete=config.may_delete)
        self._credits = Credits(self._rows[CREDIT.name], self._carriers, self._attributor, as_of)
        self._gone = Gone(work, units, plan, upto)
        self._leads: dict[str, int | None] = {}
        self._further: set[str] = set()  # keys of deals that persons concern though nothing else does
        self._companies: set[str] = set()
        counts.carriers = self._carriers.print()

    @property
    def renewed(self) -> bool:
        """Whether custom objects came or went, so that every row has to be compared."""
        return (self._work.store.get(CARRIERS) or "") != self._counts.carriers

    # --- persons -------------------------------------------------------------------------------------

    def look(self, persons: Sequence[Person]) -> None:
        """Give each person its touches."""
        touched = self._touches.of(persons)
        for person in persons:
            person.touched = touched[person.key]
        self._leads = {}

    def want(self, wanted: Wanted, person: Person, journey: Journey | None) -> None:
        """Add the fields of a person."""
        assert person.touched is not None
        self._leads[person.key] = lead_at(person, journey)
        deals = [deal for unit in person.deals if (deal := self._facts.of(unit)) is not None]
        want_first(wanted, person, person.touched.touches, deals)

    def persons(self, persons: Sequence[Person]) -> None:
        """Plan the touchpoints of a chunk of persons, and note which deals they concern."""
        self._touchpoints.add(
            [(each, each.touched.touches, self._leads[each.key]) for each in persons if each.touched is not None]
        )
        for person in persons:
            if self._leads[person.key] != lead_at(person, person.memory.journey):
                self._further.update(unit.key for unit in person.deals)
            if self._attributor.config.account_wide and person.company is not None:
                self._companies.add(person.company.key)

    # --- deals ---------------------------------------------------------------------------------------

    def finish(self, which: Which) -> None:
        """When all persons are decided: deals, what is left of lost ones, and what an admin has to do."""
        dead = self._gone.of("person")
        self._gone.drop(dead, self._rows[TOUCHPOINT.name], TOUCHPOINT.name)
        self._note_deals_of(dead, which)
        seen: set[str] = set()
        for units in self._which(which):
            fresh = [unit for unit in units if unit.key not in seen and unit.takes_part]
            seen.update(unit.key for unit in fresh)
            self._work.breathe()
            self._some(fresh)
            self._work.seams.progress("attribute", len(fresh), None)
        self._gone.drop(self._gone.of("deal"), self._rows[CREDIT.name], CREDIT.name)
        self._hold()

    def _which(self, which: Which) -> Iterator[list[Unit]]:
        if not self._units.mapped("deal"):
            return
        yield from which.of("deal")
        for keys in chunks(sorted(self._further), CHUNK):
            yield self._units.of_keys("deal", keys)
        for keys in chunks(sorted(self._companies), CHUNK):
            for company in self._units.of_keys("company", keys):
                for side in SIDES:
                    record = company.record(side)
                    ids = which.pointing("deal", side, "company", [record] if record else [])
                    yield self._units.of_records("deal", side, ids)

    def _note_deals_of(self, dead: Dead, which: Which) -> None:
        """A person that is no more takes its touches along."""
        if not self._units.mapped("deal"):
            return
        for side, lost in dead.records.items():
            ids = which.pointing("deal", side, "person", lost)
            self._further.update(unit.key for unit in self._units.of_records("deal", side, ids))

    def _some(self, units: Sequence[Unit]) -> None:
        """Attribute a chunk of deals."""
        cases = self._deals.load(units, self._plan)
        persons = {person.key: person for case in cases for person in case.persons}
        touched = self._touches.of(list(persons.values()))
        for person in persons.values():
            person.touched = touched[person.key]
        known = self._remembered(units)
        attributed, decided = [], []
        for case in cases:
            if case.deal is None:
                continue
            touches = [touch for person in case.persons for touch in touched[person.key].touches]
            each = Attributed(case, self._attributor.attribute(case.deal, touches, self._as_of))
            attributed.append(each)
            decided.append(self._decide(each, *known[case.unit.key]))
        add(self._work, self._plan, self._counts, decided, self._as_of)
        self._credits.add(attributed)

    def _decide(self, deal: Attributed, known: dict[str, Any] | None, stored_as: str | None) -> Decided:
        """The fields of a deal, and what is remembered of it."""
        wanted, unit = Wanted(), deal.case.unit
        wrote = known["wrote"] if known else {}
        want_sourced(wanted, unit, wrote, deal.result, self._attributor)
        if self._carriers.summarised:
            want_summary(wanted, deal.result, self._attributor)
        wanted.due = _next(deal.case)
        only = {name: each.value for some in wanted.only.values() for name, each in some.items()}
        body = {
            "wrote": {name: each.value for name, each in wanted.fields.items()} | only,
            "due": wanted.due.isoformat() if wanted.due else None,
        }
        if body != known or stored_as:
            wanted.standing = body
        return Decided(unit, wanted, wrote, stored_as)

    def _remembered(self, units: Sequence[Unit]) -> dict[str, tuple[dict[str, Any] | None, str | None]]:
        """Deal key -> what is remembered, and the key it is remembered under where that is another one now."""
        names = {unit.key: [unit.key, *unit.own_keys()] for unit in units}
        bodies = self._work.store.standings.get("deal", [name for some in names.values() for name in some])
        found: dict[str, tuple[dict[str, Any] | None, str | None]] = {}
        for key, some in names.items():
            name = next((each for each in some if each in bodies), None)
            found[key] = (bodies[name], name if name != key else None) if name else (None, None)
        return found

    def _hold(self) -> None:
        """Say once for each CRM what has to be installed."""
        holds = [
            identified(
                Action(
                    "",
                    "hold",
                    "attribution",
                    "",
                    side,
                    self._carriers.name(side, CREDIT),
                    None,
                    code=CODE,
                    reason=words,
                )
            )
            for side in SIDES
            if (words := self._carriers.missing(side)) is not None
        ]
        for action in holds:
            self._counts.add(action)
        self._work.store.plans.add(self._plan, holds)


def _next(case: Case) -> datetime | None:
    """When the next touch of a deal's persons counts that still lies ahead."""
    moments = [each.touched.next_at for each in case.persons if each.touched is not None and each.touched.next_at]
    return min(moments, default=None)

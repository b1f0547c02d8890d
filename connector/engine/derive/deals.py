"""Deals as attribution sees them: the facts of both CRMs together, and the persons whose touches count.

Salesforce's word comes first where it has the deal, but the earlier creation is the true one: the second record was
made by a sync.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.engine.derive.contacts import Contacts
from connector.engine.derive.people import People, Person
from connector.engine.derive.rates import ReportingRates
from connector.engine.derive.told import opportunity, planned
from connector.engine.derive.units import Half, Unit, Units
from connector.engine.seams import Work
from connector.model import SIDES, Side
from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_deal import hubspot_deal, salesforce_deal
from connector.revops.attribution_path import Deal
from connector.revops.attribution_time import seconds
from connector.revops.lifecycle import rank
from connector.revops.lifecycle_journey import Journey, from_data


@dataclass(slots=True)
class Case:
    """A deal with its persons; `deal` is None while no CRM says when it was created."""

    unit: Unit
    persons: list[Person]
    deal: Deal | None = None


class Facts:
    """Turns the records of a deal into what is attributed."""

    def __init__(self, work: Work, config: AttributionConfig, rates: ReportingRates) -> None:
        self._config, self._rates = config, rates
        self._currencies: dict[Side, str] = {side: work.store.get(f"currency.{side}") or "" for side in SIDES}

    def of(self, unit: Unit, lead_at: int | None = None) -> Deal | None:
        """One deal once the plan is applied; None without a date of creation."""
        hubspot, salesforce = self._hubspot(unit, lead_at), self._salesforce(unit, lead_at)
        if hubspot is None or salesforce is None:
            return salesforce or hubspot
        same = (hubspot.amount, hubspot.currency) == (salesforce.amount, salesforce.currency)
        return replace(
            salesforce,
            created=min(hubspot.created, salesforce.created),
            reporting=hubspot.reporting if salesforce.reporting is None and same else salesforce.reporting,
        )

    def _hubspot(self, unit: Unit, lead_at: int | None) -> Deal | None:
        half = unit.halves.get("hubspot")
        if half is None:
            return None
        currency = self._currencies["hubspot"] or "EUR"
        raw = planned(half)
        rates = self._rates.of([str(raw.get("deal_currency_code") or currency)])
        return hubspot_deal(unit.key, raw, self._config, currency, lead_at, rates, half.raw)

    def _salesforce(self, unit: Unit, lead_at: int | None) -> Deal | None:
        if "salesforce" not in unit.halves:
            return None
        raw = opportunity(unit)
        other = unit.halves["hubspot"].raw.get("deal_currency_code") if "hubspot" in unit.halves else None
        # An org with one currency does not name it.
        currency = self._currencies["salesforce"] or str(other or self._currencies["hubspot"] or "EUR")
        rates = self._rates.of([str(raw.get("CurrencyIsoCode") or currency)])
        return salesforce_deal(unit.key, raw, self._config, currency, lead_at, rates)


class Deals:
    """Loads a chunk of deals with their persons."""

    def __init__(self, work: Work, units: Units, people: People, config: AttributionConfig, facts: Facts) -> None:
        self._work, self._people, self._facts = work, people, facts
        self._contacts = Contacts(work, units, config)

    def load(self, deals: Sequence[Unit], plan: str) -> list[Case]:
        """The deals of these units, in their order, with what `plan` decides about their persons."""
        wanted = self._contacts.of(deals)
        units = {unit.key: unit for some in wanted.values() for unit in some}
        persons = {each.key: each for each in self._people.load(list(units.values()))}
        journeys = journeys_of(self._work, plan, list(persons.values()))
        cases = []
        for unit in deals:
            mine = [persons[each.key] for each in wanted[unit.key]]
            leads = [at for each in mine if (at := lead_at(each, journeys.get(each.key))) is not None]
            cases.append(Case(unit, mine, self._facts.of(unit, min(leads, default=None))))
        return cases


def lead_at(person: Person, journey: Journey | None) -> int | None:
    """When a person became a lead: by its journey, else when the first record of it was made.

    A time that the journey only infers gives way to an earlier record; who is no lead yet became none.
    """
    stamp = journey.stamps.get("lead") if journey else None
    if stamp is not None and not stamp.inferred:
        return seconds(stamp.at)
    if journey is not None and journey.stage is not None and rank(journey.stage) < rank("lead"):
        return None
    made = [seconds(half.raw.get(column)) for half in person.unit.halves.values() for column in _made(half)]
    later = [seconds(each.at) for each in journey.stamps.values()] if journey else []
    return min((at for at in (*made, *later) if at is not None), default=None)


def journeys_of(work: Work, plan: str, persons: Sequence[Person]) -> dict[str, Journey | None]:
    """Person key -> journey: as a plan decides it, else as it is remembered."""
    found = {person.key: person.memory.journey for person in persons}
    if plan:
        for key, actions in work.store.plans.of_links(plan, list(found), kinds=("decide",)).items():
            for action in actions:
                journey = (action.data or {})["standing"]["journey"]
                found[key] = from_data(journey) if journey else None
    return found


def _made(half: Half) -> tuple[str, ...]:
    """The columns that say when a person's record was made; a contact may have been a lead before."""
    return {"contacts": ("createdate",), "Lead": ("CreatedDate",)}.get(half.shape.vendor_object, ())

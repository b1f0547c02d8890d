"""Which of two CRMs knows whom in generated data, and what dirt there is between them.

Who the people are is decided in `population.py`, how a row is written in `generate_hubspot.py` and
`generate_salesforce.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connector.sandbox.population import Company, Deal, Person, Population, words

Row = dict[str, Any]
HUBSPOT, SALESFORCE = "hubspot", "salesforce"

_DIRT = {
    1: "capitals",
    4: "phone",
    7: "hubspot twin",
    11: "salesforce twin",
    14: "lead and contact",
    17: "blanks",
    20: "country",
    23: "umlauts",
    27: "phone",
    31: "umlauts",
    35: "country",
    38: "umlauts",
}
"""Dirt of each forty persons that both CRMs know, by their place among the forty."""
_CYCLE = 40
_NO_DOMAIN = (12, {HUBSPOT: 5, SALESFORCE: 9})
THOUSAND = 1000
HOME = "49"
"""The country whose numbers are written without it: the region that a new project reads such numbers in."""


class Overlap:
    """A population of which `shared` in a thousand persons are in both CRMs, the others in one, in turn."""

    def __init__(self, population: Population, shared: int, *, dirt: bool) -> None:
        self.all = population
        self._shared = shared
        self._dirt = dirt

    def sides(self, person: int) -> frozenset[str]:
        """The CRMs that know a person."""
        before = person * self._shared // THOUSAND
        if (person + 1) * self._shared // THOUSAND > before:
            return frozenset((HUBSPOT, SALESFORCE))
        return frozenset((SALESFORCE if (person - before) % 2 else HUBSPOT,))

    def dirt_of(self, person: int) -> str | None:
        """The kind of dirt a person shows, if any; only those whom both CRMs know show some."""
        if not self._dirt or len(self.sides(person)) == 1:
            return None
        return _DIRT.get(person * self._shared // THOUSAND % _CYCLE)

    def persons(self, side: str) -> Iterator[Person]:
        """The persons one CRM knows."""
        return (self.all.person(one) for one in range(self.all.persons) if side in self.sides(one))

    def companies(self, side: str) -> Iterator[Company]:
        """A CRM knows the companies of the persons it knows."""
        return (self.all.company(one) for one in range(self.all.companies) if self._knows(side, one))

    def _knows(self, side: str, company: int) -> bool:
        return any(side in self.sides(person) for person in self.all.staff(company))

    def deals(self, side: str) -> Iterator[Deal]:
        """The deals one CRM knows; it knows their company too."""
        return (deal for deal in self.all.deals() if side in self._deal_sides(deal))

    def _deal_sides(self, deal: Deal) -> list[str]:
        sides = [one for one in (HUBSPOT, SALESFORCE) if self._knows(one, deal.company)]
        shared = len(sides) == 1 or deal.share * THOUSAND < self._shared
        return sides if shared else [sides[deal.number % 2]]

    def people_of(self, deal: Deal, side: str) -> list[Person]:
        """Who takes part in a deal as one CRM has it: of a deal that both know, contacts that both know."""
        needed = set(self._deal_sides(deal))
        known = [self.all.person(one) for one in deal.persons if needed <= self.sides(one)]
        leads_too = needed == {HUBSPOT} == {side}  # Salesforce has contact roles, and none for leads
        return [one for one in known if leads_too or self.is_contact(one)]

    def is_contact(self, person: Person) -> bool:
        """Whether Salesforce holds the person as a contact, not as a lead."""
        return person.is_contact or self.dirt_of(person.number) in {"salesforce twin", "lead and contact"}

    def has_domain(self, company: Company, side: str) -> bool:
        """Whether a CRM knows the domain of a company."""
        every, places = _NO_DOMAIN
        return not (self._dirt and company.number % every == places[side])

    def country(self, person: Person, company: Company) -> str:
        """The person's country as Salesforce has it."""
        country: str = company.place["country"]
        if self.dirt_of(person.number) != "country":
            return country
        spellings = words()["countries"][country]
        return str(spellings[person.number % len(spellings)])


def phone(person: Person, style: int) -> str | None:
    """The person's number in one of four ways to write it, of which one is German and leaves the country out."""
    if person.phone is None:
        return None
    code, area, number = person.phone
    international = f"+{code} {area} {number[:4]} {number[4:]}"
    return (
        f"+{code}{area}{number}",
        international,
        f"(0{area}) {number[:3]}-{number[3:]}" if code == HOME else international,
        f"+{code} ({area}) {number}",
    )[style % 4]


def filled(**values: Any) -> Row:
    """A row without the empty ones."""
    return {name: value for name, value in values.items() if value is not None}

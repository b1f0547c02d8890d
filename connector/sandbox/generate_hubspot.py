"""Generated people as HubSpot holds them: rows with property names, values as texts."""

from __future__ import annotations

from collections.abc import Iterator

from connector.sandbox.overlap import HUBSPOT, Overlap, Row, filled, phone
from connector.sandbox.population import Person, words

_CONTACTS, _COMPANIES, _DEALS, _OWNERS = 10_000_000, 500_000_000, 900_000_000, 70_000_000
"""Where the record ids of each object begin."""


class HubSpotRows:
    """The rows of every HubSpot object, made while they are read."""

    def __init__(self, overlap: Overlap) -> None:
        self._overlap = overlap

    def owners(self) -> Iterator[Row]:
        """Owners; their e-mail is that of a Salesforce user."""
        for one in self._overlap.all.owners:
            yield {
                "id": _number(_OWNERS, one.number),
                "email": one.email,
                "firstName": one.first,
                "lastName": one.last,
                "archived": one.left,
            }

    def companies(self) -> Iterator[Row]:
        """Companies."""
        for one in self._overlap.companies(HUBSPOT):
            has_domain = self._overlap.has_domain(one, HUBSPOT)
            yield filled(
                hs_object_id=_number(_COMPANIES, one.number),
                name=one.name,
                domain=one.domain if has_domain else None,
                website=f"https://www.{one.domain}" if has_domain else None,
                industry=one.industry[0],
                phone=one.phone,
                city=one.place["city"],
                zip=one.zip,
                country=one.place["country"],
                numberofemployees=str(one.employees),
                annualrevenue=str(one.revenue),
                hubspot_owner_id=_number(_OWNERS, one.owner),
            )

    def contacts(self) -> Iterator[Row]:
        """Contacts, and behind a doubled one its double, which has no `email` of its own."""
        for one in self._overlap.persons(HUBSPOT):
            row = self._contact(one)
            dirt = self._overlap.dirt_of(one.number)
            if dirt == "blanks":
                row |= {"lastname": one.last + " ", "jobtitle": one.title + "  "}
            yield row
            if dirt == "hubspot twin":
                double = row | {"hs_object_id": _number(_CONTACTS, one.number * 2 + 1), "work_email": one.email}
                del double["email"]
                yield double

    def _contact(self, one: Person) -> Row:
        company = self._overlap.all.company(one.company)
        status, source = words()["lead_statuses"][one.lead_status], words()["lead_sources"][one.source]
        return filled(
            hs_object_id=_number(_CONTACTS, one.number * 2),
            email=one.email,
            firstname=one.first,
            lastname=one.last,
            phone=phone(one, one.phone_style),
            jobtitle=one.title,
            company=company.name,
            city=company.place["city"],
            zip=company.zip,
            country=company.place["country"],
            lifecyclestage=words()["lifecycles"][one.lifecycle],
            hs_lead_status=status[0],
            hs_analytics_source=source[0],
            hubspot_owner_id=_number(_OWNERS, one.owner),
            associatedcompanyid=_number(_COMPANIES, one.company),
        )

    def deals(self) -> Iterator[Row]:
        """Deals of the default pipeline, with the ids of their company and of their contacts."""
        for one in self._overlap.deals(HUBSPOT):
            people = [_number(_CONTACTS, person.number * 2) for person in self._overlap.people_of(one, HUBSPOT)]
            yield filled(
                hs_object_id=_number(_DEALS, one.number),
                dealname=one.name,
                amount=str(one.amount),
                pipeline="default",
                dealstage=words()["stages"][one.stage][0],
                closedate=f"{one.close.isoformat()}T00:00:00Z",
                dealtype=words()["deal_types"][one.type][0],
                hubspot_owner_id=_number(_OWNERS, one.owner),
                associatedcompanyid=_number(_COMPANIES, one.company),
                associatedcontactids=";".join(people) or None,
            )


def _number(first: int, number: int) -> str:
    return str(first + number)

"""Generated people as Salesforce holds them: rows with API names and valid 18-character ids."""

from __future__ import annotations

from collections.abc import Iterator

from connector.sandbox.overlap import SALESFORCE, Overlap, Row, filled, phone
from connector.sandbox.population import MOST_DEALS, Person, plain, words

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class SalesforceRows:
    """The rows of every sObject, made while they are read."""

    def __init__(self, overlap: Overlap) -> None:
        self._overlap = overlap

    def users(self) -> Iterator[Row]:
        """Users; one who has left is inactive."""
        for one in self._overlap.all.owners:
            yield {
                "Id": _id("005", one.number),
                "Username": one.email,
                "Email": one.email,
                "FirstName": one.first,
                "LastName": one.last,
                "Name": f"{one.first} {one.last}",
                "Alias": f"s{one.number + 1}",
                "CommunityNickname": one.email.partition("@")[0],
                "IsActive": not one.left,
            }

    def accounts(self) -> Iterator[Row]:
        """Accounts."""
        for one in self._overlap.companies(SALESFORCE):
            yield filled(
                Id=_id("001", one.number),
                Name=one.name,
                Website=f"https://www.{one.domain}" if self._overlap.has_domain(one, SALESFORCE) else None,
                Industry=one.industry[1],
                Phone=one.phone,
                BillingCity=one.place["city"],
                BillingPostalCode=one.zip,
                BillingCountry=one.place["country"],
                NumberOfEmployees=one.employees,
                AnnualRevenue=one.revenue,
                OwnerId=_id("005", one.owner),
            )

    def leads(self) -> Iterator[Row]:
        """Leads: persons who are no contacts, and some who are one as well."""
        for one in self._overlap.persons(SALESFORCE):
            if not self._overlap.is_contact(one) or self._overlap.dirt_of(one.number) == "lead and contact":
                yield self._lead(one)

    def contacts(self) -> Iterator[Row]:
        """Contacts, and behind a doubled one its double with the same e-mail."""
        for one in self._overlap.persons(SALESFORCE):
            if not self._overlap.is_contact(one):
                continue
            row = self._contact(one)
            yield row
            if self._overlap.dirt_of(one.number) == "salesforce twin":
                yield row | {"Id": _id("003", one.number * 2 + 1), "Email": one.email.upper()}

    def _lead(self, one: Person) -> Row:
        company = self._overlap.all.company(one.company)
        return filled(
            Id=_id("00Q", one.number),
            **self._salesforce_person(one),
            Company=company.name,
            City=company.place["city"],
            PostalCode=company.zip,
            Country=self._overlap.country(one, company),
            Industry=company.industry[1],
            Status=words()["lead_statuses"][one.lead_status][1],
        )

    def _contact(self, one: Person) -> Row:
        company = self._overlap.all.company(one.company)
        return filled(
            Id=_id("003", one.number * 2),
            **self._salesforce_person(one),
            AccountId=_id("001", one.company),
            MailingCity=company.place["city"],
            MailingPostalCode=company.zip,
            MailingCountry=self._overlap.country(one, company),
        )

    def _salesforce_person(self, one: Person) -> Row:
        dirt = self._overlap.dirt_of(one.number)
        spelt = plain if dirt == "umlauts" else str
        return {
            "LastName": spelt(one.last),
            "FirstName": spelt(one.first),
            "Email": one.email.title() if dirt == "capitals" else one.email,
            "Phone": phone(one, one.phone_style + 1 if dirt == "phone" else one.phone_style),
            "Title": one.title,
            "LeadSource": words()["lead_sources"][one.source][1],
            "OwnerId": _id("005", one.owner),
        }

    def opportunities(self) -> Iterator[Row]:
        """Opportunities; stages as in a new org."""
        for one in self._overlap.deals(SALESFORCE):
            yield {
                "Id": _id("006", one.number),
                "Name": one.name,
                "AccountId": _id("001", one.company),
                "Amount": one.amount,
                "StageName": words()["stages"][one.stage][1],
                "CloseDate": one.close.isoformat(),
                "Type": words()["deal_types"][one.type][1],
                "OwnerId": _id("005", one.owner),
            }

    def roles(self) -> Iterator[Row]:
        """The contacts of each opportunity, the first one primary."""
        for deal in self._overlap.deals(SALESFORCE):
            for place, person in enumerate(self._overlap.people_of(deal, SALESFORCE)):
                yield {
                    "Id": _id("00K", deal.number * MOST_DEALS + place),
                    "OpportunityId": _id("006", deal.number),
                    "ContactId": _id("003", person.number * 2),
                    "Role": words()["roles"][(deal.number + place) % len(words()["roles"])],
                    "IsPrimary": place == 0,
                }


def _id(prefix: str, number: int) -> str:
    """A valid 18-character Salesforce id: 15 characters and the checksum of their capitals."""
    serial = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        serial = _DIGITS[digit] + serial
    short = f"{prefix}Gn00{serial:0>8}"
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(_SUFFIX[sum(1 << n for n, c in enumerate(group) if c.isupper())] for group in groups)

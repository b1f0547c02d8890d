"""Demo and benchmark data for both sandboxes: the same made-up people as each CRM would hold them.

Rows carry vendor API names and ids and can be posted to `/_sandbox/load` of the two sandboxes (HubSpot's
`owners` to `/_sandbox/owners`), object by object in the order of the dictionaries. `population.py` decides
who there is, `overlap.py` which CRM knows whom.
"""

from __future__ import annotations

from collections.abc import Iterator

from connector.sandbox.generate_hubspot import HubSpotRows
from connector.sandbox.generate_salesforce import SalesforceRows
from connector.sandbox.overlap import THOUSAND, Overlap, Row
from connector.sandbox.population import Population


def generate(
    persons: int, seed: int, *, overlap: float, dirt: bool
) -> tuple[dict[str, Iterator[Row]], dict[str, Iterator[Row]]]:
    """Rows for HubSpot by object and for Salesforce by sObject, made while they are read.

    Of `persons` people the share `overlap` (counted in thousandths) is known to both CRMs, the others to
    one of them, in turn. Without `dirt` both CRMs say the same about whom they share. With it they show
    what real ones do: capitals, phone formats, country names, trailing blanks and written-out umlauts on
    one side only, doubles, a lead beside a contact, companies without domain, an owner who has left.
    HubSpot allows an address once, so its double has the address as `work_email` alone.

    Raises:
        ValueError: `persons` is negative or `overlap` is not between 0 and 1.
    """
    if persons < 0:
        raise ValueError(f"persons is {persons}: give 0 or more")
    if not 0 <= overlap <= 1:
        raise ValueError(f"overlap is {overlap}: give a share between 0 and 1")
    halves = Overlap(Population(persons, seed, someone_left=dirt), round(overlap * THOUSAND), dirt=dirt)
    hubspot, salesforce = HubSpotRows(halves), SalesforceRows(halves)
    return (
        {
            "owners": hubspot.owners(),
            "companies": hubspot.companies(),
            "contacts": hubspot.contacts(),
            "deals": hubspot.deals(),
        },
        {
            "User": salesforce.users(),
            "Account": salesforce.accounts(),
            "Lead": salesforce.leads(),
            "Contact": salesforce.contacts(),
            "Opportunity": salesforce.opportunities(),
            "OpportunityContactRole": salesforce.roles(),
        },
    )

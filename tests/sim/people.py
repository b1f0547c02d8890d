"""The people who work in both CRMs: they create, edit, convert, merge and delete, at any moment.

Everything they do goes through the vendors' own rules (an e-mail in HubSpot becomes lower case) and into the
world's journal, with who, where, which field, which value, and when.
"""

from __future__ import annotations

from random import Random
from typing import Any, cast

from hubspot_crm import SimHubspot
from salesforce_crm import SimSalesforce
from world import OWNERS, Row, World

from connector.model import Gone, Side

_WORDS = ("Head of Sales", "Buyer", "CTO", "Owner", "Clerk", "", "Assistant")
_CITIES = ("Berlin", "Graz", "Basel", "", "Ulm")
_EDITS: dict[str, dict[str, tuple[str, ...]]] = {
    "contacts": {
        "jobtitle": _WORDS,
        "city": _CITIES,
        "firstname": ("Test", "Sample"),
        "hs_lead_status": ("OPEN", "NEW"),
    },
    "Lead": {"Title": _WORDS, "City": _CITIES, "FirstName": ("Test ", "Sample"), "Status": ("Working", "New")},
    "Contact": {"Title": _WORDS, "MailingCity": _CITIES, "FirstName": (" Test", "Sample")},
    "companies": {"industry": ("Steel", "Glass", ""), "name": ("Example Steel", "Example Glass")},
    "Account": {"Industry": ("Steel", "Glass", ""), "Name": ("Example Iron", "Example Glass ")},
    "deals": {"amount": ("1000", "2500.5"), "dealstage": ("contract", "won")},
    "Opportunity": {"Amount": ("1000", "99"), "StageName": ("Negotiation", "Closed Won")},
}


class People:
    """Everybody who works in the CRMs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hubspot = cast("SimHubspot", world.crms["hubspot"])
        self.salesforce = cast("SimSalesforce", world.crms["salesforce"])

    # --- new records --------------------------------------------------------------------------------------

    def contact(self, who: str, **fields: Any) -> Row:
        """A HubSpot contact of the person `who`, by default with name, company and e-mail address."""
        given = {"email": f"{who}@example.com", "lastname": f"Test-{who.title()}", "company": "Example GmbH"}
        return self._new("hubspot", "contacts", who, {**given, **fields})

    def lead(self, who: str, **fields: Any) -> Row:
        """A Salesforce lead of the person `who`."""
        given = {"Email": f"{who}@example.com", "LastName": f"Test-{who.title()}", "Company": "Example GmbH"}
        return self._new("salesforce", "Lead", who, {**given, **fields})

    def salesforce_contact(self, who: str, **fields: Any) -> Row:
        """A Salesforce contact of the person `who`."""
        given = {"Email": f"{who}@example.com", "LastName": f"Test-{who.title()}"}
        return self._new("salesforce", "Contact", who, {**given, **fields})

    def company(self, name: str, **fields: Any) -> Row:
        """A HubSpot company."""
        return self._new("hubspot", "companies", name, {"name": name, "domain": _domain(name), **fields})

    def account(self, name: str, **fields: Any) -> Row:
        """A Salesforce account."""
        given = {"Name": name, "Website": f"https://www.{_domain(name)}/"}
        return self._new("salesforce", "Account", name.strip(), {**given, **fields})

    def deal(self, name: str, **fields: Any) -> Row:
        """A HubSpot deal."""
        given = {"dealname": name, "amount": "1200", "dealstage": "open", "closedate": "2026-12-31"}
        return self._new("hubspot", "deals", name, {**given, **fields})

    def opportunity(self, name: str, **fields: Any) -> Row:
        """A Salesforce opportunity."""
        given = {"Name": name, "Amount": 1200.0, "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        return self._new("salesforce", "Opportunity", name, {**given, **fields})

    def _new(self, side: Side, vendor_object: str, identity: str, fields: dict[str, Any]) -> Row:
        self.world.sleep(1.3)
        return self.world.crms[side].make(vendor_object, fields, "human", frozenset({identity}))

    # --- what is done to records --------------------------------------------------------------------------

    def edit(self, row: Row, **fields: Any) -> None:
        """Change fields of a record; lists are association lists."""
        crm = self.world.crms[row.side]
        self.world.sleep(1.3)
        if row.gone is not None or row.fields.get("IsConverted"):
            return
        if crm.objection(row, row.vendor_object, fields) is not None:
            return
        lists = {name: value for name, value in fields.items() if isinstance(value, list)}
        for name, ids in lists.items():
            crm.put_list(row, name, ids, "human")
        crm.put(row, {name: value for name, value in fields.items() if name not in lists}, "human")

    def associate(self, row: Row, name: str, *others: Row) -> None:
        """Set an association list."""
        self.edit(row, **{name: [other.id for other in others]})

    def delete(self, row: Row) -> None:
        """Into the recycle bin."""
        self.world.sleep(1.3)
        self.world.crms[row.side].remove(row, Gone(row.side, row.vendor_object, row.id, "deleted"))

    # --- finding, and chance ------------------------------------------------------------------------------

    def of(self, side: Side, vendor_object: str, who: str) -> Row:
        """The one live record of an identity."""
        rows = [row for row in self.world.crms[side].live(vendor_object) if who in row.identities]
        assert len(rows) == 1, f"{len(rows)} live {vendor_object} of {who}"
        return rows[0]

    def meddle(self, random: Random) -> None:
        """Somebody, somewhere, changes something."""
        found = [row for crm in self.world.crms.values() for row in crm.live() if row.vendor_object in _EDITS]
        rows = [row for row in found if not row.fields.get("IsConverted")]
        if not rows:
            return
        row = random.choice(rows)
        if random.random() < 0.15:
            name = "hubspot_owner_id" if row.side == "hubspot" else "OwnerId"
            self.edit(row, **{name: self.world.crms[row.side].owner(random.choice(sorted(OWNERS)))})
            return
        name, values = random.choice(sorted(_EDITS[row.vendor_object].items()))
        self.edit(row, **{name: random.choice(values)})

    def upset(self, random: Random) -> None:
        """Somebody does what cannot be undone: converts, merges or deletes."""
        leads = [row for row in self.salesforce.live("Lead") if not row.fields.get("IsConverted")]
        contacts = self.hubspot.live("contacts")
        kind = random.choice(("convert", "merge here", "merge there", "delete"))
        if kind == "convert" and leads:
            lead = random.choice(leads)
            known = [row for row in self.salesforce.live("Account") if random.random() < 0.3]
            self.salesforce.convert(lead, known[0] if known else None)
        elif kind == "merge here" and len(contacts) > 1:
            self.hubspot.merge(*random.sample(contacts, 2))
        elif kind == "merge there" and len(leads) > 1:
            self.salesforce.merge(*random.sample(leads, 2))
        elif kind == "delete":
            self.delete(random.choice([*leads, *contacts, *self.hubspot.live("deals")]))


def _domain(name: str) -> str:
    return f"{name.strip().lower()}.example"

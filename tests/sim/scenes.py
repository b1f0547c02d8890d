"""The moments that are worth a run: each function leaves a stage just before it.

Small on purpose: every scene is replayed once for every strike at every boundary of its run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stage import Stage
from world import Row

from connector.model import Refused

Act = Callable[[Stage], None]


def known(stage: Stage) -> None:
    """A lead and a contact pair, a company pair and a deal pair that are in step."""
    people = stage.people
    company = people.company("Acme", industry="Steel")
    people.account("Acme", Industry="Steel")
    stage.run()
    contact = people.contact("ann", jobtitle="Buyer", city="Ulm", firstname="Ann")
    people.associate(contact, "associations.companies", company)
    people.contact("ben", jobtitle="Clerk", city="Graz", firstname="Ben", hs_lead_status="NEW")
    people.deal("Press", **{"associations.companies": [company.id], "associations.contacts": [contact.id]})
    found = stage.settle()
    assert not found, found


def first_sync(stage: Stage) -> None:
    """Both sides have lived alone: some are on both, equal or not, some on one side only."""
    people = stage.people
    acme = people.company("Acme", industry="Steel")
    people.account("Acme ", Industry="Iron")
    ann = people.contact("ann", jobtitle="Buyer", firstname="Ann")
    people.associate(ann, "associations.companies", acme)
    people.salesforce_contact("ann", Email="ANN@example.com", Title="Head of Buying", FirstName="Ann")
    people.contact("ben", jobtitle="", city="Graz")
    people.lead("ben", Title="Clerk", OwnerId=stage.salesforce.owner("bob"))
    people.contact("cleo")
    people.lead("dora", City="Ulm")
    people.opportunity("Press")


def one_side(stage: Stage) -> None:
    """Edits that only have to travel."""
    known(stage)
    people = stage.people
    people.edit(people.of("hubspot", "contacts", "ann"), jobtitle="Head of Buying", city="Basel")
    people.edit(people.of("salesforce", "Lead", "ben"), Title="  CTO ", Email="Ben@Example.com")
    people.edit(people.of("salesforce", "Account", "Acme"), Name="Acme Steel")
    people.edit(people.of("hubspot", "deals", "Press"), amount="1500.50", dealstage="contract")
    people.contact("cleo")


def both_sides(stage: Stage) -> None:
    """The same fields edited on both sides: equally, and differently under each winner."""
    known(stage)
    people = stage.people
    ann, ann_too = people.of("hubspot", "contacts", "ann"), people.of("salesforce", "Contact", "ann")
    people.edit(ann, jobtitle="CTO", city="Berlin", lastname="Test-Left", firstname="Early")
    people.edit(ann_too, Title="CTO", MailingCity="Basel", LastName="Test-Right", FirstName="Later")
    ben, ben_too = people.of("hubspot", "contacts", "ben"), people.of("salesforce", "Lead", "ben")
    people.edit(ben_too, Title="Assistant", FirstName="Early", Status="Working")
    people.edit(ben, jobtitle="Owner", firstname="Later", hs_lead_status="UNQUALIFIED")


def chosen(stage: Stage) -> None:
    """A conflict was answered by a person; another one changed meanwhile and must be asked again."""
    both_sides(stage)
    people = stage.people
    people.edit(people.of("hubspot", "contacts", "ann"), jobtitle="Owner")
    stage.later()
    for conflict in stage.store.conflicts.list("open"):
        stage.store.conflicts.resolve(conflict.number, "salesforce")
    people.edit(people.of("hubspot", "contacts", "ben"), jobtitle="Buyer")


def conversion(stage: Stage) -> None:
    """A lead becomes a contact with a new account and an opportunity, while HubSpot is edited."""
    known(stage)
    people = stage.people
    people.edit(people.of("hubspot", "contacts", "ben"), jobtitle="Head of Sales")
    people.edit(people.of("salesforce", "Lead", "ben"), City="Wien")
    stage.salesforce.convert(people.of("salesforce", "Lead", "ben"), None, deal="Lathe")


def conversion_known(stage: Stage) -> None:
    """A lead is converted into the account that is linked already; its company in HubSpot is the same one."""
    known(stage)
    people = stage.people
    ben = people.of("hubspot", "contacts", "ben")
    people.associate(ben, "associations.companies", people.of("hubspot", "companies", "Acme"))
    account = people.of("salesforce", "Account", "Acme")
    contact, _, _ = stage.salesforce.convert(people.of("salesforce", "Lead", "ben"), account)
    people.edit(contact, Title="Partner")


def hubspot_merge(stage: Stage) -> None:
    """Two linked contacts become one in HubSpot, and two companies of which one is linked."""
    known(stage)
    people = stage.people
    spare = people.company("Acme-Two", domain="")
    ann, ben = people.of("hubspot", "contacts", "ann"), people.of("hubspot", "contacts", "ben")
    merged = stage.hubspot.merge(ann, ben)
    people.edit(merged, jobtitle="Head of Sales")
    stage.hubspot.merge(spare, people.of("hubspot", "companies", "Acme"))


def salesforce_merge(stage: Stage) -> None:
    """Two linked leads become one in Salesforce."""
    known(stage)
    people = stage.people
    people.contact("cleo", jobtitle="Owner")
    stage.later()
    master, loser = people.of("salesforce", "Lead", "ben"), people.of("salesforce", "Lead", "cleo")
    stage.salesforce.merge(master, loser)
    people.edit(people.of("hubspot", "contacts", "cleo"), jobtitle="Clerk")
    people.edit(master, Title="Partner")


def newborn(stage: Stage) -> None:
    """Company, person and deal that refer to each other are born together, on either side."""
    known(stage)
    people = stage.people
    company = people.company("Bolt")
    cleo = people.contact("cleo")
    people.associate(cleo, "associations.companies", company)
    people.deal("Drill", **{"associations.companies": [company.id], "associations.contacts": [cleo.id]})
    account = people.account("Crane")
    dora = people.salesforce_contact("dora", AccountId=account.id)
    people.opportunity("Hoist", AccountId=account.id, OpportunityContactRoles=[dora.id])


def duplicates(stage: Stage) -> None:
    """The same person twice in Salesforce, new and beside a linked one."""
    known(stage)
    people = stage.people
    people.contact("cleo")
    people.lead("cleo", Title="Owner")
    people.salesforce_contact("cleo", Title="Buyer")
    people.lead("ben", Title="Owner")


def _no_nobles(_row: Row | None, vendor_object: str, fields: Mapping[str, Any]) -> Refused | None:
    """An admin's validation rule."""
    if fields.get("FirstName") == "Count":
        return Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", f"{vendor_object}: no titles in the first name")
    return None


def refused(stage: Stage) -> None:
    """Records that Salesforce will not take, among others that it takes; some are locked for now."""
    known(stage)
    stage.salesforce.rule = _no_nobles
    stage.salesforce.locked_every = 3
    people = stage.people
    people.edit(people.of("hubspot", "contacts", "ann"), firstname="Count", jobtitle="Owner")
    people.edit(people.of("hubspot", "contacts", "ben"), jobtitle="Owner")
    people.contact("cleo", lastname="Test-" + "x" * 60)
    people.contact("dora")
    people.edit(people.of("hubspot", "companies", "Acme"), industry="Glass")
    people.contact("emil", lastname="")


def blanks(stage: Stage) -> None:
    """Emptied fields, where a blank travels and where it does not."""
    known(stage)
    people = stage.people
    people.edit(people.of("hubspot", "contacts", "ann"), jobtitle="", city="")
    people.edit(people.of("salesforce", "Lead", "ben"), Title=None, City=None)
    people.edit(people.of("hubspot", "companies", "Acme"), industry="")


def refilled(stage: Stage) -> None:
    """A kept blank is filled again, on the full side and on the empty one; another field is emptied on both."""
    blanks(stage)
    stage.later()
    people = stage.people
    people.edit(people.of("salesforce", "Contact", "ann"), Title="Partner")
    people.edit(people.of("salesforce", "Lead", "ben"), Title="Partner")
    people.edit(people.of("hubspot", "deals", "Press"), amount="")
    people.edit(people.of("salesforce", "Opportunity", "Press"), Amount=None)


def owners(stage: Stage) -> None:
    """Records change hands on either side."""
    known(stage)
    people = stage.people
    people.edit(people.of("hubspot", "contacts", "ann"), hubspot_owner_id=stage.hubspot.owner("bob"))
    people.edit(people.of("salesforce", "Account", "Acme"), OwnerId=stage.salesforce.owner("cid"))
    people.contact("cleo", hubspot_owner_id=stage.hubspot.owner("cid"))


def deleted(stage: Stage) -> None:
    """Records are deleted on either side while their counterparts are edited: nothing follows."""
    known(stage)
    people = stage.people
    people.delete(people.of("salesforce", "Lead", "ben"))
    people.edit(people.of("hubspot", "contacts", "ben"), jobtitle="Owner")
    people.delete(people.of("hubspot", "deals", "Press"))
    people.edit(people.of("salesforce", "Opportunity", "Press"), Amount=77.0)


def drift(stage: Stage) -> None:
    """Edits against the direction: one is put back, one is left."""
    known(stage)
    people = stage.people
    ann = people.of("hubspot", "contacts", "ann")
    people.edit(ann, revloop_score="40")
    stage.later()
    people.edit(people.of("salesforce", "Contact", "ann"), Score__c=99)
    people.edit(people.of("salesforce", "Lead", "ben"), Company="Somewhere else")


def references(stage: Stage) -> None:
    """A person changes the company, a deal its contacts, on both sides."""
    known(stage)
    people = stage.people
    bolt = people.company("Bolt")
    stage.later()
    people.associate(people.of("hubspot", "contacts", "ann"), "associations.companies", bolt)
    cleo = people.salesforce_contact("cleo", AccountId=people.of("salesforce", "Account", "Bolt").id)
    press = people.of("salesforce", "Opportunity", "Press")
    people.associate(press, "OpportunityContactRoles", cleo, people.of("salesforce", "Contact", "ann"))


def at_once(stage: Stage) -> None:
    """Runs follow each other faster than HubSpot's index."""
    stage.pause = 1.0
    known(stage)
    people = stage.people
    people.edit(people.of("salesforce", "Contact", "ann"), Title="Partner")
    stage.run()
    people.edit(people.of("hubspot", "contacts", "ann"), city="Basel")
    people.edit(people.of("salesforce", "Lead", "ben"), City="Basel")
    stage.run()
    people.edit(people.of("salesforce", "Contact", "ann"), Title="Head of Sales")


def bulk(stage: Stage) -> None:
    """Salesforce takes everything as bulk jobs that go on without us."""
    one_side(stage)
    stage.salesforce.bulk = True
    stage.people.contact("dora")


SCENES: dict[str, Act] = {
    act.__name__: act
    for act in (
        first_sync,
        one_side,
        both_sides,
        chosen,
        conversion,
        conversion_known,
        hubspot_merge,
        salesforce_merge,
        newborn,
        duplicates,
        refused,
        blanks,
        refilled,
        owners,
        deleted,
        drift,
        references,
        at_once,
        bulk,
    )
}

"""What a fresh org holds: one organisation, its users, statuses of leads and tasks, opportunity stages, a queue.

Statuses and stages are those of a new Developer org.
"""

from __future__ import annotations

from connector.sandbox.salesforce import ids, profiles
from connector.sandbox.salesforce.batch import Actor, Batch, Layouts, Settings
from connector.sandbox.salesforce.schema import Field
from connector.sandbox.salesforce.store import Row, Store, known

ORG_ID = ids.to18("00DSb0000000001")
ADMIN_ID = ids.to18("005Sb0000000001")
INTEGRATION_ID = ids.to18("005Sb0000000002")
EXTERNAL_ID = "Revloop_HubSpot_Id__c"
_USERS = (
    (ADMIN_ID, "Sandbox", "Admin", "admin", profiles.ADMINISTRATOR),
    (INTEGRATION_ID, "revloop", "integration", "integration", profiles.SETUP),
    (ids.to18("005Sb0000000003"), "Sanna", "Sales", "sanna.sales", profiles.STANDARD),
    (ids.to18("005Sb0000000004"), "Stefan", "Sales", "stefan.sales", profiles.STANDARD),
)
_LEAD_STATUSES = (
    "Open - Not Contacted",
    "Working - Contacted",
    "Closed - Converted",
    "Closed - Not Converted",
)
_TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")
_STAGES = (
    ("Prospecting", 10, "Pipeline"),
    ("Qualification", 10, "Pipeline"),
    ("Needs Analysis", 20, "Pipeline"),
    ("Value Proposition", 50, "Pipeline"),
    ("Id. Decision Makers", 60, "Pipeline"),
    ("Perception Analysis", 70, "Pipeline"),
    ("Proposal/Price Quote", 75, "Pipeline"),
    ("Negotiation/Review", 90, "Pipeline"),
    ("Closed Won", 100, "Closed"),
    ("Closed Lost", 0, "Omitted"),
)


def seed(store: Store, *, bare: bool) -> None:
    """Fill an empty store; unless `bare`, also create the external id field on the four synced objects."""
    batch = Batch(store, Layouts(store), Settings(), Actor(ADMIN_ID), store.stamp())
    if store.db.execute("SELECT 1 FROM Organization").fetchone():
        _give_profiles(batch)
        _give_task_statuses(batch)
        return
    _make(batch, "Organization", _organization())
    for number, first, last, name, _ in _USERS:
        _make(batch, "User", user(number, first, last, f"{name}@revloop-sandbox.example"))
    _give_profiles(batch)
    for place, name in enumerate(_LEAD_STATUSES, 1):
        status = {"MasterLabel": name, "ApiName": name, "SortOrder": place, "IsDefault": int(place == 1)}
        _make(batch, "LeadStatus", {**status, "IsConverted": int(name == "Closed - Converted")})
    _give_task_statuses(batch)
    for place, (name, probability, category) in enumerate(_STAGES, 1):
        _make(batch, "OpportunityStage", _stage(place, name, probability, category))
    _make(batch, "Group", {"Name": "Inbound leads", "DeveloperName": "Inbound_leads", "Type": "Queue"})
    for name in () if bare else ("Lead", "Contact", "Account", "Opportunity"):
        store.add_field(known(store.schema, name), _external_id())


def _give_task_statuses(batch: Batch) -> None:
    """Make the statuses of tasks; a sandbox of an older version has none."""
    if batch.store.db.execute("SELECT 1 FROM TaskStatus").fetchone():
        return
    for place, name in enumerate(_TASK_STATUSES, 1):
        status = {"MasterLabel": name, "ApiName": name, "SortOrder": place, "IsDefault": int(place == 1)}
        _make(batch, "TaskStatus", {**status, "IsClosed": int(name == "Completed")})


def _give_profiles(batch: Batch) -> None:
    """Make the profiles and put every user that has none under one; a sandbox of an older version has none."""
    profiles.create_missing(batch)
    own = {number: profile for number, _, _, _, profile in _USERS}
    for (number,) in batch.store.db.execute('SELECT Id FROM "User" WHERE ProfileId IS NULL').fetchall():
        profiles.give(batch, number, own.get(number, profiles.STANDARD))


def user(number: str | None, first: str, last: str, email: str) -> Row:
    """A user's row with what the org itself fills in."""
    alias = email.split("@", maxsplit=1)[0]
    return {
        "Id": number,
        "Username": email,
        "Email": email,
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}".strip(),
        "Alias": alias.replace(".", "")[:8],
        "CommunityNickname": alias[:40],
        "UserType": "Standard",
    }


def _make(batch: Batch, name: str, row: Row) -> None:
    batch.fresh(known(batch.store.schema, name), row)


def _organization() -> Row:
    return {
        "Id": ORG_ID,
        "Name": "revloop sandbox",
        "Country": "DE",
        "PrimaryContact": "Sandbox Admin",
        "DefaultLocaleSidKey": "de_DE_EURO",
        "FiscalYearStartMonth": 1,
        "OrganizationType": "Developer Edition",
        "InstanceName": "SANDB",
        "SignupCountryIsoCode": "DE",
    }


def _stage(place: int, name: str, probability: int, category: str) -> Row:
    return {
        "MasterLabel": name,
        "ApiName": name,
        "IsActive": 1,
        "SortOrder": place,
        "IsClosed": int(name.startswith("Closed")),
        "IsWon": int(name == "Closed Won"),
        "ForecastCategory": category,
        "ForecastCategoryName": category,
        "DefaultProbability": float(probability),
    }


def _external_id() -> Field:
    return Field(
        EXTERNAL_ID,
        "HubSpot Id",
        "string",
        length=64,
        custom=True,
        unique=True,
        external_id=True,
        id_lookup=True,
    )

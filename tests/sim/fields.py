"""The fields that the simulated portal and org have: types, defaults, limits.

Only what the simulation's mappings use. The names are the vendors' own; the two `revloop` fields are the stamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connector.model import FieldInfo, Side
from connector.revops.carriers import CARRIERS, Carrier, CarrierField, hubspot_field, salesforce_field

Kind = Literal["text", "email", "number", "enum", "date", "owner", "lookup", "many", "stamp"]

STAMPS: dict[Side, str] = {"hubspot": "revloop_salesforce_id", "salesforce": "Revloop_HubSpot_Id__c"}


@dataclass(frozen=True, slots=True)
class Spec:
    """One vendor field: `target` is the vendor object that a lookup or an association points to."""

    kind: Kind = "text"
    required: bool = False
    default: str | None = None
    length: int | None = None
    options: tuple[str, ...] | None = None
    target: str | None = None

    def info(self, name: str) -> FieldInfo:
        """What `Crm.describe` says of it."""
        return FieldInfo(
            name=name,
            type=self.kind,
            writable=True,
            createable=True,
            unique=self.kind == "stamp",
            required=self.required,
            length=self.length,
            options=self.options,
            restricted=self.options is not None,
            default=self.default,
        )


_LEAD_STATUSES = ("New", "Working", "Unqualified")
_STAGES = ("Prospecting", "Negotiation", "Closed Won")
FIRST_USER, QUEUE = "0051", "00G1"
STAGE = "lifecyclestage"
STAGES = (
    *("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist"),
    "other",
)
"""HubSpot's own stages in their order."""

SPECS: dict[Side, dict[str, dict[str, Spec]]] = {
    "hubspot": {
        "contacts": {
            "email": Spec("email"),
            "firstname": Spec(),
            "lastname": Spec(),
            "jobtitle": Spec(),
            "city": Spec(),
            "company": Spec(),
            "hs_lead_status": Spec("enum", options=("NEW", "OPEN", "IN_PROGRESS", "UNQUALIFIED", "BAD_TIMING")),
            STAGE: Spec("enum", options=STAGES),
            "revloop_score": Spec("number"),
            "hubspot_owner_id": Spec("owner"),
            "associations.companies": Spec("many", target="companies"),
            "revloop_salesforce_id": Spec("stamp"),
        },
        "companies": {
            "name": Spec(),
            "domain": Spec(),
            "industry": Spec(),
            "hubspot_owner_id": Spec("owner"),
            "revloop_salesforce_id": Spec("stamp"),
        },
        "deals": {
            "dealname": Spec(),
            "amount": Spec("number"),
            "dealstage": Spec("enum", options=("open", "contract", "won")),
            "closedate": Spec("date"),
            "hubspot_owner_id": Spec("owner"),
            "associations.companies": Spec("many", target="companies"),
            "associations.contacts": Spec("many", target="contacts"),
            "revloop_salesforce_id": Spec("stamp"),
        },
    },
    "salesforce": {
        "Lead": {
            "Email": Spec("email"),
            "FirstName": Spec(),
            "LastName": Spec(required=True, length=40),
            "Title": Spec(length=40),
            "City": Spec(),
            "Company": Spec(required=True),
            "Status": Spec("enum", default="New", options=_LEAD_STATUSES),
            "Score__c": Spec("number"),
            "OwnerId": Spec("owner", default=FIRST_USER),
            "Revloop_HubSpot_Id__c": Spec("stamp"),
        },
        "Contact": {
            "Email": Spec("email"),
            "FirstName": Spec(),
            "LastName": Spec(required=True, length=40),
            "Title": Spec(length=40),
            "MailingCity": Spec(),
            "Score__c": Spec("number"),
            "AccountId": Spec("lookup", target="Account"),
            "OwnerId": Spec("owner", default=FIRST_USER),
            "Revloop_HubSpot_Id__c": Spec("stamp"),
        },
        "Account": {
            "Name": Spec(required=True),
            "Website": Spec(),
            "Industry": Spec(),
            "OwnerId": Spec("owner", default=FIRST_USER),
            "Revloop_HubSpot_Id__c": Spec("stamp"),
        },
        "Opportunity": {
            "Name": Spec(required=True),
            "Amount": Spec("number"),
            "StageName": Spec("enum", required=True, options=_STAGES),
            "CloseDate": Spec("date", required=True),
            "AccountId": Spec("lookup", target="Account"),
            "OwnerId": Spec("owner", default=FIRST_USER),
            "OpportunityContactRoles": Spec("many", target="Contact"),
            "Revloop_HubSpot_Id__c": Spec("stamp"),
        },
    },
}

CUSTOM: dict[Side, dict[str, str]] = {
    "hubspot": {carrier.hubspot("revops_"): f"2-{number}" for number, carrier in enumerate(CARRIERS, 1)},
    "salesforce": {(name := carrier.salesforce("RevOps_")): name for carrier in CARRIERS},
}
"""The connector's own objects as an admin installs them: name -> what the port takes as object."""


def _of_hubspot(carrier: Carrier) -> dict[str, Spec]:
    """The properties of a custom object, and its associations."""
    specs = {hubspot_field(one.name, "revops_"): _spec(one) for one in carrier.fields}
    targets = {"person": "contacts", "deal": "deals", "touchpoint": CUSTOM["hubspot"]["revops_touchpoint"]}
    ends = [targets[reference.to] for reference in carrier.references if reference.to in targets]
    return {**specs, **{f"associations.{end}": Spec("many", target=end) for end in ends}}


def _of_salesforce(carrier: Carrier) -> dict[str, Spec]:
    """The fields of a custom object, and its lookups; campaigns are no records here."""
    specs = {salesforce_field(one.name): _spec(one) for one in carrier.fields}
    for target, lookup in (each for reference in carrier.references for each in reference.salesforce):
        specs[lookup] = Spec() if target == "Campaign" else Spec("lookup", target=target)
    return specs


def _spec(one: CarrierField) -> Spec:
    number = one.kind in ("integer", "percent", "money")
    return Spec("stamp" if one.kind == "key" else "number" if number else "text", required=one.kind == "key")


for _carrier in CARRIERS:
    SPECS["hubspot"][CUSTOM["hubspot"][_carrier.hubspot("revops_")]] = _of_hubspot(_carrier)
    SPECS["salesforce"][_carrier.salesforce("RevOps_")] = _of_salesforce(_carrier)

TRACES: dict[Side, tuple[str, ...]] = {
    "hubspot": ("hs_merged_object_ids",),
    "salesforce": (
        "IsDeleted",
        "MasterRecordId",
        "IsConverted",
        "ConvertedContactId",
        "ConvertedAccountId",
        "ConvertedOpportunityId",
    ),
}

"""What two CRMs hold of the same people, companies and deals, in words that can be compared.

It reads the sandboxes' own dumps and does its own conversions, so that a mistake of revloop's cannot hide in them.
Pairs are known by the stamp that one of the two records carries; a pair is called by its Salesforce id.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import yaml

BERLIN = ZoneInfo("Europe/Berlin")
STAMPS = "revloop_salesforce_id", "Revloop_HubSpot_Id__c"
SAME_COUNTRY = {"Korea": "South Korea"}
OBJECTS = {"company": ("companies", "Account"), "person": ("contacts", "Contact"), "deal": ("deals", "Opportunity")}
COLUMNS = {
    "company": {
        "name": ("text", "name", "Name"),
        "domain": ("domain", "domain", "Website"),
        "phone": ("phone", "phone", "Phone"),
        "street": ("text", "address", "BillingStreet"),
        "postal_code": ("text", "zip", "BillingPostalCode"),
        "city": ("text", "city", "BillingCity"),
        "state": ("text", "state", "BillingState"),
        "country": ("country", "country", "BillingCountry"),
        "employees": ("number", "numberofemployees", "NumberOfEmployees"),
        "revenue": ("number", "annualrevenue", "AnnualRevenue"),
        "description": ("text", "description", "Description"),
        "owner": ("owner", "hubspot_owner_id", "OwnerId"),
    },
    "person": {
        "email": ("text", "email", "Email"),
        "first_name": ("text", "firstname", "FirstName"),
        "last_name": ("text", "lastname", "LastName"),
        "job_title": ("text", "jobtitle", "Title"),
        "phone": ("phone", "phone", "Phone"),
        "mobile": ("phone", "mobilephone", "MobilePhone"),
        "street": ("text", "address", "MailingStreet"),
        "postal_code": ("text", "zip", "MailingPostalCode"),
        "city": ("text", "city", "MailingCity"),
        "state": ("text", "state", "MailingState"),
        "country": ("country", "country", "MailingCountry"),
        "owner": ("owner", "hubspot_owner_id", "OwnerId"),
        "company": ("company", "companies", "AccountId"),
    },
    "deal": {
        "name": ("text", "dealname", "Name"),
        "amount": ("number", "amount", "Amount"),
        "close_date": ("date", "closedate", "CloseDate"),
        "stage": ("stage", "dealstage", "StageName"),
        "next_step": ("text", "hs_next_step", "NextStep"),
        "description": ("text", "description", "Description"),
        "owner": ("owner", "hubspot_owner_id", "OwnerId"),
        "company": ("company", "companies", "AccountId"),
        "contacts": ("contacts", "contacts", None),
    },
}
"""Every line of the default mappings (for Salesforce contacts): how it is compared, and its two names."""


@dataclass
class Picture:
    """Both sides at one moment: `hubspot` and `salesforce` are object -> pair -> field -> value, empty ones left out.

    `ids` are object -> pair -> HubSpot id; `strangers` the HubSpot records that belong to no Salesforce record.
    """

    hubspot: dict = field(default_factory=dict)
    salesforce: dict = field(default_factory=dict)
    ids: dict = field(default_factory=dict)
    strangers: list = field(default_factory=list)

    def differences(self):
        """Every (object, pair, field) in which the sides differ; a record that one side lacks differs in all."""
        return {
            (object_, pair, name)
            for object_ in OBJECTS
            for pair in self.hubspot[object_].keys() | self.salesforce[object_].keys()
            for name in COLUMNS[object_]
            if self.hubspot[object_].get(pair, {}).get(name, "nothing") !=
            self.salesforce[object_].get(pair, {}).get(name, "nothing")
        } | {
            (object_, pair, "")
            for object_ in OBJECTS
            for pair in self.hubspot[object_].keys() ^ self.salesforce[object_].keys()
        }  # fmt: skip


def picture(pair):
    """Read both CRMs."""
    stages = _stages(pair.folder)
    seen = Picture()
    owners, users = pair.owners(), {id_: row["Email"] for id_, row in pair.salesforce_records("User").items()}
    roles = {}
    for row in pair.salesforce_records("OpportunityContactRole").values():
        roles.setdefault(row["OpportunityId"], set()).add(row["ContactId"])
    stamped = {}
    for object_, (plural, sobject) in OBJECTS.items():
        found, others = pair.hubspot_records(plural), pair.salesforce_records(sobject)
        carriers = {row[STAMPS[1]]: id_ for id_, row in others.items()}
        ids = {id_: row["properties"].get(STAMPS[0]) or carriers.get(id_) for id_, row in found.items()}
        stamped[plural] = {id_: other for id_, other in ids.items() if other}
        seen.strangers += [(plural, id_) for id_ in ids if id_ not in stamped[plural]]
        seen.ids[object_] = {other: id_ for id_, other in stamped[plural].items()}
        assert len(seen.ids[object_]) == len(stamped[plural]), "two HubSpot records for one of Salesforce"
        seen.hubspot[object_] = {
            other: _hubspot(object_, found[id_], owners, stamped) for id_, other in stamped[plural].items()
        }
        seen.salesforce[object_] = {
            id_: _salesforce(object_, row, users, stages, roles.get(id_)) for id_, row in others.items()
        }
    return seen


def _hubspot(object_, row, owners, stamped):
    values = {}
    for name, (kind, column, _) in COLUMNS[object_].items():
        raw = row["properties"].get(column)
        if kind == "company":
            linked = row["associations"].get("companies", {})
            # Type 1 is a contact's primary company, type 5 a deal's.
            value = next((stamped["companies"].get(id_) for id_, types in linked.items() if {1, 5} & set(types)), None)
        elif kind == "contacts":
            value = {stamped["contacts"].get(id_) for id_ in row["associations"].get("contacts", {})}
        elif kind == "owner":
            value = owners[raw] if raw else None
        elif kind == "date":
            value = datetime.fromisoformat(raw).astimezone(BERLIN).date().isoformat() if raw else None
        else:
            value = _plain(kind, raw)
        if value not in (None, set()):
            values[name] = value
    return values


def _salesforce(object_, row, users, stages, roles):
    values = {}
    for name, (kind, _, column) in COLUMNS[object_].items():
        raw = row[column] if column else roles
        if kind == "owner":
            value = users[raw]
        elif kind == "stage":
            value = stages[raw]
        elif kind in {"company", "contacts", "date"}:
            value = raw
        else:
            value = _plain(kind, raw)
        if value not in (None, set()):
            values[name] = value
    return values


def _plain(kind, raw):
    if raw in (None, ""):
        return None
    if kind == "number":
        return Decimal(str(raw)).normalize()
    if kind == "phone":
        return re.sub(r"[^+0-9]", "", raw)
    if kind == "domain":
        return re.sub(r"^(https?://)?(www\.)?", "", raw)
    return SAME_COUNTRY.get(raw, raw) if kind == "country" else raw


def _stages(folder):
    """Salesforce stage -> HubSpot stage, as the mapping file says."""
    mapping = yaml.safe_load((folder / "mappings" / "deal.yaml").read_text())
    values = next(line["values"] for line in mapping["fields"] if line["name"] == "stage")
    return {
        stage: hubspot
        for hubspot, several in values.items()
        for stage in ([several] if isinstance(several, str) else several)
    }

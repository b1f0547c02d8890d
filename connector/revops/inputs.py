"""What the rules read of the CRMs' own properties: nobody has to list them in a mapping file.

They are mirrored raw, under their vendor names, beside the mapped fields, and only where the CRM has them; they are
never written or compared. What a rule asks of a person by name (`employees`, `hard_bounce`) is looked for among the
mapping's fields first, and then here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connector.model import ROLE_NAMES, Values
from connector.revops.agreement import Agreement
from connector.revops.fields import PREFIX
from connector.revops.lifecycle import HUBSPOT_ORDER, Lifecycle
from connector.revops.scoring_config import PERSON_FIELDS, ScoringConfig
from connector.revops.scoring_values import yes

Raw = Mapping[str, Any]
Names = Mapping[str, tuple[str, ...]]
"""Vendor object -> properties."""

Place = tuple[str, str]
"""Vendor object, property."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a CRM knows of a person without a mapping line; a `flag` is set when any place says so, or holds anything.

    The first place with a value gives the answer: HubSpot before Salesforce, the company before the person.
    """

    name: str
    places: tuple[Place, ...]
    flag: bool = False

    def of(self, records: Mapping[str, Raw]) -> str | None:
        """The answer of a person's records and those of the company, by vendor object; None where it is unknown."""
        values = (records.get(vendor_object, {}).get(name) for vendor_object, name in self.places)
        if self.flag:
            return "true" if any(value is not None and yes(value) for value in values) else None
        return next((str(value) for value in values if value is not None and value != ""), None)


FACTS = {
    fact.name: fact
    for fact in (
        Fact(
            "employees",
            (
                ("companies", "numberofemployees"),
                ("Account", "NumberOfEmployees"),
                ("contacts", "numemployees"),
                ("contacts", "company_size"),
                ("Lead", "NumberOfEmployees"),
            ),
        ),
        Fact(
            "industry",
            (("companies", "industry"), ("Account", "Industry"), ("contacts", "industry"), ("Lead", "Industry")),
        ),
        Fact(
            "country",
            (("contacts", "hs_country_region_code"), ("Contact", "MailingCountryCode"), ("Lead", "CountryCode")),
        ),
        Fact("email", (("contacts", "email"), ("Contact", "Email"), ("Lead", "Email"))),
        Fact("job_title", (("contacts", "jobtitle"), ("Contact", "Title"), ("Lead", "Title"))),
        Fact("seniority", (("contacts", "hs_seniority"), ("contacts", "seniority"))),
        Fact(
            "unsubscribed_all",
            (
                ("contacts", "hs_email_optout"),
                ("Contact", "HasOptedOutOfEmail"),
                ("Lead", "HasOptedOutOfEmail"),
            ),
            flag=True,
        ),
        Fact(
            "hard_bounce",
            (
                ("contacts", "hs_email_hard_bounce_reason_enum"),
                ("Contact", "EmailBouncedDate"),
                ("Lead", "EmailBouncedDate"),
            ),
            flag=True,
        ),
    )
}
"""The facts of domain §1.1 that both vendors keep in properties of their own."""

COMPUTED = ("title_class", "email_class", "competitor_domain")
"""What the scoring works out itself, from title, address and lists."""

_CLOSED_DEALS: Names = {
    "deals": ("createdate", "closedate", "hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost"),
    "Opportunity": ("CreatedDate", "CloseDate", "IsClosed", "IsWon"),
}
_STAGE_CHANGES: Names = {"deals": ("hs_v2_date_entered_current_stage",), "Opportunity": ("LastStageChangeDate",)}
"""When a deal came into its stage: of a closed one, when it was won or lost."""
_LIFECYCLE: Names = {
    "contacts": ("lifecyclestage", "hs_lead_status", "createdate", "hubspot_owner_assigneddate", "hs_object_source"),
    "companies": ("lifecyclestage",),
    "Lead": ("Status", "CreatedDate", "ConvertedDate"),
    "Contact": ("CreatedDate",),
    "Account": ("IsPersonAccount",),
}
_REJECTION: Names = {
    "contacts": (
        "hs_lead_status",
        "hubspot_owner_id",
        "hubspot_owner_assigneddate",
        "hs_analytics_source",
        "hs_analytics_source_data_1",
        "hs_analytics_source_data_2",
        "hs_analytics_first_touch_converting_campaign",
    ),
    "Lead": ("Status", "OwnerId", "LastTransferDate", "LeadSource"),
    "Contact": ("OwnerId", "LeadSource"),
}
_REPORTED = ("industry", "country", "employees")
_ATTRIBUTION: Names = {
    "contacts": (
        "hs_object_id",
        "createdate",
        "hs_analytics_source",
        "hs_analytics_source_data_1",
        "hs_analytics_source_data_2",
        "hs_analytics_first_timestamp",
        "hs_analytics_first_url",
        "hs_analytics_first_touch_converting_campaign",
        "hs_latest_source",
        "hs_latest_source_data_1",
        "hs_latest_source_data_2",
        "hs_latest_source_timestamp",
        "recent_conversion_date",
        "recent_conversion_event_name",
    ),
    "deals": ("amount", "deal_currency_code", "amount_in_home_currency"),
    "Lead": ("CreatedDate",),
    "Contact": ("CreatedDate",),
    "Opportunity": ("Amount", "CurrencyIsoCode"),
}
_LAST_PAGE: Names = {"contacts": ("hs_analytics_last_url", "hs_analytics_last_timestamp")}


def inputs(agreement: Agreement) -> Names:
    """Every property that the rules in force read, by vendor object, in a fixed order."""
    parts: list[Names] = []
    if agreement.scoring:
        parts.append(_places(asked_of_person(agreement.scoring)))
    if agreement.lifecycle:
        parts += [_LIFECYCLE, _CLOSED_DEALS, _STAGE_CHANGES, _stage_dates(agreement.lifecycle)]
    if agreement.rejection:
        parts += [_REJECTION, _places(_REPORTED), _CLOSED_DEALS, _STAGE_CHANGES]
    if agreement.attribution:
        parts += [_ATTRIBUTION, _CLOSED_DEALS]
        parts += [{"Opportunity": (ROLE_NAMES,)}] if agreement.attribution.contact_roles is not None else []
    if agreement.signals.pages == "last_url" and (agreement.scoring or agreement.attribution):
        parts.append(_LAST_PAGE)
    return _together(parts)


def every_input(agreement: Agreement) -> Names:
    """Every property that rules may read, those of the parts that are off too."""
    stages = {"contacts": _dates_of(HUBSPOT_ORDER)}
    roles = {"Opportunity": (ROLE_NAMES,)}
    fixed = (_LIFECYCLE, _CLOSED_DEALS, _REJECTION, _ATTRIBUTION, _LAST_PAGE)
    return _together([inputs(agreement), _places(FACTS), stages, roles, *fixed])


def _together(parts: Iterable[Names]) -> Names:
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        for vendor_object, names in part.items():
            found.setdefault(vendor_object, {}).update(dict.fromkeys(names))
    return {vendor_object: tuple(names) for vendor_object, names in found.items()}


def asked_of_person(config: ScoringConfig) -> tuple[str, ...]:
    """Every name under which the scoring rules look something up of a person, each once."""
    names = [config.field_name(rule.field) for rule in config.fit]
    names += [config.field_name(each.of) for each in config.criteria if each.source == "field"]
    names += [config.field_name(each) for each in PERSON_FIELDS]
    return tuple(dict.fromkeys(names))


def person_of(config: ScoringConfig, person: Values, company: Values, records: Mapping[str, Raw]) -> dict[str, str]:
    """A person as the scoring rules ask for it: every known answer by its name.

    Args:
        config: the rules.
        person: canonical values by the person mapping's field names, revloop's own fields included.
        company: likewise of the company; what both have is the person's.
        records: the mirrored records of person and company, raw, by vendor object.
    """
    found: dict[str, str] = {}
    for name in asked_of_person(config):
        fact = FACTS.get(name)
        value = person.get(name) or person.get(PREFIX + name) or company.get(name)
        if fact is not None and (not value or (fact.flag and not yes(value))):
            value = fact.of(records) or value  # of two words about consent the stricter one holds
        if value:
            found[name] = value
    return found


def _places(names: Iterable[str]) -> Names:
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        for vendor_object, property_ in FACTS[name].places if name in FACTS else ():
            found[vendor_object] = (*found.get(vendor_object, ()), property_)
    return found


def _stage_dates(config: Lifecycle) -> Names:
    """When a contact entered each mapped stage, as HubSpot itself noted it."""
    return {"contacts": _dates_of(config.hubspot[stage] for stage in config.stages if stage in config.hubspot)}


def _dates_of(stages: Iterable[str]) -> tuple[str, ...]:
    """HubSpot's two properties for every stage by its internal name: `_date` is the older one."""
    return tuple(name for each in stages for name in (f"hs_v2_date_entered_{each}", f"hs_lifecyclestage_{each}_date"))

"""What only a person can do: standard picklists, page layouts, the mapping of a conversion, rules of the portal.

Revloop changes none of these; it says where they are and why they matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from connector.install import deploy_words
from connector.install.finding import Finding, Level
from connector.install.hubspot_compare import HubSpotPresent
from connector.install.live_names import LiveNames, unknown_rejections, unknown_stages
from connector.install.salesforce_compare import SalesforceLack, SalesforcePresent
from connector.install.wanted_salesforce import SalesforceWanted
from connector.model import Side
from connector.revops.agreement import Agreement


def by_hand(
    agreement: Agreement,
    where: Mapping[str, str],
    wanted: SalesforceWanted,
    hubspot: HubSpotPresent,
    salesforce: SalesforcePresent,
    lack: SalesforceLack,
) -> Iterator[Finding]:
    """Everything an admin has to do or to look at, the urgent first; `where` says where the rules say what."""
    missing = deploy_words.lacking(salesforce.rights, deploying=not lack.parts.empty)
    if missing and (lack.assign or lack.grants or lack.options or not lack.parts.empty):
        what = f"this login may not change the org: it lacks {deploy_words.listed(missing)}"
        do = (
            "install with the login of an admin, or let an admin deploy the folder salesforce/ (docs/admin.md, Install)"
        )
        yield Finding("error", "Salesforce", what, do)
    contacts = hubspot.properties.get("contacts", {})
    statuses: dict[Side, Collection[str] | None] = {
        "hubspot": _values(contacts.get("hs_lead_status")),
        "salesforce": salesforce.statuses or None,
    }
    yield from _names(agreement, where, LiveNames(_values(contacts.get("lifecyclestage")), statuses))
    if wanted.rules or len(wanted.fields) > len(wanted.integration.objects):
        yield from _once(agreement, wanted)


def _names(agreement: Agreement, where: Mapping[str, str], live: LiveNames) -> Iterator[Finding]:
    """Stages and lead statuses that the rules name and a CRM does not know."""
    for each in unknown_stages(agreement, where, live):
        level: Level = "error" if "lifecycle stage" in each.what else "warning"
        yield Finding(level, each.where, each.what, each.do)
    for one in unknown_rejections(agreement, where, live):
        yield Finding("warning", one.where, one.what, f"{one.do}; until then no rejection would be seen")


def _once(agreement: Agreement, wanted: SalesforceWanted) -> Iterator[Finding]:
    """What cannot be seen from outside: done once, it stays on the list."""
    both = [each.name for each in wanted.fields if each.object == "Lead" and _on(wanted, "Contact", each.name)]
    own = [each for each in both if each not in _stamps(wanted)]
    if own:
        what = "a converted lead takes its values along only where its fields are mapped to those of the contact"
        do = (
            f"Setup > Object Manager > Lead > Fields > Map Lead Fields: map {len(own)} fields, from {own[0]} to "
            f"{own[-1]}, each to the contact's field of the same name"
        )
        yield Finding("info", "Salesforce", what, do)
        people = ", ".join(each.name for each in wanted.fields if each.people and each.object == "Lead")
        what = f"people see the fields only with the permission set {wanted.people.name}, and on their page layouts"
        do = "assign it to sales and marketing"
        do += f", and put on the layouts of Lead and Contact what they fill in: {people}" if people else ""
        yield Finding("info", "Salesforce", what, do)
    if agreement.rejection or agreement.lifecycle:
        what = "since when a lead has its status is known only where its history is tracked"
        do = "Setup > Object Manager > Lead > Fields > Set History Tracking: tick Lead Status and Lead Owner"
        yield Finding("info", "Salesforce", what, do)
    if agreement.rejection:
        what = "in HubSpot's own pages nobody is asked for the rejection reason at once"
        do = (
            "Settings > Properties > Lead status > Conditional logic: require the rejection reason for "
            f"{', '.join(sorted(agreement.rejection.statuses.get('hubspot', ())))} (Professional and Enterprise)"
        )
        yield Finding("info", "HubSpot", what, do)


def _on(wanted: SalesforceWanted, sobject: str, name: str) -> bool:
    return any(each.object == sobject and each.name == name for each in wanted.fields)


def _stamps(wanted: SalesforceWanted) -> set[str]:
    return {each.name for each in wanted.fields if each.unique}


def _values(told: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """The options of a property; None where it is not there or lists none."""
    listed: Iterable[Mapping[str, Any]] = (told or {}).get("options") or ()
    return tuple(str(each["value"]) for each in listed) or None

"""The install of both CRMs: look, say what is missing, create it, look again.

Salesforce comes first: its deploy is done as a whole or not at all, and is the likelier one to be refused. What the
logins lack is looked at before either is changed, as far as the CRMs tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connector.crm.http import CallDeniedError
from connector.crm.hubspot.definitions import Definitions
from connector.crm.salesforce.definitions import OrgDefinitions
from connector.errors import LaterError, SettingsError
from connector.install import hubspot_scopes
from connector.install.by_hand import by_hand
from connector.install.finding import Finding
from connector.install.hubspot_compare import HubSpotLack, HubSpotPresent, compare_hubspot
from connector.install.hubspot_install import create_in_hubspot, look_at_hubspot
from connector.install.salesforce_compare import SalesforceLack, SalesforcePresent, compare_salesforce
from connector.install.salesforce_install import Deploy, create_in_salesforce, look_at_salesforce
from connector.install.steps import Step
from connector.install.wanted import Wishes
from connector.install.wanted_hubspot import HubSpotWanted, wanted_hubspot
from connector.install.wanted_salesforce import SalesforceWanted, wanted_salesforce
from connector.revops.agreement import Agreement


@dataclass(frozen=True, slots=True)
class Vendors:
    """How both CRMs are asked and changed; `version` is Salesforce's, which packages are written in."""

    hubspot: Definitions
    salesforce: OrgDefinitions
    deploy: Deploy
    version: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What there should be on both sides, and the rules it follows from; `where` names the places of the rules."""

    agreement: Agreement
    wishes: Wishes
    hubspot: HubSpotWanted
    salesforce: SalesforceWanted
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Looked:
    """What both CRMs have and lack; `scopes_missing` are those that the missing parts need of HubSpot's token."""

    hubspot: HubSpotPresent
    salesforce: SalesforcePresent
    hubspot_lack: HubSpotLack
    salesforce_lack: SalesforceLack
    by_hand: tuple[Finding, ...]
    scopes_missing: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """What an install would do."""
        return (*self.salesforce_lack.steps(), *self.hubspot_lack.steps())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What an install does not do."""
        scopes = hubspot_scopes.told(self.scopes_missing)
        return (*self.salesforce_lack.findings, *self.hubspot_lack.findings, *scopes, *self.by_hand)


@dataclass(frozen=True, slots=True)
class Installed:
    """What was done, and how both CRMs are now."""

    done: tuple[Step, ...]
    now: Looked


def wanted(agreement: Agreement, wishes: Wishes, where: Mapping[str, str] | None = None) -> Wanted:
    """What the rules in force need on both sides; `where` says in which file and line a rule stands.

    Raises:
        SettingsError: a name is none that a CRM takes.
    """
    hubspot, salesforce = wanted_hubspot(agreement, wishes), wanted_salesforce(agreement, wishes)
    return Wanted(agreement, wishes, hubspot, salesforce, where or {})


def look(wish: Wanted, vendors: Vendors, *, user: str = "") -> Looked:
    """Hold what is wanted against both CRMs; nothing is changed.

    Raises:
        SettingsError: a login may not see what is installed.
        LaterError: a CRM cannot answer now.
    """
    salesforce = look_at_salesforce(vendors.salesforce, wish.salesforce, wish.wishes, user=user)
    hubspot = look_at_hubspot(vendors.hubspot, wish.hubspot)
    lack = compare_salesforce(wish.salesforce, salesforce)
    hands = tuple(by_hand(wish.agreement, wish.where, wish.salesforce, hubspot, salesforce, lack))
    hubspot_lack = compare_hubspot(wish.hubspot, hubspot)
    held = vendors.hubspot.scopes() if hubspot_scopes.needed(hubspot_lack) else None
    scopes = hubspot_scopes.lacking(hubspot_lack, held)
    return Looked(hubspot, salesforce, hubspot_lack, lack, hands, scopes)


def install(
    wish: Wanted, vendors: Vendors, *, user: str = "", told: Callable[[str], None] = lambda _: None
) -> Installed:
    """Create what is missing, then look again: what is still missing is told, not assumed.

    Args:
        wish: what there should be.
        vendors: both CRMs.
        user: the Salesforce user name of who should hold the permission set, if it is not the login itself.
        told: hears what is being done.

    Raises:
        SettingsError: a permission or scope is missing, or a CRM refuses a part; what was made before stays.
        LaterError: a CRM cannot answer now, or a deploy is not over yet.
    """
    before = look(wish, vendors, user=user)
    if not before.steps:
        return Installed((), before)
    hubspot_scopes.refuse_without(before.scopes_missing)
    create_in_salesforce(
        vendors.salesforce,
        vendors.deploy,
        before.salesforce,
        before.salesforce_lack,
        wish.wishes,
        vendors.version,
        told,
    )
    _then_hubspot(wish, vendors, before, told)
    return Installed(before.steps, look(wish, vendors, user=user))


def _then_hubspot(wish: Wanted, vendors: Vendors, before: Looked, told: Callable[[str], None]) -> None:
    """Create what HubSpot lacks; a stop says what is done already."""
    try:
        create_in_hubspot(vendors.hubspot, wish.hubspot, before.hubspot, before.hubspot_lack, wish.wishes.locale, told)
    except LaterError as error:
        raise LaterError(_stopped(error, before), error.after) from error
    except SettingsError as error:
        raise SettingsError(_stopped(error, before)) from error


def _stopped(error: Exception, before: Looked) -> str:
    needed = hubspot_scopes.needed(before.hubspot_lack) if isinstance(error, CallDeniedError) else ()
    scopes = f"\nAll that was missing needs the scopes {', '.join(needed)}." if needed else ""
    parts = len(list(before.salesforce_lack.steps()))
    done = f"Salesforce is done, with {parts} new or changed parts" if parts else "In Salesforce nothing was missing"
    again = "what HubSpot has got before stays. Type `revloop install` again: it goes on from there"
    return f"{error}{scopes}\n{done}; {again}."

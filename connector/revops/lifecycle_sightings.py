"""Which stage each CRM shows for a person, and which one a company has (domain §2.1, §2.2, §2.4).

The stage that we wrote ourselves (`revops_stage`) is no evidence: it belongs to the connector. Whether a
sighting moves the person is `lifecycle_decide`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.model import Side
from connector.revops.lifecycle import RANKS, Lifecycle, highest, of_written, rank

Source = Literal["rule", "user", "crm", "import"]

Taken = tuple[str, datetime]
"""The stage by which people said that sales took somebody on, SAL or higher, and when, by that CRM's stamp."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one CRM shows.

    `at` is when that CRM's stage last changed, by its own stamp: not the record's last change, which an edit of
    a phone number moves too. None where it is unknown. `source` rule is our own writing, which is no evidence.
    `rejected_at` is when sales sent the person back, `taken` that it took the person on, also where `stage` says
    something else or is our own writing; None where that is unknown, or where we wrote it.
    `value` is HubSpot's raw `lifecyclestage`, `status` the raw lead status, `record_object` the vendor object.
    """

    side: Side
    stage: str | None
    at: datetime | None = None
    rejected_at: datetime | None = None
    source: Source = "crm"
    value: str | None = None
    status: str | None = None
    record_object: str = "contacts"
    converted: bool = False
    by_deal: bool = False
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as both CRMs tell it; `at` is when it came into its present state: opened, won or lost."""

    id: str
    closed: bool
    won: bool
    at: datetime | None = None


def hubspot_sighting(
    config: Lifecycle,
    lifecyclestage: str | None,
    lead_status: str | None = None,
    *,
    at: datetime | None = None,
    status_at: datetime | None = None,
    source: Source = "crm",
    status_ours: bool = False,
) -> Sighting:
    """What a HubSpot contact shows; `at` and `source` belong to the stage, `status_…` to the lead status.

    The status by which we mark a recycle is no rejection, though sales may use the same one for it.
    """
    stage = config.of_hubspot(lifecyclestage)
    mark = status_ours and lead_status == config.hubspot_status.get("recycled")
    rejected = lead_status in config.hubspot_rejected and not mark
    told = "sal" in config.stages and "sal" not in config.hubspot and lead_status in config.sal_statuses
    accepted = told and not rejected and not status_ours
    if stage == "mql" and accepted and source != "rule":
        stage, at = "sal", status_at
    staged = stage == "sal" and source != "rule"
    taken_at = status_at if accepted else at if staged else None
    return Sighting(
        "hubspot",
        stage,
        at,
        rejected_at=(status_at or at) if rejected else None,
        source=source,
        value=lifecyclestage or None,
        status=lead_status or None,
        taken=("sal", taken_at) if taken_at is not None else None,
    )


def lead_sighting(
    config: Lifecycle,
    status: str | None,
    written: str | None = None,
    *,
    at: datetime | None = None,
    converted_at: datetime | None = None,
    source: Source = "crm",
) -> Sighting:
    """What a Salesforce lead shows; a converted one is an SQL.

    A lead whose status says no more than «open» stays a subscriber when `written` (`RevOps_Stage__c`) says so.
    """
    if converted_at is not None:
        stage = config.enabled("sql")
        return Sighting("salesforce", stage, converted_at, None, source, None, status, "Lead", converted=True)
    stage = config.of_salesforce_status(status)
    if stage == "lead" and of_written(written) == "subscriber":
        stage = config.enabled("subscriber")
    rejected_at = at if status in config.salesforce_rejected else None
    taken: Taken | None = None
    if stage is not None and at is not None and rejected_at is None and source != "rule":
        taken = (stage, at) if rank(stage) >= RANKS["sal"] else None
    return Sighting("salesforce", stage, at, rejected_at, source, None, status, "Lead", taken=taken)


def deal_sighting(
    config: Lifecycle, side: Side, deals: Iterable[Deal], *, since: datetime | None = None
) -> Sighting | None:
    """What a person's deals show: any won one makes a customer, else any open one an opportunity.

    `since` is the last way down (`Journey.down`): a deal after it says more than an older one.
    """
    known = tuple(deals)
    stage, at = _of_deals([deal for deal in known if since is not None and deal.at is not None and deal.at > since])
    older, older_at = _of_deals(known)
    if rank(older) > rank(stage):
        stage, at = older, older_at
    object_ = "contacts" if side == "hubspot" else "Contact"
    return None if stage is None else Sighting(side, config.enabled(stage), at, record_object=object_, by_deal=True)


def lost_at(deals: Iterable[Deal]) -> datetime | None:
    """When the last hope ended: all deals are closed and none was won; None where that is not so."""
    known = tuple(deals)
    if not known or any(deal.won or not deal.closed for deal in known):
        return None
    return max((deal.at for deal in known if deal.at is not None), default=None)


def company_stage(
    config: Lifecycle, persons: Iterable[str | None], deals: Iterable[Deal] = (), *, person_account: bool = False
) -> str | None:
    """The highest stage among a company's persons and deals; a person account is a person and has none."""
    if person_account:
        return None
    stage, _ = _of_deals(deals)
    return config.enabled(highest([stage, *persons]))


def _of_deals(deals: Iterable[Deal]) -> tuple[str | None, datetime | None]:
    """The stage and the first instant that shows it."""
    known = tuple(deals)
    won = [deal.at for deal in known if deal.won]
    still = [deal.at for deal in known if not deal.closed and not deal.won]
    stage = "customer" if won else "opportunity" if still else None
    return stage, min((at for at in won or still if at is not None), default=None)

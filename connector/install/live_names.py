"""Stages and lead statuses that the rules name and a CRM does not know, each with the file and line that names it.

`check` and `install` ask the same of it; how bad a finding is they decide themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.install.check_fields import CALLED
from connector.model import SIDES, Side
from connector.project.mistakes import nearest
from connector.revops.agreement import Agreement
from connector.revops.lifecycle_live import Missing, check_live

STATUS: Mapping[Side, tuple[str, str]] = {
    "hubspot": ("contacts", "hs_lead_status"),
    "salesforce": ("Lead", "Status"),
}
"""Where each CRM keeps the lead status."""


@dataclass(frozen=True, slots=True)
class LiveNames:
    """What the CRMs have; a list that could not be read is None and not compared."""

    lifecyclestages: Sequence[str] | None
    statuses: Mapping[Side, Collection[str] | None]


def unknown_stages(agreement: Agreement, where: Mapping[str, str], live: LiveNames) -> Iterator[Missing]:
    """The names of `rules/lifecycle.yaml`; the statuses of a rejection are those of the other file."""
    lifecycle, rejection = agreement.lifecycle, agreement.rejection
    if lifecycle is None:
        return
    if rejection is not None:
        of_salesforce = lifecycle.salesforce_rejected - rejection.statuses["salesforce"]
        lifecycle = replace(lifecycle, hubspot_rejected=frozenset(), salesforce_rejected=of_salesforce)
    missing = check_live(
        lifecycle,
        lifecyclestages=live.lifecyclestages,
        hubspot_statuses=live.statuses["hubspot"],
        salesforce_statuses=live.statuses["salesforce"],
    )
    for each in missing:
        yield replace(each, where=each.where or where.get("lifecycle", "rules/lifecycle.yaml"))


def unknown_rejections(agreement: Agreement, where: Mapping[str, str], live: LiveNames) -> Iterator[Missing]:
    """The statuses that mean «turned down»."""
    if agreement.rejection is None:
        return
    for side in SIDES:
        known = live.statuses[side]
        for status in sorted(agreement.rejection.statuses[side] - set(known)) if known is not None else ():
            vendor_object, name = STATUS[side]
            what = f"{CALLED[side]} has no lead status '{status}'{nearest(status, known or ())}"
            do = f"add the value to {vendor_object}.{name}, or write one that exists: {', '.join(known or ())}"
            yield Missing(where.get(f"rejection.statuses.{side}", "rules/rejection.yaml"), what, do)

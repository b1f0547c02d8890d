"""Whether the stages of the rule file still exist in the CRMs (domain §2.1): read before every run, never assumed.

It compares lists of names; who reads them, and stops the run, is the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connector.revops.lifecycle import Lifecycle


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that a CRM does not know (any more), where it is written, and what to do."""

    where: str
    what: str
    do: str


def check_live(
    config: Lifecycle,
    *,
    lifecyclestages: Sequence[str] | None = None,
    hubspot_statuses: Collection[str] | None = None,
    salesforce_statuses: Collection[str] | None = None,
) -> list[Missing]:
    """Every mapped name that is missing; a list that could not be read (None) is not compared."""
    found: list[Missing] = []
    if lifecyclestages is not None:
        for stage, name in config.hubspot.items():
            if stage in config.stages and name not in lifecyclestages:
                what = f"HubSpot has no lifecycle stage with the internal name '{name}' (mapped to {stage})"
                do = (
                    "restore the stage in Settings > Objects > Contacts > Lifecycle stage, or map this stage to "
                    f"another internal name; the portal has {', '.join(lifecyclestages)}"
                )
                found.append(Missing(config.where.get(f"hubspot.{stage}", ""), what, do))
    for side, field, key, wanted, known in (
        ("HubSpot", "hs_lead_status", "hubspot_status", _hubspot_statuses(config), hubspot_statuses),
        ("Salesforce", "Lead.Status", "salesforce", _salesforce_statuses(config), salesforce_statuses),
    ):
        if known is not None:
            for name in sorted(wanted - set(known)):
                what = f"{side} has no lead status '{name}'"
                do = f"add the value to {field}, or write one that exists: {', '.join(sorted(known))}"
                found.append(Missing(config.where.get(key, ""), what, do))
    return found


def _hubspot_statuses(config: Lifecycle) -> set[str]:
    told = config.sal_statuses if "sal" in config.stages and "sal" not in config.hubspot else frozenset()
    return {*config.hubspot_status.values(), *config.hubspot_rejected, *told}


def _salesforce_statuses(config: Lifecycle) -> set[str]:
    return {*config.salesforce_status.values(), *config.salesforce_rejected}

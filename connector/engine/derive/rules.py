"""The rules in force, made ready once for a run, and since when they are in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.engine.derive.attribution import CARRIERS, Attributing
from connector.engine.derive.loop import Loop
from connector.engine.derive.score import Scoring
from connector.engine.derive.shown import Watched
from connector.engine.derive.signals import Signalled
from connector.engine.derive.slas import Slas
from connector.engine.derive.stage import Staging
from connector.engine.people import Owners
from connector.engine.seams import Work
from connector.revops.lifecycle import HUBSPOT_ORDER

BEGAN = "rules.began"
"""Kept in the store: when the rules were first applied. Rejections and hand-overs before that day are left alone."""


@dataclass(slots=True)
class Rules:
    """The parts in force; `attributing` belongs to one plan and is added by it."""

    signalled: Signalled
    scoring: Scoring | None
    staging: Staging | None
    loop: Loop | None
    slas: Slas | None
    watched: Watched
    began: datetime
    attributing: Attributing | None = None


def make_rules(work: Work, owners: Owners, as_of: datetime) -> Rules:
    """The parts of a project's agreement that are switched on."""
    project = work.project
    agreement, zone = project.agreement, project.settings.time_zone
    began_at = _began(work, as_of)
    signalled = Signalled(agreement.signals, zone)
    lifecycle, rejection = agreement.lifecycle, agreement.rejection
    return Rules(
        signalled,
        Scoring(agreement.scoring, signalled, agreement.locale) if agreement.scoring else None,
        Staging(lifecycle, zone, _stage_order(work)) if lifecycle else None,
        Loop(rejection, agreement.calendars, owners, began_at, _login(work)) if rejection else None,
        Slas(lifecycle.sla, signalled, agreement.calendars, began_at) if lifecycle else None,
        Watched(
            {
                "hubspot": rejection.statuses["hubspot"] if rejection else frozenset(),
                "salesforce": rejection.statuses["salesforce"] if rejection else frozenset(),
            },
            {
                "hubspot": lifecycle.sal_statuses if lifecycle else frozenset(),
                "salesforce": frozenset(lifecycle.salesforce_status.values()) if lifecycle else frozenset(),
            },
        ),
        began_at,
    )


def began(work: Work) -> str | None:
    """When the rules were first applied; None before that."""
    return work.store.get(BEGAN)


def remember_beginning(work: Work, plan: str) -> None:
    """Note when the rules were first applied, and with which custom objects last: with the plan that did it."""
    made = work.store.plans.get(plan)
    if made is None or work.project.agreement.empty:
        return
    if began(work) is None:
        work.store.put(BEGAN, made.made_at.isoformat())
    if made.counts.get("carriers") is not None:
        work.store.put(CARRIERS, made.counts["carriers"])


def _began(work: Work, as_of: datetime) -> datetime:
    known = began(work)
    return datetime.fromisoformat(known) if known else as_of


def _login(work: Work) -> str | None:
    """The Salesforce user behind the credentials: whoever owns a record that is created without saying whose it is."""
    owner = work.crms["salesforce"].describe("Lead").get("OwnerId")
    return owner.default if owner else None


def _stage_order(work: Work) -> Sequence[str]:
    """HubSpot's lifecycle stages in the portal's order, read live."""
    found = work.crms["hubspot"].describe("contacts").get("lifecyclestage")
    return found.options if found and found.options else HUBSPOT_ORDER

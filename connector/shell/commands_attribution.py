"""The commands about attribution: why a deal's money went where it did, and what every channel brought."""

from __future__ import annotations

from datetime import date

from connector.engine.derive.attributed import AttributionView, OneDeal
from connector.errors import SettingsError
from connector.model import SIDES
from connector.project import Project
from connector.report.attribution import deal_data, print_deal, print_whole, whole_data
from connector.report.find import find
from connector.report.names import Names
from connector.revops.agreement import Locale
from connector.revops.carriers import CREDIT
from connector.revops.fields import SUMMARY
from connector.shell import outside
from connector.shell.asked import stored
from connector.shell.typed import Ask


def explain(ask: Ask, record: str, locale: Locale | None, field: str | None = None) -> int:
    """The touches, milestones and shares of a deal; a `field` has no place here and is refused."""
    if field is not None:
        raise SettingsError(
            "--attribution and --field do not go together: leave one of them out (`--field` tells the history of a "
            "field, `--attribution` who brought a deal)"
        )
    with stored(ask) as (project, store):
        view, names = AttributionView(project, store, outside.now()), Names(project, store)
        subjects = [each for each in find(project, store, record) if each.object == "deal"]
        if not subjects:
            raise SettingsError("this is no deal: only deals are attributed")
        found = []
        for subject in subjects:
            side = next(side for side in SIDES if subject.ids[side])
            deal = view.deal(side, subject.ids[side] or "")
            if deal is None:
                continue
            rows = store.carried.of(CREDIT.name, [deal.attributed.case.unit.key])
            named = str(names.named("deal", subject.ids))
            summary = _summary(project, deal)
            print_deal(ask.screen, named, deal, rows, locale or project.agreement.locale, summary)
            found.append(deal_data(subject.ids, deal, rows))
        if not found:
            raise SettingsError("no CRM has this deal any more, or none says when it was created: `revloop sync` reads")
        ask.screen.data({"deals": found})
    return 0


def _summary(project: Project, deal: OneDeal) -> str:
    """HubSpot's property that carries a deal's shares where there are no custom objects; empty where it is empty."""
    column = SUMMARY.vendor_name("hubspot", project.settings.own_fields.hubspot)
    half = deal.attributed.case.unit.halves.get("hubspot")
    return column if half is not None and half.raw.get(column) else ""


def report(ask: Ask, first: str | None, last: str | None, locale: Locale | None) -> int:
    """What every channel brought in a period, under all nine models."""
    begin, end = _day("--from", first), _day("--to", last)
    if begin and end and begin > end:
        raise SettingsError(f"--from {begin} is after --to {end}: no day lies between")
    with stored(ask) as (project, store):
        whole = AttributionView(project, store, outside.now()).whole(begin, end)
        print_whole(ask.screen, whole, begin, end, locale or project.agreement.locale)
        ask.screen.data(whole_data(whole, begin, end))
    return 0


def _day(option: str, text: str | None) -> date | None:
    """A day as typed.

    Raises:
        SettingsError: it is none.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{option} {text} is no day: write it like 2026-10-01") from None

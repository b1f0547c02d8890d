"""The reports: the monthly lead council, the feed for marketing, the agreement as a document. No CRM is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connector.engine.council import Found, collect
from connector.engine.council_stages import stages, walk
from connector.engine.derive.rules import BEGAN
from connector.errors import LaterError, SettingsError
from connector.project import Project, load
from connector.report.council import render, report_data
from connector.report.council_asked import month_asked, week_asked
from connector.report.council_html import page
from connector.report.council_markdown import markdown
from connector.report.council_told import remember_council, told
from connector.report.sla_document import document, sheet_data
from connector.revops.agreement import Locale
from connector.revops.council import council as council_of
from connector.revops.council_feed import marketing_feed as feed_of
from connector.revops.council_figures import Report
from connector.revops.council_proposals import thresholds_of
from connector.revops.council_rows import Period
from connector.revops.rejection_config import RejectionConfig
from connector.revops.scoring_config import ScoringConfig
from connector.shell import written
from connector.shell.asked import instant, stored
from connector.shell.typed import Ask, LocaleName, Wish
from connector.state.store import Store


@dataclass(frozen=True, slots=True)
class _Asked:
    """The project, its store, and when the report is made."""

    project: Project
    store: Store
    rules: RejectionConfig
    as_of: datetime
    today: date

    @property
    def zone(self) -> ZoneInfo:
        """Where a day begins."""
        return ZoneInfo(self.project.settings.time_zone)


def council(ask: Ask, wish: Wish, *, month: str | None) -> int:
    """The lead council of a month."""

    def made(asked: _Asked) -> tuple[Report, Found]:
        period, agreement = month_asked(month, asked.today), asked.project.agreement
        seen = walk(agreement, period, asked.zone)
        found = collect(asked.store, (period, period.previous()), asked.zone, seen)
        thresholds = thresholds_of(agreement.scoring) if agreement.scoring else ()
        report = council_of(
            found.rows,
            found.deals,
            period,
            asked.as_of,
            asked.rules,
            asked.project.settings.time_zone,
            thresholds,
            stages(agreement, seen),
        )
        return report, found

    return _report(ask, wish, made)


def marketing_feed(ask: Ask, wish: Wish, *, week: str | None, month: str | None) -> int:
    """The feed for marketing of a week or month; which of the two is in the rules, unless one is named."""
    if week is not None and month is not None:
        raise SettingsError("name a week or a month, not both")

    def made(asked: _Asked) -> tuple[Report, Found]:
        period = _feed_period(asked, week, month)
        found = collect(asked.store, (period,), asked.zone)
        return feed_of(found.rows, period, asked.as_of, asked.rules, asked.project.settings.time_zone), found

    return _report(ask, wish, made)


def sla_document(ask: Ask, wish: Wish) -> int:
    """The rules in force as a document to be signed."""
    project = load(ask.folder)
    agreement = project.agreement
    if not (agreement.scoring or agreement.lifecycle or agreement.rejection):
        raise SettingsError(
            "no rules are in force, so there is nothing to sign: `revloop init` writes rules/ to begin with"
        )
    if wish.file_form == "csv":
        raise SettingsError("a document to be signed is no table: choose --format md or html")
    locale, as_of = _locale(wish, project), instant(project, wish.as_of)
    made = document(agreement, project.rules_hash, as_of, locale, project.settings.time_zone)
    _hand_out(ask, wish, page(made) if wish.file_form == "html" else markdown(made))
    ask.screen.data({**sheet_data(made), "version": project.rules_hash, "file": _name(wish)})
    return 0


def _feed_period(asked: _Asked, week: str | None, month: str | None) -> Period:
    rhythm = asked.rules.reports.marketing_feed
    if week is None and month is None and rhythm == "off":
        raise SettingsError(
            "the marketing feed is switched off (reports.marketing_feed in rules/rejection.yaml): "
            "name a --week or a --month to see one all the same"
        )
    if month is not None or (week is None and rhythm == "monthly"):
        return month_asked(month, asked.today)
    return week_asked(week, asked.today)


def _report(ask: Ask, wish: Wish, made: Callable[[_Asked], tuple[Report, Found]]) -> int:
    with stored(ask) as (project, store):
        asked = _asked(project, store, instant(project, wish.as_of))
        report, found = made(asked)
        remember_council(store, report)
    note = told(report, found.months)
    if note:
        sys.stderr.write(f"{note}\n")
    locale: Locale = _locale(wish, project)
    text = render(
        report,
        asked.rules.reasons,
        locale,
        wish.file_form,
        time_zone=project.settings.time_zone,
        records=wish.records,
        bom=wish.bom,
        labels=_labels(project.agreement.scoring, locale),
    )
    _hand_out(ask, wish, text)
    ask.screen.data({**report_data(report, records=wish.records), "file": _name(wish), "note": note})
    return 0


def _hand_out(ask: Ask, wish: Wish, text: str) -> None:
    """Write a document where it is wanted."""
    if wish.out is None:
        ask.screen.document(text)
        return
    written.write(wish.out, text, private=wish.records)
    only = ", readable for you only: it names records" if wish.records else ""
    ask.screen.say(f"Wrote {wish.out}{only}.")


def _name(wish: Wish) -> str | None:
    return str(wish.out) if wish.out is not None else None


def _asked(project: Project, store: Store, as_of: datetime) -> _Asked:
    """What every report needs.

    Raises:
        SettingsError: there are no rules to report about.
        LaterError: no run has applied them yet.
    """
    rules = project.agreement.rejection
    if rules is None:
        raise SettingsError(
            "no rejection rules are in force, so there is nothing to report: add rules/rejection.yaml "
            "(`revloop init` writes it), or switch `rules: {rejection: on}` in connector.yaml"
        )
    if store.get(BEGAN) is None:
        raise LaterError("no run has applied the rules yet, so nobody is known to be handed over: type `revloop sync`")
    return _Asked(project, store, rules, as_of, as_of.astimezone(ZoneInfo(project.settings.time_zone)).date())


def _locale(wish: Wish, project: Project) -> Locale:
    if wish.locale is None:
        return project.agreement.locale
    return "de" if wish.locale is LocaleName.de else "en"


def _labels(scoring: ScoringConfig | None, locale: Locale) -> dict[str, str]:
    """What the components of the SQL rule are called."""
    if scoring is None:
        return {}
    labels = {each.id: each.label for each in scoring.engagement} | {each.id: each.label for each in scoring.criteria}
    return {id_: label.de if locale == "de" else label.en for id_, label in labels.items()}

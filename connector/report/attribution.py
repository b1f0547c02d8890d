"""Attribution for a person and as JSON: one deal's path and shares, and what every channel brought in a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from connector.engine.derive.attributed import OneDeal, Whole
from connector.model import SIDES, Side
from connector.report.screen import Screen
from connector.revops.agreement import Locale
from connector.revops.attribution_channels import UNATTRIBUTED
from connector.revops.attribution_config import MODELS
from connector.revops.attribution_text import explain, explanation
from connector.revops.money import as_weights, split, to_major
from connector.state.carried import CarriedRow

_SIDES: Mapping[Side, str] = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_HUNDRED = 10_000
"""One hundred percent in steps of a hundredth."""

_WORDS: dict[Locale, dict[str, str]] = {
    "en": {
        "left_out": "Left out",
        "summary": "No credits in {side}, which has no custom objects below Enterprise: the deal carries {field}",
        "rows": "Credits in {side}: {count}, revision {revision}", "no_rows": "No credits in {side} yet",
        "title": "What channels brought, {period}", "channel": "channel", "sum": "together",
        "closed": "Deals won: {won}, of these with touches: {covered}; lost: {lost}.",
        "undated": "Closed without a closing date, so in no period: {count}.",
        "shares": "Shares over all journeys", "from": "from {first}", "to": "to {last}", "ever": "all closed deals",
        "none": "No deal was closed in this time.",
    },
    "de": {
        "left_out": "Nicht gezählt",
        "summary": "Keine Anteile in {side}, das unter Enterprise keine Custom Objects hat: am Deal steht {field}",
        "rows": "Anteile in {side}: {count}, Fassung {revision}", "no_rows": "Noch keine Anteile in {side}",
        "title": "Was die Kanäle gebracht haben, {period}", "channel": "Kanal", "sum": "zusammen",
        "closed": "Gewonnene Deals: {won}, davon mit Kontaktpunkten: {covered}; verlorene: {lost}.",
        "undated": "Geschlossen ohne Abschlussdatum, also in keinem Zeitraum: {count}.",
        "shares": "Anteile über alle Wege", "from": "ab {first}", "to": "bis {last}",
        "ever": "alle geschlossenen Deals",
        "none": "In diesem Zeitraum wurde kein Deal geschlossen.",
    },
}  # fmt: skip
_LEFT_OUT: dict[Locale, dict[str, tuple[str, str]]] = {
    "en": {
        "without_consent": ("touch without consent", "touches without consent"),
        "future": ("touch that lies ahead", "touches that lie ahead"),
        "robot_clicks": ("click of a robot", "clicks of robots"),
        "same_visit": ("further page of a visit", "further pages of a visit"),
    },
    "de": {
        "without_consent": ("Kontaktpunkt ohne Einwilligung", "Kontaktpunkte ohne Einwilligung"),
        "future": ("Kontaktpunkt in der Zukunft", "Kontaktpunkte in der Zukunft"),
        "robot_clicks": ("Klick eines Robots", "Klicks von Robots"),
        "same_visit": ("weitere Seite eines Besuchs", "weitere Seiten eines Besuchs"),
    },
}
"""Why touches do not count: of one, and of several."""


def print_deal(
    screen: Screen, named: str, deal: OneDeal, rows: list[CarriedRow], locale: Locale, summary: str = ""
) -> None:
    """One deal: its path with milestones, the shares of every model, and what stands in the CRMs.

    `summary` is HubSpot's property that stands in for credits, where the deal carries it.
    """
    words = _WORDS[locale]
    screen.say(named, "bold")
    screen.say(explain(deal.attributed.result, locale))
    left = [
        f"{_local(f'{count:,}', locale)} {_LEFT_OUT[locale][name][count > 1]}"
        for name, count in asdict(deal.left_out).items()
        if count
    ]
    if left:
        screen.say(f"{words['left_out']}: {', '.join(left)}", "dim")
    for side, told in _rows(rows).items():
        line = words["rows"] if told["count"] else words["no_rows"]
        if side == "hubspot" and summary and not told["count"]:
            line = words["summary"]
        screen.say(line.format(side=_SIDES[side], field=summary, **told), "dim")
    screen.say()


def deal_data(records: Mapping[Side, str | None], deal: OneDeal, rows: list[CarriedRow]) -> dict[str, Any]:
    """The same for a program."""
    return {
        "records": dict(records),
        **asdict(explanation(deal.attributed.result)),
        "left_out": asdict(deal.left_out),
        "rows": _rows(rows),
    }


def print_whole(screen: Screen, whole: Whole, first: date | None, last: date | None, locale: Locale) -> None:
    """One table for every currency: channels down, models across."""
    words = _WORDS[locale]
    screen.say(words["title"].format(period=_period(first, last, words)), "bold")
    covered, _ = whole.totals.coverage
    counts = {"won": whole.won, "lost": whole.lost, "covered": covered, "count": whole.undated}
    told = {name: _local(f"{count:,}", locale) for name, count in counts.items()}
    screen.say(words["closed"].format(**told))
    if whole.undated:
        screen.say(words["undated"].format(**told), "yellow")
    amounts = whole.totals.amounts
    currencies = sorted({currency for by_currency in amounts.values() for currency in by_currency})
    if not currencies:
        screen.say(words["none"])
    for currency in currencies:
        by_model = {model: amounts[model].get(currency, {}) for model in MODELS if model in amounts}
        rows = [
            (channel, *(_money(parts.get(channel, 0), currency, locale) for parts in by_model.values()))
            for channel in _channels(by_model)
        ]
        rows.append((words["sum"], *(_money(sum(parts.values()), currency, locale) for parts in by_model.values())))
        screen.table(currency, (words["channel"], *by_model), rows)
    shares = {model: _percents(each) for model, each in whole.totals.shares.items() if each}
    listed = [
        (name, *(_local(parts.get(name, "-"), locale) for parts in shares.values())) for name in _channels(shares)
    ]
    screen.table(words["shares"], (words["channel"], *shares), listed)


def whole_data(whole: Whole, first: date | None, last: date | None) -> dict[str, Any]:
    """The same for a program; amounts as exact text, shares as percent and as fractions."""
    totals = whole.totals
    return {
        "from": first,
        "to": last,
        "won": whole.won,
        "lost": whole.lost,
        "undated": whole.undated,
        "coverage": {"with_touches": totals.coverage[0], "won": totals.coverage[1]},
        "amounts": {
            model: {
                currency: {channel: str(to_major(part, currency)) for channel, part in parts.items()}
                for currency, parts in by_currency.items()
            }
            for model, by_currency in totals.amounts.items()
        },
        "shares": {
            model: {
                channel: {"percent": percent, "exact": str(each[channel])}
                for channel, percent in _percents(each).items()
            }
            for model, each in totals.shares.items()
        },
    }


def _rows(rows: list[CarriedRow]) -> dict[Side, dict[str, int]]:
    """How many credits of a deal stand in each CRM, and their newest revision."""
    found: dict[Side, dict[str, int]] = {}
    for side in SIDES:
        mine = [row for row in rows if row.side == side and row.fields and not row.in_doubt]
        revision = max((int(row.fields["revision"]) for row in mine), default=0)
        found[side] = {"count": len(mine), "revision": revision}
    return found


def _channels(by_model: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every channel that any model names, what is unattributed last."""
    names = {channel for parts in by_model.values() for channel in parts}
    return sorted(names, key=lambda name: (name == UNATTRIBUTED, name))


def _percents(shares: Mapping[str, Fraction]) -> dict[str, str]:
    """Shares in percent with two digits, together exactly 100."""
    if not shares:
        return {}
    parts = split(_HUNDRED, as_weights(list(shares.values())))
    return {channel: f"{part // 100}.{part % 100:02}" for channel, part in zip(shares, parts, strict=True)}


def _money(minor: int, currency: str, locale: Locale) -> str:
    return _local(f"{to_major(minor, currency):,f}", locale)


def _local(text: str, locale: Locale) -> str:
    """A number as the language writes it."""
    return text.translate(str.maketrans(",.", ".,")) if locale == "de" else text


def _period(first: date | None, last: date | None, words: Mapping[str, str]) -> str:
    parts = [words["from"].format(first=first)] if first else []
    parts += [words["to"].format(last=last)] if last else []
    return " ".join(parts) or words["ever"]

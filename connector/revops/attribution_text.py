"""Why a deal's money went where it did: touches, milestones and shares, as data and as text in German and English.

The text is the same bytes for the same deal. It names channels and campaigns, never a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connector.revops.attribution import Attribution
from connector.revops.attribution_channels import UNATTRIBUTED
from connector.revops.attribution_time import iso
from connector.revops.money import to_major

Locale = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Line:
    """One touch of the path; `number` counts from 1."""

    number: int
    touch: str
    occurred_at: str
    precision: str
    channel: str
    campaign: str
    milestones: tuple[str, ...]
    source: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A touch's share under a model: percent with 6 decimals, and money (None: the amount is unknown)."""

    number: int
    percent: Decimal
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class DealExplanation:
    """Everything that decided a deal's attribution; `shares` holds the touches with a share above 0."""

    deal: str
    amount: Decimal | None
    currency: str
    outcome: str
    created_at: str
    closed_at: str | None
    lead_at: str | None
    touches: tuple[Line, ...]
    milestones: dict[str, int | None]
    shares: dict[str, tuple[Part, ...]]


def explanation(result: Attribution) -> DealExplanation:
    """One deal's attribution as data, ready for JSON."""
    deal = result.deal
    lines = tuple(
        Line(
            number,
            touch.key,
            touch.occurred_at,
            touch.precision,
            touch.channel,
            touch.campaign,
            result.milestones.at(number - 1),
            f"{touch.system} {touch.event} {touch.record}",
            touch.flagged,
        )
        for number, touch in enumerate(result.touches, 1)
    )
    numbers = {
        name: None if position is None else position + 1
        for name, position in zip(("FT", "LC", "OC", "CW"), result.milestones, strict=True)
    }
    return DealExplanation(
        deal=deal.key,
        amount=None if deal.amount is None else to_major(deal.amount, deal.currency),
        currency=deal.currency,
        outcome=deal.outcome,
        created_at=iso(deal.created),
        closed_at=None if deal.closed is None else iso(deal.closed),
        lead_at=None if deal.lead_at is None else iso(deal.lead_at),
        touches=lines,
        milestones=numbers,
        shares={model: tuple(_parts(result, model)) for model in result.shares},
    )


def _parts(result: Attribution, model: str) -> Iterator[Part]:
    shares, currency = result.shares[model], result.deal.currency
    amounts: Sequence[int | None] = shares.amounts or [None] * len(shares.weights)
    rows = zip(shares.weights, shares.percents(), amounts, strict=True)
    for number, (weight, percent, amount) in enumerate(rows, 1):
        if weight:
            yield Part(number, Decimal(percent).scaleb(-6), None if amount is None else to_major(amount, currency))


_WORDS = {
    "en": {
        "deal": "Deal", "open": "open", "won": "won", "lost": "lost", "unknown": "amount unknown",
        "touches": "touches", "one": "1 touch", "vacant": "Vacant milestones", "day": "day only", "robot": "robot",
        "FT": "first touch", "LC": "lead creation", "OC": "deal creation", "CW": "close",
        "none": f"No touches in the lookback: the whole amount is {UNATTRIBUTED}.",
    },
    "de": {
        "deal": "Deal", "open": "offen", "won": "gewonnen", "lost": "verloren", "unknown": "Betrag unbekannt",
        "touches": "Kontaktpunkte", "one": "1 Kontaktpunkt", "vacant": "Unbesetzte Meilensteine",
        "day": "nur Tag", "robot": "Robot",
        "FT": "erster Kontakt", "LC": "Lead-Entstehung", "OC": "Deal-Entstehung", "CW": "Abschluss",
        "none": f"Keine Kontaktpunkte im Rückblick: der ganze Betrag ist {UNATTRIBUTED}.",
    },
}  # fmt: skip


def explain(result: Attribution, locale: Locale = "en") -> str:
    """One deal's attribution as text: its path with milestones, then one line per model."""
    found, words = explanation(result), _WORDS[locale]
    amount = words["unknown"] if found.amount is None else f"{_number(found.amount, locale)} {found.currency}"
    when = f" {found.closed_at}" if found.closed_at else ""
    count = words["one"] if len(found.touches) == 1 else f"{len(found.touches)} {words['touches']}"
    lines = [f"{words['deal']} {found.deal}: {amount}, {words[found.outcome]}{when}, {count}"]
    if not found.touches:
        return "\n".join([*lines, words["none"]])
    lines += [_touch(line, words) for line in found.touches]
    vacant = [words[name] for name, number in found.milestones.items() if number is None]
    if vacant:
        lines.append(f"{words['vacant']}: {', '.join(vacant)}")
    for model, parts in found.shares.items():
        lines.append(f"{model}: " + "; ".join(_part(part, locale) for part in parts))
    return "\n".join(lines)


def _touch(line: Line, words: dict[str, str]) -> str:
    campaign = f" «{line.campaign}»" if line.campaign else ""
    notes = [words[name] for name in line.milestones]
    notes += [words["day"]] if line.precision == "day" else []
    notes += [words["robot"]] if line.flagged else []
    return f"{line.number}. {line.occurred_at} {line.channel}{campaign}" + (f" ({', '.join(notes)})" if notes else "")


def _part(part: Part, locale: Locale) -> str:
    money = "" if part.amount is None else f" = {_number(part.amount, locale)}"
    return f"{part.number}. {_number(part.percent, locale)} %{money}"


def _number(value: Decimal, locale: Locale) -> str:
    text = f"{value:,f}"
    return text.translate(str.maketrans(",.", ".,")) if locale == "de" else text

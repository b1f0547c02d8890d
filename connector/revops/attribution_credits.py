"""Credits: one touch's share of one deal under one model, as data with a key that never changes.

`make_credits` says what should be there, `compare_credits` what is to be written and what is to go. Nothing here
writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connector.revops.attribution import WHOLE, Attribution, Attributor
from connector.revops.attribution_channels import UNATTRIBUTED
from connector.revops.attribution_touch import Touch
from connector.revops.money import split, to_major

_LONGEST_KEY = 32


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit as it is written to both CRMs.

    `touch` is the touch's key, empty for the one credit of a deal without touches. Amounts are Decimals with the
    currency's decimals, None where the deal's amount is unknown; `weight` is in percent with 6 decimals.
    `superseded` marks a credit that would be deleted where deletes are forbidden; its amount is 0.
    """

    key: str
    deal: str
    model: str
    touch: str
    channel: str
    milestones: tuple[str, ...]
    weight: Decimal
    amount: Decimal | None
    currency: str
    reporting_amount: Decimal | None
    config: str
    revision: int = 0
    superseded: bool = False


def credit_key(touch: str, deal: str, model: str) -> str:
    """The key of a credit, 32 hex digits; `touch` is a touch's key, or `unattributed`."""
    return hashlib.sha256(f"cr1|{touch}|{deal}|{model}".encode()).hexdigest()[:_LONGEST_KEY]


def make_credits(result: Attribution, attributor: Attributor) -> Iterator[Credit]:
    """The credits of a deal, model by model, oldest touch first; a touch without weight has none.

    A deal without touches has one credit per model on the channel `unattributed`, so that totals reconcile.
    """
    if not result.touches:
        for model in attributor.config.credit_models:
            yield from _of_model(result, attributor, model, [None], [1], [WHOLE])
        return
    for model, shares in result.shares.items():
        yield from _of_model(result, attributor, model, result.touches, shares.weights, shares.percents())


def _of_model(
    result: Attribution,
    attributor: Attributor,
    model: str,
    touches: Iterable[Touch | None],
    weights: Sequence[int],
    percents: Iterable[int],
) -> Iterator[Credit]:
    deal, reporting = result.deal, attributor.config.reporting_currency
    amounts = _major(deal.amount, weights, deal.currency)
    copies = _major(deal.reporting, weights, reporting) if reporting else [None] * len(weights)
    rows = zip(touches, weights, percents, amounts, copies, strict=True)
    for position, (touch, weight, percent, amount, copy) in enumerate(rows):
        if weight:
            yield Credit(
                key=credit_key(touch.key if touch else UNATTRIBUTED, deal.key, model),
                deal=deal.key,
                model=model,
                touch=touch.key if touch else "",
                channel=touch.channel if touch else UNATTRIBUTED,
                milestones=result.milestones.at(position) if touch else (),
                weight=Decimal(percent).scaleb(-6),
                amount=amount,
                currency=deal.currency,
                reporting_amount=copy,
                config=attributor.config_hash,
            )


def _major(amount: int | None, weights: Sequence[int], currency: str) -> list[Decimal] | list[None]:
    if amount is None:
        return [None] * len(weights)
    return [to_major(part, currency) for part in split(amount, weights)]


@dataclass(frozen=True, slots=True)
class CreditChanges:
    """What to write and what to remove; both empty when nothing changed. Ordered by key."""

    upserts: tuple[Credit, ...]
    removals: tuple[str, ...]


def compare_credits(
    before: Mapping[str, Credit], wanted: Iterable[Credit], *, may_delete: bool = True
) -> CreditChanges:
    """What turns the credits stored for some deals into the wanted ones.

    Args:
        before: the stored credits of exactly these deals, by key.
        wanted: the credits they should have.
        may_delete: without it a credit that vanished is kept with amount 0 and `superseded`.

    Every credit that changes carries the next revision of its deal's set; unchanged ones keep theirs.
    """
    revisions: dict[str, int] = {}
    for stored in before.values():
        revisions[stored.deal] = max(revisions.get(stored.deal, 0), stored.revision)
    upserts, seen = [], set()
    for credit in wanted:
        seen.add(credit.key)
        stored_one = before.get(credit.key)
        if stored_one is None or replace(stored_one, revision=0) != replace(credit, revision=0):
            upserts.append(replace(credit, revision=revisions.get(credit.deal, 0) + 1))
    gone = [before[key] for key in before if key not in seen]
    if may_delete:
        return CreditChanges(_ordered(upserts), tuple(sorted(each.key for each in gone)))
    upserts += [_superseded(each, revisions[each.deal] + 1) for each in gone if not each.superseded]
    return CreditChanges(_ordered(upserts), ())


def _ordered(found: Iterable[Credit]) -> tuple[Credit, ...]:
    return tuple(sorted(found, key=lambda each: each.key))


def _superseded(stored: Credit, revision: int) -> Credit:
    nothing = to_major(0, stored.currency)
    return replace(
        stored,
        amount=nothing,
        weight=Decimal(0).scaleb(-6),
        reporting_amount=None if stored.reporting_amount is None else stored.reporting_amount * 0,
        revision=revision,
        superseded=True,
    )

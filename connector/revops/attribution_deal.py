"""Deals from records of either CRM as plain data.

A close that is a plain day is that day's last second in the project's time zone, so that what happened on the day of
closing still counts. The close date of an open deal is a plan and means nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from connector.revops.attribution_config import AttributionConfig
from connector.revops.attribution_path import Deal, Outcome
from connector.revops.attribution_time import closing, local_day, seconds
from connector.revops.money import Rates, exponent, half_up, to_minor

Raw = Mapping[str, Any]
_CURRENCY, _HOME = "deal_currency_code", "amount_in_home_currency"


def hubspot_deal(
    key: str,
    fields: Raw,
    config: AttributionConfig,
    currency: str,
    lead_at: int | None = None,
    rates: Rates | None = None,
    before: Raw | None = None,
) -> Deal | None:
    """A deal of HubSpot; None without a date of creation.

    Args:
        key: the deal's key, the same whichever CRM it is read from.
        fields: its properties.
        config: the rules.
        currency: the account's own currency, for deals that name none; `amount_in_home_currency` is in it.
        lead_at: when the first of its persons became a lead.
        rates: into the reporting currency, used where the record does not carry the converted amount.
        before: its properties as HubSpot holds them, where `fields` are what a plan is about to make of them.
    """
    won = _true(fields.get("hs_is_closed_won"))
    lost = not won and (_true(fields.get("hs_is_closed_lost")) or _true(fields.get("hs_is_closed")))
    code = str(fields.get(_CURRENCY) or currency)
    amount = _amount(fields.get("amount"), code)
    home = _converted(fields, fields if before is None else before, currency)
    return _deal(
        key, amount, code, fields.get("createdate"), fields.get("closedate"), _outcome(won=won, lost=lost), lead_at,
        config, rates, home if config.reporting_currency == currency else None,
    )  # fmt: skip


def salesforce_deal(
    key: str,
    fields: Raw,
    config: AttributionConfig,
    currency: str,
    lead_at: int | None = None,
    rates: Rates | None = None,
) -> Deal | None:
    """An opportunity of Salesforce, with the same arguments; `currency` is the org's corporate currency."""
    won = _true(fields.get("IsWon"))
    lost = not won and _true(fields.get("IsClosed"))
    code = str(fields.get("CurrencyIsoCode") or currency)
    amount = _amount(fields.get("Amount"), code)
    return _deal(
        key, amount, code, fields.get("CreatedDate"), fields.get("CloseDate"), _outcome(won=won, lost=lost), lead_at,
        config, rates, None,
    )  # fmt: skip


def _deal(
    key: str,
    amount: int | None,
    currency: str,
    created_raw: Any,
    closed_raw: Any,
    outcome: Outcome,
    lead_at: int | None,
    config: AttributionConfig,
    rates: Rates | None,
    reporting: int | None,
) -> Deal | None:
    created = seconds(created_raw)
    if created is None:
        return None
    closed = None if outcome == "open" else closing(closed_raw, config.time_zone)
    if amount is not None and reporting is None and rates is not None and rates.reporting == config.reporting_currency:
        # the dated rate of the close; of the creation while the deal is open, so that it does not move every day
        day = local_day(created if closed is None else closed, config.time_zone)
        reporting = rates.reported(amount, currency, day)
    return Deal(key, amount, currency, created, closed, outcome, lead_at, reporting)


def _converted(fields: Raw, before: Raw, currency: str) -> int | None:
    """The amount as HubSpot converted it, in minor units of the account's `currency`; None where nobody knows it yet.

    What HubSpot holds is the conversion of the amount that it holds. Another amount has the same rate; of an amount in
    another currency nothing follows from it.
    """
    if all(fields.get(name) == before.get(name) for name in ("amount", _CURRENCY)):
        return _amount(before.get(_HOME), currency)
    held, old, new = (_decimal(raw) for raw in (before.get(_HOME), before.get("amount"), fields.get("amount")))
    same_currency = (fields.get(_CURRENCY) or currency) == (before.get(_CURRENCY) or currency)
    if held is None or new is None or not old or not same_currency:
        return None
    return half_up(Fraction(held) * Fraction(new) / Fraction(old) * 10 ** exponent(currency))


def _outcome(*, won: bool, lost: bool) -> Outcome:
    if won:
        return "won"
    return "lost" if lost else "open"


def _true(raw: Any) -> bool:
    return raw is True or raw == "true"


def _amount(raw: Any, currency: str) -> int | None:
    """A vendor's amount in minor units; empty and unreadable is unknown, which is not zero."""
    try:
        return None if (number := _decimal(raw)) is None else to_minor(number, currency)
    except ValueError:
        return None


def _decimal(raw: Any) -> Decimal | None:
    if raw is None or raw == "" or isinstance(raw, bool):
        return None
    try:
        # the shortest text of a JSON number is what the CRM shows; the float itself is never calculated with
        number = Decimal(repr(raw) if isinstance(raw, float) else str(raw))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None

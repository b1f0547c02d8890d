"""What an account tells about itself: owners, details, API use, currencies, limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.hubspot import ids, instants
from connector.sandbox.hubspot.api_properties import own_properties
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError, not_found
from connector.sandbox.hubspot.limits import ZONE
from connector.sandbox.hubspot.router import Endpoint

CURRENCIES = {
    "EUR": "Euro",
    "USD": "US Dollar",
    "GBP": "British Pound",
    "CHF": "Swiss Franc",
    "SEK": "Swedish Krona",
    "DKK": "Danish Krone",
    "NOK": "Norwegian Krone",
    "PLN": "Polish Zloty",
    "CZK": "Czech Koruna",
    "JPY": "Japanese Yen",
    "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar",
}
MAX_OWNERS = 500
"""Owners of one page (contract)."""


def _owner(owner: dict[str, Any]) -> dict[str, Any]:
    """An owner as shown: an archived one has no userId any more (facts §9)."""
    body = {"type": "PERSON", "teams": [], **owner, "userIdIncludingInactive": owner.get("userId")}
    body["userId"] = None if owner["archived"] else owner.get("userId")
    return {name: value for name, value in body.items() if value is not None and value != []}


def owners(call: Call) -> Answer:
    """Owners, page by page."""
    call.need("crm.objects.owners.read")
    email, archived = call.argument("email").lower(), call.flag("archived")
    after, limit = call.argument("after") or "0", call.number("limit", 100, MAX_OWNERS)
    found = [
        owner
        for owner in sorted(call.portal.owners, key=lambda one: int(one["id"]))
        if owner["archived"] == archived
        and (not email or str(owner.get("email", "")).lower() == email)
        and int(owner["id"]) >= (ids.number(after) or 0)
    ]
    body: dict[str, Any] = {"results": [_owner(one) for one in found[:limit]]}
    if len(found) > limit:
        body["paging"] = {"next": {"after": found[limit]["id"]}}
    return Answer(body)


def owner(call: Call) -> Answer:
    """One owner by id, or by `idProperty=userId`."""
    call.need("crm.objects.owners.read")
    given, archived = call.params["owner"], call.flag("archived")
    name = call.argument("idProperty") or "id"
    for one in call.portal.owners:
        if str(one.get(name)) == given and one["archived"] == archived:
            return Answer(_owner(one))
    raise not_found(given)


def details(call: Call) -> Answer:
    """The account: id, zone, currencies."""
    offset = call.portal.clock.now().astimezone(ZoneInfo(ZONE)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    others = {rate["fromCurrencyCode"] for rate in call.portal.rates} - {call.portal.currency}
    body = {
        "portalId": call.portal.portal_id,
        "accountType": "STANDARD",
        "timeZone": ZONE,
        "companyCurrency": call.portal.currency,
        "additionalCurrencies": sorted(others),
        "utcOffset": f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "eu1",
    }
    return Answer(body)


def usage(call: Call) -> Answer:
    """How many calls the day has seen."""
    limits, at = call.portal.limits, instants.shown(call.portal.now())
    body = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limits.daily,
        "currentUsage": limits.daily - limits.daily_remaining(),
        "collectedAt": at,
        "fetchStatus": "SUCCESS",
        "resetsAt": instants.shown(instants.to_ms(limits.midnight() + timedelta(days=1))),
    }
    return Answer({"results": [body]})


def codes(call: Call) -> Answer:
    """The currencies that can be used."""
    call.need("settings.currencies.read")
    listed = [{"currencyCode": code, "currencyName": name} for code, name in CURRENCIES.items()]
    return Answer({"results": listed})


def company_currency(call: Call) -> Answer:
    """The currency that sums are reported in."""
    call.need("settings.currencies.read")
    return Answer({"id": call.portal.currency, "createdAt": "2026-01-05T08:00:00Z"})


def rates(call: Call) -> Answer:
    """Every exchange rate."""
    call.need("settings.currencies.read")
    return Answer({"results": call.portal.rates})


def current_rates(call: Call) -> Answer:
    """The latest rate of each currency."""
    call.need("settings.currencies.read")
    latest = {rate["fromCurrencyCode"]: rate for rate in call.portal.rates}
    return Answer({"results": list(latest.values())})


def add_rate(call: Call) -> Answer:
    """A new exchange rate into the company's currency."""
    call.need("settings.currencies.write")
    body = call.json("conversionRate", "fromCurrencyCode")
    rate_given, code = body["conversionRate"], str(body["fromCurrencyCode"])
    if code not in CURRENCIES:
        raise ApiError(400, f"{code} is not a currency of this account")
    if not isinstance(rate_given, int | float) or isinstance(rate_given, bool) or rate_given <= 0:
        raise ApiError(400, f"conversionRate must be a number above 0, not {rate_given}")
    at = instants.shown(call.portal.now())
    rate = {
        "id": str(call.portal.store.next_id("rate", 1)),
        "fromCurrencyCode": code,
        "toCurrencyCode": call.portal.currency,
        "conversionRate": rate_given,
        "effectiveAt": body.get("effectiveAt") or at,
        "createdAt": at,
        "updatedAt": at,
        "visibleInUI": True,
    }
    call.portal.rates.append(rate)
    call.portal.store.put("rates", call.portal.rates)
    return Answer(rate)


def custom_types(call: Call) -> Answer:
    """How many custom object types there are and may be."""
    limit = call.portal.most_types if call.portal.tier == "enterprise" else 0
    return Answer(_share(limit, len(call.portal.schemas)))


def custom_properties(call: Call) -> Answer:
    """How many properties of the account's own each type has and may have."""
    by_type = [
        {
            "objectTypeId": one.type_id,
            "singularLabel": one.name.capitalize(),
            "pluralLabel": one.plural.capitalize(),
            **_share(call.portal.most_properties, own_properties(call.portal.properties[one.type_id].values())),
        }
        for one in call.portal.types.all()
    ]
    total = _share(call.portal.most_properties * len(by_type), sum(one["usage"] for one in by_type))
    overall = {f"overall{name.capitalize()}": value for name, value in total.items()}
    return Answer({"byObjectType": by_type, **overall})


def _share(limit: int, used: int) -> dict[str, Any]:
    return {"limit": limit, "usage": used, "percentage": 100 * used / limit if limit else 100.0}


def validations(call: Call) -> Answer:
    """The rules that property values must follow: this account has none."""
    call.object_type(right="read")
    return Answer({"results": []})


ENDPOINTS = [
    Endpoint("GET", "owners", "", owners),
    Endpoint("GET", "owners", "/{owner}", owner),
    Endpoint("GET", "account", "/details", details),
    Endpoint("GET", "account", "/api-usage/daily/private-apps", usage),
    Endpoint("GET", "currencies", "/codes", codes),
    Endpoint("GET", "currencies", "/company-currency", company_currency),
    Endpoint("GET", "currencies", "/exchange-rates", rates),
    Endpoint("POST", "currencies", "/exchange-rates", add_rate),
    Endpoint("GET", "currencies", "/exchange-rates/current", current_rates),
    Endpoint("GET", "limits", "/custom-object-types", custom_types),
    Endpoint("GET", "limits", "/custom-properties", custom_properties),
    Endpoint("GET", "validations", "/{type}", validations),
]

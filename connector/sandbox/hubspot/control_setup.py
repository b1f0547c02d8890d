"""The doors that set up the account: owners, limits, index lag, rules, tier, tokens, a fresh start."""

from __future__ import annotations

from typing import Any

from connector.sandbox.hubspot import instants
from connector.sandbox.hubspot.limits import TIERS
from connector.sandbox.hubspot.portal import Portal

Order = dict[str, Any]
FIRST_OWNER, FIRST_USER = 90_000_101, 70_101


def _owners(portal: Portal, order: Order) -> Any:
    """`{"owners": [{id?, email, firstName?, lastName?, archived?, teams?, type?}], "replace"?}`: by id, else new.

    Teams are `{id, name, primary}`; the type is PERSON or QUEUE.
    """
    at = instants.shown(portal.now())
    kept = {} if order.get("replace") else {owner["id"]: owner for owner in portal.owners}
    for given in order["owners"]:
        key = str(given.get("id") or portal.store.next_id("owner", FIRST_OWNER))
        fresh = {
            "id": key,
            "userId": portal.store.next_id("user", FIRST_USER),
            "archived": False,
            "createdAt": at,
        }
        kept[key] = {**fresh, **kept.get(key, {}), **given, "id": key, "updatedAt": at}
    portal.owners = list(kept.values())
    portal.store.put("owners", portal.owners)
    return {"owners": portal.owners}


def _quota(portal: Portal, order: Order) -> Any:
    """`{"daily_remaining"?: n, "custom_object_types"?: n, "custom_properties"?: n}`.

    Calls left today, custom objects the account may have, properties of its own that each object may have.
    """
    if "custom_object_types" in order:
        portal.most_types = int(order["custom_object_types"])
        portal.store.put("most types", portal.most_types)
    if "custom_properties" in order:
        portal.most_properties = int(order["custom_properties"])
        portal.store.put("most properties", portal.most_properties)
    if "daily_remaining" in order or not order:
        portal.limits.spend_day(int(order["daily_remaining"]))
    return portal.limits.shown()


def _limits(portal: Portal, order: Order) -> Any:
    """`{"ten_secondly"?, "search"?, "daily"?, "association"?, "enforce"?}`."""
    names = {"ten_secondly", "search", "daily", "association", "enforce"}
    if unknown := set(order) - names:
        raise ValueError(f"limits are {', '.join(sorted(names))}, not {', '.join(sorted(unknown))}")
    for name, value in order.items():
        setattr(portal.limits, name, bool(value) if name == "enforce" else int(value))
    return portal.limits.shown()


def _lag(portal: Portal, order: Order) -> Any:
    """`{"seconds": n}`: from now on a write is seen by searches n seconds of sandbox time later."""
    portal.lag = float(order["seconds"])
    portal.store.put("lag", portal.lag)
    return {"seconds": portal.lag}


def _rules(portal: Portal, order: Order) -> Any:
    """`{"object", "create_required": [name], "conditional": [{"property", "when", "values": [...]}]}`."""
    object_type = portal.types.find(order["object"])
    if object_type is None:
        raise ValueError(f"there is no object {order['object']!r}")
    conditional = [
        {"property": rule["property"], "when": rule["when"], "values": list(rule["values"])}
        for rule in order.get("conditional", ())
    ]
    named = [*order.get("create_required", ()), *(rule[key] for rule in conditional for key in ("property", "when"))]
    unknown = [name for name in named if portal.property(object_type, name) is None]
    if unknown:
        raise ValueError(f"{object_type.plural} have no property {', '.join(unknown)}")
    rules = {"create_required": list(order.get("create_required", ())), "conditional": conditional}
    portal.rules[object_type.type_id] = rules
    portal.store.put("rules", portal.rules)
    return portal.rules


def _tier(portal: Portal, order: Order) -> Any:
    """`{"tier": "free" | "starter" | "professional" | "enterprise"}`."""
    if order["tier"] not in TIERS:
        raise ValueError(f"a tier is one of {', '.join(TIERS)}, not {order['tier']!r}")
    portal.tier = order["tier"]
    portal.limits.follow_tier(portal.tier)
    portal.store.put("tier", portal.tier)
    return {"tier": portal.tier}


def _tokens(portal: Portal, order: Order) -> Any:
    """`{"add"?: token, "scopes"?: [..], "app_id"?, "revoke"?: token, "code"?, "refresh"?, "client"?: {id, secret}}`."""
    tokens, scopes = portal.tokens, order.get("scopes")
    if order.get("add"):
        tokens.add(str(order["add"]), scopes, order.get("app_id"))
    if order.get("revoke"):
        tokens.revoke(str(order["revoke"]))
    if order.get("code"):
        tokens.codes[str(order["code"])] = {"scopes": scopes}
    if order.get("refresh"):
        tokens.refresh[str(order["refresh"])] = {"scopes": scopes}
    if order.get("client"):
        tokens.clients[str(order["client"]["id"])] = str(order["client"]["secret"])
    tokens.keep()
    return {"kept": True}


def _reset(portal: Portal, order: Order) -> Any:
    """Back to a fresh account; the transaction around this call covers it."""
    del order
    portal.reset()
    return {"reset": True}


SETUP = {
    "owners": _owners,
    "quota": _quota,
    "limits": _limits,
    "lag": _lag,
    "rules": _rules,
    "tier": _tier,
    "tokens": _tokens,
    "reset": _reset,
}

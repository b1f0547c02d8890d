"""OAuth over HTTP: tokens that live 30 minutes, their refresh, introspection and revocation (facts §12)."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl

from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.router import Endpoint
from connector.sandbox.hubspot.tokens import ACCESS_SECONDS

ALL_SCOPES = [
    "oauth",
    *(
        f"crm.{of}.{name}.{right}"
        for of in ("objects", "schemas")
        for name in ("contacts", "companies", "deals", "custom")
        for right in ("read", "write")
    ),
    *("crm.objects.leads.read", "crm.objects.leads.write", "crm.objects.owners.read", "forms", "content"),
]
USER = 70_001


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.raw.decode("utf-8", "replace")))


def _refused(error: str, status: str, text: str) -> ApiError:
    return ApiError(400, text, None, {"error": error, "error_description": text, "status": status})


def _client(call: Call, form: dict[str, str]) -> None:
    known = call.portal.tokens.clients
    if known.get(form.get("client_id", "")) != form.get("client_secret") or not form.get("client_secret"):
        raise _refused("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id or secret")


def token(call: Call) -> Answer:
    """A new access token for an authorization code or a refresh token."""
    form = _form(call)
    _client(call, form)
    tokens = call.portal.tokens
    match form.get("grant_type"):
        case "authorization_code":
            grant = tokens.codes.pop(form.get("code", ""), None)
            if grant is None:
                raise _refused("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
            refresh = "na1-" + secrets.token_urlsafe(24)
            tokens.refresh[refresh] = grant
        case "refresh_token":
            refresh = form.get("refresh_token", "")
            grant = tokens.refresh.get(refresh)
            if grant is None:
                text = "refresh token is invalid, expired or revoked"
                raise _refused("invalid_grant", "BAD_REFRESH_TOKEN", text)
        case other:
            raise _refused("unsupported_grant_type", "BAD_GRANT_TYPE", f"grant_type {other} is not supported")
    scopes = grant["scopes"]
    body: dict[str, Any] = {
        "token_type": "bearer",
        "refresh_token": refresh,
        "access_token": tokens.issue(scopes),
        "hub_id": call.portal.portal_id,
        "user_id": USER,
        "scopes": scopes if scopes is not None else ALL_SCOPES,
        "expires_in": ACCESS_SECONDS,
        "token_use": "access_token",
    }
    return Answer(body)


def introspect(call: Call) -> Answer:
    """What is known about a token."""
    form = _form(call)
    _client(call, form)
    given = form.get("token") or form.get("access_token") or form.get("refresh_token") or ""
    tokens = call.portal.tokens
    held = tokens.look_up(given)
    refresh = tokens.refresh.get(given)
    if held is None and refresh is None:
        return Answer({"active": False})
    scopes = held.scopes if held else refresh["scopes"] if refresh else None
    body: dict[str, Any] = {
        "active": not (held and tokens.expired(held)),
        "token": given,
        "token_type": "bearer",
        "token_use": "access_token" if held else "refresh_token",
        "client_id": form["client_id"],
        "app_id": tokens.app_id,
        "hub_id": call.portal.portal_id,
        "user_id": USER,
        "scopes": scopes if scopes is not None else ALL_SCOPES,
    }
    if held and held.expires is not None:
        body["expires_in"] = max(0, (held.expires - call.portal.now()) // 1000)
    return Answer(body)


def revoke(call: Call) -> Answer:
    """End a token."""
    form = _form(call)
    _client(call, form)
    call.portal.tokens.revoke(form.get("token") or form.get("refresh_token") or form.get("access_token") or "")
    return Answer(status=204)


def details(call: Call) -> Answer:
    """v1: what an access token is good for."""
    held = call.portal.tokens.look_up(call.params["token"])
    if held is None or call.portal.tokens.expired(held):
        raise ApiError(404, "invalid token", "INVALID_AUTHENTICATION")
    life = held.expires - call.portal.now() if held.expires is not None else ACCESS_SECONDS * 1000
    body = {
        "token": call.params["token"],
        "user": "olivia.sample@example.com",
        "hub_domain": "sandbox.example",
        "hub_id": call.portal.portal_id,
        "app_id": held.app_id,
        "user_id": USER,
        "scopes": held.scopes if held.scopes is not None else ALL_SCOPES,
        "expires_in": life // 1000,
        "token_type": "access",
    }
    return Answer(body)


def private_app(call: Call) -> Answer:
    """What the token of a private app may do; tokens of the OAuth app are none of those (HubSpot's guide to them)."""
    given = str(call.json("tokenKey")["tokenKey"])
    held = call.portal.tokens.look_up(given)
    if held is None or held.expires is not None:
        raise ApiError(404, "No private app has this token", "OBJECT_NOT_FOUND")
    body = {
        "userId": USER,
        "hubId": call.portal.portal_id,
        "appId": held.app_id,
        "scopes": held.scopes if held.scopes is not None else ALL_SCOPES,
    }
    return Answer(body)


ENDPOINTS = [
    Endpoint("POST", "oauth", "/token", token, open=True),
    Endpoint("POST", "oauth1", "/token", token, open=True),
    Endpoint("GET", "oauth1", "/access-tokens/{token}", details, open=True),
    Endpoint("POST", "oauth", "/token/introspect", introspect, open=True),
    Endpoint("POST", "oauth", "/token/revoke", revoke, open=True),
    Endpoint("POST", "private_apps", "/get/access-token-info", private_app),
]

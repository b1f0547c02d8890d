"""Which scopes our token has, where HubSpot tells it.

OAuth tells the scopes with the token. A private app's token is looked up at an address that needs no scope itself
(HubSpot's guide to private apps); the token goes to the configured host, where every call brings it anyway. Nobody
knows the scopes of a token that HubSpot does not look up: then a call that is refused has to tell.
"""

from __future__ import annotations

from typing import Any

from connector.crm.auth import RenewedToken
from connector.crm.hubspot.client import Client, checked
from connector.errors import LaterError, SettingsError

TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"  # noqa: S105 - a path
"""It has no dated version."""


def held(client: Client) -> frozenset[str] | None:
    """The scopes of the token; None where HubSpot does not tell them."""
    try:
        told = _of_grant(client.token) if isinstance(client.token, RenewedToken) else _looked_up(client)
    except (SettingsError, LaterError):
        return None
    scopes = frozenset(each for each in (told if isinstance(told, list) else ()) if isinstance(each, str))
    # Definitions were read with this token: a list without any of the CRM's scopes is not the list we mean.
    return scopes if any(each.startswith("crm.") for each in scopes) else None


def _of_grant(token: RenewedToken) -> Any:
    token()
    return token.grant.scopes


def _looked_up(client: Client) -> Any:
    return checked(client.post(TOKEN_INFO, {"tokenKey": client.token()}, repeat=True), "the token").get("scopes")

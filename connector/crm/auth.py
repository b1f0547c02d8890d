"""Tokens of both CRMs: where they come from and when they are replaced. Which calls use them it does not know.

Token requests go to the configured address only, never to one that an answer names. Tokens and secrets stand in
no repr and no error. The keys of the forms are those of RFC 6749 and RFC 7523; the vendors' own rules:
HubSpot access tokens live 30 minutes and are renewed by time, since its 401 is no sign of expiry; Salesforce gives
no lifetime, so its tokens are renewed when a call is refused with INVALID_SESSION_ID.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Protocol

from connector.crm.http import Answer, Door
from connector.crm.retry import Denied, Heard, Policy, Verdict
from connector.errors import LaterError, SettingsError

EARLY = 60.0
"""Seconds before its end that a token with a known lifetime is replaced."""

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_LIFE = 180


class FixedToken:
    """A token that is given and cannot be renewed: HubSpot service key or private app, a Salesforce session id."""

    def __init__(self, token: str) -> None:
        self._token = token.strip()
        if not self._token:
            raise SettingsError("the token is empty: set it in the environment, the secrets file or the keyring")
        if not (self._token.isascii() and self._token.isprintable() and " " not in self._token):
            raise SettingsError("the token holds characters that no token has: copy it again, alone and in one line")

    def __call__(self) -> str:
        """The token."""
        return self._token

    def renew(self, rejected: str) -> bool:  # noqa: ARG002 - the protocol names what was rejected
        """There is no other."""
        return False


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token endpoint gave; `seconds` and `scopes` are None where the vendor does not tell them."""

    token: str = field(repr=False)
    seconds: float | None = None
    scopes: Any = None


class Flow(Protocol):
    """One way to get a token."""

    def fetch(self) -> Grant:
        """Ask the token endpoint.

        Raises:
            SettingsError: the vendor refuses these credentials.
            LaterError: it cannot answer now.
        """

    def close(self) -> None:
        """Give the connection back."""


class RenewedToken:
    """Fetches when first needed, ahead of the end of the lifetime, and once per token that a call saw refused.

    Threads that need a new token at the same time wait for one fetch; `grant` is the latest.
    """

    def __init__(self, flow: Flow, monotonic: Callable[[], float]) -> None:
        self._flow = flow
        self._monotonic = monotonic
        self._lock = Lock()
        self.grant = Grant("")
        self._until: float | None = None

    def __call__(self) -> str:
        """A token with life left in it."""
        with self._lock:
            if not self.grant.token or (self._until is not None and self._monotonic() >= self._until):
                self._fetch()
            return self.grant.token

    def renew(self, rejected: str) -> bool:
        """Fetch unless another thread has already replaced the rejected token."""
        with self._lock:
            if self.grant.token == rejected:
                self._fetch()
            return self.grant.token != rejected

    def close(self) -> None:
        """Give the connection back."""
        self._flow.close()

    def _fetch(self) -> None:
        began = self._monotonic()
        self.grant = self._flow.fetch()
        self._until = None if self.grant.seconds is None else began + max(self.grant.seconds - EARLY, 1.0)


class HubSpotRefresh:
    """HubSpot OAuth: a refresh token buys access tokens; a new refresh token in the answer is given to `save`."""

    def __init__(
        self,
        base_url: str,
        version: str,
        *,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        save: Callable[[str], None],
        pause: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._door = _token_door(base_url, "HubSpot", pause, monotonic)
        self._path = f"/oauth/{version}/token"
        self._form = {"grant_type": "refresh_token", "client_id": client_id, "client_secret": client_secret}
        self._refresh_token = refresh_token
        self._save = save

    def fetch(self) -> Grant:
        """A new access token."""
        body = _granted(
            self._door.call("POST", self._path, data={**self._form, "refresh_token": self._refresh_token}, repeat=True),
            "HubSpot",
        )
        rotated = body.get("refresh_token")
        if rotated and rotated != self._refresh_token:
            self._refresh_token = rotated
            self._save(rotated)
        return Grant(body["access_token"], float(body.get("expires_in", 1800)), body.get("scopes"))

    def close(self) -> None:
        """Give the connection back."""
        self._door.close()


class SalesforceFlow:
    """A Salesforce token request; `form` builds its fields anew each time, `headers` its authentication."""

    def __init__(
        self,
        login_url: str,
        form: Callable[[], Mapping[str, str]],
        *,
        pause: Callable[[float], None],
        monotonic: Callable[[], float],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._door = _token_door(login_url, "Salesforce", pause, monotonic)
        self._form = form
        self._headers = headers

    def fetch(self) -> Grant:
        """A new access token."""
        answer = self._door.call(
            "POST", "/services/oauth2/token", data=dict(self._form()), headers=self._headers, repeat=True
        )
        return Grant(_granted(answer, "Salesforce")["access_token"])

    def close(self) -> None:
        """Give the connection back."""
        self._door.close()


def salesforce_client_credentials(
    login_url: str,
    client_id: str,
    client_secret: str,
    *,
    pause: Callable[[float], None],
    monotonic: Callable[[], float],
) -> SalesforceFlow:
    """The client credentials flow: acts as the run-as user of the app. The address must be the My Domain."""
    basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
    form = {"grant_type": "client_credentials"}
    return SalesforceFlow(
        login_url, lambda: form, pause=pause, monotonic=monotonic, headers={"Authorization": f"Basic {basic}"}
    )


def salesforce_refresh(
    login_url: str,
    client_id: str,
    client_secret: str | None,
    refresh_token: str,
    *,
    pause: Callable[[float], None],
    monotonic: Callable[[], float],
) -> SalesforceFlow:
    """The refresh token flow; a public client has no secret."""
    form = {"grant_type": "refresh_token", "client_id": client_id, "refresh_token": refresh_token}
    if client_secret:
        form["client_secret"] = client_secret
    return SalesforceFlow(login_url, lambda: form, pause=pause, monotonic=monotonic)


def salesforce_jwt(
    login_url: str,
    client_id: str,
    username: str,
    private_key: str,
    *,
    pause: Callable[[float], None],
    monotonic: Callable[[], float],
    audience: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SalesforceFlow:
    """The JWT bearer flow: RS256, `exp` at most three minutes ahead, `aud` the login address.

    Raises:
        SettingsError: the private key is no PEM file of an RSA key.
    """

    def form() -> Mapping[str, str]:
        claims = {
            "iss": client_id,
            "sub": username,
            "aud": audience or login_url.rstrip("/"),
            "exp": int(now().timestamp()) + JWT_LIFE,
        }
        return {"grant_type": JWT_BEARER, "assertion": _signed(claims, private_key)}

    form()
    return SalesforceFlow(login_url, form, pause=pause, monotonic=monotonic)


def _signed(claims: Mapping[str, Any], private_key: str) -> str:
    import jwt  # noqa: PLC0415 - 9 MB that only this flow needs

    signed = None
    try:
        signed = jwt.encode(dict(claims), private_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        signed = None
    if signed is None:
        raise SettingsError("the Salesforce private key is not an RSA key in PEM form: check the file it is read from")
    return signed


def _token_door(url: str, vendor: str, pause: Callable[[float], None], monotonic: Callable[[], float]) -> Door:
    policy = Policy(vendor, lambda heard: _judge(vendor, heard), attempts=4)
    return Door(url, policy=policy, token=None, pause=pause, monotonic=monotonic, width=1)


def _judge(vendor: str, heard: Heard) -> Verdict | None:
    """A refusal is told by its OAuth error word, which is no secret."""
    if heard.status not in (400, 401, 403):
        return None
    body = heard.body if isinstance(heard.body, dict) else {}
    word = body.get("status") if body.get("status") not in (None, "error") else body.get("error")
    if not isinstance(word, str):
        return None if heard.garbled else Denied(f"{vendor} refuses the credentials: check client id, secret and user")
    safe = "".join(letter for letter in word if letter.isalnum() or letter == "_")[:60]
    return Denied(f"{vendor} refuses the credentials ({safe}): {_ADVICE.get(word, 'connect the app again')}")


_ADVICE = {
    "invalid_client": "the client id or its secret is wrong",
    "invalid_client_id": "the client id is wrong",
    "invalid_client_credentials": "the client secret is wrong",
    "BAD_REFRESH_TOKEN": "the refresh token is invalid or revoked: connect the app again",
    "invalid_grant": "the refresh token, the user or the signature is not accepted: check the app's policies and user",
    "unsupported_grant_type": "this flow is not switched on for the app",
    "inactive_user": "the user is not active",
    "inactive_org": "the org is not active",
}


def _granted(answer: Answer, vendor: str) -> dict[str, Any]:
    body = answer.body
    if isinstance(body, dict) and isinstance(body.get("access_token"), str):
        return body
    if answer.status >= 400:  # noqa: PLR2004 - errors as HTTP defines them
        raise SettingsError(f"{vendor} has no token endpoint at the configured address (status {answer.status})")
    raise LaterError(f"{vendor} answered a token request without a token: try again, then check the address", 60.0)


__all__ = [
    "FixedToken",
    "Flow",
    "Grant",
    "HubSpotRefresh",
    "RenewedToken",
    "SalesforceFlow",
    "salesforce_client_credentials",
    "salesforce_jwt",
    "salesforce_refresh",
]

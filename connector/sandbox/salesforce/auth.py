"""Who may call: the token endpoint with its three grants, sessions that end, and client applications.

Sessions are kept in memory only: a restarted sandbox asks everybody to log in again.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.seed import INTEGRATION_ID, ORG_ID
from connector.sandbox.salesforce.store import Store

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEFAULT_CLIENT, DEFAULT_SECRET = "revloop-sandbox", "sandbox-secret"
_OPEN = re.compile(r"(00D\w{12,15})![.\w]*").fullmatch
_AUDIENCE = re.compile(r"https?://((login|test)\.salesforce\.com|[\w.-]+\.my\.salesforce\.com|[\w.:-]+)/?").fullmatch
_LEEWAY = timedelta(minutes=5)


@dataclass(slots=True)
class Client:
    """A client application: what it proves itself with and whom it acts as."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    public_key: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    user: str = INTEGRATION_ID
    approved: bool = True


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.body = {"error": code, "error_description": description}


class Auth:
    """The sessions and client applications of the org.

    `open_session` lets every made-up token of Salesforce's form in as the integration user, so that clients
    which cannot log in against a local address work. `lifetime` is the idle seconds after which a session from
    the token endpoint ends; a made-up one only ends by order.
    """

    def __init__(self, store: Store, clock: Clock, *, open_session: bool = True, lifetime: float = 7200) -> None:
        self._store = store
        self._clock = clock
        self.open_session = open_session
        self.lifetime = timedelta(seconds=lifetime)
        self.clients: dict[str, Client] = {}
        self._sessions: dict[str, tuple[str, datetime]] = {}
        self._made_up: set[str] = set()
        self._ended: set[str] = set()
        self.register(Client(DEFAULT_CLIENT, DEFAULT_SECRET, refresh_token=f"{DEFAULT_CLIENT}-refresh"))

    def register(self, client: Client) -> None:
        """Add or replace a client application."""
        self.clients[client.client_id] = client

    def set_lifetime(self, seconds: float) -> None:
        """Let sessions end after this idle time."""
        self.lifetime = timedelta(seconds=seconds)

    def set_open(self, open_session: bool) -> None:
        """Let made-up tokens in, those that were ended before too, or no longer."""
        self.open_session = open_session
        self._ended.clear()

    def end_all(self) -> None:
        """End every session; made-up tokens used so far are let in no more."""
        self._ended.update(self._sessions, self._made_up)
        self._sessions.clear()
        self._made_up.clear()

    def end(self, token: str) -> None:
        """End one session."""
        self._ended.add(token)
        self._sessions.pop(token, None)

    def user_of(self, header: str | None) -> str:
        """The id of the user whose session the Authorization header names.

        Raises:
            ApiError: 401, no header or no living session.
        """
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or not token:
            raise ApiError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)
        token, now = token.strip(), self._clock.now()
        user, used = self._sessions.get(token, (None, now))
        if user is not None and now - used > self.lifetime:
            self.end(token)
            user = None
        if user is not None:
            self._sessions[token] = (user, now)
        elif self.open_session and token not in self._ended and _OPEN(token):
            self._made_up.add(token)
            user = INTEGRATION_ID
        if user is None:
            raise ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        return user

    def token(self, form: dict[str, str], authorization: str | None, base: str) -> dict[str, Any]:
        """The answer of the token endpoint to a form; `base` is the org's own address.

        Raises:
            OAuthError: the grant is refused.
        """
        grant = form.get("grant_type")
        if grant == JWT_GRANT:
            user = self._by_assertion(form.get("assertion", ""))
        elif grant == "client_credentials":
            user = self._client(form, authorization).user
        elif grant == "refresh_token":
            client = self._client(form, authorization, secret=False)
            if not client.refresh_token or client.refresh_token != form.get("refresh_token"):
                raise OAuthError("invalid_grant", "expired access/refresh token")
            user = client.user
        else:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        token = f"{ORG_ID[:15]}!{secrets.token_hex(40)}"
        self._sessions[token] = (user, self._clock.now())
        issued = str(int(self._clock.now().timestamp() * 1000))
        return {
            "access_token": token,
            "scope": "api id",
            "instance_url": base,
            "id": f"https://login.salesforce.com/id/{ORG_ID}/{user}",
            "token_type": "Bearer",
            **({} if grant == JWT_GRANT else {"issued_at": issued, "signature": secrets.token_urlsafe(32)}),
        }

    def _client(self, form: dict[str, str], authorization: str | None, *, secret: bool = True) -> Client:
        """The client application that proved itself by HTTP Basic or by form fields."""
        name, given = form.get("client_id", ""), form.get("client_secret")
        if authorization and authorization.lower().startswith("basic "):
            try:
                name, _, given = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise OAuthError("invalid_client", "invalid client credentials") from None
        client = self.clients.get(name)
        if client is None:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if (secret or given is not None) and (client.secret is None or client.secret != given):
            raise OAuthError("invalid_client", "invalid client credentials")
        return client

    def _by_assertion(self, assertion: str) -> str:
        """The user for whom a signed assertion speaks."""
        try:
            unproved = jwt.decode(assertion, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise OAuthError("invalid_grant", "invalid assertion") from None
        client = self.clients.get(str(unproved.get("iss")))
        if client is None or client.public_key is None:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        try:
            claims = jwt.decode(
                assertion,
                client.public_key,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_aud": False, "verify_sub": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError):
            raise OAuthError("invalid_grant", "invalid assertion") from None
        self._check_claims(claims)
        return self._user_named(str(claims.get("sub")), client)

    def _check_claims(self, claims: dict[str, Any]) -> None:
        """Refuse an assertion for another audience or outside of its time; `exp` may be text."""
        try:
            expires = datetime.fromtimestamp(int(claims["exp"]), UTC)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if not _AUDIENCE(str(claims.get("aud"))):
            raise OAuthError("invalid_grant", "audience is invalid")
        # The sandbox's clock may stand still; a client signs by its own, so either may vouch for the time.
        presents = (self._clock.now(), datetime.now(UTC))
        if not any(now < expires <= now + _LEEWAY for now in presents):
            raise OAuthError("invalid_grant", "expired authorization code")

    def _user_named(self, username: str, client: Client) -> str:
        found = self._store.db.execute(
            'SELECT Id FROM "User" WHERE Username = ? AND IsActive = 1', (username,)
        ).fetchone()
        if found is None or not client.approved:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        return str(found[0])

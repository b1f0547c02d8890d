"""Bearer tokens and OAuth clients of one account: which token is known, until when, with which scopes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import instants
from connector.sandbox.hubspot.errors import ApiError, missing_scopes, unauthenticated
from connector.sandbox.hubspot.store import Store

DEFAULT_TOKEN = "pat-na1-sandbox"  # noqa: S105 - the published key of a local sandbox
ACCESS_SECONDS = 1800
"""Life of an OAuth access token (HubSpot's OAuth guide)."""


@dataclass(slots=True)
class Token:
    """One bearer token; `scopes` None means all, `expires` is in milliseconds of sandbox time."""

    scopes: list[str] | None
    app_id: int
    expires: int | None = None


class Tokens:
    """The tokens, refresh tokens and authorization codes that the account accepts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        app_id: int,
        given: Mapping[str, Sequence[str] | None] | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self.app_id = app_id
        first = given if given is not None else {DEFAULT_TOKEN: None}
        kept = store.get("tokens") or {
            "bearer": {
                token: {"scopes": list(scopes) if scopes is not None else None, "app_id": app_id}
                for token, scopes in first.items()
            },
            "refresh": {"na1-sandbox-refresh": {"scopes": None}},
            "codes": {"sandbox-code": {"scopes": None}},
            "clients": {"sandbox-client": "sandbox-secret"},
        }
        self._bearer = {token: Token(**body) for token, body in kept["bearer"].items()}
        self.refresh: dict[str, dict[str, Any]] = kept["refresh"]
        self.codes: dict[str, dict[str, Any]] = kept["codes"]
        self.clients: dict[str, str] = kept["clients"]

    def keep(self) -> None:
        """Write the tokens into the store."""
        bearer = {token: asdict(body) for token, body in self._bearer.items()}
        kept = {"bearer": bearer, "refresh": self.refresh, "codes": self.codes, "clients": self.clients}
        self._store.put("tokens", kept)

    def add(self, token: str, scopes: list[str] | None, app_id: int | None = None) -> None:
        """Accept a token that does not expire."""
        self._bearer[token] = Token(scopes, app_id or self.app_id)
        self.keep()

    def revoke(self, token: str) -> None:
        """Accept a bearer or refresh token no longer."""
        self._bearer.pop(token, None)
        self.refresh.pop(token, None)
        self.keep()

    def issue(self, scopes: list[str] | None) -> str:
        """A new access token of the OAuth app."""
        token = "C" + secrets.token_urlsafe(180)
        self._bearer[token] = Token(scopes, self.app_id, self._now() + ACCESS_SECONDS * 1000)
        self.keep()
        return token

    def look_up(self, token: str) -> Token | None:
        """The token as it is known, expired or not."""
        return self._bearer.get(token)

    def expired(self, token: Token) -> bool:
        """Whether its time is over."""
        return token.expires is not None and token.expires <= self._now()

    def authenticate(self, header: str) -> Token:
        """The token of an Authorization header.

        Raises:
            ApiError: 401; the text of an expired token is not published in the facts' sources.
        """
        scheme, _, secret = header.partition(" ")
        token = self._bearer.get(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise unauthenticated()
        if self.expired(token):
            at = instants.shown(token.expires or 0)
            text = "The OAuth token used to make this call has expired."
            raise ApiError(401, text, "EXPIRED_AUTHENTICATION", {"context": {"expire time": [at]}})
        return token

    def _now(self) -> int:
        return instants.to_ms(self._clock.now())


def require(token: Token, wanted: Sequence[str]) -> None:
    """Let a call through whose token has one of the scopes.

    Raises:
        ApiError: 403 MISSING_SCOPES.
    """
    if wanted and token.scopes is not None and not set(wanted) & set(token.scopes):
        raise missing_scopes(wanted)

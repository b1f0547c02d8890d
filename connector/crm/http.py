"""The only door to the network: one pooled session per CRM, its timeouts, its retries, its silence about secrets.

It knows HTTP and no vendor. What an error body means is the policy's business (`retry.py`), how fast calls may
start the pace's (`pace.py`), which token is used the credentials' (`auth.py`). Nothing here is ever printed or
raised that holds a header, a body or a query value: errors name the method, the path and the status.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any, Protocol

import orjson
import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type
from urllib3.exceptions import HTTPError

from connector.crm.address import checked_url
from connector.crm.pace import Pace
from connector.crm.retry import Failed, Heard, Policy, Repeat, Return, Stop, Tries, decide
from connector.crm.wire import Bearer, failure, hear, session
from connector.errors import ConnectorError, LaterError, SettingsError

log = logging.getLogger("revloop.http")
# urllib3 logs every URL with its query, and a query may hold an e-mail address.
logging.getLogger("urllib3").setLevel(logging.WARNING)

CONNECT, READ = 5.0, 60.0
FORBIDDEN = 403
CHUNK = 1 << 16


class LostAnswer(LaterError):  # noqa: N818 - what happened, not what is wrong
    """The request may have been carried out: for a write this means `Unknown`, for a read try later."""


class CallDeniedError(SettingsError):
    """The token is known and this call refused: a scope, permission, subscription or the thing itself is missing."""


class Token(Protocol):
    """What the door asks of credentials."""

    def __call__(self) -> str:
        """The token to send now."""

    def renew(self, rejected: str) -> bool:
        """Replace a token the vendor refused; False when there is no way to get another."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer for the adapter; `body` is decoded JSON or None, or bytes where the call asked for them.

    `risky` says that an earlier attempt of the same call may have been carried out already.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)
    risky: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, the same in every attempt."""

    method: str
    path: str
    params: Any = field(repr=False)
    data: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    repeat: bool
    decode: bool
    stream: bool
    pace: Pace | None = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


class _Again(Exception):  # noqa: N818 - a signal to tenacity, never seen outside
    def __init__(self, after: float) -> None:
        self.after = after
        super().__init__()


class Door:
    """Sends the calls of one CRM to `base_url` and nowhere else.

    Args:
        base_url: scheme and host; https, or http on the local machine.
        policy: the vendor's retry rules.
        token: gives and renews the bearer token; None sends none.
        pause: sleeps, so that tests need not.
        monotonic: seconds that never run backwards.
        width: how many connections are kept.
        pace: the window in which calls may start.
        listen: sees every answer first, for the limit headers.
        timeout: seconds to connect, seconds between two bytes.
        clock: the local present, used for `vendor_now` until an answer brings the vendor's.

    Raises:
        SettingsError: the address is not one we send a token to.
    """

    def __init__(
        self,
        base_url: str,
        *,
        policy: Policy,
        token: Token | None,
        pause: Callable[[float], None],
        monotonic: Callable[[], float],
        width: int = 10,
        pace: Pace | None = None,
        listen: Callable[[Heard], None] | None = None,
        timeout: tuple[float, float] = (CONNECT, READ),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.base_url = checked_url(base_url)
        self._policy = policy
        self._token = token
        self._pause = pause
        self._monotonic = monotonic
        self._pace = pace
        self._listen = listen
        self._timeout = timeout
        self._clock = clock
        self._session = session(width)
        self._lock = Lock()
        self._calls = 0
        self._date: tuple[datetime, float] | None = None

    def __repr__(self) -> str:
        return f"Door({self.base_url!r})"

    @property
    def calls(self) -> int:
        """Requests sent so far, repeats included."""
        return self._calls

    def vendor_now(self) -> datetime:
        """The vendor's present by the latest `Date` header; the local clock before the first answer."""
        with self._lock:
            known = self._date
        if known is None:
            return self._clock()
        at, heard = known
        return at + timedelta(seconds=self._monotonic() - heard)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        repeat: bool,
        params: Any = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        decode: bool = True,
        pace: Pace | None = None,
    ) -> Answer:
        """Send one call and repeat it as far as that is safe; 4xx answers about the content are returned.

        Args:
            method: the HTTP method.
            path: begins with "/"; may carry a query.
            repeat: carrying the call out twice does no harm (reads, upserts by a stamp).
            params: query parameters.
            json: the body, encoded here.
            data: or the body as bytes or form fields.
            headers: further headers.
            decode: False gives the body of a 2xx answer as bytes.
            pace: another window than the door's own.

        Raises:
            CallDeniedError: a scope or permission.
            SettingsError: address, certificate or token.
            LaterError: not done: limits, or the CRM cannot be reached.
            LostAnswer: perhaps done.
        """
        call = self._prepare(method, path, params, json, data, headers, repeat=repeat, decode=decode, pace=pace)
        heard, _, risky = self._insist(call)
        return Answer(heard.status, heard.headers, heard.body, risky)

    @contextmanager
    def stream(
        self, path: str, *, params: Any = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[tuple[Answer, Iterator[bytes]]]:
        """GET a long body piece by piece; a 2xx answer has body None, its bytes come from the iterator.

        Raises:
            LostAnswer: while iterating, when the body breaks off: read the page again.
        """
        call = self._prepare("GET", path, params, None, None, headers, repeat=True, decode=True, stream=True)
        heard, response, _ = self._insist(call)
        with closing(response):
            yield Answer(heard.status, heard.headers, heard.body), self._pieces(call, response)

    def _pieces(self, call: _Call, response: requests.Response) -> Iterator[bytes]:
        pieces = response.iter_content(CHUNK)
        while True:
            broken = False
            piece = None
            try:
                piece = next(pieces, None)
            except (requests.RequestException, HTTPError):
                broken = True
            if broken:
                raise LostAnswer(f"{self._policy.vendor} {call.name}: the answer broke off: run again", 5.0)
            if piece is None:
                return
            yield piece

    def _prepare(
        self,
        method: str,
        path: str,
        params: Any,
        json: Any,
        data: Any,
        headers: Mapping[str, str] | None,
        *,
        repeat: bool,
        decode: bool,
        pace: Pace | None = None,
        stream: bool = False,
    ) -> _Call:
        if not path.startswith("/"):
            raise ValueError("a path begins with '/': the token goes to the configured host only")
        sent = {"Accept": "application/json", **(headers or {})}
        if json is not None:
            data = orjson.dumps(json)
            sent.setdefault("Content-Type", "application/json")
        return _Call(method, path, params, data, sent, repeat, decode, stream, pace or self._pace)

    def _insist(self, call: _Call) -> tuple[Heard, requests.Response, bool]:
        """Attempt after attempt, as `decide` says; tells too whether an earlier one may have been carried out."""
        tries = [Tries()]
        retrying = Retrying(
            retry=retry_if_exception_type(_Again), wait=_asked_for, sleep=self._pause, reraise=True, stop=_never
        )
        heard, response = retrying(self._attempt, call, tries)
        return heard, response, tries[0].risky

    def _attempt(self, call: _Call, tries: list[Tries]) -> tuple[Heard, requests.Response]:
        if call.pace:
            call.pace.enter()
        token = self._token() if self._token else None
        heard, response = self._send(call, token)
        decision = decide(self._policy, tries[0], repeat=call.repeat, heard=heard)
        if isinstance(decision, Return) and isinstance(heard, Heard) and response is not None:
            return heard, response
        if response is not None:
            response.close()
        if isinstance(decision, Repeat):
            renewed = decision.renew and token is not None and self._token is not None and self._token.renew(token)
            if decision.renew and not renewed:
                raise SettingsError(self._sentence(call, "the token is refused and cannot be renewed: replace it"))
            if decision.everybody and call.pace:
                call.pace.hold(decision.after)
            last = tries[0]
            tries[0] = Tries(last.attempt + 1, decision.risky, last.renewed or renewed)
            raise _Again(decision.after)
        raise self._error(call, decision, heard)

    def _error(self, call: _Call, decision: Any, heard: Heard | Failed) -> ConnectorError:
        if not isinstance(decision, Stop):
            return LostAnswer(self._sentence(call, "no usable answer"))
        sentence = self._sentence(call, decision.words)
        if decision.kind == "settings":
            # A page of a proxy is no word of the vendor's.
            denied = isinstance(heard, Heard) and heard.status == FORBIDDEN and not heard.garbled
            return CallDeniedError(sentence) if denied else SettingsError(sentence)
        return (LostAnswer if decision.kind == "lost" else LaterError)(sentence, decision.after)

    def _sentence(self, call: _Call, words: str) -> str:
        return f"{words} ({self._policy.vendor}, {call.name})"

    def _send(self, call: _Call, token: str | None) -> tuple[Heard | Failed, requests.Response | None]:
        """One request; exceptions of the libraries end here, since their texts hold URLs."""
        began = self._monotonic()
        with self._lock:
            self._calls += 1
        try:
            response = self._session.request(
                call.method,
                self.base_url + call.path,
                params=call.params,
                data=call.data,
                headers=call.headers,
                auth=Bearer(token),
                timeout=self._timeout,
                allow_redirects=False,
                stream=call.stream,
            )
            heard = hear(response, decode=call.decode, stream=call.stream)
        except (requests.RequestException, HTTPError, UnicodeError) as error:
            failed = failure(error, self._policy.vendor)
            log.debug("%s: %s", call.name, failed.kind)
            return failed, None
        self._note(response)
        log.debug("%s: %d in %.0f ms", call.name, response.status_code, (self._monotonic() - began) * 1000)
        if self._listen:
            self._listen(heard)
        return heard, response

    def _note(self, response: requests.Response) -> None:
        """Keep the vendor's time; whole seconds that were over when the answer came, so it is never ahead."""
        try:
            date = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        with self._lock:
            self._date = date.astimezone(UTC), self._monotonic()


def _asked_for(state: RetryCallState) -> float:
    """The wait that `decide` asked for, carried by the signal."""
    signal = state.outcome.exception() if state.outcome else None
    return signal.after if isinstance(signal, _Again) else 0.0


def _never(_state: RetryCallState) -> bool:
    return False

"""HubSpot's own client with its generic request door led through ours: pooled, paced, within the day's budget.

`hubspot-api-client` builds the request; its typed calls are not used: they know only the numbered paths that end
in 2027 and decode many times slower than JSON. What the answers mean is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from hubspot.client import Client as VendorClient
from hubspot.utils.requests.http_request_builder import Request

from connector.crm.http import Answer, CallDeniedError, Door, Token
from connector.crm.hubspot.refusals import policy
from connector.crm.pace import Allowance, Pace
from connector.crm.retry import Heard
from connector.errors import LaterError

BURST = (100, 10.0)
"""Calls per seconds until the first answer tells more; the lowest that any tier has."""
SEARCH = (5, 1.0)
"""Search calls per second and account; its answers carry no limit headers."""
_HEADER = "X-HubSpot-RateLimit-"


class Client(VendorClient):  # type: ignore[misc] # the vendor's package ships no types
    """One portal's requests; counts them and keeps its limits."""

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        share: float,
        width: int,
        pause: Callable[[float], None],
        monotonic: Callable[[], float],
        clock: Callable[[], datetime],
        timeout: tuple[float, float],
    ) -> None:
        super().__init__(base_url="", user_agent="revloop")
        self.allowance = Allowance("HubSpot", share, monotonic)
        self.zone: str = ""
        self.token = token
        self.monotonic = monotonic
        self._pace = Pace(*BURST, monotonic=monotonic, pause=pause)
        self._search_pace = Pace(*SEARCH, monotonic=monotonic, pause=pause)
        self.door = Door(
            url,
            policy=policy(),
            token=token,
            pause=pause,
            monotonic=monotonic,
            width=width,
            pace=self._pace,
            listen=self._listen,
            timeout=timeout,
            clock=clock,
        )

    def api_request(self, options: dict[str, Any]) -> Answer:
        """Send what the vendor's builder makes of `options`, through our door.

        Besides the builder's keys `repeat` says that the call may be carried out twice, `search` that it counts
        against the search limit.
        """
        self.allowance.check(self._until_midnight())
        request = Request(self.config, options)
        sending = request.get_options_for_sending()
        return self.door.call(
            request.get_method(),
            request.get_url(),
            data=sending.get("data"),
            headers=sending.get("headers"),
            repeat=bool(options.get("repeat")),
            pace=self._search_pace if options.get("search") else self._pace,
        )

    def get(self, path: str, **query: Any) -> Answer:
        """Read with GET; lists become comma-separated."""
        told = {key: ",".join(value) if isinstance(value, list) else value for key, value in query.items()}
        qs = {key: value for key, value in told.items() if value not in (None, "")}
        return self.api_request({"method": "GET", "path": path, "qs": qs, "repeat": True})

    def post(self, path: str, body: Any, *, repeat: bool, search: bool = False) -> Answer:
        """Send a JSON body with POST."""
        encoded = orjson.dumps(body)
        return self.api_request({"method": "POST", "path": path, "body": encoded, "repeat": repeat, "search": search})

    def began(self, since: float) -> datetime:
        """The vendor's time at the local instant `since`, never later than it really was."""
        return self.door.vendor_now() - timedelta(seconds=self.monotonic() - since)

    def _listen(self, heard: Heard) -> None:
        """Learn the limits from an answer's headers; search and some others have none."""
        burst = _number(heard, "Max"), _number(heard, "Interval-Milliseconds")
        if burst[0] and burst[1]:
            self._pace.learn(burst[0], burst[1] / 1000)
        day = _number(heard, "Daily"), _number(heard, "Daily-Remaining")
        if day[0] and day[1] is not None:
            self.allowance.learn(day[0], day[1])

    def _until_midnight(self) -> float:
        """Seconds until the calls of the day begin anew: midnight in the portal's time zone."""
        try:
            zone = ZoneInfo(self.zone) if self.zone else UTC
        except (ZoneInfoNotFoundError, ValueError):
            zone = UTC
        now = self.door.vendor_now().astimezone(zone)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - now).total_seconds()


def checked(answer: Answer, what: str) -> Any:
    """The body of an answer that must be a success.

    Raises:
        CallDeniedError: HubSpot refuses the request itself; `what` was asked for.
    """
    if answer.status < 400:  # noqa: PLR2004 - errors as HTTP defines them
        return answer.body if isinstance(answer.body, dict) else {}
    body = answer.body if isinstance(answer.body, dict) else {}
    word = body.get("subCategory") or body.get("category") or ""
    word = f", {word}" if isinstance(word, str) and word else ""
    raise CallDeniedError(
        f"HubSpot does not answer for {what} (status {answer.status}{word}): check that the object exists in this "
        "portal, that the token may see it, and hubspot.version"
    )


def listed(answer: Answer, what: str) -> Any:
    """The body of an answer that must be a success and hold a list of `results`, were it an empty one.

    Raises:
        CallDeniedError: HubSpot refuses the request itself.
        LaterError: something between us and HubSpot answered in its place: that must not pass for an empty portal.
    """
    body = checked(answer, what)
    if not isinstance(body.get("results"), list):
        raise LaterError("HubSpot answered without 'results': check what stands between, then run again", 60.0)
    return body


def _number(heard: Heard, name: str) -> int | None:
    text = heard.headers.get(_HEADER + name, "")
    return int(text) if text.isdigit() else None

"""The door of a sandbox: counts calls, delays them, breaks them as ordered, and answers `/_sandbox/…`.

What a CRM does with a call is the vendor app's business behind the door.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import asdict
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from connector.sandbox.clock import Clock
from connector.sandbox.faults import Fault, Faults

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


def answer(value: Any, status: int = 200) -> Response:
    """A JSON response."""
    return Response(orjson.dumps(value), status, media_type="application/json")


class Door:
    """An ASGI app in front of one vendor app; `control` are the vendor's own `/_sandbox/…` routes."""

    def __init__(self, app: App, *, clock: Clock, control: Sequence[Route] = ()) -> None:
        self._app = app
        self._clock = clock
        self._faults = Faults()
        self._latency = 0.0
        self._calls: Counter[str] = Counter()
        self._writes = 0
        self._in_flight = 0
        self._most_in_flight = 0
        self._control = Router(
            routes=[
                Route("/_sandbox/clock", self._set_clock, methods=["GET", "POST"]),
                Route("/_sandbox/faults", self._order_faults, methods=["GET", "POST", "DELETE"]),
                Route("/_sandbox/counters", self._show_counters, methods=["GET", "DELETE"]),
                Route("/_sandbox/latency", self._set_latency, methods=["POST"]),
                *control,
            ]
        )

    def count_writes(self, records: int) -> None:
        """Add to the number of records that API calls have written."""
        self._writes += records

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one ASGI event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith("/_sandbox/"):
            await self._control(scope, receive, send)
        else:
            await self._vendor_call(scope, receive, send)

    def _dated(self, send: Send) -> Send:
        """A `send` whose answers carry the sandbox's own time in `Date`, as a vendor's carry the vendor's."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now().replace(microsecond=0), usegmt=True).encode()
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"date"]
                message["headers"] = [*kept, (b"date", date)]
            await send(message)

        return dated

    async def _vendor_call(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self._calls[f"{scope['method']} {scope['path']}"] += 1
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            if self._latency:
                await asyncio.sleep(self._latency)
            body = await _whole(receive)
            target = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
            fault = self._faults.strike(scope["method"], target, body.decode("utf-8", "replace"))
            scope["door"] = self
            if fault is not None and fault.kind in {"cut", "lost"}:
                await self._broken(fault, scope, _again(body), send)
            else:
                await self._pass_on(fault, scope, _again(body), self._dated(send))
        finally:
            self._in_flight -= 1

    async def _pass_on(
        self, fault: Fault | None, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "status":
            await _status(fault)(scope, receive, send)
        else:
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)

    async def _broken(self, fault: Fault, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Let the CRM do its work, then drop the connection: at once (`lost`) or after half the body (`cut`)."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(scope, receive, keep)
        if fault.kind == "cut":
            whole = b"".join(message.get("body", b"") for message in kept)
            await send(kept[0])
            await send({"type": "http.response.body", "body": whole[: len(whole) // 2], "more_body": True})
        _hang_up(send)

    async def _set_clock(self, request: Request) -> Response:
        if request.method == "POST":
            order = orjson.loads(await request.body())
            if "now" in order:
                self._clock.set(datetime.fromisoformat(order["now"]) if order["now"] else None)
            if "advance" in order:
                self._clock.advance(float(order["advance"]))
        return answer({"now": self._clock.now().isoformat()})

    async def _order_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            try:
                self._faults.add(orjson.loads(await request.body()))
            except ValueError as error:
                return answer({"error": str(error)}, 400)
        return answer({"faults": [asdict(fault) for fault in self._faults]})

    async def _show_counters(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._calls.clear()
            self._writes = 0
            self._most_in_flight = 0
        return answer(
            {
                "calls": sum(self._calls.values()),
                "writes": self._writes,
                "most_in_flight": self._most_in_flight,
                "by_path": dict(self._calls),
            }
        )

    async def _set_latency(self, request: Request) -> Response:
        self._latency = float(orjson.loads(await request.body())["seconds"])
        return answer({"seconds": self._latency})


def _status(fault: Fault) -> Response:
    """The ordered answer: JSON as given, text (say, an HTML page) as it stands."""
    if isinstance(fault.answer, str):
        return Response(fault.answer, fault.status, fault.headers, media_type="text/html")
    body = b"" if fault.answer is None else orjson.dumps(fault.answer)
    return Response(body, fault.status, fault.headers, media_type="application/json")


def _hang_up(send: Send) -> None:
    """Close the client's connection under uvicorn, whose `send` is a method of the cycle that owns the socket."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the sandbox dropped the connection as ordered")
    transport.close()


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes) -> Receive:
    """A `receive` that hands out a body read before, then waits as a silent client does."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            await asyncio.Event().wait()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive

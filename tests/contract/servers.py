"""A vendor sandbox on a free port for the length of a test, with everything that was said to it.

`running(...)` starts uvicorn in a thread around a vendor app behind the sandbox's own `Door`. Faults, clock and
vendor controls are ordered over HTTP through `Sandbox.order`, as a person would. `Sandbox.talk` keeps every
vendor call so that a fixture can hold it against the vendor's published contract.
"""

import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

import orjson
import requests
import uvicorn

from connector.sandbox.clock import Clock
from connector.sandbox.door import Door


@dataclass
class Said:
    """One vendor call and its answer."""

    method: str
    path: str
    query: str
    body: bytes
    status: int = 0
    answer: bytes = b""


@dataclass
class Sandbox:
    """A running sandbox."""

    url: str
    clock: Clock
    talk: list[Said] = field(default_factory=list)
    earlier: list[Said] = field(default_factory=list)  # said before `forget`

    def order(self, what: str, body: Any = None, method: str = "POST") -> Any:
        """Ask `/_sandbox/<what>`: `order("faults", {"kind": "lost"})`, `order("counters", method="GET")`."""
        answer = requests.request(method, f"{self.url}/_sandbox/{what}", data=orjson.dumps(body or {}), timeout=10)
        assert answer.ok, f"/_sandbox/{what}: {answer.status_code} {answer.text[:300]}"
        return orjson.loads(answer.content) if answer.content else None

    def calls(self) -> int:
        """Vendor calls since the counters were last reset."""
        return self.order("counters", method="GET")["calls"]

    def forget(self) -> None:
        """Reset the counters and what was kept."""
        self.order("counters", method="DELETE")
        self.earlier += self.talk
        self.talk.clear()


class _Ear:
    """Keeps what is said and dates the answers with sandbox time, as a vendor's `Date` header has its own."""

    def __init__(self, app, sandbox: Sandbox, clock: Clock) -> None:
        self._app = app
        self._sandbox = sandbox
        self._clock = clock

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Said(scope["method"], scope["path"], scope["query_string"].decode(), b"")

        async def listen():
            message = await receive()
            said.body += message.get("body", b"")
            return message

        if not scope["path"].startswith("/_sandbox/"):
            self._sandbox.talk.append(said)
        await self._app(scope, listen, _Mouth(send, said, self._clock).send)


class _Mouth:
    """Passes the answer on; it carries the connection's `transport`, which the door cuts for its faults."""

    def __init__(self, send, said: Said, clock: Clock) -> None:
        self.transport = getattr(getattr(send, "__self__", None), "transport", None)
        self._send = send
        self._said = said
        self._clock = clock

    async def send(self, message) -> None:
        if message["type"] == "http.response.start":
            self._said.status = message["status"]
            date = format_datetime(self._clock.now().replace(microsecond=0), usegmt=True).encode()
            headers = [pair for pair in message["headers"] if pair[0].lower() != b"date"]
            message = {**message, "headers": [*headers, (b"date", date)]}
        else:
            self._said.answer += message.get("body", b"")
        await self._send(message)


@contextmanager
def running(app, *, clock: Clock, control=()):
    """Serve a vendor app on a free port; yields the Sandbox."""
    # With the protocol left out, asyncio does not switch Nagle off and every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    sandbox = Sandbox(f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
    ear = _Ear(Door(app, clock=clock, control=control), sandbox, clock)
    config = uvicorn.Config(ear, log_level="critical", date_header=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    with closing(listener):
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the sandbox did not start"
            time.sleep(0.005)
        try:
            yield sandbox
        finally:
            server.should_exit = True
            thread.join(10)

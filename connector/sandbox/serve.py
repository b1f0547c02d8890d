"""Both sandboxes in one process, on two ports: what `revloop sandbox up` and the demo start."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from connector.sandbox import hubspot, salesforce
from connector.sandbox.clock import Clock
from connector.sandbox.door import Door

TOKEN = "pat-na1-sandbox"  # noqa: S105 - the sandbox's own token, good for nothing else
SESSION = "00D000000000001EAA!sandbox"
"""What a project may present to the two sandboxes."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Two running sandboxes: their addresses, apps and common clock."""

    hubspot_url: str
    salesforce_url: str
    hubspot: Starlette
    salesforce: Starlette
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Setup:
    """The servers before they run."""

    desk: Desk
    servers: list[tuple[uvicorn.Server, socket.socket]]


def _prepare(
    data: Path | None,
    hubspot_port: int,
    salesforce_port: int,
    *,
    bare: bool,
    hubspot_options: dict[str, Any],
    clock: Clock | None = None,
) -> _Setup:
    if data is not None:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = clock or Clock()
    portal = hubspot.create_app(data, clock=clock, bare=bare, **hubspot_options)
    org = salesforce.create_app(data, clock=clock, bare=bare)
    doors = (
        (Door(portal, clock=clock, control=hubspot.control_routes(portal)), hubspot_port),
        (Door(org, clock=clock, control=salesforce.control_routes(org)), salesforce_port),
    )
    servers = []
    urls = []
    for door, port in doors:
        listener = _listen(port)
        urls.append(f"http://127.0.0.1:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            door, log_level="warning", access_log=False, date_header=False, timeout_graceful_shutdown=1, lifespan="on"
        )
        servers.append((uvicorn.Server(config), listener))
    return _Setup(Desk(urls[0], urls[1], portal, org, clock), servers)


def _listen(port: int) -> socket.socket:
    """A listening socket on this machine only.

    Raises:
        OSError: the port is taken.
    """
    # With the protocol left out, asyncio does not switch Nagle off and every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)  # from here on a client waits instead of being refused
    except OSError:
        listener.close()
        raise
    return listener


async def _serve(setup: _Setup) -> None:
    try:
        await asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in setup.servers))
    finally:
        for _, listener in setup.servers:
            listener.close()


def serve(
    data: Path | None,
    *,
    hubspot_port: int = 8101,
    salesforce_port: int = 8102,
    bare: bool = False,
    ready: Callable[[Desk], None] = lambda _desk: None,
    hubspot_options: dict[str, Any] | None = None,
) -> None:
    """Run both sandboxes until Ctrl-C or SIGTERM.

    Args:
        data: the folder of their SQLite files; None keeps everything in memory.
        hubspot_port: 0 takes a free one.
        salesforce_port: likewise.
        bare: without the stamp fields.
        ready: told the addresses once both are listening.
        hubspot_options: further options of the HubSpot sandbox.

    Raises:
        OSError: a port is taken.
    """
    setup = _prepare(data, hubspot_port, salesforce_port, bare=bare, hubspot_options=hubspot_options or {})
    ready(setup.desk)

    def stop(*_: Any) -> None:
        for server, _listener in setup.servers:
            server.should_exit = True

    for server, _listener in setup.servers:
        server.capture_signals = _no_signals  # type: ignore[method-assign] # two servers share one handler, ours
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    asyncio.run(_serve(setup))


@contextmanager
def _no_signals() -> Iterator[None]:
    yield


@contextmanager
def running(
    data: Path | None = None,
    *,
    bare: bool = False,
    hubspot_port: int = 0,
    salesforce_port: int = 0,
    hubspot_options: dict[str, Any] | None = None,
    clock: Clock | None = None,
) -> Iterator[Desk]:
    """Both sandboxes in a thread, for as long as the block lasts; `clock` is theirs instead of the present.

    Raises:
        OSError: a port is taken.
    """
    options = hubspot_options or {}
    setup = _prepare(data, hubspot_port, salesforce_port, bare=bare, hubspot_options=options, clock=clock)
    thread = threading.Thread(target=lambda: asyncio.run(_serve(setup)), daemon=True)
    thread.start()
    while not all(server.started for server, _ in setup.servers):
        if not thread.is_alive():
            raise OSError("the sandboxes did not start")
        time.sleep(0.005)
    try:
        yield setup.desk
    finally:
        for server, _ in setup.servers:
            server.should_exit = True
        thread.join(10)

"""The Salesforce sandbox as an ASGI app: sockets on one side, plain calls on the other.

Each call is answered whole, one at a time, in one transaction; what a path does is decided below.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce.auth import OAuthError
from connector.sandbox.salesforce.bulk import resources as bulk
from connector.sandbox.salesforce.bulk.jobs import Jobs
from connector.sandbox.salesforce.errors import ApiError, not_found
from connector.sandbox.salesforce.http import Call, Reply, params, refusal
from connector.sandbox.salesforce.org import Options, Org
from connector.sandbox.salesforce.rest import (
    changes,
    collections,
    composite,
    deploys,
    org_wide,
    query,
    records,
    schema_views,
    tooling,
)

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
_FAMILIES = (org_wide, schema_views, tooling, deploys, changes, query, collections, composite, bulk, records)
"""Asked in this order: a fixed path such as `…/describe` comes before one with an id in its place."""
_DATA = "/services/data"


def create_app(data: Path | None, *, clock: Clock, bare: bool = False, **options: Any) -> Starlette:
    """The sandbox app; `data` is the directory of its SQLite file, None keeps everything in memory.

    `bare` leaves out the custom field that revloop needs; further options are those of `Options`. The org is
    found in `app.state.org`.
    """
    org = Org(data, clock, Options(bare=bare, **options))
    org.jobs = Jobs()
    for family in _FAMILIES:
        family.add_to(org.paths)

    async def answer(request: Request) -> Response:
        return await _answer(org, request)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await org.jobs.stop()
        org.store.close()

    app = Starlette(
        routes=[Route("/{path:path}", answer, methods=_METHODS)],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)],
        lifespan=lifespan,
    )
    app.state.org = org
    return app


async def _answer(org: Org, request: Request) -> Response:
    """Read a request, answer it under the org's lock, and begin the jobs that it ordered."""
    body = await request.body()
    call = Call(
        org,
        request.method,
        "/" + request.scope["raw_path"].decode().partition("?")[0].lstrip("/"),
        params(request.url.query),
        {name.lower(): value for name, value in request.headers.items()},
        body,
        door=request.scope.get("door"),
        base=f"{request.url.scheme}://{request.url.netloc}",
    )
    async with org.lock:
        reply = _reply(call)
        org.jobs.launch()
    call.count_writes(call.wrote)
    reply.headers["Date"] = format_datetime(org.store.now(), usegmt=True)
    return Response(
        reply.body(), reply.status, reply.headers, media_type=reply.media if reply.value is not None else None
    )


def _reply(call: Call) -> Reply:
    try:
        call.body = _unpacked(call)
        if call.path.startswith("/services/oauth2/"):
            return _oauth(call)
        if call.path.rstrip("/") == _DATA:
            return Reply(org_wide.versions())
        if call.path.startswith("/id/"):
            return _identity(call)
        return _data(call)
    except ApiError as error:
        return refusal(error)


def _data(call: Call) -> Reply:
    """Answer a call of the API proper: a session is needed, and it counts against the quota."""
    org = call.org
    if not call.path.startswith(_DATA + "/"):
        raise not_found()
    call.user = org.auth.user_of(call.headers.get("authorization"))
    org.quota.spend(org.store.now())
    with org.store.transaction():
        reply = org.answer(call)
    reply.headers["Sforce-Limit-Info"] = org.quota.header(org.store.now())
    return reply


def _oauth(call: Call) -> Reply:
    auth = call.org.auth
    given = {**call.query, **params(call.body.decode("utf-8", "replace"))}
    actions: dict[str, Callable[[], Any]] = {
        "token": lambda: auth.token(given, call.headers.get("authorization"), call.base),
        "userinfo": lambda: org_wide.user_info(call.org, auth.user_of(call.headers.get("authorization")), call.base),
        "revoke": lambda: auth.end(given.get("token", "")),
    }
    action = actions.get(call.path.rstrip("/").rpartition("/")[2])
    if action is None:
        raise not_found()
    try:
        return Reply(action())
    except OAuthError as error:
        return Reply(error.body, 400)


def _identity(call: Call) -> Reply:
    in_query = call.query.get("oauth_token")
    call.org.auth.user_of(f"Bearer {in_query}" if in_query else call.headers.get("authorization"))
    return Reply(org_wide.user_info(call.org, call.path.rstrip("/").rpartition("/")[2], call.base))


def _unpacked(call: Call) -> bytes:
    """The body without its content encoding.

    Raises:
        ApiError: it is not what its header says.
    """
    if call.headers.get("content-encoding", "").lower() != "gzip":
        return call.body
    try:
        return gzip.decompress(call.body)
    except (OSError, EOFError, zlib.error):
        raise ApiError("INVALID_CONTENT", "The body is not gzip") from None

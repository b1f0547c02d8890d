"""The HubSpot sandbox as an ASGI app: finds the endpoint, checks token and limits, runs it in one transaction.

What an endpoint does is in the `api_*` files; the doors for tests and people are in `control.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connector.sandbox.hubspot import (
    api_associations,
    api_batches,
    api_events,
    api_groups,
    api_labels,
    api_oauth,
    api_objects,
    api_pipelines,
    api_properties,
    api_schemas,
    api_settings,
    filters,
)
from connector.sandbox.hubspot.call import Answer, Call, correlation_id
from connector.sandbox.hubspot.errors import ApiError
from connector.sandbox.hubspot.limits import Limits
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.router import Match, Router
from connector.sandbox.hubspot.tokens import Token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connector.sandbox.clock import Clock

MAX_URL = 16_000
"""Bytes of a request line before 414; integrators split property lists at 15,000."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
ENDPOINTS = [
    *api_objects.ENDPOINTS,
    *api_batches.ENDPOINTS,
    *api_associations.ENDPOINTS,
    *api_labels.ENDPOINTS,
    *api_properties.ENDPOINTS,
    *api_groups.ENDPOINTS,
    *api_events.ENDPOINTS,
    *api_schemas.ENDPOINTS,
    *api_pipelines.ENDPOINTS,
    *api_settings.ENDPOINTS,
    *api_oauth.ENDPOINTS,
]


def create_app(
    data: Path | None,
    *,
    clock: Clock,
    bare: bool = False,
    tokens: Mapping[str, Sequence[str] | None] | None = None,
    tier: str = "enterprise",
    ten_secondly: int | None = None,
    search_per_second: int = 5,
    enforce_rates: bool = True,
) -> Starlette:
    """The sandbox over one SQLite file in `data`, or in memory.

    `bare` leaves out the `revloop` property group and stamp; `tokens` maps bearer tokens to scopes (None: all);
    the limits follow the tier unless `ten_secondly` is given.
    The portal is `app.state.portal`.
    """
    limits = Limits(clock, search=search_per_second, enforce=enforce_rates)
    portal = Portal(data, clock=clock, bare=bare, limits=limits, tokens=tokens, tier=tier)
    if ten_secondly is not None:
        limits.ten_secondly = ten_secondly
    filters.register(portal.store.db)
    router = Router(ENDPOINTS)

    async def answer(request: Request) -> Response:
        return await _answer(portal, router, request)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        portal.store.close()

    app = Starlette(
        routes=[Route("/{path:path}", answer, methods=METHODS)],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)],
        lifespan=lifespan,
    )
    app.state.portal = portal
    return app


async def _answer(portal: Portal, router: Router, request: Request) -> Response:
    correlation = correlation_id(portal.now())
    headers = {"x-hubspot-correlation-id": correlation, "x-request-id": correlation}
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    try:
        match = _find(router, request.method, path, query)
        if match is None:
            return Response("<h2>HTTP ERROR 404 Not Found</h2>", 404, headers, media_type="text/html")
        token = _admit(portal, match, request, headers)
        raw = await request.body()
        answer = _run(portal, match, token, query, raw)
    except ApiError as error:
        return _json(error.body(correlation), error.status, headers | error.headers)
    door = request.scope.get("door")
    if door is not None and answer.writes:
        door.count_writes(answer.writes)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers | answer.headers)
    return _json(answer.body, answer.status, headers | answer.headers)


def _find(router: Router, method: str, path: bytes, query: bytes) -> Match | None:
    if len(path) + len(query) > MAX_URL:
        raise ApiError(414, "URI Too Long", None)
    segments = [unquote(part) for part in path.decode("ascii", "replace").strip("/").split("/")]
    return router.find(method, segments)


def _admit(portal: Portal, match: Match, request: Request, headers: dict[str, str]) -> Token:
    """The caller's token, once its call is counted; the limit headers are put into `headers`."""
    if match.endpoint.open:
        return Token(None, portal.tokens.app_id)
    token = portal.tokens.authenticate(request.headers.get("authorization", ""))
    headers |= portal.limits.take(str(token.app_id), match.endpoint.kind)
    return token


def _run(portal: Portal, match: Match, token: Token, query: bytes, raw: bytes) -> Answer:
    call = Call(portal, match.version, match.params, query, raw, token)
    with portal.store.transaction():
        answer = match.endpoint.handler(call)
    assert isinstance(answer, Answer)
    return answer


def _json(body: Any, status: int, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json;charset=utf-8")

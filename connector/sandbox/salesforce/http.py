"""A call and its reply as plain values, and the table of paths; no socket, no await.

Composite requests run further calls through the same table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

from connector.sandbox.salesforce.access import Sight
from connector.sandbox.salesforce.batch import Actor, Batch
from connector.sandbox.salesforce.errors import ApiError, json_problem, not_found
from connector.sandbox.salesforce.schema import SObject

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

JSON = "application/json;charset=UTF-8"
_PART = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Reply:
    """What is answered: `value` becomes JSON, bytes go out as they are, None is an empty body."""

    value: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media: str = JSON

    def body(self) -> bytes:
        """The body as sent."""
        if self.value is None:
            return b""
        return self.value if isinstance(self.value, bytes) else orjson.dumps(self.value)


@dataclass(slots=True)
class Call:
    """One request of a client: `path` is still percent-encoded, header names are in small letters."""

    org: Org
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    user: str = ""
    version: str = "68.0"
    parts: dict[str, str] = field(default_factory=dict)
    wrote: int = 0
    door: Any = None
    base: str = ""
    """The address by which the client reached the org, such as `http://127.0.0.1:8002`."""
    _sight: Sight | None = None

    def count_writes(self, records: int) -> None:
        """Tell the sandbox's door, if there is one, how many records were written."""
        if self.door is not None and records:
            self.door.count_writes(records)

    def json(self) -> Any:
        """The body read as JSON.

        Raises:
            ApiError: 415 for another content type, JSON_PARSER_ERROR for a broken body.
        """
        kind = self.headers.get("content-type", JSON)
        if "json" not in kind:
            raise ApiError("UNSUPPORTED_MEDIA_TYPE", f"Content type {kind} not supported", status=415)
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            char = error.doc[error.pos : error.pos + 1]
            what = f"Unexpected character ('{char}' (code {ord(char)}))" if char else "Unexpected end-of-input"
            raise json_problem(f"{what} at [line:{error.lineno}, column:{error.colno}]") from None

    def object(self) -> dict[str, Any]:
        """The body read as a JSON object.

        Raises:
            ApiError: the body is something else.
        """
        body = self.json()
        if not isinstance(body, dict):
            raise json_problem("The HTTP entity body is required to be a JSON object at [line:1, column:1]")
        return body

    def batch(self, *, csv: bool = False) -> Batch:
        """What the writes of this call share."""
        duplicates = self.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        actor = Actor(self.user, "allowsave=true" in duplicates, self.sight.access)
        return self.org.batch(actor, csv=csv)

    @property
    def sight(self) -> Sight:
        """The org as the user of this call sees it when it is first asked."""
        if self._sight is None:
            self._sight = self.org.sight(self.user)
        return self._sight

    def sobject(self, name: str) -> SObject:
        """The whole object of this name, to be written.

        Raises:
            ApiError: 404, there is none that the user may see.
        """
        return self.org.sobject(name, self.user)

    def seen(self, name: str) -> SObject:
        """The object of this name with the fields that the user sees, to be read.

        Raises:
            ApiError: 404, as above.
        """
        found = self.sight.schema.sobject(name)
        if found is None:
            raise not_found()
        return found

    def within(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Call:
        """A call that this one makes of itself, as composite subrequests are."""
        path, _, query = url.partition("?")
        return Call(self.org, method, path, params(query), headers, body, self.user, self.version, base=self.base)


Handler = Callable[[Call], Reply]


@dataclass(slots=True, frozen=True)
class Path:
    """One row of the table of paths."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Paths:
    """The table of paths below `/services/data/vNN.0`."""

    def __init__(self) -> None:
        self._rows: list[Path] = []

    def add(self, method: str, template: str, handler: Handler) -> None:
        """Answer `method` on `template` (such as `/sobjects/{sobject}/{id}`) by `handler`."""
        pattern = re.compile(_PART.sub(r"(?P<\1>[^/]+)", template) + "/?", re.IGNORECASE)
        self._rows.append(Path(method, pattern, handler))

    def answer(self, call: Call, path: str) -> Reply:
        """The reply to a call whose path below the version is `path`; refusals become replies too."""
        try:
            return self._find(call, path)(call)
        except ApiError as error:
            return refusal(error)

    def _find(self, call: Call, path: str) -> Handler:
        allowed = []
        for row in self._rows:
            match = row.pattern.fullmatch(path)
            if match and row.method == call.method:
                call.parts = {name: unquote(part) for name, part in match.groupdict().items()}
                return row.handler
            if match:
                allowed.append(row.method)
        if allowed:
            raise ApiError(
                "METHOD_NOT_ALLOWED",
                f"HTTP Method '{call.method}' not allowed. Allowed are {','.join(allowed)}",
                status=405,
            )
        raise not_found()


def refusal(error: ApiError) -> Reply:
    """The reply that tells a refusal; several records with one external id are told as a list of addresses."""
    if error.code == "DUPLICATE_EXTERNAL_ID" and "urls" in error.extra:
        return Reply(error.extra["urls"], error.status)
    return Reply(error.tops(), error.status)


def params(query: str) -> dict[str, str]:
    """The parameters of a query string; of a repeated one, the last."""
    return dict(parse_qsl(query, keep_blank_values=True))

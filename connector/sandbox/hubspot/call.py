"""One API call as the handlers see it: who asks, for which type, with which body; and their answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from connector.sandbox.hubspot import ids, instants
from connector.sandbox.hubspot.errors import ApiError, fields_not_set, malformed, missing_scopes
from connector.sandbox.hubspot.objecttypes import ObjectType
from connector.sandbox.hubspot.portal import Portal, Source
from connector.sandbox.hubspot.tokens import Token, require

MAX_BATCH = 100
"""Inputs of one batch of records (HubSpot's objects guide)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back; `writes` is the number of records it wrote."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    writes: int = 0


class Call:
    """A call that has passed the door: token known, limits not reached."""

    def __init__(
        self, portal: Portal, version: str, params: Mapping[str, str], query: bytes, raw: bytes, token: Token
    ) -> None:
        self.portal = portal
        self.version = version
        self.params = params
        self.raw = raw
        self.token = token
        self._query = parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def source(self) -> Source:
        """How the property history names the writer of this call."""
        return Source("INTEGRATION", str(self.token.app_id))

    def need(self, *scopes: str) -> None:
        """Refuse a token that has none of the scopes."""
        require(self.token, scopes)

    def object_type(self, name: str = "type", right: str = "") -> ObjectType:
        """The type that a placeholder of the path names; `right` (read, write) is checked.

        Raises:
            ApiError: 400 for an unknown type, 403 for a missing scope or a tier without the type.
        """
        given = self.params[name]
        object_type = self.portal.types.find(given)
        if object_type is None:
            raise ApiError(400, f"Unable to infer object type from: {given}", None)
        scope = "crm.objects.custom" if object_type.custom else object_type.scope
        if not self.portal.allows(object_type):
            raise missing_scopes([f"{scope}.{right or 'read'}"])
        if right:
            self.need(f"{scope}.{right}")
        return object_type

    def json(self, *needed: str) -> dict[str, Any]:
        """The body as an object with the needed fields.

        Raises:
            ApiError: 400 for a body that is no such object.
        """
        try:
            body = orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            raise malformed(str(error.msg), error.lineno, error.colno) from None
        if not isinstance(body, dict):
            raise malformed("Cannot deserialize value of type object")
        lacking = [name for name in needed if body.get(name) is None]
        if lacking:
            raise fields_not_set(lacking)
        return body

    def json_list(self) -> list[dict[str, Any]]:
        """The body as a list of objects.

        Raises:
            ApiError: 400 for a body that is no such list.
        """
        try:
            body = orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            raise malformed(str(error.msg), error.lineno, error.colno) from None
        if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
            raise malformed("Cannot deserialize value of type `java.util.ArrayList`")
        return body

    def inputs(self, limit: int = MAX_BATCH, *needed: str) -> list[dict[str, Any]]:
        """The inputs of a batch.

        Raises:
            ApiError: 400 for no list, too many inputs, or an input without a needed field.
        """
        given = self.json("inputs")["inputs"]
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise malformed("Cannot deserialize value of type `java.util.ArrayList` from inputs")
        if len(given) > limit:
            raise ApiError(400, f"The maximum number of inputs in a batch is {limit}, not {len(given)}")
        lacking = [name for name in needed if any(one.get(name) is None for one in given)]
        if lacking:
            raise fields_not_set(lacking)
        return given

    def argument(self, name: str, default: str = "") -> str:
        """One query argument."""
        return next((value for key, value in self._query if key == name), default)

    def flag(self, name: str) -> bool:
        """One query argument as a truth value."""
        return self.argument(name).lower() == "true"

    def names(self, name: str) -> list[str]:
        """A query argument that is a list: repeated, or separated by commas."""
        held = [value for key, value in self._query if key == name]
        return [part.strip() for value in held for part in value.split(",") if part.strip()]

    def number(self, name: str, default: int, highest: int) -> int:
        """A query argument that is a number of at most `highest`.

        Raises:
            ApiError: 400 for anything else.
        """
        text = self.argument(name) or str(default)
        value = ids.number(text)
        if value is None or not 0 < value <= highest:
            raise ApiError(400, f"{name} must be a number between 1 and {highest}, not {text}")
        return value

    def text_list(self, body: Mapping[str, Any], name: str) -> list[str]:
        """A field of the body that is a list of texts, absent or null included."""
        given = body.get(name) or []
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise malformed(f"Cannot deserialize value of type `java.util.ArrayList` from {name}")
        return given


def batch(portal: Portal, results: Sequence[Any], errors: Sequence[Any] = ()) -> dict[str, Any]:
    """The body of a finished batch."""
    at = instants.shown(portal.now())
    body: dict[str, Any] = {"status": "COMPLETE", "results": list(results), "startedAt": at, "completedAt": at}
    if errors:
        body |= {"numErrors": len(errors), "errors": list(errors)}
    return body


def correlation_id(ms: int) -> str:
    """A UUID of version 7: the time, then random bits."""
    value = uuid.uuid4().int & ((1 << 76) - 1)
    return str(uuid.UUID(int=(ms << 80) | (7 << 76) | (value & ~(3 << 62)) | (2 << 62)))

"""The error answers of HubSpot: one exception, and the bodies that its endpoints share.

Bodies follow HubSpot's error guide and captured answers (facts §6); where none is known the text is ours and
the place that raises it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from connector.sandbox.hubspot import ids

VALIDATION = "VALIDATION_ERROR"


@dataclass
class ApiError(Exception):
    """An answer other than success; `extra` holds subCategory, context, errors or links."""

    status: int
    message: str
    category: str | None = VALIDATION
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The status and the category; the message may hold a person's data."""
        return f"{self.status} {self.category}"

    def body(self, correlation: str) -> dict[str, Any]:
        """The error as the body of an answer."""
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": correlation}
        if self.category:
            body["category"] = self.category
        return body | self.extra

    def in_batch(self, context: dict[str, list[str]]) -> dict[str, Any]:
        """The error as one entry of a 207 answer."""
        merged = {**self.extra.get("context", {}), **context}
        entry = {"status": "error", "category": self.category or VALIDATION, "message": self.message}
        rest = {name: value for name, value in self.extra.items() if name in ("subCategory", "errors", "links")}
        return {**entry, **rest, "context": merged}


@dataclass(frozen=True, slots=True)
class BadValue:
    """One property that a request may not set so."""

    name: str
    code: str
    message: str


def bad_values(portal_id: int, found: Sequence[BadValue]) -> ApiError:
    """400 that lists every bad property of a request, in the text and as `errors`."""
    listed = [
        {
            "isValid": False,
            "message": bad.message,
            "error": bad.code,
            "name": bad.name,
            "localizedErrorMessage": bad.message,
            "portalId": portal_id,
        }
        for bad in found
    ]
    details = [{"message": bad.message, "code": bad.code, "context": {"propertyName": [bad.name]}} for bad in found]
    text = orjson.dumps(listed).decode()
    return ApiError(400, f"Property values were not valid: {text}", extra={"errors": details})


def not_found(record_id: str) -> ApiError:
    """404 of a record: the text depends on whether the id is a number (captured answers)."""
    if ids.number(record_id) is not None:
        return ApiError(404, "resource not found", None)
    extra = {"context": {"id": [record_id]}}
    return ApiError(404, "Object not found.  objectId are usually numeric.", "OBJECT_NOT_FOUND", extra)


def missing_ids(label: str, ids: Sequence[str]) -> ApiError:
    """What a batch says about ids that address nothing."""
    text = f"Could not get some {label} objects, they may be deleted or not exist. Check that ids are valid."
    return ApiError(404, text, "OBJECT_NOT_FOUND", {"context": {"ids": list(ids)}})


def contact_exists(record_id: int) -> ApiError:
    """409 for an e-mail that another contact has, as primary or additional address."""
    return ApiError(409, f"Contact already exists. Existing ID: {record_id}", "CONFLICT")


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    """403 of a token without the scopes of a call."""
    link = "https://developers.hubspot.com/scopes"
    text = "This app hasn't been granted all required scopes to make this call. Read more about required scopes"
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    extra = {"errors": [detail], "links": {"scopes": link}}
    return ApiError(403, f"{text} here: {link}.", "MISSING_SCOPES", extra)


def unauthenticated() -> ApiError:
    """401 of a call without a known token."""
    text = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return ApiError(401, text, "INVALID_AUTHENTICATION")


def malformed(reason: str, line: int = 1, column: int = 2) -> ApiError:
    """400 of a body that is no JSON, or not the JSON that the endpoint reads."""
    return ApiError(400, f"Invalid input JSON on line {line}, column {column}: {reason}", None)


def fields_not_set(names: Sequence[str]) -> ApiError:
    """400 of a body that lacks fields."""
    text = f"Invalid input JSON on line 1, column 2. Some required fields were not set: [{', '.join(names)}]"
    return ApiError(400, text)

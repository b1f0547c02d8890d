"""The refusals of Salesforce: one class, the bodies it is written in, and the texts that recur.

Texts and codes are the vendor's as recorded in public code; which rule raises which is decided elsewhere.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal with its HTTP status, vendor code, message and the fields it is about."""

    def __init__(
        self,
        code: str,
        message: str,
        fields: list[str] | None = None,
        *,
        status: int = 400,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = fields
        self.status = status
        self.extra = extra or {}
        self.further: list[ApiError] = []
        """What else the same record is refused for."""

    def tops(self) -> list[dict[str, Any]]:
        """The top-level error list."""
        return [self.top(), *(one.top() for one in self.further)]

    def top(self) -> dict[str, Any]:
        """The entry of a top-level error list."""
        entry = {**self.extra, "message": self.message, "errorCode": self.code}
        return entry if self.fields is None else {**entry, "fields": self.fields}

    def row(self) -> dict[str, Any]:
        """The entry of a Collections result, where the code is named `statusCode`."""
        return {
            **self.extra,
            "statusCode": self.code,
            "message": self.message,
            "fields": self.fields or [],
        }

    def bulk(self) -> str:
        """The text of `sf__Error` in Bulk API 2.0 results."""
        own = f"{self.code}:{self.message}:{' '.join([*(self.fields or []), ''])}--"
        return ";".join([own, *(one.bulk() for one in self.further)])


def not_found() -> ApiError:
    """An unknown path, object or record asked for by GET."""
    return ApiError("NOT_FOUND", "The requested resource does not exist", status=404)


def unknown_id() -> ApiError:
    """An update or delete of a record that never was."""
    return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [], status=404)


def deleted() -> ApiError:
    """An update or delete of a record in the recycle bin."""
    return ApiError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)


def malformed_id(text: str) -> ApiError:
    """Something that is no id."""
    return ApiError("MALFORMED_ID", f"malformed id {text}", [])


def no_such_column(name: str, sobject: str) -> ApiError:
    """A field that the object does not have."""
    return ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")


def read_only(names: list[str]) -> ApiError:
    """Fields that this user or this operation may not write."""
    return ApiError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field "
        "and verify that it is read/write for your profile or permission set.",
        names,
    )


def required(names: list[str]) -> ApiError:
    """Fields that are missing or would become empty."""
    return ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def duplicate_value(field: str, holder: str) -> ApiError:
    """A unique value that another record holds."""
    return ApiError(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field} duplicates value on record with id: {holder}",
        [field],
    )


def converted_lead() -> ApiError:
    """A write to, or a reference to, a lead that has been converted."""
    return ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])


def rolled_back() -> ApiError:
    """What a sound record gets when another one of an all-or-none call was refused."""
    return ApiError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
        [],
    )


def json_problem(message: str) -> ApiError:
    """A body, or a value in it, that cannot be read as the field needs it."""
    return ApiError("JSON_PARSER_ERROR", message)

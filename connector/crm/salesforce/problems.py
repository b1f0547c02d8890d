"""What Salesforce's error codes mean for one record: refused, later, or held by another record.

Pure. Messages name fields and never repeat what stood in them, since several vendor texts do; only the text of a
validation rule is kept, because an admin wrote it for people. Codes and texts: REST API guide, «Status Codes and
Error Responses», SOAP API guide, «StatusCode».
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connector.crm.salesforce.ids import to18
from connector.model import Later, Outcome, Refused

LOCKED = "UNABLE_TO_LOCK_ROW"
SPENT = "REQUEST_LIMIT_EXCEEDED"
GONE, DUPLICATE = "GONE", "DUPLICATE"
MAYBE_GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
"""Said of a missing record, but also of a missing reference: the adapter looks which it is."""

_LATER = frozenset(
    {
        LOCKED,
        SPENT,
        "SERVER_UNAVAILABLE",
        "UNKNOWN_EXCEPTION",
        "QUERY_TIMEOUT",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "PROCESSING_HALTED",
        "TXN_SECURITY_METERING_ERROR",
    }
)
_HOLDER = re.compile(r"with id:\s*(\w{15}(?:\w{3})?)\b")
_MAX_LENGTH = re.compile(r"\(max length=(\d+)\)")
_BULK = re.compile(r"(?P<code>[A-Z][A-Z0-9_]+):(?P<text>.*?):?(?P<fields>[\w, ]*)--\s*", re.DOTALL)
_SAFE_NAME = re.compile(r"[\w.]{1,80}")

_WORDS = {
    "STRING_TOO_LONG": "the text is longer than the field takes",
    "INVALID_EMAIL_ADDRESS": "Salesforce does not take this as an e-mail address",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "the value is none of the picklist's: `revloop install` adds it if the "
    "field is revloop's own, else add it there or map it; `revloop check` compares the options",
    "REQUIRED_FIELD_MISSING": "a required field is empty: map it or give it a default",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "the field may not be written: check its field-level security, or whether "
    "it is read-only; `revloop check` shows every such line",
    "INVALID_FIELD": "the field does not exist or is not visible: check its name and the permission set; "
    "`revloop check` shows every such line",
    "CANNOT_UPDATE_CONVERTED_LEAD": "the lead is converted and can no longer be written",
    "NUMBER_OUTSIDE_VALID_RANGE": "the number does not fit the field's digits",
    "INVALID_TYPE_ON_FIELD_IN_RECORD": "the value is of another type than the field",
    "JSON_PARSER_ERROR": "a value is of another type than its field",
    "MALFORMED_ID": "an id is not a Salesforce id",
    "FIELD_INTEGRITY_EXCEPTION": "a value contradicts another field or setting of the org",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "the integration user may not see or use a referenced record",
    "INSUFFICIENT_ACCESS_OR_READONLY": "the integration user may not write this record",
    "INSUFFICIENT_ACCESS": "the integration user may not write this record",
    "INVALID_CROSS_REFERENCE_KEY": "a referenced record does not exist or may not be used",
    "ENTITY_IS_DELETED": "a referenced record is deleted",
    "STORAGE_LIMIT_EXCEEDED": "the org's storage is full: make room or buy more",
    "TXN_SECURITY_NO_ACCESS": "a transaction security policy blocks the write",
    "INACTIVE_OWNER_OR_USER": "the owner is not active any more: map the owner to an active user",
}
"""The vendor's code -> what it means, without the vendor's own text, which may repeat the value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of an answer; `text` is the vendor's and may hold field values, so it is kept out of every repr."""

    code: str
    text: str = field(default="", repr=False)
    fields: tuple[str, ...] = ()
    holder: str | None = None

    @property
    def locked(self) -> bool:
        """Whether another transaction holds the row; triggers and flows pass this on inside their own text."""
        return self.code == LOCKED or (self.code.startswith("CANNOT_") and LOCKED in self.text)


def problems(body: Any) -> tuple[Problem, ...]:
    """The errors of an answer; the code's key is `errorCode` at top level and `statusCode` in Collections."""
    listed = body if isinstance(body, list) else [body]
    return tuple(_problem(one) for one in listed if isinstance(one, dict) and _code(one))


def bulk_problem(text: str) -> Problem:
    """The `sf__Error` of a failed bulk row: `CODE:message:Field --`."""
    match = _BULK.fullmatch(text)
    if not match:
        head = text.partition(":")[0]
        return Problem(head if re.fullmatch(r"[A-Z][A-Z0-9_]+", head) else "UNKNOWN", text, (), _holder(text))
    fields = tuple(one.strip() for one in match["fields"].split(",") if one.strip())
    return Problem(match["code"], match["text"], fields, _holder(match["text"]))


def outcome(found: Problem) -> Outcome:
    """What a record's error means to the engine."""
    if found.locked:
        return Later("another transaction keeps the record locked", 60.0)
    if found.code in _LATER:
        return Later(f"Salesforce could not do it now ({found.code})", 300.0 if found.code == SPENT else 60.0)
    if found.code in ("DUPLICATES_DETECTED", "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"):
        return Refused(DUPLICATE, _duplicate(found), found.holder)
    return Refused(found.code, message(found))


def message(found: Problem) -> str:
    """The sentence for the inbox."""
    if found.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION":
        return f"a validation rule refuses it: {found.text}"
    words = _WORDS.get(found.code)
    if found.code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":
        name = found.text.partition(":")[0].strip()
        words = "a trigger or flow refuses it" + (f" ({name})" if _SAFE_NAME.fullmatch(name) else "")
    if found.code == "STRING_TOO_LONG" and (limit := _MAX_LENGTH.search(found.text)):
        words = f"the text is longer than the {limit[1]} characters the field takes"
    named = f"{', '.join(found.fields)}: " if found.fields else ""
    return f"{named}{words or f'Salesforce refuses the record with {found.code}'}"


def _duplicate(found: Problem) -> str:
    holder = f" (record {found.holder})" if found.holder else ""
    if found.code == "DUPLICATES_DETECTED":
        return f"a duplicate rule finds the same person or company already there{holder}"
    named = f"{', '.join(found.fields)}: " if found.fields else ""
    return f"{named}another record already has this unique value{holder}"


def _problem(one: dict[str, Any]) -> Problem:
    text = str(one.get("message") or "")
    fields = one.get("fields") or ()
    named = tuple(str(name) for name in fields) if isinstance(fields, list | tuple) else ()
    # v54 and v56 answer with the key misspelt
    found = one.get("duplicateResult") or one.get("duplicateResut")
    return Problem(_code(one), text, named, _match(found) or _holder(text))


def _code(one: dict[str, Any]) -> str:
    return str(one.get("errorCode") or one.get("statusCode") or "")


def _holder(text: str) -> str | None:
    match = _HOLDER.search(text)
    return to18(match[1]) if match else None


def _match(found: Any) -> str | None:
    """The first record that a duplicate rule names; several are no one holder."""
    if not isinstance(found, dict):
        return None
    ids = set(_matched(found.get("matchResults") or ()))
    return to18(ids.pop()) if len(ids) == 1 else None


def _matched(results: Iterable[Any]) -> Iterable[str]:
    for result in results:
        for record in result.get("matchRecords") or ():
            found = (record.get("record") or {}).get("Id")
            if found:
                yield str(found)

"""HubSpot's error bodies: which mean wait, which stop the run, and what to tell an admin about a refused record.

Codes are HubSpot's own where it gives one; `DUPLICATE` and `GONE` are ours, the same for both CRMs. Messages name
properties and ids and never what stood in a property. Bodies: HubSpot's error handling guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from connector.crm.retry import Busy, Denied, Expired, Heard, Policy, Spent, Verdict, retry_after
from connector.model import Later, Refused

_HOLDER = re.compile(r"Existing ID:\s*(\d+)|(\d+) already has that value", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+")
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_ONE_CHARACTER = 1

_SENTENCES = {
    "PROPERTY_DOESNT_EXIST": "property {name} does not exist in HubSpot: create it, or take it out of the mapping; "
    "`revloop check` shows every such line",
    "INVALID_OPTION": "property {name} has no such option: `revloop install` adds it if the property is revloop's own; "
    "else add the option in HubSpot, or map it to another one; `revloop check` compares the options",
    "INVALID_EMAIL": "property {name} is no valid e-mail address: correct it in Salesforce",
    "READ_ONLY_VALUE": "property {name} is calculated by HubSpot: set its direction to `to: salesforce`; "
    "`revloop check` shows every such line",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "a rule of the portal requires property {name}: fill or map it",
    "MISSING_REQUIRED_PROPERTY": "the portal requires property {name} on new records: fill or map it",
}
_ANY_VALUE = "property {name} does not take this value ({code}): correct it, or map it"
SAME_FOR_ALL = frozenset({"PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"})
"""Codes that speak of the property alone: every record that writes it is refused alike."""


def policy() -> Policy:
    """HubSpot's retry rules: eight attempts wait 51 s together, five times the ten-second window."""
    return Policy("HubSpot", judge, attempts=8)


def judge(heard: Heard) -> Verdict | None:
    """What a status and body mean for the whole run; None leaves it to the general rules."""
    body = heard.body if isinstance(heard.body, dict) else {}
    if heard.status == 429:  # noqa: PLR2004 - too many requests
        return _limited(heard, body)
    if heard.status == 401 and body:  # noqa: PLR2004 - unauthorized
        words = "HubSpot does not accept the token: check that it is complete, of this portal, and not revoked"
        return Expired(words) if body.get("category") == "EXPIRED_AUTHENTICATION" else Denied(words)
    if heard.status == 403 and body:  # noqa: PLR2004 - forbidden
        return _forbidden(body)
    return None


def _limited(heard: Heard, body: Mapping[str, Any]) -> Verdict:
    said = f"{body.get('policyName', '')} {body.get('message', '')}".lower()
    if "daily" in said:
        return Spent("HubSpot's calls of the day are used up: the run goes on after midnight of the portal's time zone")
    # The windows roll, so places come free at once: short waits first, for all calls of the same window.
    return Busy(retry_after(heard.headers), everybody=True)


def _forbidden(body: Mapping[str, Any]) -> Verdict:
    scopes = sorted(
        {
            scope
            for error in _dicts(body.get("errors"))
            for scope in _texts(_context(error).get("requiredGranularScopes"))
        }
    )
    if scopes:
        return Denied(f"the HubSpot token lacks a scope, one of {', '.join(scopes)}: add it to the service key or app")
    word = _word(body.get("subCategory")) or _word(body.get("category")) or "FORBIDDEN"
    return Denied(f"HubSpot forbids this call ({word}): check the token's scopes and what the subscription includes")


def refusal(error: Any, written: Mapping[str, Any] | None = None) -> Refused | Later:
    """What came of one record, from an error envelope or one entry of a 207 answer; `written` is masked."""
    body = error if isinstance(error, dict) else {}
    message = str(body.get("message") or "")
    category = _word(body.get("category"))
    if category == "RATE_LIMITS":
        return Later("HubSpot's rate limit", 10.0)
    holder = _HOLDER.search(message)
    if holder:
        number = holder.group(1) or holder.group(2)
        return Refused("DUPLICATE", f"HubSpot record {number} already has this unique value: merge or link it", number)
    found = bad_properties(body)
    if found:
        return Refused(found[0][0], "; ".join(_sentence(code, name) for code, name in found))
    if category == "CONFLICT":
        return Refused("DUPLICATE", "another HubSpot record already has a unique value of this one: merge or link them")
    if category == "OBJECT_NOT_FOUND" or message == "resource not found":
        return Refused("GONE", "the record is no longer in HubSpot under this id: it was deleted or merged")
    code = _word(body.get("subCategory")) or category or "REFUSED"
    return Refused(code, f"HubSpot refuses the record: {masked(message, written or {})}")


def bad_properties(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(code, property) of every property that an error complains about."""
    found = []
    for error in [*_dicts(body.get("errors")), *_in_text(str(body.get("message") or ""))]:
        code = _word(error.get("code") or error.get("error"))
        names = [*_texts(_context(error).get("propertyName")), *_texts([error.get("name")])]
        found += [(code, name) for name in names if code and _word(name)]
    return list(dict.fromkeys(found))


def traces(error: Mapping[str, Any]) -> list[str]:
    """The write trace ids that an entry of a 207 answer speaks of."""
    return _texts(_context(error).get("objectWriteTraceId"))


def masked(message: str, written: Mapping[str, Any]) -> str:
    """A vendor's text without e-mail addresses and without any value that we wrote."""
    text = _EMAIL.sub("…", message)
    values = sorted({str(value) for value in written.values() if value not in (None, "")}, key=len, reverse=True)
    for value in values:
        if len(value) > _ONE_CHARACTER:
            text = re.sub(re.escape(value), "…", text, flags=re.IGNORECASE)
    return text[:300] or "no reason given"


def _sentence(code: str, name: str) -> str:
    return _SENTENCES.get(code, _ANY_VALUE).format(name=name, code=code)


def _in_text(message: str) -> list[dict[str, Any]]:
    """The list that older answers carry as JSON inside the message."""
    _, _, listed = message.partition("Property values were not valid: ")
    try:
        return _dicts(orjson.loads(listed)) if listed else []
    except orjson.JSONDecodeError:
        return []


def _context(error: Mapping[str, Any]) -> Mapping[str, Any]:
    context = error.get("context")
    return context if isinstance(context, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    listed: Iterable[Any] = value if isinstance(value, list) else []
    return [one for one in listed if isinstance(one, str)]


def _word(value: Any) -> str:
    """A code or property name; anything else might be a value."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""

"""Events over HTTP: occurrences of the events API, clicks and opens of marketing e-mails, form submissions.

Sources: published contract «Events» (2026-03) and its guide (Enterprise only, no marketing e-mails); for e-mail
events and submissions the legacy addresses, which have no dated version. Sort order and page sizes without a
source are ours.
"""

from __future__ import annotations

from typing import Any

from connector.sandbox.hubspot import events, ids, instants, records
from connector.sandbox.hubspot.call import Answer, Call
from connector.sandbox.hubspot.errors import ApiError, missing_scopes
from connector.sandbox.hubspot.events import Event
from connector.sandbox.hubspot.router import Endpoint

SCOPE = "business-intelligence"
"""Named in the refusal of an account below Enterprise; the contract names no scope."""
MOST_OCCURRENCES, MOST_EMAIL, MOST_SUBMISSIONS, MOST_FORMS = 100, 1000, 50, 100
_EMAIL_TYPES = (events.CLICK, events.OPEN)


def _enterprise(call: Call) -> None:
    if call.portal.tier != "enterprise":
        raise missing_scopes([SCOPE])


def occurrences(call: Call) -> Answer:
    """Events of one record, of one type or of a span of time."""
    _enterprise(call)
    where, values = ["type IN (?, ?)"], [*events.UNIFIED]
    narrowed: list[tuple[str, Any]] = []
    if call.argument("objectType"):
        narrowed += _record(call)
    if call.argument("eventType"):
        narrowed.append(("type = ?", call.argument("eventType")))
    if call.names("id"):
        marks = ",".join("?" * len(call.names("id")))
        where.append(f"uid IN ({marks})")
        values += call.names("id")
    for name, sign in (("occurredAfter", ">="), ("occurredBefore", "<=")):
        if call.argument(name):
            narrowed.append((f"at {sign} ?", _time(call, name)))
    newest = call.argument("sort").lower() not in ("occurredat", "ascending")
    limit = call.number("limit", MOST_OCCURRENCES, MOST_OCCURRENCES)
    after = _after(call)
    if after is not None:
        narrowed.append(("(at, seq) < (?, ?)" if newest else "(at, seq) > (?, ?)", after))
    for condition, value in narrowed:
        where.append(condition)
        values += value if isinstance(value, tuple) else (value,)
    found = events.find(call.portal, " AND ".join(where), tuple(values), limit + 1, newest_first=newest)
    body: dict[str, Any] = {"results": [_occurrence(one) for one in found[:limit]]}
    if len(found) > limit:
        body["paging"] = {"next": {"after": f"{found[limit - 1].at}-{found[limit - 1].seq}"}}
    return Answer(body)


def _record(call: Call) -> list[tuple[str, Any]]:
    """The conditions of `objectType` with `objectId` or `objectProperty.email`."""
    object_type = call.portal.types.find(call.argument("objectType"))
    if object_type is None:
        raise ApiError(400, f"Unable to infer object type from: {call.argument('objectType')}", None)
    found: list[tuple[str, Any]] = [("object = ?", object_type.type_id)]
    if call.argument("objectId"):
        number = ids.number(call.argument("objectId"))
        if number is None:
            raise ApiError(400, f"objectId must be a number, not {call.argument('objectId')}")
        found.append(("record = ?", records.survivor(call.portal, object_type, number) or number))
    elif call.argument("objectProperty.email"):
        found.append(("recipient = ?", call.argument("objectProperty.email").strip().lower()))
    return found


def _time(call: Call, name: str) -> int:
    at = instants.read(call.argument(name))
    if at is None:
        raise ApiError(400, f"{name} must be an ISO 8601 timestamp, not {call.argument(name)}")
    return at


def _after(call: Call) -> tuple[int, int] | None:
    given = call.argument("after")
    if not given:
        return None
    at, _, seq = given.partition("-")
    numbers = ids.number(at), ids.number(seq)
    if numbers[0] is None or numbers[1] is None:
        raise ApiError(400, f"after is no cursor of this API: {given}")
    return numbers[0], numbers[1]


def _occurrence(event: Event) -> dict[str, Any]:
    return {
        "objectType": "CONTACT",
        "objectId": str(event.record),
        "eventType": event.type,
        "occurredAt": instants.shown(event.at),
        "id": event.uid,
        "properties": event.props,
    }


def types(call: Call) -> Answer:
    """The types of events there are, whatever the account's tier."""
    del call
    return Answer({"eventTypes": list(events.UNIFIED)})


def email_events(call: Call) -> Answer:
    """Clicks and opens of marketing e-mails, oldest first."""
    call.need("marketing-email", "content")
    wanted = call.argument("eventType")
    where = ["type = ?"] if wanted else ["type IN (?, ?)"]
    values: list[Any] = [wanted] if wanted else list(_EMAIL_TYPES)
    if wanted and wanted not in _EMAIL_TYPES:
        return Answer({"events": [], "hasMore": False, "offset": ""})
    if call.argument("recipient"):
        where.append("recipient = ?")
        values.append(call.argument("recipient").strip().lower())
    for name, sign in (("startTimestamp", ">="), ("endTimestamp", "<=")):
        if call.argument(name):
            where.append(f"at {sign} ?")
            values.append(_time(call, name))
    if call.flag("excludeFilteredEvents"):
        where.append("coalesce(json_extract(props, '$.filtered'), '') != 'true'")
    offset = call.argument("offset")
    if offset:
        number = ids.number(offset)
        if number is None:
            raise ApiError(400, f"offset is none of this API: {offset}")
        where.append("(at, seq) > (SELECT at, seq FROM event WHERE seq = ?)")
        values.append(number)
    limit = call.number("limit", MOST_EMAIL, MOST_EMAIL)
    found = events.find(call.portal, " AND ".join(where), tuple(values), limit + 1)
    shown = [_email_event(call, one) for one in found[:limit]]
    last = str(found[:limit][-1].seq) if shown else ""
    return Answer({"events": shown, "hasMore": len(found) > limit, "offset": last})


def _email_event(call: Call, event: Event) -> dict[str, Any]:
    row = call.portal.store.db.execute("SELECT recipient FROM event WHERE seq = ?", (event.seq,)).fetchone()
    return {
        "id": event.uid,
        "created": event.at,
        "type": event.type,
        "recipient": row[0],
        "portalId": call.portal.portal_id,
        "appId": 113,
        "appName": "Batch",
        "emailCampaignId": int(event.props.get("campaign_id", 1)),
        "filteredEvent": event.props.get("filtered") == "true",
        **({"url": event.props["hs_url"]} if "hs_url" in event.props else {}),
    }


def forms(call: Call) -> Answer:
    """The forms of the account, page by page."""
    call.need("forms")
    limit, start = call.number("limit", 20, MOST_FORMS), ids.number(call.argument("after") or "0") or 0
    found = events.forms(call.portal)
    body: dict[str, Any] = {"results": found[start : start + limit]}
    if len(found) > start + limit:
        body["paging"] = {"next": {"after": str(start + limit)}}
    return Answer(body)


def submissions(call: Call) -> Answer:
    """The submissions of one form, newest first."""
    call.need("forms")
    guid = call.params["form"]
    if guid not in {one["id"] for one in events.forms(call.portal)}:
        raise ApiError(404, f"No form found with guid {guid}", "OBJECT_NOT_FOUND")
    limit = call.number("limit", 20, MOST_SUBMISSIONS)
    where, values = "type = ? AND json_extract(props, '$.hs_form_guid') = ?", [events.FORM, guid]
    after = _after(call)
    if after:
        where += " AND (at, seq) < (?, ?)"
    found = events.find(call.portal, where, (*values, *(after or ())), limit + 1, newest_first=True)
    body: dict[str, Any] = {"results": [_submission(call, one) for one in found[:limit]]}
    if len(found) > limit:
        body["paging"] = {"next": {"after": f"{found[limit - 1].at}-{found[limit - 1].seq}"}}
    return Answer(body)


def _submission(call: Call, event: Event) -> dict[str, Any]:
    row = call.portal.store.db.execute("SELECT recipient FROM event WHERE seq = ?", (event.seq,)).fetchone()
    return {
        "conversionId": event.uid,
        "submittedAt": event.at,
        "values": [{"name": "email", "value": row[0], "objectTypeId": event.object}],
        "pageUrl": event.props.get("hs_url", ""),
    }


ENDPOINTS = [
    Endpoint("GET", "events", "", occurrences),
    Endpoint("GET", "events", "/event-types", types),
    Endpoint("GET", "email", "/events", email_events),
    Endpoint("GET", "forms", "", forms),
    Endpoint("GET", "submissions", "/forms/{form}", submissions),
]

"""Touches from HubSpot records as plain data: traffic sources, conversions, e-mails, page views, meetings, calls.

The sources and their fields are those of the vendor's contact properties and activity objects. Consent, robots and
sessions are decided later, over all touches of a person (`attribution_collect`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connector.revops.attribution_channels import EMAIL, SALES, code_of_visit, is_import, landing
from connector.revops.attribution_time import seconds
from connector.revops.attribution_touch import Desk, Touch

Raw = Mapping[str, Any]

SESSION = 1800
"""Seconds of quiet after which the next page view begins a new session."""
PAGE_VIEW, CLICK, OPEN = "page_view", "email_click", "email_open"


def contact_touches(desk: Desk, person: str, fields: Raw, history: Iterable[Raw] = ()) -> Iterator[Touch]:
    """First and latest traffic source and the recent conversion of a contact.

    Args:
        desk: makes the touches.
        person: the person's key.
        fields: the contact's properties.
        history: the versions of `hs_latest_source` (`value`, `timestamp`), as `propertiesWithHistory` gives them.
    """
    record = lasting_id(fields)
    first = _source(desk, person, record, "first_source", fields)
    sources = [first] if first else []
    latest = [{"value": fields.get("hs_latest_source"), "timestamp": fields.get("hs_latest_source_timestamp")}]
    for version in sorted([*history, *latest], key=_when_and_what):
        touch = _latest(desk, person, record, fields, version)
        if touch and not any(_same_visit(touch, known) for known in sources):
            sources.append(touch)
    yield from sources
    conversion = _conversion(desk, person, record, fields)
    if conversion:
        yield conversion


def lasting_id(fields: Raw) -> str:
    """The oldest id of a contact: a merge gives a new one, and keys of touches must not change with it."""
    merged = str(fields.get("hs_merged_object_ids") or "").split(";")
    ids = [each.strip() for each in (*merged, str(fields.get("hs_object_id") or "")) if each.strip().isdecimal()]
    return min(ids, key=int) if ids else ""


def form_touch(desk: Desk, person: str, submission: Raw) -> Touch | None:
    """A form submission (`conversionId`, `submittedAt`, `pageUrl`, `title`): channel by the page's UTM values."""
    path, utm = landing(submission.get("pageUrl"))
    return desk.touch(
        person,
        "hubspot",
        str(submission.get("conversionId") or submission.get("id") or ""),
        "form",
        submission.get("submittedAt"),
        code_of_visit(utm, submission.get("referrer")),
        subchannel=str(submission.get("title") or ""),
        campaign=utm[2],
        path=path,
        utm=utm,
    )


def email_touch(desk: Desk, person: str, event: Raw) -> Touch | None:
    """A marketing e-mail event (`id`, `type`, `created`, `emailCampaignId`): a click, an open if the rules want it."""
    kinds = {"CLICK": CLICK, "OPEN": OPEN} if desk.config.include_opens else {"CLICK": CLICK}
    kind = kinds.get(str(event.get("type") or "").upper())
    if kind is None:
        return None
    path, utm = landing(event.get("url"))
    return desk.touch(
        person,
        "hubspot",
        str(event.get("id") or ""),
        kind,
        event.get("created"),
        EMAIL,
        campaign=utm[2],
        campaign_id=str(event.get("emailCampaignId") or ""),
        path=path,
        utm=utm,
        tracked=True,
    )


def page_touch(desk: Desk, person: str, event: Raw) -> Touch | None:
    """A page view of the events API (`id`, `occurredAt`, `properties.hs_url`, `properties.hs_referrer`)."""
    properties = event.get("properties") or {}
    path, utm = landing(properties.get("hs_url"))
    return desk.touch(
        person,
        "hubspot",
        str(event.get("id") or ""),
        PAGE_VIEW,
        event.get("occurredAt"),
        code_of_visit(utm, properties.get("hs_referrer")),
        campaign=utm[2],
        path=path,
        utm=utm,
        tracked=True,
    )


def activity_touch(desk: Desk, person: str, kind: str, fields: Raw, contact: str) -> Touch | None:
    """A `meeting` or `call` that took place, by its start; None for one that did not, or without `include_sales`.

    Several contacts may share it, and it is a touch of each: `contact` is the lasting id of this one.
    """
    if not desk.config.include_sales:
        return None
    if kind == "meeting":
        done = str(fields.get("hs_meeting_outcome") or "") == "COMPLETED"
        when = fields.get("hs_meeting_start_time") or fields.get("hs_timestamp")
        title = fields.get("hs_meeting_title")
    else:
        done = str(fields.get("hs_call_status") or "") == "COMPLETED"
        when, title = fields.get("hs_timestamp"), fields.get("hs_call_title")
    if not done:
        return None
    record = str(fields.get("hs_object_id") or "")
    return desk.touch(person, "hubspot", record, kind, when, SALES, shared_by=contact, subchannel=str(title or ""))


def _conversion(desk: Desk, person: str, record: str, fields: Raw) -> Touch | None:
    """The recent conversion, by the latest source if that is no later (both instants UTC, cut to seconds).

    A later visit has moved the latest source on, and where the conversion came from is not told any more: the source
    of the first visit is a guess.
    """
    when, visit = fields.get("recent_conversion_date"), seconds(fields.get("hs_latest_source_timestamp"))
    latest = str(fields.get("hs_latest_source") or "")
    told = bool(latest) and visit is not None and visit <= (seconds(when) or 0)
    return desk.touch(
        person,
        "hubspot",
        record,
        "conversion",
        when,
        latest if told else str(fields.get("hs_analytics_source") or ""),
        subchannel=str(fields.get("recent_conversion_event_name") or ""),
        guessed=not told,
    )


def _source(desk: Desk, person: str, record: str, event: str, fields: Raw) -> Touch | None:
    code = str(fields.get("hs_analytics_source") or "")
    detail = fields.get("hs_analytics_source_data_1")
    if not code or is_import(code, detail):
        return None
    path, utm = landing(fields.get("hs_analytics_first_url"))
    return desk.touch(
        person,
        "hubspot",
        record,
        event,
        fields.get("hs_analytics_first_timestamp"),
        code,
        subchannel=_detail(detail, fields.get("hs_analytics_source_data_2")),
        campaign=str(fields.get("hs_analytics_first_touch_converting_campaign") or utm[2]),
        path=path,
        utm=utm,
        tracked=True,
    )


def _latest(desk: Desk, person: str, record: str, fields: Raw, version: Raw) -> Touch | None:
    """One version of the latest source; the drill-downs of the record belong to its newest version only."""
    code, when = str(version.get("value") or ""), version.get("timestamp")
    newest = seconds(when) == seconds(fields.get("hs_latest_source_timestamp"))
    detail = fields.get("hs_latest_source_data_1") if newest else None
    if not code or is_import(code, detail):
        return None
    return desk.touch(
        person,
        "hubspot",
        record,
        "latest_source",
        when,
        code,
        subchannel=_detail(detail, fields.get("hs_latest_source_data_2") if newest else None),
        tracked=True,
    )


def _same_visit(touch: Touch, known: Touch) -> bool:
    """The first visit is also the first «latest» one, and the record repeats its history's newest version."""
    return touch.code == known.code and abs(touch.at - known.at) <= SESSION


def _detail(*parts: Any) -> str:
    return " / ".join(str(part) for part in parts if part)


def _when_and_what(version: Raw) -> tuple[int, str]:
    return seconds(version.get("timestamp")) or 0, str(version.get("value") or "")

"""Clicks and opens of marketing e-mails, from the e-mail events API, which has no dated version yet.

Source: HubSpot's e-mail analytics guide: 1,000 events a page, an opaque offset, robots left out on request. An event
names the recipient's address; whose it is, the portal says. The address itself is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from connector.crm.hubspot.activities import Removed, activity, instant
from connector.crm.hubspot.client import Client, checked
from connector.crm.hubspot.lookups import Lookups
from connector.crm.hubspot.names import EMAIL_EVENTS
from connector.crm.page_address import page
from connector.errors import LaterError
from connector.model import Activity, ActivityPage, ActivitySource

PAGE = 1000
_TYPES = {"email_click": "CLICK", "email_open": "OPEN"}
_WORDS = {"email_click": "clicks in marketing e-mails", "email_open": "opens of marketing e-mails"}


class EmailEvents:
    """One kind of e-mail event."""

    lag = timedelta(0)
    removed: Removed | None = None

    def __init__(self, name: Literal["email_click", "email_open"], client: Client, lookups: Lookups) -> None:
        self.name: ActivitySource = name
        self.advice = f"{_WORDS[name]} are not read: give the token the scope `content`"
        self._client = client
        self._lookups = lookups

    def read(self, since: datetime) -> Iterator[ActivityPage]:
        """Events since an instant."""
        offset: str | None = None
        begin = int(since.timestamp() * 1000)
        while True:
            answer = self._client.get(
                EMAIL_EVENTS,
                eventType=_TYPES[self.name],
                startTimestamp=begin,
                excludeFilteredEvents="true",
                limit=PAGE,
                offset=offset,
            )
            body = checked(answer, _WORDS[self.name])
            if not isinstance(body.get("events"), list):
                raise LaterError("HubSpot answered without 'events': check what stands between, then run again", 60.0)
            yield ActivityPage(self._activities(body["events"]))
            offset = str(body.get("offset") or "")
            if not body.get("hasMore") or not offset:
                return

    def _activities(self, events: list[Mapping[str, Any]]) -> list[Activity]:
        contacts = self._lookups.contacts({str(event.get("recipient") or "") for event in events})
        found = []
        for event in events:
            contact = contacts.get(str(event.get("recipient") or "").strip().lower())
            at = instant(event.get("created"))
            if contact and at and event.get("id"):
                found.append(activity(self.name, str(event["id"]), contact, at, _fields(event)))
        return found


def _fields(event: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: event.get(name) for name in ("id", "type", "created", "emailCampaignId")}
    return {**kept, "url": page(event["url"])} if event.get("url") else kept

"""Page views from the events API: every visit of a known contact, account by account.

The API is Enterprise only and knows no marketing e-mails (events guide). It is asked for one type of event of all
contacts, as public connectors do, newest first; page size: no number is published, 100 is the one of HubSpot's lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.crm.hubspot.activities import Removed, activity, instant
from connector.crm.hubspot.client import Client, listed
from connector.crm.hubspot.names import Paths
from connector.crm.page_address import page, site
from connector.model import Activity, ActivityPage, ActivitySource

VISIT = "e_visited_page"
PAGE = 100
CONTACT = ("CONTACT", "0-1")


class PageViews:
    """Visits of pages."""

    name: ActivitySource = "page_view"
    lag = timedelta(0)
    removed: Removed | None = None
    advice = (
        "page views are not read: the events API needs an Enterprise subscription; without it set `pages: last_url` or "
        "`pages: off` in rules/signals.yaml"
    )

    def __init__(self, client: Client, paths: Paths) -> None:
        self._client = client
        self._paths = paths

    def read(self, since: datetime) -> Iterator[ActivityPage]:
        """Visits since an instant."""
        after: str | None = None
        begin = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        while True:
            answer = self._client.get(self._paths.events, eventType=VISIT, occurredAfter=begin, limit=PAGE, after=after)
            body = listed(answer, "page views")
            yield ActivityPage([each for event in body["results"] if (each := _view(event))])
            after = ((body.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return


def _view(event: Mapping[str, Any]) -> Activity | None:
    at = instant(event.get("occurredAt"))
    if at is None or str(event.get("objectType")).upper() not in CONTACT or not event.get("objectId"):
        return None
    told = event.get("properties") or {}
    properties = {"hs_url": page(told.get("hs_url")), "hs_referrer": site(told.get("hs_referrer"))}
    fields = {"id": str(event["id"]), "occurredAt": event["occurredAt"], "properties": properties}
    return activity("page_view", str(event["id"]), str(event["objectId"]), at, fields)

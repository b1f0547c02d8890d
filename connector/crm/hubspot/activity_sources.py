"""The kinds of activities that are read from HubSpot, in their order: what costs least comes first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta

from connector.crm.hubspot.activities import Source
from connector.crm.hubspot.client import Client
from connector.crm.hubspot.email_events import EmailEvents
from connector.crm.hubspot.engagements import Engagements
from connector.crm.hubspot.forms import Forms
from connector.crm.hubspot.lookups import Lookups
from connector.crm.hubspot.names import Paths
from connector.crm.hubspot.page_views import PageViews
from connector.crm.hubspot.source import ObjectSource


def of(
    client: Client,
    paths: Paths,
    lookups: Lookups,
    pool: Executor,
    width: int,
    records: Callable[[str, tuple[str, ...]], ObjectSource],
    lag: timedelta,
) -> list[Source]:
    """Every source; `records` makes the calls of one object, `lag` is how far the search index may be behind."""
    return [
        Engagements("meeting", records, lookups.gone, lag),
        Engagements("call", records, lookups.gone, lag),
        Forms(client, lookups, pool, width),
        EmailEvents("email_click", client, lookups),
        EmailEvents("email_open", client, lookups),
        PageViews(client, paths),
    ]

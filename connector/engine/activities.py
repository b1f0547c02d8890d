"""Reading what persons did: activities of both CRMs go into the store, and their persons are looked at again.

A page and what follows from it are one transaction; a cursor moves only after the last page. A source that an account
does not offer is said once in the inbox and never stops a run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from connector.crm.port import ActivityReading
from connector.engine.flow import side_by_side
from connector.engine.seams import Work
from connector.model import SIDES, Activity, Side

logger = logging.getLogger("revloop.activities")

CURSOR = "activities"
"""The name under which the cursor of activities is kept, beside those of vendor objects."""


def read_activities(work: Work) -> int:
    """Bring the activities up to date.

    Returns:
        How many were new or changed.

    Raises:
        SettingsError, LaterError: as the port says; pages read so far are kept.
        Interrupted: a stop was asked for.
    """
    agreement = work.project.agreement
    if not (agreement.scoring or agreement.lifecycle or agreement.attribution):
        return 0
    since = work.seams.clock() - timedelta(days=agreement.signals.keep_days)
    readings = {side: work.crms[side].activities(work.store.mark(side, CURSOR), since) for side in SIDES}
    threads = max(crm.width() for crm in work.crms.values()) > 1
    count = 0
    for side, page in side_by_side([_pages(side, readings[side]) for side in SIDES], threads=threads):
        if page is None:
            _close(work, side, readings[side])
            continue
        work.breathe()
        count += _take(work, side, page)
        work.seams.progress("read activities", count, None)
    work.store.activities.forget(since)
    return count


def _pages(side: Side, reading: ActivityReading) -> Iterator[tuple[Side, list[Activity] | None]]:
    for page in reading:
        yield side, page
    yield side, None


def _take(work: Work, side: Side, page: list[Activity]) -> int:
    with work.store.transaction():
        fresh = work.store.activities.see(page)
        records = sorted({each.record for each in fresh})
        now = [work.store.links.resolve(side, each, "person") for each in records]
        if now:
            work.store.standings.note("person", side, now)
    return len(fresh)


def _close(work: Work, side: Side, reading: ActivityReading) -> None:
    store = work.store
    with store.transaction():
        for source, why in reading.without.items():
            logger.info("activities not offered", extra={"run": work.run, "side": side, "source": source})
            store.put(f"activities.without.{side}.{source}", why)
        store.set_mark(side, CURSOR, reading.mark, None)

"""Reading what persons did: activities of both CRMs go into the store, and their persons are looked at again.

What a CRM says is gone leaves the store in the same step. A page and what follows from it are one transaction; a cursor
moves only after the last page. A source that an account does not offer is said once in the inbox and never stops a run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from connector.crm.port import ActivityReading
from connector.engine.flow import side_by_side
from connector.engine.seams import Work
from connector.model import SIDES, ActivityPage, Side

logger = logging.getLogger("revloop.activities")

CURSOR = "activities"
"""The name under which the cursor of activities is kept, beside those of vendor objects."""


def read_activities(work: Work, *, full: bool = False) -> int:
    """Bring the activities up to date; a `full` read also finds deletions that a CRM does not tell by itself.

    Returns:
        How many came, changed or went.

    Raises:
        SettingsError, LaterError: as the port says; pages read so far are kept.
        Interrupted: a stop was asked for.
    """
    agreement = work.project.agreement
    if not (agreement.scoring or agreement.lifecycle or agreement.attribution):
        return 0
    since = work.seams.clock() - timedelta(days=agreement.signals.keep_days)
    readings = {side: _begin(work, side, since, full=full) for side in SIDES}
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


def _begin(work: Work, side: Side, since: datetime, *, full: bool) -> ActivityReading:
    known = partial(work.store.activities.ids, side)
    return work.crms[side].activities(work.store.mark(side, CURSOR), since, known, full=full)


def _pages(side: Side, reading: ActivityReading) -> Iterator[tuple[Side, ActivityPage | None]]:
    for page in reading:
        yield side, page
    yield side, None


def _take(work: Work, side: Side, page: ActivityPage) -> int:
    with work.store.transaction():
        taken = work.store.activities.take(side, page)
        now = [work.store.links.resolve(side, each, "person") for each in sorted(taken.records)]
        if now:
            work.store.standings.note("person", side, now)
    return taken.count


def _close(work: Work, side: Side, reading: ActivityReading) -> None:
    store = work.store
    with store.transaction():
        for source, why in reading.without.items():
            logger.info("activities not offered", extra={"run": work.run, "side": side, "source": source})
            store.put(f"activities.without.{side}.{source}", why)
        store.set_mark(side, CURSOR, reading.mark, None)

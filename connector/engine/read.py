"""Reading: what changed in both CRMs goes into the mirror, marked as not yet processed.

A page and what follows from it are one transaction, and a cursor moves only after the last page of its read is
kept, so that a killed read is simply read again. Records whose fingerprint is known are dropped here: that is
how our own writes vanish when they come back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from connector.core.brakes import Seen
from connector.crm.port import Query, Reading
from connector.engine.flow import side_by_side
from connector.engine.follow import follow_gone, follow_traces
from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.engine.unlisted import Listed, follow_unlisted
from connector.model import SIDES, Page, Record
from connector.state.mirror import Row7

logger = logging.getLogger("revloop.read")


@dataclass(slots=True)
class _Progress:
    """One vendor object's read: what was known before, what came back."""

    known: int
    returned: int = 0
    read: int = 0
    reading: Reading | None = field(default=None)
    listed: Listed = field(default_factory=Listed)

    def seen(self, shape: Shape) -> Seen:
        """What came back, for the brakes."""
        return Seen(shape.side, shape.vendor_object, self.known, self.returned)


def read(work: Work, shapes: Shapes, *, full: bool) -> tuple[Seen, ...]:
    """Bring the mirror up to date.

    Returns:
        What each full read brought back of the records known before, for the brakes.

    Raises:
        SettingsError, LaterError: as the port says; pages read so far are kept.
        Interrupted: a stop was asked for.
    """
    progress: dict[Shape, _Progress] = {}
    work.known = {
        (shape.side, shape.vendor_object): (
            work.store.mirror.count(shape.mapping.object, shape.side, shape.vendor_object),
            work.store.mark(shape.side, shape.vendor_object),
        )
        for shape in shapes
    }
    streams = [_pages(work, [shape for shape in shapes if shape.side == side], progress, full=full) for side in SIDES]
    threads = max(crm.width() for crm in work.crms.values()) > 1
    done = 0
    for shape, page in side_by_side(streams, threads=threads):
        if page is None:
            _close(work, shape, progress[shape])
        else:
            work.breathe()
            _take(work, shape, page, progress[shape])
            done += len(page.records)
            work.seams.progress("read", done, None)
    return tuple(each.seen(shape) for shape, each in progress.items() if each.reading is not None and each.reading.full)


def _pages(
    work: Work, shapes: list[Shape], progress: dict[Shape, _Progress], *, full: bool
) -> Iterator[tuple[Shape, Page | None]]:
    """Every page of one side's objects; None ends an object. Runs in a thread of its own and touches no store."""
    for shape in shapes:
        started = _start(work, shape, full=full)
        progress[shape] = started
        assert started.reading is not None
        for page in started.reading:
            yield shape, page
        yield shape, None


def _start(work: Work, shape: Shape, *, full: bool) -> _Progress:
    known, mark = work.known[shape.side, shape.vendor_object]
    query = Query(shape.vendor_object, shape.queried, expected=known)
    return _Progress(known, reading=work.crms[shape.side].changes(query, None if full else mark))


def _take(work: Work, shape: Shape, page: Page, progress: _Progress) -> None:
    """Keep one page: drop what is known, mirror the rest, follow merges, conversions and deletions."""
    store, side = work.store, shape.side
    assert progress.reading is not None
    if progress.reading.full:
        progress.listed.add(page.records)
    with store.transaction():
        known = store.mirror.versions(side, [record.id for record in page.records], shape.mapping.object)
        progress.returned += len(known)
        progress.read += len(page.records)
        fresh: list[tuple[Record, bytes]] = []
        for record in page.records:
            fingerprint = shape.print(record.fields)
            old, modified = known.get(record.id, (b"", ""))
            # A search index may still show what was before our own write: an older stamp is no news.
            if fingerprint != old and record.modified >= modified:
                fresh.append((record, fingerprint))
        store.mirror.see(shape.mapping.object, [_row(shape, record, print_) for record, print_ in fresh])
        follow_traces(work, shape, [record for record, _ in fresh])
        follow_gone(work, shape, page.gone)


def _row(shape: Shape, record: Record, fingerprint: bytes) -> Row7:
    return (
        shape.side,
        shape.vendor_object,
        record.id,
        shape.mirrored(record.fields),
        fingerprint,
        record.modified,
        shape.keys(record.fields),
    )


def _close(work: Work, shape: Shape, progress: _Progress) -> None:
    """The read is complete: what it should have brought and did not is looked for, and its cursor may move."""
    assert progress.reading is not None
    if progress.reading.full:
        follow_unlisted(work, shape, progress.listed, progress.seen(shape))
    facts = {"run": work.run, "side": shape.side, "object": shape.vendor_object}
    logger.info("read", extra={**facts, "count": progress.read, "full": progress.reading.full})
    full_at = work.seams.clock().isoformat() if progress.reading.full else None
    work.store.set_mark(shape.side, shape.vendor_object, progress.reading.mark, full_at)

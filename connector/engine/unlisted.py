"""Records that a full read should have brought and did not: the CRM is asked for each of them by its id.

A list says nothing of a record that was erased, and it may miss one that was made or moved while it was read. Only what
the CRM itself says is no more under this id is gone; without a clear answer the run stops and nothing is. A read that
brought back too few records is the brakes' matter: then nobody is asked.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from connector.core.brakes import Seen, missing
from connector.engine.follow import follow_gone
from connector.engine.seams import Work
from connector.engine.shape import Shape
from connector.model import Record
from connector.state.database import chunks


class Listed:
    """Which records a read has brought, in eight bytes each."""

    def __init__(self) -> None:
        # Two ids with one hash: the absence of one of them is noticed at a later read, since hashes differ by process.
        self._hashes = array("q")

    def add(self, records: Sequence[Record]) -> None:
        """Note the records of a page."""
        self._hashes.extend(hash(record.id) for record in records)

    def known(self) -> frozenset[int]:
        """The hashes of their ids."""
        return frozenset(self._hashes)


def follow_unlisted(work: Work, shape: Shape, listed: Listed, seen: Seen) -> None:
    """Follow what became of the records that are known as alive and that a full read did not list.

    Raises:
        SettingsError, LaterError: the CRM did not answer for all of them; what it said before is kept.
    """
    if missing((seen,), work.project.settings.brakes.limits):
        return
    known = listed.known()
    for ids in work.store.mirror.alive(shape.mapping.object, shape.side, shape.vendor_object):
        for some in chunks([each for each in ids if hash(each) not in known]):
            work.breathe()
            gone = work.crms[shape.side].gone(shape.vendor_object, some)
            with work.store.transaction():
                follow_gone(work, shape, gone)

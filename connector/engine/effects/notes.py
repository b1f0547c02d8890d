"""Effects that are done by being noted: a level that was reached, a matter for an admin, the end of one."""

from __future__ import annotations

from connector.engine.effects.settling import Settling
from connector.engine.seams import Work

NOTES = frozenset({"Escalate", "Hold", "Release"})


def note(work: Work, settling: Settling) -> None:
    """Note what is due; the inbox then shows it.

    Raises:
        Interrupted, LaterError: the run has to end here; everything is resumable.
    """
    for chunk in work.store.effects.undone(settling.as_of, NOTES):
        work.breathe()
        settling.settle([(each, "done", "", None) for each in chunk])

"""Noting what became of effects, and keeping the inbox in step with it, each time in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.engine.effects.carried import NEXT_RUN, Carried
from connector.engine.effects.place import Places
from connector.engine.effects.trouble import UNDONE, Troubles
from connector.engine.seams import Work
from connector.state.effects import EffectState, Stored

_UNREADABLE = (
    "what was decided cannot be read by this version of revloop: run the version that decided it, or a newer one"
)


class Settling:
    """Settles and puts off effects of one run."""

    def __init__(self, work: Work, as_of: datetime, carried: Carried) -> None:
        self._store, self.as_of, self.carried = work.store, as_of, carried
        self._troubles = Troubles(work, Places(work))

    def settle(self, rows: Sequence[tuple[Stored, EffectState, str, str | None]]) -> None:
        """Note (effect, state, note, answer) each."""
        with self._store.transaction():
            self._store.effects.settle([(each.key, state, note, answer) for each, state, note, answer in rows])
            self._troubles.refresh(each.person for each, _, _, _ in rows)

    def postpone(self, rows: Sequence[tuple[Stored, datetime, str]]) -> None:
        """Have (effect, not before, note) wait again; a note says that somebody has to look."""
        with self._store.transaction():
            self._store.effects.postpone([(each.key, at, note) for each, at, note in rows])
            self._troubles.refresh(each.person for each, _, _ in rows)

    def unreadable(self, effects: Sequence[Stored]) -> None:
        """Put off what this version does not understand; the others go on."""
        undone = [each for each in effects if each.state in UNDONE]
        self.postpone([(each, self.as_of + NEXT_RUN, _UNREADABLE) for each in undone])
        self.carried.failed += len(undone)

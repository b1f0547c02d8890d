"""One task and all that was ever decided about it, and what follows from that for the task as the CRM shows it now.

Only the last decision counts: a task that was to be opened and then closed, before anybody could do either, is not
opened at all. Nothing here asks a CRM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.engine.effects.trouble import UNDONE, in_order
from connector.model import TaskSeen
from connector.revops.rejection_effects import CloseTask, OpenTask, ReopenTask
from connector.revops.rejection_stored import effect_from
from connector.revops.rejection_texts import marker
from connector.state.effects import Stored


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing has to be done any more; `state` and `note` say what became of it."""

    state: Literal["done", "dropped"]
    note: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Make the task."""

    draft: OpenTask
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Alter:
    """Change the task; `sure` when the CRM has just shown it."""

    id: str
    state: Literal["open", "completed", "cancelled"]
    due_at: datetime | None = None
    sure: bool = True


Step = Settled | Open | Alter


@dataclass(frozen=True, slots=True)
class Matter:
    """A task's decisions in order, the last one decoded; `draft` is how it was first to be made."""

    task: str
    history: tuple[Stored, ...]
    effect: OpenTask | ReopenTask | CloseTask
    draft: OpenTask | None

    @staticmethod
    def of(task: str, decided: Sequence[Stored]) -> Matter:
        """What is known of a task, from the decisions about it.

        Raises:
            ValueError: a decision cannot be read by this version.
        """
        history = tuple(in_order(decided))
        effects = [effect_from(each.kind, each.body) for each in history]
        last = effects[-1]
        assert isinstance(last, OpenTask | ReopenTask | CloseTask)
        return Matter(task, history, last, next((each for each in effects if isinstance(each, OpenTask)), None))

    @property
    def last(self) -> Stored:
        """The decision that counts."""
        return self.history[-1]

    @property
    def id(self) -> str | None:
        """The task as it was last known to us."""
        return next((each.answer for each in reversed(self.history) if each.answer), None)

    @property
    def overtaken(self) -> list[Stored]:
        """Decisions that a later one has made pointless."""
        return [each for each in self.history[:-1] if each.state in UNDONE]

    def due(self, as_of: datetime) -> bool:
        """Whether the decision that counts is to be carried out now."""
        return self.last.state in UNDONE and self.last.not_before <= as_of

    def step(self, shown: Sequence[TaskSeen]) -> Step:
        """What to do, given the tasks that the CRM shows for the record; only with a `draft`."""
        found = self._found(shown)
        match self.effect:
            case OpenTask() as effect:
                return Settled("done", "it was there", found.id) if found else Open(effect, effect.due_at)
            case ReopenTask() as effect:
                if found is not None:
                    return Alter(found.id, "open", effect.due_at)
                assert self.draft is not None
                return Open(self.draft, effect.due_at)  # somebody deleted it, or it was never opened
            case CloseTask() as effect:
                return self._close(effect, found)

    def _close(self, effect: CloseTask, found: TaskSeen | None) -> Step:
        if found is None:
            if self.id is None:
                return Settled("dropped", "settled before the task was opened")
            return Alter(self.id, effect.outcome, sure=False)  # it may hang on another record by now
        if not found.open:
            return Settled("done", "somebody has closed it", found.id)
        return Alter(found.id, effect.outcome)

    def _found(self, shown: Sequence[TaskSeen]) -> TaskSeen | None:
        """The task by its marker; of several, which only a person can have made, the one we know, else an open one."""
        ours = [each for each in shown if marker(self.task) in each.body]
        ours.sort(key=lambda each: (each.id != self.id, not each.open, each.id))
        return ours[0] if ours else None

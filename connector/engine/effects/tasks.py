"""Opening, reopening and closing tasks: at most one per identity, whatever was killed or whose answer was lost.

Before anything is done the CRM is asked for the tasks of the records, and a task that bears the marker is taken for
what it is. So the same steps carry out a new decision and find out what became of an old one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

from connector.engine.effects.carried import NEXT_RUN
from connector.engine.effects.matter import Alter, Matter, Open, Settled
from connector.engine.effects.place import Place, Places
from connector.engine.effects.settling import Settling
from connector.engine.effects.trouble import TASKS
from connector.engine.people import Owners
from connector.engine.seams import Work
from connector.errors import LaterError, SettingsError
from connector.model import Done, Later, Outcome, Refused, Side, TaskChange, TaskDraft, TaskSeen
from connector.revops.rejection_effects import OpenTask, ReopenTask
from connector.revops.rejection_texts import MARK
from connector.state.effects import Stored

logger = logging.getLogger("revloop.effects")

BATCH = 100
"""How many tasks are looked up and written at once; both CRMs take so many in one call."""

_CALLED = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
_UNASSIGNED = "unassigned: the assignee's address has no active user there"
T = TypeVar("T")


class Tasks:
    """Carries out what is due of the decisions about tasks."""

    def __init__(self, work: Work, owners: Owners, settling: Settling) -> None:
        self._work, self._owners, self._settling, self._carried = work, owners, settling, settling.carried
        self._places = Places(work)
        self.later: dict[Side, LaterError] = {}

    def carry(self) -> None:
        """Carry them out; a side that cannot serve us now is left for the next run, and stands in `later`.

        Raises:
            Interrupted, LaterError: the run has to end here; everything is resumable.
        """
        dealt_with: set[str] = set()
        for chunk in self._work.store.effects.undone(self._settling.as_of, TASKS):
            matters = list(self._matters(chunk, dealt_with))
            self._drop_overtaken(matters)
            for side, vendor_object, group in self._groups(matters):
                for start in range(0, len(group), BATCH):
                    self._work.breathe()
                    if side not in self.later:
                        self._batch(side, vendor_object, group[start : start + BATCH])

    def _matters(self, chunk: Sequence[Stored], dealt_with: set[str]) -> Iterator[Matter]:
        """The tasks that decisions of this chunk are about, each once a run."""
        for person in dict.fromkeys(each.person for each in chunk):
            by_task: dict[str, list[Stored]] = {}
            for each in self._work.store.effects.of_person(person):
                if each.kind in TASKS:
                    by_task.setdefault(str(each.body.get("task")), []).append(each)
            for task, decided in by_task.items():
                if task not in dealt_with:
                    dealt_with.add(task)
                    yield from self._readable(task, decided)

    def _readable(self, task: str, decided: Sequence[Stored]) -> Iterator[Matter]:
        try:
            matter = Matter.of(task, decided)
        except ValueError:
            self._settling.unreadable(decided)
        else:
            if matter.overtaken or matter.due(self._settling.as_of):
                yield matter

    def _drop_overtaken(self, matters: Sequence[Matter]) -> None:
        rows = [each for matter in matters for each in matter.overtaken]
        self._settling.settle([(each, "dropped", "overtaken by a later decision", None) for each in rows])
        self._carried.dropped += len(rows)

    def _groups(self, matters: Sequence[Matter]) -> Iterator[tuple[Side, str, list[tuple[Matter, Place | None]]]]:
        """What is due, by side and vendor object; "" where the record is not known any more."""
        due = [each for each in matters if each.due(self._settling.as_of)]
        hung = {(each.draft.side, each.draft.record) for each in due if each.draft}
        places, groups = self._places.of_records(hung), dict[tuple[Side, str], list[tuple[Matter, Place | None]]]()
        for each in due:
            if each.draft is None:
                self._settled(each, Settled("dropped", "there is no such task"))
                continue
            place = places.get((each.draft.side, each.draft.record))
            groups.setdefault((each.draft.side, place.vendor_object if place else ""), []).append((each, place))
        yield from ((side, vendor_object, group) for (side, vendor_object), group in groups.items())

    # --- one batch -----------------------------------------------------------------------------------

    def _batch(self, side: Side, vendor_object: str, group: Sequence[tuple[Matter, Place | None]]) -> None:
        """Look, then do: what is there is known before anything is made."""
        shown: list[TaskSeen] | None = []
        if vendor_object:
            records = sorted({place.record for _, place in group if place})
            crm = self._work.crms[side]
            shown = self._asked(side, [each for each, _ in group], lambda: crm.tasks(vendor_object, records, MARK))
        if shown is None:
            return
        opens: list[tuple[Matter, Open, Place]] = []
        alters: list[tuple[Matter, Alter]] = []
        with self._work.store.transaction():
            for matter, place in group:
                step = matter.step(shown)
                if isinstance(step, Settled):
                    self._settled(matter, step)
                elif isinstance(step, Alter):
                    alters.append((matter, step))
                elif place is None:
                    self._put_off(matter, "its record is not known any more: look at it with `revloop explain`")
                else:
                    opens.append((matter, step, place))
        self._open(side, opens)
        self._alter(side, alters)

    def _open(self, side: Side, opens: Sequence[tuple[Matter, Open, Place]]) -> None:
        matters = [each for each, _, _ in opens]
        drafts = [self._draft(side, *each) for each in opens]
        outcomes = self._sent(side, matters, lambda: self._work.crms[side].open_tasks(drafts))
        with self._work.store.transaction():
            for matter, draft, outcome in zip(matters, drafts, outcomes, strict=False):
                if isinstance(outcome, Done):
                    note = "" if draft.owner else _UNASSIGNED
                    self._settled(matter, Settled("done", note, outcome.id))
                else:
                    self._not_done(side, matter, outcome)

    def _alter(self, side: Side, alters: Sequence[tuple[Matter, Alter]]) -> None:
        matters = [each for each, _ in alters]
        changes = [TaskChange(each.last.key, step.id, step.state, step.due_at) for each, step in alters]
        outcomes = self._sent(side, matters, lambda: self._work.crms[side].change_tasks(changes))
        with self._work.store.transaction():
            for (matter, step), outcome in zip(alters, outcomes, strict=False):
                if isinstance(outcome, Done):
                    self._settled(matter, Settled("done", "", step.id))
                elif isinstance(outcome, Refused) and not step.sure:
                    self._settled(matter, Settled("dropped", f"the task is no longer there ({outcome.code})"))
                else:
                    self._not_done(side, matter, outcome)

    def _sent(self, side: Side, matters: Sequence[Matter], call: Callable[[], list[Outcome]]) -> list[Outcome]:
        """Commit the intent and call; no outcomes where the call as a whole failed."""
        if not matters:
            return []
        self._work.store.effects.send([each.last.key for each in matters])
        return self._asked(side, matters, call) or []

    def _asked(self, side: Side, matters: Sequence[Matter], call: Callable[[], T]) -> T | None:
        """A CRM's answer; None after noting why there is none. What was sent stays so: the next run looks."""
        try:
            return call()
        except LaterError as error:
            self.later[side] = error
        except SettingsError as error:
            with self._work.store.transaction():
                for each in matters:
                    self._put_off(each, f"{_CALLED[side]}: {error}")
        return None

    def _draft(self, side: Side, matter: Matter, step: Open, place: Place) -> TaskDraft:
        draft = step.draft
        owner = self._owners.id(side, draft.to)
        return TaskDraft(
            matter.last.key, place.vendor_object, place.record, owner, draft.subject, draft.body, step.due_at,
            draft.urgent,
        )  # fmt: skip

    # --- what became of it ---------------------------------------------------------------------------

    def _settled(self, matter: Matter, settled: Settled) -> None:
        self._settling.settle([(matter.last, settled.state, settled.note, settled.id)])
        if settled.state == "dropped":
            self._carried.dropped += 1
        elif isinstance(matter.effect, OpenTask):
            self._carried.opened += 1
        elif isinstance(matter.effect, ReopenTask):
            self._carried.reopened += 1
        else:
            self._carried.closed += 1

    def _not_done(self, side: Side, matter: Matter, outcome: Outcome) -> None:
        """An unknown answer stays `sent`: the next run looks whether the task is there."""
        if isinstance(outcome, Refused):
            facts = {"kind": matter.last.kind, "side": side, "code": outcome.code}
            logger.warning("task refused", extra={"run": self._work.run, **facts})
            self._put_off(matter, f"{_CALLED[side]} refused the task: {outcome.message}")
        elif isinstance(outcome, Later):
            wait = max(NEXT_RUN, timedelta(seconds=outcome.after))
            self._settling.postpone([(matter.last, self._settling.as_of + wait, "")])

    def _put_off(self, matter: Matter, note: str) -> None:
        """Somebody has to look; every run tries again."""
        self._settling.postpone([(matter.last, self._settling.as_of + NEXT_RUN, note)])
        self._carried.failed += 1

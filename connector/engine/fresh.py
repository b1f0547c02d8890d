"""The last look before a write: is the record still as the plan saw it? (design §7).

A field that somebody changed since is not written, and the record waits for the next plan. A field that already
holds the planned value needs no write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.core.plan import STAMP
from connector.engine.confirm import agreed, row_of
from connector.engine.follow import follow_gone
from connector.engine.people import Owners
from connector.engine.references import References
from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.model import Action, Change, Gone, Record
from connector.state.plans import State
from connector.state.records import Seen


class Fresh:
    """Compares re-read records with a plan's `before`."""

    def __init__(self, work: Work, shapes: Shapes, owners: Owners, plan: str) -> None:
        self._work, self._shapes, self._owners, self._plan = work, shapes, owners, plan

    def still_as_planned(
        self, shape: Shape, actions: Sequence[Action], current: Sequence[Record]
    ) -> list[tuple[Action, str]]:
        """The actions that may go on, reduced to the fields that still need it, with each record's own stamp.

        Fields that were changed are put into the mirror and stay unprocessed; the action is marked as stale.
        """
        store = self._work.store
        by_id = {record.id: record for record in current}
        mirrored = store.mirror.many(shape.side, sorted(by_id), shape.mapping.object)
        seen = [_with(each, by_id[each.id]) for each in mirrored.values()]
        references = References(store, self._shapes, self._owners, None, seen)
        now = {each.id: each for each in seen}
        ready: list[tuple[Action, str]] = []
        stale: list[tuple[str, State, str]] = []
        # What differs from the mirror is remembered whatever follows: the base must not move past the mirror.
        moved = [each for each in seen if shape.print(each.fields) != mirrored[each.id].print]
        done: list[tuple[Action, list[Change]]] = []
        for action in actions:
            record = now.get(action.record or "")
            if record is None:
                continue
            write, there, lost = self._sort(shape, action, record, references)
            if lost:
                stale.append((action.id, "stale", f"changed since the plan: {', '.join(lost)}"))
            if there:
                done.append((action, there))
            if write:
                ready.append((replace(action, changes=tuple(write)), record.modified))
        with store.transaction():
            store.mirror.see(shape.mapping.object, [row_of(shape, each) for each in moved])
            store.plans.settle(self._plan, stale)
            for action, changes in done:
                store.links.move_base([(action.link, agreed(changes))])
            settled = {each for each, _, _ in stale} | {action.id for action, _ in ready}
            store.plans.settle(
                self._plan,
                [(action.id, "done", "held the value already") for action, _ in done if action.id not in settled],
            )
        lost_ids = {each for each, _, _ in stale}
        return [(action, modified) for action, modified in ready if action.id not in lost_ids]

    def missing(
        self, shape: Shape, actions: Sequence[Action], gone: Sequence[Gone], missing: Sequence[str | None]
    ) -> None:
        """Records that are no more: follow where they went, and leave the rest to the inbox."""
        store = self._work.store
        lost = set(missing)
        with store.transaction():
            follow_gone(self._work, shape, gone)
            rows: list[tuple[str, State, str]] = [
                (each.id, "stale", "the record is no longer there") for each in actions if each.record in lost
            ]
            store.plans.settle(self._plan, rows)

    def _sort(
        self, shape: Shape, action: Action, record: Seen, references: References
    ) -> tuple[list[Change], list[Change], list[str]]:
        """An action's changes: still to write, already there, changed by somebody else."""
        names = [shape.vendor_name(shape.by_name[change.field]) for change in action.changes if change.field != STAMP]
        values, _, _ = shape.canonical({name: record.fields.get(name) for name in names}, references.resolve)
        write, there, lost = [], [], []
        for change in action.changes:
            if change.field == STAMP:
                value = record.fields.get(shape.mapping.stamps[shape.side]) or None
            else:
                value = values.get(change.field)
            if value == change.after:
                there.append(change)
            elif value == change.before:
                write.append(change)
            else:
                lost.append(change.field)
        return write, there, lost


def _with(seen: Seen, record: Record) -> Seen:
    """The mirrored record with what was just read laid over it."""
    return replace(seen, fields={**seen.fields, **record.fields}, modified=record.modified)

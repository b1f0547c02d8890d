"""Recovery: intents whose answer nobody saw are settled by asking the CRM (design §4.2, §7).

A create is found by its stamp. An update is compared field by field with what was to be written; where the record
was touched since and the values cannot tell who did it, the field becomes a conflict instead of a guess.
Nothing is repeated here: what was not done is planned again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from connector.core.merge import UNKNOWN
from connector.core.plan import ROW_KINDS, STAMP
from connector.engine.confirm import Confirm, row_of
from connector.engine.follow import follow_gone, follow_traces
from connector.engine.people import Owners
from connector.engine.references import References
from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.model import Action, Base, Change, Done, Later, Outcome, Record, Write
from connector.state.mirror import Row7
from connector.state.records import Seen

_BATCH = 200
"""How many intents are asked for at once; every CRM takes so many ids."""


def recover(work: Work, shapes: Shapes, owners: Owners) -> int:
    """Settle every open intent.

    Returns:
        How many there were.

    Raises:
        LaterError, SettingsError: a CRM cannot be asked now; the intents stay open.
    """
    settled = 0
    for intent in work.store.plans.open():
        if intent.job:
            work.crms[intent.actions[0][0].side].finish_job(intent.job)
        groups: dict[tuple[str, str, str, str], list[tuple[Action, str]]] = {}
        for action, modified in intent.actions:
            groups.setdefault((action.kind, action.object, action.side, action.vendor_object), []).append(
                (action, modified)
            )
        for group in groups.values():
            for start in range(0, len(group), _BATCH):
                work.breathe()
                settler = _Settler(work, shapes, owners, intent.plan_id, intent.sent_at)
                settler.settle(group[start : start + _BATCH])
        settled += len(intent.actions)
    return settled


class _Settler:
    """Settles intents of one plan, one kind and vendor object at a time."""

    def __init__(self, work: Work, shapes: Shapes, owners: Owners, plan: str, sent_at: datetime) -> None:
        self._work, self._shapes, self._owners, self._plan, self._sent_at = work, shapes, owners, plan, sent_at
        self._confirm = Confirm(work, shapes, plan)

    def settle(self, group: Sequence[tuple[Action, str]]) -> None:
        """Ask the CRM about one group and confirm what it shows."""
        first = group[0][0]
        if first.kind in ROW_KINDS:
            self._rows([action for action, _ in group])
            return
        shape = self._shapes.of(first.object, first.side, first.vendor_object)
        actions = [action for action, _ in group]
        if first.kind == "create":
            self._creates(shape, actions)
        elif first.kind == "archive":
            self._archives(shape, actions)
        elif first.kind == "associate":
            self._associations(shape, actions)
        else:
            self._updates(shape, group)

    def _rows(self, actions: Sequence[Action]) -> None:
        """Rows of custom objects are written again, by their key: nothing has to be asked."""
        self._work.store.plans.settle(self._plan, [(action.id, "later", "is written again") for action in actions])

    def _creates(self, shape: Shape, actions: Sequence[Action]) -> None:
        stamp = shape.mapping.stamps[shape.side]
        found = self._work.crms[shape.side].find(
            shape.vendor_object, stamp, [action.source or "" for action in actions], shape.names
        )
        by_stamp = {str(record.fields.get(stamp)): record for record in found}
        writes = [Write(action.id, None, self._proven(shape, by_stamp.get(action.source or ""))) for action in actions]
        outcomes = [_found(by_stamp.get(action.source or "")) for action in actions]
        # The record as found may hold later words of people: the base is what we sent, so that they count as changes.
        sent = [
            Done(each.id, {}, created=True, modified=each.modified) if isinstance(each, Done) else each
            for each in outcomes
        ]
        self._confirm.creates(shape, actions, writes, sent)
        with self._work.store.transaction():
            rows = [each for action in actions if (each := by_stamp.get(action.source or ""))]
            self._work.store.mirror.see(shape.mapping.object, [self._row(shape, record) for record in rows])
            follow_traces(self._work, shape, rows)

    @staticmethod
    def _proven(shape: Shape, record: Record | None) -> dict[str, None]:
        """The names that a create must have written; an empty reference may have had no other end by then."""
        if record is None:
            return {}
        references = {shape.vendor_name(each) for each in shape.fields if each.object is not None}
        return {name: None for name in shape.names if name not in references or record.fields.get(name)}

    def _archives(self, shape: Shape, actions: Sequence[Action]) -> None:
        ids = [action.record or "" for action in actions]
        gone = {each.id for each in self._work.crms[shape.side].gone(shape.vendor_object, ids)}
        outcomes: list[Outcome] = [
            Done(action.record or "") if action.record in gone else Later("was not archived") for action in actions
        ]
        self._confirm.archives(shape, actions, outcomes)

    def _associations(self, shape: Shape, actions: Sequence[Action]) -> None:
        """Read what is associated now: the next merge sees what is missing, what is there needs no proof of origin."""
        links = self._work.store.links.get([action.link for action in actions])
        ids = {action.id: links[action.link].record_id(shape.side) for action in actions if action.link in links}
        names = [shape.vendor_name(shape.by_name[change.field]) for action in actions for change in action.changes]
        found = self._work.crms[shape.side].read(shape.vendor_object, sorted(set(ids.values())), sorted(set(names)))
        seen = self._over_mirror(shape, found)
        references = References(self._work.store, self._shapes, self._owners, None, list(seen.values()))
        with self._work.store.transaction():
            for action in actions:
                record = seen.get(ids.get(action.id, ""))
                values = shape.canonical(record.fields, references.resolve)[0] if record else {}
                standing = tuple(each for each in action.changes if values.get(each.field) == each.after)
                if standing:
                    self._confirm.recovered(shape, replace(action, record=ids[action.id], changes=standing))
                if len(standing) < len(action.changes):
                    self._work.store.plans.settle(self._plan, [(action.id, "later", "was not written")])
            self._work.store.mirror.see(shape.mapping.object, [row_of(shape, each) for each in seen.values()])

    def _updates(self, shape: Shape, group: Sequence[tuple[Action, str]]) -> None:
        crm, store = self._work.crms[shape.side], self._work.store
        ids = [action.record or "" for action, _ in group]
        found = crm.read(shape.vendor_object, ids, shape.names)
        missing = sorted(set(ids) - {record.id for record in found})
        gone = crm.gone(shape.vendor_object, missing) if missing else []
        ours = self._written_by_us(shape, group)
        seen = self._over_mirror(shape, found)
        references = References(store, self._shapes, self._owners, None, list(seen.values()))
        with store.transaction():
            follow_gone(self._work, shape, gone)
            store.mirror.see(shape.mapping.object, [row_of(shape, each) for each in seen.values()])
            follow_traces(self._work, shape, found)
            for action, modified in group:
                record = seen.get(action.record or "")
                if record is None:
                    store.plans.settle(self._plan, [(action.id, "later", "the record is no longer there")])
                else:
                    self._update(shape, action, modified, record, references, ours.get(record.id, set()))

    def _update(
        self, shape: Shape, action: Action, modified: str, record: Seen, references: References, ours: set[str]
    ) -> None:
        """Judge one record: written, not written, or written and then changed by a person."""
        store = self._work.store
        values, _, _ = shape.canonical(record.fields, references.resolve)
        held = {change.field: _held(shape, change, record, values) for change in action.changes}
        written = [change for change in action.changes if held[change.field] == change.after]
        if written or ours:
            # One field proves the whole record, since a CRM writes a record's fields together; but a reference may
            # have been left out of the write, so one that does not stand proves nothing either way.
            unsure = [each for each in action.changes if each not in written and _points(shape, each)]
            sure = tuple(each for each in action.changes if each not in unsure)
            self._confirm.recovered(shape, replace(action, changes=sure))
            unknown = {each.field: UNKNOWN for each in unsure}
            store.links.move_base([(action.link, Base(unknown, unknown))])
        elif record.modified != modified:
            # Somebody touched the record, and no value tells whether our write came before: ask.
            unknown = {change.field: UNKNOWN for change in action.changes if change.field != STAMP}
            store.links.move_base([(action.link, Base(unknown, unknown))])
            store.plans.settle(self._plan, [(action.id, "later", "cannot be told from a person's edit")])
        else:
            store.plans.settle(self._plan, [(action.id, "later", "was not written")])

    def _written_by_us(self, shape: Shape, group: Sequence[tuple[Action, str]]) -> dict[str, set[str]]:
        """Record id -> properties with an entry of ours since the intent, where the CRM keeps a history."""
        names = sorted(
            {shape.vendor_name(shape.by_name[c.field]) for a, _ in group for c in a.changes if c.field != STAMP}
        )
        ids = [action.record or "" for action, _ in group]
        histories = self._work.crms[shape.side].history(shape.vendor_object, ids, names) if names else {}
        since = {action.record: modified for action, modified in group}
        return {
            record: {
                name
                for name, entries in history.items()
                if any(e.ours and e.at > since.get(record, "") for e in entries)
            }
            for record, history in histories.items()
        }

    def _over_mirror(self, shape: Shape, found: Sequence[Record]) -> dict[str, Seen]:
        """Records as just read, laid over what the mirror knows of them."""
        known = self._work.store.mirror.many(shape.side, [each.id for each in found], shape.mapping.object)
        seen = {}
        for record in found:
            old = known.get(record.id)
            fields = {**(old.fields if old else {}), **record.fields}
            seen[record.id] = Seen(
                shape.side, shape.vendor_object, record.id, shape.mapping.object, shape.mirrored(fields),
                record.modified, old.link if old else None, 0, b"",
            )  # fmt: skip
        return seen

    def _row(self, shape: Shape, record: Record) -> Row7:
        return (
            shape.side, shape.vendor_object, record.id, shape.mirrored(record.fields), shape.print(record.fields),
            record.modified, shape.keys(record.fields),
        )  # fmt: skip


def _found(record: Record | None) -> Outcome:
    return Done(record.id, record.fields, modified=record.modified) if record else Later("was not created")


def _points(shape: Shape, change: Change) -> bool:
    """Whether a change is a reference to another record."""
    return change.field in shape.by_name and shape.by_name[change.field].object is not None


def _held(shape: Shape, change: Change, record: Seen, values: dict[str, str]) -> str | None:
    if change.field == STAMP:
        return record.fields.get(shape.mapping.stamps[shape.side]) or None
    return values.get(change.field)

"""One batch of writes from intent to confirmation, for each kind of write (design §4, §7).

A batch is a generator: what it yields is a call to a CRM and may run beside others, what it does in between is
bookkeeping in the store. A batch may be a bulk job of thousands, so it holds action ids and raw writes only, and
reads the actions themselves again, a few hundred at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.core.plan import STAGE_FIELDS
from connector.engine.audit import audit
from connector.engine.confirm import Confirm
from connector.engine.flow import Batch, Call, Flow
from connector.engine.fresh import Fresh
from connector.engine.people import Owners
from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.engine.writing import Writer
from connector.model import Action, Done, Outcome, Record, Refused, Side, Unknown, Write

PART = 500
"""How many actions of a batch are in memory at once."""


class Batches:
    """Makes the batches of one plan; `done` is told how many actions each has dealt with."""

    def __init__(
        self, work: Work, shapes: Shapes, owners: Owners, flow: Flow, plan: str, done: Callable[[int], None]
    ) -> None:
        self._work, self._shapes, self._flow, self._plan, self._step = work, shapes, flow, plan, done
        self._writer = Writer(work.store, owners, work.project.settings.time_zone)
        self._confirm = Confirm(work, shapes, plan)
        self._fresh = Fresh(work, shapes, owners, plan)

    def create(self, object_: str, side: Side, vendor_object: str, ids: list[str]) -> Batch:
        """Create records: an upsert by stamp, so that a repeated one makes nothing twice."""
        shape = self._shapes.of(object_, side, vendor_object)
        crm, stamp = self._work.crms[side], shape.mapping.stamps[side]
        load = self._loader(ids)
        writes = [write for part in _parts(ids) for write in self._writer.creates(shape, load(part))]
        sent = self._send(ids, {})
        outcomes = yield from asked(lambda: crm.create(vendor_object, stamp, writes, sent.note_job), len(writes))
        for part, some, answers in _together(ids, writes, outcomes):
            self._confirm.creates(shape, load(part), some, answers)
        self._step(len(ids))

    def restage(self, object_: str, side: Side, vendor_object: str, ids: list[str]) -> Batch:
        """Set what an update before has emptied, and read back whether the CRM took it."""
        return self.update(object_, side, vendor_object, ids, read_back=True)

    def update(self, object_: str, side: Side, vendor_object: str, ids: list[str], *, read_back: bool = False) -> Batch:
        """Read again what is about to be written, write what is still as planned, audit what fell into the gap."""
        shape = self._shapes.of(object_, side, vendor_object)
        crm, load = self._work.crms[side], self._loader(ids)
        names: set[str] = set()
        records: list[str] = []
        for action in (action for part in _parts(ids) for action in load(part)):
            names.update(self._writer.names(shape, action))
            records.append(action.record or "")
        found: list[Record] = yield lambda: crm.read(vendor_object, records, sorted(names))
        current = {record.id: record for record in found}
        missing = sorted(set(records) - set(current))
        if missing:
            gone = yield lambda: crm.gone(vendor_object, missing)
            for part in _parts(ids):
                self._fresh.missing(shape, load(part), gone, missing)
        kept: dict[str, _Kept] = {}
        for part in _parts(ids):
            kept.update(self._ready(shape, load(part), current))
        if kept:
            writes = [each.write for each in kept.values()]
            sent = self._send(list(kept), {name: each.modified for name, each in kept.items()})
            outcomes = yield from asked(lambda: crm.update(vendor_object, writes, sent.note_job), len(writes))
            if read_back:
                found = yield lambda: crm.read(vendor_object, [each.id or "" for each in writes], sorted(names))
                outcomes = _as_read(outcomes, {record.id: record for record in found})
            yield from self._updated(shape, kept, load, outcomes)
        self._step(len(ids))

    def associate(self, object_: str, side: Side, vendor_object: str, ids: list[str]) -> Batch:
        """Add and remove associations between records that exist by now."""
        shape, store = self._shapes.of(object_, side, vendor_object), self._work.store
        actions = [action for part in _parts(ids) for action in self._loader(ids)(part)]
        ready = self._writer.associations(shape, actions)
        able = {action.id: action.changes for action, _ in ready}
        # What has no other end yet waits: its records stay unprocessed, so that the next plan looks at it again.
        store.plans.settle(self._plan, [(each.id, "held", "") for each in actions if each.id not in able])
        if ready:
            self._send(list(able), {})
            crm, bodies = self._work.crms[side], [write for _, write in ready]
            outcomes = yield from asked(lambda: crm.associate(vendor_object, bodies), len(bodies))
            self._confirm.associations(shape, [action for action, _ in ready], bodies, outcomes)
            done = {action.id for (action, _), each in zip(ready, outcomes, strict=True) if isinstance(each, Done)}
            partial = [each.id for each in actions if each.id in done and able[each.id] != each.changes]
            store.plans.settle(self._plan, [(each, "held", "") for each in partial])
        self._step(len(ids))

    def archive(self, object_: str, side: Side, vendor_object: str, ids: list[str]) -> Batch:
        """Move records to the recycle bin."""
        shape, crm = self._shapes.of(object_, side, vendor_object), self._work.crms[side]
        actions = [action for part in _parts(ids) for action in self._loader(ids)(part)]
        writes = [Write(each.id, each.record, {}) for each in actions]
        self._send(ids, {})
        outcomes = yield from asked(lambda: crm.archive(vendor_object, writes), len(writes))
        self._confirm.archives(shape, actions, outcomes)
        self._step(len(ids))

    def _ready(self, shape: Shape, actions: Sequence[Action], current: Mapping[str, Record]) -> dict[str, _Kept]:
        """What may still be written of a part, by action id."""
        there = [current[each.record] for each in actions if each.record and each.record in current]
        ready = self._fresh.still_as_planned(shape, actions, there)
        writes = self._writer.updates(shape, [action for action, _ in ready])
        whole = {action.id: len(action.changes) for action in actions}
        kept, empty = {}, []
        for (action, modified), write in zip(ready, writes, strict=True):
            if write.fields:
                left = None if len(action.changes) == whole[action.id] else {each.field for each in action.changes}
                kept[action.id] = _Kept(write, modified, left)
            else:
                empty.append(action.id)
        self._work.store.plans.settle(self._plan, [(each, "held", "") for each in empty])
        return kept

    def _updated(
        self, shape: Shape, kept: Mapping[str, _Kept], load: _Load, outcomes: Sequence[Outcome]
    ) -> Generator[Call, Any, None]:
        """Confirm an update batch part by part, and audit each part."""
        total = self._work.store.plans.state_counts(self._plan)
        updates = sum(count for (kind, side, _), count in total.items() if (kind, side) == ("update", shape.side))
        stamps = {name: each.modified for name, each in kept.items()}
        for part, writes, told in _together(list(kept), [each.write for each in kept.values()], outcomes):
            actions = [kept[action.id].reduced(action) for action in load(part)]
            answers = [_taken(shape, *each) for each in zip(actions, told, strict=True)]
            self._confirm.updates(shape, actions, writes, answers)
            pairs = list(zip(actions, writes, strict=True))
            yield from audit(self._work, shape, pairs, answers, stamps, updates)

    def _loader(self, ids: Sequence[str]) -> _Load:
        """Reads actions by id; those of a small batch only once."""
        plans, small = self._work.store.plans, len(ids) <= PART
        known = {action.id: action for action in plans.some(self._plan, ids)} if small else {}

        def load(part: Sequence[str]) -> list[Action]:
            return [known[each] for each in part] if small else plans.some(self._plan, part)

        return load

    def _send(self, ids: Sequence[str], modified: Mapping[str, str]) -> Intent:
        """Commit the intents of a batch: from here on only the CRM knows what happened."""
        batch = self._work.seams.new_id("batch")
        rows = [(each, modified.get(each, "")) for each in ids]
        self._work.store.plans.send(self._plan, rows, self._work.seams.clock(), batch)
        return Intent(self._work, self._flow, self._plan, batch)


_Load = Callable[[Sequence[str]], list[Action]]


class _Kept:
    """An update that may go on: its write, the record's own stamp, and the fields left where some fell away."""

    __slots__ = ("_left", "modified", "write")

    def __init__(self, write: Write, modified: str, left: set[str] | None) -> None:
        self.write, self.modified, self._left = write, modified, left

    def reduced(self, action: Action) -> Action:
        """The action with the fields that were written."""
        if self._left is None:
            return action
        return replace(action, changes=tuple(each for each in action.changes if each.field in self._left))


class Intent:
    """A batch that was sent; a bulk job it started is remembered, so that a killed run can find it again."""

    def __init__(self, work: Work, flow: Flow, plan: str, batch: str) -> None:
        self._work, self._flow, self._plan, self._batch = work, flow, plan, batch

    def note_job(self, job: str) -> None:
        """Remember the CRM's job id before the job begins."""
        self._flow.at_home(lambda: self._work.store.plans.job(self._plan, self._batch, job))


def asked(call: Callable[[], list[Outcome]], expected: int) -> Generator[Call, Any, list[Outcome]]:
    """Make a writing call; an answer for another number of records leaves every record to be settled by reading."""
    outcomes: list[Outcome] = yield call
    if len(outcomes) != expected:
        return [Unknown("the CRM answered for another number of records")] * expected
    return outcomes


def _as_read(outcomes: Sequence[Outcome], found: Mapping[str, Record]) -> list[Outcome]:
    """Answers with what the records really hold."""
    return [
        replace(each, fields={**each.fields, **found[each.id].fields})
        if isinstance(each, Done) and each.id in found
        else each
        for each in outcomes
    ]


def _taken(shape: Shape, action: Action, outcome: Outcome) -> Outcome:
    """A success whose answer shows that a CRM kept its own stage or status is a refusal."""
    if not isinstance(outcome, Done):
        return outcome
    for change in action.changes:
        column = shape.vendor_name(shape.by_name[change.field]) if change.field in STAGE_FIELDS else ""
        if column in outcome.fields and (outcome.fields[column] or None) != change.after:
            return Refused("KEPT", f"it answers success but does not take the value of {column}")
    return outcome


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + PART] for start in range(0, len(ids), PART))


def _together(
    ids: Sequence[str], writes: Sequence[Write], outcomes: Sequence[Outcome]
) -> Iterator[tuple[Sequence[str], Sequence[Write], Sequence[Outcome]]]:
    """A batch's ids, writes and outcomes, part by part."""
    for start in range(0, len(ids), PART):
        end = start + PART
        yield ids[start:end], writes[start:end], outcomes[start:end]

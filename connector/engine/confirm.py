"""Confirming a batch: what each answer proves goes into links, bases, mirror and ledger, in one transaction.

Nothing is assumed: the base of a written field is what the CRM says it stored, where it says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.core.plan import STAMP, WITH_COLUMNS
from connector.engine.seams import Work
from connector.engine.shape import Shape, Shapes
from connector.model import (
    Action,
    Base,
    Change,
    Done,
    Field,
    Later,
    Link,
    Outcome,
    Refused,
    Side,
    Value,
    Write,
    opposite,
)
from connector.revops.rejection_refusal import refused_rejection
from connector.state.ledger import LedgerRow
from connector.state.mirror import Row7
from connector.state.plans import State
from connector.state.records import Seen

logger = logging.getLogger("revloop.apply")


class Confirm:
    """Settles the outcomes of one plan's batches."""

    def __init__(self, work: Work, shapes: Shapes, plan: str) -> None:
        self._work, self._shapes, self._plan = work, shapes, plan

    def creates(
        self, shape: Shape, actions: Sequence[Action], writes: Sequence[Write], outcomes: Sequence[Outcome]
    ) -> None:
        """New records become links; a refusal goes to the inbox of the record they were made from."""
        store = self._work.store
        made = [
            (action, write, outcome)
            for action, write, outcome in zip(actions, writes, outcomes, strict=True)
            if isinstance(outcome, Done)
        ]
        with store.transaction():
            taken = store.links.of_records(shape.side, [outcome.id for _, _, outcome in made], shape.mapping.object)
            free = [each for each in made if taken.get(each[2].id, each[0].link) == each[0].link]
            objects = self._salesforce_objects(shape, [action for action, _, _ in free])
            links = [self._new_link(shape, *each, objects) for each in free]
            store.mirror.see(
                shape.mapping.object, [self._new_row(shape, write, outcome) for _, write, outcome in free], dirty=False
            )
            store.links.add_all(links, self._work.run)
            self._log(shape, [(action, outcome) for action, _, outcome in free])
            store.plans.settle(self._plan, [(action.id, _state(shape, action, write), "") for action, write, _ in free])
            kept = {action.id for action, _, _ in free}
            lost = [(action, outcome) for action, _, outcome in made if action.id not in kept]
            self._refuse(shape, [(action, _taken(outcome)) for action, outcome in lost])
            self._rest(shape, zip(actions, outcomes, strict=True))

    def updates(
        self, shape: Shape, actions: Sequence[Action], writes: Sequence[Write], outcomes: Sequence[Outcome]
    ) -> None:
        """Written fields become the base of both sides."""
        store = self._work.store
        done = [
            (action, write, outcome)
            for action, write, outcome in zip(actions, writes, outcomes, strict=True)
            if isinstance(outcome, Done)
        ]
        with store.transaction():
            store.links.move_base(
                [(action.link, self._new_base(shape, action, write, outcome)) for action, write, outcome in done]
            )
            self._mirror_updates(shape, done)
            self._log(shape, [(action, outcome) for action, _, outcome in done])
            store.plans.settle(self._plan, [(action.id, _state(shape, action, write), "") for action, write, _ in done])
            self._rest(shape, zip(actions, outcomes, strict=True))

    def recovered(self, shape: Shape, action: Action) -> None:
        """An update whose answer was lost and whose effect was found: as if it had been answered."""
        with self._work.store.transaction():
            self._work.store.links.move_base([(action.link, agreed(action.changes))])
            self._log(shape, [(action, Done(action.record or ""))])
            self._work.store.plans.settle(self._plan, [(action.id, "done", "recovered")])

    def associations(
        self, shape: Shape, actions: Sequence[Action], writes: Sequence[Write], outcomes: Sequence[Outcome]
    ) -> None:
        """Associations that stand become the base of both sides, and are mirrored: a vendor need not stamp them."""
        store = self._work.store
        done = [
            (action, write, outcome)
            for action, write, outcome in zip(actions, writes, outcomes, strict=True)
            if isinstance(outcome, Done)
        ]
        with store.transaction():
            store.links.move_base([(action.link, agreed(action.changes)) for action, _, _ in done])
            self._mirror_updates(
                shape, [(replace(action, record=write.id), write, outcome) for action, write, outcome in done]
            )
            self._log(shape, [(action, outcome) for action, _, outcome in done])
            store.plans.settle(self._plan, [(action.id, "done", "") for action, _, _ in done])
            self._rest(shape, zip(actions, outcomes, strict=True))

    def archives(self, shape: Shape, actions: Sequence[Action], outcomes: Sequence[Outcome]) -> None:
        """Archived records leave the mirror; their links end."""
        store = self._work.store
        done = [
            (action, outcome) for action, outcome in zip(actions, outcomes, strict=True) if isinstance(outcome, Done)
        ]
        with store.transaction():
            for action, _ in done:
                store.mirror.gone(shape.side, action.record or "", "archived by revloop", shape.mapping.object)
                store.standings.note(shape.mapping.object, shape.side, [action.record or ""])
                store.links.close(action.link, action.reason, self._work.run)
            self._log(shape, done)
            store.plans.settle(self._plan, [(action.id, "done", "") for action, _ in done])
            self._rest(shape, zip(actions, outcomes, strict=True))

    # --- what was made -------------------------------------------------------------------------------

    def _new_link(self, shape: Shape, action: Action, write: Write, outcome: Done, objects: Mapping[str, str]) -> Link:
        """The link of a created pair, with what each side holds now."""
        assert action.base is not None
        assert action.source is not None
        side = shape.side
        unwritten = {
            change.field
            for change in action.changes
            if change.field in shape.by_name and shape.vendor_name(shape.by_name[change.field]) not in write.fields
        }
        ours = {name: value for name, value in action.base.of(side).items() if name not in unwritten}
        theirs = {name: value for name, value in action.base.of(opposite(side)).items() if name not in unwritten}
        ours.update(self._stored(shape, outcome.fields))
        base = Base(ours, theirs) if side == "hubspot" else Base(theirs, ours)
        vendor_object = objects[action.id]
        if side == "hubspot":
            return Link(action.link, action.object, outcome.id, action.source, vendor_object, base)
        return Link(action.link, action.object, action.source, outcome.id, vendor_object, base)

    def _salesforce_objects(self, shape: Shape, actions: Sequence[Action]) -> dict[str, str]:
        """Action id -> the Salesforce object of its pair: the created one, or that of the record it was made from."""
        if shape.side == "salesforce":
            return dict.fromkeys((action.id for action in actions), shape.vendor_object)
        sources = self._work.store.mirror.many(
            "salesforce", [action.source or "" for action in actions], shape.mapping.object
        )
        fallback = shape.mapping.salesforce[-1]
        return {
            action.id: sources[action.source].vendor_object if action.source in sources else fallback
            for action in actions
        }

    def _new_row(self, shape: Shape, write: Write, outcome: Done) -> Row7:
        raw = shape.mirrored({**write.fields, **outcome.fields})
        return (
            shape.side, shape.vendor_object, outcome.id, raw, shape.print(raw), outcome.modified, shape.keys(raw)
        )  # fmt: skip

    def _new_base(self, shape: Shape, action: Action, write: Write, outcome: Done) -> Base:
        """What both sides hold after an update: what the CRM stored here, what we wrote there."""
        names = {change.field: change.after for change in action.changes if self._was_written(shape, change, write)}
        stored = {name: value for name, value in self._stored(shape, outcome.fields).items() if name in names}
        ours: dict[str, Value] = {**names, **stored}
        return Base(ours, names) if shape.side == "hubspot" else Base(names, ours)

    @staticmethod
    def _was_written(shape: Shape, change: Change, write: Write) -> bool:
        return change.field != STAMP and shape.vendor_name(shape.by_name[change.field]) in write.fields

    def _stored(self, shape: Shape, raw: Mapping[str, Any]) -> dict[str, str]:
        """Canonical plain values of an answer; references are proven by the answer's success, not by its fields."""
        if not raw:
            return {}
        values, _, _ = shape.canonical(raw, _nobody)
        return values

    def _mirror_updates(self, shape: Shape, done: Sequence[tuple[Action, Write, Done]]) -> None:
        store, object_ = self._work.store, shape.mapping.object
        known = store.mirror.many(shape.side, [action.record or "" for action, _, _ in done], object_)
        rows = []
        for action, write, outcome in done:
            seen = known.get(action.record or "")
            if seen is None:
                continue
            raw = shape.mirrored({**seen.fields, **_laid_over(seen, write), **outcome.fields})
            rows.append(
                (shape.side, seen.id, raw, shape.print(raw), outcome.modified or seen.modified, shape.keys(raw))
            )
        store.mirror.stored(rows, object_)

    # --- what was not --------------------------------------------------------------------------------

    def _rest(self, shape: Shape, outcomes: Any) -> None:
        """Refusals, delays and lost answers of a batch."""
        refused: list[tuple[Action, Refused]] = []
        others: list[tuple[str, State, str]] = []
        for action, outcome in outcomes:
            if isinstance(outcome, Refused):
                refused.append((action, outcome))
            elif isinstance(outcome, Later):
                others.append((action.id, "later", outcome.reason))
            elif not isinstance(outcome, Done):
                others.append((action.id, "unknown", outcome.reason))
        self._refuse(shape, refused)
        self._work.store.plans.settle(self._plan, others)

    def _refuse(self, shape: Shape, refused: Sequence[tuple[Action, Refused]]) -> None:
        """A refused record waits in the inbox under the id of the record a person can mend."""
        store, now = self._work.store, self._work.seams.clock()
        rows = []
        for action, outcome in refused:
            side: Side = opposite(shape.side) if action.kind == "create" else shape.side
            record = action.source if action.kind == "create" else action.record
            # A rejection without a reason is a case for a person, whoever's rule refuses it (domain §3.2).
            rejection = refused_rejection(shape.side, outcome)
            told = rejection.message if rejection else outcome.message
            words = f"{shape.side} refused {action.kind} of {shape.vendor_object}: {told}"
            if outcome.holder and outcome.holder not in words:
                words += f" (record {outcome.holder} has it)"
            code = "REJECTION" if rejection else outcome.code
            rows.append((action.object, side, record or action.link, action.link, code, words))
            facts = {"run": self._work.run, "kind": action.kind, "side": shape.side, "object": shape.vendor_object}
            logger.warning("refused", extra={**facts, "record": record, "code": outcome.code})
        store.inbox.hold(self._work.run, now, rows)
        store.plans.settle(self._plan, [(action.id, "refused", outcome.code) for action, outcome in refused])

    def _log(self, shape: Shape, done: Sequence[tuple[Action, Done]]) -> None:
        """Every field we wrote goes into the ledger."""
        now = self._work.seams.clock()
        self._work.store.ledger.write(
            [
                LedgerRow(
                    self._work.run, action.id, action.kind, shape.side, shape.vendor_object,
                    outcome.id or action.record or "", action.link, action.changes, now, "done",
                )
                for action, outcome in done
            ]
        )  # fmt: skip
        self._work.writes[shape.side] += sum(action.reason != WITH_COLUMNS for action, _ in done)
        if done:
            facts = {"run": self._work.run, "kind": done[0][0].kind, "side": shape.side, "object": shape.vendor_object}
            logger.info("written", extra={**facts, "count": len(done)})


def agreed(changes: Sequence[Change]) -> Base:
    """A base in which both sides hold what these changes wrote."""
    values = {change.field: change.after for change in changes if change.field != STAMP}
    return Base(values, values)


def row_of(shape: Shape, seen: Seen) -> Row7:
    """A mirrored record as a row to be seen again."""
    return (
        seen.side, seen.vendor_object, seen.id, seen.fields, shape.print(seen.fields), seen.modified,
        shape.keys(seen.fields),
    )  # fmt: skip


def _state(shape: Shape, action: Action, write: Write) -> State:
    """`done`, or `held` when a field had to be left out: then the record stays unprocessed and is planned again."""
    columns = (shape.vendor_name(shape.by_name[each.field]) for each in action.changes if each.field in shape.by_name)
    return "done" if all(column in write.fields for column in columns) else "held"


def _laid_over(seen: Seen, write: Write) -> dict[str, Any]:
    """A write's fields as they stand afterwards: for an association what was there, less and more."""
    fields = dict(write.fields)
    for name, value in write.fields.items():
        if isinstance(value, dict):
            before = [str(each) for each in seen.fields.get(name) or [] if str(each) not in value["remove"]]
            fields[name] = before + [each for each in value["add"] if each not in before]
    return fields


def _taken(outcome: Done) -> Refused:
    return Refused("STAMP", "the record with this stamp is linked to another record already", outcome.id)


def _nobody(_field: Field, _side: Side, _id: str) -> None:
    """Nothing is resolved: only plain values are wanted."""

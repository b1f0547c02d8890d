"""Writing the rows of custom objects: touchpoints before the credits that point to them, removals last.

A row is upserted by its key, so that a lost answer needs no question: the row is written again. HubSpot's associations
follow in the same batch; killed in between, a row stands there that points to nothing, and the next run sees that.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from connector.crm.port import WriteKind
from connector.engine.batches import Intent, asked
from connector.engine.carriers import Carriers
from connector.engine.flow import Batch, Call, Flow
from connector.engine.row_confirm import GONE, RowConfirm, full
from connector.engine.row_targets import Ready, Targets
from connector.engine.seams import Work
from connector.model import SIDES, Action, Done, Outcome, Record, Refused, Side, Write
from connector.revops.carriers import CARRIERS, Carrier

Phase = Literal["put", "drop"]
_AS: dict[Phase, WriteKind] = {"put": "create", "drop": "archive"}


class RowBatches:
    """Carries out the rows of one plan; `done` is told how many actions each batch has dealt with."""

    def __init__(self, work: Work, flow: Flow, plan: str, done: Callable[[int], None]) -> None:
        self._work, self._flow, self._plan, self._step = work, flow, plan, done
        self._carriers = Carriers(work)
        self._full: set[tuple[Side, str]] = set()

    def run(self) -> None:
        """Write what is to be written, then remove what is to be removed.

        Raises:
            LaterError, SettingsError: a CRM will not go on; what was not sent stays planned.
            Interrupted: a stop was asked for.
        """
        counts = self._work.store.plans.state_counts(self._plan)
        self._waiting = {(kind, side): n for (kind, side, state), n in counts.items() if state == "planned"}
        if not any(self._waiting.get((kind, side)) for kind in _AS for side in SIDES):
            return
        for carrier in CARRIERS:
            self._phase("put", carrier, self._put)
        for carrier in reversed(CARRIERS):
            self._phase("drop", carrier, self._drop)

    def _phase(self, kind: Phase, carrier: Carrier, make: Callable[[Carrier, Side, str, list[str]], Batch]) -> None:
        self._flow.run(
            (len(ids), make(carrier, side, self._carriers.vendor_object(side, carrier.name) or "", ids))
            for side in SIDES
            for ids in self._cut(kind, carrier, side)
        )

    def _cut(self, kind: Phase, carrier: Carrier, side: Side) -> Iterator[list[str]]:
        """The ids of planned actions in batches as large as the CRM takes them."""
        vendor_object = self._carriers.vendor_object(side, carrier.name)
        size = self._work.crms[side].batch_size(_AS[kind], vendor_object or "", self._waiting.get((kind, side), 0))
        pending: list[str] = []
        for chunk in self._work.store.plans.ids(self._plan, kind=kind, object=carrier.name, side=side):
            for id_, _ in chunk:
                pending.append(id_)
                if len(pending) >= size:
                    self._work.breathe()
                    yield pending
                    pending = []
        if pending:
            self._work.breathe()
            yield pending

    def _put(self, carrier: Carrier, side: Side, vendor_object: str, ids: list[str]) -> Batch:
        """Upsert rows by their key; what has no person or deal on this side yet waits for the next plan."""
        confirm = self._confirm(carrier, side, vendor_object)
        actions = self._work.store.plans.some(self._plan, ids)
        if not vendor_object or (side, carrier.name) in self._full:
            confirm.held(actions, "there is no room for it" if vendor_object else "the custom object is not there")
            self._step(len(ids))
            return
        targets = Targets(self._work, self._carriers, side)
        ready = targets.ready(carrier, actions)
        able = {each.action.id for each in ready}
        confirm.held([each for each in actions if each.id not in able], "its record is not there yet")
        if ready:
            intent = self._send(carrier, side, [each.action for each in ready])
            if side == "salesforce":
                yield from self._upsert(carrier, side, vendor_object, ready, intent, confirm, targets)
            else:
                yield from self._associated(carrier, vendor_object, ready, intent, confirm, targets)
        self._step(len(ids))

    def _upsert(
        self,
        carrier: Carrier,
        side: Side,
        vendor_object: str,
        ready: Sequence[Ready],
        intent: Intent,
        confirm: RowConfirm,
        targets: Targets,
    ) -> Generator[Call, Any, list[Outcome]]:
        """Write fields, on Salesforce with what they point to; the answers, in order."""
        crm, pointing = self._work.crms[side], side == "salesforce"
        writes = []
        for each in ready:
            raw = self._carriers.raw(side, carrier, each.row)
            lookups = targets.lookups(carrier, each) if pointing else {}
            writes.append(Write(each.action.id, None, {**raw, **lookups}))
        key = self._carriers.key_column(side)
        outcomes = yield from asked(lambda: crm.create(vendor_object, key, writes, intent.note_job), len(writes))
        for each, outcome in zip(ready, outcomes, strict=True):
            if isinstance(outcome, Done) and each.before is not None and outcome.id != each.before.record:
                each.before = None  # somebody had removed it: it is a new row, which points to nothing
        confirm.wrote(list(zip(ready, outcomes, strict=True)), pointing=pointing)
        if outcomes and all(full(outcome) for outcome in outcomes):
            self._full.add((side, carrier.name))
        return outcomes

    def _associated(
        self,
        carrier: Carrier,
        vendor_object: str,
        ready: Sequence[Ready],
        intent: Intent,
        confirm: RowConfirm,
        targets: Targets,
    ) -> Generator[Call, Any, None]:
        """HubSpot: write fields where they change, then associate where something is missing."""
        changed = [each for each in ready if each.changes]
        rows = {each.action.id: each.before.record for each in ready if each.before and each.before.record}
        if changed:
            outcomes = yield from self._upsert(carrier, "hubspot", vendor_object, changed, intent, confirm, targets)
            for each, outcome in zip(changed, outcomes, strict=True):
                if isinstance(outcome, Done):
                    rows[each.action.id] = outcome.id
                else:
                    rows.pop(each.action.id, None)
        written = {each.action.id for each in changed}
        standing = [each for each in ready if each.action.id in rows and (each.points or each.action.id not in written)]
        if standing:
            crm = self._work.crms["hubspot"]
            bodies = [replace(targets.associations(each), id=rows[each.action.id]) for each in standing]
            told = yield from asked(lambda: crm.associate(vendor_object, bodies), len(bodies))
            confirm.associated(list(zip(standing, told, strict=True)), fresh=written)

    def _drop(self, carrier: Carrier, side: Side, vendor_object: str, ids: list[str]) -> Batch:
        """Remove rows by the id they were confirmed under, those that never were by the one their key has."""
        confirm = self._confirm(carrier, side, vendor_object)
        actions = self._work.store.plans.some(self._plan, ids)
        if vendor_object:
            self._send(carrier, side, actions)
            crm, key = self._work.crms[side], self._carriers.key_column(side)
            records = {each.id: _record(each) for each in actions}
            unknown = {each.record or "": each.id for each in actions if not _record(each)}
            if unknown:
                found: list[Record] = yield lambda: crm.find(vendor_object, key, sorted(unknown), [key])
                records.update({unknown[str(each.fields[key])]: each.id for each in found})
            there = [each for each in actions if records[each.id]]
            writes = [Write(each.id, records[each.id], {}) for each in there]
            outcomes = (yield from asked(lambda: crm.archive(vendor_object, writes), len(writes))) if writes else []
            never = [(each, Refused(GONE, "it never came to be")) for each in actions if not records[each.id]]
            confirm.removed([*zip(there, outcomes, strict=True), *never])
        else:
            confirm.held(actions, "the custom object is not there")
        self._step(len(ids))

    def _confirm(self, carrier: Carrier, side: Side, vendor_object: str) -> RowConfirm:
        return RowConfirm(self._work, self._plan, side, vendor_object, self._carriers.name(side, carrier))

    def _send(self, carrier: Carrier, side: Side, actions: Sequence[Action]) -> Intent:
        """Commit the intent of a batch: from here on only the CRM knows how its rows stand."""
        batch, store = self._work.seams.new_id("batch"), self._work.store
        with store.transaction():
            store.plans.send(self._plan, [(each.id, "") for each in actions], self._work.seams.clock(), batch)
            store.carried.doubt(side, carrier.name, [(each.record or "", each.link) for each in actions])
        return Intent(self._work, self._flow, self._plan, batch)


def row_calls(work: Work, side: Side, planned: Mapping[str, int]) -> int:
    """How many calls the rows of a plan take on one side; `planned` counts actions by `kind.object.side`.

    On HubSpot what a row belongs to is written in a call of its own.
    """
    calls: dict[Phase, int] = {"put": 2 if side == "hubspot" else 1, "drop": 1}
    needed = 0
    for kind, each in calls.items():
        for carrier in CARRIERS:
            count = planned.get(f"{kind}.{carrier.name}.{side}", 0)
            needed += each * -(-count // work.crms[side].batch_size(_AS[kind], "", count)) if count else 0
    return needed


def _record(action: Action) -> str:
    return str((action.data or {})["record"])

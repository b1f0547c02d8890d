"""Applying a plan: adopt what exists, then create, update, associate and archive in the order of references, rows last.

How one batch goes from intent to confirmation is in `batches`. Killed at any point, an apply leaves either
actions that were never sent, or intents that `recover` settles by asking the CRM.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from connector.core.plan import ORDER
from connector.crm.port import WriteKind
from connector.engine.adopt import adopt
from connector.engine.batches import Batches
from connector.engine.derive.remember import remember
from connector.engine.flow import Flow
from connector.engine.people import Owners
from connector.engine.row_batches import RowBatches
from connector.engine.seams import Work
from connector.engine.shape import Shapes
from connector.model import SIDES, Side

Phase = WriteKind | Literal["restage"]


class Applier:
    """Applies one stored plan, object by object, in the order in which they refer to each other."""

    def __init__(self, work: Work, shapes: Shapes, owners: Owners, plan: str) -> None:
        self._work, self._plan = work, plan
        self._done = 0
        widths = [work.crms[side].width() for side in SIDES]
        self._flow = Flow(sum(widths) if max(widths) > 1 else 1)
        self._batches = Batches(work, shapes, owners, self._flow, plan, self._step)
        counts = work.store.plans.state_counts(plan)
        self._total = sum(count for (_, _, state), count in counts.items() if state == "planned")
        self._waiting = {(kind, side): count for (kind, side, state), count in counts.items() if state == "planned"}

    def apply(self) -> None:
        """Carry out every action that is still planned.

        Raises:
            LaterError, SettingsError: a CRM will not go on; what was not sent stays planned.
            Interrupted: a stop was asked for.
        """
        self.adopt_only()
        # What was decided is known before its fields are written: killed in between, the next run goes on from it.
        for chunk in self._work.store.plans.actions(self._plan, kind="decide"):
            remember(self._work, self._plan, chunk)
            self._step(len(chunk))
        for object_ in ORDER:
            self._phase("create", object_)
            self._phase("update", object_)
            # What a refused update should have emptied is still there: setting it would only look like a person's edit.
            self._work.store.plans.hold_followers(self._plan, object_)
            self._phase("restage", object_)
        for object_ in ORDER:
            self._phase("associate", object_)
            self._phase("archive", object_)
        RowBatches(self._work, self._flow, self._plan, self._step).run()

    def adopt_only(self) -> None:
        """Link what belongs together and fill the inbox: the part of a plan that asks no CRM."""
        for chunk in self._work.store.plans.actions(self._plan, kind="adopt"):
            adopt(self._work, self._plan, chunk)
            self._step(len(chunk))
        self._hold()

    def _hold(self) -> None:
        """What the plan could not do goes into the inbox."""
        store, now = self._work.store, self._work.seams.clock()
        for chunk in store.plans.actions(self._plan, kind="hold"):
            with store.transaction():
                rows = [
                    (each.object, each.side, each.record or "", each.link or None, each.code, each.reason)
                    for each in chunk
                ]
                store.inbox.hold(self._work.run, now, rows)
                store.plans.settle(self._plan, [(each.id, "held", "") for each in chunk])

    def _phase(self, kind: Phase, object_: str) -> None:
        """All actions of one kind and object, both CRMs side by side, each as wide as it can bear."""
        make = {
            "create": self._batches.create,
            "update": self._batches.update,
            "restage": self._batches.restage,
            "associate": self._batches.associate,
            "archive": self._batches.archive,
        }[kind]
        self._flow.run(
            (len(ids), make(object_, side, vendor_object, ids))
            for side in SIDES
            for vendor_object, ids in self._cut(kind, object_, side)
        )

    def _cut(self, kind: Phase, object_: str, side: Side) -> Iterator[tuple[str, list[str]]]:
        """The ids of planned actions in batches of one vendor object, as large as the CRM takes them."""
        crm = self._work.crms[side]
        total = self._waiting.get((kind, side), 0)
        pending: dict[str, list[str]] = {}
        for chunk in self._work.store.plans.ids(self._plan, kind=kind, object=object_, side=side):
            for id_, vendor_object in chunk:
                ready = pending.setdefault(vendor_object, [])
                ready.append(id_)
                if len(ready) >= crm.batch_size("update" if kind == "restage" else kind, vendor_object, total):
                    self._work.breathe()
                    yield vendor_object, pending.pop(vendor_object)
        for vendor_object, ready in pending.items():
            self._work.breathe()
            yield vendor_object, ready

    def _step(self, done: int) -> None:
        self._done += done
        self._work.seams.progress("apply", self._done, self._total)

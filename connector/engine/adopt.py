"""Adopting: linking two records that exist, and moving the base where both sides agree. No CRM is asked."""

from __future__ import annotations

from collections.abc import Sequence

from connector.engine.seams import Work
from connector.model import Action, Base, Link


def adopt(work: Work, plan: str, actions: Sequence[Action]) -> None:
    """Carry out a chunk of adopt actions in one transaction, conflicts included."""
    store, now = work.store, work.seams.clock()
    with store.transaction():
        store.links.add_all(
            [
                Link(
                    action.link, action.object, action.source, action.record, action.vendor_object,
                    action.base or Base({}, {}),
                )
                for action in actions
                if action.source and action.record
            ],
            work.run,
        )  # fmt: skip
        store.links.move_base([(action.link, action.base) for action in actions if action.base and not action.source])
        asked = store.conflicts.open_of([action.link for action in actions])
        for action in (each for each in actions if each.conflicts or each.link in asked):
            store.conflicts.replace(action.link, action.object, action.conflicts, work.run, now)
        store.plans.settle(plan, [(action.id, "done", "") for action in actions])

"""Remembering what was decided: the part of a plan that makes the rules' memory, before anything is written for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.engine.seams import Work
from connector.model import Action


def remember(work: Work, plan: str, actions: Sequence[Action]) -> None:
    """Carry out a chunk of `decide` actions: standings and effects in one transaction."""
    store = work.store
    with store.transaction():
        for action in actions:
            data = action.data or {}
            due = datetime.fromisoformat(data["due"]) if data["due"] else None
            store.standings.put(action.object, [(action.link, data["standing"], due)])
            if data["forget"]:
                store.standings.forget(action.object, [data["forget"]])
            store.effects.decide(work.run, [(*row[:4], datetime.fromisoformat(row[4])) for row in data["effects"]])
            store.effects.settle([(key, "dropped", "overtaken", None) for key in data["pointless"]])
        store.plans.settle(plan, [(action.id, "done", "") for action in actions])


def settle_fields(work: Work, plan: str) -> None:
    """Tick off the effects that fields carried out, where every write of their person is done."""
    store = work.store
    for chunk in store.plans.actions(plan, kind="decide", states=None):
        keys = {action.link: (action.data or {}).get("carried_out") or [] for action in chunk}
        wanted = [link for link, some in keys.items() if some]
        unfinished = store.plans.unfinished(plan, wanted)
        rows = [
            (key, "carried out with the record's fields")
            for link in wanted
            if link not in unfinished
            for key in keys[link]
        ]
        store.effects.settle([(key, "done", note, None) for key, note in rows])

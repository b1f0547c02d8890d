"""After a plan: rows that could not be written are tried again by the next run, and holds that are over end."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from connector.core.plan import ROW_KINDS
from connector.engine.carriers import CODE
from connector.engine.seams import Work
from connector.model import SIDES, Side

_LEFT = ("planned", "sent", "refused", "later", "unknown", "stale", "held")


def again(work: Work, plan: str) -> None:
    """Put persons and deals with rows left over on the list of changes; holds that this run did not repeat end."""
    store = work.store
    for kind in ROW_KINDS:
        for chunk in store.plans.actions(plan, kind=kind, states=_LEFT):
            for object_, side, records in _records(work, {action.link for action in chunk}):
                store.standings.note(object_, side, records)
    for held in store.inbox.of_code(CODE):
        if held.run != work.run:
            store.inbox.release(held.side, [held.record], codes=[CODE], object=held.object)


def _records(work: Work, owners: Collection[str]) -> Iterator[tuple[str, Side, list[str]]]:
    """The records of persons and deals, by object and side."""
    links = work.store.links.get(owners)
    found: dict[tuple[str, Side], set[str]] = {}
    for owner in owners:
        object_, named, record = (*owner.split(":", 2), "", "")[:3]
        link = links.get(owner)
        for side in SIDES:
            if link is not None:
                found.setdefault((object_, side), set()).add(link.record_id(side))
            elif side == named:
                found.setdefault((object_, side), set()).add(record)
    for (object_, side), some in found.items():
        yield object_, side, sorted(some)

"""The audit after a write: did a person's word fall into the gap between our last look and our write? (design §7).

HubSpot keeps a history per property: an entry between what we read and what we wrote that is not ours is a
person's value we have overwritten. It becomes a conflict with both values. Salesforce keeps no such history
that may be relied on.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from connector.core.plan import STAMP
from connector.crm.port import ValueChange
from connector.engine.flow import Call
from connector.engine.seams import Work
from connector.engine.shape import Shape
from connector.model import Action, Conflict, Done, Field, Outcome, Side, Write


def audit(
    work: Work,
    shape: Shape,
    kept: Sequence[tuple[Action, Write]],
    outcomes: Sequence[Outcome],
    stamps: Mapping[str, str],
    total: int,
) -> Generator[Call, Any, None]:
    """Read the history of what a batch wrote, and record overwritten words of people as conflicts.

    Args:
        work: the run.
        shape: what was written.
        kept: the actions and writes of the batch.
        outcomes: their outcomes, in the same order.
        stamps: action id -> the record's own stamp when it was last read.
        total: how many records the whole plan updates: above the project's limit a sample is looked at.
    """
    settings = work.project.settings.audit
    if shape.side != "hubspot" or not settings.history:
        return
    written = [action for (action, _), outcome in zip(kept, outcomes, strict=True) if isinstance(outcome, Done)]
    if total > settings.above and written:
        # Drawn from the run and the batch, so that the same run always looks at the same records.
        draw = random.Random(f"{work.run}{written[0].id}")  # noqa: S311 - a sample is no secret
        written = draw.sample(written, max(1, int(len(written) * settings.sample)))
    if not written:
        return
    names = sorted({shape.vendor_name(field) for action in written for field in _peoples(shape, action)})
    if not names:
        return
    ids = [action.record for action in written if action.record]
    crm = work.crms["hubspot"]
    histories: dict[str, dict[str, list[ValueChange]]] = yield lambda: crm.history(shape.vendor_object, ids, names)
    with work.store.transaction():
        for action in written:
            found = _overwritten(shape, action, histories.get(action.record or "", {}), stamps.get(action.id, ""))
            if found:
                work.store.conflicts.replace(action.link, action.object, found, work.run, work.seams.clock())


def _peoples(shape: Shape, action: Action) -> list[Field]:
    """The written fields that people write too; a derived one is overwritten whoever edits it."""
    fields = (shape.by_name[change.field] for change in action.changes if change.field != STAMP)
    return [each for each in fields if not each.derived]


def _overwritten(
    shape: Shape, action: Action, history: Mapping[str, Sequence[ValueChange]], since: str
) -> list[Conflict]:
    """Values of people that came after our last look and before our write."""
    found = []
    for change in action.changes:
        if change.field == STAMP or shape.by_name[change.field].derived:
            continue
        entries = history.get(shape.vendor_name(shape.by_name[change.field]), ())
        # Newest first: our write is on top; anything of somebody else directly below it and after `since` was lost.
        below = next((entry for entry in entries[1:2] if entries[0].ours and not entry.ours and entry.at > since), None)
        if below is None:
            continue
        person, _, _ = shape.canonical({shape.vendor_name(shape.by_name[change.field]): below.value}, _nobody)
        value = person.get(change.field)
        if value not in (change.before, change.after):
            because = f"a person changed it at {below.at}, between our last look and our write; our value stands"
            found.append(Conflict(change.field, change.before, value, change.after, None, because))
    return found


def _nobody(_field: Field, _side: Side, _id: str) -> None:
    """Histories are compared as plain values."""

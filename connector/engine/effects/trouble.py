"""What of a person's effects belongs into the inbox, and keeping the inbox so.

It follows from the effects alone: whoever settles or puts off some of them has it worked out again in the same
transaction, so that effects and inbox never disagree. An effect that still waits and has a note is in trouble: the
note says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.engine.effects.place import Places
from connector.engine.seams import Work
from connector.model import Side
from connector.revops.rejection_stored import AT
from connector.state.effects import Stored

PERSON = "person"
TASKS = frozenset({"OpenTask", "ReopenTask", "CloseTask"})
UNDONE = frozenset({"waiting", "sent"})
_RANK = {"OpenTask": 0, "CloseTask": 1, "ReopenTask": 2, "Release": 3, "Hold": 4}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One entry for the inbox; `side` is where it is to be mended, None for either."""

    code: str
    message: str
    side: Side | None = None


def in_order(effects: Iterable[Stored]) -> list[Stored]:
    """In the order of the decisions, whatever was put off since; within one decision as they follow each other."""
    return sorted(effects, key=lambda each: (each.body.get(AT, ""), _RANK.get(each.kind, 9), each.key))


def troubles(effects: Sequence[Stored]) -> list[Trouble]:
    """What should stand in the inbox for one person, one entry a code: the latest word."""
    ordered = in_order(effects)
    sides = {each.body.get("task"): each.body.get("side") for each in ordered if each.kind == "OpenTask"}
    held: dict[str, Trouble] = {}
    for each in ordered:
        if each.state == "done" and each.kind == "Hold":
            held[each.body["key"]] = Trouble(each.body["code"], each.body["message"], each.body.get("side"))
        elif each.state == "done" and each.kind == "Release":
            held.pop(each.body["hold"], None)
    found = {trouble.code: trouble for trouble in held.values()}
    for each in ordered:
        if each.state in UNDONE and each.note:
            code = "TASK" if each.kind in TASKS else "NOTIFY"
            found[code] = Trouble(code, each.note, sides.get(each.body.get("task")))
    return list(found.values())


class Troubles:
    """Keeps the lasting entries of the inbox as the effects say."""

    def __init__(self, work: Work, places: Places) -> None:
        self._work, self._places = work, places

    def refresh(self, persons: Iterable[str]) -> None:
        """Work out the entries of these persons again; to be called inside the transaction that changed effects."""
        store = self._work.store
        for person in sorted(set(persons)):
            wanted = {}
            for trouble in troubles(store.effects.of_person(person)):
                side, record = self._places.of_person(person, trouble.side)
                wanted[side, record, trouble.code] = trouble.message
            for held in store.inbox.lasting(person):
                if (held.side, held.record, held.code) not in wanted:
                    store.inbox.release(held.side, [held.record], codes=[held.code], object=PERSON)
            rows = [(PERSON, side, record, person, code, text) for (side, record, code), text in wanted.items()]
            store.inbox.hold(self._work.run, self._work.seams.clock(), rows)

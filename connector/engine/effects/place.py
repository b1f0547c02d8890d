"""Where a person is now: records that were merged or converted since a decision are followed to what they became."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connector.engine.seams import Work
from connector.model import SIDES, Side

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Place:
    """One record as it is called now."""

    side: Side
    vendor_object: str
    record: str


class Places:
    """Looks up records in the links and the mirror; asks no CRM."""

    def __init__(self, work: Work) -> None:
        self._store = work.store

    def of_records(self, records: Collection[tuple[Side, str]]) -> dict[tuple[Side, str], Place]:
        """Where each record is now; one that is gone or was never read is left out."""
        now = {(side, id_): self._store.links.resolve(side, id_, PERSON) for side, id_ in records}
        found = {}
        for side in SIDES:
            seen = self._store.mirror.many(side, {id_ for (at, _), id_ in now.items() if at == side}, PERSON)
            for (at, old), id_ in now.items():
                if at == side and id_ in seen:
                    found[at, old] = Place(side, seen[id_].vendor_object, id_)
        return found

    def of_person(self, person: str, side: Side | None = None) -> tuple[Side, str]:
        """The record by which an admin finds a person: on `side` if they have one there, else on Salesforce.

        Before a person is linked, their key names the one record they have (`person:hubspot:1`).
        """
        link = self._store.links.get([person]).get(person)
        if link is not None:
            side = side or "salesforce"
            return side, link.record_id(side)
        own, record = _named(person.split(":", 2))
        return own, self._store.links.resolve(own, record, PERSON)


def _named(parts: Sequence[str]) -> tuple[Side, str]:
    match parts:
        case [_, "hubspot", record]:
            return "hubspot", record
        case [_, "salesforce", record]:
            return "salesforce", record
        case _:
            return "hubspot", ":".join(parts)

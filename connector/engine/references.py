"""What vendor ids in a record point to: owners by address, records by their link."""

from __future__ import annotations

from collections.abc import Sequence

from connector.engine.people import Owners
from connector.engine.shape import Shapes, pointed
from connector.model import Field, Side
from connector.state.records import Seen
from connector.state.store import Store


class References:
    """Resolves the ids of one chunk of records with one query per object and side.

    A record that the current plan is about to link counts as linked: its link's id is known before it exists.
    A person who is still a lead counts as not linked: nothing in Salesforce can point to a lead.
    """

    def __init__(self, store: Store, shapes: Shapes, owners: Owners, plan: str | None, records: Sequence[Seen]) -> None:
        self._owners = owners
        self._links: dict[tuple[str, Side, str], str] = {}
        wanted: dict[tuple[str, Side], set[str]] = {}
        for seen in records:
            shape = shapes.of(seen.object, seen.side, seen.vendor_object)
            for field in shape.fields:
                if field.object is not None:
                    ids = wanted.setdefault((field.object, seen.side), set())
                    ids.update(pointed(seen.fields.get(shape.vendor_name(field))))
        for (object_, side), ids in wanted.items():
            known = store.links.of_records(side, sorted(ids), object_)
            links = store.links.get(set(known.values()))
            rest = sorted(ids - set(known))
            proposed = store.plans.proposed(plan, object_, side, rest) if plan and rest else {}
            found = {record: (link, links[link].salesforce_object) for record, link in known.items()} | proposed
            for record, (link, counterpart) in found.items():
                if side == "salesforce" or counterpart == shapes.referable(object_):
                    self._links[object_, side, record] = link

    def resolve(self, field: Field, side: Side, id_: str) -> str | None:
        """The address of an owner or the link of a record; None when it has none (yet)."""
        if field.object is None:
            return self._owners.address(side, id_)
        return self._links.get((field.object, side, id_))

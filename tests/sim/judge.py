"""What every judge needs: the truth, what the state says, and what the one is called in the words of the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from truth import Truth, Value
from world import Entry, Row

from connector.model import SIDES, Field, Link
from connector.state.conflicts import ConflictRow
from connector.state.inbox import Held
from connector.state.ledger import LedgerRow
from connector.state.store import Store


@dataclass
class Known:
    """What the state store says, read through its public doors."""

    links: dict[str, Link] = field(default_factory=dict)
    closed: dict[str, Link] = field(default_factory=dict)
    ledger: list[LedgerRow] = field(default_factory=list)
    conflicts: list[ConflictRow] = field(default_factory=list)
    inbox: list[Held] = field(default_factory=list)

    @staticmethod
    def read(store: Store) -> Known:
        """Everything an admin could see."""
        known = Known()
        for object_ in ("company", "person", "deal"):
            for chunk in store.links.iterate(object_):
                known.links.update({link.id: link for link in chunk})
        for run in store.runs.list(1000):
            known.ledger.extend(store.ledger.of_run(run.id))
        known.conflicts.extend(store.conflicts.list("all"))
        known.inbox.extend(store.inbox.list())
        named = {*(row.link for row in known.ledger), *(row.link for row in known.conflicts)}
        known.closed.update(store.links.get(named - set(known.links), closed=True))
        return known


class Judge:
    """Compares the truth with what is known."""

    def __init__(self, truth: Truth, known: Known) -> None:
        self.truth, self.known = truth, known

    def is_(self, link_id: str, row: Row) -> bool:
        """Whether a link, open or closed, is about whoever `row` is."""
        link = self.known.links.get(link_id) or self.known.closed.get(link_id)
        if link is None:
            return False
        rows = (self.truth.row(side, link.record_id(side)) for side in SIDES)
        return any(each is not None and self.truth.identity(each) == self.truth.identity(row) for each in rows)

    def meaning(self, line: Field, value: Value) -> Value:
        """A canonical value of the engine in the judge's own form; references by the identity of their link."""
        if value is None or line.object is None:
            return self.truth.read(line, "hubspot", value) if line.type != "owner" else value
        links = [self.known.links.get(each) or self.known.closed.get(each) for each in value.split(";")]
        rows = [self.truth.row("hubspot", link.hubspot) for link in links if link]
        return ";".join(sorted({self.truth.identity(row) for row in rows if row})) or None

    def in_conflict(self, row: Row, line: Field, value: Value) -> bool:
        """Whether a conflict of this record and field shows the value on this side."""
        return any(
            each.field == line.name
            and self.is_(each.link, row)
            and self._shows(line, each.hubspot if row.side == "hubspot" else each.salesforce, value)
            for each in self.known.conflicts
        )

    def _shows(self, line: Field, shown: Value, value: Value) -> bool:
        """Whether a conflict's value is this one; of several references it can show those that are linked."""
        meaning = self.meaning(line, shown)
        if line.type == "references":
            return set((meaning or "").split(";")) <= {*(value or "").split(";"), ""}
        return meaning == value


def at(entry: Entry) -> str:
    return f"{entry.side} {entry.vendor_object} {entry.record} {entry.field} ({entry.seq})"

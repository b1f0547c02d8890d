"""One judge for the promises 1 to 4 of the design.

1. A person's word never vanishes silently: both sides hold it in the end, or a later word of a person replaced
   it, or a conflict shows both values, or the inbox holds the record, or the mapping forbids that it travels.
2. Nothing becomes two because of us.
3. The state claims only what happened.
4. Running again with nothing changed writes nothing.

It knows what no connector can: who wrote every value and who every record truly is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from crm import Entry, Row
from truth import Truth, Value, is_column

from connector.model import SIDES, Change, Field, Link, Side, Values, opposite
from connector.state.conflicts import ConflictRow
from connector.state.inbox import Held
from connector.state.ledger import LedgerRow
from connector.state.store import Store

STAMP = "stamp"


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


class Oracle:
    """Judges one moment of the world against one reading of the state."""

    def __init__(self, truth: Truth, known: Known) -> None:
        self.truth, self.known = truth, known
        self._of_record = {
            (link.object, side, link.record_id(side)): link for link in known.links.values() for side in SIDES
        }

    def killed(self) -> list[str]:
        """What must hold at every instant, also right after a kill."""
        return [*self._links(), *self._bases(), *self._ledger_claims(), *self._doubles()]

    def calm(self) -> list[str]:
        """What must hold when the runs have come to rest."""
        return [
            *self.killed(),
            *self._overwritten(),
            *self._unwritten(),
            *self._pairs(),
            *self._alone(),
            *self._left_behind(),
        ]

    # --- 1: words of people -------------------------------------------------------------------------------

    def _overwritten(self) -> Iterator[str]:
        """Every write of ours that replaced a value: it must carry a present value, and bury no word silently."""
        for entry, row, line in self.truth.writes:
            if entry.by != "us" or not entry.ref:
                continue
            before = self.truth.read(line, row.side, entry.before)
            after = self.truth.read(line, row.side, entry.after)
            if before == after:
                continue
            if line.object is None and after not in self._fresh_values(entry, row, line):
                yield f"1: {_at(entry)} was written with a value that the other side did not hold since the run before"
            word = self._word_before(entry, row, line)
            if word is not None and not self._may_bury(entry, word, row, line, before):
                yield f"1: {_at(entry)} buried a person's word of {word.seq} without a trace"

    def _fresh_values(self, entry: Entry, row: Row, line: Field) -> set[Value]:
        """What the other side held at some time since the start of the run before the writing one."""
        starts = [0, 0, *(start for start in self.truth.world.starts if start < entry.seq)]
        return self.truth.ever(line, row, opposite(row.side), starts[-2])

    def _word_before(self, entry: Entry, row: Row, line: Field) -> Entry | None:
        """The entry that set what `entry` replaced, if a person wrote it there."""
        name = entry.field
        earlier = [
            each
            for each in self.truth.world.journal
            if each.record == row.id and each.side == row.side and each.field == name and each.seq < entry.seq
        ]
        if earlier:
            return earlier[-1] if earlier[-1].by == "human" else None
        return self._inherited(row, line)

    def _inherited(self, row: Row, line: Field) -> Entry | None:
        """A value that came into a row with a conversion or a merge keeps its author."""
        for each in self.truth.same(row, row.side):
            name = line.vendor_name(each.side, each.vendor_object)
            if each is not row and self.truth.successor(each) is row and name in each.authors:
                author = each.authors[name]
                return author if author.by == "human" else None
        return None

    def _may_bury(self, entry: Entry, word: Entry, row: Row, line: Field, value: Value) -> bool:
        """Whether replacing a person's word was right: known to both sides and outlived, or on record."""
        target = opposite(row.side)
        if self._in_conflict(row, line, value):
            return True
        if not line.flows_to(target):
            return True  # the other side owns the field; the ledger check asks for the trace
        if value is None and line.blank == "keep":
            return True
        word = self._first_said(word, row, line)
        acknowledged = value in self.truth.ever(line, row, target, word.seq)
        if acknowledged and (line.object is not None or self.truth.later_word(word, row, line)):
            return True
        return row.side == "salesforce" and self._in_gap(entry, word, row)

    def _first_said(self, word: Entry, row: Row, line: Field) -> Entry:
        """A word that only takes others back is no change: the one it returns to, if we wrote nothing in between."""
        rows = {each.id for side in SIDES for each in self.truth.same(row, side)}
        story = [each for each, _, own in self.truth.writes if each.record in rows and own.name == line.name]
        for each in reversed([each for each in story if each.seq < word.seq]):
            if each.by == "us":
                break
            if each.record == word.record and each.by == "human" and each.after == word.after:
                return each
        return word

    def _in_gap(self, entry: Entry, word: Entry, row: Row) -> bool:
        """Salesforce has no history to look into: a word between the last look and the write cannot be seen."""
        looks = [
            seq for seq, side, ids in self.truth.world.reads if side == row.side and row.id in ids and seq < entry.seq
        ]
        start = max((start for start in self.truth.world.starts if start < entry.seq), default=0)
        return bool(looks) and start < looks[-1] < word.seq

    def _in_conflict(self, row: Row, line: Field, value: Value) -> bool:
        """Whether a conflict of this record and field shows the value on this side."""
        return any(
            each.field == line.name
            and self._is(each.link, row)
            and self._meaning(line, each.hubspot if row.side == "hubspot" else each.salesforce) == value
            for each in self.known.conflicts
        )

    def _unwritten(self) -> Iterator[str]:
        """Every write of ours stands in the ledger, with the value it replaced."""
        rows: dict[str, list[LedgerRow]] = {}
        for each in self.known.ledger:
            rows.setdefault(each.record, []).append(each)
        for entry, row, line in self.truth.writes:
            if entry.by != "us":
                continue
            before = self.truth.read(line, row.side, entry.before)
            after = self.truth.read(line, row.side, entry.after)
            if before == after:
                continue
            changes = [
                change
                for each in rows.get(row.id, ())
                if each.side == row.side
                for change in each.changes
                if change.field == line.name and (line.object or self._meaning(line, change.after) == after)
            ]
            if not changes:
                yield f"1: {_at(entry)} is not in the ledger"
            elif not line.object and not self._tells_before(changes, entry, row, line, before):
                yield f"1: the ledger gives another value before {_at(entry)}"

    def _tells_before(self, changes: list[Change], entry: Entry, row: Row, line: Field, before: Value) -> bool:
        told = {self._meaning(line, change.before) for change in changes}
        if before in told or self._in_conflict(row, line, before):
            return True
        created = entry.seq <= row.versions[0].seq  # a default that the CRM filled in and our create replaced
        word = self._word_before(entry, row, line)
        return created or (word is not None and row.side == "salesforce" and self._in_gap(entry, word, row))

    def _pairs(self) -> Iterator[str]:
        """Linked records agree on every shared field, or it is known why not."""
        for link in self.known.links.values():
            rows = {side: self.truth.row(side, link.record_id(side)) for side in SIDES}
            hubspot, salesforce = rows["hubspot"], rows["salesforce"]
            if not hubspot or not salesforce or not all(self.truth.active(row) for row in (hubspot, salesforce)):
                continue
            for line in self.truth.mappings[link.object].fields:
                both = {side: row for side, row in rows.items() if row and line.vendor_name(side, row.vendor_object)}
                if len(both) < len(SIDES):
                    continue
                values = (self.truth.value(line, hubspot), self.truth.value(line, salesforce))
                if values[0] != values[1] and not self._may_differ(link, line, hubspot, salesforce, values):
                    yield f"1: {link.id} {line.name} differs in the end and nothing says why"

    def _may_differ(self, link: Link, line: Field, hubspot: Row, salesforce: Row, values: tuple[Value, Value]) -> bool:
        open_ = [each for each in self.known.conflicts if each.state == "open" and each.field == line.name]
        if any(
            each.link == link.id and (self._meaning(line, each.hubspot), self._meaning(line, each.salesforce)) == values
            for each in open_
        ):
            return True
        if any(self._holds(row, line) for row in (hubspot, salesforce)):
            return True
        if line.blank == "keep" and None in values:
            return self._emptied(line, hubspot, salesforce, values)
        moved, _ = self._last(line, hubspot, salesforce)
        if moved is None:
            return True  # only the CRM itself ever filled it in: its default
        return not line.flows_to(opposite(moved.side))

    def _holds(self, row: Row, line: Field) -> bool:
        """Whether the inbox holds a record; a wait for a reference holds only references."""
        codes = {each.code for each in self.known.inbox if each.side == row.side and each.record == row.id}
        return bool(codes - {"WAITING"}) or ("WAITING" in codes and line.object is not None)

    def _emptied(self, line: Field, hubspot: Row, salesforce: Row, values: tuple[Value, Value]) -> bool:
        """A blank stays where a person emptied the field after the other side's value was set."""
        empty, full = (hubspot, salesforce) if values[0] is None else (salesforce, hubspot)
        emptied, filled = self._author(empty, line), self._author(full, line)
        if not line.flows_to(empty.side):
            return True
        if filled is not None and filled.by == "vendor":
            return True
        return emptied is not None and emptied.by == "human" and (filled is None or emptied.seq > filled.seq)

    def _last(self, line: Field, hubspot: Row, salesforce: Row) -> tuple[Entry | None, list[Entry]]:
        """The last word of a person on this field, on either side."""
        words = [each for each in (self._author(row, line) for row in (hubspot, salesforce)) if each]
        human = sorted((each for each in words if each.by == "human"), key=lambda each: each.seq)
        return (human[-1] if human else None), human

    @staticmethod
    def _author(row: Row, line: Field) -> Entry | None:
        name = line.vendor_name(row.side, row.vendor_object)
        return row.authors.get(name) if name else None

    def _alone(self) -> Iterator[str]:
        """No record is forgotten: it is linked, or held, or its counterpart was taken away by a person."""
        for row in self.truth.rows():
            mapping = self.truth.mapping(row)
            if mapping is None or not self.truth.active(row) or (mapping.object, row.side, row.id) in self._of_record:
                continue
            if not any(each.side == row.side and each.record == row.id for each in self.known.inbox):
                yield f"1: {row.side} {row.vendor_object} {row.id} is neither linked nor held"

    # --- 2: nothing twice ---------------------------------------------------------------------------------

    def _doubles(self) -> Iterator[str]:
        ours = [row for row in self.truth.rows() if row.made_by == "us" and self.truth.mapping(row)]
        for row in ours:
            if min(row.made_as).startswith("nobody-"):
                yield f"2: {row.side} {row.vendor_object} {row.id} was created without a stamp"
            for other in ours:
                if other.made_seq < row.made_seq and other.side == row.side and self._one(other.made_as, row, other):
                    yield f"2: {row.side} {other.id} and {row.id} were both created for the same one"
            yield from self._was_there(row)

    def _one(self, identities: frozenset[str], row: Row, other: Row) -> bool:
        """Whether both rows are of one mapping and made for somebody they share."""
        return self.truth.mapping(row) is self.truth.mapping(other) and bool(identities & row.made_as)

    def _was_there(self, row: Row) -> Iterator[str]:
        """We made a record although the run before could have known one."""
        starts = [0, 0, *(start for start in self.truth.world.starts if start < row.made_seq)]
        for other in self.truth.world.crms[row.side].rows.values():
            if other is row or other.made_by == "us" or not self._one(other.identities, row, other):
                continue
            there = other.made_seq < starts[-2 if row.side == "hubspot" else -1]
            if there and (other.gone_seq or row.made_seq) >= row.made_seq:
                yield f"2: {row.side} {row.vendor_object} {row.id} was created beside {other.id}, the same one"

    def _left_behind(self) -> Iterator[str]:
        """A link follows a conversion or a merge to where its record lives on."""
        for link in self.known.links.values():
            for side in SIDES:
                row = self.truth.row(side, link.record_id(side))
                if row is not None and self.truth.active(self.truth.successor(row)) and not self.truth.active(row):
                    yield f"2: {link.id} stays with {side} {row.id}, which lives on as {self.truth.successor(row).id}"

    # --- 3: the state -------------------------------------------------------------------------------------

    def _links(self) -> Iterator[str]:
        taken: dict[tuple[str, Side, str], str] = {}
        for link in self.known.links.values():
            rows = [self.truth.row(side, link.record_id(side)) for side in SIDES]
            if None in rows:
                yield f"3: {link.id} names a record that never was"
                continue
            hubspot, salesforce = rows
            assert hubspot is not None
            assert salesforce is not None
            if self.truth.identity(hubspot) != self.truth.identity(salesforce):
                yield f"3: {link.id} links two that are not the same"
            for side in SIDES:
                key = (link.object, side, link.record_id(side))
                if key in taken:
                    yield f"3: {link.id} and {taken[key]} both link {side} {key[2]}"
                taken[key] = link.id

    def _bases(self) -> Iterator[str]:
        for link in self.known.links.values():
            lines = {each.name: each for each in self.truth.mappings[link.object].fields}
            for side in SIDES:
                row = self.truth.row(side, link.record_id(side))
                if row is None:
                    continue
                yield from self._base_side(link, link.base.of(side), lines, row)

    def _base_side(self, link: Link, base: Values, lines: dict[str, Field], row: Row) -> Iterator[str]:
        for name, value in base.items():
            line = lines[name]
            if line.object is None and self._meaning(line, value) not in {*self.truth.ever(line, row, row.side), None}:
                yield f"3: the base of {link.id} {name} says something that {row.side} never held"

    def _ledger_claims(self) -> Iterator[str]:
        for each in self.known.ledger:
            row = self.truth.row(each.side, each.record)
            if row is None:
                yield f"3: the ledger names {each.side} {each.record}, which never was"
                continue
            lines = {line.name: line for line in self.truth.mappings_of(row)}
            for change in each.changes:
                line = lines.get(change.field)
                if line is None or line.object is not None or not is_column(line, row):
                    continue
                if self._meaning(line, change.after) not in self.truth.held(line, row):
                    yield f"3: the ledger says {each.side} {each.record} {change.field} was written, it never was"

    # --- shared -------------------------------------------------------------------------------------------

    def _is(self, link_id: str, row: Row) -> bool:
        """Whether a link, open or closed, is about whoever `row` is."""
        link = self.known.links.get(link_id) or self.known.closed.get(link_id)
        if link is None:
            return False
        rows = (self.truth.row(side, link.record_id(side)) for side in SIDES)
        return any(each is not None and self.truth.identity(each) == self.truth.identity(row) for each in rows)

    def _meaning(self, line: Field, value: Value) -> Value:
        """A canonical value of the engine in the judge's own form; references by the identity of their link."""
        if value is None or line.object is None:
            return self.truth.read(line, "hubspot", value) if line.type != "owner" else value
        links = [self.known.links.get(each) or self.known.closed.get(each) for each in value.split(";")]
        rows = [self.truth.row("hubspot", link.hubspot) for link in links if link]
        return ";".join(sorted({self.truth.identity(row) for row in rows if row})) or None


def _at(entry: Entry) -> str:
    return f"{entry.side} {entry.vendor_object} {entry.record} {entry.field} ({entry.seq})"

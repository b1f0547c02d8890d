"""Promises 2 and 3: nothing was made twice, and the state claims only what happened."""

from __future__ import annotations

from collections.abc import Iterator

from judge import Judge
from truth import is_column
from world import Row

from connector.core.merge import UNKNOWN
from connector.model import SIDES, Field, Link, Side, Values


class State(Judge):
    """Judges what we made, and every claim of the state store."""

    def doubles(self) -> Iterator[str]:
        ours = [row for row in self.truth.rows() if row.made_by == "us" and self.truth.mapping(row)]
        for row in ours:
            if min(row.made_as).startswith("nobody-"):
                yield f"2: {row.side} {row.vendor_object} {row.id} was created without a stamp"
            for other in ours:
                if self._before(other, row) and self._one(other.made_as, row, other):
                    yield f"2: {row.side} {other.id} and {row.id} were both created for the same one"
            yield from self._was_there(row)

    def _before(self, other: Row, row: Row) -> bool:
        """Whether we made `other` earlier, and could know of it when we made `row`."""
        unseen = self.truth.unanswered(other.made_seq) and (other.gone_seq or row.made_seq) < row.made_seq
        return other.side == row.side and other.made_seq < row.made_seq and not unseen

    def _one(self, identities: frozenset[str], row: Row, other: Row) -> bool:
        """Whether both rows are of one mapping and made for somebody they share."""
        return self.truth.mapping(row) is self.truth.mapping(other) and bool(identities & row.made_as)

    def _was_there(self, row: Row) -> Iterator[str]:
        """We made a record although the run before could have known one."""
        starts = [0, 0, *(start for start in self.truth.world.starts if start < row.made_seq)]
        for other in self.truth.world.crms[row.side].rows.values():
            if (
                other is row
                or other.made_by == "us"
                or self.truth.mapping(other) is None
                or not self._one(self.truth.was(other, row.made_seq), row, other)
            ):
                continue
            there = other.made_seq < starts[-2 if row.side == "hubspot" else -1]
            if there and (other.gone_seq or row.made_seq) >= row.made_seq and self._alike(row, other):
                yield f"2: {row.side} {row.vendor_object} {row.id} was created beside {other.id}, the same one"

    def _alike(self, row: Row, other: Row) -> bool:
        """Whether a key could have told that both are the same; who merged two with different keys told nobody."""
        mapping = self.truth.mapping(row)
        keys = [line for line in self.truth.mappings_of(row) if mapping and line.name in mapping.keys]
        return any({self.truth.value(line, row)} & self.truth.held(line, other) - {None} for line in keys)

    def left_behind(self) -> Iterator[str]:
        """A link follows a conversion or a merge to where its record lives on."""
        for link in self.known.links.values():
            for side in SIDES:
                row = self.truth.row(side, link.record_id(side))
                if row is not None and self.truth.active(self.truth.successor(row)) and not self.truth.active(row):
                    yield f"2: {link.id} stays with {side} {row.id}, which lives on as {self.truth.successor(row).id}"

    def links(self) -> Iterator[str]:
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

    def bases(self) -> Iterator[str]:
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
            if line.object is not None or value in (None, UNKNOWN):
                continue
            if self.meaning(line, value) not in self.truth.ever(line, row, row.side):
                yield f"3: the base of {link.id} {name} says something that {row.side} never held"

    def ledger_claims(self) -> Iterator[str]:
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
                if self.meaning(line, change.after) not in self.truth.held(line, row):
                    yield f"3: the ledger says {each.side} {each.record} {change.field} was written, it never was"

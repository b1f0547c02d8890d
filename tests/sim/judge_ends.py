"""Promise 1, at the end: linked records agree or it is known why not, and no record is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from judge import Judge
from truth import Value
from world import Entry, Row

from connector.model import SIDES, Field, Link, opposite


class Ends(Judge):
    """Judges what both CRMs hold when all is calm."""

    def pairs(self) -> Iterator[str]:
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
            each.link == link.id and (self.meaning(line, each.hubspot), self.meaning(line, each.salesforce)) == values
            for each in open_
        ):
            return True
        if any(self._holds(row, line) for row in (hubspot, salesforce)):
            return True
        moved = self._last(line, hubspot, salesforce)
        if moved is None or moved.seq < self.truth.merged_at(hubspot):
            return True  # the CRM's own default, or a value that somebody who merged has let stand
        if line.blank == "keep" and None in values:
            return self._emptied(line, hubspot, salesforce, values)
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
        if filled is None or filled.by == "vendor":
            return True
        # What we filled in came from the side that is empty now: the value before the blank.
        return emptied is not None and emptied.by == "human" and (filled.by == "us" or emptied.seq > filled.seq)

    def _last(self, line: Field, hubspot: Row, salesforce: Row) -> Entry | None:
        """The last word of a person on this field, on either side."""
        words = [each for each in (self._author(row, line) for row in (hubspot, salesforce)) if each]
        return max((each for each in words if each.by == "human"), key=lambda each: each.seq, default=None)

    @staticmethod
    def _author(row: Row, line: Field) -> Entry | None:
        name = line.vendor_name(row.side, row.vendor_object)
        return row.authors.get(name) if name else None

    def alone(self) -> Iterator[str]:
        """No record is forgotten: it is linked, or held, or its counterpart was taken away by a person."""
        linked = {(link.object, side, link.record_id(side)) for link in self.known.links.values() for side in SIDES}
        for row in self.truth.rows():
            mapping = self.truth.mapping(row)
            if mapping is None or not self.truth.active(row) or (mapping.object, row.side, row.id) in linked:
                continue
            if not any(each.side == row.side and each.record == row.id for each in self.known.inbox):
                yield f"1: {row.side} {row.vendor_object} {row.id} is neither linked nor held"

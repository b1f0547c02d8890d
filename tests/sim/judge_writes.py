"""Promise 1, write by write: what we replaced was known to both sides, or is on record; and every write is."""

from __future__ import annotations

from collections.abc import Iterator

from judge import Judge, at
from truth import Value
from world import Entry, Row

from connector.model import SIDES, Change, Field, opposite
from connector.state.ledger import LedgerRow


class Writes(Judge):
    """Judges every write of ours in the journal."""

    def overwritten(self) -> Iterator[str]:
        """Every write of ours that replaced a value: it must carry a present value, and bury no word silently."""
        for entry, row, line in self.truth.writes:
            if entry.by != "us" or not entry.ref:
                continue
            before = self.truth.read(line, row.side, entry.before)
            after = self.truth.read(line, row.side, entry.after)
            if before == after:
                continue
            if line.object is None and after not in self._fresh_values(entry, row, line):
                yield f"1: {at(entry)} was written with a value that the other side did not hold since the run before"
            word = self._word_before(entry, row, line)
            if word is not None and not self._may_bury(entry, word, row, line, before):
                yield f"1: {at(entry)} buried a person's word of {word.seq} without a trace"

    def _fresh_values(self, entry: Entry, row: Row, line: Field) -> set[Value]:
        """What the other side held at some time since the start of the run before the writing one."""
        return self.truth.ever(line, row, opposite(row.side), self._run_before(entry.seq))

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
        word = self._inherited(row, line)
        return word if word is not None and word.seq < entry.seq else None

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
        if self.in_conflict(row, line, value) or word.seq < self.truth.merged_at(row) < entry.seq:
            return True
        if not line.flows_to(target):
            return True  # the other side owns the field; the ledger check asks for the trace
        if value is None and line.blank == "keep":
            return True
        # What the run before could have seen counts: a word that says what the other side showed then agrees with it.
        since = self._run_before(self._first_said(word, row, line).seq)
        acknowledged = value in self.truth.ever(line, row, target, since)
        if acknowledged and (line.object is not None or self.truth.said_since(since, row, line)):
            return True
        return row.side == "salesforce" and self._in_gap(entry, word, row)

    def _first_said(self, word: Entry, row: Row, line: Field) -> Entry:
        """A word that only takes others back is no change: the one it returns to, if we wrote nothing else since."""
        rows = {each.id for side in SIDES for each in self.truth.same(row, side)}
        story = [told for told in self.truth.writes if told[0].record in rows and told[2].name == line.name]
        for each, row_, own in reversed([told for told in story if told[0].seq < word.seq]):
            same = self.truth.read(own, row_.side, each.after) == self.truth.read(line, row.side, word.after)
            if same and row_.side == row.side:
                return each
            if each.by == "us" and not same:
                break
        return word

    def _run_before(self, seq: int) -> int:
        """The start of the run before the last one that began ahead of a moment."""
        return [0, 0, *(start for start in self.truth.world.starts if start < seq)][-2]

    def _in_gap(self, entry: Entry, word: Entry, row: Row) -> bool:
        """Salesforce has no history to look into: a word between the last look and the write cannot be seen."""
        looks = [
            seq for seq, side, ids in self.truth.world.reads if side == row.side and row.id in ids and seq < entry.seq
        ]
        start = max((start for start in self.truth.world.starts if start < entry.seq), default=0)
        return bool(looks) and start < looks[-1] < word.seq

    def unwritten(self) -> Iterator[str]:
        """Every write of ours stands in the ledger, with the value it replaced."""
        rows: dict[str, list[LedgerRow]] = {}
        for each in self.known.ledger:
            rows.setdefault(each.record, []).append(each)
        for entry, row, line in self.truth.writes:
            if entry.by != "us" or self._past_knowing(entry, row):
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
                if change.field == line.name and (line.object or self.meaning(line, change.after) == after)
            ]
            if not changes:
                yield f"1: {at(entry)} is not in the ledger"
            elif not line.object and not self._tells_before(changes, entry, row, line, before):
                yield f"1: the ledger gives another value before {at(entry)}"

    def _past_knowing(self, entry: Entry, row: Row) -> bool:
        """A write whose answer was lost, and of which nothing was left when somebody could look again.

        The record, or one it refers to, was merged away, converted or deleted; or it is in Salesforce, which keeps
        no history, and a person replaced the value.
        """
        if not self.truth.unanswered(entry.seq):
            return False
        next_run = min((start for start in self.truth.world.starts if start > entry.seq), default=None)
        named = entry.after if isinstance(entry.after, list) else []
        rows = [row, *(self.truth.row(row.side, each) for each in named)]
        if next_run is None or any(each and (each.gone_seq or next_run) < next_run for each in rows):
            return True
        if row.fields.get("IsConverted"):
            return True
        replaced = (
            each.seq < next_run and each.by == "human"
            for each in self.truth.world.journal
            if each.record == row.id and each.side == row.side and each.field == entry.field and each.seq > entry.seq
        )
        return row.side == "salesforce" and next(replaced, False)

    def _tells_before(self, changes: list[Change], entry: Entry, row: Row, line: Field, before: Value) -> bool:
        told = {self.meaning(line, change.before) for change in changes}
        if before in told or self.in_conflict(row, line, before):
            return True
        created = entry.seq <= row.versions[0].seq  # a default that the CRM filled in and our create replaced
        word = self._word_before(entry, row, line)
        return created or (word is not None and row.side == "salesforce" and self._in_gap(entry, word, row))

"""The simulated HubSpot: lower-case e-mails, unique contacts, merges with new ids, an index that lags behind.

An incremental read answers from the index: a write is seen there only `lag` seconds later, and until then the
older version is what the search returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crm import SimCrm
from fields import STAGE, STAGES, STAMPS, Spec
from world import OWNERS, Author, Pages, Row, Version, World

from connector.crm.port import Query, ValueChange, WriteKind
from connector.model import Done, Gone, Owner, Page, Refused, Side, Write


class SimHubspot(SimCrm):
    """HubSpot behind the port."""

    side: Side = "hubspot"

    def __init__(self, world: World, skew: float = 3.2, lag: float = 8.0, overlap: float = 60.0) -> None:
        super().__init__(world, skew)
        self.no_such_record = "VALIDATION_ERROR"
        self.lag, self.overlap = timedelta(seconds=lag), timedelta(seconds=overlap)

    def owner(self, name: str) -> str:
        """Owners count from 900."""
        return str(900 + sorted(OWNERS).index(name))

    def new_id(self, vendor_object: str) -> str:
        """Plain rising numbers."""
        return str(self.world.next_id() + 100)

    def stamped(self, moment: datetime) -> str:
        """Milliseconds."""
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

    def normal(self, spec: Spec, raw: Any) -> Any:
        """Strings, e-mails in lower case; nothing becomes null by itself."""
        if spec.kind == "many":
            return list(raw or [])
        if raw is None:
            return ""
        return str(raw).lower() if spec.kind == "email" else str(raw)

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:
        """Three at once."""
        return 3

    def done(self, row: Row, write: Write, *, created: bool) -> Done:
        """The stored values come back with the answer."""
        stored = {name: row.fields.get(name) for name in write.fields}
        return Done(row.id, stored, created, self.stamped(row.modified))

    def objection(self, row: Row | None, vendor_object: str, fields: Mapping[str, Any]) -> Refused | None:
        """A contact's e-mail address is unique in the portal."""
        email = str(fields.get("email") or "").lower()
        if vendor_object == "contacts" and email:
            for other in self.live("contacts"):
                if other is not row and other.fields.get("email") == email:
                    return Refused("DUPLICATE", "Contact already exists", other.id)
        return super().objection(row, vendor_object, fields)

    def owners(self) -> list[Owner]:
        """People stand in teams here; who leads a team, HubSpot does not say."""
        return [replace(owner, team="Sales") for owner in super().owners()]

    def put(self, row: Row, fields: Mapping[str, Any], by: Author, ref: str = "", *, always: bool = False) -> None:
        """As everywhere, but by the API a lifecycle stage only goes forward, unless it was cleared before.

        A backward one is passed over in silence: the answer is a success, and the old stage stands.
        """
        stage, held = fields.get(STAGE), row.fields.get(STAGE)
        if by == "us" and stage and held and STAGES.index(str(stage)) < STAGES.index(held):
            fields = {name: value for name, value in fields.items() if name != STAGE}
        super().put(row, fields, by, ref, always=always)

    def put_list(self, row: Row, name: str, ids: list[str], by: Author, ref: str = "") -> None:
        """An association counts as a change of the record."""
        self.put(row, {name: ids}, by, ref)

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """Every value a property ever had, newest first."""
        found: dict[str, dict[str, list[ValueChange]]] = {each: {name: [] for name in fields} for each in ids}
        for entry in reversed(self.world.journal):
            if entry.side == self.side and entry.record in found and entry.field in fields:
                at = self.stamped(entry.at + self._skew)
                found[entry.record][entry.field].append(ValueChange(entry.after, at, entry.by == "us"))
        return found

    def changes(self, query: Query, mark: str | None) -> Pages:
        """The search index since the mark less the overlap, or every record by id, the archived ones told as gone."""
        end = self.now().isoformat()
        if mark is None:
            return Pages(self._all(query), end, full=True)
        return Pages(self._indexed(query, datetime.fromisoformat(mark) - self.overlap), end, full=False)

    def _all(self, query: Query) -> Iterator[Page]:
        last = 0
        while rows := [row for row in self.live(query.vendor_object) if int(row.id) > last][: self.per_page]:
            yield Page([self.record(row, query.fields) for row in rows])
            last = int(rows[-1].id)
        gone = [row.gone for row in self.rows.values() if row.vendor_object == query.vendor_object and row.gone]
        yield Page([], [each for each in gone if each.why == "deleted"])

    def _indexed(self, query: Query, since: datetime) -> Iterator[Page]:
        last = 0
        while True:
            hits = [
                (row, version)
                for row in self.live(query.vendor_object)
                if int(row.id) > last and (version := self._seen(row)) is not None and version.modified >= since
            ][: self.per_page]
            if not hits:
                return
            yield Page([self.record(row, query.fields, version) for row, version in hits])
            last = int(hits[-1][0].id)

    def _seen(self, row: Row) -> Version | None:
        """The newest version that has reached the index."""
        arrived = [version for version in row.versions if version.at + self.lag <= self.now()]
        return arrived[-1] if arrived else None

    # --- people only --------------------------------------------------------------------------------------

    def merge(self, primary: Row, secondary: Row) -> Row:
        """Two records become one with a new id; the primary one's values win, its blanks are filled."""
        merged = Row(
            self.side,
            primary.vendor_object,
            self.new_id(primary.vendor_object),
            primary.identities | secondary.identities,
            "human",
            self.world.next_seq(),
        )
        self.rows[merged.id] = merged
        stamp = STAMPS["hubspot"]
        for source in (secondary, primary):
            for name, value in source.fields.items():
                if (
                    value not in (None, "", [])
                    and name in source.authors
                    and not (name == stamp and source is secondary)
                ):
                    merged.fields[name] = self._copy(value)
                    merged.authors[name] = source.authors[name]
        before = [row.fields.get("hs_merged_object_ids") for row in (primary, secondary)]
        merged.fields["hs_merged_object_ids"] = ";".join(filter(None, [*before, primary.id, secondary.id]))
        for row in (primary, secondary):
            self.remove(row, Gone(self.side, row.vendor_object, row.id, "merged", merged.id))
        self._point_to(merged, {primary.id, secondary.id})
        self.hand_over({primary.id, secondary.id}, merged, again=False)
        self.bump(merged)
        return merged

    def _point_to(self, merged: Row, old: set[str]) -> None:
        """Others' associations follow the merge."""
        for row in self.live():
            for name, spec in self.specs(row.vendor_object).items():
                ids = row.fields.get(name)
                if spec.kind == "many" and spec.target == merged.vendor_object and ids and old & set(ids):
                    row.fields[name] = list(dict.fromkeys(merged.id if each in old else each for each in ids))
                    self.bump(row)

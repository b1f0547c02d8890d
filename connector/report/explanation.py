"""Why a record is as it is: where each value came from, and why it does not sync. Gathered from the store alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from connector.core.condition import fits
from connector.core.plan import ROW_KINDS
from connector.engine.compare import link_id
from connector.engine.shape import Shape, Shapes
from connector.model import SIDES, Condition, Field, ObjectMapping, Side, Value, opposite
from connector.project import Project
from connector.report.find import Subject
from connector.state.conflicts import ConflictRow
from connector.state.inbox import Held
from connector.state.records import Seen
from connector.state.store import Store


@dataclass(frozen=True, slots=True)
class Written:
    """One entry of the ledger for one field."""

    side: Side
    record: str
    kind: str
    field: str
    before: Value
    after: Value
    because: str
    at: datetime
    run: str


@dataclass(frozen=True, slots=True)
class FieldStory:
    """One field: what both sides hold, what they last agreed on, and what we wrote, newest first."""

    name: str
    hubspot: Value
    salesforce: Value
    base_hubspot: Value
    base_salesforce: Value
    written: tuple[Written, ...]
    conflicts: tuple[ConflictRow, ...]
    derived: bool = False

    @property
    def origin(self) -> str:
        """Where the value came from, in one sentence."""
        if self.written:
            last = self.written[0]
            source = opposite(last.side)
            verb = "created" if last.kind == "create" else "written"
            if self.derived:
                return f"{verb} on {last.side} by {last.run}: {last.because}"
            return f"{verb} on {last.side} by {last.run}: {last.because} (the value is {source}'s)"
        waiting = next((each for each in self.conflicts if each.state in ("open", "chosen")), None)
        if waiting is not None:
            return f"conflict {waiting.number}: both values stand until somebody decides"
        if self.derived:
            return "nothing is decided yet" if self.hubspot is None and self.salesforce is None else "found in the CRM"
        if self.base_hubspot is not None or self.base_salesforce is not None:
            same = self.base_hubspot == self.base_salesforce
            return "both sides held it when they were linked" if same else "a difference that is known and left alone"
        if self.hubspot is None and self.salesforce is None:
            return "empty on both sides"
        return "not compared yet"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything known of one subject."""

    subject: Subject
    vendor_objects: Mapping[Side, str | None]
    fields: tuple[FieldStory, ...]
    held: tuple[Held, ...]
    reasons: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        """The explanation for a program."""
        return {
            "object": self.subject.object,
            "link": self.subject.link.id if self.subject.link else None,
            "record": self.subject.ids,
            "vendor_objects": dict(self.vendor_objects),
            "why_not": list(self.reasons),
            "held": [{"side": each.side, "code": each.code, "message": each.message} for each in self.held],
            "fields": [{**asdict(each), "origin": each.origin} for each in self.fields],
        }


class Explainer:
    """Explains subjects of one project."""

    def __init__(self, project: Project, store: Store) -> None:
        self._project, self._store = project, store
        self._shapes = Shapes(project.mappings, project.settings.time_zone)

    def explain(self, subject: Subject, field: str | None = None) -> Explanation:
        """One subject, with all its fields or one."""
        mapping = self._project.mapping(subject.object)
        assert mapping is not None
        records = {side: self._record(subject, side) for side in SIDES}
        values = {side: self._values(mapping, record) for side, record in records.items()}
        written = list(self._written(subject))
        conflicts = self._store.conflicts.history(subject.link.id) if subject.link else []
        stories = []
        for each in mapping.fields:
            if field is not None and each.name != field:
                continue
            base = subject.link.base if subject.link else None
            stories.append(
                FieldStory(
                    each.name,
                    values["hubspot"].get(each.name),
                    values["salesforce"].get(each.name),
                    base.hubspot.get(each.name) if base else None,
                    base.salesforce.get(each.name) if base else None,
                    tuple(entry for entry in written if entry.field == each.name),
                    tuple(reversed([row for row in conflicts if row.field == each.name])),
                    each.derived,
                )
            )
        held = [
            entry
            for side in SIDES
            if (id_ := subject.ids[side])
            for entry in self._store.inbox.of_record(side, id_, subject.object)
        ]
        reasons = tuple(self._reasons(mapping, subject, records, values))
        objects: dict[Side, str | None] = {side: seen.vendor_object if seen else None for side, seen in records.items()}
        return Explanation(subject, objects, tuple(stories), tuple(held), reasons)

    # --- values --------------------------------------------------------------------------------------

    def _record(self, subject: Subject, side: Side) -> Seen | None:
        id_ = subject.ids[side]
        return self._store.mirror.get(side, id_, subject.object) if id_ else None

    def _values(self, mapping: ObjectMapping, seen: Seen | None) -> dict[str, str]:
        """Canonical values; where only a CRM could tell (owners), what both sides last agreed on, else the id."""
        if seen is None:
            return {}
        shape = self._shapes.of(mapping.object, seen.side, seen.vendor_object)
        values = dict(shape.canonical(seen.fields, self._resolve)[0])
        link = self._store.links.get([seen.link]).get(seen.link) if seen.link else None
        for each in shape.fields:
            if each.type == "owner" and each.name not in values and link and not seen.dirty:
                values.update(_one(each.name, link.base.of(seen.side).get(each.name)))
            values.setdefault(each.name, _raw_id(shape, each, seen)) if each.type == "owner" else None
        return {name: value for name, value in values.items() if value}

    def _resolve(self, field: Field, side: Side, id_: str) -> str | None:
        if field.object is None:
            return None
        return self._store.links.of_records(side, [id_], field.object).get(id_)

    def _written(self, subject: Subject) -> Iterator[Written]:
        """What we wrote, newest first; what the rules wrote before there was a link stands under the record's own."""
        keys = {subject.link.id} if subject.link else set()
        keys |= {link_id(subject.object, side, id_) for side in SIDES if (id_ := subject.ids[side])}
        rows = [row for key in sorted(keys) for row in self._store.ledger.of_link(key)]
        for row in sorted(rows, key=lambda each: each.at, reverse=True):
            if row.kind in ROW_KINDS:
                continue  # rows of custom objects have fields of their own
            for change in row.changes:
                yield Written(
                    row.side, row.record, row.kind, change.field, change.before, change.after, change.because, row.at,
                    row.run,
                )  # fmt: skip

    # --- why not -------------------------------------------------------------------------------------

    def _reasons(
        self,
        mapping: ObjectMapping,
        subject: Subject,
        records: Mapping[Side, Seen | None],
        values: Mapping[Side, dict[str, str]],
    ) -> Iterator[str]:
        """Why the record does not sync, or not any more."""
        if subject.closed:
            yield f"the link was closed: {subject.closed}"
        for side in SIDES:
            id_, seen = subject.ids[side], records[side]
            if id_ and seen is None:
                why = self._store.mirror.why_gone(side, id_, subject.object)
                yield f"{side} {id_} is no more: {why}" if why else f"{side} {id_} was not read yet"
            if seen is not None:
                yield from self._left_out(mapping, seen, values[side])
        if subject.link is None:
            for seen in records.values():
                if seen is not None:
                    yield from self._not_created(mapping, seen, values[seen.side])

    def _left_out(self, mapping: ObjectMapping, seen: Seen, values: dict[str, str]) -> Iterator[str]:
        for told in _failing(mapping.sync[seen.side], values, seen):
            yield f"{mapping.where}: sync.{seen.side}.when leaves it out: {told}"

    def _not_created(self, mapping: ObjectMapping, seen: Seen, values: dict[str, str]) -> Iterator[str]:
        """The create rules of the other side, and what each of them misses."""
        if self._store.inbox.of_record(seen.side, seen.id, mapping.object):
            return  # the inbox says it
        target = opposite(seen.side)
        rules = mapping.create[target]
        if not rules:
            yield f"{mapping.where}: there is no create rule for {target}"
        misses = [(rule.where, list(_failing(rule.when, values, seen))) for rule in rules]
        if any(not missing for _, missing in misses):
            yield "nothing stands in its way: the next run creates its counterpart"
            return
        for where, missing in misses:
            yield f"{where}: the rule does not fit: {'; '.join(missing)}"


def _failing(when: Condition, values: Mapping[str, str], seen: Seen) -> Iterator[str]:
    """The conditions of a `when` that do not hold, in words."""
    for name, accepted in when.items():
        if not fits({name: accepted}, values, seen.fields):
            has = values.get(name) or seen.fields.get(name) or "empty"
            yield f"{name} is {has}, wanted: {' or '.join(accepted)}"


def _one(name: str, value: Value) -> dict[str, str]:
    return {name: value} if value else {}


def _raw_id(shape: Shape, field: Field, seen: Seen) -> str:
    raw = seen.fields.get(shape.vendor_name(field))
    return f"owner {raw}" if raw else ""

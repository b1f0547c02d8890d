"""What both simulated CRMs share: rows, the write journal, the moving present.

A row remembers every version it ever had and who wrote each value, which no real CRM tells; only the oracle
looks at that. `hubspot_crm` and `salesforce_crm` add what the vendors do differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from fields import SPECS, TRACES, Spec

from connector.crm.port import Query, ValueChange, WriteKind
from connector.errors import SettingsError
from connector.model import (
    Account,
    Done,
    FieldInfo,
    Gone,
    Later,
    Outcome,
    Owner,
    Page,
    Record,
    Refused,
    Side,
    Usage,
    Write,
)

Author = Literal["human", "us", "vendor"]

EPOCH = datetime.min.replace(tzinfo=UTC)

OWNERS = {"ada": "ada@example.com", "bob": "bob@example.com", "cid": "cid@example.com"}
"""People with a user on both sides."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of one field, as somebody wrote it; the journal is a list of these."""

    seq: int
    at: datetime
    by: Author
    side: Side
    vendor_object: str
    record: str
    field: str
    before: Any
    after: Any
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What a row held from `seq` on."""

    seq: int
    at: datetime
    modified: datetime
    fields: Mapping[str, Any]


@dataclass
class Row:
    """One record. `identities` are the persons, companies or deals it truly is: hidden from the engine."""

    side: Side
    vendor_object: str
    id: str
    identities: frozenset[str]
    made_by: Author
    made_seq: int
    made_as: frozenset[str] = frozenset()  # the identities it was made for
    fields: dict[str, Any] = field(default_factory=dict)
    modified: datetime = EPOCH
    touched: datetime = EPOCH
    versions: list[Version] = field(default_factory=list)
    authors: dict[str, Entry] = field(default_factory=dict)
    gone: Gone | None = None
    gone_seq: int | None = None


Rule = Callable[[Row | None, str, Mapping[str, Any]], Refused | None]
"""An admin's validation rule: the row (None for a new one), its object, the values to be written."""


def no_rule(_row: Row | None, _vendor_object: str, _fields: Mapping[str, Any]) -> Refused | None:
    """Everything may be written."""
    return None


class World:
    """The simulated present, and everything that was ever written to either CRM."""

    def __init__(self, start: datetime = datetime(2026, 11, 2, 9, 0, 0, tzinfo=UTC)) -> None:
        self.now = start
        self.crms: dict[Side, SimCrm] = {}
        self.journal: list[Entry] = []
        self.starts: list[int] = []  # the sequence number at which each run began
        self.reads: list[tuple[int, Side, frozenset[str]]] = []  # every `read` of the engine: when, where, which ids
        self._seq = 0
        self._ids = 0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def next_seq(self) -> int:
        """The next instant's number: a total order that no clock gives."""
        self._seq += 1
        return self._seq

    def next_id(self) -> int:
        """The next record number."""
        self._ids += 1
        return self._ids


@dataclass
class Pages:
    """A read in progress; the cursor is only given after the last page."""

    pages: Iterator[Page]
    end: str
    full: bool
    over: bool = False

    def __iter__(self) -> Iterator[Page]:
        yield from self.pages
        self.over = True

    @property
    def mark(self) -> str:
        """Where the next incremental read begins."""
        assert self.over, "the cursor was asked for before the last page"
        return self.end


class SimCrm:
    """One CRM behind the port, and the doors that only people and the oracle use."""

    side: Side
    per_page = 3

    def __init__(self, world: World, skew: float) -> None:
        self.world = world
        world.crms[self.side] = self
        self.rows: dict[str, Row] = {}
        self.calls = 0
        self.changed = 0  # versions and removals so far
        self.rule: Rule = no_rule
        self.locked_every = 0  # every n-th update is locked for now
        self._skew = timedelta(seconds=skew)
        self._written = 0

    # --- what both vendors do the same way ----------------------------------------------------------------

    def account(self) -> Account:
        """One portal, one org."""
        return Account(self.side, f"{self.side}-1", "Example", "Europe/Berlin", "EUR", "enterprise")

    def now(self) -> datetime:
        """The vendor's clock, which is not ours."""
        return self.world.now + self._skew

    def usage(self) -> Usage:
        """A day without a limit."""
        return Usage(self.calls, None, None)

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        """The fields of one object."""
        return {name: spec.info(name) for name, spec in self.specs(vendor_object).items()}

    def owners(self) -> list[Owner]:
        """The same people on both sides, under other ids."""
        return [Owner(self.owner(name), email, active=True) for name, email in OWNERS.items()]

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """What is there now."""
        return [self.record(row, fields) for row in self.live(vendor_object) if row.id in set(ids)]

    def find(self, vendor_object: str, field_: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Rows by stamp or id, own writes included."""
        wanted = set(values)
        rows = [row for row in self.live(vendor_object) if self._value(row, field_) in wanted]
        return [self.record(row, fields) for row in rows]

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of these, the deleted and the merged ones."""
        rows = [self.rows[each] for each in ids if each in self.rows and self.rows[each].vendor_object == vendor_object]
        return [row.gone for row in rows if row.gone is not None]

    def width(self) -> int:
        """One call at a time, so that everything happens in one order."""
        return 1

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Nothing may be archived in any scenario: nothing is deleted by default."""
        raise AssertionError(f"{len(writes)} {vendor_object} records were to be archived")

    def finish_job(self, job: str) -> bool:
        """No job outlives a call here."""
        raise AssertionError(f"{self.side} gave no job {job}")

    def close(self) -> None:
        """Nothing to give back."""

    # --- rows ---------------------------------------------------------------------------------------------

    def specs(self, vendor_object: str) -> dict[str, Spec]:
        """The field table of one object.

        Raises:
            SettingsError: as both vendors do for an object that is not there.
        """
        if vendor_object not in SPECS[self.side]:
            raise SettingsError(f"{self.side} has no object {vendor_object}; correct the mapping")
        return SPECS[self.side][vendor_object]

    def live(self, vendor_object: str | None = None) -> list[Row]:
        """The rows that are there, by id."""
        found = [row for row in self.rows.values() if row.gone is None]
        return sorted(
            (row for row in found if vendor_object in (None, row.vendor_object)), key=lambda row: (len(row.id), row.id)
        )

    def record(self, row: Row, fields: Sequence[str], version: Version | None = None) -> Record:
        """A row as the API tells it; association lists as lists, unset fields as None.

        Raises:
            SettingsError: a field was asked for that the object does not have.
        """
        known = self.specs(row.vendor_object)
        unknown = [name for name in fields if name not in known and name not in (*TRACES[self.side], "Id")]
        if unknown:
            raise SettingsError(f"{self.side} {row.vendor_object} has no field {', '.join(unknown)}")
        source = version.fields if version else row.fields
        names = (*fields, *TRACES[self.side])
        values = {name: self._copy(source.get(name, self._unset(known.get(name)))) for name in names}
        stamp = version.modified if version else row.modified
        return Record(self.side, row.vendor_object, row.id, values, self.stamped(stamp))

    def make(
        self, vendor_object: str, fields: Mapping[str, Any], by: Author, identities: frozenset[str], ref: str = ""
    ) -> Row:
        """A new row; the CRM fills in its defaults."""
        row = Row(
            self.side, vendor_object, self.new_id(vendor_object), identities, by, self.world.next_seq(), identities
        )
        self.rows[row.id] = row
        for name, spec in self.specs(vendor_object).items():
            if fields.get(name) in (None, "") and (default := self.default(spec, by)) is not None:
                self._note(row, name, default, "vendor", ref)
        self.put(row, fields, by, ref, always=True)
        return row

    def put(self, row: Row, fields: Mapping[str, Any], by: Author, ref: str = "", *, always: bool = False) -> None:
        """Write values as the vendor stores them: an unchanged value leaves no trace."""
        changed = always
        for name, raw in fields.items():
            value = self.normal(self.specs(row.vendor_object)[name], raw)
            if value != row.fields.get(name, self._unset(self.specs(row.vendor_object)[name])):
                self._note(row, name, value, by, ref)
                changed = True
        if changed:
            self.bump(row)

    def bump(self, row: Row, *, stamp: bool = True) -> None:
        """A new version; `stamp` moves the modification stamp as well."""
        self.changed += 1
        row.touched = self.now()
        if stamp:
            row.modified = self.now()
        snapshot = {name: self._copy(value) for name, value in row.fields.items()}
        row.versions.append(Version(self.world.next_seq(), self.now(), row.modified, snapshot))

    def remove(self, row: Row, gone: Gone) -> None:
        """A row goes to the bin, or into another one."""
        self.changed += 1
        row.gone, row.gone_seq = gone, self.world.next_seq()
        row.touched = row.modified = self.now()

    def _note(self, row: Row, name: str, value: Any, by: Author, ref: str) -> None:
        entry = Entry(
            self.world.next_seq(),
            self.world.now,
            by,
            self.side,
            row.vendor_object,
            row.id,
            name,
            self._copy(row.fields.get(name)),
            self._copy(value),
            ref,
        )
        row.fields[name] = value
        row.authors[name] = entry
        self.world.journal.append(entry)

    def locked(self) -> bool:
        """Whether this write meets somebody else's lock."""
        self._written += 1
        return self.locked_every > 0 and self._written % self.locked_every == 0

    @staticmethod
    def _value(row: Row, name: str) -> Any:
        return row.id if name in ("Id", "hs_object_id") else row.fields.get(name)

    @staticmethod
    def _copy(value: Any) -> Any:
        return list(value) if isinstance(value, list) else value

    @staticmethod
    def _unset(spec: Spec | None) -> Any:
        return [] if spec is not None and spec.kind == "many" else None

    # --- our own writes -----------------------------------------------------------------------------------

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        """Upsert by the stamp."""
        return [self._upsert(vendor_object, stamp, write) for write in writes]

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        """Write by id."""
        return [self._change(vendor_object, write) for write in writes]

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Add to and remove from association lists; doing it twice changes nothing more."""
        return [self._associate(vendor_object, write) for write in writes]

    def _upsert(self, vendor_object: str, stamp: str, write: Write) -> Outcome:
        value = write.fields.get(stamp)
        holders = [row for row in self.live(vendor_object) if value and row.fields.get(stamp) == value]
        if holders:
            return self._save(holders[0], write)
        refusal = self.objection(None, vendor_object, write.fields)
        if refusal is not None:
            return refusal
        row = self.make(vendor_object, write.fields, "us", self._identities(value), write.ref)
        return self.done(row, write, created=True)

    def _change(self, vendor_object: str, write: Write) -> Outcome:
        row = self.rows.get(write.id or "")
        if row is None or row.gone is not None or row.vendor_object != vendor_object:
            return Refused("GONE", "the record is not there any more")
        return Later("UNABLE_TO_LOCK_ROW", 2.0) if self.locked() else self._save(row, write)

    def _save(self, row: Row, write: Write) -> Outcome:
        refusal = self.objection(row, row.vendor_object, write.fields)
        if refusal is not None:
            return refusal
        self.put(row, write.fields, "us", write.ref)
        return self.done(row, write, created=False)

    def _associate(self, vendor_object: str, write: Write) -> Outcome:
        row = self.rows.get(write.id or "")
        if row is None or row.gone is not None:
            return Refused("GONE", "the record is not there any more")
        specs = self.specs(vendor_object)
        for name, change in write.fields.items():
            target = specs[name].target
            if any(self.missing(target, each) for each in change.get("add", ())):
                return Refused("INVALID_OBJECT_IDS", f"{name}: a record to associate is not there")
        for name, change in write.fields.items():
            ids = [each for each in row.fields.get(name) or [] if each not in set(change.get("remove", ()))]
            ids.extend(each for each in change.get("add", ()) if each not in ids)
            self.put_list(row, name, ids, "us", write.ref)
        return Done(row.id)

    def _identities(self, counterpart: Any) -> frozenset[str]:
        """Who a record made by us truly is: whoever its stamp names."""
        other = self.world.crms["salesforce" if self.side == "hubspot" else "hubspot"].rows.get(str(counterpart))
        return other.identities if other else frozenset({f"nobody-{self.world.next_id()}"})

    def missing(self, vendor_object: str | None, record: str) -> bool:
        """Whether no live row of an object has this id."""
        row = self.rows.get(record)
        return row is None or row.gone is not None or row.vendor_object != vendor_object

    def objection(self, row: Row | None, vendor_object: str, fields: Mapping[str, Any]) -> Refused | None:
        """Why the vendor would not take these values; `row` is None for a new record."""
        for name, raw in fields.items():
            spec = self.specs(vendor_object).get(name)
            if spec is None:
                return Refused("PROPERTY_DOESNT_EXIST", f"{name} does not exist")
            value = self.normal(spec, raw)
            if spec.options is not None and value not in (None, "", *spec.options):
                return Refused("INVALID_OPTION", f"{name}: not one of the options")
            if spec.kind == "lookup" and value is not None and self.missing(spec.target, value):
                return Refused("INVALID_CROSS_REFERENCE_KEY", f"{name}: invalid cross reference id")
            if spec.kind == "stamp" and value:
                holder = next((each for each in self.live(vendor_object) if each.fields.get(name) == value), None)
                if holder is not None and holder is not row:
                    return Refused("DUPLICATE", f"{name}: another record has this value", holder.id)
        return self.rule(row, vendor_object, fields)

    # --- what each vendor does in its own way -------------------------------------------------------------

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:
        """Small batches, so that small data has several of them."""
        raise NotImplementedError

    def done(self, row: Row, write: Write, *, created: bool) -> Done:
        """What the vendor's answer says."""
        raise NotImplementedError

    def default(self, spec: Spec, by: Author) -> str | None:
        """What the CRM fills in."""
        return spec.default

    def put_list(self, row: Row, name: str, ids: list[str], by: Author, ref: str = "") -> None:
        """Set an association list."""
        raise NotImplementedError

    def owner(self, name: str) -> str:
        """The owner id of a person."""
        raise NotImplementedError

    def new_id(self, vendor_object: str) -> str:
        """An id of this vendor's kind."""
        raise NotImplementedError

    def normal(self, spec: Spec, raw: Any) -> Any:
        """A value as this vendor stores it."""
        raise NotImplementedError

    def stamped(self, moment: datetime) -> str:
        """A moment as this vendor writes it."""
        raise NotImplementedError

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """What fields held before."""
        raise NotImplementedError

    def changes(self, query: Query, mark: str | None) -> Pages:
        """Changed rows since the mark."""
        raise NotImplementedError

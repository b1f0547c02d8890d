"""A CRM in memory behind the port: records, activities and custom objects, and every way in which a write can fail.

It keeps what it is told and invents nothing. A boundary is crossed ahead of and behind every call, so that a test can
kill the run at each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from connector.crm.port import Known, Query, nothing_known
from connector.engine.shape import Shapes
from connector.errors import LaterError, SettingsError
from connector.model import (
    Account,
    Activity,
    ActivityPage,
    ActivitySource,
    Done,
    FieldInfo,
    Gone,
    Outcome,
    Owner,
    Page,
    Record,
    Refused,
    Remains,
    Side,
    Unknown,
    Usage,
    Write,
)
from connector.project import Project
from connector.revops.carriers import CARRIERS, hubspot_field, salesforce_field

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_PREFIXES = {"Lead": "00Q", "Contact": "003", "Account": "001", "Opportunity": "006"}


@dataclass
class Row:
    """One record and when it changed last, counted in writes."""

    vendor_object: str
    id: str
    fields: dict[str, Any]
    changed: int


@dataclass
class Pages:
    """A read of one page."""

    pages: list[Any]
    mark: str
    full: bool = False
    without: dict[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.pages)


def never(_write: Write) -> Refused | None:
    """Everything may be written."""
    return None


class MemoryCrm:
    """One side. `journal` lists every write that was done; `refuse` and `lose` decide about single writes."""

    def __init__(self, side: Side, project: Project, clock: Callable[[], datetime]) -> None:
        self.side: Side = side
        self.clock = clock
        self.rows: dict[tuple[str, str], Row] = {}
        self.lost: list[tuple[int, Gone]] = []
        self.told: list[tuple[int, Activity]] = []
        self.untold: list[tuple[int, Remains]] = []
        self.unlisted: set[str] = set()
        self.journal: list[tuple[str, str, str]] = []
        self.calls = 0
        self.down = False
        self.currency = "EUR"
        self.rates: list[dict[str, Any]] = []
        self.hidden: set[str] = set()
        self.refuse: Callable[[Write], Refused | None] = never
        self.lose: Callable[[str, Write], bool] = lambda _kind, _write: False
        self.cross: Callable[[str], None] = lambda _name: None
        self._numbers = 0
        self._changes = 0
        prefix = "revops_" if side == "hubspot" else "RevOps_"
        names = [each.hubspot(prefix) if side == "hubspot" else each.salesforce(prefix) for each in CARRIERS]
        self.custom = {name: f"2-{n}" if side == "hubspot" else name for n, name in enumerate(names, 1)}
        self.columns = self._columns(project)

    def _columns(self, project: Project) -> dict[str, set[str]]:
        """Vendor object -> its columns: all that the mappings and rules name."""
        shapes = Shapes(project.mappings, "UTC")
        found = {each.vendor_object: set(each.names) for each in shapes if each.side == self.side}
        for mapping in project.mappings:
            for vendor_object, names in mapping.inputs.items():
                if vendor_object in found:
                    found[vendor_object].update(names)
        for carrier, vendor_object in zip(CARRIERS, self.custom.values(), strict=True):
            if self.side == "hubspot":
                found[vendor_object] = {hubspot_field(each.name, "revops_") for each in carrier.fields}
            else:
                lookups = {column for each in carrier.references for _, column in each.salesforce}
                found[vendor_object] = {salesforce_field(each.name) for each in carrier.fields} | lookups
        return found

    # --- people's doors ------------------------------------------------------------------------------

    def put(self, vendor_object: str, id_: str | None = None, **fields: Any) -> Row:
        """Make a record, or change one."""
        self._changes += 1
        number = id_ or self._new_id(vendor_object)
        row = self.rows.setdefault((vendor_object, number), Row(vendor_object, number, {}, 0))
        row.fields.update(fields)
        row.changed = self._changes
        return row

    def delete(self, vendor_object: str, id_: str, why: str = "deleted", into: str | None = None) -> None:
        """Remove a record."""
        self._changes += 1
        del self.rows[vendor_object, id_]
        self.lost.append((self._changes, Gone(self.side, vendor_object, id_, why, into)))

    def erase(self, vendor_object: str, id_: str) -> None:
        """Remove a record without a trace: no read tells of it, only who asks for the id hears that it is gone."""
        self.delete(vendor_object, id_, "erased")
        self.unlisted.add(id_)

    def tell(self, activity: Activity) -> None:
        """Something that a person did."""
        self._changes += 1
        self.told = [(n, each) for n, each in self.told if (each.source, each.id) != (activity.source, activity.id)]
        self.told.append((self._changes, activity))

    def untell(self, source: str, id_: str, *left: str) -> None:
        """Something that persons did is deleted, but for the activities that are `left`."""
        self._changes += 1
        mine = [each.id for _, each in self.told if (each.source, each.id.partition("-")[0]) == (source, id_)]
        over = {(source, each) for each in mine if each not in left}
        self.told = [(n, each) for n, each in self.told if (each.source, each.id) not in over]
        self.untold.append((self._changes, Remains(source, id_, frozenset(left))))

    def of(self, vendor_object: str) -> list[dict[str, Any]]:
        """The fields of every record of an object."""
        return [row.fields for row in self.rows.values() if row.vendor_object == vendor_object]

    def carried(self, name: str) -> dict[str, dict[str, Any]]:
        """The rows of a carrier by key."""
        vendor_object = list(self.custom.values())[[each.name for each in CARRIERS].index(name)]
        return {fields[self.key]: fields for fields in self.of(vendor_object)}

    @property
    def key(self) -> str:
        """The column of a row's key."""
        return "revops_key" if self.side == "hubspot" else "Key__c"

    def _new_id(self, vendor_object: str) -> str:
        self._numbers += 1
        if self.side == "hubspot":
            return str(100 + self._numbers)
        return f"{_PREFIXES.get(vendor_object, 'a01')}{self._numbers:012d}AAA"

    # --- the port ------------------------------------------------------------------------------------

    def account(self) -> Account:
        return Account(self.side, f"{self.side}-1", "Example", "Europe/Berlin", self.currency, "")

    def now(self) -> datetime:
        return self.clock()

    def usage(self) -> Usage:
        return Usage(self.calls, None, None)

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        names = self.columns.get(vendor_object, set()) - self.hidden
        return {name: FieldInfo(name, "string", writable=True, createable=True) for name in names}

    def owners(self) -> list[Owner]:
        return []

    def changes(self, query: Query, mark: str | None) -> Pages:
        self._call("changes")
        since = int(mark or 0)
        rows = [row for row in self.rows.values() if row.vendor_object == query.vendor_object and row.changed > since]
        rows = [row for row in rows if row.id not in self.unlisted]
        lost = [each for n, each in self.lost if each.vendor_object == query.vendor_object and n > since]
        gone = [each for each in lost if each.id not in self.unlisted]
        return Pages([Page([self._record(row) for row in rows], gone)], str(self._changes), mark is None)

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        self._call("read")
        return [self._record(self.rows[vendor_object, each]) for each in ids if (vendor_object, each) in self.rows]

    def find(self, vendor_object: str, field_: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        self._call("find")
        if vendor_object == "DatedConversionRate":
            if not self.rates:
                raise SettingsError("sObject type 'DatedConversionRate' is not supported")
            return [
                Record(self.side, vendor_object, str(n), each, "")
                for n, each in enumerate(self.rates)
                if each[field_] in values
            ]
        found = [row for row in self.rows.values() if row.vendor_object == vendor_object]
        return [self._record(row) for row in found if row.fields.get(field_) in values]

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        self._call("gone")
        return [each for _, each in self.lost if each.vendor_object == vendor_object and each.id in ids]

    def history(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Any]:
        return {each: {} for each in ids}

    def activities(
        self, mark: str | None, since: datetime, known: Known = nothing_known, *, full: bool = False
    ) -> Pages:
        """HubSpot tells of what was deleted in a full read only."""
        self._call("activities")
        begin = 0 if full else int(mark or 0)
        found = [each for n, each in self.told if n > begin and each.at >= since.isoformat()[:10]]
        gone = [each for n, each in self.untold if n > begin and self.side == "salesforce"]
        if full:
            records = {
                (source, each.partition("-")[0]) for source in get_args(ActivitySource) for each in known(source)
            }
            gone = [each for _, each in self.untold if (each.source, each.record) in records]
        return Pages([ActivityPage(found, gone)], str(self._changes))

    def custom_objects(self) -> dict[str, str]:
        return dict(self.custom)

    def custom_objects_room(self) -> Any:
        return None

    def tasks(self, vendor_object: str, records: Sequence[str], marker: str) -> list[Any]:
        return []

    def open_tasks(self, drafts: Sequence[Any]) -> list[Outcome]:
        raise AssertionError("attribution opens no tasks")

    change_tasks = open_tasks

    def batch_size(self, kind: str, vendor_object: str, total: int) -> int:
        return 4

    def width(self) -> int:
        return 1

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        return self._write("create", writes, lambda write: self._upsert(vendor_object, stamp, write))

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        return self._write("update", writes, lambda write: self._save(vendor_object, write))

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        return self._write("archive", writes, lambda write: self._remove(vendor_object, write))

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        return self._write("associate", writes, lambda write: self._link(vendor_object, write))

    def finish_job(self, job: str) -> bool:
        raise AssertionError(f"no job {job} was given")

    def close(self) -> None:
        """Nothing to give back."""

    # --- what happens inside -------------------------------------------------------------------------

    def _call(self, name: str) -> None:
        self.calls += 1
        if self.down:
            raise LaterError(f"{self.side} is down for maintenance", 5.0)
        self.cross(f"{self.side} {name}")

    def _write(self, kind: str, writes: Sequence[Write], effect: Callable[[Write], Outcome]) -> list[Outcome]:
        self._call(kind)
        outcomes: list[Outcome] = []
        for write in writes:
            outcome = self.refuse(write) or effect(write)
            outcomes.append(Unknown("the answer was lost") if self.lose(kind, write) else outcome)
        self.cross(f"{self.side} {kind} done")
        return outcomes

    def _upsert(self, vendor_object: str, stamp: str, write: Write) -> Outcome:
        known = set(write.fields) <= self.columns[vendor_object]
        assert known, f"{vendor_object} has no columns {set(write.fields) - self.columns[vendor_object]}"
        held = [row for row in self.rows.values() if row.vendor_object == vendor_object]
        row = next((each for each in held if each.fields.get(stamp) == write.fields[stamp]), None)
        row = self.put(vendor_object, row.id if row else None, **write.fields)
        return self._done("create", row)

    def _save(self, vendor_object: str, write: Write) -> Outcome:
        if (vendor_object, write.id) not in self.rows:
            return Refused("GONE", "the record is not there any more")
        return self._done("update", self.put(vendor_object, write.id, **write.fields))

    def _remove(self, vendor_object: str, write: Write) -> Outcome:
        row = self.rows.pop((vendor_object, write.id or ""), None)
        return self._done("archive", row) if row else Refused("GONE", "the record is not there any more")

    def _link(self, vendor_object: str, write: Write) -> Outcome:
        row = self.rows.get((vendor_object, write.id or ""))
        if row is None:
            return Refused("GONE", "the record is not there any more")
        for name, wish in write.fields.items():
            kept = [each for each in row.fields.get(name) or [] if each not in wish["remove"]]
            self.put(vendor_object, row.id, **{name: list(dict.fromkeys([*kept, *wish["add"]]))})
        return self._done("associate", row)

    def _done(self, kind: str, row: Row) -> Done:
        self.journal.append((kind, row.vendor_object, row.id))
        return Done(row.id, {}, modified=self._stamp(row))

    def _record(self, row: Row) -> Record:
        return Record(self.side, row.vendor_object, row.id, deepcopy(row.fields), self._stamp(row))

    def _stamp(self, row: Row) -> str:
        return (BEGAN + timedelta(seconds=row.changed)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

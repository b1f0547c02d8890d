"""A CRM that holds what a case says and can only be read: planning a case writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from connector.crm.port import ActivityReading, Known, Query, Reading, Room, ValueChange, WriteKind, nothing_known
from connector.engine.cases.known import ID
from connector.engine.shape import Shape, Shapes
from connector.model import (
    Account,
    Activity,
    ActivityPage,
    ActivitySource,
    FieldInfo,
    Gone,
    Outcome,
    Owner,
    Page,
    Record,
    Side,
    TaskChange,
    TaskDraft,
    TaskSeen,
    Usage,
    Write,
)
from connector.project.case_file import ActivityLine, CaseLine
from connector.revops.lifecycle import HUBSPOT_ORDER

_OPTIONS = {"lifecyclestage": HUBSPOT_ORDER}
_PLAIN = ("form", "email_click", "email_open", "meeting", "call", "task", "page_view")


class _Pages:
    """A full read of one page."""

    mark, full = "read", True

    def __init__(self, records: list[Record]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[Page]:
        yield Page(self._records)


class _Activities:
    """A read of activities of one page."""

    mark = "read"
    without: Mapping[ActivitySource, str] = {}

    def __init__(self, activities: list[Activity]) -> None:
        self._activities = activities

    def __iter__(self) -> Iterator[ActivityPage]:
        yield ActivityPage(self._activities)


class CaseCrm:
    """One side of a case."""

    def __init__(self, side: Side, case: CaseLine, shapes: Shapes, custom_objects: Collection[str] = ()) -> None:
        self.side: Side = side
        self._case, self._custom = case, tuple(custom_objects)
        given = case.hubspot if side == "hubspot" else case.salesforce
        self._records = {
            vendor_object: [self._record(vendor_object, fields) for fields in some]
            for vendor_object, some in given.items()
        }
        self._described = {
            shape.vendor_object: {name: _info(name) for name in _named(shape)} for shape in shapes if shape.side == side
        }

    # --- what a case tells ---------------------------------------------------------------------------

    def account(self) -> Account:
        """Always the same."""
        return Account(self.side, f"case-{self.side}", "Case", "Europe/Berlin", "EUR", "enterprise")

    def now(self) -> datetime:
        """The case's instant."""
        return self._case.as_of.astimezone(UTC)

    def usage(self) -> Usage:
        """Nothing is used."""
        return Usage(0, None, None)

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        """Every field that the project names, writable, of any value."""
        return self._described.get(vendor_object, {})

    def owners(self) -> list[Owner]:
        """The case's users."""
        return [
            Owner(each.id, each.email, each.active, each.manager, each.team, each.queue, each.name)
            for each in self._case.owners
            if each.side == self.side
        ]

    def changes(self, query: Query, mark: str | None) -> Reading:
        """All records of an object."""
        del mark
        return _Pages(self._records.get(query.vendor_object, []))

    def activities(
        self, mark: str | None, since: datetime, known: Known = nothing_known, *, full: bool = False
    ) -> ActivityReading:
        """Everything that the case's persons did on this side."""
        del mark, since, known, full
        lines = enumerate(self._case.activities)
        return _Activities([_activity(self, n, each) for n, each in lines if each.person.startswith(self.side)])

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Records by id."""
        del fields
        return [each for each in self._records.get(vendor_object, []) if each.id in ids]

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records by the value of a field."""
        del fields
        return [each for each in self._records.get(vendor_object, []) if str(each.fields.get(field)) in values]

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Nothing is ever deleted in a case."""
        del vendor_object, ids
        return []

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """What the case tells of the past; nobody is revloop there."""
        del vendor_object
        found: dict[str, dict[str, list[ValueChange]]] = {}
        for id_ in ids:
            told = self._case.history.get(f"{self.side} {id_}", {})
            found[id_] = {
                name: [ValueChange(value or None, at, ours=False) for value, at in entries]
                for name, entries in told.items()
                if name in fields
            }
        return found

    def custom_objects(self) -> dict[str, str]:
        """Those that the case is given; no row stands in them yet."""
        return {name: name for name in self._custom}

    def custom_objects_room(self) -> Room | None:
        """Nobody asks."""
        return None

    def tasks(self, vendor_object: str, records: Sequence[str], marker: str) -> list[TaskSeen]:
        """None yet."""
        del vendor_object, records, marker
        return []

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:
        """Any."""
        del kind, vendor_object, total
        return 100

    def width(self) -> int:
        """One after the other."""
        return 1

    def close(self) -> None:
        """Nothing to give back."""

    def vendor_object_of(self, record: str) -> str:
        """What a record of this side is; a contact where the case does not say."""
        for vendor_object, some in self._records.items():
            if any(each.id == record for each in some):
                return vendor_object
        return "contacts" if self.side == "hubspot" else "Lead"

    def _record(self, vendor_object: str, fields: Mapping[str, Any]) -> Record:
        raw = dict(fields)
        id_ = str(raw.pop(ID[self.side], ""))
        if self.side == "salesforce":
            raw = {name: _native(value) for name, value in raw.items()}
        modified = self._case.as_of.astimezone(UTC) - timedelta(days=1)
        return Record(self.side, vendor_object, id_, raw, modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"))

    # --- what a plan never does ----------------------------------------------------------------------

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        """Never called."""
        self._refuse(vendor_object, stamp, writes, on_job)

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        """Never called."""
        self._refuse(vendor_object, writes, on_job)

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Never called."""
        self._refuse(vendor_object, writes)

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Never called."""
        self._refuse(vendor_object, writes)

    def open_tasks(self, drafts: Sequence[TaskDraft]) -> list[Outcome]:
        """Never called."""
        self._refuse(drafts)

    def change_tasks(self, changes: Sequence[TaskChange]) -> list[Outcome]:
        """Never called."""
        self._refuse(changes)

    def finish_job(self, job: str) -> bool:
        """Never called."""
        self._refuse(job)

    @staticmethod
    def _refuse(*asked: object) -> NoReturn:
        raise AssertionError(f"a case is planned, never written ({len(asked)})")


def _named(shape: Shape) -> list[str]:
    """Everything that the project reads of an object."""
    return [*shape.names, *shape.mapping.inputs.get(shape.vendor_object, ())]


def _info(name: str) -> FieldInfo:
    return FieldInfo(name, "string", writable=True, createable=True, options=_OPTIONS.get(name))


def _native(value: Any) -> Any:
    """Salesforce tells booleans as such; in a file they are words."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _activity(crm: CaseCrm, number: int, line: ActivityLine) -> Activity:
    record = line.person.partition(" ")[2]
    source, fields = _told(line)
    return Activity(crm.side, source, f"case-{number}", crm.vendor_object_of(record), record, line.at, fields)


def _told(line: ActivityLine) -> tuple[ActivitySource, dict[str, Any]]:
    """The source of an activity and its fields as the vendor would give them."""
    if line.campaign is not None:
        campaign = {"Id": "case", "Name": line.campaign.get("name"), "Type": line.campaign.get("type")}
        status = line.campaign.get("status")
        member = {"Status": status, "HasResponded": True, "FirstRespondedDate": line.at[:10], "Campaign": campaign}
        return "campaign_member", member
    source = next((each for each in _PLAIN if getattr(line, each) is not None), "form")
    value = getattr(line, source)
    fields: dict[ActivitySource, dict[str, Any]] = {
        "page_view": {"hs_url": f"https://example.com{value}"},
        "form": {"title": value},
        "email_click": {"type": "CLICK"},
        "email_open": {"type": "OPEN"},
        "meeting": {"hs_meeting_title": value, "hs_meeting_outcome": "COMPLETED"},
        "call": {"hs_call_status": "COMPLETED"},
        "task": {"Status": value, "IsClosed": True},
    }
    named = next(each for each in fields if each == source)
    return named, fields[named]

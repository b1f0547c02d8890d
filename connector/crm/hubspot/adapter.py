"""HubSpot as a `Crm`: puts the calls of this package together, several at once, and knows no mapping."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock

from connector.crm.http import CONNECT, READ, Token
from connector.crm.hubspot import activity_sources, describing, tasks, writing
from connector.crm.hubspot.activities import Activities
from connector.crm.hubspot.associating import associate
from connector.crm.hubspot.associations import READ_BATCH, Associations
from connector.crm.hubspot.authorship import Authorship
from connector.crm.hubspot.changed_read import ChangedRead
from connector.crm.hubspot.client import Client
from connector.crm.hubspot.full_read import FullRead
from connector.crm.hubspot.lookups import Lookups
from connector.crm.hubspot.names import DEFAULT_VERSION, Paths, columns, plural
from connector.crm.hubspot.records import Records
from connector.crm.hubspot.source import ObjectSource
from connector.crm.port import ActivityReading, Known, Query, Reading, Room, ValueChange, WriteKind, nothing_known
from connector.model import (
    Account,
    Done,
    FieldInfo,
    Gone,
    Outcome,
    Owner,
    Record,
    Side,
    TaskChange,
    TaskDraft,
    TaskSeen,
    Usage,
    Write,
)

WIDTH = 10
"""Calls in flight: enough for 190 calls in ten seconds at an answer time of half a second."""


class HubSpot:
    """One portal.

    Args:
        url: `https://api.hubapi.com`, or a sandbox on this machine.
        token: a service key or private app token, or one that is renewed (`crm/auth.py`).
        version: the date version of the API.
        budget: the share of the portal's calls of the day that may be used.
        overlap: seconds before the mark where an incremental read begins.
        lag: seconds that HubSpot's search index may be behind.
        source_ids: `sourceId` of our app in property histories, where it is known.
        width: calls in flight.
        pause: sleeps.
        monotonic: seconds that never run backwards.
        clock: the local present, until HubSpot's own is known.
        timeout: seconds to connect, seconds between two bytes.

    Raises:
        SettingsError: address or version are wrong.
    """

    side: Side = "hubspot"

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        version: str = DEFAULT_VERSION,
        budget: float = 0.8,
        overlap: float = 900.0,
        lag: float = 30.0,
        source_ids: Collection[str] = (),
        width: int = WIDTH,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeout: tuple[float, float] = (CONNECT, READ),
    ) -> None:
        self.paths = Paths(version)
        self.client = Client(
            url, token, share=budget, width=width, pause=pause, monotonic=monotonic, clock=clock, timeout=timeout
        )
        self._token = token
        self._width = width
        self._overlap = overlap
        self._lag = timedelta(seconds=lag)
        self._associations = Associations(self.client, self.paths)
        self._records = Records(self.client, self.paths)
        self._authorship = Authorship(source_ids)
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="hubspot")
        self._lookups = Lookups(self._associations, self._records, self._pool, width)
        self._lock = Lock()
        self._described: dict[str, dict[str, FieldInfo]] = {}
        self._account: Account | None = None

    def __repr__(self) -> str:
        return f"HubSpot({self.client.door.base_url!r})"

    # --- the portal itself -------------------------------------------------------------------------------------

    def account(self) -> Account:
        """The portal, asked for once."""
        if self._account is None:
            self._account = describing.account(self.client, self.paths)
            self.client.zone = self._account.time_zone
        return self._account

    def now(self) -> datetime:
        """HubSpot's present, by its latest answer."""
        return self.client.door.vendor_now()

    def usage(self) -> Usage:
        """Calls of this object, and the day's limit as HubSpot's latest answer tells it."""
        if self.client.allowance.limit is None:
            self._account = None
            self.account()
        return Usage(self.client.door.calls, self.client.allowance.limit, self.client.allowance.left)

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        """Every property of an object, asked for once."""
        name = plural(vendor_object)
        with self._lock:
            if name not in self._described:
                self._described[name] = describing.describe(self.client, self.paths, name)
            return self._described[name]

    def owners(self) -> list[Owner]:
        """Every owner."""
        return describing.owners(self.client, self.paths)

    def width(self) -> int:
        """Calls in flight at once."""
        return self._width

    def close(self) -> None:
        """Give back threads and connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.client.door.close()
        closing = getattr(self._token, "close", None)
        if closing:
            closing()

    # --- reading -----------------------------------------------------------------------------------------------

    def changes(self, query: Query, mark: str | None) -> Reading:
        """Records changed since `mark`; everything without one, or when that is quicker."""
        since = _instant(mark)
        if since is None:
            return self._everything(query)
        source = self._source(query.vendor_object, query.fields)
        return ChangedRead(
            source,
            since,
            overlap=self._overlap,
            expected=query.expected,
            began=lambda: self._mark(source),
            everything=lambda: self._everything(query),
        )

    def _everything(self, query: Query) -> FullRead:
        source = self._source(query.vendor_object, query.fields)
        return FullRead(
            query.vendor_object,
            source,
            self._pool,
            self._width,
            expected=query.expected,
            began=lambda: self._mark(source),
        )

    def _mark(self, source: ObjectSource) -> str:
        return (source.began() - self._lag).isoformat(timespec="milliseconds")

    def _source(self, vendor_object: str, fields: Sequence[str]) -> ObjectSource:
        return ObjectSource(
            self.client,
            self.paths,
            self._associations,
            self._records,
            vendor_object,
            fields,
            lambda: self.describe(vendor_object),
        )

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """The records as they are now."""
        return self._lookups.read(vendor_object, ids, fields)

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records by a unique property."""
        return self._lookups.find(vendor_object, field, values, fields)

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of `ids`, those in the recycle bin, merged into another record, or erased."""
        return self._lookups.gone(vendor_object, ids)

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """Past values of properties, newest first; `ours` once our source id is configured or learnt."""
        raws = self._lookups.histories(vendor_object, ids, columns(list(fields)))
        for number, properties in raws.items():
            for name, entries in properties.items():
                self._authorship.learn(plural(vendor_object), number, name, entries)
        return {
            number: {name: self._authorship.changes(entries) for name, entries in properties.items()}
            for number, properties in raws.items()
        }

    def activities(
        self, mark: str | None, since: datetime, known: Known = nothing_known, *, full: bool = False
    ) -> ActivityReading:
        """Submissions, page views, e-mail events, meetings and calls of contacts."""
        sources = activity_sources.of(
            self.client, self.paths, self._lookups, self._pool, self._width, self._source, self._lag
        )
        overlap = timedelta(seconds=self._overlap)
        return Activities(self.client, sources, mark, since, known, full=full, overlap=overlap)

    def custom_objects(self) -> dict[str, str]:
        """The custom objects of this portal."""
        return describing.custom_objects(self.client, self.paths)

    def custom_objects_room(self) -> Room | None:
        """How many of them there may be."""
        return describing.custom_objects_room(self.client, self.paths)

    def tasks(self, vendor_object: str, records: Sequence[str], marker: str) -> list[TaskSeen]:
        """The tasks of these records whose body holds `marker`."""
        return tasks.seen(self._lookups, vendor_object, records, marker)

    # --- writing -----------------------------------------------------------------------------------------------

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:  # noqa: ARG002 - HubSpot's is fixed
        """100 records a call; associations are read and written a thousand at a time."""
        return READ_BATCH if kind == "associate" else writing.BATCH

    def create(
        self,
        vendor_object: str,
        stamp: str,
        writes: Sequence[Write],
        on_job: Callable[[str], None],  # noqa: ARG002 - HubSpot has no jobs
    ) -> list[Outcome]:
        """Upsert by the unique property `stamp`."""
        path = self.paths.objects(vendor_object, "/batch/upsert")
        return self._write(
            vendor_object, writes, lambda part: writing.upsert(self.client, path, stamp, vendor_object, part)
        )

    def update(
        self,
        vendor_object: str,
        writes: Sequence[Write],
        on_job: Callable[[str], None],  # noqa: ARG002 - HubSpot has no jobs
    ) -> list[Outcome]:
        """Write properties by id."""
        path = self.paths.objects(vendor_object, "/batch/update")
        return self._write(vendor_object, writes, lambda part: writing.update(self.client, path, vendor_object, part))

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Move records to the recycle bin."""
        path = self.paths.objects(vendor_object, "/batch/archive")
        return self._write(vendor_object, writes, lambda part: writing.archive(self.client, path, part))

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Add and remove associations."""
        return associate(self._associations, plural(vendor_object), writes)

    def finish_job(self, job: str) -> bool:  # noqa: ARG002 - HubSpot has no jobs
        """HubSpot knows no job."""
        return False

    def open_tasks(self, drafts: Sequence[TaskDraft]) -> list[Outcome]:
        """Make tasks."""
        return tasks.opened(self.client, self.paths, self._associations.types, drafts)

    def change_tasks(self, changes: Sequence[TaskChange]) -> list[Outcome]:
        """Complete, cancel or reopen tasks."""
        return tasks.changed(self.client, self.paths, changes)

    def _write(
        self, vendor_object: str, writes: Sequence[Write], send: Callable[[Sequence[Write]], writing.Outcomes]
    ) -> list[Outcome]:
        def remembered(part: Sequence[Write]) -> writing.Outcomes:
            since = self.client.monotonic()
            came_of = send(part)
            self._remember(vendor_object, part, came_of, since)
            return came_of

        return writing.in_parts(remembered, writes)

    def _remember(self, vendor_object: str, part: Sequence[Write], came_of: writing.Outcomes, since: float) -> None:
        """Let our own writes teach which history entries are ours."""
        began, ended = self.client.began(since), self.now()
        for write in part:
            outcome = came_of[write.ref]
            if isinstance(outcome, Done) and write.fields:
                stored = {name: outcome.fields.get(name) for name in write.fields if name in outcome.fields}
                self._authorship.wrote(plural(vendor_object), outcome.id, stored, began, ended)


def _instant(mark: str | None) -> datetime | None:
    """A mark of ours; one that is not readable means a full read, which is always right."""
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(mark or "").astimezone(UTC)
    return None

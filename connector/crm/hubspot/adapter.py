"""HubSpot as a `Crm`: puts the calls of this package together, several at once, and knows no mapping."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from connector.crm.fan import in_batches, spread
from connector.crm.http import CONNECT, READ, Token
from connector.crm.hubspot import describing, writing
from connector.crm.hubspot.associating import associate
from connector.crm.hubspot.associations import READ_BATCH, Associations
from connector.crm.hubspot.authorship import Authorship
from connector.crm.hubspot.changed_read import ChangedRead
from connector.crm.hubspot.client import Client
from connector.crm.hubspot.full_read import FullRead
from connector.crm.hubspot.names import DEFAULT_VERSION, Paths, columns, plural, targets
from connector.crm.hubspot.records import BATCH, HISTORY_BATCH, Records, asked, build
from connector.crm.hubspot.source import ObjectSource
from connector.crm.port import Query, Reading, ValueChange, WriteKind
from connector.model import Account, Done, FieldInfo, Gone, Outcome, Owner, Record, Side, Usage, Write

WIDTH = 10
"""Calls in flight: enough for 190 calls in ten seconds at an answer time of half a second."""
IDS = ("id", "hs_object_id")


Result = TypeVar("Result")


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
        properties = asked(vendor_object, fields)
        found = self._side_by_side(lambda part: self._records.batch(vendor_object, part, properties), ids, BATCH)
        return self._completed(vendor_object, [raw for part in found for raw in part], fields)

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records by a unique property, read from the records themselves and not from the search index."""
        if field in IDS:
            return self.read(vendor_object, list(values), fields)
        properties = [*asked(vendor_object, fields), field]

        def batch(part: Sequence[str]) -> list[Any]:
            return list(self._records.batch(vendor_object, part, properties, by=field))

        found = self._side_by_side(batch, list(values), BATCH)
        return self._completed(vendor_object, [raw for part in found for raw in part], [*fields, field])

    def _completed(self, vendor_object: str, raws: Sequence[Any], fields: Sequence[str]) -> list[Record]:
        ids = [str(raw["id"]) for raw in raws]
        linked = {target: self._linked(vendor_object, target, ids) if ids else {} for target in targets(list(fields))}
        names = list(dict.fromkeys(columns(list(fields))))
        return [
            build(
                vendor_object,
                raw,
                names,
                {f"associations.{target}": found.get(str(raw["id"]), []) for target, found in linked.items()},
            )
            for raw in raws
        ]

    def _linked(self, vendor_object: str, target: str, ids: Sequence[str]) -> dict[str, list[str]]:
        parts = self._side_by_side(lambda part: self._associations.ids(vendor_object, target, part), ids, READ_BATCH)
        return {number: others for part in parts for number, others in part.items()}

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of `ids`, those in the recycle bin, merged into another record, or erased."""
        missing = self._missing(vendor_object, ids, archived=False)
        lost = self._missing(vendor_object, missing, archived=True)
        binned = [number for number in missing if number not in set(lost)]
        found = [Gone("hubspot", vendor_object, number, "deleted") for number in binned]
        others = spread(self._pool, lambda one: self._records.where_gone(vendor_object, one), lost, self._width)
        return found + [gone for gone in others if gone]

    def _missing(self, vendor_object: str, ids: Sequence[str], *, archived: bool) -> list[str]:
        def batch(part: Sequence[str]) -> set[str]:
            raws = self._records.batch(vendor_object, part, ["hs_object_id"], archived=archived)
            return {str(raw["id"]) for raw in raws}

        there = set().union(*self._side_by_side(batch, ids, BATCH))
        return [number for number in dict.fromkeys(ids) if number not in there]

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """Past values of properties, newest first; `ours` once our source id is configured or learnt."""
        names = columns(list(fields))
        found = self._side_by_side(lambda part: self._records.histories(vendor_object, part, names), ids, HISTORY_BATCH)
        raws = {str(raw["id"]): raw.get("propertiesWithHistory") or {} for part in found for raw in part}
        for number, properties in raws.items():
            for name, entries in properties.items():
                self._authorship.learn(plural(vendor_object), number, name, entries)
        return {
            number: {name: self._authorship.changes(entries) for name, entries in properties.items()}
            for number, properties in raws.items()
        }

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

    def _write(
        self, vendor_object: str, writes: Sequence[Write], send: Callable[[Sequence[Write]], writing.Outcomes]
    ) -> list[Outcome]:
        """Batch by batch; once something is written, an error that stops everything becomes outcomes."""
        outcomes: writing.Outcomes = {}
        for start in range(0, len(writes), writing.BATCH):
            part = writes[start : start + writing.BATCH]
            since = self.client.monotonic()
            came_of = writing.after_some(send, part) if outcomes else send(part)
            self._remember(vendor_object, part, came_of, since)
            outcomes |= came_of
        return [outcomes[write.ref] for write in writes]

    def _remember(self, vendor_object: str, part: Sequence[Write], came_of: writing.Outcomes, since: float) -> None:
        """Let our own writes teach which history entries are ours."""
        began, ended = self.client.began(since), self.now()
        for write in part:
            outcome = came_of[write.ref]
            if isinstance(outcome, Done) and write.fields:
                stored = {name: outcome.fields.get(name) for name in write.fields if name in outcome.fields}
                self._authorship.wrote(plural(vendor_object), outcome.id, stored, began, ended)

    def _side_by_side(self, work: Callable[[Sequence[str]], Result], ids: Sequence[str], size: int) -> Iterator[Result]:
        return in_batches(self._pool, work, ids, size, self._width)


def _instant(mark: str | None) -> datetime | None:
    """A mark of ours; one that is not readable means a full read, which is always right."""
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(mark or "").astimezone(UTC)
    return None

"""What the engine may ask of a CRM. Both adapters and the simulated CRMs of the tests answer exactly this.

An adapter knows its vendor's paths, limits, batch sizes, error texts and nothing of mappings, links or plans.
It retries what is safe to repeat (reads, upserts by stamp, refused-for-now answers), waits within the vendor's
limits, and runs as many calls at once as those carry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from connector.model import (
    Account,
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

WriteKind = Literal["create", "update", "archive", "associate"]

Known = Callable[[ActivitySource], Collection[str]]
"""Tells the ids of the activities that are known of a source; may be called from any thread."""


def nothing_known(_source: ActivitySource) -> Collection[str]:
    """As ahead of a first read."""
    return ()


@dataclass(frozen=True, slots=True)
class Query:
    """What to read of one vendor object: column fields by API name, and associations by mapping name.

    The adapter adds what it needs itself (ids, stamps, merge and conversion traces).
    """

    vendor_object: str
    fields: tuple[str, ...]
    expected: int = 0  # how many records the state knows: lets the adapter choose the cheap road


class Reading(Protocol):
    """A read in progress: iterate its pages to the end, then take `mark`."""

    def __iter__(self) -> Iterator[Page]: ...

    @property
    def mark(self) -> str:
        """Where the next incremental read begins; only valid after the last page. Opaque to everybody else."""

    @property
    def full(self) -> bool:
        """Whether this read brought every record there is."""


class ActivityReading(Protocol):
    """A read of activities in progress: iterate its pages to the end, then take `mark`."""

    def __iter__(self) -> Iterator[ActivityPage]: ...

    @property
    def mark(self) -> str:
        """Where the next read begins; only valid after the last page. Opaque to everybody else."""

    @property
    def without(self) -> Mapping[ActivitySource, str]:
        """Sources that this account does not offer or this login may not read, with the reason; only after the end."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One entry of a field's history, newest first in `Crm.history`; `ours` when this connector wrote it."""

    value: str | None
    at: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How many of something an account may have and has; `limit` 0: its subscription has none of them."""

    limit: int
    used: int

    @property
    def left(self) -> int:
        """How many more there may be."""
        return max(self.limit - self.used, 0)


class Crm(Protocol):
    """One CRM.

    Every method may raise `SettingsError` (token, scope, permission, unknown field or object), `LaterError`
    (down, quota spent) and nothing else on purpose.
    """

    side: Side

    def account(self) -> Account:
        """The portal or org behind the credentials."""

    def now(self) -> datetime:
        """The vendor's own present (aware UTC), from its latest answer."""

    def usage(self) -> Usage:
        """Calls made by this object and what the vendor says is left of the day; costs at most one call."""

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        """Every field of an object by API name, cached for the run.

        Raises:
            SettingsError: the object does not exist or may not be seen.
        """

    def owners(self) -> list[Owner]:
        """Every owner, the inactive ones included."""

    def changes(self, query: Query, mark: str | None) -> Reading:
        """Records changed, deleted or merged since `mark`, with overlap; all records when `mark` is None."""

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """The records as they are now, in any order; missing ones are left out. Association fields allowed."""

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records whose `field` (a unique stamp or an id) holds one of `values`; must see own writes at once."""

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of `ids`, those that are deleted or merged away."""

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """Record id -> field -> changes, newest first; empty where the CRM keeps none."""

    def activities(
        self, mark: str | None, since: datetime, known: Known = nothing_known, *, full: bool = False
    ) -> ActivityReading:
        """Activities that came, changed or went since `mark`, with overlap; those since `since` when `mark` is None.

        The same activity may come again: `source` and `id` say that it is the same. Where a CRM tells deletions by
        itself they are part of every read. A `full` one reads all that may have been deleted since `since` anew and
        asks by id for what is `known` and did not come: absence is no deletion.
        """

    def custom_objects(self) -> dict[str, str]:
        """Name of a custom object -> what the methods here take as `vendor_object`; empty where there are none.

        An account that may not have custom objects (HubSpot below Enterprise) has none.
        """

    def custom_objects_room(self) -> Room | None:
        """How many custom objects the account may have and has; None where it does not say."""

    def tasks(self, vendor_object: str, records: Sequence[str], marker: str) -> list[TaskSeen]:
        """The tasks of these contacts or leads whose body holds `marker`, done ones included; sees own writes."""

    def open_tasks(self, drafts: Sequence[TaskDraft]) -> list[Outcome]:
        """Make tasks; outcomes in order. A lost answer is `Unknown`: nothing is repeated."""

    def change_tasks(self, changes: Sequence[TaskChange]) -> list[Outcome]:
        """Complete, cancel or reopen tasks by id; repeating it changes nothing more."""

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:
        """How many writes one call of `write` takes when `total` are waiting."""

    def width(self) -> int:
        """How many calls may be in flight at once."""

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        """Upsert by the unique field `stamp`, which every write carries: repeating it makes nothing twice.

        `on_job` is called with a job id before the CRM begins work that outlives the call (a bulk job).
        Outcomes stand in the order of `writes`.
        """

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        """Write fields of records by id."""

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Move records to the recycle bin."""

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Add and remove associations; a write's `fields` map a name to `{"add": [ids], "remove": [ids]}`.

        The first id of `add` becomes the primary one where the CRM knows primaries and the record has none.
        """

    def finish_job(self, job: str) -> bool:
        """Wait for a job left behind by a killed run, or abort it; False when the CRM no longer knows it."""

    def close(self) -> None:
        """Give back connections and threads."""

"""The Salesforce adapter: which of the vendor's roads each question of the port takes.

The roads themselves are the other files of this package. What an outcome means to a plan is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from connector.crm.http import CONNECT, READ, Door, Token
from connector.crm.pace import Allowance
from connector.crm.port import ActivityReading, Known, Query, Reading, Room, ValueChange, WriteKind, nothing_known
from connector.crm.retry import Heard
from connector.crm.salesforce import facts, history, soql, tasks
from connector.crm.salesforce.activities import Activities
from connector.crm.salesforce.bulk_write import ROWS, BulkWriter
from connector.crm.salesforce.collections import BATCH, Collections, Order
from connector.crm.salesforce.lookups import Lookups
from connector.crm.salesforce.org import VENDOR, Fault, Org, policy, usage_of
from connector.crm.salesforce.reading import Changes, Roads
from connector.crm.salesforce.role_writes import associate
from connector.crm.salesforce.sales_tasks import SalesTasks
from connector.model import (
    Account,
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

VERSION = "67.0"


@dataclass(frozen=True, slots=True)
class Options:
    """What connector.yaml may say of Salesforce.

    `overlap` is how far before its mark an incremental read begins; `budget` the share of the day's calls that may
    be used; above `bulk_read` and `bulk_write` records Bulk API 2.0 is the cheaper road, whose results come
    `bulk_page` rows at a time; `allow_duplicates` saves records that a duplicate rule only warns of.
    """

    version: str = VERSION
    overlap: timedelta = timedelta(minutes=10)
    budget: float = 0.8
    width: int = 4
    bulk_read: int = 20_000
    bulk_write: int = 2000
    bulk_page: int = 50_000
    allow_duplicates: bool = False


class SalesforceCrm:
    """One Salesforce org; see `connector.crm.port.Crm` for what each method promises.

    Args:
        url: the org's My Domain, or a sandbox on this machine.
        token: the credentials.
        options: see `Options`.
        pause: sleeps.
        monotonic: seconds that never run backwards.
        timeout: seconds to connect, seconds between two bytes.

    Raises:
        SettingsError: the address is not one we send a token to.
    """

    side: Side = "salesforce"

    def __init__(
        self,
        url: str,
        token: Token,
        options: Options,
        *,
        pause: Callable[[float], None],
        monotonic: Callable[[], float],
        timeout: tuple[float, float] = (CONNECT, READ),
    ) -> None:
        self._options = options
        self._allowance = Allowance(VENDOR, options.budget)
        self._door = Door(
            url,
            policy=policy(),
            token=token,
            pause=pause,
            monotonic=monotonic,
            width=options.width * 2,
            listen=self._listen,
            timeout=timeout,
        )
        self._pool = ThreadPoolExecutor(options.width, thread_name_prefix="salesforce")
        self._org = Org(self._door, options.version, _headers(options), self._allowance)
        self._collections = Collections(self._org, self._pool, options.width, pause)
        self._bulk = BulkWriter(self._org, self._collections, pause)
        self._roads = Roads(
            self._org,
            self._pool,
            pause,
            self.describe,
            options.overlap,
            options.bulk_read,
            options.bulk_page,
        )
        self._lookups = Lookups(self._roads, options.width)
        self._described: dict[str, dict[str, FieldInfo]] = {}
        self._zone = ""
        self._statuses: tasks.Statuses | None = None
        self._me = ""
        self._describing = Lock()

    def __repr__(self) -> str:
        return f"SalesforceCrm({self._door.base_url!r})"

    @property
    def org(self) -> Org:
        """The org's own calls, for installing what revloop needs there."""
        return self._org

    def _listen(self, heard: Heard) -> None:
        usage = usage_of(heard.headers)
        if usage:
            used, limit = usage
            self._allowance.learn(limit, limit - used)

    # --- the org -------------------------------------------------------------------------------------------------

    def account(self) -> Account:
        """The org behind the credentials."""
        account = facts.account(self._org)
        self._zone = account.time_zone
        return account

    def now(self) -> datetime:
        """The org's present, from its latest answer."""
        return self._door.vendor_now()

    def usage(self) -> Usage:
        """Calls made, and what is left of the rolling 24 hours; one call when no answer has said it yet."""
        if self._allowance.limit is None:
            try:
                told = self._org.ask("limits", allowed=True, needs="DailyApiRequests")["DailyApiRequests"]
            except Fault:
                return Usage(self._door.calls, None, None)
            self._allowance.learn(told["Max"], told["Remaining"])
        return Usage(self._door.calls, self._allowance.limit, self._allowance.left)

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        """Every field of an object, asked once."""
        with self._describing:
            if vendor_object not in self._described:
                self._described[vendor_object] = facts.describe(self._org, vendor_object, self._user())
            return self._described[vendor_object]

    def _user(self) -> str:
        """The integration user, who owns what is created without an owner; asked once."""
        if not self._me:
            self._me = facts.user(self._org)
        return self._me

    def owners(self) -> list[Owner]:
        """Users and queues."""
        return facts.owners(self._org)

    # --- reading -------------------------------------------------------------------------------------------------

    def changes(self, query: Query, mark: str | None) -> Reading:
        """What changed since `mark`; two calls when nothing did, four when contact roles are read too."""
        if not self._door.calls:
            self.describe(query.vendor_object)  # an answer to tell the org's time by
        return Changes(self._roads, query, mark)

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Records by id."""
        return self._lookups.read(vendor_object, ids, fields)

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records by a unique field."""
        return self._lookups.find(vendor_object, field, values, fields)

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of `ids`, those in the recycle bin."""
        return self._lookups.gone(vendor_object, ids)

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """What leads held before, for the fields that an admin tracks (20 at most); nothing of other objects."""
        if vendor_object != history.TRACKED:
            return {}
        return history.of_leads(self._lookups, ids, fields, self._user())

    def activities(
        self, mark: str | None, since: datetime, known: Known = nothing_known, *, full: bool = False
    ) -> ActivityReading:
        """Campaign members, tasks and events of leads and contacts."""
        if not self._door.calls:
            self.account()  # an answer to tell the org's time by
        tasks = SalesTasks(self._lookups, self.describe, self._user)
        return Activities(self._roads, tasks, self._lookups.gone, mark, since, known, full=full)

    def custom_objects(self) -> dict[str, str]:
        """The custom objects that the integration user sees."""
        return facts.custom_objects(self._org)

    def custom_objects_room(self) -> Room | None:
        """Salesforce tells no limit beforehand: a deploy does."""
        return None

    def tasks(self, vendor_object: str, records: Sequence[str], marker: str) -> list[TaskSeen]:  # noqa: ARG002 - ids tell
        """The tasks of these leads or contacts whose description holds `marker`."""
        return tasks.seen(self._lookups, records, marker)

    # --- writing -------------------------------------------------------------------------------------------------

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:  # noqa: ARG002 - the port's signature
        """200 by Collections, 10,000 by bulk job when many creates or updates wait."""
        return ROWS if kind in ("create", "update") and total > self._options.bulk_write else BATCH

    def width(self) -> int:
        """How many calls may be in flight at once."""
        return self._options.width

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        """Upsert by the external id field `stamp`."""
        return self._write(Order("upsert", soql.name(vendor_object), soql.name(stamp)), writes, on_job)

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        """Write fields of records by id."""
        return self._write(Order("update", soql.name(vendor_object)), writes, on_job)

    def _write(self, order: Order, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        if len(writes) > self._options.bulk_write:
            return self._bulk.write(order, writes, on_job)
        return self._collections.write(order, writes)

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        """Move records to the recycle bin; one that is there already is done."""
        return self._collections.write(Order("delete", soql.name(vendor_object)), writes)

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:  # noqa: ARG002 - one object has any
        """Add and remove contacts of opportunities."""
        return associate(self._org, self._collections, writes)

    def open_tasks(self, drafts: Sequence[TaskDraft]) -> list[Outcome]:
        """Make tasks."""
        return tasks.opened(self._collections, self._time_zone(), drafts)

    def change_tasks(self, changes: Sequence[TaskChange]) -> list[Outcome]:
        """Complete, cancel or reopen tasks."""
        if self._statuses is None:
            self._statuses = tasks.Statuses.of(self._org)
        return tasks.changed(self._collections, self._time_zone(), self._statuses, changes)

    def _time_zone(self) -> str:
        """The org's time zone, in which a task's due day is meant."""
        return self._zone or self.account().time_zone

    def finish_job(self, job: str) -> bool:
        """Wait for an ingest job, or abort it when nothing was uploaded."""
        return self._bulk.finish(job)

    def close(self) -> None:
        """Give back connections and threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._door.close()


def _headers(options: Options) -> dict[str, str]:
    """Headers of every call: nobody but the mapping decides owners, duplicates are told with ids only."""
    allow = "true" if options.allow_duplicates else "false"
    return {
        "Sforce-Auto-Assign": "FALSE",
        "Sforce-Duplicate-Rule-Header": f"allowSave={allow}; includeRecordDetails=false; runAsCurrentUser=true",
        "Sforce-Call-Options": "client=revloop",
    }

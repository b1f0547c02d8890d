"""The Salesforce adapter: which of the vendor's roads each question of the port takes.

The roads themselves are the other files of this package. What an outcome means to a plan is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from connector.crm.fan import spread
from connector.crm.http import CONNECT, READ, Door, Token
from connector.crm.pace import Allowance
from connector.crm.port import Query, Reading, ValueChange, WriteKind
from connector.crm.retry import Heard
from connector.crm.salesforce import facts, roles, soql
from connector.crm.salesforce.bulk_write import ROWS, BulkWriter
from connector.crm.salesforce.collections import BATCH, Collections, Order
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.org import VENDOR, Fault, Org, policy, query_refused, usage_of
from connector.crm.salesforce.reading import Changes, Roads
from connector.crm.salesforce.role_writes import associate
from connector.crm.salesforce.shape import Row, Shape
from connector.errors import SettingsError
from connector.model import Account, FieldInfo, Gone, Outcome, Owner, Record, Side, Usage, Write

VERSION = "67.0"
READ_BATCH = 2000
"""Ids in one Collections retrieve by POST."""


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
        self._described: dict[str, dict[str, FieldInfo]] = {}
        self._me = ""
        self._describing = Lock()

    def __repr__(self) -> str:
        return f"SalesforceCrm({self._door.base_url!r})"

    def _listen(self, heard: Heard) -> None:
        usage = usage_of(heard.headers)
        if usage:
            used, limit = usage
            self._allowance.learn(limit, limit - used)

    # --- the org -------------------------------------------------------------------------------------------------

    def account(self) -> Account:
        """The org behind the credentials."""
        return facts.account(self._org)

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
        """Records by id: Collections, or SOQL where contact roles are asked for."""
        known = list(dict.fromkeys(to18(one) for one in ids))
        if soql.ROLES in fields:
            return self._select(vendor_object, soql.among("Id", known), fields)
        shape = Shape(vendor_object, fields)
        names = soql.columns(vendor_object, fields)

        def part(some: Sequence[str]) -> list[Record]:
            body = {"ids": list(some), "fields": list(names)}
            try:
                rows = self._org.ask(f"composite/sobjects/{soql.name(vendor_object)}", "POST", json=body, repeat=True)
            except Fault as fault:
                raise _unreadable(fault, vendor_object) from None
            return [shape.record(row, _no_roles) for row in rows or () if row and not row.get("IsDeleted")]

        # as many calls at once as there are, each with its share: 2,000 records are slow in one
        size = min(READ_BATCH, max(BATCH, -(-len(known) // self._options.width)))
        parts = [known[at : at + size] for at in range(0, len(known), size)]
        return [record for records in self._spread(part, parts) for record in records]

    def find(self, vendor_object: str, field: str, values: Collection[str], fields: Sequence[str]) -> list[Record]:
        """Records by a unique field; SOQL sees own writes at once."""
        sought = sorted({to18(one) if field == "Id" else one for one in values if one})
        return self._select(vendor_object, soql.among(field, sought), fields)

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        """Of `ids`, those in the recycle bin; one that is only absent may be out of sight and is not named."""
        shape = Shape(vendor_object, ())
        names = (*soql.ALWAYS, *soql.MERGED.get(vendor_object, ()))

        def part(condition: str) -> list[Gone]:
            asked = soql.select(vendor_object, names, where=f"IsDeleted = true AND {condition}")
            return [shape.gone(row) for page in self._roads.pages_here(asked, deleted=True) for row in page["records"]]

        conditions = soql.among("Id", sorted({to18(one) for one in ids}))
        return [one for found in self._spread(part, conditions) for one in found]

    def history(
        self,
        vendor_object: str,  # noqa: ARG002 - the port's signature
        ids: Sequence[str],  # noqa: ARG002 - the port's signature
        fields: Sequence[str],  # noqa: ARG002 - the port's signature
    ) -> dict[str, dict[str, list[ValueChange]]]:
        """Nothing: field history is off unless an admin tracks a field, 20 at most for each object."""
        return {}

    def _select(self, vendor_object: str, conditions: Iterator[str], fields: Sequence[str]) -> list[Record]:
        shape = Shape(vendor_object, fields)
        names = soql.columns(vendor_object, fields)
        with_roles = soql.ROLES in fields

        def child(row: Row) -> list[str]:
            return roles.from_child(row, self._org.more)

        def part(condition: str) -> list[Record]:
            asked = soql.select(vendor_object, names, where=condition, roles=with_roles)
            pages = self._roads.pages_here(asked, deleted=False)
            return [shape.record(row, child) for page in pages for row in page["records"]]

        return [record for records in self._spread(part, conditions) for record in records]

    def _spread(self, work: Callable[[Any], Any], parts: Any) -> Iterator[Any]:
        return spread(self._pool, work, parts, self._options.width)

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


def _no_roles(_: Row) -> list[str]:
    return []


def _unreadable(fault: Fault, vendor_object: str) -> Exception:
    if fault.status == 404:  # noqa: PLR2004 - not found
        return SettingsError(f"Salesforce shows no object {vendor_object}: check its name and the permission set")
    return query_refused(fault, f"FROM {vendor_object}")

"""The simulated world: its present, its rows with all their versions, and the journal of every write.

A row remembers every version it ever had and who wrote each value, which no real CRM tells; only the oracle
looks at that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from connector.model import Gone, Page, Side

if TYPE_CHECKING:
    from crm import SimCrm

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


class World:
    """The simulated present, and everything that was ever written to either CRM."""

    def __init__(self, start: datetime = datetime(2026, 11, 2, 9, 0, 0, tzinfo=UTC)) -> None:
        self.now = start
        self.crms: dict[Side, SimCrm] = {}
        self.journal: list[Entry] = []
        self.starts: list[int] = []  # the sequence number at which each run began
        self.pending: list[tuple[int, int]] = []  # first and last number of writes whose answer is not kept yet
        self.lost: list[tuple[int, int]] = []  # the same of writes whose answer was lost for good
        self.reads: list[tuple[int, Side, frozenset[str]]] = []  # every `read` of the engine: when, where, which ids
        self._seq = 0
        self._ids = 0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def begin(self) -> None:
        """A run begins; what the one before it had no time to keep is lost."""
        self.starts.append(self.next_seq())
        self.lost.extend(self.pending)
        self.pending.clear()

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

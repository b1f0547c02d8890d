"""Every I/O boundary of a run, counted, and struck at one of them.

A boundary is one call to a CRM, one page of a read, one commit of the store, or the gap between a bulk job's
upload and its work. What the engine sees is a CRM behind the port and a store on a real file; the commits are
seen through SQLAlchemy's own events, so that nothing of the engine or the store is replaced.

A kill is a `BaseException`, and from then on every boundary raises it again: cleaning up after a kill reaches
neither a CRM nor the store, just as nothing does after `kill -9`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NoReturn, TypeVar

from crm import SimCrm
from sqlalchemy import event
from sqlalchemy.engine import Engine
from world import World

from connector.crm.port import ActivityReading, Known, Query, Reading, ValueChange, WriteKind, nothing_known
from connector.errors import LaterError
from connector.model import (
    Account,
    ActivityPage,
    ActivitySource,
    Done,
    FieldInfo,
    Gone,
    Later,
    Outcome,
    Owner,
    Page,
    Record,
    TaskChange,
    TaskDraft,
    TaskSeen,
    Unknown,
    Usage,
    Write,
)

How = Literal["kill", "kill after", "down", "lost", "undone", "half", "locked"]
"""How a boundary fails.

kill        the process dies before anything happens
kill after  it happens, and the process dies before it learns of it
down        the CRM says: later
lost        a write is done, and its answer is lost
undone      a write is not done, and so is its answer lost
half        half of a batch is done, and the answer is lost
locked      every record of a batch is refused for now
"""

KILLS: tuple[How, ...] = ("kill", "kill after")
WRITE_FAULTS: tuple[How, ...] = ("lost", "undone", "half", "locked", "down")
READ_FAULTS: tuple[How, ...] = ("down",)
WRITES = ("create", "update", "archive", "associate", "open_tasks", "change_tasks")
HOME = ("commit", "job")
T = TypeVar("T")


class Killed(BaseException):
    """The process is no more."""


@dataclass(frozen=True, slots=True)
class Strike:
    """What happens at boundary number `at`; the first is 1."""

    at: int
    how: How


@dataclass
class Boundaries:
    """Counts the boundaries of one run and strikes at one of them.

    `seen` names every boundary crossed; `before` is called ahead of each one with its number: that is where
    people edit during a run.
    """

    world: World
    strike: Strike | None = None
    before: Callable[[int], None] = lambda _number: None
    seen: list[str] = field(default_factory=list)
    dead: bool = False

    def cross(self, name: str, effect: Callable[[], T], failed: Callable[[How], T] | None = None) -> T:
        """Cross one boundary: the effect, or what the strike makes of it.

        `failed` plays the failures other than a kill; without one only kills strike here.
        """
        struck = self._arrive(name)
        if struck is None:
            return effect()
        if struck == "kill":
            self._die()
        if struck == "kill after":
            effect()
            self._die()
        return failed(struck) if failed else effect()

    def commit(self) -> None:
        """The store is about to commit; the kill after it is the kill before the next boundary."""
        if self._arrive("commit") == "kill":
            self._die()
        self.world.pending.clear()

    def _arrive(self, name: str) -> How | None:
        if self.dead:
            raise Killed
        self.seen.append(name)
        self.world.sleep(0.05)
        self.before(len(self.seen))
        return self.strike.how if self.strike and self.strike.at == len(self.seen) else None

    def _die(self) -> None:
        self.dead = True
        raise Killed


@contextmanager
def commits(boundaries: Boundaries) -> Iterator[None]:
    """Inside, every COMMIT of the store is a boundary."""

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement == "COMMIT":
            boundaries.commit()
        elif boundaries.dead and statement != "ROLLBACK":
            raise Killed

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


class Watched:
    """A CRM behind the port, each of whose calls is a boundary; counts the records it wrote."""

    def __init__(self, crm: SimCrm, boundaries: Boundaries) -> None:
        self.side = crm.side
        self.crm = crm
        self.boundaries = boundaries
        self.written = 0

    def account(self) -> Account:
        return self._read("account", self.crm.account)

    def now(self) -> datetime:
        return self.crm.now()

    def usage(self) -> Usage:
        return self.crm.usage()

    def describe(self, vendor_object: str) -> dict[str, FieldInfo]:
        return self._read("describe", lambda: self.crm.describe(vendor_object))

    def owners(self) -> list[Owner]:
        return self._read("owners", self.crm.owners)

    def changes(self, query: Query, mark: str | None) -> Reading:
        reading = self._read("changes", lambda: self.crm.changes(query, mark))
        return _WatchedReading(reading, self)

    def read(self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        records = self._read("read", lambda: self.crm.read(vendor_object, ids, fields))
        self.crm.world.reads.append((self.crm.world.next_seq(), self.side, frozenset(ids)))
        return records

    def find(self, vendor_object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        return self._read("find", lambda: self.crm.find(vendor_object, field, values, fields))

    def gone(self, vendor_object: str, ids: Sequence[str]) -> list[Gone]:
        return self._read("gone", lambda: self.crm.gone(vendor_object, ids))

    def history(
        self, vendor_object: str, ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, list[ValueChange]]]:
        return self._read("history", lambda: self.crm.history(vendor_object, ids, fields))

    def activities(
        self, mark: str | None, since: datetime, known: Known = nothing_known, *, full: bool = False
    ) -> ActivityReading:
        begun = self._read("activities", lambda: self.crm.activities(mark, since, known, full=full))
        return _WatchedActivities(begun, self)

    def custom_objects(self) -> dict[str, str]:
        return self._read("custom_objects", self.crm.custom_objects)

    def tasks(self, vendor_object: str, records: Sequence[str], marker: str) -> list[TaskSeen]:
        return self._read("tasks", lambda: self.crm.tasks(vendor_object, records, marker))

    def open_tasks(self, drafts: Sequence[TaskDraft]) -> list[Outcome]:
        return self._write("open_tasks", drafts, self.crm.open_tasks)

    def change_tasks(self, changes: Sequence[TaskChange]) -> list[Outcome]:
        return self._write("change_tasks", changes, self.crm.change_tasks)

    def batch_size(self, kind: WriteKind, vendor_object: str, total: int) -> int:
        return self.crm.batch_size(kind, vendor_object, total)

    def width(self) -> int:
        return self.crm.width()

    def create(
        self, vendor_object: str, stamp: str, writes: Sequence[Write], on_job: Callable[[str], None]
    ) -> list[Outcome]:
        return self._write("create", writes, lambda part: self.crm.create(vendor_object, stamp, part, on_job))

    def update(self, vendor_object: str, writes: Sequence[Write], on_job: Callable[[str], None]) -> list[Outcome]:
        return self._write("update", writes, lambda part: self.crm.update(vendor_object, part, on_job))

    def archive(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        return self._write("archive", writes, lambda part: self.crm.archive(vendor_object, part))

    def associate(self, vendor_object: str, writes: Sequence[Write]) -> list[Outcome]:
        return self._write("associate", writes, lambda part: self.crm.associate(vendor_object, part))

    def finish_job(self, job: str) -> bool:
        return self._read("finish_job", lambda: self.crm.finish_job(job))

    def close(self) -> None:
        self.crm.close()

    def _read(self, name: str, effect: Callable[[], T]) -> T:
        self.crm.calls += 1
        return self.boundaries.cross(f"{self.side} {name}", effect, self._down)

    def _write(self, name: str, writes: Sequence[T], effect: Callable[[Sequence[T]], list[Outcome]]) -> list[Outcome]:
        self.crm.calls += 1

        def counted(part: Sequence[T]) -> list[Outcome]:
            first = self.crm.world.next_seq()
            outcomes = effect(part)
            self.crm.world.pending.append((first, self.crm.world.next_seq()))
            self.written += sum(isinstance(outcome, Done) for outcome in outcomes)
            return outcomes

        def unheard(part: Sequence[T]) -> None:
            counted(part)
            self.crm.world.lost.append(self.crm.world.pending.pop())

        def failed(how: How) -> list[Outcome]:
            if how == "down":
                self._down(how)
            if how == "locked":
                return [Later("locked", 1.0) for _ in writes]
            if how == "lost":
                unheard(writes)
            elif how == "half":
                unheard(writes[: (len(writes) + 1) // 2])
            return [Unknown("the answer was lost") for _ in writes]

        return self.boundaries.cross(f"{self.side} {name}", lambda: counted(writes), failed)

    def _down(self, _how: How) -> NoReturn:
        raise LaterError(f"{self.side} is down for maintenance", 5.0)


class _WatchedActivities:
    """A read of activities, each of whose pages is a boundary."""

    def __init__(self, reading: ActivityReading, crm: Watched) -> None:
        self._reading, self._crm = reading, crm

    def __iter__(self) -> Iterator[ActivityPage]:
        pages = iter(self._reading)
        while (page := self._crm._read("activities page", lambda: next(pages, None))) is not None:  # noqa: SLF001 - two halves of one wrapper
            yield page

    @property
    def mark(self) -> str:
        return self._reading.mark

    @property
    def without(self) -> Mapping[ActivitySource, str]:
        return self._reading.without


class _WatchedReading:
    """A read, each of whose pages is a boundary."""

    def __init__(self, reading: Reading, crm: Watched) -> None:
        self._reading, self._crm = reading, crm

    def __iter__(self) -> Iterator[Page]:
        pages = iter(self._reading)
        while (page := self._crm._read("page", lambda: next(pages, None))) is not None:  # noqa: SLF001 - two halves of one wrapper
            yield page

    @property
    def mark(self) -> str:
        return self._reading.mark

    @property
    def full(self) -> bool:
        return self._reading.full

"""Playing one moment again and again: every replay has a copy of the world and of the state file.

A scene is made once and rehearsed once. The rehearsal keeps, ahead of every boundary, what a process killed there
leaves behind: both CRMs, and the state file with SQLite's journal beside it, in the middle of whatever was going
on. Starting from such a pair is a kill without any cleaning up, as `kill -9` is. A kill ahead of a boundary
leaves what the kill ahead of the one before has left, unless something was written or committed between them,
and a kill after a boundary is the kill ahead of the next one: each state is played once.
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from boundary import HOME, KILLS, READ_FAULTS, WRITE_FAULTS, WRITES, Strike
from stage import Engine, Stage
from world import Entry

from connector.state.database import Database
from connector.state.opening import open_database
from connector.state.store import Store

REAL = 10
"""Every so many kills the kept file itself is opened again, as it lies there, instead of being poured over."""

Meddling = Callable[[Stage], Callable[[int], None]]
"""Given the stage of a replay, what happens ahead of each of its boundaries."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What a kill ahead of boundary `at` leaves behind."""

    at: int
    name: str
    world: bytes
    state: Path


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An undisturbed run: its boundaries, what kills there leave behind, and what the run wrote."""

    boundaries: list[str]
    remains: list[Remains]
    ours: list[Entry]

    def faults(self) -> list[Strike]:
        """Every way in which a call can fail: writes in all of them, reads by a CRM that is down."""
        found: list[Strike] = []
        for at, name in enumerate(self.boundaries, 1):
            hows = WRITE_FAULTS if name.split()[-1] in WRITES else READ_FAULTS if name not in HOME else ()
            found.extend(Strike(at, how) for how in hows)
        return found

    def kills(self) -> list[Strike]:
        """Both kills at every boundary, those that leave nothing new behind included."""
        return [Strike(at, how) for at in range(1, len(self.boundaries) + 1) for how in KILLS]


class Vessel:
    """One open state file that kept ones are poured into, by SQLite's own backup.

    SQLAlchemy compiles every statement once per engine, which costs more than a whole run here. The store on top
    is a new one each time, and remembers nothing.
    """

    def __init__(self, path: Path) -> None:
        self._database = open_database(path)

    def pour(self, state: Path) -> Store:
        """A store with the contents of a kept state file."""
        with closing(sqlite3.connect(state)) as kept:
            kept.backup(self._connection)
        return _Poured(Database(self._database.connection, "vessel"), self._connection)

    def close(self) -> None:
        """Close the file for good."""
        self._database.close()

    @property
    def _connection(self) -> sqlite3.Connection:
        connection = self._database.connection.connection.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        return connection


class _Poured(Store):
    """A store whose end leaves the vessel open; a transaction that was cut off is lost."""

    def __init__(self, database: Database, connection: sqlite3.Connection) -> None:
        super().__init__(database)
        self._connection = connection

    def close(self) -> None:
        self._connection.rollback()


class Scene:
    """A moment just before a run, to be played as often as wanted; close it after the last time."""

    def __init__(self, name: str, stage: Stage) -> None:
        self.name = name
        self._vessel = Vessel(stage.path.with_name("vessel.sqlite"))
        self._engine = stage.engine
        self._stage = stage
        self._count = 0
        stage.world.sleep(stage.pause)
        assert stage.store  # an empty one is made where none was needed yet
        stage.close()
        self._start = self._keep(0, "start", stage)

    def close(self) -> None:
        """Close the state file."""
        self._vessel.close()

    def played_by(self, engine: Engine) -> Scene:
        """The same moment with another engine from here on; nothing of its own to close."""
        other = copy(self)
        other._engine = engine  # noqa: SLF001 - a copy of itself
        other.__dict__.pop("rehearsal", None)
        return other

    def play(self, remains: Remains | None = None, *, real: bool = False) -> Stage:
        """A stage at this moment, or as a kill has left it, with a world and a state of its own.

        With `real` the state is a copy of the kept file, to be opened and closed as in life.
        """
        kept = remains or self._start
        stage = self._stage
        path = stage.path.with_name("replay.sqlite")
        opener = stage.open
        if real:
            _copy(kept.state, path)
        else:
            opener = lambda _path: self._vessel.pour(kept.state)  # noqa: E731 - a seam of the stage
        runs = stage.runs + (remains is not None)
        return Stage(stage.project, path, pickle.loads(kept.world), stage.pause, self._engine, opener, runs)

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """The run undisturbed, with what there is to be struck."""
        remains: list[Remains] = []
        prints: set[bytes] = set()

        def keep(number: int) -> None:
            left = fingerprint(stage)
            if left not in prints:
                prints.add(left)
                name = names[number - 1] if number <= len(names) else "end"
                remains.append(self._keep(number, name, stage))

        with closing(self.play(real=True)) as stage:
            written = len(stage.world.journal)
            names: list[str] = []
            ended = stage.run(before=keep, names=names)
            keep(len(names) + 1)
            ours = [entry for entry in stage.world.journal[written:] if entry.by == "us"]
        return Rehearsal(ended.boundaries.seen, remains, ours)

    def survives_kill(self, remains: Remains, after: Callable[[Stage], None] | None = None) -> list[str]:
        """Look at what a kill has left, come to rest and judge; `after` is what people do before the next run."""
        with closing(self.play(remains, real=remains.at % REAL == 0)) as stage:
            found = stage.oracle().killed()
            if after is not None:
                after(stage)
            found.extend(stage.settle())
        return [f"{self.name}, killed ahead of {remains.at} ({remains.name}): {each}" for each in found]

    def survives(
        self, strike: Strike | None, meddling: Meddling | None = None, after: Callable[[Stage], None] | None = None
    ) -> list[str]:
        """Play with one strike or with people at work, look at the state, come to rest and judge.

        `after` is what people do between the struck run and the next one.
        """
        with closing(self.play(real=strike is not None and strike.how in KILLS)) as stage:
            ended = stage.run(strike, meddling(stage)) if meddling else stage.run(strike)
            found = stage.oracle().killed()
            if after is not None:
                after(stage)
            found.extend(stage.settle())
        what = f"{strike.how} at {strike.at} ({ended.boundaries.seen[strike.at - 1]})" if strike else "people at work"
        return [f"{self.name}, {what}: {each}" for each in found]

    def _keep(self, at: int, name: str, stage: Stage) -> Remains:
        self._count += 1
        state = self._stage.path.with_name(f"kept-{self._count}.sqlite")
        _copy(stage.path, state)
        return Remains(at, name, pickle.dumps(stage.world), state)


def _files(path: Path) -> Iterator[Path]:
    """A state file and its journal; the shared memory beside them dies with its process."""
    yield path
    yield path.with_name(f"{path.name}-wal")


def _copy(source: Path, target: Path) -> None:
    for leftover in target.parent.glob(f"{target.name}*"):
        leftover.unlink()
    for each, place in zip(_files(source), _files(target), strict=True):
        if each.exists():
            shutil.copyfile(each, place)


def fingerprint(stage: Stage) -> bytes:
    """Everything that outlives a killed process: both CRMs, and every table but the lease with its heartbeat."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{len(stage.world.journal)} {sum(crm.changed for crm in stage.world.crms.values())}".encode())
    with closing(sqlite3.connect(stage.path)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (table,) in tables:
            if table != "lease":
                digest.update(repr(database.execute(f'SELECT * FROM "{table}"').fetchall()).encode())
    return digest.digest()

"""The state store: opening, transactions, and the rooms its tables live in.

What revloop knows is only what is known to have happened; who writes it, and when, is the engine's business.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select

from connector.model import Side
from connector.state import tables
from connector.state.activities import Activities
from connector.state.carried import Carried
from connector.state.conflicts import Conflicts
from connector.state.database import Database
from connector.state.effects import Effects
from connector.state.inbox import Inbox
from connector.state.lease import Lease
from connector.state.ledger import Ledger
from connector.state.links import Links
from connector.state.mirror import Mirror
from connector.state.opening import open_database
from connector.state.plans import Plans
from connector.state.runs import Runs
from connector.state.standings import Standings
from connector.state.tombstones import Tombstones


class Store:
    """An open state store. Every method of it and its rooms is all-or-nothing, alone or inside `transaction`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._lease = Lease(database)
        self.mirror = Mirror(database)
        self.links = Links(database)
        self.tombstones = Tombstones(database)
        self.plans = Plans(database)
        self.ledger = Ledger(database)
        self.conflicts = Conflicts(database)
        self.inbox = Inbox(database)
        self.runs = Runs(database)
        self.activities = Activities(database)
        self.standings = Standings(database)
        self.effects = Effects(database)
        self.carried = Carried(database)

    @staticmethod
    def open(url: str | Path) -> Store:
        """The store at a path (made with mode 0600 if missing) or a database URL, brought up to date.

        Raises:
            StateError: it cannot be trusted or written; the message says why and what to do.
            SettingsError: the URL cannot be read, or its driver is not installed.
        """
        return Store(open_database(url))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for everything inside; nested use joins the outer one.

        Raises:
            StateError: the disk is full, the file locked, damaged or gone; everything inside is taken back.
        """
        return self._db.transaction()

    # --- lease --------------------------------------------------------------------------------------------

    def acquire(self, holder: str, now: datetime, ttl: float) -> None:
        """Become the one run of this project, for `ttl` seconds after each `beat`.

        Raises:
            LaterError: another run holds it and is alive.
        """
        self._lease.acquire(holder, now, ttl)

    def holder(self) -> str | None:
        """The run that holds the lease, dead or alive; None when it is free."""
        return self._lease.holder()

    def beat(self, holder: str, now: datetime) -> None:
        """Say that the run is alive.

        Raises:
            LaterError: another run has taken over, because we were silent too long: write nothing more.
        """
        self._lease.beat(holder, now)

    def release(self, holder: str) -> None:
        """Let the next run in; nothing happens when another one holds it."""
        self._lease.release(holder)

    # --- meta and cursors ---------------------------------------------------------------------------------

    def get(self, key: str) -> str | None:
        """A value put before."""
        found = self._db.first(select(tables.meta.c.value).where(tables.meta.c.key == key))
        return str(found[0]) if found else None

    def put(self, key: str, value: str) -> None:
        """Keep a value under a key."""
        sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        self._db.run(sql, (key, value))

    def mark(self, side: Side, vendor_object: str) -> str | None:
        """Where the next incremental read of a vendor object begins; None before the first."""
        return self._cursor(side, vendor_object)[0]

    def full_at(self, side: Side, vendor_object: str) -> str | None:
        """When a vendor object was last read completely, as given to `set_mark`."""
        return self._cursor(side, vendor_object)[1]

    def set_mark(self, side: Side, vendor_object: str, mark: str, full_at: str | None) -> None:
        """Move the cursor; `full_at` None keeps the time of the last full read."""
        self._db.run(
            "INSERT INTO cursor (side, vendor_object, mark, full_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (side, vendor_object) DO UPDATE SET mark = excluded.mark, "
            "full_at = COALESCE(excluded.full_at, cursor.full_at)",
            (side, vendor_object, mark, full_at),
        )

    def _cursor(self, side: Side, vendor_object: str) -> tuple[str | None, str | None]:
        table = tables.cursor.c
        where = (table.side == side) & (table.vendor_object == vendor_object)
        found = self._db.first(select(table.mark, table.full_at).where(where))
        return (found.mark, found.full_at) if found else (None, None)

"""One run per project: who holds the store, since when, and when it was last heard of.

Whether a silent holder is dead is decided by time alone: a run on another machine cannot be looked at.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from connector.errors import LaterError
from connector.state import tables
from connector.state.database import Database, moment


class Lease:
    """The single row that says which run may write."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def acquire(self, holder: str, now: datetime, ttl: float) -> None:
        """Take the lease when it is free, expired or already ours."""
        at, until = moment(now), moment(now + timedelta(seconds=ttl))
        with self._db.transaction():
            self._db.run(
                "INSERT INTO lease (name, holder, since, beat, until, ttl) VALUES ('run', ?, ?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, since = excluded.since, "
                "beat = excluded.beat, until = excluded.until, ttl = excluded.ttl "
                "WHERE lease.until <= excluded.beat OR lease.holder = excluded.holder",
                (holder, at, at, until, ttl),
            )
            row = self._db.first(select(tables.lease))
        if row is None or row.holder == holder:
            return
        left = (datetime.fromisoformat(row.until) - now).total_seconds()
        raise LaterError(
            f"another run ({row.holder}) holds this project since {row.since[:19]}Z, last heard of at "
            f"{row.beat[:19]}Z; wait for it to end (a dead one is replaced in {left:.0f} s)",
            after=max(left, 1.0),
        )

    def holder(self) -> str | None:
        """Who holds it, alive or not."""
        row = self._db.first(select(tables.lease))
        return row.holder if row else None

    def beat(self, holder: str, now: datetime) -> None:
        """Extend the lease by its own `ttl`."""
        with self._db.transaction():
            row = self._db.first(select(tables.lease))
            if row is None or row.holder != holder:
                who = f"run {row.holder} has" if row else "somebody has"
                raise LaterError(f"{who} taken over this project, because this run was silent too long; run again")
            until = moment(now + timedelta(seconds=row.ttl))
            self._db.run("UPDATE lease SET beat = ?, until = ? WHERE holder = ?", (moment(now), until, holder))

    def release(self, holder: str) -> None:
        """Give it back."""
        self._db.run("DELETE FROM lease WHERE holder = ?", (holder,))

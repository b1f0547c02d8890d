"""What runs there were, and how each ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select, true

from connector.state import tables
from connector.state.database import AnyRow, Database, moment

_run = tables.run.c


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `ended` and `exit_code` are None while it goes on, and for ever when it was killed."""

    id: str
    kind: str
    pid: int
    started: datetime
    ended: datetime | None
    status: str
    exit_code: int | None
    summary: dict[str, Any]


Rows = list[Run]


class Runs:
    """By id, newest first."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, run: str, kind: str, at: datetime, pid: int) -> None:
        """Note that a run begins."""
        self._db.run(
            "INSERT INTO run (id, kind, pid, started, status, summary) VALUES (?, ?, ?, ?, 'running', '{}')",
            (run, kind, pid, moment(at)),
        )

    def end(self, run: str, at: datetime, status: str, exit_code: int, summary: Mapping[str, Any]) -> None:
        """Note how a run ended."""
        self._db.run(
            "UPDATE run SET ended = ?, status = ?, exit_code = ?, summary = ? WHERE id = ?",
            (moment(at), status, exit_code, orjson.dumps(summary, default=dict).decode(), run),
        )

    def get(self, run: str) -> Run | None:
        """One run."""
        found = self._db.first(select(tables.run).where(_run.id == run))
        return _as_run(found) if found else None

    def last(self, kind: str | None = None) -> Run | None:
        """The newest run, of one kind or any."""
        where = _run.kind == kind if kind is not None else true()
        found = self._db.first(select(tables.run).where(where).order_by(_run.number.desc()).limit(1))
        return _as_run(found) if found else None

    def list(self, limit: int = 20) -> Rows:
        """The newest runs, newest first."""
        rows = self._db.rows(select(tables.run).order_by(_run.number.desc()).limit(limit))
        return [_as_run(row) for row in rows]


def _as_run(row: AnyRow) -> Run:
    ended = datetime.fromisoformat(row.ended) if row.ended else None
    started = datetime.fromisoformat(row.started)
    return Run(row.id, row.kind, row.pid, started, ended, row.status, row.exit_code, orjson.loads(row.summary))

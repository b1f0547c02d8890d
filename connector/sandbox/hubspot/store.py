"""The SQLite file of one portal: tables, transactions, settings; what the rows mean is the other rooms' business.

Records are rows with their properties as one JSON text; what is looked up often (stamps, ids, unique values)
has columns and indexes of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (object TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (
  object TEXT NOT NULL, id INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
  archived INTEGER NOT NULL DEFAULT 0, props TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS record_id ON record (object, id);
CREATE INDEX IF NOT EXISTS record_modified ON record (object, archived, modified, id);
CREATE INDEX IF NOT EXISTS record_archived ON record (object, id) WHERE archived > 0;
CREATE TABLE IF NOT EXISTS change (
  object TEXT NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL, source TEXT NOT NULL, source_id TEXT,
  user INTEGER, props TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS change_record ON change (object, id);
CREATE TABLE IF NOT EXISTS identity (
  object TEXT NOT NULL, property TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL,
  PRIMARY KEY (object, property, value)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (
  object TEXT NOT NULL, old INTEGER NOT NULL, new INTEGER NOT NULL, PRIMARY KEY (object, old)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS association (
  source TEXT NOT NULL, source_id INTEGER NOT NULL, target TEXT NOT NULL, target_id INTEGER NOT NULL,
  category TEXT NOT NULL, type_id INTEGER NOT NULL,
  PRIMARY KEY (source, source_id, target, target_id, type_id, category)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shelf (
  object TEXT NOT NULL, id INTEGER NOT NULL, target TEXT NOT NULL, target_id INTEGER NOT NULL,
  category TEXT NOT NULL, type_id INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS shelf_record ON shelf (object, id);
CREATE TABLE IF NOT EXISTS stale (
  seq INTEGER PRIMARY KEY, object TEXT NOT NULL, id INTEGER NOT NULL, until INTEGER NOT NULL,
  present INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL, props TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS stale_record ON stale (object, id);
CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY, uid TEXT NOT NULL, type TEXT NOT NULL, object TEXT NOT NULL, record INTEGER NOT NULL,
  at INTEGER NOT NULL, recipient TEXT NOT NULL, props TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_time ON event (at, seq);
CREATE INDEX IF NOT EXISTS event_record ON event (object, record, at);
CREATE INDEX IF NOT EXISTS event_recipient ON event (recipient, at);
CREATE TABLE IF NOT EXISTS blocklist (email TEXT PRIMARY KEY) WITHOUT ROWID;
"""
TABLES = (
    "setting",
    "counter",
    "record",
    "change",
    "identity",
    "alias",
    "association",
    "shelf",
    "stale",
    "event",
    "blocklist",
)


class Store:
    """One open SQLite database; `path` None keeps everything in memory."""

    def __init__(self, path: Path | None) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;")
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block, or nothing of it."""
        self.db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def get(self, key: str, default: Any = None) -> Any:
        """One setting."""
        row = self.db.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
        return orjson.loads(row[0]) if row else default

    def put(self, key: str, value: Any) -> None:
        """Keep one setting."""
        text = orjson.dumps(value).decode()
        self.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, text))

    def next_id(self, counter: str, first: int) -> int:
        """The next number of a counter that begins at `first`."""
        row = self.db.execute(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
            (counter, first),
        ).fetchone()
        return int(row[0])

    def reserve(self, counter: str, used: int) -> None:
        """Let a counter go on above an id that was given from outside."""
        self.db.execute(
            "INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
            (counter, used),
        )

    def clear(self) -> None:
        """Empty every table."""
        for table in TABLES:
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are the constants above

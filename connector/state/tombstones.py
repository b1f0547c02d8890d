"""Keyed hashes of persons who were deleted or erased, so that a later read does not bring them back."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from connector.state import tables
from connector.state.database import Database, chunks


class Tombstones:
    """A set of hashes; the key and the hashing are the engine's."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, digest: str) -> None:
        """Remember one hash."""
        self._db.run("INSERT INTO tombstone (hash) VALUES (?) ON CONFLICT (hash) DO NOTHING", (digest,))

    def has(self, digests: Collection[str]) -> set[str]:
        """Those of `digests` that are remembered."""
        column = tables.tombstone.c.hash
        return {row[0] for chunk in chunks(digests) for row in self._db.rows(select(column).where(column.in_(chunk)))}

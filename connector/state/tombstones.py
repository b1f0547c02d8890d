"""Keyed hashes of persons who were erased, so that a later read does not bring them back.

Only the hash of an address is kept, under a key that never leaves this store.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection

from sqlalchemy import select

from connector.state import tables
from connector.state.database import Database, chunks

_KEY = "tombstone.key"


class Tombstones:
    """The values that were erased, known only by their hashes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def bury(self, values: Collection[str]) -> None:
        """Remember that these values (addresses of erased persons) must not come back."""
        with self._db.transaction():
            sql = "INSERT INTO tombstone (hash) VALUES (?) ON CONFLICT (hash) DO NOTHING"
            self._db.many(sql, [(digest,) for digest in self._digests(values)])

    def buried(self, values: Collection[str]) -> set[str]:
        """Those of `values` that were erased."""
        if not values or self._db.first(select(tables.tombstone.c.hash).limit(1)) is None:
            return set()
        digests, column = self._digests(values), tables.tombstone.c.hash
        rows = (self._db.rows(select(column).where(column.in_(chunk))) for chunk in chunks(digests))
        return {digests[row[0]] for found in rows for row in found}

    def _digests(self, values: Collection[str]) -> dict[str, str]:
        """Hash -> value, under the store's own key."""
        key = self._key()
        return {hmac.new(key, value.encode(), hashlib.sha256).hexdigest(): value for value in values}

    def _key(self) -> bytes:
        meta = tables.meta.c
        found = self._db.first(select(meta.value).where(meta.key == _KEY))
        if found is None:
            key = secrets.token_hex(32)
            self._db.run("INSERT INTO meta (key, value) VALUES (?, ?)", (_KEY, key))
            return bytes.fromhex(key)
        return bytes.fromhex(found.value)

"""Opening the state store: make it, check that it is ours, bring an older one up to date.

It never repairs and never overwrites: whatever is not clearly our own store stops here with a sentence.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from connector.errors import SettingsError, StateError
from connector.state.database import Database
from connector.state.failures import state_error
from connector.state.migrations import HEAD, VERSION_TABLE, known, upgrade
from connector.state.tables import metadata

_PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16384",
    "PRAGMA wal_autocheckpoint = 10000",  # 40 MB: a first sync rewrites the same pages over and over
)

_SMALL = 64 * 1024 * 1024
"""Up to this size a file is read through at opening, which costs about a tenth of a second at most."""


def open_database(url: str | Path) -> Database:
    """A connection to the store at a path or a database URL, created or migrated if need be.

    Raises:
        StateError: not a database, damaged, foreign, of a newer version, no permission, no room.
        SettingsError: the URL cannot be read, or its driver is not installed.
    """
    if isinstance(url, Path) or "://" not in url:
        return _open_file(Path(url))
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError("`state` is neither a path nor a database URL such as postgresql://host/name") from None
    if parsed.get_backend_name() == "sqlite":
        return _open_file(Path(parsed.database or ""))
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return _open(parsed, parsed.render_as_string(hide_password=True))


def _open_file(path: Path) -> Database:
    _make_private(path)
    database = _open(URL.create("sqlite", database=str(path)), str(path))
    if path.stat().st_size <= _SMALL:
        try:
            _look_through(database)
        except BaseException:
            database.close()
            raise
    return database


def _make_private(path: Path) -> None:
    """Create the file with mode 0600 before SQLite does; -wal and -shm take the mode of the file."""
    if path.is_dir():
        raise StateError(f"state store {path}: this is a folder; name a file under `state` in connector.yaml")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StateError(
            f"state store {path}: {error.strerror}; give this user write permission on the file and its folder"
        ) from None


def _open(url: URL, name: str) -> Database:
    try:
        engine = create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args={"check_same_thread": False} if url.get_backend_name() == "sqlite" else {},
        )
    except ModuleNotFoundError:
        raise SettingsError(
            f"state store {name}: the driver is not installed; run pip install 'revloop[postgresql]'"
        ) from None
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise state_error(error, name) from None  # the cause may quote the password
    database = Database(connection, name)
    try:
        _bring_up_to_date(database)
    except DBAPIError as error:
        database.close()
        raise state_error(error, name) from None
    except BaseException:
        database.close()
        raise
    return database


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise


def _bring_up_to_date(database: Database) -> None:
    if _version(database.connection) == HEAD:
        return
    with database.transaction():
        if database.connection.dialect.name == "postgresql":
            # SQLite's write lock has this effect by itself. The number is ours and means nothing.
            database.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(782011)")
        # Looked at again under the lock: another process may have created it meanwhile.
        version = _version(database.connection)
        if version == HEAD:
            return
        if version is not None and version not in known():
            raise StateError(
                f"state store {database.name}: written by a newer revloop (version {version}, this program knows up "
                f"to {HEAD}); upgrade this program, or name another file under `state`"
            )
        if version is None and _foreign(database.connection):
            raise StateError(
                f"state store {database.name}: this database belongs to another program; name another file under "
                "`state` in connector.yaml"
            )
        upgrade(database.connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text("SELECT version_num FROM revloop_version")).scalar()
    return str(found) if found is not None else None


def _foreign(connection: Connection) -> bool:
    """Whether there are tables: in a SQLite file any, in a shared PostgreSQL schema only those we would make."""
    present = set(inspect(connection).get_table_names()) - {VERSION_TABLE}
    return bool(present) if connection.dialect.name == "sqlite" else bool(present & set(metadata.tables))


def _look_through(database: Database) -> None:
    problems = [row[0] for row in database.rows(text("PRAGMA quick_check(1)"))]
    if problems != ["ok"]:
        raise StateError(
            f"state store {database.name}: the file is damaged: move it away, then restore a backup or run "
            "`revloop rebuild`"
        )

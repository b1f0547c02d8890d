import os
import shutil
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from connector.state import Store
from connector.state.opening import open_database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


POSTGRESQL = os.environ.get("REVLOOP_TEST_POSTGRESQL")
"""A database URL: then the same tests run there, each in an empty schema. Without it they run on SQLite."""


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def path(tmp_path):
    if POSTGRESQL:
        pytest.skip("this is about the SQLite file")
    return tmp_path / "state" / "revloop.sqlite"


@pytest.fixture
def address(request):
    """What opens the same store once more."""
    return POSTGRESQL or request.getfixturevalue("path")


@pytest.fixture
def nowhere(request):
    """The address of a store that nobody has made yet."""
    if POSTGRESQL:
        _empty_schema()
    return request.getfixturevalue("address")


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """A new store, made once: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("fresh") / "revloop.sqlite"
    open_database(path).close()
    return path


@pytest.fixture
def database(request):
    database = _on_postgresql() if POSTGRESQL else _on_sqlite(*map(request.getfixturevalue, ("path", "fresh")))
    yield database
    database.close()


def _on_sqlite(path, fresh):
    path.parent.mkdir()
    shutil.copy(fresh, path)
    return open_database(path)


def _on_postgresql():
    _empty_schema()
    return open_database(POSTGRESQL)


def _empty_schema():
    with create_engine(POSTGRESQL.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool).begin() as admin:
        admin.execute(text("DROP SCHEMA public CASCADE"))
        admin.execute(text("CREATE SCHEMA public"))


@pytest.fixture
def store(database):
    return Store(database)

import os
import sqlite3
import stat
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from state_examples import row

from connector.errors import SettingsError, StateError
from connector.state import Store
from connector.state.migrations import HEAD, VERSION_TABLE
from connector.state.migrations import __file__ as migrations
from connector.state.tables import metadata


def modes(folder):
    return {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}


def test_a_new_store_and_its_side_files_are_private_whatever_the_umask(path):
    before = os.umask(0)
    try:
        with Store.open(path) as store:
            store.put("key", "value")
            assert modes(path.parent) == dict.fromkeys(
                ("revloop.sqlite", "revloop.sqlite-wal", "revloop.sqlite-shm"), 0o600
            )
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_a_store_that_others_may_read_becomes_private_again(path):
    Store.open(path).close()
    path.chmod(0o644)
    Store.open(str(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_kept_is_there_after_reopening(path):
    with Store.open(path) as store:
        store.mirror.see("person", [row("hubspot", "1", "ada@example.com")])
    with Store.open(f"sqlite:///{path}") as store:
        assert store.mirror.get("hubspot", "1").fields == {"email": "ada@example.com"}


def test_the_settings_of_the_connection(path, database):
    wanted = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "cache_size": -16384}
    found = {name: database.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted
    assert database.connection.exec_driver_sql("PRAGMA busy_timeout").scalar() >= 5000


def test_the_migrations_lead_to_the_tables_as_they_are_now(database):
    context = MigrationContext.configure(database.connection, opts={"version_table": VERSION_TABLE})
    assert compare_metadata(context, metadata) == []


def test_the_version_that_the_program_writes_is_the_newest_migration():
    assert ScriptDirectory(str(Path(migrations).parent)).get_current_head() == HEAD


def test_a_text_file_is_no_store(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, this is no database. " * 40)
    with pytest.raises(StateError, match=r"notes\.txt: it is not a SQLite database: name another file"):
        Store.open(path)
    assert path.read_text().startswith("Dear diary")


def test_a_damaged_file_is_named_as_such(path):
    with Store.open(path) as store:
        for start in range(0, 2000, 500):
            rows = [row("hubspot", str(id_), f"p{id_}@example.com") for id_ in range(start, start + 500)]
            store.mirror.see("person", rows)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * 16384)
    with pytest.raises(
        StateError, match="the file is damaged: move it away, then restore a backup or run `revloop reb"
    ):
        Store.open(path)


def test_a_file_that_was_cut_off_is_named_as_damaged(path):
    with Store.open(path) as store:
        store.mirror.see("person", [row("hubspot", str(id_), f"p{id_}@example.com") for id_ in range(500)])
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(StateError, match="the file is damaged"):
        Store.open(path)


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as shop:
        shop.execute("CREATE TABLE customer (id)")
    shop.close()
    with pytest.raises(StateError, match="belongs to another program"):
        Store.open(path)
    with sqlite3.connect(path) as shop:
        assert shop.execute("SELECT name FROM sqlite_master").fetchall() == [("customer",)]
    shop.close()


def test_a_store_of_a_newer_version_is_left_alone(path):
    Store.open(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE revloop_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(StateError, match=f"written by a newer revloop .version 9999, this program knows up to {HEAD}"):
        Store.open(path)


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StateError, match="this is a folder"):
        Store.open(tmp_path)


def test_a_place_where_nothing_can_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="give this user write permission"):
        Store.open(tmp_path / "file" / "revloop.sqlite")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_write_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StateError, match="Permission denied; give this user write permission"):
        Store.open(tmp_path / "revloop.sqlite")


def test_a_url_that_cannot_be_read():
    with pytest.raises(SettingsError, match="neither a path nor a database URL"):
        Store.open("post gres://")


@pytest.mark.skipif(find_spec("psycopg") is not None, reason="the PostgreSQL driver is installed here")
def test_a_missing_driver_says_what_to_install_and_no_password():
    with pytest.raises(SettingsError, match=r"pip install 'revloop\[postgresql\]'") as caught:
        Store.open("postgresql://revloop:canary-password@db.example/revloop")
    assert "canary-password" not in str(caught.value)


def test_four_programs_that_make_the_store_at_once_make_one(nowhere):
    program = (
        "import sys; from connector.state import Store; store = Store.open(sys.argv[1]); "
        "store.put(sys.argv[2], 'here'); store.close()"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, nowhere, f"p{n}"]) for n in range(4)]
    assert [each.wait(60) for each in started] == [0, 0, 0, 0]
    with Store.open(nowhere) as store:
        assert [store.get(f"p{n}") for n in range(4)] == ["here"] * 4


@pytest.mark.skipif(not os.environ.get("REVLOOP_TEST_POSTGRESQL"), reason="no PostgreSQL is named to test on")
def test_a_login_that_postgresql_refuses_says_so_without_the_password():
    url = make_url(os.environ["REVLOOP_TEST_POSTGRESQL"]).set(username="nobody_here", password="canary-password")
    with pytest.raises(StateError) as caught:
        Store.open(url.render_as_string(hide_password=False))
    assert "canary-password" not in str(caught.value)

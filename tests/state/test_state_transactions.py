import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from state_examples import link, row

from connector.errors import StateError
from connector.state import Store


def test_everything_inside_is_kept_together(store):
    with store.transaction():
        store.put("a", "1")
        with store.transaction():
            store.put("b", "2")
    assert (store.get("a"), store.get("b")) == ("1", "2")


def test_an_error_takes_back_everything_the_inner_transaction_included(store):
    def step():
        with store.transaction():
            with store.transaction():
                store.put("a", "1")
            store.put("b", str(1 // 0))

    with pytest.raises(ZeroDivisionError):
        step()
    assert (store.get("a"), store.get("b")) == (None, None)
    store.put("a", "again")
    assert store.get("a") == "again"


def test_a_failed_step_is_not_kept_when_somebody_swallows_its_error(store):
    store.links.add(link("L1", "1", "A"), "run")

    def step():
        with store.transaction():
            store.put("before", "x")
            with suppress(StateError):
                store.links.add(link("L2", "1", "B"), "run")

    with pytest.raises(StateError, match="a step failed and was taken back"):
        step()
    assert store.get("before") is None


@pytest.mark.parametrize("inside", [True, False])
def test_kill_9_keeps_all_or_nothing(path, inside):
    Store.open(path).close()
    program = """
import os, signal, sys
from connector.state import Store
from state_examples import row, link
store = Store.open(sys.argv[1])
def step():
    store.mirror.see("person", [row("hubspot", "1", "ada@example.com")])
    store.links.add(link("L1", "1", "00Q1"), "run")
def die():
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "True":
    with store.transaction():
        step()
        die()
else:
    with store.transaction():
        step()
    die()
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    ended = subprocess.run([sys.executable, "-c", program, path, str(inside)], env=environment, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    with Store.open(path) as store:
        assert store.links.count("person") == (0 if inside else 1)
        assert store.mirror.count("person", "hubspot") == (0 if inside else 1)
        assert store.mirror.latest() == (0 if inside else 1)


def test_a_full_disk_is_said_and_what_was_there_stays(path, store, database):
    store.mirror.see("person", [row("hubspot", "1", "ada@example.com")])
    pages = database.connection.exec_driver_sql("PRAGMA page_count").scalar()
    database.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    many = [row("hubspot", str(id_), f"p{id_}@example.com") for id_ in range(2, 2000)]
    with pytest.raises(
        StateError, match=r"is full: nothing of this step was kept; make room and run again \(SQLITE_FULL"
    ):
        store.mirror.see("person", many)
    assert store.mirror.count("person", "hubspot") == 1
    database.connection.exec_driver_sql("PRAGMA max_page_count = 100000")
    store.mirror.see("person", many)
    assert store.mirror.count("person", "hubspot") == 1999


def test_a_full_disk_inside_a_transaction_takes_all_of_it_back(path, store, database):
    pages = database.connection.exec_driver_sql("PRAGMA page_count").scalar()
    database.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")

    def step():
        with store.transaction():
            store.put("first", "x")
            store.mirror.see("person", [row("hubspot", str(id_)) for id_ in range(2000)])

    with pytest.raises(StateError, match="is full"):
        step()
    assert store.get("first") is None


def test_a_store_locked_by_another_program_says_so(store, database, path):
    database.connection.exec_driver_sql("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError, match="another program holds it locked: wait for that program to end"):
        store.put("a", "1")
    assert store.get("a") is None, "reading goes on"
    other.execute("ROLLBACK")
    other.close()
    store.put("a", "1")


def test_an_error_message_holds_no_value(store):
    store.links.add(link("L1", "canary-1", "canary-2"), "run")
    with pytest.raises(StateError) as caught:
        store.links.add(link("L2", "canary-1", "canary-3"), "run")
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_reading_sees_what_the_transaction_wrote_so_far(store):
    with store.transaction():
        store.put("a", "1")
        assert store.get("a") == "1"


def test_threads_take_turns(store):
    def work(name):
        for number in range(20):
            with store.transaction():
                store.put(name, str(number))
                assert store.get(name) == str(number)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [store.get(f"t{n}") for n in range(4)] == ["19"] * 4

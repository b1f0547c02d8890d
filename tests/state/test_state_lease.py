import subprocess
import sys
from datetime import timedelta

import pytest

from connector.errors import LaterError
from connector.state import Store


@pytest.fixture
def other(store, address):
    with Store.open(address) as other:
        yield other


def test_a_live_holder_is_never_replaced(store, other, now):
    store.acquire("run-1", now, ttl=60)
    with pytest.raises(
        LaterError, match=r"another run .run-1. holds this project since 2026-03-02T09:00:00Z"
    ) as caught:
        other.acquire("run-2", now + timedelta(seconds=59), ttl=60)
    assert caught.value.after == pytest.approx(1.0)
    assert other.holder() == "run-1"


def test_a_heartbeat_extends_the_lease(store, other, now):
    store.acquire("run-1", now, ttl=60)
    store.beat("run-1", now + timedelta(seconds=50))
    with pytest.raises(LaterError):
        other.acquire("run-2", now + timedelta(seconds=100), ttl=60)


def test_a_dead_holder_is_replaced_and_learns_it_when_it_wakes_up(store, other, now):
    store.acquire("run-1", now, ttl=60)
    other.acquire("run-2", now + timedelta(seconds=60), ttl=60)
    with pytest.raises(LaterError, match="run run-2 has taken over this project"):
        store.beat("run-1", now + timedelta(seconds=61))
    store.release("run-1")
    assert other.holder() == "run-2", "the late one gives back nothing that is not its own"


def test_after_a_release_the_next_run_may_begin(store, other, now):
    store.acquire("run-1", now, ttl=60)
    store.release("run-1")
    assert store.holder() is None
    other.acquire("run-2", now, ttl=60)


def test_the_same_holder_may_acquire_again(store, now):
    store.acquire("run-1", now, ttl=60)
    store.acquire("run-1", now + timedelta(seconds=30), ttl=60)
    assert store.holder() == "run-1"


def test_a_beat_without_a_lease_is_refused(store, now):
    with pytest.raises(LaterError, match="somebody has taken over"):
        store.beat("run-1", now)


def test_of_four_programs_that_try_at_once_one_gets_it(store, address):
    program = """
import sys
from datetime import UTC, datetime
from connector.errors import LaterError
from connector.state import Store
with Store.open(sys.argv[1]) as store:
    try:
        store.acquire(sys.argv[2], datetime(2026, 3, 2, tzinfo=UTC), 60)
    except LaterError:
        sys.exit(3)
"""
    started = [subprocess.Popen([sys.executable, "-c", program, address, f"run-{n}"]) for n in range(4)]
    codes = [each.wait(60) for each in started]
    assert sorted(codes) == [0, 3, 3, 3]
    assert store.holder() == f"run-{codes.index(0)}"

"""Being the only one who changes a project's state: a run, or a command that notes something for the next run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connector.engine.seams import Seams
from connector.state.store import Store

LEASE = 600.0
"""Seconds of silence after which a holder counts as dead; the longest single call of a run ends well before."""


@contextmanager
def leased(store: Store, name: str, seams: Seams) -> Iterator[None]:
    """Be the only one; a killed holder on this machine is replaced at once.

    Raises:
        LaterError: a run is going on.
    """
    holder = store.holder()
    if holder is not None and not seams.alive(holder):
        store.release(holder)
    store.acquire(name, seams.clock(), LEASE)
    try:
        yield
    except Exception:
        store.release(name)
        raise
    # A kill is no Exception: the lease then stays behind, as it does after kill -9.
    store.release(name)

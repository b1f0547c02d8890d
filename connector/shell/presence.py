"""Whether another run of the same state is alive: a file lock, which the system lifts when its holder dies.

A process number would tell less: it is reused after a restart, and in another container it means somebody else.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import StateError

_NAME = "revloop.lock"


@contextmanager
def present(state: str | Path) -> Iterator[Callable[[str], bool]]:
    """Be present as a run of this state, and be told whether the holder of its lease may be alive.

    A state on a database server may be used from elsewhere: there only time tells, and every holder may be alive.

    Raises:
        StateError: the lock file cannot be made.
    """
    if isinstance(state, str):  # a database address
        yield lambda _run: True
        return
    try:
        state.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (state.parent / _NAME).open("a", encoding="utf-8")
    except OSError as error:
        raise StateError(
            f"{state.parent}: {error.strerror}; give this user write permission on the folder of the state"
        ) from None
    with file:
        alone = _locked(file.fileno())
        yield lambda _run: not alone


def _locked(descriptor: int) -> bool:
    """Whether the lock is ours now; closing the file gives it back."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody holds it, or this file system knows no locks: then time decides
        return False
    return True

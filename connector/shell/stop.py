"""Ctrl-C and SIGTERM: the first asks the run to end after the batch in flight, the second ends the process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130

_STDERR = 2
_STOPPING = b"stopping after the batch in flight; once more quits at once\n"
_STOPPING_JSON = b'{"level":"warning","logger":"revloop","event":"%s"}\n' % _STOPPING.strip()


class Stop:
    """The wish to stop, and waiting that ends when it is expressed."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @classmethod
    @contextmanager
    def on_signals(cls) -> Iterator[Stop]:
        """One that listens to SIGINT and SIGTERM for as long as the block lasts."""
        stop = cls()
        before = [(each, signal.signal(each, stop.ask)) for each in (signal.SIGINT, signal.SIGTERM)]
        try:
            yield stop
        finally:
            for each, handler in before:
                signal.signal(each, handler)

    def ask(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Ask once to stop cleanly; asked again, quit at once: the state is safe at every instant."""
        if self._asked.is_set():
            os._exit(INTERRUPTED)
        self._asked.set()
        # Not through the log: a signal may come in the middle of a line, and streams do not let us in twice.
        os.write(_STDERR, _STOPPING if os.isatty(_STDERR) else _STOPPING_JSON)

    def asked(self) -> bool:
        """Whether somebody wants to stop."""
        return self._asked.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait so long or until somebody wants to stop; says whether somebody does."""
        return self._asked.wait(max(seconds, 0.0))

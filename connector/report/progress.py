"""How far a run is: a bar on a terminal, now and then a log line elsewhere. Both go to stderr."""

from __future__ import annotations

import logging
import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

logger = logging.getLogger("revloop.progress")

WORDS = {"read": "reading both CRMs", "plan": "comparing", "apply": "writing"}
_SILENCE = 10.0
"""Seconds between two log lines of one phase."""


class Progress:
    """Told a phase, how much is done and of how many; shown while it is entered."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._tasks: dict[str, TaskID] = {}
        self._told: dict[str, float] = {}

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed:,.0f}"),
                TimeElapsedColumn(),
            )
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        """Show how far a phase is."""
        if self._bar is None:
            self._log(phase, done, total)
        elif phase in self._tasks:
            self._bar.update(self._tasks[phase], completed=done, total=total)
        else:
            self._tasks[phase] = self._bar.add_task(WORDS.get(phase, phase), completed=done, total=total)

    def _log(self, phase: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._told.setdefault(phase, now) >= _SILENCE:
            self._told[phase] = now
            logger.info("progress", extra={"phase": phase, "done": done, "total": total})

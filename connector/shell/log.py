"""The log: one line per event on stderr, JSON when no person is looking, with ids and counts and never a value.

Whoever logs says what happened as the message (a constant text) and gives facts as `extra`. Facts that are not
listed here are dropped, so that a value cannot get into the log by accident.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import orjson

FACTS = (
    "run", "plan", "kind", "phase", "side", "object", "record", "code", "count", "done", "total", "full", "writes",
    "calls", "seconds", "exit_code", "after", "reason", "error", "frames",
)  # fmt: skip
"""What a line may say beside its message."""

_ROOT = "revloop"


def begin() -> None:
    """Send the log of revloop to stderr, and that of the libraries nowhere: they repeat addresses and values."""
    handler = _Stderr()
    handler.setFormatter(Short() if sys.stderr.isatty() else Json())
    handler.addFilter(WithRun())
    logger = logging.getLogger(_ROOT)
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logging.getLogger().addHandler(logging.NullHandler())
    logging.captureWarnings(capture=True)


def level(name: str) -> None:
    """From now on, log what is at least so important."""
    logging.getLogger(_ROOT).setLevel(name.upper())


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is at that moment: a progress bar puts itself in front of it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        self.stream = sys.stderr
        super().emit(record)


class WithRun(logging.Filter):
    """Repeats the run of the last line that named one: a process makes one run at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._run = ""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the run's id."""
        self._run = getattr(record, "run", self._run)
        record.run = self._run
        return True


class Json(logging.Formatter):
    """A line for a machine."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        return orjson.dumps(line | _facts(record), default=str).decode()


class Short(logging.Formatter):
    """A line for a person: time of day, message, the facts without the run."""

    def format(self, record: logging.LogRecord) -> str:
        """One short line; nothing is said of the level unless somebody should look."""
        facts = {name: value for name, value in _facts(record).items() if name not in {"run", "frames"}}
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        mark = f"{record.levelname.lower()}: " if record.levelno > logging.INFO else ""
        at = datetime.fromtimestamp(record.created).astimezone()
        return f"{at:%H:%M:%S} {mark}{record.getMessage()} {told}".rstrip()


def _facts(record: logging.LogRecord) -> dict[str, object]:
    given = {name: getattr(record, name, None) for name in FACTS}
    return {name: value for name, value in given.items() if value not in (None, "")}

"""`state/status.json`: how the last run ended, for monitoring and for `revloop status`. It holds no value."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from connector.engine.seams import Result
from connector.errors import UNEXPECTED, ConnectorError

logger = logging.getLogger("revloop.status")


def of_result(kind: str, at: datetime, result: Result) -> dict[str, Any]:
    """What the file says of a run that came to its end, by itself or by the brakes."""
    summary = result.summary
    kept = ("plan", "details", "writes", "refused", "later", "open", "calls", "seconds")
    return {
        "run": result.run,
        "kind": kind,
        "at": at.isoformat(timespec="seconds"),
        "exit_code": result.exit_code,
        "reasons": list(result.reasons),
        **{name: summary[name] for name in kept if name in summary},
    }


def of_error(kind: str, at: datetime, run: str | None, error: Exception) -> dict[str, Any]:
    """What the file says of a run that could not go on."""
    known = isinstance(error, ConnectorError)
    return {
        "run": run,
        "kind": kind,
        "at": at.isoformat(timespec="seconds"),
        "exit_code": error.exit_code if isinstance(error, ConnectorError) else UNEXPECTED,
        "reasons": str(error).splitlines() if known else [f"unexpected: {type(error).__name__}"],
    }


def place(folder: Path) -> Path:
    """Where the file of a project is."""
    return folder / "state" / "status.json"


def write(folder: Path, status: Mapping[str, Any]) -> None:
    """Replace the file in one step, readable for its owner only; a full disk is logged and stops nothing."""
    path = place(folder)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=".status.")  # created with mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps(status, option=orjson.OPT_INDENT_2) + b"\n")
        Path(fresh).replace(path)
    except OSError as error:
        logger.error("the status file cannot be written", extra={"error": error.strerror})  # noqa: TRY400 - no frames


def read(folder: Path) -> dict[str, Any] | None:
    """What the file says; None where there is none yet or nothing can be made of it."""
    try:
        found = orjson.loads(place(folder).read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None

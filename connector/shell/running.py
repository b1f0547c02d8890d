"""One run from outside: open what it needs, let it go, and leave a status behind however it ends."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from connector.crm.port import Crm
from connector.engine import connect
from connector.engine.seams import Result, Seams
from connector.engine.state_of import state_of
from connector.errors import UNEXPECTED, ConnectorError, LaterError
from connector.model import Side
from connector.project import Project, load
from connector.report.progress import Progress
from connector.shell import log, outside, status
from connector.shell.presence import present
from connector.shell.stop import Stop
from connector.state.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of."""

    project: Project
    store: Store
    crms: dict[Side, Crm]
    seams: Seams


Step = Callable[[Parts], Result]
Show = Callable[[Parts, Result], None]


def run(folder: Path, kind: str, stop: Stop, step: Step, show: Show) -> Result:
    """Make one run of a project.

    Args:
        folder: the project.
        kind: what the run is called in the status file.
        stop: whether somebody wants it to end.
        step: the engine's part.
        show: prints what came of it, while store and CRMs are still open.

    Raises:
        ConnectorError: the run could not go on; the status file says so.
    """
    began: list[str] = []
    # A run makes many small objects and few cycles: looking for those less often saves a tenth of its CPU seconds.
    gc.set_threshold(100_000, 50, 50)
    try:
        project = load(folder)
        log.level(project.settings.log.level)
        with ExitStack() as stack:
            store = stack.enter_context(state_of(project))
            alive = stack.enter_context(present(project.state()))
            progress = Progress()
            seams = outside.seams(stop, alive, progress, began.append, connect.channels(project))
            crms = stack.enter_context(connect.crms(project, seams.pause))
            parts = Parts(project, store, crms, seams)
            with progress:
                result = _watched(parts, step, began)
            status.write(folder, status.of_result(kind, outside.now(), result))
            show(parts, result)
    except ConnectorError as error:
        # Without a run of our own, another one holds the project, and its status is the one that counts.
        if began or not isinstance(error, LaterError):
            _leave(folder, kind, began, error)
        raise
    except Exception as error:
        _leave(folder, kind, began, error)
        raise
    return result


def _watched(parts: Parts, step: Step, began: list[str]) -> Result:
    """Take the step; a mistake of ours ends the run's row too, so that it does not look as if it went on."""
    try:
        return step(parts)
    except ConnectorError:
        if began and parts.store.runs.get(began[-1]) is None:
            began.clear()  # another run holds the project: ours never began
        raise
    except Exception as error:
        if began:
            summary = {"run": began[-1], "error": type(error).__name__}
            parts.store.runs.end(began[-1], outside.now(), "failed", UNEXPECTED, summary)
        raise


def _leave(folder: Path, kind: str, began: list[str], error: Exception) -> None:
    if (folder / "connector.yaml").exists():
        status.write(folder, status.of_error(kind, outside.now(), began[-1] if began else None, error))

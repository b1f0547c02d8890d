"""What a run is given from outside, and what it gives back.

Time, ids, sleep, the wish to stop and the progress display come in here, so that a simulation decides them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.crm.port import Crm
from connector.errors import ConnectorError
from connector.model import Side
from connector.notify.channel import Channel
from connector.project import Project
from connector.state.store import Store


class Interrupted(ConnectorError):  # noqa: N818 - it is no error: somebody asked for it
    """The run was asked to stop and did so after the batch in flight; everything is resumable."""

    exit_code = 130


@dataclass(frozen=True)
class Seams:
    """The outside of a run.

    `clock` gives the present (aware UTC), `new_id` a fresh id from a prefix, `pause` sleeps for seconds, `stop`
    says whether somebody wants the run to end, `progress` is told a phase, how much is done and of how many.
    `channels` are where messages go. `alive` says whether the process of another run may still be there, by that
    run's id; `pid` is our own process.
    """

    clock: Callable[[], datetime]
    new_id: Callable[[str], str]
    pause: Callable[[float], None]
    stop: Callable[[], bool] = lambda: False
    progress: Callable[[str, int, int | None], None] = lambda _phase, _done, _total: None
    alive: Callable[[str], bool] = lambda _run: True
    pid: int = 0
    channels: Sequence[Channel] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended: `summary` is the JSON object of design §11, `reasons` say why it stopped, if it did."""

    run: str
    plan: str | None
    exit_code: int
    summary: Mapping[str, Any]
    reasons: tuple[str, ...] = ()


@dataclass
class Work:
    """Everything the steps of one run share; a look at the state that is no run has the empty name as `run`."""

    project: Project
    store: Store
    crms: Mapping[Side, Crm]
    seams: Seams
    run: str
    writes: dict[Side, int] = field(default_factory=lambda: {"hubspot": 0, "salesforce": 0})
    known: dict[tuple[Side, str], tuple[int, str | None]] = field(default_factory=dict)

    def breathe(self) -> None:
        """Keep the lease alive, and end here if somebody asked for it.

        Raises:
            Interrupted: a stop was asked for.
            LaterError: another run has taken the lease over.
        """
        if self.run:
            self.store.beat(self.run, self.seams.clock())
        if self.seams.stop():
            raise Interrupted("stopped as asked, after the batch in flight; run again to go on")

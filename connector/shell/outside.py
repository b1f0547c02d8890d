"""The outside of a run on this machine: the real clock, ids, sleep, process number."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from connector.engine.seams import Seams
from connector.notify.channel import Channel
from connector.shell.stop import Stop

_ahead: list[timedelta] = []


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC) + sum(_ahead, timedelta())


def skip(by: timedelta) -> None:
    """Go ahead in time, or back: the demo lets days pass, in its sandboxes and here alike. Nobody else does."""
    _ahead.append(by)


def new_id(prefix: str) -> str:
    """A fresh id that sorts by time: `run-20260131T080000-1f2e3d`."""
    return f"{prefix}-{now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def seams(
    stop: Stop,
    alive: Callable[[str], bool],
    progress: Callable[[str, int, int | None], None],
    begun: Callable[[str], None],
    channels: Sequence[Channel] = (),
) -> Seams:
    """The seams of one run; `begun` is told the run's id as soon as there is one, messages go to `channels`."""

    def named(prefix: str) -> str:
        made = new_id(prefix)
        if prefix == "run":
            begun(made)
        return made

    def pause(seconds: float) -> None:
        stop.wait(seconds)

    return Seams(
        clock=now,
        new_id=named,
        pause=pause,
        stop=stop.asked,
        progress=progress,
        alive=alive,
        pid=os.getpid(),
        channels=channels,
    )

"""What a check found: how bad it is, where, what, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `do` is empty only where there is nothing to do (`info`).

    An `error` makes a run fail or do harm, a `warning` makes it leave something out, an `info` is good to know.
    """

    level: Level
    where: str
    what: str
    do: str = ""

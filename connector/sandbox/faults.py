"""Faults that a test or a person orders: which call they hit and what happens to it.

The kinds: `status` answers without reaching the CRM, `slow` waits first, `cut` breaks the connection in the
middle of the body, `lost` lets the CRM do the work and then drops the connection without an answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

KINDS = ("status", "slow", "cut", "lost")


@dataclass(slots=True)
class Fault:
    """One ordered fault: it hits the `nth` matching call and the `times - 1` calls after it."""

    kind: str
    method: str = ".*"
    path: str = ".*"
    body: str = ""
    nth: int = 1
    times: int = 1
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    answer: Any = None
    seconds: float = 1.0
    seen: int = 0

    def hits(self, method: str, path: str, body: str) -> bool:
        """Count the call if it matches, and say whether the fault strikes it."""
        if not (re.fullmatch(self.method, method) and re.search(self.path, path)):
            return False
        if self.body and not re.search(self.body, body):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


class Faults:
    """The faults in force, in the order they were given; the first that strikes wins."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, order: dict[str, Any]) -> Fault:
        """Take a fault from its JSON form.

        Raises:
            ValueError: the kind or a key is unknown.
        """
        try:
            fault = Fault(**order)
        except TypeError as error:
            raise ValueError(f"a fault has the keys {', '.join(Fault.__dataclass_fields__)}: {error}") from None
        if fault.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, not {fault.kind!r}")
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every fault."""
        self._faults.clear()

    def strike(self, method: str, path: str, body: str) -> Fault | None:
        """The fault that hits this call, if any; every matching fault counts the call."""
        struck = [fault for fault in self._faults if fault.hits(method, path, body)]
        return struck[0] if struck else None

    def __iter__(self) -> Any:
        return iter(self._faults)

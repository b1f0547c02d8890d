"""What the rejection loop wants done, as data.

Every effect has a `key` that is the same for the same decision, however often it is made: whoever carries effects
out keeps the keys and does each once. A key names the person and the cycle, never a name or an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connector.model import Side

Cause = Literal["reason", "feedback", "owner_inactive"]


@dataclass(frozen=True, slots=True)
class Revert:
    """Give the lead status back to what it was before the rejection; not when it has changed since (`expected`)."""

    key: str
    person: str
    side: Side
    expected: str
    status: str
    because: str


@dataclass(frozen=True, slots=True)
class Reapply:
    """Reject again, now that there is a reason: reason first, then status, or both in one update."""

    key: str
    person: str
    side: Side
    status: str
    reason: str
    comment: str | None
    because: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task; `task` is its identity and stands in its body: where such a task exists, no second one is made."""

    key: str
    task: str
    person: str
    side: Side
    record: str
    to: str
    subject: str
    body: str
    due_at: datetime
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class ReopenTask:
    """The same task again: not done, with a new due time."""

    key: str
    task: str
    person: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class CloseTask:
    """Complete a task, or cancel it because it has become pointless."""

    key: str
    task: str
    person: str
    outcome: Literal["completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell somebody, not before `deliver_at`; messages to the same person go out as one digest.

    `task` is the task that it tells of: once that is closed, nobody needs to be told any more.
    """

    key: str
    person: str
    to: str
    topic: Literal["reason_missing", "escalation", "reassigned"]
    line: str
    deliver_at: datetime
    task: str = ""


@dataclass(frozen=True, slots=True)
class Escalate:
    """A level was reached: once per person, cycle and level. `breached_at` is when the time was over."""

    key: str
    person: str
    cycle: int
    level: int
    cause: Cause
    to: str
    role: str
    breached_at: datetime | None
    deliver_at: datetime


@dataclass(frozen=True, slots=True)
class Reassign:
    """Give the lead to somebody else."""

    key: str
    person: str
    expected: str | None
    to: str
    because: str


@dataclass(frozen=True, slots=True)
class Suppress:
    """The person objected: no marketing any more."""

    key: str
    person: str
    because: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Something an admin has to settle; it goes to the inbox, under the record on `side` (None: whichever there is)."""

    key: str
    person: str
    code: Literal["NO_RECIPIENT", "REVERT_LOOP", "PRIOR_STATUS_UNKNOWN"]
    message: str
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A held matter is settled: its entry (`hold` is the key of the `Hold`) leaves the inbox."""

    key: str
    person: str
    hold: str


Effect = Revert | Reapply | OpenTask | ReopenTask | CloseTask | Notify | Escalate | Reassign | Suppress | Hold | Release

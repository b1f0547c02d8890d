"""A lead as both CRMs show it now, and what the loop remembers of it between two runs.

Facts only: what follows from them is decided in `rejection`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from connector.model import Side


@dataclass(frozen=True, slots=True)
class Status:
    """One side's lead status.

    `since`: when it got this value, by that CRM's stamp. `before`: the last value that was no rejection, `""`
    where the field was empty, None where nobody knows. `ours`: revloop wrote it. `by`: the role of who did.
    """

    value: str | None
    since: datetime | None = None
    before: str | None = None
    ours: bool = False
    by: str = "sales"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One line of a status field's history."""

    value: str
    at: datetime
    ours: bool = False
    by: str = "sales"


def status_from_history(changes: Iterable[StatusChange], rejected: frozenset[str]) -> Status:
    """The status that a property history leads to; the order of `changes` does not matter.

    A value that is written again is no change: the first time counts.
    """
    current: StatusChange | None = None
    before: str | None = None
    for change in sorted(set(changes), key=lambda each: (each.at, each.value, each.ours, each.by)):
        if current is not None and change.value == current.value:
            continue
        if current is not None and current.value not in rejected:
            before = current.value
        current = change
    if current is None:
        return Status(None)
    return Status(current.value or None, current.at, before, current.ours, current.by)


Gone = Literal["deleted", "erased"]


@dataclass(frozen=True, slots=True)
class Lead:
    """A person of one cycle, in this run.

    `records` are the record ids by side. `reason_at`: when the reason was chosen, None where unknown;
    `cycle_from`: when this cycle began. `owner` is an owner's key, `owner_since` the time of the assignment.
    `qualified_at`: when the person became MQL or SQL in this cycle. `handover_at`: what the CRM's field holds.
    `accepted_at`, `opportunity_at` (a conversion counts): the cycle's stage times. `pauses`: when the clock stood
    still. `mistaken`: the stage was corrected, the person was no MQL or SQL. Salesforce's status is that of the Lead
    that carries the stage.
    """

    key: str
    cycle: int = 1
    records: Mapping[Side, str] = field(default_factory=dict)
    status: Mapping[Side, Status] = field(default_factory=dict)
    reason: str | None = None
    comment: str | None = None
    reason_at: datetime | None = None
    cycle_from: datetime | None = None
    owner: str | None = None
    owner_since: datetime | None = None
    qualified_at: datetime | None = None
    handover_at: datetime | None = None
    accepted_at: datetime | None = None
    opportunity_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    gone: Gone | None = None
    mistaken: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A rejection that waits for its reason: what was set (`status`) on which side, by whom, what it was before.

    `kept`: why the status was not given back although the rules say so (`REVERT_LOOP`, `PRIOR_STATUS_UNKNOWN`).
    """

    side: Side
    status: str
    prior: str | None
    set_at: datetime | None
    detected_at: datetime
    due_at: datetime
    reverted: bool
    by: str = "sales"
    kept: Literal["REVERT_LOOP", "PRIOR_STATUS_UNKNOWN"] | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejection with its reason."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a person's cycle.

    `feedback_at` is the first answer of sales, whichever; `breached_at` when the time for it was over, for good.
    `level` is the highest level escalated to. `reverts` are kept across cycles for the loop guard. `done` are the
    keys of all effects decided in this cycle, `open_tasks` the tasks that are not done yet, `held` the keys of what
    waits for an admin.
    """

    person: str
    cycle: int
    missing: Missing | None = None
    handover_at: datetime | None = None
    feedback_at: datetime | None = None
    disposition: Literal["accepted", "rejected", "opportunity"] | None = None
    rejected: Rejected | None = None
    overdue: bool = False
    breached_at: datetime | None = None
    level: int = 0
    reverts: tuple[datetime, ...] = ()
    done: frozenset[str] = frozenset()
    open_tasks: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


def case_data(case: Case) -> dict[str, Any]:
    """A case as JSON data; equal cases give equal data."""
    missing, rejected = case.missing, case.rejected
    return {
        "person": case.person,
        "cycle": case.cycle,
        "missing": missing
        and {
            "side": missing.side,
            "status": missing.status,
            "prior": missing.prior,
            "set_at": _text(missing.set_at),
            "detected_at": _text(missing.detected_at),
            "due_at": _text(missing.due_at),
            "reverted": missing.reverted,
            "by": missing.by,
            "kept": missing.kept,
        },
        "handover_at": _text(case.handover_at),
        "feedback_at": _text(case.feedback_at),
        "disposition": case.disposition,
        "rejected": rejected and {"at": _text(rejected.at), "by": rejected.by, "reason": rejected.reason},
        "overdue": case.overdue,
        "breached_at": _text(case.breached_at),
        "level": case.level,
        "reverts": [_text(each) for each in case.reverts],
        "done": sorted(case.done),
        "open_tasks": sorted(case.open_tasks),
        "held": sorted(case.held),
    }


def case_from(data: Mapping[str, Any]) -> Case:
    """The case that `case_data` wrote down."""
    missing, rejected = data["missing"], data["rejected"]
    moments = {name: _moment(data[name]) for name in ("handover_at", "feedback_at", "breached_at")}
    return Case(
        person=data["person"],
        cycle=data["cycle"],
        missing=Missing(**{**missing, **{name: _moment(missing[name]) for name in ("set_at", "detected_at", "due_at")}})
        if missing
        else None,
        disposition=data["disposition"],
        rejected=Rejected(datetime.fromisoformat(rejected["at"]), rejected["by"], rejected["reason"])
        if rejected
        else None,
        overdue=data["overdue"],
        level=data["level"],
        reverts=tuple(datetime.fromisoformat(each) for each in data["reverts"]),
        done=frozenset(data["done"]),
        open_tasks=frozenset(data["open_tasks"]),
        held=frozenset(data["held"]),
        **moments,
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

"""The clock of a hand-over: 48 h for sales to accept, reject with a reason, or open a deal (domain §3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from connector.model import Side
from connector.revops.clocks import Span, due_over, running_over, spans
from connector.revops.rejection_case import Case, Lead
from connector.revops.rejection_turn import Desk, Turn

Disposition = Literal["accepted", "rejected", "opportunity"]


@dataclass(frozen=True, slots=True)
class Measured:
    """The feedback clock of a hand-over: when the answer was due, and how long the clock ran until it came.

    Both are None where the hand-over is older than the rules: what no clock was agreed for is neither late nor in time.
    """

    due_at: datetime | None = None
    worked: timedelta | None = None
    in_force: bool = False


def measured(case: Case, lead: Lead, desk_: Desk, as_of: datetime) -> Measured:
    """Measure the hand-over of a case with the clock, the owner and the pauses of its lead."""
    turn = Turn(case, lead, desk_, as_of)
    if case.handover_at is None or not turn.in_force(case.handover_at):
        return Measured()
    # a breach stands for good, whoever owns the lead by now
    due_at = case.breached_at or reached_at(turn, 1)
    parts, rules = _parts(turn, case.handover_at), turn.config.escalation
    worked = running_over(parts, case.feedback_at, rules.clock) if case.feedback_at else None
    return Measured(due_at, worked, in_force=True)


def follow_handover(turn: Turn) -> None:
    """Remember the hand-over and its first answer, each once per cycle, and whether the answer was late."""
    if turn.case.handover_at is not None and turn.lead.mistaken:
        _take_back(turn)
    if turn.case.handover_at is None:
        turn.keep(handover_at=_handed_over(turn))
    _answer(turn)
    first = reached_at(turn, 1)
    answered = turn.case.feedback_at
    if turn.case.breached_at is None and first is not None:
        late = answered > first if answered else turn.as_of >= first
        if late and turn.in_force(turn.case.handover_at):
            turn.keep(breached_at=first)
    turn.keep(overdue=turn.case.breached_at is not None and answered is None)


def climb_for_feedback(turn: Turn) -> None:
    """Escalate a hand-over without an answer; a lead of somebody who has left does not wait."""
    case, rules = turn.case, turn.config.escalation
    if case.handover_at is None or case.feedback_at or not turn.in_force(case.handover_at):
        return
    side: Side = "salesforce" if "salesforce" in turn.lead.records else "hubspot"
    for level in range(1, len(rules.levels) + 1):
        reached = reached_at(turn, level)
        if reached is not None and turn.as_of >= reached:
            turn.escalate(level, "feedback", reached, side)
    if rules.levels and _left(turn):
        turn.escalate(1, "owner_inactive", None, side)


def close_if_settled(turn: Turn) -> None:
    """Close the tasks of the levels once there is nothing left to answer."""
    case = turn.case
    waiting = case.feedback_at is None and (case.overdue or (case.handover_at is not None and _left(turn)))
    if case.missing is None and not waiting:
        turn.close_tasks("completed", "settled")
        turn.keep(level=0)


def reached_at(turn: Turn, level: int) -> datetime | None:
    """When a level is reached; None without a hand-over, and while the clock stands still before it."""
    start, rules = turn.case.handover_at, turn.config.escalation
    return due_over(_parts(turn, start), level * rules.after, rules.clock) if start is not None else None


def _parts(turn: Turn, start: datetime) -> list[Span]:
    """The time since the hand-over, or since somebody else was given the open lead, with the pauses in it."""
    rules, since = turn.config.escalation, turn.lead.owner_since
    if rules.reset_on_reassign and since and start < since <= (turn.case.feedback_at or turn.as_of):
        start = since
    pauses = turn.lead.pauses
    owner = turn.desk.owners.get(turn.lead.owner)
    if rules.queue == "pause" and owner is not None and owner.queue:
        pauses = (*pauses, (turn.lead.owner_since or turn.as_of, None))
    return spans(start, turn.calendar, pauses)


def _take_back(turn: Turn) -> None:
    """The person was handed over by mistake: there is nothing to answer, and there never was."""
    if turn.case.missing is None:
        turn.close_tasks("cancelled", "corrected")
    turn.keep(handover_at=None, feedback_at=None, disposition=None, breached_at=None, overdue=False, level=0)


def _left(turn: Turn) -> bool:
    """Whether the owner is a person who no longer works here."""
    owner = turn.desk.owners.get(turn.lead.owner)
    return owner is not None and not owner.active and not owner.queue


def _handed_over(turn: Turn) -> datetime | None:
    """When a qualified lead came into the hands of sales; what the CRM's field says stands."""
    lead, rules = turn.lead, turn.config.escalation
    if lead.handover_at is not None:
        return lead.handover_at
    if lead.qualified_at is None or lead.qualified_at > turn.as_of:
        return None
    if turn.desk.owners.sells(lead.owner):
        return max(lead.qualified_at, lead.owner_since or lead.qualified_at)
    owner = turn.desk.owners.get(lead.owner)
    queued = owner is not None and owner.queue and rules.queue == "run"
    return lead.qualified_at if queued else None


def _answer(turn: Turn) -> None:
    """The first disposition of the cycle; a rejection from before the hand-over answers nothing."""
    case, lead = turn.case, turn.lead
    if case.feedback_at is not None:
        return
    moments: list[tuple[datetime, Disposition]] = []
    if case.rejected is not None and (case.handover_at is None or case.rejected.at >= case.handover_at):
        moments.append((case.rejected.at, "rejected"))
    if lead.accepted_at is not None:
        moments.append((lead.accepted_at, "accepted"))
    if lead.opportunity_at is not None:
        moments.append((lead.opportunity_at, "opportunity"))
    past = [each for each in moments if each[0] <= turn.as_of]
    if past:
        at, kind = min(past)
        turn.keep(feedback_at=at, disposition=kind)

"""A rejection without a reason: detect, give the status back, ask, reject again (domain §3.2, steps 1 to 7).

It decides about the rejection only. The 48 h clock of the hand-over is `rejection_feedback`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from connector.model import SIDES, Side
from connector.revops.rejection_case import Lead, Missing, Rejected, Status
from connector.revops.rejection_config import REVERT_WINDOW
from connector.revops.rejection_effects import OpenTask, Reapply, Revert, Suppress
from connector.revops.rejection_texts import body, subject
from connector.revops.rejection_turn import REASON, Turn, stamp

Kept = Literal["REVERT_LOOP", "PRIOR_STATUS_UNKNOWN"]

_HELD = {
    "REVERT_LOOP": "this lead was rejected without a reason again and again: its status is left as it is; "
    "ask the owner for the reason, and look for a workflow that sets the status",
    "PRIOR_STATUS_UNKNOWN": "the status before the rejection is not known, so it cannot be given back: "
    "choose a reason, or set the right status by hand",
}


def follow_rejection(turn: Turn) -> None:
    """Bring the rejection of a lead up to date."""
    explained = _explained(turn)
    if turn.case.missing is not None:
        _follow(turn, turn.case.missing, explained=explained)
    if turn.case.missing is None:
        _fresh(turn, explained=explained)
    if turn.case.missing is not None:
        _ask(turn, turn.case.missing)


def climb_for_reason(turn: Turn) -> None:
    """Escalate a reason that was not given in time: level 1 after the grace, the next ones by the feedback clock."""
    missing, rules = turn.case.missing, turn.config.escalation
    if missing is None or not rules.levels:
        return
    if turn.as_of >= missing.due_at:
        turn.escalate(1, "reason", missing.due_at, missing.side)
    for level in range(2, len(rules.levels) + 1):
        reached = turn.after(missing.detected_at, level * rules.after, rules.clock)
        if turn.as_of >= reached:
            turn.escalate(level, "reason", reached, missing.side)


def _explained(turn: Turn) -> bool:
    lead = turn.lead
    if lead.cycle_from and (lead.reason_at is None or lead.reason_at <= lead.cycle_from):
        return False  # the reason that ended the last cycle, often at the same instant, explains nothing in this one
    return turn.config.reasons.explains(lead.reason, lead.comment)


# --- no open question ----------------------------------------------------------------------------------


def _fresh(turn: Turn, *, explained: bool) -> None:
    """A lead whose rejection, if any, raised no question so far."""
    rejecting = [
        status for side in SIDES if (status := turn.lead.status.get(side)) and turn.config.rejected(side, status.value)
    ]
    if explained and (meant := [each for each in rejecting if not _copied(turn, each)]):
        _record(turn, meant)
    elif rejecting:
        found = _unexplained(turn)
        if found:
            _detect(turn, *found)
    elif turn.case.rejected and _taken_back(turn.lead, turn.case.rejected.at):
        turn.keep(rejected=None)


def _taken_back(lead: Lead, rejected_at: datetime) -> bool:
    """Whether somebody moved the lead on after its rejection; our own pending write has not arrived yet."""
    return any(status.since and status.since > rejected_at for status in lead.status.values())


def _unexplained(turn: Turn) -> tuple[Side, Status] | None:
    """The rejection that needs a reason; one that revloop only copied from the other side is not asked about."""
    modes = {"hubspot": turn.config.enforcement.hubspot, "salesforce": turn.config.enforcement.salesforce}
    for side in SIDES:
        status = turn.lead.status.get(side)
        if status is None or modes[side] == "off" or not turn.config.rejected(side, status.value):
            continue
        if not _copied(turn, status) and turn.in_force(status.since):
            return side, status
    return None


def _copied(turn: Turn, status: Status) -> bool:
    """Whether nobody meant a status as a rejection: we copied it, or marked a recycle by it."""
    return status.ours and turn.case.rejected is None


def _detect(turn: Turn, side: Side, status: Status) -> None:
    rules = turn.config.enforcement
    missing = Missing(
        side=side,
        status=status.value or "",
        prior=status.before,
        set_at=status.since,
        detected_at=turn.as_of,
        due_at=turn.after(turn.as_of, rules.grace, rules.clock),
        reverted=False,
        by=status.by,
    )
    turn.keep(missing=missing, rejected=None)
    _give_back(turn, missing, status)


def _give_back(turn: Turn, missing: Missing, status: Status) -> None:
    """Revert, where the rules, the source of the change, the history and the loop guard allow it."""
    if missing.side != "hubspot" or turn.config.enforcement.hubspot != "revert" or status.ours:
        return
    recent = tuple(each for each in turn.case.reverts if turn.as_of - each < REVERT_WINDOW)
    kept: Kept | None = None
    if missing.prior is None:
        kept = "PRIOR_STATUS_UNKNOWN"
    elif len(recent) >= turn.config.enforcement.max_reverts:
        kept = "REVERT_LOOP"
    turn.keep(missing=replace(missing, reverted=kept is None, kept=kept), reverts=recent)
    if kept is None and missing.prior is not None:
        turn.emit(
            Revert(
                key=f"revert:{turn.place}:{stamp(missing.set_at or missing.detected_at)}",
                person=turn.case.person,
                side=missing.side,
                expected=missing.status,
                status=missing.prior,
                because="rejection.enforcement: rejected without a reason",
            )
        )
        turn.keep(reverts=(*recent, turn.as_of))


def _ask(turn: Turn, missing: Missing) -> None:
    """One task and one message for the owner, or for whoever stands in."""
    if missing.kept:
        turn.hold(missing.kept.lower(), missing.kept, _HELD[missing.kept], missing.side)
    to = turn.desk.owners.asked(turn.lead.owner, turn.today)
    if to is None:
        turn.hold(
            REASON,
            "NO_RECIPIENT",
            "nobody can be asked for the rejection reason: give the lead an active owner, or set `teams`, `queues` "
            "and `head_of_sales` in rules/rejection.yaml",
        )
        return
    occasion = stamp(missing.detected_at)
    text = "reason" if missing.reverted else "flagged"
    turn.open_task(REASON, "reason", text, to.email, missing.due_at, missing.side, occasion)
    record = turn.lead.records.get(missing.side, turn.lead.key)
    line = subject("reason", turn.config.locale, record)
    turn.notify(f"reason:{occasion}", to, "reason_missing", line, REASON)


# --- an open question ----------------------------------------------------------------------------------


def _follow(turn: Turn, missing: Missing, *, explained: bool) -> None:
    """What has become of a question that was asked before."""
    status = turn.lead.status.get(missing.side)
    rejected = status is not None and turn.config.rejected(missing.side, status.value)
    if _moved_on(turn.lead, missing, status, rejected=rejected):
        turn.close_tasks("cancelled", stamp(missing.detected_at), REASON)
        turn.keep(missing=None)
    elif explained:
        _answered(turn, missing)
    elif rejected and status and not status.ours and _later(status.since, missing.set_at):
        again = replace(
            missing,
            status=status.value or "",
            set_at=status.since,
            prior=missing.prior if status.before is None else status.before,
            by=status.by,
        )
        turn.keep(missing=again)
        _give_back(turn, again, status)


def _moved_on(lead: Lead, missing: Missing, status: Status | None, *, rejected: bool) -> bool:
    """Whether the lead is worked on after all, so that nobody has to explain a rejection."""
    asked = missing.set_at or missing.detected_at
    if any(_later(at, asked) for at in (lead.accepted_at, lead.opportunity_at)):
        return True
    if status is None or rejected:
        return False
    return not (missing.reverted and (status.value or "") == missing.prior)


def _later(moment: datetime | None, than: datetime | None) -> bool:
    return moment is not None and (than is None or moment > than)


def _answered(turn: Turn, missing: Missing) -> None:
    """The reason is there: reject again, close the task."""
    lead = turn.lead
    assert lead.reason is not None
    if missing.reverted:
        turn.emit(
            Reapply(
                key=f"reapply:{turn.place}:{stamp(missing.detected_at)}",
                person=turn.case.person,
                side=missing.side,
                status=missing.status,
                reason=lead.reason,
                comment=lead.comment,
                because="rejection.enforcement: the reason was given",
            )
        )
    turn.close_tasks("completed", stamp(missing.detected_at), REASON)
    given = lead.reason_at or turn.as_of
    turn.keep(missing=None, rejected=Rejected(max(given, missing.set_at or given), missing.by, lead.reason))
    _consequences(turn)


def _record(turn: Turn, rejecting: list[Status]) -> None:
    """A rejection with its reason, the regular case."""
    lead, known = turn.lead, turn.case.rejected
    assert lead.reason is not None
    if known is None:
        first = min(rejecting, key=lambda each: (each.ours, each.since is None, each.since or turn.as_of))
        moments = [each for each in (first.since, lead.reason_at) if each]
        turn.keep(rejected=Rejected(max(moments, default=turn.as_of), first.by, lead.reason))
    elif known.reason != lead.reason:
        turn.keep(rejected=replace(known, reason=lead.reason))
    _consequences(turn)


def _consequences(turn: Turn) -> None:
    """What a reason entails besides the rejection: stop marketing, merge two records."""
    rejected = turn.case.rejected
    reason = turn.config.reasons.get(rejected.reason) if rejected else None
    if rejected is None or reason is None:
        return
    if reason.suppress:
        because = f"rejection.reason {reason.code}"
        turn.emit(Suppress(f"suppress:{turn.place}:{reason.code}", turn.case.person, because))
    if reason.task and turn.in_force(rejected.at):
        _open_merge(turn, reason.task)


def _open_merge(turn: Turn, topic: str) -> None:
    """Closing this task is up to people: revloop does not see when two records have been merged for good."""
    to = turn.desk.owners.asked(turn.lead.owner, turn.today)
    if to is None:
        return
    task, rules, locale = turn.task(topic), turn.config.enforcement, turn.config.locale
    side: Side = "hubspot" if "hubspot" in turn.lead.records else "salesforce"
    record = turn.lead.records.get(side, turn.lead.key)
    turn.emit(
        OpenTask(
            key=f"open:{task}",
            task=task,
            person=turn.case.person,
            side=side,
            record=record,
            to=to.email,
            subject=subject(topic, locale, record),
            body=body(topic, locale, task),
            due_at=turn.after(turn.as_of, rules.grace, rules.clock),
        )
    )

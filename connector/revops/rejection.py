"""The rejection loop as a step function: a lead as it is now, and what has to be done about it (domain §3).

`step` decides and remembers; it writes nothing. The caller stores the case together with the effects in one
transaction and carries them out afterwards, by key: killed before the transaction nothing was decided, killed
after it every effect still waits. Run again on the same lead, `step` gives the same case and no effects.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from connector.model import Value
from connector.revops.rejection_case import Case, Lead
from connector.revops.rejection_effects import Effect
from connector.revops.rejection_feedback import climb_for_feedback, close_if_settled, follow_handover
from connector.revops.rejection_missing import climb_for_reason, follow_rejection
from connector.revops.rejection_turn import Desk, Turn, desk, stamp

__all__ = ["DERIVED", "Desk", "derived", "desk", "step"]

DERIVED = (
    "revops_rejection_state",
    "revops_rejection_category",
    "revops_rejection_rejected_at",
    "revops_rejection_rejected_by_role",
    "revops_recycle_on",
    "revops_handover_at",
    "revops_feedback_at",
    "revops_feedback_overdue",
)
"""The fields that the loop owns on both sides, by their HubSpot name (domain §3.0); people own reason and comment."""


def step(case: Case | None, lead: Lead, desk_: Desk, as_of: datetime) -> tuple[Case | None, list[Effect]]:
    """Decide what has to be done about a lead.

    Args:
        case: what the last step remembered; None for a person never seen.
        lead: the person as both CRMs show it now.
        desk_: the rules, owners and calendars.
        as_of: the instant of the run.

    Returns:
        The case to remember (None: nothing to remember) and the effects, in the order to carry them out.

    Raises:
        ValueError: `as_of` has no time zone, or the case belongs to somebody else.
        SettingsError: a calendar never opens.
    """
    if case is not None and case.person != lead.key:
        raise ValueError("the case belongs to another person")
    if case is not None and lead.cycle < case.cycle:
        return case, []  # a stale page of an earlier cycle
    if lead.gone:
        return _gone(case, lead, desk_, as_of)
    if case is None and _quiet(lead, desk_):
        return None, []
    effects: list[Effect] = []
    if case is not None and lead.cycle > case.cycle:
        case, effects = _next_cycle(case, lead, desk_, as_of)
    before = case or Case(lead.key, lead.cycle)
    turn = Turn(before, lead, desk_, as_of)
    follow_rejection(turn)
    follow_handover(turn)
    climb_for_reason(turn)
    climb_for_feedback(turn)
    close_if_settled(turn)
    turn.settle()
    if case is None and turn.case == before:
        return None, []
    return turn.case, [*effects, *turn.effects]


def _quiet(lead: Lead, desk_: Desk) -> bool:
    """Whether nothing can follow from a lead: never with sales, not rejected; most persons of a CRM."""
    if lead.qualified_at or lead.handover_at or lead.accepted_at or lead.opportunity_at:
        return False
    return not any(desk_.config.rejected(side, status.value) for side, status in lead.status.items())


def derived(case: Case | None, desk_: Desk) -> Mapping[str, Value]:
    """The canonical values of the fields in `DERIVED`; None is empty."""
    if case is None:
        return dict.fromkeys(DERIVED)
    rejected = case.rejected
    reason = desk_.config.reasons.get(rejected.reason) if rejected else None
    recycle_on = None
    if rejected and reason and reason.recycle_days is not None:
        day = desk_.calendars.default.local(rejected.at).date()
        recycle_on = (day + timedelta(days=reason.recycle_days)).isoformat()
    return {
        "revops_rejection_state": _state(case),
        "revops_rejection_category": reason.category if reason else None,
        "revops_rejection_rejected_at": stamp(rejected.at) if rejected else None,
        "revops_rejection_rejected_by_role": rejected.by if rejected else None,
        "revops_recycle_on": recycle_on,
        "revops_handover_at": stamp(case.handover_at) if case.handover_at else None,
        "revops_feedback_at": stamp(case.feedback_at) if case.feedback_at else None,
        "revops_feedback_overdue": ("true" if case.overdue else "false") if case.handover_at else None,
    }


def _state(case: Case) -> str | None:
    if case.level:
        return f"escalated_{case.level}"
    if case.missing is not None:
        return "reverted" if case.missing.reverted else "missing_reason"
    return "ok" if case.done or case.rejected or case.feedback_at else None


def _gone(case: Case | None, lead: Lead, desk_: Desk, as_of: datetime) -> tuple[Case | None, list[Effect]]:
    """Timers end with the person. An erased person is forgotten; a deleted one may come back from the bin."""
    if case is None:
        return None, []
    turn = Turn(case, lead, desk_, as_of)
    turn.keep(missing=None, overdue=False, level=0)
    turn.close_tasks("cancelled", stamp(as_of))
    turn.settle()
    return (None if lead.gone == "erased" else turn.case), turn.effects


def _next_cycle(case: Case, lead: Lead, desk_: Desk, as_of: datetime) -> tuple[Case, list[Effect]]:
    """The old cycle's tasks end; the loop guard goes on counting."""
    turn = Turn(case, lead, desk_, as_of)
    turn.close_tasks("cancelled", "recycled")
    turn.settle()
    return Case(lead.key, lead.cycle, reverts=case.reverts), turn.effects

"""Hand-overs for the tests of the reports, worked example 3-A among them."""

from datetime import timedelta

from rejection_desk import at

from connector.revops.council_rows import HandOver, month

OCTOBER = month("2026-10")
AS_OF = at("2026-11-23 10:00")

_REASONS = (
    ("budget_none", 9),
    ("authority_none", 6),
    ("need_none", 5),
    ("timeline_too_far", 3),
    ("data_invalid", 6),
    ("other", 1),
)


def handed(number, *, reason=None, disposition="accepted"):
    """A hand-over of 5 October, answered after a day unless `disposition` is None."""
    start = at("2026-10-05 10:00")
    answered = start + timedelta(days=1) if disposition or reason else None
    return HandOver(
        person=f"p{number:04}",
        cycle=1,
        records=(f"hubspot:{number}",),
        handover_at=start,
        disposition="rejected" if reason else disposition,
        feedback_at=answered,
        due_at=start + timedelta(hours=48),
        worked=timedelta(days=1) if answered else None,
        reason=reason,
        source="PAID_SEARCH" if number % 2 else "ORGANIC_SEARCH",
        campaign="Herbst" if number % 3 else "Messe",
        band="A/E2" if number % 4 else "B/E1",
        temperature="hot",
    )


def example_3a():
    """80 hand-overs: 44 accepted, 30 rejected, 6 open of which 4 are overdue."""
    reasons = [code for code, many in _REASONS for _ in range(many)]
    rows = [handed(number) for number in range(44)]
    rows += [handed(44 + number, reason=code) for number, code in enumerate(reasons)]
    for number in range(74, 80):
        row = handed(number, disposition=None)
        due = row.due_at if number < 78 else AS_OF + timedelta(hours=1)
        rows.append(HandOver(row.person, 1, row.records, row.handover_at, due_at=due, source="DIRECT_TRAFFIC"))
    return rows

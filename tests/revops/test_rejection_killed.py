"""R-2, with a kill at every step and in any order of events; R-1; and what the loop remembers."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rejection_desk import FULL, Office, a_desk, a_lead, at, case_after, kinds, rejected

from connector.model import Refused
from connector.revops.rejection import derived, step
from connector.revops.rejection_case import Status, StatusChange, case_data, case_from, status_from_history
from connector.revops.rejection_refusal import TOKEN_COMMENT, TOKEN_REASON, refused_rejection

DESK = a_desk()
MONDAY = rejected("2026-11-23 10:00")


# --- whatever is killed ---------------------------------------------------------------------------------

R2_RUNS = ("10:00", "10:00", "12:00", "13:15", "14:00", "14:00", "16:30")


@pytest.mark.parametrize("reason", [True, False])
@pytest.mark.parametrize("run", range(len(R2_RUNS)))
@pytest.mark.parametrize("chance", range(10))
def test_r2_one_task_and_one_escalation_whatever_is_killed(reason, run, chance):
    office = Office(DESK, a_lead(status=MONDAY))
    for number, clock in enumerate(R2_RUNS):
        if reason and clock == "13:15":
            office.lead = replace(office.lead, reason="need_none", reason_at=at("2026-11-23 13:10"))
        office.run(at(f"2026-11-23 {clock}"), kill_at=chance if number == run else None)
    if reason:
        assert office.tasks == {"task:p1:1:reason": "completed"}
        assert (office.status_log, office.escalations) == (["OPEN", "UNQUALIFIED"], [])
    else:
        assert office.tasks == {"task:p1:1:reason": "open", "task:p1:1:1": "open"}
        assert (office.status_log, office.escalations) == (["OPEN"], ["escalate:p1:1:1"])


# --- everything remembered survives, and every order of events keeps the promise -------------------------------


EVENTS = st.lists(
    st.sampled_from(["reject", "reason", "no reason", "open", "accept", "leave", "queue", "back", "wait", "cycle"]),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.integers(0, 40))
def test_one_task_and_one_escalation_per_person_cycle_and_level(events, kill_at):
    office = Office(a_desk(), a_lead(qualified_at=at("2026-11-23 09:00"), status={"hubspot": Status("NEW")}))
    now, opened = at("2026-11-23 09:00"), []
    for number, event in enumerate(events):
        now += timedelta(hours=7)
        _happen(office, event, now)
        office.run(now, kill_at=kill_at if number == len(events) // 2 else None)
        opened.append(dict(office.tasks))
        office.run(now)
        stored = dict(office.stored) if office.stored else None
        office.run(now)
        assert (office.stored, office.outbox) == (stored, {})
    assert len(office.decided) == len(set(office.decided))
    assert all(set(before) <= set(after) for before, after in pairwise(opened))
    if office.stored:
        assert case_data(case_from(office.stored)) == office.stored


def _happen(office, event, now):
    lead = office.lead
    changes = {
        "reject": {"status": {"hubspot": Status("UNQUALIFIED", now, "OPEN")}},
        "open": {"status": {"hubspot": Status("OPEN", now)}},
        "reason": {"reason": "need_none", "reason_at": now},
        "no reason": {"reason": None, "reason_at": None},
        "accept": {"accepted_at": now},
        "leave": {"owner": "left@example.com", "owner_since": now},
        "queue": {"owner": "Inbound", "owner_since": now},
        "back": {"owner": "anna@example.com", "owner_since": now},
        "wait": {},
        "cycle": {"cycle": lead.cycle + 1, "cycle_from": now, "accepted_at": None, "qualified_at": now},
    }
    office.lead = replace(lead, **changes[event])


# --- the status before, and R-1 -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], Status(None)),
        ([("NEW", 1), ("OPEN", 2), ("UNQUALIFIED", 3)], ("UNQUALIFIED", 3, "OPEN")),
        ([("OPEN", 2), ("UNQUALIFIED", 3), ("BAD_TIMING", 4)], ("BAD_TIMING", 4, "OPEN")),
        ([("OPEN", 2), ("UNQUALIFIED", 3), ("UNQUALIFIED", 4)], ("UNQUALIFIED", 3, "OPEN")),
        ([("UNQUALIFIED", 3)], ("UNQUALIFIED", 3, None)),
        ([("", 1), ("UNQUALIFIED", 3)], ("UNQUALIFIED", 3, "")),
    ],
)
def test_the_status_before_comes_from_the_history(changes, expected):
    history = [StatusChange(value, at(f"2026-11-0{day} 10:00")) for value, day in changes]
    found = status_from_history([*reversed(history), *history], FULL.statuses["hubspot"])
    if isinstance(expected, tuple):
        expected = Status(expected[0], at(f"2026-11-0{expected[1]} 10:00"), expected[2])
    assert found == expected


def test_a_second_rejection_in_a_cycle_escalates_no_second_time():
    again = a_lead(status=rejected("2026-11-24 10:00"))
    case, effects = case_after(
        DESK,
        (a_lead(status=MONDAY), "2026-11-23 10:00"),
        (a_lead(status=MONDAY), "2026-11-23 14:00"),
        (a_lead(status=MONDAY, reason="need_none"), "2026-11-23 15:00"),
        (again, "2026-11-24 10:00"),
        (again, "2026-11-24 14:00"),
    )
    assert kinds(effects) == [
        *("Revert", "OpenTask", "Notify", "Escalate", "OpenTask", "Notify", "Reapply", "CloseTask", "CloseTask"),
        *("Revert", "ReopenTask", "Notify"),
    ]
    assert derived(case, DESK)["revops_rejection_state"] == "reverted"


def test_the_rejection_counts_from_its_reason_not_from_the_run():
    lead = a_lead(status=MONDAY, reason="need_none", reason_at=at("2026-11-23 13:10"))
    case, _ = case_after(DESK, (a_lead(status=MONDAY), "2026-11-23 10:00"), (lead, "2026-11-23 13:25"))
    assert case.rejected.at == at("2026-11-23 13:10")


def test_old_duplicates_open_no_merge_tasks():
    desk = a_desk(enforcement={"enforce_from": date(2026, 12, 1)})
    old = a_lead(status=MONDAY, reason="data_duplicate", reason_at=at("2026-11-23 10:00"))
    case, effects = step(None, old, desk, at("2026-12-03 10:00"))
    assert (effects, derived(case, desk)["revops_rejection_category"]) == ([], "data_quality")


@pytest.mark.parametrize(
    ("side", "code", "message", "missing"),
    [
        ("salesforce", "FIELD_CUSTOM_VALIDATION_EXCEPTION", f"Bitte Grund wählen {TOKEN_REASON}", "reason"),
        ("salesforce", "FIELD_CUSTOM_VALIDATION_EXCEPTION", f"Comment too short {TOKEN_COMMENT}", "comment"),
        ("salesforce", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Close date must lie ahead", None),
        ("salesforce", "REQUIRED_FIELD_MISSING", f"{TOKEN_REASON}", None),
        (
            "hubspot",
            "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
            "revops_rejection_reason is required because of a conditional property rule based on [hs_lead_status]",
            "reason",
        ),
        ("hubspot", "VALIDATION_ERROR", "revops_rejection_reason was not one of the allowed options", None),
    ],
)
def test_r1_a_refused_rejection_is_recognised(side, code, message, missing):
    found = refused_rejection(side, Refused(code, message))
    assert (found.missing if found else None) == missing

"""The rejection loop: worked example 3-B, the edge cases of §3."""

from datetime import date

import pytest
from rejection_desk import OWNERS, a_desk, a_lead, at, case_after, kinds, only, rejected

from connector.revops.rejection import derived, step
from connector.revops.rejection_case import Case, Status
from connector.revops.rejection_config import Absence
from connector.revops.rejection_effects import Escalate, Hold, Notify, OpenTask, Reapply, Reassign, Release, Revert
from connector.revops.rejection_texts import digests

DESK = a_desk()
MONDAY = rejected("2026-11-23 10:00")


# --- 3-B: a reason in time, and none -------------------------------------------------------------------------


def test_3b_a_rejection_without_reason_is_given_back_and_asked_about():
    case, effects = step(None, a_lead(status=MONDAY), DESK, at("2026-11-23 10:00"))
    assert kinds(effects) == ["Revert", "OpenTask", "Notify"]
    assert (only(effects, Revert).expected, only(effects, Revert).status) == ("UNQUALIFIED", "OPEN")
    task = only(effects, OpenTask)
    assert (task.to, task.due_at) == ("anna@example.com", at("2026-11-23 14:00"))
    assert task.subject == "Ablehnungsgrund fehlt: 501"
    assert task.body.endswith("\n\n[revloop task:p1:1:reason]")
    assert derived(case, DESK)["revops_rejection_state"] == "reverted"
    assert step(case, a_lead(status=MONDAY), DESK, at("2026-11-23 10:15")) == (case, [])


def test_3b_the_reason_at_13_10_rejects_again_and_completes_the_task():
    back = {"hubspot": Status("OPEN", at("2026-11-23 10:00"), ours=True)}
    given_ = a_lead(status=back, reason="timeline_too_far", reason_at=at("2026-11-23 13:10"))
    case, effects = case_after(
        DESK, (a_lead(status=MONDAY), "2026-11-23 10:00"), (given_, "2026-11-23 13:10"), (given_, "2026-11-25 14:00")
    )
    assert kinds(effects[3:]) == ["Reapply", "CloseTask"]
    again = only(effects, Reapply)
    assert (again.status, again.reason) == ("UNQUALIFIED", "timeline_too_far")
    assert effects[-1].outcome == "completed"
    assert derived(case, DESK) == {
        "revops_rejection_state": "ok",
        "revops_rejection_category": "timeline",
        "revops_rejection_rejected_at": "2026-11-23T12:10:00Z",
        "revops_rejection_rejected_by_role": "sales",
        "revops_recycle_on": "2027-05-22",
        "revops_handover_at": None,
        "revops_feedback_at": "2026-11-23T12:10:00Z",
        "revops_feedback_overdue": None,
    }


def test_3b_without_a_reason_the_manager_hears_of_it_at_14_00_exactly_once():
    back = a_lead(status={"hubspot": Status("OPEN", at("2026-11-23 10:00"), ours=True)})
    case, effects = case_after(DESK, (a_lead(status=MONDAY), "2026-11-23 10:00"), (back, "2026-11-23 13:59"))
    assert [each for each in effects if isinstance(each, Escalate)] == []
    case, effects = step(case, back, DESK, at("2026-11-23 14:00"))
    assert kinds(effects) == ["Escalate", "OpenTask", "Notify"]
    up = only(effects, Escalate)
    assert (up.level, up.to, up.role, up.cause) == (1, "chef@example.com", "manager", "reason")
    assert (up.breached_at, up.deliver_at) == (at("2026-11-23 14:00"), at("2026-11-23 14:00"))
    assert only(effects, OpenTask).subject == "Ablehnungsgrund fehlt (Stufe 1): 501"
    assert derived(case, DESK)["revops_rejection_state"] == "escalated_1"
    assert step(case, back, DESK, at("2026-11-23 17:30")) == (case, [])


# --- enforcement, case by case -------------------------------------------------------------------------------


def test_flag_mode_leaves_the_status_and_asks():
    desk = a_desk(enforcement={"hubspot": "flag"})
    case, effects = step(None, a_lead(status=MONDAY), desk, at("2026-11-23 10:00"))
    assert kinds(effects) == ["OpenTask", "Notify"]
    assert derived(case, desk)["revops_rejection_state"] == "missing_reason"
    case, effects = step(case, a_lead(status=MONDAY, reason="need_none"), desk, at("2026-11-23 11:00"))
    assert kinds(effects) == ["CloseTask"]
    assert derived(case, desk)["revops_rejection_state"] == "ok"


def test_switched_off_nobody_asks():
    assert step(None, a_lead(status=MONDAY), a_desk(enforcement={"hubspot": "off"}), at("2026-11-23 10:00")) == (
        None,
        [],
    )


def test_salesforce_is_flagged_and_never_reverted():
    status = {"salesforce": Status("Closed - Not Converted", at("2026-11-23 10:00"), "Working - Contacted")}
    lead = a_lead(status=status, records={"hubspot": "501", "salesforce": "00Q501"})
    _, effects = step(None, lead, DESK, at("2026-11-23 10:00"))
    assert kinds(effects) == ["OpenTask", "Notify"]
    assert (effects[0].side, effects[0].record) == ("salesforce", "00Q501")


def test_what_revloop_copied_itself_is_not_reverted():
    assert step(None, a_lead(status=rejected("2026-11-23 10:00", ours=True)), DESK, at("2026-11-23 10:00")) == (
        None,
        [],
    )


def test_a_reason_taken_away_from_our_own_reapplied_rejection_is_asked_about_again_but_not_reverted():
    ours = rejected("2026-11-23 13:10", ours=True)
    back = {"hubspot": Status("OPEN", at("2026-11-23 10:00"), ours=True)}
    _, effects = case_after(
        DESK,
        (a_lead(status=MONDAY), "2026-11-23 10:00"),
        (a_lead(status=back, reason="need_none"), "2026-11-23 13:10"),
        (a_lead(status=ours, reason="need_none"), "2026-11-23 14:00"),
        (a_lead(status=ours), "2026-11-24 09:00"),
    )
    assert kinds(effects[5:]) == ["ReopenTask", "Notify"]
    assert effects[5].due_at == at("2026-11-24 13:00")


def test_an_erased_person_is_forgotten_and_a_deleted_one_is_not():
    case, _ = step(None, a_lead(status=MONDAY), DESK, at("2026-11-23 10:00"))
    erased, effects = step(case, a_lead(status=MONDAY, gone="erased"), DESK, at("2026-11-23 18:00"))
    assert (erased, kinds(effects), effects[0].outcome) == (None, ["CloseTask"], "cancelled")
    deleted, effects = step(case, a_lead(status=MONDAY, gone="deleted"), DESK, at("2026-11-23 18:00"))
    assert (deleted.missing, kinds(effects)) == (None, ["CloseTask"])
    assert step(None, a_lead(status=MONDAY, gone="erased"), DESK, at("2026-11-23 18:00")) == (None, [])


def test_a_reason_without_a_rejection_is_ignored():
    lead = a_lead(status={"hubspot": Status("OPEN", at("2026-11-23 10:00"))}, reason="need_none")
    assert step(None, lead, DESK, at("2026-11-23 10:00")) == (None, [])


@pytest.mark.parametrize(("since", "asked"), [("2026-11-30 23:59", False), ("2026-12-01 00:00", True), (None, False)])
def test_old_rejections_are_left_alone(since, asked):
    desk = a_desk(enforcement={"enforce_from": date(2026, 12, 1)})
    status = {"hubspot": Status("UNQUALIFIED", at(since) if since else None, "OPEN")}
    case, effects = step(None, a_lead(status=status), desk, at("2026-12-03 10:00"))
    assert (case is not None, bool(effects)) == (asked, asked)


@pytest.mark.parametrize(
    ("reason", "comment", "enough"),
    [
        ("need_none", None, True),
        ("other", None, False),
        ("other", "x" * 14 + "  ", False),
        ("other", "fünfzehn Zeiche", True),
        ("unknown_code", "long enough comment", False),
        (None, "long enough comment", False),
    ],
)
def test_what_explains_a_rejection(reason, comment, enough):
    _, effects = step(None, a_lead(status=MONDAY, reason=reason, comment=comment), DESK, at("2026-11-23 10:00"))
    assert ("Revert" not in kinds(effects)) is enough


@pytest.mark.parametrize("chosen", ["2026-05-01 10:00", "2026-11-01 10:00", None])
def test_the_reason_of_an_earlier_cycle_explains_nothing(chosen):
    stale = {
        "reason": "need_none",
        "cycle": 2,
        "reason_at": at(chosen) if chosen else None,
        "cycle_from": at("2026-11-01 10:00"),
    }
    _, effects = step(None, a_lead(status=MONDAY, **stale), DESK, at("2026-11-23 10:00"))
    assert "Revert" in kinds(effects)


def test_a_lead_that_is_worked_on_after_all_needs_no_reason():
    working = a_lead(status={"hubspot": Status("CONNECTED", at("2026-11-23 11:00"))})
    case, effects = case_after(DESK, (a_lead(status=MONDAY), "2026-11-23 10:00"), (working, "2026-11-23 15:00"))
    assert (kinds(effects[3:]), effects[-1].outcome, case.missing) == (["CloseTask"], "cancelled", None)


def test_a_reason_that_overtakes_the_revert_still_ends_in_a_rejection():
    lead = a_lead(status=MONDAY, reason="need_none", reason_at=at("2026-11-23 10:01"))
    _, effects = case_after(DESK, (a_lead(status=MONDAY), "2026-11-23 10:00"), (lead, "2026-11-23 10:05"))
    assert kinds(effects[3:]) == ["Reapply", "CloseTask"]


def test_the_loop_guard_flags_the_fourth_rejection_in_30_days():
    case, reverts = None, []
    for day in (23, 24, 25, 26):
        status = rejected(f"2026-11-{day} 10:00")
        case, effects = step(case, a_lead(status=status), DESK, at(f"2026-11-{day} 10:05"))
        reverts.append(kinds(effects).count("Revert"))
        back = {"hubspot": Status("OPEN", at(f"2026-11-{day} 10:05"), ours=True)}
        if day != 26:
            case, _ = step(case, a_lead(status=back), DESK, at(f"2026-11-{day} 10:10"))
    assert reverts == [1, 1, 1, 0]
    assert [each.code for each in effects if isinstance(each, Hold)] == ["REVERT_LOOP"]
    assert sum(key.startswith("open:task") for key in case.done) == 2  # the owner's and the manager's
    later = a_lead(status=rejected("2026-12-24 10:00"))
    _, effects = step(case, later, DESK, at("2026-12-24 10:05"))
    assert {"Revert", "Release"} <= set(kinds(effects))


def test_a_status_without_a_known_past_is_not_given_back():
    case, effects = step(None, a_lead(status=rejected("2026-11-23 10:00", before=None)), DESK, at("2026-11-23 10:00"))
    held = [(each.code, each.side) for each in effects if isinstance(each, Hold)]
    assert held == [("PRIOR_STATUS_UNKNOWN", "hubspot")]
    assert derived(case, DESK)["revops_rejection_state"] == "missing_reason"
    _, effects = step(None, a_lead(status=rejected("2026-11-23 10:00", before="")), DESK, at("2026-11-23 10:00"))
    assert only(effects, Revert).status == ""


def test_an_objection_stops_marketing_and_a_duplicate_opens_one_merge_task():
    _, effects = case_after(
        DESK,
        (a_lead(status=MONDAY, reason="no_consent"), "2026-11-23 10:00"),
        (a_lead(status=MONDAY, reason="data_duplicate"), "2026-11-23 11:00"),
        (a_lead(status=MONDAY, reason="data_duplicate"), "2026-11-23 12:00"),
    )
    assert kinds(effects) == ["Suppress", "OpenTask"]
    assert effects[1].subject == "Dubletten zusammenführen: 501"


def test_a_new_cycle_ends_the_old_tasks_and_a_stale_page_changes_nothing():
    case, _ = step(None, a_lead(status=MONDAY), DESK, at("2026-11-23 10:00"))
    new = a_lead(status={"hubspot": Status("NEW", at("2026-11-24 10:00"))}, cycle=2)
    second, effects = step(case, new, DESK, at("2026-11-24 10:00"))
    assert (second, kinds(effects)) == (Case("p1", 2, reverts=case.reverts), ["CloseTask"])
    assert step(second, a_lead(status=MONDAY), DESK, at("2026-11-24 11:00")) == (second, [])


def test_a_case_of_somebody_else_is_refused():
    with pytest.raises(ValueError, match="another person"):
        step(Case("p2", 1), a_lead(), DESK, at("2026-11-23 10:00"))


def test_absences_and_messages():
    away = Absence("anna@example.com", date(2026, 11, 23), date(2026, 11, 27), "ben@example.com")
    desk = a_desk(escalation={"absences": (away,)})
    _, effects = step(None, a_lead(status=MONDAY), desk, at("2026-11-23 10:00"))
    assert only(effects, OpenTask).to == "ben@example.com"
    notices = [each for each in effects if isinstance(each, Notify)]
    (digest,) = digests([*notices, *notices], "en", at("2026-11-23 10:00"))
    assert (digest.to, digest.subject, digest.keys) == (
        "ben@example.com",
        "revloop: one open matter",
        (notices[0].key,),
    )
    assert digests(notices, "de", at("2026-11-23 09:59")) == []


def test_nobody_to_ask_waits_in_the_inbox_and_is_released_when_somebody_is_there():
    desk = a_desk(escalation={"head_of_sales": None})
    case, effects = step(None, a_lead(status=MONDAY, owner=None), desk, at("2026-11-23 10:00"))
    assert kinds(effects) == ["Revert", "Hold"]
    assert step(case, a_lead(status=MONDAY, owner=None), desk, at("2026-11-23 10:05")) == (case, [])
    _, effects = step(case, a_lead(status=MONDAY), desk, at("2026-11-23 11:00"))
    assert kinds(effects) == ["OpenTask", "Notify", "Release"]
    assert only(effects, Release).hold == "hold:p1:1:reason"


def test_effects_name_no_person():
    assert len(OWNERS) == 7
    _, effects = step(None, a_lead(status=MONDAY), DESK, at("2026-11-23 10:00"))
    assert not any("@" in each.key for each in effects)
    assert not any("@" in only(effects, OpenTask).body + only(effects, OpenTask).subject for _ in effects)
    assert not any(isinstance(each, Reassign) for each in effects)

"""The 48 h clock of a hand-over: levels, delivery, queues, people who left or are away (domain §3.3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from rejection_desk import ANNA, BOSS, CHEF, OWNERS, a_desk, a_lead, at, case_after, kinds, only, rejected

from connector.revops.rejection import derived, step
from connector.revops.rejection_config import Absence
from connector.revops.rejection_effects import Escalate, Hold, Notify, OpenTask, Reassign

DESK = a_desk()
FRIDAY = "2026-11-20 16:00"


def handed_over(**facts):
    return a_lead(
        **({"records": {"hubspot": "501", "salesforce": "00Q501"}, "qualified_at": at(FRIDAY)} | facts),
    )


def ups(effects):
    return [(each.level, each.to) for each in effects if isinstance(each, Escalate)]


@pytest.mark.parametrize(
    ("clock", "after", "reached"),
    [
        ("working_days", timedelta(hours=48), "2026-11-24 16:00"),
        ("elapsed", timedelta(hours=48), "2026-11-22 16:00"),
        ("business_hours", timedelta(hours=16), "2026-11-24 16:00"),
    ],
)
def test_the_friday_lead_of_0a_by_every_clock(clock, after, reached):
    desk = a_desk(escalation={"clock": clock, "after": after})
    case, effects = step(None, handed_over(), desk, at(reached) - timedelta(minutes=1))
    assert (effects, derived(case, desk)["revops_feedback_overdue"]) == ([], "false")
    case, effects = step(case, handed_over(), desk, at(reached))
    assert ups(effects) == [(1, "chef@example.com")]
    assert only(effects, Escalate).breached_at == at(reached)
    assert derived(case, desk)["revops_feedback_overdue"] == "true"
    assert derived(case, desk)["revops_rejection_state"] == "escalated_1"


def test_level_2_at_twice_the_time_each_exactly_once():
    case, effects = case_after(
        DESK, *[(handed_over(), f"2026-11-{day} {hour}:00") for day in (24, 25, 26, 27) for hour in (15, 16)]
    )
    assert ups(effects) == [(1, "chef@example.com"), (2, "boss@example.com")]
    assert [each.breached_at for each in effects if isinstance(each, Escalate)] == [
        at("2026-11-24 16:00"),
        at("2026-11-26 16:00"),
    ]
    subjects = [each.subject for each in effects if isinstance(each, OpenTask)]
    assert subjects == ["Rückmeldung überfällig (Stufe 1): 00Q501", "Rückmeldung überfällig (Stufe 2): 00Q501"]
    assert derived(case, DESK)["revops_rejection_state"] == "escalated_2"


def test_a_run_after_a_long_silence_catches_up():
    _, effects = step(None, handed_over(), DESK, at("2026-12-03 10:00"))
    assert ups(effects) == [(1, "chef@example.com"), (2, "boss@example.com")]


def test_an_escalation_at_night_is_delivered_at_the_next_opening_and_the_breach_stays():
    desk = a_desk(escalation={"clock": "elapsed"})
    _, effects = step(None, handed_over(), desk, at("2026-11-22 16:00"))
    up = only(effects, Escalate)
    assert (up.breached_at, up.deliver_at) == (at("2026-11-22 16:00"), at("2026-11-23 09:00"))
    assert only(effects, Notify).deliver_at == at("2026-11-23 09:00")
    assert only(effects, OpenTask).due_at == at("2026-11-23 13:00")


@pytest.mark.parametrize("what", ["accepted_at", "opportunity_at"])
def test_2a_an_answer_in_time_stops_the_clock_and_a_late_one_does_not_undo_the_breach(what):
    met, effects = step(None, handed_over(**{what: at("2026-11-24 15:59")}), DESK, at("2026-11-24 18:00"))
    assert (effects, met.breached_at) == ([], None)
    met, _ = step(None, handed_over(**{what: at("2026-11-24 16:00")}), DESK, at("2026-11-24 18:00"))
    assert met.breached_at is None
    late, effects = step(None, handed_over(**{what: at("2026-11-24 16:01")}), DESK, at("2026-11-24 18:00"))
    assert (effects, late.breached_at, late.overdue) == ([], at("2026-11-24 16:00"), False)


def test_a_conversion_while_overdue_stops_the_timer_and_closes_the_tasks():
    case, _ = step(None, handed_over(), DESK, at("2026-11-24 16:00"))
    converted = handed_over(opportunity_at=at("2026-11-25 09:00"))
    case, effects = step(case, converted, DESK, at("2026-11-25 09:30"))
    assert kinds(effects) == ["CloseTask"]
    assert derived(case, DESK)["revops_feedback_overdue"] == "false"
    assert case.breached_at == at("2026-11-24 16:00")
    assert step(case, converted, DESK, at("2026-12-24 09:30")) == (case, [])


def test_a_rejection_with_a_reason_is_feedback_and_one_without_is_not():
    explained = handed_over(status=rejected("2026-11-23 10:00"), reason="need_none")
    case, _ = step(None, explained, DESK, at("2026-11-23 10:00"))
    assert (case.disposition, case.feedback_at) == ("rejected", at("2026-11-23 10:00"))
    case, _ = step(None, handed_over(status=rejected("2026-11-23 10:00")), DESK, at("2026-11-23 10:00"))
    assert (case.disposition, case.missing is not None) == (None, True)


def test_a_rejection_from_before_the_hand_over_answers_nothing():
    old = {"status": rejected("2026-11-19 10:00"), "reason": "need_none"}
    case, effects = step(None, handed_over(**old, reason_at=at("2026-11-19 10:00")), DESK, at("2026-11-24 16:00"))
    assert (case.disposition, case.feedback_at, ups(effects)) == (None, None, [(1, "chef@example.com")])
    new = {"status": rejected("2026-11-19 10:00"), "reason": "need_none"}
    case, _ = step(None, handed_over(**new, reason_at=at(FRIDAY)), DESK, at("2026-11-24 16:00"))
    assert (case.disposition, case.feedback_at) == ("rejected", at(FRIDAY))


def test_the_grace_and_the_48_hours_share_their_levels():
    desk = a_desk(enforcement={"hubspot": "flag"})
    lead = handed_over(status=rejected("2026-11-23 10:00"))
    moments = [(lead, f"2026-11-{day} {clock}") for day in (23, 24, 25, 26) for clock in ("10:00", "14:00", "16:00")]
    _, effects = case_after(desk, *moments)
    found = [(each.level, each.cause, each.breached_at) for each in effects if isinstance(each, Escalate)]
    assert found == [(1, "reason", at("2026-11-23 14:00")), (2, "feedback", at("2026-11-26 16:00"))]


def test_old_hand_overs_raise_no_alarm():
    desk = a_desk(enforcement={"enforce_from": date(2026, 12, 1)})
    case, effects = step(None, handed_over(), desk, at("2026-12-03 10:00"))
    assert (effects, case.breached_at, case.handover_at) == ([], None, at(FRIDAY))


# --- who owns it ---------------------------------------------------------------------------------------------


def test_the_hand_over_is_when_sales_gets_it():
    lead = handed_over(owner_since=at("2026-11-23 11:00"))
    case, _ = step(None, lead, DESK, at("2026-11-23 12:00"))
    assert case.handover_at == at("2026-11-23 11:00")
    assert step(None, replace(lead, owner="marketing@example.com"), DESK, at("2026-11-23 12:00")) == (None, [])
    assert step(None, replace(lead, owner="stranger@example.com"), DESK, at("2026-11-23 12:00")) == (None, [])
    known = replace(lead, handover_at=at("2026-11-19 09:00"))
    assert step(None, known, DESK, at("2026-11-20 12:00"))[0].handover_at == at("2026-11-19 09:00")


def test_a_reassignment_does_not_reset_the_clock_unless_the_rules_say_so():
    start = handed_over()
    moved = handed_over(owner="ben@example.com", owner_since=at("2026-11-24 10:00"))
    for reset, reached in ((False, "2026-11-24 16:00"), (True, "2026-11-26 10:00")):
        desk = a_desk(escalation={"reset_on_reassign": reset})
        case, _ = step(None, start, desk, at(FRIDAY))
        case, effects = step(case, moved, desk, at(reached) - timedelta(minutes=1))
        assert effects == []
        _, effects = step(case, moved, desk, at(reached))
        assert ups(effects) == [(1, "leiter.sued@example.com")]


def test_while_a_queue_owns_it_the_clock_stands_still():
    queued = handed_over(owner="Inbound", owner_since=at("2026-11-23 16:00"))
    case, _ = step(None, handed_over(), DESK, at(FRIDAY))
    case, effects = step(case, queued, DESK, at("2026-11-27 16:00"))
    assert effects == []
    pause = (at("2026-11-23 16:00"), at("2026-11-27 16:00"))
    back = handed_over(owner_since=at("2026-11-27 16:00"), pauses=(pause,))
    case, effects = step(case, back, DESK, at("2026-11-30 15:59"))
    assert effects == []
    assert ups(step(case, back, DESK, at("2026-11-30 16:00"))[1]) == [(1, "chef@example.com")]


def test_a_breach_before_the_queue_goes_to_the_queues_manager():
    queued = handed_over(owner="Inbound", owner_since=at("2026-11-24 16:30"))
    case, _ = step(None, handed_over(), DESK, at(FRIDAY))
    _, effects = step(case, queued, DESK, at("2026-11-24 17:00"))
    assert ups(effects) == [(1, "leitung.inbound@example.com")]


def test_a_queue_may_let_the_clock_run():
    desk = a_desk(escalation={"queue": "run"})
    _, effects = step(None, handed_over(owner="Inbound"), desk, at("2026-11-24 16:00"))
    assert ups(effects) == [(1, "leitung.inbound@example.com")]


def test_the_lead_of_somebody_who_left_goes_to_the_manager_at_once():
    gone = handed_over(owner="left@example.com", handover_at=at(FRIDAY))
    case, effects = step(None, gone, DESK, at("2026-11-20 16:30"))
    up = only(effects, Escalate)
    assert (up.to, up.cause, up.breached_at) == ("chef@example.com", "owner_inactive", None)
    assert derived(case, DESK)["revops_feedback_overdue"] == "false"
    case, effects = step(case, gone, DESK, at("2026-11-24 16:00"))
    assert (effects, derived(case, DESK)["revops_feedback_overdue"]) == ([], "true")
    _, effects = step(
        None, a_lead(owner="left@example.com", status=rejected("2026-11-23 10:00")), DESK, at("2026-11-23 10:00")
    )
    assert only(effects, OpenTask).to == "chef@example.com"


@pytest.mark.parametrize(
    ("owner", "owners", "changes", "to", "role"),
    [
        ("anna@example.com", OWNERS, {}, "chef@example.com", "manager"),
        ("ben@example.com", OWNERS, {}, "leiter.sued@example.com", "team_lead"),
        ("chef@example.com", OWNERS, {}, "boss@example.com", "manager"),
        ("leiter.sued@example.com", OWNERS, {}, "boss@example.com", "head_of_sales"),
        ("anna@example.com", (replace(ANNA, manager="anna@example.com"),), {}, "leiter.sued@example.com", "team_lead"),
        ("anna@example.com", (ANNA, replace(CHEF, active=False), BOSS), {}, "boss@example.com", "manager"),
        ("anna@example.com", (replace(ANNA, team=None, manager=None),), {}, "boss@example.com", "head_of_sales"),
        (
            "anna@example.com",
            OWNERS,
            {"absences": (Absence("chef@example.com", date(2026, 11, 24), date(2026, 11, 24), "ben@example.com"),)},
            "ben@example.com",
            "deputy",
        ),
        (
            "anna@example.com",
            OWNERS,
            {"absences": (Absence("chef@example.com", date(2026, 11, 24), date(2026, 11, 24)),)},
            "leiter.sued@example.com",
            "team_lead",
        ),
        (
            "anna@example.com",
            OWNERS,
            {"absences": (Absence("chef@example.com", date(2026, 11, 24), date(2026, 11, 24), "anna@example.com"),)},
            "leiter.sued@example.com",
            "team_lead",
        ),
    ],
)
def test_who_hears_of_level_1(owner, owners, changes, to, role):
    desk = a_desk(owners=owners, escalation=changes)
    _, effects = step(None, handed_over(owner=owner, handover_at=at(FRIDAY)), desk, at("2026-11-24 16:00"))
    assert (only(effects, Escalate).to, only(effects, Escalate).role) == (to, role)


def test_an_owner_without_a_manager_waits_in_the_inbox_until_there_is_one():
    desk = a_desk(escalation={"head_of_sales": None, "teams": {}})
    lead = handed_over(owner="ben@example.com", handover_at=at(FRIDAY))
    case, effects = step(None, lead, desk, at("2026-11-24 16:00"))
    assert (kinds(effects), only(effects, Hold).code) == (["Hold"], "NO_RECIPIENT")
    assert derived(case, desk)["revops_feedback_overdue"] == "true"
    _, effects = step(case, lead, DESK, at("2026-11-24 17:00"))
    assert kinds(effects) == ["Escalate", "OpenTask", "Notify", "Release"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"levels": ("manager",), "teams": {}}, "level 1: the owner has no manager who can be asked; set the manager"),
        ({"levels": ("head_of_sales",), "head_of_sales": None}, "level 1: `head_of_sales` is not set"),
        ({"levels": ("head_of_sales",), "head_of_sales": "ben@example.com"}, "level 1: `head_of_sales` in rules"),
        ({"levels": ("reassign",), "reassign_to": None}, "level 1: `reassign_to` is not set"),
    ],
)
def test_nobody_is_told_for_a_reason_that_the_level_names(changes, words):
    lead = handed_over(owner="ben@example.com", handover_at=at(FRIDAY))
    _, effects = step(None, lead, a_desk(escalation=changes), at("2026-11-24 16:00"))
    assert only(effects, Hold).message.startswith(f"nobody can be told of {words}")


def test_level_3_gives_the_lead_to_somebody_else():
    desk = a_desk(
        escalation={"levels": ("manager", "head_of_sales", "reassign"), "reassign_to": "innendienst@example.com"}
    )
    case, effects = step(None, handed_over(), desk, at("2026-11-30 16:00"))
    found = only(effects, Reassign)
    assert (found.expected, found.to) == ("anna@example.com", "innendienst@example.com")
    assert [each.level for each in effects if isinstance(each, Escalate)] == [1, 2, 3]
    assert step(case, handed_over(), desk, at("2026-12-30 16:00")) == (case, [])

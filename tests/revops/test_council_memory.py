"""What is remembered for the reports: the feedback clock, every cycle, what made an SQL rule fire, and counts."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from council_rows_of import AS_OF, handed
from hypothesis import given
from hypothesis import strategies as st
from rejection_desk import ANNA, INBOUND, a_desk, a_lead, at
from scoring_people import ANNA as PERSON
from scoring_people import AS_OF as NOW
from scoring_people import annas_events, scorer, with_both_sql_rules

from connector.revops.council_counts import counted, key_of, rows_of
from connector.revops.council_memory import Handed, Won, follow, handed_data, handed_from, won_data, won_deals, won_from
from connector.revops.council_proposals import thresholds_of
from connector.revops.rejection_case import Case, Missing, Rejected
from connector.revops.rejection_feedback import Measured, measured
from connector.revops.scoring_components import components
from connector.revops.scoring_result import Previous

FRIDAY = at("2026-11-20 16:00")
BERLIN = ZoneInfo("Europe/Berlin")
HANDED = Case("p1", 1, handover_at=FRIDAY)


# --- the clock -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "worked"),
    [
        ("2026-11-20 18:00", timedelta(hours=2)),
        ("2026-11-23 10:00", timedelta(hours=18)),  # the weekend does not count
        ("2026-11-24 16:00", timedelta(hours=48)),
        ("2026-11-24 17:00", timedelta(hours=49)),
    ],
)
def test_how_long_the_clock_ran(answered, worked):
    case = replace(HANDED, feedback_at=at(answered), disposition="accepted")
    assert measured(case, a_lead(), a_desk(), AS_OF) == Measured(at("2026-11-24 16:00"), worked, in_force=True)


def test_without_an_answer_only_the_due_time_is_known():
    assert measured(HANDED, a_lead(), a_desk(), AS_OF) == Measured(at("2026-11-24 16:00"), None, in_force=True)
    assert measured(Case("p1", 1), a_lead(), a_desk(), AS_OF) == Measured()


def test_what_is_older_than_the_rules_has_no_clock():
    desk = a_desk(enforcement={"enforce_from": at("2026-11-21 00:00").date()})
    assert measured(HANDED, a_lead(), desk, AS_OF) == Measured()


def test_a_breach_stays_the_due_time_and_a_queue_lets_it_stand_still():
    desk = a_desk(owners=(ANNA, INBOUND))
    queued = a_lead(owner="Inbound", owner_since=at("2026-11-20 18:00"))
    assert measured(HANDED, queued, desk, AS_OF).due_at is None
    breached = replace(HANDED, breached_at=at("2026-11-24 16:00"))
    assert measured(breached, queued, desk, AS_OF).due_at == at("2026-11-24 16:00")


def test_a_reassignment_begins_anew_only_while_the_lead_is_open():
    desk = a_desk(escalation={"reset_on_reassign": True})
    given_on = a_lead(owner_since=at("2026-11-23 10:00"))
    assert measured(HANDED, given_on, desk, AS_OF).due_at == at("2026-11-25 10:00")
    answered = replace(HANDED, feedback_at=at("2026-11-20 17:00"), disposition="accepted")
    assert measured(answered, given_on, desk, AS_OF) == Measured(
        at("2026-11-24 16:00"), timedelta(hours=1), in_force=True
    )


# --- every cycle ---------------------------------------------------------------------------------------------


def facts(scored_then):
    return {"source": "OFFLINE"} | ({"band": "A/E1"} if scored_then else {})


def test_a_hand_over_is_followed_until_its_answer():
    due = Measured(at("2026-11-24 16:00"), None, in_force=True)
    assert follow((), None, due, facts) == follow((), Case("p1", 1), due, facts) == ()
    (fresh,) = follow((), HANDED, due, facts)
    assert fresh == Handed(1, FRIDAY, {"source": "OFFLINE", "band": "A/E1"}, due_at=due.due_at)
    moment = at("2026-11-23 10:00")
    missing = Missing("hubspot", "UNQUALIFIED", "OPEN", moment, moment, moment, reverted=True)
    (waiting,) = follow((fresh,), replace(HANDED, missing=missing), due, facts)
    assert waiting.unexplained
    rejected = replace(
        HANDED, feedback_at=moment, disposition="rejected", rejected=Rejected(moment, "sales", "need_none")
    )
    late = Measured(due.due_at, timedelta(hours=18), in_force=True)
    (answered,) = follow((waiting,), rejected, late, facts)
    assert (answered.reason, answered.worked, answered.unexplained) == ("need_none", timedelta(hours=18), False)


def test_an_answer_stays_and_only_its_reason_may_be_corrected():
    moment = at("2026-11-23 10:00")
    known = Handed(
        1, FRIDAY, due_at=AS_OF, worked=timedelta(hours=1), feedback_at=moment, disposition="rejected", reason="other"
    )
    corrected = replace(
        HANDED, feedback_at=moment, disposition="rejected", rejected=Rejected(moment, "sales", "need_none")
    )
    (found,) = follow((known,), corrected, Measured(FRIDAY, timedelta(hours=9), in_force=True), facts)
    assert found == replace(known, reason="need_none")
    (kept,) = follow((found,), replace(corrected, rejected=None), Measured(), facts)
    assert kept == found


def test_a_new_cycle_stands_beside_the_old_ones():
    old = tuple(Handed(cycle, FRIDAY - timedelta(days=200 * (4 - cycle))) for cycle in (1, 2))
    found = follow(old, replace(HANDED, cycle=3), Measured(in_force=False), facts)
    assert found == (*old, Handed(3, FRIDAY, {"source": "OFFLINE"}))


def test_won_deals_keep_the_scores_of_then():
    first = Won("d1", FRIDAY, ("hubspot:1",), hot=False, fit_score=40, engagement_score=20)
    later = replace(first, hot=True, fit_score=90, closed_at=AS_OF)
    other = Won("d0", AS_OF, ("hubspot:0",), hot=True)
    assert won_deals((first,), [later, other]) == (other, replace(first, closed_at=AS_OF))
    assert won_deals((first,), []) == ()


@given(
    st.builds(
        Handed,
        cycle=st.integers(1, 9),
        at=st.just(FRIDAY),
        facts=st.dictionaries(st.sampled_from(["source", "band"]), st.text(min_size=1), max_size=2),
        due_at=st.none() | st.just(AS_OF),
        worked=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=900)),
        feedback_at=st.none() | st.just(AS_OF),
        disposition=st.none() | st.sampled_from(["accepted", "rejected", "opportunity"]),
        reason=st.none() | st.just("need_none"),
        unexplained=st.booleans(),
    )
)
def test_what_is_written_down_comes_back(one):
    assert handed_from(handed_data(one)) == one
    won = Won("d1", one.at, ("hubspot:1",), hot=one.unexplained, fit_score=one.cycle)
    assert won_from(won_data(won)) == won


# --- what made the SQL rule fire -------------------------------------------------------------------------------


def test_the_components_of_both_rules(tmp_path):
    both = scorer(tmp_path, with_both_sql_rules())
    bant = {"bant_budget": "approved", "bant_authority": "decides", "bant_need": "implied"}
    score = both.score(PERSON | bant, annas_events(), NOW)
    assert score.sql.rule == "bant_positive+bant_grades"
    assert components(score) == (
        "budget", "authority", "need", "pricing_page", "webinar", "position", "company_size", "industry", "engagement",
    )  # fmt: skip


def test_only_a_rule_that_fires_has_components(tmp_path):
    default = scorer(tmp_path)
    assert components(default.score(PERSON, annas_events(), NOW)) == ()
    kept = default.score(PERSON, annas_events(), NOW, Previous(sql=True, sql_rule="bant_positive"))
    assert kept.sql.rule == "bant_positive"
    assert components(kept) == ()


def test_only_a_is_enough_where_the_rules_say_so(tmp_path):
    data = with_both_sql_rules()
    data["scoring"]["sql"]["rules"][0] |= {"positive_min": "A", "min_positive": "2"}
    bant = {"bant_budget": "approved", "bant_authority": "decides", "bant_need": "implied"}
    made = components(scorer(tmp_path, data).score(PERSON | bant, annas_events(), NOW))
    assert made[:3] == ("budget", "authority", "pricing_page")


def test_the_thresholds_of_the_rules(tmp_path):
    found = {each.id: (each.score, each.value) for each in thresholds_of(scorer(tmp_path).config)}
    assert found == {
        "grade A": ("fit", 75), "grade B": ("fit", 50), "grade C": ("fit", 25),
        "level E1": ("engagement", 60), "level E2": ("engagement", 30),
    }  # fmt: skip


# --- counts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        handed(1),
        handed(2, reason="need_none"),
        handed(3, disposition=None),
        replace(handed(4, disposition=None), due_at=None),
        replace(handed(5), feedback_at=at("2026-10-09 10:00")),
        replace(handed(6, reason="budget_none"), recycled_at=at("2026-10-07 10:00"), won_at=at("2026-11-07 10:00")),
        replace(handed(7), sql_rule="bant_positive", components=("need", "webinar"), band=None, temperature=None),
        replace(handed(8, disposition=None), unexplained=True),
        replace(handed(9), handover_at=at("2026-11-01 00:00"), feedback_at=at("2026-11-01 02:00")),
    ],
)
def test_a_count_says_the_same_as_the_hand_over(row):
    counts = counted(row, BERLIN, AS_OF)
    again = list(rows_of(key_of(counts), counts, 2, BERLIN))
    assert len({each.person for each in again}) == 2
    for each in again:
        assert each.records == ()
        assert row.person not in each.person
        for name in ("disposition", "reason", "unexplained", "source", "campaign", "band", "temperature", "sql_rule"):
            assert getattr(each, name) == getattr(row, name), name
        assert each.components == row.components
        assert (each.recycled_at is None, each.won_at is None) == (row.recycled_at is None, row.won_at is None)
        local, before = each.handover_at.astimezone(BERLIN), row.handover_at.astimezone(BERLIN)
        assert (local.month, local.isocalendar()[:2]) == (before.month, before.isocalendar()[:2])
        assert (each.industry, each.country, each.company_size, each.worked, each.fit_score) == (None,) * 5
        if row.feedback_at and row.due_at:
            assert (each.feedback_at <= each.due_at) == (row.feedback_at <= row.due_at)
        assert (each.due_at is not None and each.feedback_at is None) == (
            row.due_at is not None and row.feedback_at is None and row.due_at <= AS_OF
        )
    assert counted(again[0], BERLIN, AS_OF) == counts

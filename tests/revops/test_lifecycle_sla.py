"""The clocks of the agreement: 2-A, pauses, reassignment, a breach that stays; and how long stages take."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from connector.revops.calendars import Calendar, Calendars
from connector.revops.lifecycle import Lifecycle, Sla
from connector.revops.lifecycle_journey import Journey, Past, Stamp, cycles, to_data
from connector.revops.lifecycle_sla import Fact, Owned, Qualified, clock, marketing_side, quarter
from connector.revops.lifecycle_velocity import Durations, Step, steps, velocity

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HERE = Calendars()
ACCEPTANCE = Sla("acceptance", ("mql",), ("sal", "rejection"), {"*": 48 * HOUR})
RESPONSE = Sla(
    "first_response",
    ("demo_request", "contact_form", "sql"),
    ("first_sales_activity",),
    {"hot": HOUR, "warm": 8 * HOUR},
    "business_hours",
)
ANNA, BEN = "anna.muster@example.com", "ben.muster@example.com"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def run(sla, facts, as_of, **more):
    read = [Fact(kind, at(text)) for kind, text in facts]
    return clock(sla, read, **({"cycle": 1, "as_of": at(as_of), "calendars": HERE} | more))


MQL = ("mql", "2026-11-20 16:00")


@pytest.mark.parametrize(
    ("accepted", "state", "overrun"),
    [
        ("2026-11-24 15:59", "met", 0),
        ("2026-11-24 16:00", "met", 0),  # exactly due is in time
        ("2026-11-24 16:01", "late", 1),
    ],
)
def test_2_a(accepted, state, overrun):
    found = run(ACCEPTANCE, [MQL, ("sal", accepted)], "2026-11-30 12:00")
    assert found.due_at == at("2026-11-24 16:00")
    assert found.due_at.tzinfo is UTC
    assert (found.state, found.overrun) == (state, overrun * MINUTE)
    assert found.breached_at == (at("2026-11-24 16:00") if overrun else None)


@pytest.mark.parametrize(
    ("as_of", "state"),
    [("2026-11-20 15:00", None), ("2026-11-24 16:00", "running"), ("2026-11-24 16:01", "breached")],
)
def test_a_clock_without_an_answer(as_of, state):
    found = run(ACCEPTANCE, [MQL], as_of)
    assert (found and found.state) == state


def test_a_breach_is_recorded_once_and_stays():
    breached = run(ACCEPTANCE, [MQL], "2026-11-24 17:00")
    later = run(ACCEPTANCE, [MQL, ("sal", "2026-11-25 09:00")], "2026-11-25 10:00", previous=breached)
    assert (later.state, later.breached_at) == ("late", breached.breached_at)
    # even when a pause becomes known that would have moved the end, or the start is taken away
    queue = [Owned(at("2026-11-20 16:00"), None, queue=True), Owned(at("2026-11-25 08:00"), ANNA)]
    moved = run(ACCEPTANCE, [MQL, ("sal", "2026-11-25 09:00")], "2026-11-25 10:00", owners=queue, previous=breached)
    assert (moved.state, moved.breached_at) == ("late", breached.breached_at)
    assert run(ACCEPTANCE, [], "2026-11-25 10:00", previous=breached) == breached
    # a new cycle has a clock of its own
    fresh = run(ACCEPTANCE, [("mql", "2026-11-26 09:00")], "2026-11-26 10:00", cycle=2, previous=breached)
    assert (fresh.state, fresh.breached_at) == ("running", None)


def test_an_answer_before_the_start_is_none():
    assert run(ACCEPTANCE, [MQL, ("sal", "2026-11-19 09:00")], "2026-11-20 17:00").state == "running"


def test_the_clock_stands_still_while_a_queue_owns_the_person():
    owners = [Owned(at("2026-11-20 16:00"), None, queue=True), Owned(at("2026-11-23 10:00"), ANNA)]
    waiting = run(ACCEPTANCE, [MQL], "2026-11-22 12:00", owners=owners[:1])
    assert (waiting.state, waiting.due_at, waiting.ran) == ("paused", None, timedelta(0))
    assert run(ACCEPTANCE, [MQL], "2026-11-23 12:00", owners=owners).due_at == at("2026-11-25 10:00")
    nobody = [Owned(at("2026-11-20 16:00"), None)]
    assert run(ACCEPTANCE, [MQL], "2026-11-23 12:00", owners=nobody).state == "paused"


def test_the_clock_stands_still_while_the_person_is_recycled():
    pause = [(at("2026-11-20 20:00"), at("2026-11-23 08:00"))]
    found = run(ACCEPTANCE, [MQL], "2026-11-23 12:00", recycled=pause)
    assert found.due_at == at("2026-11-25 04:00")  # 4 h on Friday, 16 on Monday, 24 on Tuesday, 4 on Wednesday
    assert run(ACCEPTANCE, [MQL], "2026-11-23 12:00", recycled=[(pause[0][0], None)]).state == "paused"


@pytest.mark.parametrize(
    ("reset", "due", "started"),
    [(False, "2026-11-24 16:00", "2026-11-20 16:00"), (True, "2026-11-25 12:00", "2026-11-23 12:00")],
)
def test_a_reassignment_resets_only_where_it_is_wanted(reset, due, started):
    owners = [Owned(at("2026-11-20 16:00"), ANNA), Owned(at("2026-11-23 12:00"), BEN)]
    found = run(replace(ACCEPTANCE, reset_on_reassign=reset), [MQL], "2026-11-23 13:00", owners=owners)
    assert (found.due_at, found.started_at) == (at(due), at(started))


def test_a_reassignment_that_a_pause_kept_from_being_late_resets():
    owners = [Owned(at("2026-11-20 16:00"), ANNA), Owned(at("2026-11-24 17:00"), BEN)]
    pause = [(at("2026-11-20 20:00"), at("2026-11-24 08:00"))]
    sla = replace(ACCEPTANCE, reset_on_reassign=True)
    found = run(sla, [MQL], "2026-11-24 18:00", owners=owners, recycled=pause)
    assert (found.state, found.started_at, found.due_at) == (
        "running", at("2026-11-24 17:00"), at("2026-11-26 17:00"),
    )  # fmt: skip


def test_a_reassignment_after_the_end_heals_nothing():
    owners = [Owned(at("2026-11-20 16:00"), ANNA), Owned(at("2026-11-24 17:00"), BEN)]
    found = run(replace(ACCEPTANCE, reset_on_reassign=True), [MQL], "2026-11-24 18:00", owners=owners)
    assert (found.state, found.breached_at) == ("breached", at("2026-11-24 16:00"))


def test_the_first_assignment_is_no_reassignment():
    owners = [Owned(at("2026-11-20 16:00"), None, queue=True), Owned(at("2026-11-20 18:00"), ANNA)]
    found = run(replace(ACCEPTANCE, reset_on_reassign=True), [MQL], "2026-11-23 13:00", owners=owners)
    assert found.started_at == at("2026-11-20 16:00")
    assert found.due_at == at("2026-11-24 18:00")


def test_the_calendar_of_the_owners_site_counts():
    saxony = Calendar("leipzig", country="DE", land="SN")
    sites = Calendars(Calendar(), {"leipzig": saxony}, {ANNA: "leipzig"})
    facts = [("mql", "2026-11-17 10:00")]
    anna = [Owned(at("2026-11-17 09:00"), ANNA)]
    assert run(ACCEPTANCE, facts, "2026-11-17 12:00", calendars=sites).due_at == at("2026-11-19 10:00")
    assert run(ACCEPTANCE, facts, "2026-11-17 12:00", calendars=sites, owners=anna).due_at == at("2026-11-20 10:00")


@pytest.mark.parametrize(
    ("temperature", "due"),
    [("hot", "2026-11-23 09:30"), ("warm", "2026-11-23 16:30"), ("cold", None), (None, None)],
)
def test_first_response_by_temperature(temperature, due):
    facts = [("sql", "2026-11-21 10:00"), ("demo_request", "2026-11-20 16:30")]
    found = run(RESPONSE, facts, "2026-11-20 16:45", temperature=temperature)
    assert (found and found.due_at) == (due and at(due))


FORM = ("contact_form", "2026-11-23 10:00")
CALL = ("first_sales_activity", "2026-11-23 13:00")


def test_what_was_promised_at_the_start_holds():
    warm = run(RESPONSE, [FORM], "2026-11-23 10:15", temperature="warm")
    assert (warm.due_at, warm.target, warm.mode) == (at("2026-11-24 10:00"), 8 * HOUR, "business_hours")
    for temperature in ("hot", "cold", None):
        later = run(RESPONSE, [FORM], "2026-11-23 16:00", temperature=temperature, previous=warm)
        assert (later.state, later.due_at) == ("running", warm.due_at)
        late = run(RESPONSE, [FORM], "2026-11-24 10:01", temperature=temperature, previous=warm)
        assert (late.state, late.due_at, late.breached_at) == ("breached", warm.due_at, warm.due_at)
    # nor do rules that are agreed later
    other = replace(RESPONSE, target={"*": MINUTE}, clock="elapsed")
    assert run(other, [FORM], "2026-11-23 16:00", previous=warm).due_at == warm.due_at
    # a clock that was remembered without its promise takes what holds now
    old = replace(warm, target=None, mode=None)
    assert run(RESPONSE, [FORM], "2026-11-23 10:30", temperature="hot", previous=old).due_at == at("2026-11-23 11:00")


def test_a_clock_that_has_stopped_is_not_computed_again():
    warm = run(RESPONSE, [FORM], "2026-11-23 10:15", temperature="warm")
    met = run(RESPONSE, [FORM, CALL], "2026-11-23 13:15", temperature="hot", previous=warm)
    assert (met.state, met.ran, met.target) == ("met", 3 * HOUR, 8 * HOUR)
    queue = [Owned(at("2026-11-23 09:00"), ANNA), Owned(at("2026-11-23 10:00"), "Inbound", queue=True)]
    earlier = ("demo_request", "2026-11-20 10:00")
    for facts in ([FORM, CALL], [FORM], [], [FORM, CALL, earlier]):
        again = run(RESPONSE, facts, "2026-11-27 10:00", temperature="hot", owners=queue, previous=met)
        assert again == met
    assert run(RESPONSE, [FORM, CALL], "2026-11-27 10:00", previous=replace(met, target=None, mode=None)).state == "met"
    # what starts after it, when nothing is left of what started it, is a promise of its own
    anew = run(RESPONSE, [("sql", "2026-11-25 10:00")], "2026-11-25 10:30", temperature="hot", previous=met)
    assert (anew.state, anew.due_at) == ("running", at("2026-11-25 11:00"))


def test_a_recorded_breach_is_when_it_was_due():
    hot = run(RESPONSE, [FORM], "2026-11-23 12:00", temperature="hot")
    assert (hot.state, hot.due_at) == ("breached", at("2026-11-23 11:00"))
    queue = [Owned(at("2026-11-23 10:00"), "Inbound", queue=True), Owned(at("2026-11-23 15:00"), ANNA)]
    moved = run(RESPONSE, [FORM], "2026-11-23 16:00", temperature="warm", owners=queue, previous=hot)
    assert (moved.state, moved.due_at, moved.breached_at) == ("breached", hot.due_at, hot.due_at)


def test_a_reassignment_before_the_stop_that_becomes_known_after_it_moves_the_start():
    sla, facts = replace(ACCEPTANCE, reset_on_reassign=True), [MQL, ("sal", "2026-11-23 15:00")]
    anna, ben = Owned(at("2026-11-20 16:00"), ANNA), Owned(at("2026-11-23 12:00"), BEN)
    met = run(sla, facts, "2026-11-23 16:00", owners=[anna])
    moved = run(sla, facts, "2026-11-23 16:15", owners=[anna, ben], previous=met)
    assert (moved.started_at, moved.due_at, moved.ran) == (ben.at, at("2026-11-25 12:00"), 3 * HOUR)
    assert run(sla, facts, "2026-11-23 16:30", owners=[anna, ben], previous=moved) == moved
    after = Owned(at("2026-11-23 15:30"), BEN)
    assert run(sla, facts, "2026-11-23 16:15", owners=[anna, after], previous=met) == met


def test_a_reassignment_keeps_what_was_promised():
    sla = replace(RESPONSE, reset_on_reassign=True)
    anna, ben = Owned(at("2026-11-23 09:00"), ANNA), Owned(at("2026-11-23 12:00"), BEN)
    warm = run(sla, [FORM], "2026-11-23 10:15", temperature="warm", owners=[anna])
    found = run(sla, [FORM], "2026-11-23 12:15", temperature="cold", owners=[anna, ben], previous=warm)
    assert (found.started_at, found.due_at) == (ben.at, at("2026-11-24 12:00"))


def test_a_start_without_a_target_comes_to_nothing_and_the_next_one_is_judged_anew():
    cold = run(RESPONSE, [FORM], "2026-11-23 10:15", temperature="cold")
    assert (cold.state, cold.due_at, cold.breached_at) == ("none", None, None)
    assert run(RESPONSE, [FORM], "2026-11-23 10:30", temperature="hot", previous=cold) == cold
    assert run(RESPONSE, [], "2026-11-23 10:30", temperature="hot", previous=cold) == cold
    both = [FORM, ("sql", "2026-11-25 10:00")]
    still = run(RESPONSE, both, "2026-11-25 10:15", temperature="cold", previous=cold)
    assert (still.state, still.started_at) == ("none", at("2026-11-25 10:00"))
    hot = run(RESPONSE, both, "2026-11-25 10:15", temperature="hot", previous=cold)
    assert (hot.state, hot.due_at) == ("running", at("2026-11-25 11:00"))
    assert run(RESPONSE, both, "2026-11-25 10:30", temperature="cold", previous=hot).due_at == hot.due_at
    # a new cycle knows nothing of it
    assert run(RESPONSE, [FORM], "2026-11-23 10:30", temperature="hot", previous=cold, cycle=2).state == "running"


def test_a_promise_that_ended_stays_when_a_later_start_has_no_target():
    hot = run(RESPONSE, [FORM], "2026-11-23 12:00", temperature="hot")
    later = [("sql", "2026-11-25 10:00")]
    assert run(RESPONSE, later, "2026-11-25 10:15", temperature="cold", previous=hot) == hot


@pytest.mark.parametrize("word", ["sal", "rejection", "opportunity", "conversion", "disposition"])
def test_any_word_of_sales_is_a_disposition(word):
    feedback = Sla("feedback", ("handover",), ("disposition",), {"*": 48 * HOUR})
    found = run(feedback, [("handover", "2026-11-20 16:00"), (word, "2026-11-20 17:00")], "2026-11-30 10:00")
    assert (found.state, found.ran) == ("met", HOUR)


@pytest.mark.parametrize(
    ("stop", "word", "state"),
    [
        ("sal", "accepted", "met"),
        ("sal", "opportunity", "met"),
        ("sal", "conversion", "met"),
        ("sal", "sql", "breached"),
        ("sal", "rejection", "breached"),
        ("disposition", "accepted", "met"),
        ("opportunity", "conversion", "breached"),
        ("rejection", "accepted", "breached"),
    ],
)
def test_what_an_sal_stops_is_stopped_by_whatever_goes_further(stop, word, state):
    sla = replace(ACCEPTANCE, stop=(stop,))
    assert run(sla, [MQL, (word, "2026-11-20 17:00")], "2026-11-30 10:00").state == state


def test_who_skipped_the_sal_starts_no_clock_that_an_sal_starts():
    sla = Sla("opening", ("sal",), ("opportunity",), {"*": 48 * HOUR})
    assert run(sla, [MQL, ("accepted", "2026-11-20 17:00")], "2026-11-30 10:00") is None


def test_the_order_of_facts_and_owners_does_not_matter():
    facts = [MQL, ("sal", "2026-11-25 09:00"), ("rejection", "2026-11-26 09:00"), ("mql", "2026-11-21 09:00")]
    owners = [Owned(at("2026-11-20 15:00"), ANNA), Owned(at("2026-11-23 12:00"), BEN)]
    sla = replace(ACCEPTANCE, reset_on_reassign=True)
    found = run(sla, facts, "2026-11-30 12:00", owners=owners)
    assert run(sla, facts[::-1] * 2, "2026-11-30 12:00", owners=owners[::-1] * 2) == found


# --- marketing's side -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "starts", "expected"),
    [
        ("2026-11-23", 1, ("2026-10-01", "2027-01-01")),
        ("2026-11-23", 2, ("2026-11-01", "2027-02-01")),
        ("2026-01-15", 3, ("2025-12-01", "2026-03-01")),
        ("2026-12-31", 12, ("2026-12-01", "2027-03-01")),
    ],
)
def test_quarters_of_a_fiscal_year(day, starts, expected):
    assert quarter(date.fromisoformat(day), starts) == tuple(date.fromisoformat(each) for each in expected)


QUARTER = [
    Qualified(at(text), (f"hubspot:{number}",))
    for number, text in enumerate(
        ("2026-10-01 00:30", "2026-11-02 10:00", "2026-09-30 23:59", "2026-12-24 10:00", "2027-01-01 00:00")
    )
]


@pytest.mark.parametrize(
    ("as_of", "records", "kept"),
    [
        ("2026-11-23 12:00", ["hubspot:0", "hubspot:1"], Fraction(2, 2)),
        ("2026-10-31 12:00", ["hubspot:0"], Fraction(1, 2)),
        ("2027-02-01 12:00", ["hubspot:0", "hubspot:1", "hubspot:3"], Fraction(3, 2)),
    ],
)
def test_what_marketing_promised(as_of, records, kept):
    found = marketing_side(replace(Lifecycle(), sql_per_quarter=2), QUARTER, date(2026, 10, 31), at(as_of))
    assert [each for sql in found.sqls for each in sql.records] == records
    assert (found.needed, found.kept) == (2, kept)


def test_nothing_was_promised():
    assert marketing_side(Lifecycle(), QUARTER, date(2026, 10, 31), at("2026-11-23 12:00")) is None


# --- velocity -------------------------------------------------------------------------------------------


def taking(days, records=()):
    start = at("2026-11-02 10:00")
    return Step(("mql", "sal"), start, start + timedelta(days=days), records)


def test_median_and_percentile():
    """Of 1 to 10 days: half of 5 + 6, and the ninth of ten."""
    taken = [taking(days) for days in (10, 1, 2, 3, 4, 5, 6, 7, 8, 9)]
    found = velocity(taken, "elapsed", Calendar())
    assert found["mql", "sal"] == Durations(tuple(taken), timedelta(days=5, hours=12), timedelta(days=9))
    assert found["sal", "sql"] == Durations((), None, None)


@pytest.mark.parametrize(
    ("days", "median", "p90"),
    [((4,), 4, 4), ((1, 4), 2.5, 4), ((9, 1, 2), 2, 9), (range(1, 12), 6, 10), (range(1, 21), 10.5, 18)],
)
def test_median_and_percentile_of_few_and_many(days, median, p90):
    found = velocity(map(taking, days), "elapsed", Calendar())["mql", "sal"]
    assert (found.median, found.p90) == (timedelta(days=median), timedelta(days=p90))


@pytest.mark.parametrize(
    ("mode", "hours"),
    [("elapsed", 66), ("working_days", 18), ("business_hours", 2)],
)
def test_a_weekend_counts_as_the_clock_says(mode, hours):
    """Friday 16:00 to Monday 10:00: 66 hours; 8 on Friday and 10 on Monday; 16 to 17 and 9 to 10."""
    step = Step(("sal", "sql"), at("2026-11-20 16:00"), at("2026-11-23 10:00"))
    assert velocity([step], mode, Calendar())["sal", "sql"].median == hours * HOUR


def test_what_was_not_observed_has_no_duration():
    start = at("2026-11-20 16:00")
    imported = {"customer": Stamp(start)}
    filled = {"mql": Stamp(start), "sal": Stamp(start, inferred=True), "sql": Stamp(start + HOUR)}
    backwards = {"mql": Stamp(start), "sal": Stamp(start - HOUR)}
    assert [step for stamps in (imported, filled, backwards) for step in steps(stamps)] == []


def test_every_cycle_has_steps_of_its_own():
    start = at("2026-11-20 16:00")
    first = {"mql": Stamp(start), "sal": Stamp(start + HOUR)}
    again = {"mql": Stamp(start + 9 * HOUR), "sal": Stamp(start + 12 * HOUR), "sql": Stamp(start + 13 * HOUR)}
    journey = Journey(stamps=again, cycle=2, past=(Past(1, first, start + 2 * HOUR, "budget_none"),))
    found = [step for stamps in cycles(to_data(journey)) for step in steps(stamps, ("hubspot:1",))]
    assert [(step.pair, step.ended - step.began) for step in found] == [
        (("mql", "sal"), HOUR),
        (("mql", "sal"), 3 * HOUR),
        (("sal", "sql"), HOUR),
    ]
    assert {step.records for step in found} == {("hubspot:1",)}

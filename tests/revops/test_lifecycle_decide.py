"""Stages only rise, down leads a named exception: 2-B, 2-C, 2-D, L-1 and the properties of the decision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connector.revops.lifecycle import EXCEPTIONS, RANKS, STAGES, Lifecycle, rank
from connector.revops.lifecycle_claims import Proposal
from connector.revops.lifecycle_decide import decide
from connector.revops.lifecycle_journey import Down, Journey, Stamp, fields, from_data, restored, to_data
from connector.revops.lifecycle_sightings import Deal, Sighting, deal_sighting, hubspot_sighting, lead_sighting

CONFIG = Lifecycle()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hour, minute=0):
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


def person(stage, since=None, **more):
    since = since or NOON - 5 * HOUR
    return Journey(stage, stamps={stage: Stamp(since)}, source="crm", **more)


def hubspot(stage, since=None, **more):
    return Sighting("hubspot", stage, since, value=CONFIG.hubspot_value(stage), **more)


def salesforce(stage, since=None, **more):
    return Sighting("salesforce", stage, since, record_object="Lead", **more)


def recycle(when, reason="timeline_too_far", **more):
    return Down("recycle", when, "sales", reason, **more)


# --- the worked examples --------------------------------------------------------------------------------


def test_2_b_a_customer_scored_mql_stays_customer():
    before = person("customer")
    found = decide(CONFIG, before, as_of=NOON, proposals=[Proposal("mql", NOON, "rule scoring.mql")])
    assert found.journey == before
    assert found.passages == ()


def test_2_c_a_recycle_begins_a_new_cycle():
    rejected = at(11)
    found = decide(CONFIG, person("mql", at(9)), [hubspot("mql", at(9))], as_of=NOON, downs=[recycle(rejected)])
    journey = found.journey
    assert (journey.stage, journey.cycle, journey.recycled) == ("lead", 2, True)
    assert journey.past[0].stamps["mql"].at == at(9)
    assert (journey.past[0].cycle, journey.past[0].reason) == (1, "timeline_too_far")
    assert journey.recycle_on == date(2027, 5, 22)  # 180 days after the local date
    written = fields(journey)
    assert written["revops_mql_at"] is None
    assert written["revops_cycle"] == "2"
    assert written["revops_recycled_at"] == "2026-11-23T11:00:00Z"
    assert [(step.before, step.after, step.exception) for step in found.passages] == [("mql", "lead", "recycle")]
    assert found.because == "lifecycle.recycle: timeline_too_far"


def test_2_c_a_rule_waits_for_the_recycle_day_and_then_starts_cycle_2():
    seen = hubspot("mql", at(9), rejected_at=at(11))
    journey = decide(CONFIG, person("mql", at(9)), [seen], as_of=NOON, downs=[recycle(at(11))]).journey

    def later(moment):
        return decide(CONFIG, journey, [seen], as_of=moment, proposals=[Proposal("mql", moment, "rule scoring.mql")])

    early = later(datetime(2027, 5, 21, 21, 59, tzinfo=UTC))  # 23:59 in Berlin
    assert early.journey == journey
    assert [note.text for note in early.notes] == ["MQL waits until 2027-05-22, when the person is recycled"]
    again = later(datetime(2027, 5, 21, 22, 0, tzinfo=UTC)).journey
    assert (again.stage, again.cycle, again.recycled) == ("mql", 2, False)
    assert fields(again)["revops_mql_at"] == "2027-05-21T22:00:00Z"


def test_2_c_sales_may_qualify_before_the_recycle_day():
    journey = decide(CONFIG, person("mql", at(9)), as_of=NOON, downs=[recycle(at(11))]).journey
    found = decide(CONFIG, journey, [salesforce("sql", at(11, 30), source="user")], as_of=NOON).journey
    assert (found.stage, found.cycle, found.source) == ("sql", 2, "user")


def test_2_d_the_higher_stage_of_both_crms_counts():
    seen = [
        hubspot_sighting(CONFIG, "salesqualifiedlead", at=at(10)),
        lead_sighting(CONFIG, "Working - Contacted", at=at(9)),
    ]
    for order in permutations(seen):
        found = decide(CONFIG, Journey(), order, as_of=NOON)
        assert found.journey.stage == "sql"
        assert fields(found.journey)["revops_stage"] == "SQL"
        assert fields(found.journey)["revops_sql_at"] == "2026-11-23T10:00:00Z"
        assert fields(found.journey)["revops_sal_at"] == "2026-11-23T09:00:00Z"
    assert found.because == "lifecycle: hubspot shows SQL since 2026-11-23T10:00:00Z"


# --- L-1 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", STAGES)
@pytest.mark.parametrize("after", STAGES)
@pytest.mark.parametrize("who", ["hubspot", "salesforce", "rule"])
def test_l_1_no_way_down_without_an_exception(before, after, who):
    proposals = [Proposal(after, NOON, "rule")] if who == "rule" else []
    seen = [] if who == "rule" else [Sighting(who, after, NOON)]
    found = decide(CONFIG, person(before), seen, as_of=NOON, proposals=proposals)
    assert found.journey.stage == max(before, after, key=RANKS.__getitem__)
    assert found.journey.cycle == 1
    assert all(step.exception is None for step in found.passages)


@pytest.mark.parametrize("before", STAGES)
@pytest.mark.parametrize(
    ("kind", "to", "from_", "ends"),
    [
        ("recycle", None, {"mql", "sal", "sql"}, "lead"),
        ("opportunity_lost", None, {"opportunity"}, "sql"),
        ("customer_churned", None, {"customer", "evangelist"}, "customer"),
        ("data_correction", "lead", set(STAGES), "lead"),
        ("erasure", None, set(STAGES), None),
    ],
)
def test_each_exception_lowers_what_it_is_for(before, kind, to, from_, ends):
    found = decide(CONFIG, person(before), as_of=NOON, downs=[Down(kind, NOON, "admin", "because", to)])
    assert found.journey.stage == (ends if before in from_ else before)
    assert [note.code for note in found.notes] == ([] if before in from_ else ["exception_refused"])


@pytest.mark.parametrize(
    ("down", "says"),
    [
        (
            Down("recycle", NOON, "", "budget_none"),
            "recycle is not carried out: an exception needs an actor and a reason",
        ),
        (Down("recycle", NOON, "sales", " "), "recycle is not carried out: an exception needs an actor and a reason"),
        (
            Down("demoted", NOON, "sales", "x"),
            f"demoted is not carried out: only {', '.join(EXCEPTIONS)} lower a stage",
        ),
        (
            Down("opportunity_lost", NOON, "sales", "price"),
            "opportunity_lost is not carried out: only an opportunity is lost, this is MQL",
        ),
        (
            Down("data_correction", NOON, "admin", "typo", "prospect"),
            f"data_correction is not carried out: a correction names one of {', '.join(STAGES)}",
        ),
        (recycle(NOON - 9 * HOUR), "recycle is not carried out: the person became MQL after it"),
        (recycle(NOON + HOUR), "recycle is dated after this run and waits"),
    ],
)
def test_what_is_no_exception_is_said(down, says):
    found = decide(CONFIG, person("mql"), as_of=NOON, downs=[down])
    assert found.journey == person("mql")
    assert [note.text for note in found.notes] == [says]


# --- both CRMs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hubspot_at", "down_at", "stage", "cycle"),
    [
        (at(9), at(10), "lead", 2),  # the exception is later: it counts
        (at(10), at(9), "sql", 1),  # HubSpot raised the person since
        (at(10), at(10), "sql", 1),  # at the same instant nobody is later
        (None, at(10), "lead", 2),  # a stage of unknown age does not hold an exception up
    ],
)
def test_a_later_exception_beats_the_other_crm(hubspot_at, down_at, stage, cycle):
    seen = [hubspot("sql", hubspot_at), salesforce("mql", at(8))]
    found = decide(CONFIG, person("mql", at(8)), seen, as_of=NOON, downs=[recycle(down_at, side="salesforce")])
    assert (found.journey.stage, found.journey.cycle) == (stage, cycle)


def test_an_exception_that_was_overtaken_is_said():
    seen = [hubspot("sql", at(10))]
    found = decide(CONFIG, person("mql", at(8)), seen, as_of=NOON, downs=[recycle(at(9), side="salesforce")])
    assert [note.text for note in found.notes] == [
        "recycle of 2026-11-23T09:00:00Z is not carried out: hubspot shows SQL since 2026-11-23T10:00:00Z"
    ]


def test_what_we_wrote_ourselves_does_not_beat_an_exception():
    """We wrote MQL to HubSpot at 10:05, sales had rejected in Salesforce at 10:00: the rejection counts."""
    seen = [hubspot("mql", at(10, 5))]
    down = recycle(at(10), side="salesforce")
    found = decide(CONFIG, person("mql", at(9)), seen, as_of=NOON, downs=[down]).journey
    assert (found.stage, found.cycle) == ("lead", 2)
    # the way down did not reach HubSpot yet: it still shows our MQL, which is no news
    assert decide(CONFIG, found, seen, as_of=NOON, downs=[down]).journey == found
    # somebody sets it again
    later = decide(CONFIG, found, [hubspot("mql", at(11))], as_of=NOON, downs=[down]).journey
    assert (later.stage, later.cycle) == ("mql", 2)


def test_what_is_known_to_be_our_own_writing_is_no_evidence():
    found = decide(CONFIG, person("lead"), [hubspot("mql", at(10), source="rule")], as_of=NOON).journey
    assert found.stage == "lead"


def test_the_old_stage_in_hubspot_does_not_raise_a_recycled_person_again():
    journey = decide(CONFIG, person("mql", at(9)), as_of=NOON, downs=[recycle(at(10))]).journey
    for seen in (hubspot("mql", at(9)), hubspot("mql", None)):
        assert decide(CONFIG, journey, [seen], as_of=NOON, downs=[recycle(at(10))]).journey == journey


def test_forward_moves_of_hubspot_are_not_corrected():
    found = decide(CONFIG, person("mql"), [hubspot("customer", at(11))], as_of=NOON)
    assert found.journey.stage == "customer"
    assert found.journey.source == "crm"


def test_a_lost_deal_keeps_the_first_timestamp_of_the_cycle():
    journey = person("opportunity", at(8))
    lost = Down("opportunity_lost", at(9), "sales", "price")
    journey = decide(CONFIG, journey, [hubspot("opportunity", at(8))], as_of=NOON, downs=[lost]).journey
    assert (journey.stage, journey.cycle) == ("sql", 1)
    again = decide(CONFIG, journey, [hubspot("opportunity", at(11))], as_of=NOON, downs=[lost]).journey
    assert again.stage == "opportunity"
    assert again.stamps["opportunity"].at == at(8)


def test_a_former_customer_stays_customer_until_a_deal_is_won_again():
    left = Down("customer_churned", at(9), "sales", "contract ended")
    journey = decide(CONFIG, person("customer", at(7)), [hubspot("customer", at(7))], as_of=NOON, downs=[left]).journey
    assert fields(journey)["revops_customer_status"] == "former"
    first, second = Deal("1", closed=True, won=True, at=at(7)), Deal("2", closed=True, won=True, at=at(10))
    # HubSpot's stage may be our own writing, and the first deal is older: only a new deal brings the customer back
    old = [hubspot("customer", at(11)), deal_sighting(CONFIG, "salesforce", [first], since=at(9))]
    assert decide(CONFIG, journey, old, as_of=NOON, downs=[left]).journey == journey
    new = [deal_sighting(CONFIG, "salesforce", [second, first], since=at(9))]
    assert not decide(CONFIG, journey, new, as_of=NOON, downs=[left]).journey.former


def test_a_former_customer_that_was_lowered_becomes_customer_again():
    config = replace(CONFIG, churned_to="lead")
    left = Down("customer_churned", at(9), "sales", "contract ended")
    journey = decide(config, person("customer", at(7)), as_of=NOON, downs=[left]).journey
    assert (journey.stage, journey.former) == ("lead", True)
    again = decide(config, journey, [salesforce("customer", at(11))], as_of=NOON, downs=[left]).journey
    assert (again.stage, again.former) == ("customer", False)


def test_a_correction_takes_the_wrong_timestamps_away():
    journey = decide(CONFIG, person("mql", at(7)), [hubspot("customer", at(8))], as_of=NOON).journey
    corrected = Down("data_correction", at(9), "admin", "import mistake", "mql")
    journey = decide(CONFIG, journey, [hubspot("customer", at(8))], as_of=NOON, downs=[corrected]).journey
    assert journey.stage == "mql"
    assert set(journey.stamps) == {"mql"}


def test_an_erased_person_keeps_nothing():
    journey = decide(CONFIG, person("sql"), as_of=NOON, downs=[Down("erasure", NOON, "admin", "art. 17")]).journey
    assert journey.stage is None
    assert (journey.stamps, journey.past) == ({}, ())
    assert fields(journey)["revops_stage"] is None


def test_a_rejected_person_is_not_raised_by_a_rule():
    seen = [salesforce(None, None, rejected_at=at(10))]
    asked = [Proposal("sql", NOON, "rule scoring.sql")]
    found = decide(CONFIG, person("mql", at(9)), seen, as_of=NOON, proposals=asked)
    assert found.journey.stage == "mql"
    assert [note.text for note in found.notes] == ["SQL is not set by a rule: sales rejected the person"]


# --- timestamps -----------------------------------------------------------------------------------------


def test_skipped_stages_are_filled_in_only_where_it_is_wanted():
    seen = [hubspot("opportunity", at(10))]
    plain = decide(CONFIG, person("mql", at(8)), seen, as_of=NOON).journey
    assert set(plain.stamps) == {"mql", "opportunity"}
    filled = decide(replace(CONFIG, backfill=True), person("mql", at(8)), seen, as_of=NOON).journey
    assert filled.stamps["sal"] == Stamp(at(10), inferred=True)
    assert filled.stamps["sql"] == Stamp(at(10), inferred=True)
    assert filled.stamps["opportunity"] == Stamp(at(10))
    assert "lead" not in filled.stamps  # before the stage the person had: nothing was skipped


def test_what_hubspot_remembers_is_evidence():
    config, seen = replace(CONFIG, backfill=True), [hubspot("opportunity", at(10))]
    evidence = {"sql": at(9), "sal": at(7)}  # SAL before MQL cannot be
    filled = decide(config, person("mql", at(8)), seen, as_of=NOON, evidence=evidence).journey
    assert filled.stamps["sql"] == Stamp(at(9), inferred=True)
    assert filled.stamps["sal"] == Stamp(at(10), inferred=True)


def test_a_record_imported_as_customer_has_no_earlier_timestamps():
    seen = [hubspot("customer", at(10), source="import")]
    journey = decide(replace(CONFIG, backfill=True), Journey(), seen, as_of=NOON).journey
    assert set(journey.stamps) == {"customer"}
    assert fields(journey)["revops_stage_source"] == "import"


def test_a_stage_of_unknown_age_is_inferred():
    journey = decide(CONFIG, Journey(), [hubspot("mql", None)], as_of=NOON).journey
    assert journey.stamps["mql"] == Stamp(NOON, inferred=True)


def test_a_stage_that_is_not_used_counts_as_the_next_lower_one():
    config = replace(CONFIG, stages=("lead", "mql", "sql", "customer"))
    assert decide(config, Journey(), [salesforce("sal", at(9))], as_of=NOON).journey.stage == "mql"
    assert decide(config, Journey(), [salesforce("subscriber", at(9))], as_of=NOON).journey.stage is None


# --- keeping it -----------------------------------------------------------------------------------------


def test_the_state_can_be_read_back_from_the_crm():
    journey = decide(CONFIG, person("mql", at(9)), as_of=NOON, downs=[recycle(at(11))]).journey
    values = fields(journey) | {"revops_recycle_on": "2027-05-22"}
    again = restored(values)
    assert fields(again) == fields(journey)
    assert again.recycle_on == journey.recycle_on
    # the old stage in HubSpot still does not raise it
    assert decide(CONFIG, again, [hubspot("mql", at(9))], as_of=NOON).journey == again
    assert restored({}) == Journey()


def test_an_sql_of_our_own_rule_is_still_one_when_the_state_was_lost():
    ruled = Journey(
        "sql", stamps={"mql": Stamp(at(8), source="rule"), "sql": Stamp(at(9), source="rule")}, source="rule"
    )
    assert restored(fields(ruled)).accepted_at is None
    assert restored(fields(replace(ruled, source="user"))).accepted_at == at(9)


@pytest.mark.parametrize(
    ("stamps", "until"),
    [
        ({"lead": Stamp(at(9))}, None),
        ({"mql": Stamp(at(11)), "sql": Stamp(at(12))}, at(11)),
        ({"customer": Stamp(at(12))}, at(12)),
    ],
)
def test_a_recycled_person_waits_until_somebody_qualifies_it_anew(stamps, until):
    assert Journey(cycle=2, stamps=stamps, recycled_at=at(9)).waited == (at(9), until)
    assert Journey(stamps=stamps).waited is None


# --- what sales said ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamps", "accepted", "opened"),
    [
        ({"mql": Stamp(at(8))}, None, None),
        ({"sal": Stamp(at(9)), "sql": Stamp(at(10))}, at(9), None),
        ({"sal": Stamp(at(9), inferred=True)}, at(9), None),
        ({"sql": Stamp(at(10), source="user")}, at(10), None),
        ({"sql": Stamp(at(10), inferred=True)}, None, None),
        ({"sql": Stamp(at(10), source="rule")}, None, None),
        ({"sal": Stamp(at(10), inferred=True), "sql": Stamp(at(10), source="rule")}, None, None),
        ({"sal": Stamp(at(10), source="rule")}, None, None),
        ({"sql": Stamp(at(10), source="rule"), "opportunity": Stamp(at(11))}, at(11), at(11)),
        ({"opportunity": Stamp(at(11), inferred=True), "customer": Stamp(at(12))}, at(12), at(12)),
    ],
)
def test_which_stages_are_a_word_of_sales(stamps, accepted, opened):
    journey = Journey(stamps=stamps)
    assert (journey.accepted_at, journey.opened_at) == (accepted, opened)


# --- properties -----------------------------------------------------------------------------------------

moments = st.integers(0, 40).map(lambda quarters: NOON - timedelta(minutes=15 * quarters))
stages = st.sampled_from(STAGES)
sides = st.sampled_from(["hubspot", "salesforce"])
sightings = st.lists(  # one per side and kind, as `decide` asks for
    st.builds(Sighting, sides, st.none() | stages, st.none() | moments, by_deal=st.booleans()),
    unique_by=lambda each: (each.side, each.by_deal),
    max_size=4,
)
exceptions = st.lists(
    st.builds(
        Down,
        st.sampled_from(EXCEPTIONS),
        moments,
        st.just("sales"),
        st.sampled_from(["budget_none", "data_spam"]),
        st.none() | stages,
        st.none() | sides,
    ),
    max_size=3,
)
proposed = st.lists(st.builds(Proposal, st.sampled_from(["mql", "sql"]), st.just(NOON), st.just("rule")), max_size=2)
journeys = st.just(Journey()) | st.builds(person, stages, moments)


@settings(max_examples=300, deadline=None)
@given(journeys, sightings, proposed, exceptions, st.booleans(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_the_input_do_not_matter(journey, seen, asked, downs, backfill, random):
    config = replace(CONFIG, backfill=backfill)
    found = decide(config, journey, seen, as_of=NOON, proposals=asked, downs=downs)
    mixed = [seen * 2, asked * 2, downs * 2]
    for each in mixed:
        random.shuffle(each)
    assert decide(config, journey, mixed[0], as_of=NOON, proposals=mixed[1], downs=mixed[2]) == found


@settings(max_examples=300, deadline=None)
@given(journeys, sightings, proposed, exceptions)
def test_a_second_run_changes_nothing(journey, seen, asked, downs):
    hopes = any(each.by_deal and each.stage == "opportunity" for each in seen)
    assume(not (hopes and any(each.kind == "opportunity_lost" for each in downs)))  # a loss means that no deal is open
    first = decide(CONFIG, journey, seen, as_of=NOON, proposals=asked, downs=downs).journey
    again = decide(CONFIG, first, seen, as_of=NOON, proposals=asked, downs=downs)
    assert again.journey == first
    assert again.passages == ()


@settings(max_examples=300, deadline=None)
@given(journeys, sightings, proposed, exceptions)
def test_down_leads_only_an_exception_and_timestamps_stay(journey, seen, asked, downs):
    found = decide(CONFIG, journey, seen, as_of=NOON, proposals=asked, downs=downs)
    for step in found.passages:
        assert step.exception in EXCEPTIONS or (step.exception is None and rank(step.after) > rank(step.before))
    if not any(step.exception for step in found.passages):
        assert rank(found.journey.stage) >= rank(journey.stage)
        assert dict(journey.stamps).items() <= dict(found.journey.stamps).items()


@settings(deadline=None)
@given(journeys, sightings, proposed, exceptions)
def test_a_journey_survives_the_store(journey, seen, asked, downs):
    found = decide(CONFIG, journey, seen, as_of=NOON, proposals=asked, downs=downs).journey
    assert from_data(to_data(found)) == found

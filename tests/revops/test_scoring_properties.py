"""What holds for every person: S-3, sums that add up, and that one scorer serves all persons in any order."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring_people import ANNA, AS_OF, RULES, annas_events, rules, scorer, with_both_sql_rules, written

from connector.project.mistakes import Mistakes
from connector.project.rules.scoring import compile_scoring_file, read_scoring
from connector.project.yaml_lines import read_yaml
from connector.revops.scoring import Event, Previous, compile_scoring
from connector.revops.scoring_config import Group, Label
from connector.revops.scoring_criteria import grades_suffice, positives_suffice
from connector.revops.scoring_explained import adjusted
from connector.revops.scoring_fit import UNIT

CONFIG = compile_scoring_file(read_scoring(read_yaml(RULES, "rules/scoring.yaml")[0], Mistakes()), "Europe/Berlin")
ENGINE = compile_scoring(CONFIG)
DEMO = Group(Label("Demo", "Demo"), cap=Decimal("32.5"))  # less than one demo request
CAPPED = compile_scoring(replace(CONFIG, groups={"demo": DEMO}, combine="all"))
TYPES = sorted({rule.event for rule in CONFIG.engagement if rule.event} | {"something_else"})

events = st.builds(
    lambda kind, minutes, number, path: Event(kind, AS_OF - timedelta(minutes=minutes), number, {"path": path}),
    st.sampled_from(TYPES),
    st.integers(-3_000, 600_000),
    st.one_of(st.none(), st.integers(0, 40).map(lambda each: f"hubspot:{each}")),
    st.sampled_from(["/preise", "/karriere", "/", "/en/pricing/machines"]),
)
people = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["a@example.com", "b@gmail.com", "nobody", None]),
        "job_title": st.one_of(
            st.none(), st.sampled_from(["CEO", "Teamleiterin", "Werkstudent"]), st.text(max_size=40)
        ),
        "employees": st.one_of(st.none(), st.integers(0, 5000), st.integers(0, 5000).map(str), st.text(max_size=12)),
        "industry": st.sampled_from(["MACHINERY", "AUTOMOTIVE", "RETAIL", "STAFFING_AND_RECRUITING", "", None]),
        "country": st.sampled_from(["DE", "FR", "US", None]),
        "tracking_consent": st.sampled_from(["true", "false", None, True]),
        "hard_bounce": st.sampled_from(["", None, "true"]),
        "objection": st.sampled_from([None, None, None, "true"]),
        "bant_budget": st.sampled_from(["approved", "planned", "none", None]),
        "bant_need": st.sampled_from(["explicit", "implied", None]),
        "bant_timeline": st.sampled_from(["within_3_months", "later", None]),
    },
)
before = st.builds(
    Previous,
    fit_grade=st.sampled_from([None, "A", "B", "C", "D"]),
    engagement_level=st.sampled_from([None, "E1", "E2", "E3"]),
    mql=st.booleans(),
    sql=st.booleans(),
    sql_manual=st.booleans(),
)


@given(people, st.lists(events, max_size=12), before, st.randoms(use_true_random=False))
def test_s_3_order_and_duplicates_do_not_matter(person, some, previous, chance):
    score = ENGINE.score(person, some, AS_OF, previous)
    again = [*some, *some]
    chance.shuffle(again)
    same = ENGINE.score(dict(reversed(person.items())), again, AS_OF, previous)
    assert same == score
    assert written(same) == written(score)
    assert same.text("en").encode() == score.text("en").encode()


def test_s_3_of_example_1_a(tmp_path):
    engine = scorer(tmp_path, with_both_sql_rules())
    score = engine.score(ANNA, annas_events(), AS_OF)
    twice = [*reversed(annas_events()), *annas_events()]
    assert engine.score(ANNA, twice, AS_OF).text("de").encode() == score.text("de").encode()
    assert engine.score(ANNA, twice, AS_OF)[:-1] == score[:-1]


@pytest.mark.parametrize("engine", [ENGINE, CAPPED], ids=["default", "group cap"])
@given(person=people, some=st.lists(events, max_size=12), previous=before)
def test_the_numbers_are_those_of_the_explanation(engine, person, some, previous):
    score = engine.score(person, some, AS_OF, previous)
    explanation = score.explanation
    for number, part in ((score.fit_score, explanation.fit), (score.engagement_score, explanation.engagement)):
        if number is None:
            assert part is None
            continue
        exact = sum((line.points for line in part.lines), Decimal(0))
        assert number == int(min(max(exact, Decimal(0)), Decimal(100)).quantize(Decimal(1), "ROUND_HALF_UP"))
        assert sum((line.shown for line in part.lines), Decimal(0)) == part.total
        assert part.total == exact.quantize(Decimal("0.01"), "ROUND_HALF_UP")
        assert all(abs(line.shown - line.points) < Decimal("0.01") for line in part.lines)
    assert len(score.text("de")) <= 2_000
    if score.suppressed:
        assert (score.temperature, score.mql.met) == ("cold", False)
        assert score.sql.met is previous.sql_manual


@given(st.lists(st.tuples(people, st.lists(events, max_size=4)), max_size=8), st.randoms(use_true_random=False))
def test_no_person_changes_another(some, chance):
    """Memories of the compiled rules must not carry anything from person to person."""
    alone = [written(compile_scoring(CONFIG).score(person, each, AS_OF)) for person, each in some[:2]]
    mixed = list(enumerate(some))
    chance.shuffle(mixed)
    shared = {i: written(ENGINE.score(person, each, AS_OF)) for i, (person, each) in mixed}
    assert [shared[i] for i in range(len(alone))] == alone


@given(people, st.lists(events, max_size=6), st.integers(0, 40))
def test_a_second_run_writes_nothing(person, some, days):
    as_of = AS_OF + timedelta(days=days)
    first = ENGINE.score(person, some, as_of)
    held = Previous(first.fit_grade, first.engagement_level, first.mql.met, first.sql.met, first.sql.rule)
    assert ENGINE.score(person, some, as_of, held).numbers() == first.numbers()


@given(st.lists(st.integers(-50 * UNIT, 50 * UNIT), max_size=12))
def test_shown_parts_add_up(points):
    total, shown = adjusted(points)
    assert sum(shown, Decimal(0)) == total
    assert all(abs(cents * UNIT - each) < UNIT // 100 for cents, each in zip(shown, points, strict=True))


def test_better_grades_never_fail_what_worse_ones_pass():
    ranks = ("A", "B", "C", "")
    for grades in product(ranks, repeat=4):
        better = [ranks[max(0, ranks.index(each) - 1)] for each in grades]
        for one in range(4):
            raised = [*grades[:one], better[one], *grades[one + 1 :]]
            assert grades_suffice(raised, 3, 4) >= grades_suffice(grades, 3, 4)
            assert positives_suffice(raised, 3, "B") >= positives_suffice(grades, 3, "B")


def test_a_scorer_may_be_asked_for_any_instant_in_any_order():
    for as_of in (AS_OF, AS_OF + timedelta(days=1), AS_OF):
        fresh = compile_scoring(CONFIG).score(ANNA, annas_events(), as_of)
        assert ENGINE.score(ANNA, annas_events(), as_of) == fresh


def test_the_hash_is_of_the_meaning(tmp_path):
    data = rules()
    data["scoring"] = dict(reversed(data["scoring"].items()))
    data["scoring"]["engagement"]["rules"][0]["points"] = "15.0"
    assert scorer(tmp_path, data).hash == ENGINE.hash
    assert len(ENGINE.hash) == 64
    data["scoring"]["engagement"]["rules"][0]["points"] = "15.1"
    other = scorer(tmp_path, data)
    assert other.hash != ENGINE.hash
    assert other.score(ANNA, [], AS_OF).config == other.hash[:12]
    assert other != ENGINE

"""The worked examples of domain §1.3 to §1.6 and the acceptance tests S-1, S-2, S-4."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from scoring_people import ANNA, AS_OF, annas_events, day, rules, scorer, with_both_sql_rules, written

from connector.revops.scoring import Event, Previous
from connector.revops.scoring_criteria import grades_suffice

EXPECTED_ENGAGEMENT = (
    "Engagement 33 (33,20): +13,58 Preisseite (1×, zuletzt vor 2 T.); +7,50 Webinar (1×, vor 30 T.); "
    "+7,24 Whitepaper (1×, vor 14 T.); +4,88 E-Mail-Öffnungen (7×, zuletzt vor 1 T.)"
)


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    return scorer(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    return scorer(tmp_path_factory.mktemp("rules"), with_both_sql_rules())


def four(value):
    return value.quantize(Decimal("0.0001"))


# --- 1-A and S-1 --------------------------------------------------------------------------------------------


def test_1_a(both):
    score = both.score(ANNA, annas_events(), AS_OF)
    assert (score.fit_score, score.fit_grade) == (95, "A")
    assert (score.engagement_score, score.engagement_level) == (33, "E2")
    assert score.temperature == "hot"
    assert (score.mql.met, score.mql.why) == (True, "fires")
    assert [score.grades[name] for name in ("position", "company_size", "industry", "engagement")] == list("AAAB")
    assert (score.sql.met, score.sql.rule) == (True, "bant_grades")


def test_1_a_in_parts(both):
    engagement = both.score(ANNA, annas_events(), AS_OF).explanation.engagement
    assert [(line.rule, four(line.points)) for line in engagement.lines] == [
        ("pricing_page", Decimal("13.5859")),
        ("webinar", Decimal("7.5000")),
        ("whitepaper", Decimal("7.2363")),
        ("email_open", Decimal("4.8815")),
    ]
    assert four(sum(line.points for line in engagement.lines)) == Decimal("33.2037")
    fit = both.score(ANNA, [], AS_OF).explanation.fit
    assert [line.points for line in fit.lines] == [35, 25, 20, 10, 5]


def test_1_a_in_german_to_the_byte(both):
    assert (
        both.score(ANNA, annas_events(), AS_OF).text("de").encode()
        == (
            "Fit 95 (95,00): +35,00 Unternehmensgröße (≥ 1200); +25,00 Branche (core); +20,00 Position (director); "
            "+10,00 Land (dach); +5,00 E-Mail-Adresse (business)\n"
            + EXPECTED_ENGAGEMENT
            + "\nErgebnis: A × E2 = heiß; MQL ja; SQL ja (bant_grades); Position A; Unternehmensgröße A; Branche A; "
            "Engagement B"
        ).encode()
    )


def test_1_a_in_english_to_the_byte(both):
    assert both.score(ANNA, annas_events(), AS_OF).text("en").encode() == (
        b"Fit 95 (95.00): +35.00 Company size (\xe2\x89\xa5 1200); +25.00 Industry (core); +20.00 Position (director); "
        b"+10.00 Country (dach); +5.00 E-mail address (business)\n"
        b"Engagement 33 (33.20): +13.58 Pricing page (1\xc3\x97, last 2 d ago); +7.50 Webinar (1\xc3\x97, 30 d ago); "
        b"+7.24 Whitepaper (1\xc3\x97, 14 d ago); +4.88 E-mail opens (7\xc3\x97, last 1 d ago)\n"
        b"Outcome: A \xc3\x97 E2 = hot; MQL yes; SQL yes (bant_grades); Position A; Company size A; Industry A; "
        b"Engagement B"
    )


def test_a_second_run_writes_nothing(both):
    stored = both.score(ANNA, annas_events(), AS_OF).numbers()
    before = Previous(stored["fit_grade"], stored["engagement_level"], mql=True, sql=True, sql_rule="bant_grades")
    assert both.score(ANNA, annas_events(), AS_OF, before).numbers() == stored


def test_ages_that_grow_are_not_written_while_the_values_stay(both):
    first = both.score(ANNA, annas_events(), AS_OF)
    later = both.score(ANNA, annas_events(), AS_OF + timedelta(hours=1))
    stored = first.numbers()
    assert (later.numbers(), later.said()) == (stored, first.said())
    assert later.told()["score_at"] != first.told()["score_at"]
    week = both.score(ANNA, annas_events(), AS_OF + timedelta(days=7)).numbers()
    moved = {name for name in week if week[name] != stored[name]}
    assert moved == {"engagement_score", "sql_rule", "engagement_level", "temperature"}


def test_the_outputs_have_the_names_of_the_field_dictionary(both):
    outputs = written(both.score({**ANNA, "bant_budget": "approved"}, annas_events(), AS_OF))
    assert {name: value for name, value in outputs.items() if name != "score_explanation"} == {
        "fit_score": "95",
        "fit_grade": "A",
        "engagement_score": "33",
        "engagement_level": "E2",
        "temperature": "hot",
        "bant_budget_grade": "A",
        "bant_authority_grade": None,
        "bant_need_grade": None,
        "bant_timeline_grade": None,
        "sql_rule": "bant_grades",
        "score_config": both.hash[:12],
        "score_at": "2026-11-23T09:00:00Z",
    }


# --- 1-B, 1-C, S-4 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "factor"), [(14, "0.500000"), (28, "0.250000"), (42, "0.125000"), (1, "0.951695"), (7, "0.707107")]
)
def test_1_b_decay(default, days, factor):
    visit = Event("page_view", AS_OF - timedelta(days=days), None, {"path": "/pricing"})
    (line,) = default.score(ANNA, [visit], AS_OF).explanation.engagement.lines
    assert (line.points / 15).quantize(Decimal("0.000001")) == Decimal(factor)


def test_1_c(default):
    person = {**ANNA, "employees": "10", "email": "anna@example.com"}  # 0 + 25 + 20 + 10 + 5
    events = [Event("demo_request", AS_OF), Event("page_view", AS_OF, None, {"path": "/preise"})]
    score = default.score(person, events, AS_OF)
    assert (score.fit_score, score.fit_grade) == (60, "B")
    assert (score.engagement_score, score.engagement_level, score.temperature) == (55, "E2", "warm")
    assert (score.mql.met, score.sql.met, score.sql.why) == (True, False, "rules")
    known = {"bant_budget": "planned", "bant_authority": "decides", "bant_need": "explicit"}
    assert default.score(person | known, events, AS_OF).sql.rule == "bant_positive"


def test_s_4_fourteen_days_later(both):
    before = Previous("A", "E2", mql=True, sql=True, sql_rule="bant_grades")
    later = both.score(ANNA, annas_events(), AS_OF + timedelta(days=14), before)
    lines = {line.rule: four(line.points) for line in later.explanation.engagement.lines}
    assert lines == {
        "pricing_page": Decimal("6.7929"),
        "whitepaper": Decimal("5.2365"),
        "webinar": Decimal("5.4273"),  # 5.42726; the specification prints 5.4274, its sum is the exact one
        "email_open": Decimal("2.4408"),  # 2.44077; the specification halves the rounded 4.8815
    }
    assert four(sum(line.points for line in later.explanation.engagement.lines)) == Decimal("19.8974")
    assert (later.engagement_score, later.engagement_level, later.temperature) == (20, "E3", "warm")
    assert (later.sql.met, later.sql.fires, later.sql.why, later.sql.rule) == (True, False, "kept", "bant_grades")


# --- S-2: the truth tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grades", "passes"),
    [("AAAB", True), ("AAAA", True), ("AAAC", False), ("AABB", False), ("AAA–", False), ("ABBB", False)],
)
def test_s_2_bant_grades(both, grades, passes):
    assert grades_suffice(["" if each == "–" else each for each in grades], 3, 4) is passes
    # the same through the engine: the criterion that takes the fourth grade is the industry, which may be unknown
    size, position = ("1450", {"A": "CEO", "B": "Teamleiter"}[grades[1]])
    person = {**ANNA, "employees": size, "job_title": position}
    industry = {"A": "MACHINERY", "B": "AUTOMOTIVE", "C": "RETAIL", "–": None}
    person["industry"] = industry[grades[3]]
    events = [Event("page_view", day(22), None, {"path": "/preise"}), Event("contact_form", day(22))]
    if grades[2] == "A":
        events.append(Event("demo_attended", day(20)))
    score = both.score(person, events, AS_OF)
    found = "".join(score.grades[name] or "–" for name in ("company_size", "position", "engagement", "industry"))
    assert found == grades
    assert (score.sql.rule == "bant_grades") is passes


@pytest.mark.parametrize(
    ("grades", "visited", "passes"),
    [("BAAC", 10, True), ("BAAC", 31, False), ("AACC", 10, False), ("AAAA", None, False)],
)
def test_s_2_bant_positive(default, grades, visited, passes):
    words = {
        "bant_budget": {"A": "approved", "B": "planned", "C": "none"},
        "bant_authority": {"A": "decides", "B": "influences", "C": "other"},
        "bant_need": {"A": "explicit", "B": "implied", "C": "none"},
        "bant_timeline": {"A": "within_3_months", "B": "within_12_months", "C": "later"},
    }
    answers = {name: given[grade] for (name, given), grade in zip(words.items(), grades, strict=True)}
    events = [Event("whitepaper", AS_OF - timedelta(days=40))]
    if visited is not None:
        events.append(Event("page_view", AS_OF - timedelta(days=visited), None, {"path": "/preise"}))
    score = default.score(ANNA | answers, events, AS_OF)
    assert score.mql.met
    assert "".join(score.grades[name] for name in ("budget", "authority", "need", "timeline")) == grades
    assert score.sql.met is passes
    assert score.sql.rule == ("bant_positive" if passes else None)


def test_all_rules_may_be_asked_for(tmp_path):
    data = with_both_sql_rules()
    data["scoring"]["sql"]["combine"] = "all"
    engine = scorer(tmp_path, data)
    person = ANNA | {"bant_budget": "planned", "bant_authority": "decides"}
    assert not engine.score(person, annas_events(), AS_OF).sql.met
    whole = engine.score(person | {"bant_need": "implied"}, annas_events(), AS_OF)
    assert whole.sql.rule == "bant_positive+bant_grades"


def test_the_matrix_and_the_grades(default):
    cells = {"A": ("hot", "hot", "warm"), "B": ("hot", "warm", "cold"), "C": ("warm", "cold", "cold")}
    people = {
        "A": ANNA,
        "B": ANNA | {"employees": "10"},
        "C": ANNA | {"employees": None, "industry": "RETAIL"},
        "D": {},
    }
    many = [Event("demo_request", AS_OF), Event("demo_attended", AS_OF)]
    for grade, person in people.items():
        for level, events in (("E1", many), ("E2", many[:1]), ("E3", [Event("whitepaper", AS_OF)])):
            score = default.score(person, events, AS_OF)
            assert (score.fit_grade, score.engagement_level) == (grade, level)
            row = cells.get(grade, ("cold",) * 3)
            assert score.temperature == row[("E1", "E2", "E3").index(level)]


# --- time, zones, hysteresis ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "at", "age"),
    [
        ("2026-11-23T09:00+00:00", "2026-11-22T23:00+00:00", 0),  # 00:00 in Berlin
        ("2026-11-23T09:00+00:00", "2026-11-22T22:59:59+00:00", 1),
        ("2026-11-22T23:30+00:00", "2026-11-22T12:00+00:00", 1),  # already Monday in Berlin
        ("2026-03-30T10:00+00:00", "2026-03-28T23:00+00:00", 1),  # the day of 23 hours
        ("2026-03-30T10:00+00:00", "2026-03-28T22:59+00:00", 2),
        ("2026-10-27T10:00+00:00", "2026-10-24T22:00+00:00", 2),  # the day of 25 hours
        ("2026-10-27T10:00+00:00", "2026-10-24T21:59+00:00", 3),
        ("2026-11-23T09:00+00:00", "2026-06-01T00:30+02:00", 175),
    ],
)
def test_ages_are_local_calendar_days(default, as_of, at, age):
    event = Event("webinar_attended", datetime.fromisoformat(at))
    lines = default.score(ANNA, [event], datetime.fromisoformat(as_of)).explanation.engagement.lines
    assert next(line.newest for line in lines if line.rule == "webinar") == age


@pytest.mark.parametrize(("held", "points", "level"), [
    (None, 29, "E3"), ("E3", 29, "E3"), ("E2", 29, "E2"), ("E2", 25, "E2"), ("E2", 24, "E3"), ("E1", 27, "E2"),
    ("E1", 55, "E1"), ("E1", 54, "E2"), ("E3", 30, "E2"), ("E2", 60, "E1"), ("gone", 29, "E3"),
])  # fmt: skip
def test_a_level_is_kept_within_the_margin(tmp_path, held, points, level):
    data = rules()
    data["scoring"]["engagement"]["rules"].append({"id": "exact", "event": "exact", "points": str(points)})
    score = scorer(tmp_path, data).score(ANNA, [Event("exact", AS_OF)], AS_OF, Previous(engagement_level=held))
    assert (score.engagement_score, score.engagement_level) == (points, level)
    assert ("gehalten" in score.text("de")) is (held in {"E1", "E2"} and points < {"E1": 60, "E2": 30}[level]
                                               if level != "E3" else False)  # fmt: skip


def test_as_of_needs_a_zone(default):
    with pytest.raises(ValueError, match="no time zone"):
        default.score(ANNA, [], datetime(2026, 11, 23))  # noqa: DTZ001  (that is what is tested)


def test_an_event_needs_a_zone():
    with pytest.raises(ValueError, match="without a zone"):
        Event("page_view", datetime(2026, 11, 23))  # noqa: DTZ001  (that is what is tested)
    assert Event("page_view", datetime.fromisoformat("2026-11-23T10:00+01:00")).at == datetime(
        2026, 11, 23, 9, tzinfo=UTC
    )

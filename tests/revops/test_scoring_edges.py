"""Consent, suppression, caps, the future, silence, what people type into fields, and how it is told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from scoring_people import ANNA, AS_OF, annas_events, day, rules, scorer, written

from connector.revops.scoring import Event, Previous
from connector.revops.scoring_values import count, folded_title, title_reader, yes


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    return scorer(tmp_path_factory.mktemp("rules"))


def lines(score):
    return {line.rule: line for line in score.explanation.engagement.lines}


def visit(days=0, path="/preise", number=None):
    return Event("page_view", AS_OF - timedelta(days=days), number, {"path": path})


# --- consent and suppression ---------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", [None, "false", "", "no", "nein", False, "0"])
def test_without_consent_only_declared_events_count(default, consent):
    score = default.score(ANNA | {"tracking_consent": consent}, annas_events(), AS_OF)
    assert list(lines(score)) == ["webinar", "whitepaper"]
    assert score.engagement_score == 15
    assert score.text("de").splitlines()[1] == (
        "Engagement 15 (14,74): +7,50 Webinar (1×, vor 30 T.); +7,24 Whitepaper (1×, vor 14 T.); ohne Tracking-Signale"
    )
    assert "without tracking signals" in score.text("en")


def test_without_consent_tracked_events_leave_no_trace(default):
    person = ANNA | {"tracking_consent": None}
    tracked = [visit(), Event("email_open", AS_OF + timedelta(days=2)), Event("email_click", day(22))]
    assert default.score(person, tracked, AS_OF) == default.score(person, [], AS_OF)


def test_silence_costs_only_those_whose_silence_is_known(default):
    old = [Event("demo_request", AS_OF - timedelta(days=91))]
    known = lines(default.score(ANNA, old, AS_OF))
    assert known["silence"].points == -20
    assert "silence" not in lines(default.score(ANNA | {"tracking_consent": None}, old, AS_OF))
    fresh = [*old, Event("something_else", AS_OF - timedelta(days=90))]
    assert "silence" not in lines(default.score(ANNA, fresh, AS_OF))
    assert default.score(ANNA, [], AS_OF).text("de").splitlines()[1] == (
        "Engagement 0 (−20,00): −20,00 Keine Aktivität (mehr als 90 T.)"
    )


@pytest.mark.parametrize("why", ["unsubscribed_all", "hard_bounce", "competitor_domain"])
def test_a_suppressed_person_is_cold_whatever_the_score(default, why):
    person = ANNA | {why: "true", "bant_budget": "approved", "bant_authority": "decides", "bant_need": "explicit"}
    assert default.score(person | {why: "false"}, annas_events(), AS_OF).sql.rule == "bant_positive"
    score = default.score(person, annas_events(), AS_OF, Previous("A", "E2", mql=True, sql=True, sql_rule="x"))
    assert (score.fit_score, score.engagement_score, score.temperature) == (95, 33, "cold")
    assert (score.mql.met, score.sql.met, score.suppressed) == (False, False, (why,))
    assert score.text("de").splitlines()[2].startswith("Gesperrt: ")


@pytest.mark.parametrize("why", ["objection", "erasure"])
def test_who_objects_is_not_scored(default, why):
    score = default.score(ANNA | {why: "true"}, annas_events(), AS_OF, Previous("A", "E1", mql=True, sql=True))
    outputs = written(score)
    assert outputs.pop("temperature") == "cold"
    for name in ("score_config", "score_at"):
        assert outputs.pop(name)
    word = {"objection": "Widerspruch", "erasure": "Löschung"}[why]
    assert outputs.pop("score_explanation") == (
        f"Kein Scoring: {word}\nErgebnis: kalt; MQL nein (gesperrt); SQL nein (gesperrt)"
    )
    assert set(outputs.values()) == {None}


def test_the_domain_of_a_competitor_suppresses(tmp_path):
    data = rules()
    data["scoring"]["email"]["competitors"] = ["Rival.example"]
    engine = scorer(tmp_path, data)
    assert engine.score({"email": "a@RIVAL.example"}, [], AS_OF).suppressed == ("competitor_domain",)
    assert engine.score({"email": "a@not-rival.example"}, [], AS_OF).suppressed == ()


def test_a_suppressor_that_is_not_listed_does_nothing(tmp_path):
    data = rules()
    data["scoring"]["suppress"] = ["objection"]
    assert scorer(tmp_path, data).score(ANNA | {"hard_bounce": "yes"}, [], AS_OF).suppressed == ()


def test_what_was_set_by_hand_stays(default):
    before = Previous(sql=True, sql_manual=True)
    for person in ({}, {"hard_bounce": "mailbox full"}, {"objection": "true"}):
        decision = default.score(person, [], AS_OF, before).sql
        assert (decision.met, decision.fires, decision.why) == (True, False, "manual")


def test_an_earlier_mql_stays_and_opens_the_way_to_sql(default):
    person = {
        "bant_budget": "approved",
        "bant_authority": "decides",
        "bant_need": "explicit",
        "tracking_consent": "yes",
    }
    assert default.score(person, [visit()], AS_OF).sql.why == "not_mql"
    later = default.score(person, [visit()], AS_OF, Previous(mql=True))
    assert (later.temperature, later.mql.met, later.mql.fires, later.mql.why) == ("cold", True, False, "kept")
    assert later.sql.rule == "bant_positive"


def test_an_mql_needs_something_positive_within_the_limit(default):
    assert default.score(ANNA, [], AS_OF).mql.why == "idle"
    assert default.score(ANNA, [visit(1, "/karriere")], AS_OF).mql.why == "idle"
    assert default.score(ANNA, [Event("whitepaper", AS_OF - timedelta(days=90))], AS_OF).mql.met
    assert default.score(ANNA, [Event("whitepaper", AS_OF - timedelta(days=91))], AS_OF).mql.why == "idle"
    assert default.score({}, [Event("whitepaper", AS_OF)], AS_OF).mql.why == "temperature"


# --- the order of the engine ---------------------------------------------------------------------------------


def test_the_future_is_ignored_and_counted(default):
    ahead = [visit(-1, number="a"), visit(-1, number="a"), Event("whitepaper", AS_OF + timedelta(seconds=1))]
    score = default.score(ANNA, [*annas_events(), *ahead], AS_OF)
    assert (score.engagement_score, score.future_events) == (33, 2)
    assert "; 2 Ereignisse in der Zukunft nicht gezählt\n" in score.text("de")
    assert "1 event in the future not counted" in default.score(ANNA, ahead[:1], AS_OF).text("en")
    assert default.score(ANNA, [Event("whitepaper", AS_OF)], AS_OF).future_events == 0


def test_an_event_counts_once(default):
    same_id = [visit(1, number="hubspot:7"), visit(5, number="hubspot:7")]
    (line,) = lines(default.score(ANNA, same_id, AS_OF)).values()
    assert (line.count, line.newest) == (1, 5)
    minute = AS_OF.replace(second=3)
    no_id = [Event("whitepaper", minute), Event("whitepaper", minute + timedelta(seconds=50))]
    other = [Event("whitepaper", minute + timedelta(seconds=57)), Event("contact_form", minute)]
    found = lines(default.score(ANNA, [*no_id, *other], AS_OF + timedelta(hours=1)))
    assert {name: line.count for name, line in found.items()} == {"whitepaper": 2, "contact_form": 1}


def test_the_order_of_two_events_leaves_no_trace(default):
    demo, form = Event("demo_attended", day(22), "1"), Event("contact_form", day(21), "2")
    assert default.score(ANNA, [demo, form], AS_OF) == default.score(ANNA, [form, demo], AS_OF)


def test_caps_are_upper_bounds_and_for_negative_points_lower_ones(default):
    many = [visit(0, number=f"v{i}") for i in range(3)] + [visit(0, "/jobs", number=f"j{i}") for i in range(3)]
    found = lines(default.score(ANNA, many, AS_OF))
    assert [(line.points, line.count, line.cap) for line in found.values()] == [(30, 3, 30), (-10, 3, -10)]
    assert default.score(ANNA, many, AS_OF).text("de").splitlines()[1] == (
        "Engagement 20 (20,00): +30,00 Preisseite (3×, zuletzt heute; höchstens 30); "
        "−10,00 Karriereseite (3×, zuletzt heute; höchstens −10)"
    )


def test_a_group_cap_is_told_as_a_line_of_its_own(tmp_path):
    data = rules()
    data["scoring"]["engagement"]["groups"]["demo"]["cap"] = "50"
    both = [Event("demo_request", AS_OF), Event("demo_attended", AS_OF)]
    score = scorer(tmp_path, data).score(ANNA, both, AS_OF)
    assert score.engagement_score == 50
    assert score.text("en").splitlines()[1] == (
        "Engagement 50 (50.00): +40.00 Demo request (1×, today); +30.00 Demo attended (1×, today); "
        "−20.00 Cap of Demo (at most 50)"
    )


def test_a_group_cap_holds_for_a_single_rule(tmp_path):
    data = rules()
    data["scoring"]["engagement"]["groups"]["demo"]["cap"] = "25"
    score = scorer(tmp_path, data).score(ANNA, [Event("demo_request", AS_OF)], AS_OF)
    assert (score.engagement_score, score.explanation.engagement.total) == (25, 25)


def test_the_newest_max_count_and_the_window(tmp_path):
    data = rules()
    rule = {"id": "call", "event": "call", "points": "8", "half_life_days": "10", "window_days": "30", "max_count": "2"}
    data["scoring"]["engagement"]["rules"].append(rule)
    calls = [Event("call", AS_OF - timedelta(days=days)) for days in (31, 20, 30, 10)]
    (line,) = lines(scorer(tmp_path, data).score(ANNA, calls, AS_OF)).values()
    assert (line.points, line.count, line.newest) == (Decimal(6), 2, 10)
    (line,) = lines(scorer(tmp_path, data).score(ANNA, calls[:1] + calls[2:3], AS_OF)).values()
    assert (line.points, line.count) == (1, 1)


def test_scores_end_at_0_and_100(default):
    everything = [Event(kind, AS_OF) for kind in ("demo_request", "demo_attended", "contact_form", "whitepaper")]
    score = default.score(ANNA, everything, AS_OF)
    assert (score.engagement_score, score.explanation.engagement.total) == (100, Decimal("110.00"))
    poor = {"employees": "3", "industry": "STAFFING_AND_RECRUITING", "email": "x@gmail.com", "job_title": "Werkstudent"}
    worst = default.score(poor, [], AS_OF)
    assert (worst.fit_score, worst.fit_grade, worst.explanation.fit.total) == (0, "D", Decimal("-40.00"))


def test_rounding_is_half_up_once_at_the_end(tmp_path):
    data = rules()
    data["scoring"]["engagement"]["rules"] += [
        {"id": f"part_{i}", "event": f"part_{i}", "points": "14.75"} for i in range(2)
    ]
    events = [Event(f"part_{i}", AS_OF) for i in range(2)]
    assert scorer(tmp_path, data).score(ANNA, events, AS_OF).engagement_score == 30  # 29.5, not 15 + 15
    assert scorer(tmp_path, data).score(ANNA, events, AS_OF).engagement_level == "E2"  # the rounded number decides


# --- what is not known ---------------------------------------------------------------------------------------


def test_the_unknown_is_0_points_and_named(default):
    score = default.score({"employees": "", "country": None, "email": "no address"}, [], AS_OF)
    assert score.fit_score == 0
    assert score.text("de").splitlines()[0] == (
        "Fit 0 (0,00): nichts; unbekannt: Unternehmensgröße, Branche, Position, Land, E-Mail-Adresse"
    )
    assert score.grades["company_size"] == score.grades["position"] == score.grades["budget"] == ""


def test_missing_costs_points_only_where_a_rule_says_so(tmp_path):
    data = rules()
    data["scoring"]["fit"]["rules"].append({"id": "no_phone", "field": "phone", "when": "missing", "points": "-2"})
    engine = scorer(tmp_path, data)
    assert engine.score(ANNA, [], AS_OF).fit_score == 93
    assert engine.score(ANNA | {"phone": "+49891234"}, [], AS_OF).fit_score == 95


def test_fields_may_have_other_names(tmp_path):
    data = rules()
    data["scoring"]["fields"] = {"email": "work_email", "job_title": "role", "hard_bounce": "bounced"}
    data["scoring"]["consent"]["require"] = "cookies"
    person = {"work_email": "a@example.com", "role": "CEO", "cookies": "yes"}
    score = scorer(tmp_path, data).score(person, [visit()], AS_OF)
    assert (score.fit_score, score.engagement_score) == (30, 15)
    assert scorer(tmp_path, data).score(person | {"bounced": "x"}, [], AS_OF).suppressed == ("hard_bounce",)


@pytest.mark.parametrize(("text", "number"), [
    ("1450", 1450), ("1.000–5.000", 1000), ("1,000+", 1000), ("1 200", 1200), ("50-199", 50), ("50 bis 199", 50),
    ("ab 200", 200), ("> 1.000", 1000), ("≥500", 500), ("ca. 80 Mitarbeiter", 80), ("200 employees", 200), ("<50", 0),
    ("unter 50", 0), ("bis 50 Mitarbeiter:innen", 0), ("1450.0", 1450), ("12.345.678", 12345678), (1450, 1450),
    (1450.0, 1450), (Decimal(7), 7), ("0", 0), ("1’200", 1200), ("über 1.000", 1000), ("10.000+ employees", 10000),
    ("", None), (None, None), ("viele", None), ("1.5", None), ("1,5k", None), ("12.34.56", None), (True, None),
    (-4, None), ("unter uns", None), ("5 Standorte", None), (float("nan"), None), ([1], None),
])  # fmt: skip
def test_head_counts(text, number):
    assert count(text) == number


@pytest.mark.parametrize("text", ["1.000–5.000", "1,000+", "ab 1.200", 1450, 200.0])
def test_head_counts_earn_points(default, text):
    expected = 20 if text in {"1.000–5.000", "1,000+", 200.0} else 35
    assert default.score({"employees": text}, [], AS_OF).fit_score == expected


@pytest.mark.parametrize(("title", "name"), [
    ("Bereichsleiterin Produktion", "director"), ("Leiter Vertrieb (m/w/d)", "director"), ("CEO", "c_level"),
    ("Geschäftsführer:in", "c_level"), ("GESCHÄFTSFÜHRERIN", "c_level"), ("Vorständin", "c_level"), ("GF", "c_level"),
    ("Dr. Ing. Abteilungsleiter*in Einkauf", "manager"), ("Werksleiter", "director"), ("Prokurist/-in", "director"),
    ("Vice President Sales", "director"), ("President", "c_level"), ("Head of Marketing", "director"),
    ("Teamleitung Service", "manager"), ("Assistentin der Geschäftsführung", "specialist"), ("Internist", "other"),
    ("Account Manager", "specialist"), ("Sales Manager", "manager"), ("Werkstudentin", "student"),
    ("Praktikant (w/m/d)", "student"), ("International Trader", "other"), ("Einkäuferin", "specialist"),
    ("Founder & CEO", "c_level"), ("Lagerist", "other"), ("director", "director"), ("c_level", "c_level"),
    ("Prof. Dr. Direktor", "director"), ("Schichtleiter", "manager"), ("Group Leader Berlin", "other"),
])  # fmt: skip
def test_job_titles(default, title, name):
    (hit,) = [hit for hit in default.fit.hits({"job_title": title})[0] if hit.rule == 2]
    assert hit.shown == name


def test_the_seniority_of_the_crm_helps_where_the_title_does_not(default):
    def shown(**person):
        return next(hit.shown for hit in default.fit.hits(person)[0] if hit.rule == 2)

    assert shown(job_title="Zauberer", seniority="vp") == "director"
    assert shown(job_title="CEO", seniority="entry") == "c_level"
    assert shown(title_class="manager", job_title="CEO") == "manager"
    assert shown(seniority="executive partner") == "c_level"


def test_folding_and_flags():
    assert folded_title("Dipl.-Ing. Leiterin (m/w/d), Größe") == "leiter groesse"
    assert folded_title("Admin in Berlin") == "admin in berlin"
    assert title_reader([("x", ["*leiter"])])("Vertriebsleiterin") == "x"
    assert [yes(each) for each in ("true", "Ja", "2026-01-01", 1, "False", "nein", "", None, 0)] == [True] * 4 + [
        False
    ] * 5


# --- the text ------------------------------------------------------------------------------------------------


def test_the_text_never_exceeds_the_field_and_still_adds_up(tmp_path):
    data = rules()
    data["scoring"]["engagement"]["rules"] = [
        {"id": f"signal_{i:02}", "event": f"signal_{i:02}", "points": "1.3333", "half_life_days": "9",
         "label": {"de": f"Ein recht langer Name für das Signal Nummer {i:02}", "en": f"Signal {i:02}"}}
        for i in range(60)
    ]  # fmt: skip
    data["scoring"]["criteria"].pop("engagement")
    data["scoring"]["sql"]["rules"] = []
    data["scoring"]["engagement"]["groups"] = {}
    events = [Event(f"signal_{i:02}", AS_OF - timedelta(days=i % 7)) for i in range(60)]
    score = scorer(tmp_path, data).score(ANNA, events, AS_OF)
    text = score.text("de")
    assert 1_500 < len(text) <= 2_000
    line = next(each for each in text.splitlines() if each.startswith("Engagement"))
    assert " weitere" in line
    total, parts = line.split("): ")
    shown = [Decimal(part.split()[0].replace(",", ".")) for part in parts.split("; ")]
    assert sum(shown) == Decimal(total.split("(")[1].replace(",", "."))
    assert len(score.text("en")) <= 2_000


def test_no_address_and_no_path_is_told(default):
    person = ANNA | {"last_name": "Weber"}
    events = [*annas_events(), visit(1, "/pricing/secret-page?mail=anna.weber@example.com")]
    for locale in ("de", "en"):
        text = default.score(person, events, AS_OF).text(locale)
        assert not any(each in text for each in ("Weber", "weber", "@", "secret", "Bereichsleiterin", "1450", "/p"))

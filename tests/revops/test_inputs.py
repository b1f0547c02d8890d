"""What the rules read without a mapping line, and how a person looks to the scoring rules."""

from scoring_people import ANNA, AS_OF, RULES, rules, scorer

from connector.project.mistakes import Mistakes
from connector.project.rules.scoring import compile_scoring_file, read_scoring
from connector.project.yaml_lines import read_yaml
from connector.revops.agreement import Agreement
from connector.revops.attribution_config import AttributionConfig
from connector.revops.inputs import FACTS, asked_of_person, inputs, person_of
from connector.revops.lifecycle import Lifecycle
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_reasons import Reasons
from connector.revops.signals import Signals

SCORING = compile_scoring_file(read_scoring(read_yaml(RULES, "rules/scoring.yaml")[0], Mistakes()), "Europe/Berlin")


def test_no_rules_read_nothing():
    assert inputs(Agreement()) == {}
    assert inputs(Agreement(signals=Signals(pages="last_url"))) == {}


def test_each_part_brings_its_own():
    scoring = inputs(Agreement(scoring=SCORING))
    assert scoring["companies"] == ("numberofemployees", "industry")
    assert {"hs_email_optout", "hs_email_hard_bounce_reason_enum", "hs_seniority"} <= set(scoring["contacts"])
    assert {"HasOptedOutOfEmail", "EmailBouncedDate", "NumberOfEmployees"} <= set(scoring["Lead"])
    assert "deals" not in scoring
    lifecycle = inputs(Agreement(lifecycle=Lifecycle(hubspot={"lead": "lead", "sal": "285119324"})))
    assert {"lifecyclestage", "hs_v2_date_entered_285119324", "hs_lifecyclestage_lead_date"} <= set(
        lifecycle["contacts"]
    )
    assert {"IsWon", "IsClosed", "CreatedDate"} <= set(lifecycle["Opportunity"])
    rejection = inputs(Agreement(rejection=RejectionConfig(Reasons())))
    assert {"Status", "OwnerId"} <= set(rejection["Lead"])
    attribution = inputs(Agreement(attribution=AttributionConfig(), signals=Signals(pages="last_url")))
    assert {"hs_latest_source", "recent_conversion_date", "hs_analytics_last_url"} <= set(attribution["contacts"])
    assert {"createdate", "hs_is_closed_won", "amount_in_home_currency"} <= set(attribution["deals"])


def test_the_order_is_always_the_same():
    agreement = Agreement(scoring=SCORING, lifecycle=Lifecycle(), attribution=AttributionConfig())
    assert list(inputs(agreement).items()) == list(inputs(agreement).items())
    assert all(len(set(names)) == len(names) for names in inputs(agreement).values())


def test_the_first_place_with_a_value_answers():
    employees = FACTS["employees"]
    assert employees.of({"contacts": {"numemployees": "50-100"}, "companies": {"numberofemployees": "1450"}}) == "1450"
    assert employees.of({"contacts": {"numemployees": "50-100"}, "companies": {"numberofemployees": ""}}) == "50-100"
    assert employees.of({"Lead": {"NumberOfEmployees": 1450}}) == "1450"
    assert employees.of({"Lead": {"NumberOfEmployees": 0}}) == "0"
    assert employees.of({"Lead": {}}) is None


def test_one_word_for_no_is_enough():
    opted_out = FACTS["unsubscribed_all"]
    assert opted_out.of({"contacts": {"hs_email_optout": "false"}, "Lead": {"HasOptedOutOfEmail": True}}) == "true"
    assert opted_out.of({"contacts": {"hs_email_optout": "false"}, "Lead": {"HasOptedOutOfEmail": False}}) is None
    assert FACTS["hard_bounce"].of({"Contact": {"EmailBouncedDate": "2026-11-01T00:00:00Z"}}) == "true"


def test_a_person_is_asked_of_mappings_first_and_properties_then():
    person = {"email": "anna@example.com", "revops_bant_budget": "approved", "country": "DE"}
    company = {"employees": "1450", "country": "AT"}
    records = {
        "contacts": {"jobtitle": "Bereichsleiterin", "hs_email_optout": "", "numemployees": "5-25"},
        "companies": {"industry": "MACHINERY", "numberofemployees": "9"},
    }
    assert person_of(SCORING, person, company, records) == {
        "email": "anna@example.com",
        "bant_budget": "approved",
        "country": "DE",
        "employees": "1450",
        "job_title": "Bereichsleiterin",
        "industry": "MACHINERY",
    }


def test_of_two_words_about_consent_the_stricter_one_holds():
    person = {"unsubscribed_all": "false"}
    records = {"Lead": {"HasOptedOutOfEmail": True}}
    assert person_of(SCORING, person, {}, records)["unsubscribed_all"] == "true"
    assert person_of(SCORING, person, {}, {})["unsubscribed_all"] == "false"
    assert person_of(SCORING, {"unsubscribed_all": "true"}, {}, {})["unsubscribed_all"] == "true"


def test_a_person_made_of_records_scores_as_in_the_worked_example(tmp_path):
    records = {
        "contacts": {"email": ANNA["email"], "jobtitle": ANNA["job_title"]},
        "companies": {"numberofemployees": "1450", "industry": "MACHINERY"},
    }
    found = person_of(SCORING, {"country": "DE", "tracking_consent": "true"}, {}, records)
    score = scorer(tmp_path, rules()).score(found, [], AS_OF)
    assert (score.fit_score, score.fit_grade) == (95, "A")


def test_renamed_fields_are_asked_by_their_new_name(tmp_path):
    data = rules()
    data["scoring"]["fields"] = {"job_title": "position"}
    asked = asked_of_person(scorer(tmp_path, data).config)
    assert "position" in asked
    assert "job_title" not in asked

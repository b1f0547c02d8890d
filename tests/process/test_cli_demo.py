"""The story, told from an empty folder by a process of its own."""

import re
import subprocess

import pytest
from desk import CLI, LONG


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    done = subprocess.run((*CLI, "demo"), cwd=folder, capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    return done.stdout


def test_every_step_is_there(told):
    steps = re.findall(r"^\$ revloop (\w+)", told, re.MULTILINE)
    assert steps == [
        "install",
        "check",
        "plan",
        "sync",
        "plan",
        "sync",
        "sync",
        "explain",
        "conflicts",
        "conflicts",
        "sync",
        "explain",
        "sync",
        "score",
        "sync",
        "sync",
        "sync",
        "sync",
        "explain",
        "report",
        "report",
    ]


def test_edits_of_people_arrive(told):
    second = told[told.index("Meanwhile people work") :]
    assert re.search(r"job_title +Chief Example Officer +→", second)
    assert re.search(r"phone .*← +\+493023125555", second)
    assert "newcomer@form-fill.example" in second
    assert re.search(r"job_title +Head of Samples +Head of Examples +a person decides", second)


def test_the_third_run_writes_nothing_and_the_decision_is_explained(told):
    third = told[told.index("A third run finds nothing") :]
    assert "0 records written to HubSpot, 0 to Salesforce" in third.splitlines()[2]
    assert "conflict resolved: salesforce" in third
    assert "took" not in third


def test_the_converted_lead_is_the_same_person(told):
    chapter = told[told.index("The converted lead") :].splitlines()
    lead = re.search(r"00Q\w{15}", chapter[0])[0]
    assert chapter[1] == f"$ revloop explain {lead} --field email"
    assert re.search(r"Salesforce Contact 003\w{15}", "\n".join(chapter[:6]))


def test_an_mql_gets_its_lead_in_the_same_run_and_the_score_is_explained(told):
    assert re.search(r"Run \S+: 3 records written to HubSpot, 3 to Salesforce .*1 to create", told)
    score = told[told.index("$ revloop score") :]
    assert re.search(r"together +80\.00 +rounded 80, A", score)
    assert re.search(r"MQL +yes", score)


def test_salesforce_refuses_a_rejection_without_a_reason_and_hubspot_gives_it_back(told):
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION: " in told
    assert "[REVLOOP-REJECTION-REASON]" in told
    given_back = told[told.index("gives the status back") : told.index("Nobody answers")]
    assert given_back.count("OpenTask: ") == 1
    assert "0 records written to HubSpot, 0 to Salesforce" in given_back[given_back.index("Once is enough") :]


def test_the_manager_hears_of_it_once(told):
    later = told[told.index("The manager hears of it") : told.index("A white paper and a webinar later")]
    assert later.count("Escalate: manager → vertriebsleitung@sales-team.example (done)") == 1
    assert later.count("(Stufe 1): ") == 2  # a task and a message


def test_the_deal_has_touches_and_credits_in_both_crms(told):
    brought = told[told.index("$ revloop explain deal:") : told.index("For the lead council")]
    assert "48.000,00 EUR, gewonnen" in brought
    assert re.search(r"w_shape: .* = \d", brought)
    assert re.search(r"Anteile in HubSpot: \d+", brought)
    assert re.search(r"Anteile in Salesforce: \d+", brought)


def test_the_council_is_a_file(told):
    assert re.search(r"Wrote .*council\.html", told)
    assert "# Lead council" in told


def test_it_ends_with_what_to_type_next(told):
    assert told.splitlines()[-1].split()[:2] == ["revloop", "init"]

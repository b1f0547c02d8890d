"""The story, told from an empty folder by a process of its own."""

import re
import subprocess
from datetime import UTC, date, datetime, timedelta

import pytest
from desk import CLI, LONG, ROOT

from connector.demo.days import LAST, first_day
from connector.revops.calendars import Calendar


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("empty")
    done = subprocess.run((*CLI, "demo"), cwd=folder, capture_output=True, text=True, timeout=3 * LONG, check=False)
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
        "sync",
        "sync",
        "explain",
        "explain",
        "report",
        "report",
    ]


def test_the_clocks_agree(told):
    assert "this machine's clock" not in told


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
    assert given_back.count("task opened: ") == 1
    assert "0 records written to HubSpot, 0 to Salesforce" in given_back[given_back.index("Once is enough") :]


def test_the_manager_hears_of_it_once(told):
    later = told[told.index("The manager hears of it") : told.index("The manager sees to it")]
    assert later.count("escalated to: manager → head.of.sales@sales-team.example (done)") == 1
    assert later.count("(level 1): 10000088 → head.of.sales@sales-team.example (done)") == 2  # a task and a message
    assert later.count("told head.of.sales@sales-team.example: Rejection reason missing (level 1)") == 1
    assert "waiting" not in later


def test_the_tasks_are_closed_when_sales_takes_the_lead(told):
    taken = told[told.index("The manager sees to it") : told.index("On Monday she comes")]
    assert taken.count("task closed: Rejection reason missing") == 2


@pytest.fixture(scope="module")
def brought(told):
    return told[told.index("$ revloop explain deal:") : told.index("For the lead council")]


def test_white_paper_and_webinar_lead_to_the_deal_and_every_milestone_is_held(brought):
    touches = re.findall(r"^\d\. \S+ (.*)$", brought, re.MULTILINE)
    assert touches == [
        "paid «machining» (first touch, lead creation)",
        "email «prices»",
        "webinar «Webinar: machining» (deal creation, day only)",
        "direct (close)",
    ]
    assert "Vacant" not in brought


def test_nothing_that_leads_to_the_deal_lies_ahead(brought):
    assert "ahead" not in brought
    instants = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", brought)
    assert len(instants) == 5
    assert max(datetime.fromisoformat(each) for each in instants) < datetime.now(UTC)


def test_the_deal_has_credits_in_both_crms_that_differ_by_model(brought):
    assert "48,000.00 EUR, won" in brought
    shares = re.findall(r"^\w+: (\d\. .*%.*)$", brought, re.MULTILINE)
    assert len(shares) == len(set(shares)) == 7
    assert re.search(r"Credits in HubSpot: \d+, revision 2", brought)
    assert re.search(r"Credits in Salesforce: \d+, revision 2", brought)


def test_marketing_has_brought_it(brought):
    assert re.search(r"^ revops_sourced +true +true ", brought, re.MULTILINE)


def test_the_story_begins_on_a_tuesday_and_lies_in_the_past_on_working_days_of_one_month():
    office = Calendar(country="DE")
    for hours in range(0, 2 * 365 * 24, 7):
        present = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        days = [first_day(present) + timedelta(days=each) for each in range(LAST + 1)]
        assert days[0].weekday() == 1
        assert days[-1] < office.local(present).date()
        assert not any(office.holiday(each) for each in days)
        assert {each.month for each in days} == {days[0].month}


def test_the_story_is_told_of_the_latest_such_days():
    assert first_day(datetime(2026, 11, 20, 6, 25, tzinfo=UTC)) == date(2026, 11, 10)
    assert first_day(datetime(2026, 11, 19, 6, 25, tzinfo=UTC)) == date(2026, 11, 3)
    assert first_day(datetime(2026, 12, 31, 22, 50, tzinfo=UTC)) == date(2026, 12, 15)


def test_the_plan_in_the_readme_is_the_demos(told):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    plan = re.search(r"\(from the demo\):\n\n```\n(.*?)```", readme, re.DOTALL)[1]
    rows = {" ".join(line.split()).strip("─ ") for line in plan.splitlines()}
    assert rows - {" ".join(line.split()).strip("─ ") for line in told.splitlines()} == set()


def test_the_council_is_a_file(told):
    assert re.search(r"Wrote .*council\.html", told)
    assert "# Lead council" in told
    assert "council.html stay" in told  # without --keep it is gone by now


def test_it_ends_with_what_to_type_next(told):
    assert told.splitlines()[-1].split()[:2] == ["revloop", "init"]

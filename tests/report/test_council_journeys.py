"""Durations and the promise of marketing, by the real command from what is remembered of persons' journeys."""

from dataclasses import replace
from datetime import timedelta

import pytest
from council_rows_of import OCTOBER, handed
from lives import CONTACT, run
from memories import AS_OF, LEAN, a_project, erase, memory, remember, report
from rejection_desk import BERLIN, at

from connector.engine.council import collect
from connector.engine.council_stages import walk
from connector.engine.derive.memory import Memory
from connector.engine.state_of import state_of
from connector.project import load
from connector.revops.lifecycle_journey import Journey, Past, Stamp

OF_OCTOBER = ("--month", "2026-10", *AS_OF, "--json")
LIFECYCLE = """lifecycle:
  sla: [{id: feedback, start: handover, stop: disposition, target: 48h, clock: working_days}]
"""
PROMISE = f"{LIFECYCLE}  marketing: {{sql_per_quarter: 4, year_starts: 2}}\n"


def project(folder, rules=PROMISE, settings=""):
    """A project with the rules of the council and a lifecycle."""
    made = a_project(folder, settings, lean=True)
    assert "lifecycle.yaml" not in LEAN
    (made / "rules" / "lifecycle.yaml").write_text(rules)
    return made


def walked(number, mql="2026-10-05 10:00", sal="2026-10-06 10:00", sql="2026-10-08 10:00", **more):
    """A person who went from MQL to SQL."""
    times = {"mql": mql, "sal": sal, "sql": sql}
    stamps = {stage: Stamp(at(text)) for stage, text in times.items() if text}
    journey = replace(Journey("sql", stamps=stamps), **more)
    return Memory(f"p{number}", journey=journey, records={"hubspot": str(number), "salesforce": f"00Q{number}"})


def council(folder, *more):
    told = report(folder, "council", *OF_OCTOBER, *more)
    assert told.code == 0, told.err
    return told.data


def line(data, table, key):
    (found,) = [each for each in data["tables"][table] if each["key"] == key]
    return {name: each["value"] for name, each in found.items() if name != "key"}


@pytest.fixture
def agreed(tmp_path):
    return project(tmp_path / "p")


def test_durations_are_those_of_the_steps_that_ended_in_the_month(agreed):
    """Friday 2 October to Monday is two working days of 24 hours, less 10 hours at its begin and 14 at its end."""
    remember(
        agreed,
        *(walked(n) for n in range(5)),
        walked(5, mql="2026-09-28 10:00", sal="2026-09-29 10:00", sql="2026-10-01 10:00"),
        walked(6, mql="2026-10-02 10:00", sal="2026-10-05 10:00", sql=None),
        walked(7, mql="2026-10-26 10:00", sal="2026-11-02 10:00", sql=None),
    )
    data = council(agreed)
    assert data["clock"] == "working_days"
    assert line(data, "durations", "mql_sal") == {"steps": "6", "median": "24.0", "p90": "24.0"}
    assert line(data, "durations", "sal_sql") == {"steps": "6", "median": "48.0", "p90": "48.0"}
    assert line(data, "durations", "sql_opportunity") == {"steps": "0", "median": None, "p90": None}


def test_every_cycle_counts(agreed):
    """A person who was sent back and came again has two durations, and was an SQL twice."""
    first = {stage: Stamp(at(day)) for stage, day in (("mql", "2026-08-03 10:00"), ("sql", "2026-08-04 10:00"))}
    past = (Past(1, first, at("2026-08-10 10:00"), "budget_none"),)
    remember(agreed, walked(1, past=past, cycle=2))
    told = line(council(agreed), "promise", "2026-08/2026-10")
    assert told == {"promised": "4", "delivered": "2", "kept": "50.00"}


def test_the_new_figures_lead_to_their_records(agreed):
    remember(agreed, walked(1), walked(2, sal=None, sql="2026-08-04 10:00"), walked(3, sql="2026-11-01 10:00"))
    data = council(agreed, "--records")
    (taken,) = [each for each in data["tables"]["durations"] if each["key"] == "mql_sal"]
    behind = ["hubspot:1", "hubspot:3", "salesforce:00Q1", "salesforce:00Q3"]
    for name in ("steps", "median", "p90"):
        assert (taken[name]["records"], taken[name]["value"], taken[name]["hidden"]) == (behind, None, "small")
    (promise,) = data["tables"]["promise"]
    assert promise["delivered"]["records"] == ["hubspot:1", "hubspot:2", "salesforce:00Q1", "salesforce:00Q2"]
    assert promise["delivered"]["value"] == "2"
    assert "records" not in council(agreed)["tables"]["promise"][0]["delivered"]


def test_inferred_timestamps_are_no_delivery(agreed):
    stamps = {"mql": Stamp(at("2026-10-05 10:00")), "sql": Stamp(at("2026-10-08 10:00"), inferred=True)}
    remember(agreed, replace(walked(1), journey=Journey("sql", stamps=stamps)))
    assert line(council(agreed), "promise", "2026-08/2026-10")["delivered"] == "0"


@pytest.mark.parametrize(
    ("rules", "settings", "memories", "tables"),
    [
        (PROMISE, "", [walked(1)], {"durations", "promise"}),
        (LIFECYCLE, "", [walked(1)], {"durations"}),
        (PROMISE, "rules: {lifecycle: off}", [walked(1)], set()),
        (PROMISE, "", [memory(handed(1))], set()),
        (PROMISE, "", [], set()),
    ],
    ids=["agreed", "no number", "no lifecycle", "no journeys", "nobody"],
)
def test_what_is_left_out(tmp_path, rules, settings, memories, tables):
    folder = project(tmp_path / "p", rules, settings)
    remember(folder, *memories)
    data = council(folder)
    assert {"durations", "promise"} & set(data["tables"]) == tables
    assert (data["clock"] is None) == (not tables)


def test_an_erased_person_stays_a_delivered_sql(agreed):
    """Of the person only the week stays: a quarter that ends within it keeps its own."""
    remember(
        agreed, walked(1), walked(2, sql="2026-10-31 10:00"), walked(3, sql="2026-11-01 10:00"), walked(4, sql=None)
    )
    before = council(agreed)["tables"]["promise"]
    for _ in range(2):
        erase(agreed, "p2", "p3", "p4")
    assert council(agreed)["tables"]["promise"] == before
    (promise,) = council(agreed, "--records")["tables"]["promise"]
    assert (promise["delivered"]["value"], promise["delivered"]["records"]) == ("2", ["hubspot:1", "salesforce:00Q1"])
    with state_of(load(agreed)) as store:
        kept = sorted((key, body) for chunk in store.standings.all("counted") for key, body in chunk)
    assert kept == [
        ("sql:2026-10-26", {"number": 1, "sql": "2026-10-26"}),
        ("sql:2026-11-01", {"number": 1, "sql": "2026-11-01"}),
    ]
    erase(agreed, "p1")
    (promise,) = council(agreed)["tables"]["promise"]
    assert promise["delivered"]["value"] == "2"


def test_what_the_engine_remembers_is_what_the_report_tells(folder, store):
    """HubSpot shows an MQL, and a day later that sales works on it: that makes an SAL."""
    run(folder, store, "2026-10-05T12:00:00+02:00", hubspot={"contacts": [CONTACT]})
    working = CONTACT | {"hs_lead_status": "IN_PROGRESS"}
    story = {"hubspot 1": {"hs_lead_status": [["IN_PROGRESS", "2026-10-06T08:00:00Z"]]}}
    run(folder, store, "2026-10-06T18:00:00+02:00", hubspot={"contacts": [working]}, history=story)
    (taken,) = [each for each in council(folder, "--records")["tables"]["durations"] if each["key"] == "mql_sal"]
    assert (taken["steps"]["records"], taken["steps"]["hidden"]) == (["hubspot:1"], "small")


def test_only_what_the_report_is_about_is_kept(agreed):
    """A hundred journeys of other quarters beside one of this month: what is read is not what is kept."""
    old = at("2025-01-10 10:00")
    remember(agreed, walked(200))
    many = [{stage: Stamp(old + timedelta(days=n)) for stage in ("mql", "sal", "sql")} for n in range(100)]
    remember(agreed, *(replace(walked(n), journey=Journey("sql", stamps=stamps)) for n, stamps in enumerate(many)))
    made = load(agreed)
    seen = walk(made.agreement, OCTOBER, BERLIN)
    with state_of(made) as store:
        collect(store, (OCTOBER,), BERLIN, seen)
    assert {each.records[0] for each in (*seen.steps, *seen.sqls)} == {"hubspot:200"}
    assert (len(seen.steps), len(seen.sqls)) == (2, 1)

"""The commands from outside: what they print, what they leave behind, and their exit codes."""

import json
import re
import stat
import subprocess
import sys

import pytest
from desk import ROOT, begin, desk, end_all, ended, project, run, spawn, until


@pytest.fixture(scope="module")
def at():
    with desk() as running:
        yield running


@pytest.fixture
def folder(at, tmp_path):
    at.fresh()
    yield project(tmp_path / "p", at)
    end_all()


def test_sync_ends_with_one_json_object_and_the_second_writes_nothing(folder, at):
    first = spawn(folder, "sync", "--json")
    assert first.code == 0, first.err
    assert len(first.out.splitlines()) == 1
    told = first.data
    assert told.keys() == {"run", "plan", "writes", "calls", "seconds"}
    assert told["plan"].keys() == {"create", "update", "archive", "noop", "held", "conflicts"}
    for per_side in (told["plan"]["create"], told["plan"]["update"], told["plan"]["archive"], told["writes"]):
        assert per_side.keys() == {"hubspot", "salesforce"}
    assert told["writes"]["salesforce"] > 0
    assert told["calls"]["hubspot"] == at.counters("hubspot")["calls"]
    again = run(folder, "sync", "--json", "--full")
    assert (again.code, again.data["writes"]) == (0, {"hubspot": 0, "salesforce": 0})


def test_plan_shows_fields_and_writes_nothing(folder, at):
    told = run(folder, "plan", "--limit", "2")
    assert told.code == 0, told.err
    assert "Will be created" in told.out
    assert "… and " in told.out
    assert "calls left today" in told.out
    assert re.search(r"revloop apply plan-\S+", told.out)
    assert at.counters("hubspot")["writes"] == at.counters("salesforce")["writes"] == 0
    lines = [json.loads(line) for line in told.err.splitlines()]
    (newest,) = run(folder, "runs", "--json", "--limit", "1").data["runs"]
    assert lines[0]["event"] == "run begins"
    assert {line["run"] for line in lines} == {newest["run"]}


def test_a_plan_file_is_applied_exactly(folder, tmp_path):
    file = tmp_path / "plan.jsonl"
    made = run(folder, "plan", "--out", str(file), "--json")
    assert made.code == 0, made.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    head, *actions = [json.loads(line) for line in file.read_text().splitlines()]
    assert head["id"] == made.data["id"]
    applied = run(folder, "apply", str(file), "--json")
    assert applied.code == 0, applied.err
    written = sum(applied.data["writes"].values())
    wrote = {
        (each["link"], each["side"]) for each in actions if each["kind"] in {"create", "update", "associate", "archive"}
    }
    assert written == len(wrote)
    again = run(folder, "apply", str(file))
    assert (again.code, "applied already" in again.err) == (4, True)


@pytest.mark.parametrize("place", [0, 1, -1], ids=["head", "first action", "last action"])
def test_an_edited_plan_file_is_refused(folder, tmp_path, at, place):
    file = tmp_path / "plan.jsonl"
    run(folder, "plan", "--out", str(file))
    lines = file.read_text().splitlines()
    edited = json.loads(lines[place])
    edited["counts" if place == 0 else "link"] = {} if place == 0 else "person:hubspot:1"
    lines[place] = json.dumps(edited)
    file.write_text("\n".join(lines) + "\n")
    refused = run(folder, "apply", str(file))
    assert (refused.code, "is not" in refused.err) == (4, True)
    assert at.counters("salesforce")["writes"] == 0


@pytest.mark.parametrize(
    ("content", "code"), [("", 2), ("no json\n", 2), ('{"revloop_plan": 9}\n', 2), ("[]\n", 2), (None, 4)]
)
def test_what_is_no_plan_is_refused(folder, tmp_path, content, code):
    file = tmp_path / "plan.jsonl"
    if content is not None:
        file.write_text(content)
    refused = run(folder, "apply", str(file))
    assert refused.code == code
    assert "revloop plan" in refused.err or "JSON" in refused.err


def test_shortened_and_lengthened_plan_files_are_refused(folder, tmp_path):
    file = tmp_path / "plan.jsonl"
    run(folder, "plan", "--out", str(file))
    lines = file.read_text().splitlines()
    for changed in (lines[:-1], [*lines, lines[-1]]):
        file.write_text("\n".join(changed) + "\n")
        assert run(folder, "apply", str(file)).code == 4


def test_brakes_stop_before_the_first_write(folder, at):
    assert run(folder, "sync").code == 0
    person = next(one for one in at.salesforce_records("Contact") if one["Title"])
    at.order("salesforce", "edit", {"sobject": "Contact", "id": person["Id"], "fields": {"Title": "Chief Example"}})
    settings = (folder / "connector.yaml").read_text()
    (folder / "connector.yaml").write_text(settings + "brakes: {updates: 0.0, floor: 0}\n")
    at.order("hubspot", "counters", method="DELETE")
    stopped = run(folder, "sync")
    assert stopped.code == 4
    assert "the plan updates 1 hubspot records" in stopped.out
    assert '"event":"brake"' in stopped.err
    assert at.counters("hubspot")["writes"] == 0
    status = json.loads((folder / "state" / "status.json").read_text())
    assert (status["exit_code"], len(status["reasons"])) == (4, 1)
    assert "revloop plan" in run(folder, "status").out
    plan = re.search(r"revloop apply (plan-\S+) --allow", stopped.out)[1]
    assert run(folder, "apply", plan).code == 4
    assert run(folder, "apply", plan, "--allow").code == 0
    assert at.counters("hubspot")["writes"] == 1


def test_a_changed_mapping_is_announced_first(folder):
    assert run(folder, "sync").code == 0
    mapping = folder / "mappings" / "person.yaml"
    mapping.write_text(mapping.read_text().replace("winner: newest}", "winner: hubspot}", 1))
    stopped = run(folder, "sync")
    assert (stopped.code, "mapping or rule files changed" in stopped.out) == (4, True)


def test_status_file_is_private_and_says_how_it_ended(folder):
    assert "There has been no run yet" in run(folder, "status").out
    run(folder, "sync")
    file = folder / "state" / "status.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    status = json.loads(file.read_text())
    assert (status["kind"], status["exit_code"], status["reasons"]) == ("sync", 0, [])
    assert status["open"] == {"inbox": 0, "conflicts": 0}
    shown = run(folder, "status", "--json").data
    assert shown["last_run"]["run"] == status["run"]
    assert shown["links"].keys() == {"company", "person", "deal"}
    assert shown["next"] == ["revloop sync --every 15m"]


def test_conflicts_are_listed_shown_and_resolved(folder, at):
    mapping = folder / "mappings" / "person.yaml"
    mapping.write_text(mapping.read_text().replace("Title, winner: newest", "Title, winner: ask"))
    run(folder, "sync")
    person = next(one for one in at.salesforce_records("Contact") if one["Revloop_HubSpot_Id__c"])
    hubspot = person["Revloop_HubSpot_Id__c"]
    at.order("hubspot", "edit", {"object": "contacts", "id": hubspot, "properties": {"jobtitle": "Head of One"}})
    at.order("salesforce", "edit", {"sobject": "Contact", "id": person["Id"], "fields": {"Title": "Head of Two"}})
    assert run(folder, "sync").code == 1
    (conflict,) = run(folder, "conflicts", "list", "--json").data["conflicts"]
    assert (conflict["hubspot"], conflict["salesforce"]) == ("Head of One", "Head of Two")
    number = str(conflict["number"])
    assert "Head of One" in run(folder, "conflicts", "show", number).out
    assert run(folder, "conflicts", "resolve", number, "--take", "hubspot").code == 0
    done = run(folder, "sync", "--json")
    assert (done.code, done.data["writes"]) == (0, {"hubspot": 0, "salesforce": 1})
    now = {one["Id"]: one for one in at.salesforce_records("Contact")}
    assert now[person["Id"]]["Title"] == "Head of One"
    closed = run(folder, "conflicts", "resolve", number, "--take", "hubspot")
    assert (closed.code, "does not wait any more" in closed.err) == (1, True)
    assert run(folder, "conflicts", "show", "999").code == 2
    (told,) = run(folder, "explain", person["Id"][:15], "--field", "job_title", "--json").data["records"]
    assert told["record"] == {"hubspot": hubspot, "salesforce": person["Id"]}
    (field,) = told["fields"]
    assert field["written"][0]["because"] == "conflict resolved: hubspot"


def test_explain_finds_by_every_name(folder, at):
    run(folder, "sync")
    person = next(one for one in at.salesforce_records("Contact") if one["Revloop_HubSpot_Id__c"])
    ids = {"hubspot": person["Revloop_HubSpot_Id__c"], "salesforce": person["Id"]}
    link = run(folder, "explain", person["Id"], "--json").data["records"][0]["link"]
    for name in (ids["salesforce"], f"person:{ids['hubspot']}", person["Email"].upper(), link):
        records = run(folder, "explain", name, "--json").data["records"]
        assert [one["record"] for one in records] == [ids]
    table = run(folder, "explain", person["Email"])
    assert "where it comes from" in table.out
    assert person["Email"] in table.out
    company = at.salesforce_records("Account")[0]
    (told,) = run(folder, "explain", f"company:{company['Website']}", "--json").data["records"]
    assert told["record"]["salesforce"] == company["Id"]
    lost = run(folder, "explain", "nobody@example.com")
    assert (lost.code, "nobody" in lost.err) == (2, False)
    assert run(folder, "explain", person["Id"], "--field", "jobtitle").code == 2


def test_explain_refuses_the_history_of_a_field_together_with_attribution(folder, at):
    refused = run(
        folder, "explain", at.salesforce_records("Opportunity")[0]["Id"], "--attribution", "--field", "amount"
    )
    assert (refused.code, refused.out) == (2, "")
    assert "--attribution and --field do not go together" in refused.err


def test_explain_says_why_a_record_does_not_sync(folder, at):
    made = at.order(
        "hubspot",
        "create",
        {"object": "contacts", "properties": {"email": "only.a.visitor@example.org", "lifecyclestage": "subscriber"}},
    )
    run(folder, "sync")
    (told,) = run(folder, "explain", made["id"], "--json").data["records"]
    assert told["record"] == {"hubspot": made["id"], "salesforce": None}
    assert any("person.yaml:" in reason and "lifecyclestage is subscriber" in reason for reason in told["why_not"])
    at.order("hubspot", "archive", {"object": "contacts", "id": made["id"]})
    run(folder, "sync", "--full")
    (told,) = run(folder, "explain", made["id"], "--json").data["records"]
    assert any("is no more: deleted" in reason for reason in told["why_not"])


def test_errors_say_what_to_do(at, tmp_path):
    at.fresh(40, dirt=True)
    folder = project(tmp_path / "p", at)
    assert run(folder, "sync").code == 1
    told = run(folder, "errors", "--json").data
    assert {one["code"] for one in told["held"]} >= {"TWINS"}
    assert all(one["do"] for one in told["held"])
    everything = run(folder, "errors", "--all", "--json").data
    assert len(everything["held"]) == len(told["held"]) + told["waiting"]
    assert "what to do" in run(folder, "errors").out
    assert run(folder, "sync", "--json").data["writes"] == {"hubspot": 0, "salesforce": 0}


def test_rebuild_restores_the_links(folder, at):
    run(folder, "sync")
    before = run(folder, "status", "--json").data["links"]
    for file in (folder / "state").iterdir():
        file.unlink()
    at.order("hubspot", "counters", method="DELETE")
    assert run(folder, "rebuild").code == 0
    assert run(folder, "status", "--json").data["links"] == before
    assert at.counters("hubspot")["writes"] == 0
    assert run(folder, "sync", "--json").data["writes"] == {"hubspot": 0, "salesforce": 0}


def test_every_runs_until_it_is_told_to_stop(folder, at):
    process = begin(folder, "sync", "--every", "1s", "--json")
    try:
        until(lambda: len(run(folder, "runs", "--json").data["runs"]) >= 2, "two runs")
        at.order("hubspot", "faults", {"kind": "status", "status": 401, "times": 50, "answer": {"category": "X"}})
        status = folder / "state" / "status.json"
        until(lambda: json.loads(status.read_text())["exit_code"] == 2, "a run that fails")
        at.order("hubspot", "faults", method="DELETE")
        until(lambda: json.loads(status.read_text())["exit_code"] == 0, "a run after it")
    finally:
        process.terminate()
    done = ended(process)
    assert done.code == 130, done.err
    assert '"event":"run stopped"' in done.err
    assert all(line.startswith("{") for line in done.out.splitlines())


def test_check_reads_only(folder, at):
    told = run(folder, "check")
    assert told.code == 0, told.out
    assert at.counters("hubspot")["writes"] == at.counters("salesforce")["writes"] == 0
    mapping = folder / "mappings" / "person.yaml"
    mapping.write_text(mapping.read_text().replace("hubspot: jobtitle", "hubspot: jobtitel"))
    wrong = run(folder, "check", "--json")
    assert wrong.code == 2
    assert any("jobtitel" in one["what"] and one["do"] for one in wrong.data["findings"] if one["level"] == "error")


def test_wrong_token_is_a_setting(at, tmp_path):
    at.fresh()
    folder = project(tmp_path / "p", at, token="pat-na1-wrong-canary-0000")
    failed = spawn(folder, "sync")
    assert failed.code == 2
    assert "token" in failed.err
    assert "canary" not in failed.err + failed.out
    assert "Traceback" not in failed.err
    status = json.loads((folder / "state" / "status.json").read_text())
    assert (status["exit_code"], status["kind"]) == (2, "sync")
    as_json = run(folder, "sync", "--json")
    assert as_json.data.keys() == {"error", "exit_code"}
    assert as_json.data["exit_code"] == 2


def test_unknown_field_is_a_setting(folder):
    mapping = folder / "mappings" / "person.yaml"
    mapping.write_text(mapping.read_text().replace("salesforce: Title", "salesforce: Titel"))
    failed = run(folder, "sync")
    assert (failed.code, "Titel" in failed.err) == (2, True), failed.err


def test_a_spent_day_means_later(folder, at):
    at.order("hubspot", "quota", {"daily_remaining": 0})
    failed = run(folder, "sync")
    assert (failed.code, "midnight" in failed.err) == (3, True), failed.err


def test_mistakes_of_a_project_are_all_told(tmp_path):
    nowhere = spawn(tmp_path, "sync")
    assert (nowhere.code, "revloop init" in nowhere.err) == (2, True)
    assert not (tmp_path / "state").exists()
    assert run(tmp_path, "init", "p").code == 0
    assert run(tmp_path, "sync", "--project", "p").code == 2
    assert json.loads(run(tmp_path, "schema", "mapping").out)["$schema"]
    for wrong in (["sink"], ["sync", "--nope"], ["plan", "--limit", "0"], ["conflicts", "resolve", "1"]):
        assert run(tmp_path, *wrong).code == 2
    assert run(tmp_path, "sync", "--every", "soon", "--project", "p").code == 2
    assert run(tmp_path, "--help").code == 0


def test_help_and_typos_load_neither_the_engine_nor_a_client():
    slow = {"sqlalchemy", "pydantic", "requests", "rich", "connector.engine"}
    asked = f"import cli, sys; print(sorted({slow} & {{*sys.modules}}))"
    done = subprocess.run((sys.executable, "-c", asked), cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

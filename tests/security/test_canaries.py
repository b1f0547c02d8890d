"""Canary tokens and persons go through whole runs with faults; nothing that stays or leaves may name them."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "process"))

from desk import desk, project, run, spawn

TOKEN = "pat-na1-c4narytoken-0000-1111-2222-333344445555"
SESSION = "00D000000000001EAA!c4narysessionc4narysession"
PERSON = ("c4nary", "+498999998123")
"""Part of every canary's name and address; a canary's telephone number."""


@pytest.fixture(scope="module")
def at():
    with desk() as running:
        yield running


@pytest.fixture
def folder(at, tmp_path):
    """A canary on each side alone, one on both, and two that quarrel."""
    at.fresh(10)
    at.order("hubspot", "tokens", {"add": TOKEN})
    made = project(tmp_path / "p", at, token=TOKEN)
    (made / "secrets" / "salesforce").write_text(SESSION)
    for number in range(3):
        stage = "salesqualifiedlead"
        properties = {"email": f"c4nary.h{number}@c4nary.example", "firstname": "Ca", "lastname": f"C4naryname{number}"}
        properties |= {"phone": PERSON[1], "lifecyclestage": stage, "company": "C4nary Ltd"}
        at.order("hubspot", "create", {"object": "contacts", "properties": properties})
    for email in ("c4nary.h1@c4nary.example", "c4nary.s1@c4nary.example", "c4nary.s1@c4nary.example"):
        fields = {"Email": email, "LastName": "C4naryother", "Company": "C4nary Inc", "Phone": PERSON[1]}
        at.order("salesforce", "create", {"sobject": "Lead", "fields": fields})
    return made


def silent(*texts):
    """No canary in any of the texts."""
    for text in texts:
        low = text.lower()
        assert not [canary for canary in (TOKEN, SESSION, *PERSON) if canary.lower() in low], text[:2000]


def left_behind(folder):
    """Every file of the state as text, the database for its secrets only."""
    for path in (folder / "state").iterdir():
        raw = path.read_bytes()
        for secret in (TOKEN, SESSION):
            assert secret.encode() not in raw, path
        if "sqlite" not in path.name:
            silent(raw.decode())


WORDS = "c4nary.h1@c4nary.example has phone +498999998123"
ECHO = {"message": WORDS, "status": "error", "category": "VALIDATION_ERROR"}
REFUSED = [{"success": False, "errors": [{"statusCode": "STRING_TOO_LONG", "message": WORDS}]}]


def status(code, answer, **more):
    return {"kind": "status", "status": code, "answer": answer, **more}


FAULTS = [
    pytest.param(None, None, id="calm"),
    pytest.param("hubspot", status(400, ECHO, times=9), id="400 that repeats values"),
    pytest.param("hubspot", status(401, ECHO, times=9), id="401 that repeats values"),
    pytest.param("hubspot", status(200, {"results": WORDS}, nth=4), id="200 of nonsense"),
    pytest.param("hubspot", status(200, f"<p>{WORDS}</p>", nth=4), id="200 of HTML"),
    pytest.param("salesforce", status(400, [{"errorCode": "X", "message": WORDS}], times=9), id="400 from Salesforce"),
    pytest.param("salesforce", status(200, {"records": WORDS}, nth=3), id="200 of other nonsense"),
    pytest.param("salesforce", {"kind": "lost", "path": "composite", "times": 2}, id="lost answers"),
    pytest.param("salesforce", status(200, REFUSED, path="composite", times=9), id="refusals that repeat values"),
]


@pytest.mark.parametrize(("side", "fault"), FAULTS)
def test_nothing_names_a_canary(folder, at, side, fault):
    if side:
        at.order(side, "faults", fault)
    first = run(folder, "--debug", "sync")
    at.order("hubspot", "faults", method="DELETE")
    at.order("salesforce", "faults", method="DELETE")
    again = run(folder, "sync", "--json")
    told = [run(folder, *words) for words in (("status",), ("runs", "--json"), ("errors", "--all", "--json"))]
    silent(first.out, first.err, again.out, again.err, *(text for one in told for text in (one.out, one.err)))
    left_behind(folder)
    assert first.code, "something was held or stopped the run"
    if side is None:
        assert first.code == 1  # the two leads of one address are held
        assert "TWINS" in {one["code"] for one in told[2].data["held"]}
    assert "Traceback" not in first.err


def test_a_plan_file_holds_values_only_in_its_actions(folder, tmp_path):
    file = tmp_path / "plan.jsonl"
    made = run(folder, "plan", "--out", str(file), "--limit", "1")
    head, *actions = file.read_text().splitlines()
    silent(head, made.err)
    assert any("c4nary" in line for line in actions)
    assert not any(secret in file.read_text() + made.out for secret in (TOKEN, SESSION))


def test_a_token_that_is_refused_is_not_repeated(folder, at):
    at.order("hubspot", "tokens", {"revoke": TOKEN})
    refused = spawn(folder, "--debug", "sync")
    assert refused.code == 2
    silent(refused.out, refused.err)
    left_behind(folder)


def test_a_mistake_of_ours_shows_frames_and_no_values(folder):
    """A state whose rows make no sense, as no version of ours writes them."""
    assert run(folder, "sync").code == 1
    import sqlite3  # noqa: PLC0415 - for this one test

    database = sqlite3.connect(folder / "state" / "revloop.sqlite")
    database.execute("UPDATE record SET fields = '[\"c4nary.h1@c4nary.example\"]', dirty = 1")
    database.commit()
    database.close()
    failed = run(folder, "--debug", "sync")
    assert failed.code == 70
    silent(failed.out, failed.err)
    assert "connector/" in failed.err
    assert "revloop made a mistake" in failed.err
    assert run(folder, "sync", "--json").data.keys() == {"error", "exit_code"}
    status = json.loads((folder / "state" / "status.json").read_text())
    assert (status["exit_code"], status["reasons"][0].split(":")[0]) == (70, "unexpected")
    assert run(folder, "runs", "--json").data["runs"][0]["status"] == "failed"
    left_behind(folder)

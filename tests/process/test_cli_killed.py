"""Killed, stopped, started twice: whatever happens to the process, the next run goes on and nothing is made twice."""

import json
import signal
from collections import Counter

import pytest
from desk import begin, desk, end_all, ended, project, run, until


@pytest.fixture(scope="module")
def at():
    with desk() as running:
        yield running


@pytest.fixture
def folder(at, tmp_path):
    at.fresh()
    yield project(tmp_path / "p", at)
    end_all()


def writing(at, records=1):
    """Whether so many records have been written by the run that goes on."""
    return lambda: at.counters("hubspot")["writes"] + at.counters("salesforce")["writes"] >= records


def whole(folder, at):
    """The next run starts at once, one more writes nothing, and nobody is there twice."""
    at.slow(0)
    after = run(folder, "sync", "--json")
    assert after.code == 0, after.err
    assert run(folder, "sync", "--full", "--json").data["writes"] == {"hubspot": 0, "salesforce": 0}
    for side in at.addresses():
        assert max(Counter(side).values()) == 1
    names = Counter(one["Name"] for one in at.salesforce_records("Opportunity"))
    assert max(names.values()) == 1


@pytest.mark.parametrize("records", [1, 12, 24])
def test_killed_in_the_middle_of_writing(folder, at, records):
    at.slow(0.05)
    process = begin(folder, "sync")
    until(writing(at, records), "a write")
    process.kill()
    assert ended(process).code == -signal.SIGKILL
    assert run(folder, "runs", "--json").data["runs"][0]["status"] in {"killed", "running"}
    whole(folder, at)
    assert [one["status"] for one in run(folder, "runs", "--json").data["runs"]][-1] == "killed"


def test_killed_while_reading(folder, at):
    at.slow(0.2)
    process = begin(folder, "sync")
    until(lambda: at.counters("hubspot")["calls"] > 3, "reading")
    process.kill()
    ended(process)
    whole(folder, at)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_stopped_cleanly_in_the_middle_of_writing(folder, at, sign):
    at.slow(0.1)
    process = begin(folder, "sync", "--json")
    until(writing(at), "a write")
    process.send_signal(sign)
    stopped = ended(process)
    assert stopped.code == 130, stopped.err
    assert stopped.data["exit_code"] == 130
    status = json.loads((folder / "state" / "status.json").read_text())
    assert status["exit_code"] == 130
    assert run(folder, "runs", "--json").data["runs"][0]["exit_code"] == 130
    whole(folder, at)


def test_stopped_twice_quits_at_once(folder, at):
    at.slow(0.1)
    process = begin(folder, "sync")
    until(writing(at), "a write")
    at.slow(20)
    process.send_signal(signal.SIGTERM)
    assert "once more quits at once" in _line_with(process, "once more")
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 130
    ended(process)
    whole(folder, at)


def _line_with(process, words):
    for line in process.stderr:
        if words in line:
            return line
    return ""


def test_two_at_once(folder, at):
    at.slow(0.1)
    process = begin(folder, "sync")
    until(writing(at), "a write")
    status = folder / "state" / "status.json"
    second = run(folder, "sync")
    assert second.code == 3, second.err
    assert "another run" in second.err
    assert not status.exists()  # it is the other run's to write
    assert run(folder, "status", "--json").data["running"] is not None
    at.slow(0)
    first = ended(process)
    assert first.code == 0, first.err
    assert json.loads(status.read_text())["exit_code"] == 0
    whole(folder, at)


def test_a_sandbox_keeps_its_data_through_a_restart(tmp_path):
    (tmp_path / "csv" / "hubspot").mkdir(parents=True)
    (tmp_path / "csv" / "salesforce").mkdir()
    (tmp_path / "csv" / "hubspot" / "contacts.csv").write_text("email,firstname\nada.sample@example.com,Ada\n")
    (tmp_path / "csv" / "salesforce" / "Contact.csv").write_text(
        "Id,LastName,Email\nx1,Sample,ada.sample@example.com\n"
    )
    options = ("--data", str(tmp_path / "data"))
    with desk(*options) as at:
        loaded = run(tmp_path, "sandbox", "load", "csv", "--json", *ports(at))
        assert loaded.data == {"loaded": {"hubspot": {"contacts": 1}, "salesforce": {"Contact": 1}}}
        (tmp_path / "csv" / "hubspot" / "contacts.csv").write_text("emial\nada.sample@example.com\n")
        wrong = run(tmp_path, "sandbox", "load", "csv", *ports(at))
        assert (wrong.code, "'email'" in wrong.err) == (2, True)
        assert run(tmp_path, "sandbox", "load", "nowhere", *ports(at)).code == 2
    with desk(*options) as at:
        assert at.addresses() == (["ada.sample@example.com"], ["ada.sample@example.com"])
        assert run(tmp_path, "sandbox", "reset", *ports(at)).code == 0
        assert at.addresses() == ([], [])
    assert run(tmp_path, "sandbox", "reset", *ports(at)).code == 3


def ports(at):
    hubspot, salesforce = (url.rpartition(":")[2] for url in (at.hubspot, at.salesforce))
    return ("--hubspot-port", hubspot, "--salesforce-port", salesforce)


def test_ordered_faults_are_survived(folder, at, tmp_path):
    ordered = run(
        tmp_path, "sandbox", "fault", "salesforce", "lost", "--path", "composite", "--method", "POST|PATCH", *ports(at)
    )
    assert ordered.code == 0, ordered.err
    run(folder, "sync")
    cleared = run(tmp_path, "sandbox", "fault", "salesforce", "clear", "--json", *ports(at))
    assert cleared.data == {"faults": []}
    whole(folder, at)

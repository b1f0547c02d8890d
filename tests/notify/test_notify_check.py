"""What `revloop check` says of the channels."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loopback import webhook

from connector.install.check_messages import check_messages
from connector.notify.by_apprise import AppriseChannel
from connector.notify.file import FileChannel

sys.path.append(str(Path(__file__).parents[1] / "process"))

from desk import desk, project, run

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def found(channels, *, test=False):
    findings = list(check_messages(channels, test=test, locale="en", at=AT))
    assert all(each.do for each in findings if each.level != "info")
    return [(each.level, each.where, each.what) for each in findings]


def test_no_channel_is_told():
    ((level, where, what),) = found([])
    assert (level, where) == ("info", "connector.yaml")
    assert what.startswith("no channel for messages")


def test_channels_that_work_and_one_that_cannot(tmp_path):
    channels = [
        FileChannel("file", tmp_path / "messages.jsonl"),
        AppriseChannel("broken", lambda: "nonsense"),
        AppriseChannel("doubtful", lambda: "jsons://example.com/?verify=no"),
    ]
    told = found(channels)
    assert [(level, where) for level, where, _ in told] == [
        ("info", "notify file"),
        ("error", "notify broken"),
        ("warning", "notify doubtful"),
        ("info", "notify doubtful"),
    ]
    assert "revloop check --send-test" in told[0][2]
    assert not (tmp_path / "messages.jsonl").exists(), "looking writes nothing"


def test_a_test_message_goes_through_every_channel(tmp_path):
    with webhook() as (service, port):
        channels = [
            FileChannel("file", tmp_path / "messages.jsonl"),
            AppriseChannel("hook", lambda: f"json://127.0.0.1:{port}/c4naryhook"),
        ]
        assert [what for _, _, what in found(channels, test=True)] == [
            "took a test message: see that it has arrived"
        ] * 2
        service.answer = 403
        told = found(channels[1:], test=True)
    assert told == [
        ("error", "notify hook", "did not take a test message: the service refused it with 403"),
    ]
    assert (tmp_path / "messages.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize("more", [[], ["--send-test"]])
def test_the_command(tmp_path, more):
    with desk() as at:
        at.fresh(10)
        folder = project(tmp_path / "p", at)
        settings = folder / "connector.yaml"
        settings.write_text(settings.read_text() + "\nnotify: {to: [{name: file, file: out/messages.jsonl}]}\n")
        done = run(folder, "check", "--json", *more)
    assert done.code == 0, done.err
    told = [each["what"] for each in done.data["findings"] if each["where"] == "notify file"]
    assert told == (
        ["took a test message: see that it has arrived"]
        if more
        else ["understood; `revloop check --send-test` sends a test message through it"]
    )
    assert (folder / "out" / "messages.jsonl").exists() == bool(more)

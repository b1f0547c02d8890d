"""The file of messages: private, whole lines, each message once."""

import json
import os
import resource
import signal
import stat
from datetime import UTC, datetime

import pytest

from connector.notify.channel import Message
from connector.notify.file import FileChannel

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def message(id_="aaaaaaaaaaaa", **changes):
    told = {"to": "boss@example.com", "subject": "one", "lines": ("Ablehnungsgrund fehlt: 1 „ä“",), "at": AT}
    return Message(id_, **{**told, **changes})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out" / "messages.jsonl"


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_a_message_in_a_private_file(path):
    channel = FileChannel("file", path)
    assert channel.look() == (None, ())
    for id_ in ("aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        assert channel.deliver(message(id_), again=False) is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    first, second = lines(path)
    assert first == {
        "id": "aaaaaaaaaaaa",
        "at": "2026-11-24T08:00:00+00:00",
        "to": "boss@example.com",
        "subject": "one",
        "lines": ["Ablehnungsgrund fehlt: 1 „ä“"],
    }
    assert second["id"] == "bbbbbbbbbbbb"
    assert channel.look() == (None, ())


def test_a_message_that_is_there_is_not_written_again(path):
    channel = FileChannel("file", path)
    channel.deliver(message(), again=False)
    assert channel.deliver(message(), again=True) is None
    assert len(lines(path)) == 1
    # the id of another message in a text is no message
    channel.deliver(message("bbbbbbbbbbbb", lines=('{"id":"cccccccccccc"',)), again=False)
    assert channel.deliver(message("cccccccccccc"), again=True) is None
    assert [each["id"] for each in lines(path)] == ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"]


@pytest.mark.parametrize("length", [1, 4, 6, 20, 100])
def test_a_torn_line_is_cut(path, length):
    channel = FileChannel("file", path)
    channel.deliver(message(), again=False)
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(whole[:length])
    assert channel.deliver(message("bbbbbbbbbbbb"), again=True) is None
    assert [each["id"] for each in lines(path)] == ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]


def test_a_torn_line_longer_than_a_block(path):
    channel = FileChannel("file", path)
    channel.deliver(message(lines=("x" * 200_000,)), again=False)
    path.write_bytes(path.read_bytes()[:-1])
    assert channel.deliver(message(), again=True) is None
    assert [(each["id"], len(each["lines"][0])) for each in lines(path)] == [("aaaaaaaaaaaa", 28)]


def test_somebody_elses_words_are_kept(path):
    path.parent.mkdir()
    path.write_text("notes of somebody")
    path.chmod(0o600)
    assert FileChannel("file", path).deliver(message(), again=True) is None
    first, second = path.read_text().splitlines()
    assert first == "notes of somebody"
    assert json.loads(second)["id"] == "aaaaaaaaaaaa"


def test_a_file_that_others_can_read_is_not_written(path):
    path.parent.mkdir()
    path.touch()
    path.chmod(0o644)
    channel = FileChannel("file", path)
    why = "its `file` can be read by others: type `chmod 600` and its path"
    assert channel.deliver(message(), again=False) == why
    assert channel.look() == (why, ())
    assert path.read_text() == ""


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert FileChannel("file", tmp_path / "pipe").deliver(message(), again=False) == "its `file` is no file"
    assert FileChannel("file", tmp_path / "pipe").look() == ("its `file` is no file", ())
    assert "Is a directory" in FileChannel("file", tmp_path).deliver(message(), again=False)
    assert FileChannel("file", tmp_path).look() == ("its `file` is no file", ())
    (tmp_path / "plain").touch()
    below = FileChannel("file", tmp_path / "plain" / "messages.jsonl")
    assert "cannot be written" in below.deliver(message(), again=False)
    assert below.look() == ("the folder of its `file` is closed", ())


def test_a_full_disk_is_told_and_mended(path):
    """The limit of a file's size stands for a full disk: half a line is written, and then no more."""
    channel = FileChannel("file", path)
    assert channel.deliver(message(), again=False) is None
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 40, hard))
    try:
        assert channel.deliver(message("bbbbbbbbbbbb"), again=False) == "its `file` cannot be written (File too large)"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_bytes().count(b"\n") == 1
    assert path.stat().st_size > len(path.read_bytes().partition(b"\n")[0]) + 1, "a torn line"
    assert channel.deliver(message("bbbbbbbbbbbb"), again=True) is None
    assert [each["id"] for each in lines(path)] == ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]


def test_a_test_message_and_whom_it_takes(path):
    channel = FileChannel("file", path, frozenset({"boss@example.com"}))
    assert channel.test("en", AT) is None
    assert lines(path)[0]["subject"] == "revloop: test message"
    assert channel.takes("boss@example.com")
    assert not channel.takes("anna@example.com")
    assert channel.name == "file"

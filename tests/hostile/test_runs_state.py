"""A state of other accounts, a disk that is full at any moment: exit 4, and afterwards everything is there, once."""

import resource
import subprocess
from contextlib import contextmanager

import pytest
from small_world import broken, brought_into_step, mended, stopped

from connector.errors import StateError

PORTAL = {"portalId": 999, "timeZone": "Europe/Berlin", "companyCurrency": "EUR", "accountType": "STANDARD"}
ORGANIZATION = {"Id": "00DSb0000000009AAA", "Name": "Other", "TimeZoneSidKey": "Europe/Berlin", "OrganizationType": ""}
FULL = "make room and run again"


@pytest.mark.parametrize(
    ("side", "path", "answer", "number"),
    [
        ("hubspot", "/account-info", PORTAL, "999"),
        ("salesforce", "FROM.Organization", {"done": True, "records": [ORGANIZATION]}, "00DSb0000000009AAA"),
    ],
)
def test_the_state_of_another_account(pair, side, path, answer, number):
    """The token was changed to that of a test account: nothing there may be taken for the records known here."""
    before = brought_into_step(pair)
    broken(pair, side, path, status=200, answer=answer)
    words = f"this state belongs to {side} account", f"the credentials open account {number}", "or another `state:`"
    assert stopped(pair, StateError, *words) == (0, 0)
    mended(pair)
    assert brought_into_step(pair) == before


@contextmanager
def files_up_to(size):
    """No file of this process may grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def ends(pair, size):
    """How a run ends that finds so much room."""
    with files_up_to(size):
        try:
            return pair.sync()
        except StateError as error:
            return error


def test_the_state_cannot_be_written_from_some_moment_on(pair):
    """The moment comes later in every run: before, between and after what is written to the CRMs."""
    written = []
    for size in range(240_000, 2_000_000, 30_000):
        pair.forget_calls()
        ended = ends(pair, size)
        if not isinstance(ended, StateError):
            break
        assert "reading or writing the file failed: check the disk, then run again" in str(ended)
        assert ended.exit_code == 4
        written.append(sum(pair.counted("writes")))
    assert ended.exit_code == 0
    assert written[0] == 0
    assert sum(each > 0 for each in written) > 1
    brought_into_step(pair)


@pytest.fixture
def small_disk(pair):
    """The project's state folder as a file system of its own, made larger by calling the fixture's value."""
    state = pair.folder / "state"
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", state], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("mounting a small file system takes root")

    def grow(size):
        subprocess.run(["mount", "-o", f"remount,size={size}", state], check=True)

    yield grow
    subprocess.run(["umount", state], check=True)


def test_a_full_disk(pair, small_disk):
    for size in ("400k", "700k", "1m"):
        small_disk(size)
        stopped(pair, StateError, "the disk (or the file's size limit) is full: nothing of this step was kept", FULL)
    small_disk("20m")
    brought_into_step(pair)

"""No network, pages of proxies in the place of answers, answers that get lost: nothing is lost, nothing is doubled."""

import socket

import pytest
from small_world import broken, brought_into_step, mended, stopped

from connector.errors import LaterError, SettingsError

PAGE = "<html><body>Sign in to the network of canary@example.com</body></html>"
WORD = {"error": "sign in", "user": "canary@example.com"}
HTML = "answered with an HTML page instead of JSON", "a proxy or login page stands between, or the configured address"
CALLED = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
READS = {
    "hubspot": ("/account-info", "/crm/owners", "/crm/properties", "/crm/objects/[^/]+/deals"),
    "salesforce": ("/query", "/describe", "/deleted/"),
}
WRITES = [
    ("hubspot", "/companies/batch/upsert"),
    ("hubspot", "/deals/batch/upsert"),
    ("hubspot", "/deals/companies/batch/create"),
    ("salesforce", "/composite/sobjects/Account"),
    ("salesforce", "/composite/sobjects/Opportunity/"),
    ("salesforce", "/composite/sobjects"),
]


def elsewhere(pair, side, url):
    """Let the project call another address; gives the settings as they were."""
    path = pair.folder / "connector.yaml"
    before = path.read_text()
    path.write_text(before.replace(getattr(pair.desk, f"{side}_url"), url))
    return path, before


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
def test_nobody_listens(pair, side):
    with socket.socket() as taken:  # bound and silent: nothing else can come to listen there
        taken.bind(("127.0.0.1", 0))
        path, before = elsewhere(pair, side, f"http://127.0.0.1:{taken.getsockname()[1]}")
        words = f"{CALLED[side]} cannot be reached: check the network and the address"
        assert stopped(pair, LaterError, words) == (0, 0)
    path.write_text(before)
    brought_into_step(pair)


def test_a_name_that_leads_nowhere(pair):
    path, before = elsewhere(pair, "salesforce", "https://canary.invalid")
    assert stopped(pair, LaterError, "Salesforce cannot be reached: check the network and the address") == (0, 0)
    path.write_text(before)
    brought_into_step(pair)


def test_the_network_goes_while_records_are_written(pair):
    """From the first write on every call fails, on both sides, whatever it was."""
    waits = []
    pair.pause = waits.append
    for side, write in (("hubspot", "/batch/upsert"), ("salesforce", "/composite/sobjects")):
        broken(pair, side, write, status=503)
    result = pair.sync()
    assert result.exit_code == 3
    assert sum(result.summary["writes"].values()) == 0
    assert result.summary["later"] > 0
    assert waits  # it tried again, and waited in between
    mended(pair)
    brought_into_step(pair)


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
def test_an_html_page_where_records_should_be_read(pair, side):
    for path in READS[side]:
        for status in (200, 404):
            broken(pair, side, path, status=status, answer=PAGE)
            assert stopped(pair, SettingsError, CALLED[side], *HTML) == (0, 0)
            mended(pair)
    brought_into_step(pair)


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
def test_json_of_somebody_else_is_no_empty_crm(pair, side):
    """An empty list of records would be believed, and everything be created a second time."""
    for path in READS[side]:
        for answer in (WORD, {}, [1]):
            broken(pair, side, path, status=200, answer=answer)
            words = f"{CALLED[side]} answered without", "check what stands between, then run again"
            assert stopped(pair, LaterError, *words) == (0, 0)
            mended(pair)
    brought_into_step(pair)


@pytest.mark.parametrize(("side", "path"), WRITES)
def test_an_html_page_where_a_write_should_be_answered(pair, side, path):
    broken(pair, side, path, status=200, answer=PAGE)
    stopped(pair, SettingsError, CALLED[side], *HTML)
    mended(pair)
    brought_into_step(pair)


@pytest.mark.parametrize(("side", "path"), WRITES)
def test_json_of_somebody_else_confirms_no_write(pair, side, path):
    broken(pair, side, path, status=200, answer=WORD, times=1)
    pair.sync()
    mended(pair)
    brought_into_step(pair)


@pytest.mark.parametrize(("side", "path"), WRITES)
def test_an_answer_that_is_lost_after_the_write_was_done(pair, side, path):
    broken(pair, side, path, kind="cut" if "Opportunity" in path else "lost", times=1)
    assert pair.sync().exit_code == 0  # asked for and found, or repeated where that is safe
    brought_into_step(pair)


def test_every_answer_to_a_write_is_lost_again_and_again(pair):
    for side, write in (("hubspot", "/batch/(upsert|create)"), ("salesforce", "/composite/sobjects")):
        broken(pair, side, write, kind="lost")
    for _ in range(3):
        result = pair.sync()
        if result.exit_code == 0:
            break
        assert result.exit_code == 3
    mended(pair)
    brought_into_step(pair)


def test_a_redirect_is_followed_nowhere(pair):
    broken(pair, "hubspot", "/", status=302, headers={"Location": "https://login.example/canary"}, answer=PAGE)
    assert stopped(pair, SettingsError, "HubSpot answered with a redirect: check the configured address") == (0, 0)
    mended(pair)
    brought_into_step(pair)

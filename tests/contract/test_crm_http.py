"""The door to the network: what is repeated, what is raised, and what is never said."""

import logging
import socket
import traceback

import pytest
import requests
import responses
from servers import running
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from connector.crm.address import checked_url
from connector.crm.auth import FixedToken
from connector.crm.http import CallDeniedError, Door, LostAnswer
from connector.crm.pace import Allowance, Pace
from connector.crm.retry import (
    Busy,
    Denied,
    Expired,
    Failed,
    Fine,
    Heard,
    Policy,
    Repeat,
    Return,
    Spent,
    Stop,
    Tries,
    decide,
)
from connector.errors import LaterError, SettingsError
from connector.sandbox.clock import Clock

BASE = "https://crm.example"
CANARY = "pat-canary-71f3"
PERSON = "canary.person@example.com"


def plain(_heard):
    return None


def door(base=BASE, *, waits=None, judge=plain, token=None, **more):
    waits = [] if waits is None else waits
    return Door(
        base,
        policy=Policy("HubSpot", judge),
        token=token or FixedToken(CANARY),
        pause=waits.append,
        monotonic=lambda: 0.0,
        **more,
    )


# --- the decision, pure ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "repeat", "expected"),
    [
        (Heard(200), True, Return),
        (Heard(404), False, Return),
        (Heard(400), False, Return),
        (Heard(429), False, Repeat),
        (Heard(423), False, Repeat),
        (Heard(477, {"Retry-After": "86400"}), True, "later"),
        (Heard(503), True, Repeat),
        (Heard(503), False, "lost"),
        (Heard(524), False, "lost"),
        (Heard(401), True, "settings"),
        (Heard(403), True, "settings"),
        (Heard(302), True, "settings"),
        (Heard(200, garbled="html"), True, "settings"),
        (Heard(403, garbled="html"), True, "settings"),
        (Heard(502, garbled="html"), True, Repeat),
        (Heard(200, garbled="broken"), True, Repeat),
        (Heard(200, garbled="broken"), False, "lost"),
        (Failed("unsent", "w"), False, Repeat),
        (Failed("lost", "w"), False, "lost"),
        (Failed("lost", "w"), True, Repeat),
        (Failed("settings", "w"), True, "settings"),
    ],
)
def test_one_attempt(heard, repeat, expected):
    decision = decide(Policy("V", plain), Tries(), repeat=repeat, heard=heard)
    assert decision.kind == expected if isinstance(expected, str) else isinstance(decision, expected)


def test_a_call_that_may_have_been_carried_out_never_ends_as_certainly_not_done():
    policy = Policy("V", plain, attempts=3)
    for last in (Heard(429), Failed("unsent", "w"), Heard(503)):
        decision = decide(policy, Tries(3, risky=True), repeat=True, heard=last)
        assert isinstance(decision, Stop)
        assert decision.kind == "lost"
    assert decide(policy, Tries(3), repeat=True, heard=Heard(429)).kind == "later"


def test_waits_grow_and_retry_after_is_obeyed():
    policy = Policy("V", plain, attempts=9, first=0.5, most=4.0)
    waits = [decide(policy, Tries(n), repeat=True, heard=Heard(500)).after for n in range(1, 7)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]
    assert decide(policy, Tries(1), repeat=True, heard=Heard(429, {"Retry-After": "7"})).after == 7.0


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Denied("no"), Stop("settings", "no")),
        (Spent("no", 9.0), Stop("later", "no", 9.0)),
        (Expired("no"), Repeat(0.0, renew=True)),
        (Busy(3.0, everybody=True), Repeat(3.0, everybody=True)),
        (Fine(), Return()),
    ],
)
def test_the_vendors_verdict_comes_first(verdict, expected):
    assert decide(Policy("V", lambda _: verdict), Tries(), repeat=False, heard=Heard(500)) == expected


def test_a_token_is_renewed_once_per_call():
    decision = decide(Policy("V", lambda _: Expired("old")), Tries(2, renewed=True), repeat=True, heard=Heard(401))
    assert decision == Stop("settings", "old")


# --- addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["https://api.hubapi.com/", "http://127.0.0.1:8101", "http://localhost:1", "http://[::1]:2"]
)
def test_addresses_a_token_may_go_to(url):
    assert checked_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.hubapi.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "https://user:pass@api.hubapi.com",
        "ftp://api.hubapi.com",
        "api.hubapi.com",
        "https://",
        "https://api.hubapi.com?x=1",
        "https://host:port",
        "",
    ],
)
def test_addresses_a_token_never_goes_to(url):
    with pytest.raises(SettingsError):
        checked_url(url)


def test_a_path_cannot_leave_the_host():
    with pytest.raises(ValueError, match="begins with '/'"):
        door().call("GET", "https://evil.example/", repeat=True)
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", status=307, headers={"Location": "https://evil.example/"})
        with pytest.raises(SettingsError, match="redirect"):
            door().call("GET", "/a", repeat=True)
        assert [call.request.url for call in mock.calls] == [f"{BASE}/a"]


# --- calls -----------------------------------------------------------------------------------------------------


def test_a_netrc_file_does_not_replace_the_token(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine crm.example login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", json={})
        door().call("GET", "/a", repeat=True)
        assert mock.calls[0].request.headers["Authorization"] == f"Bearer {CANARY}"


def test_cookies_are_not_kept():
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", json={}, headers={"Set-Cookie": "session=1; Path=/"})
        opened = door()
        opened.call("GET", "/a", repeat=True)
        opened.call("GET", "/a", repeat=True)
        assert "Cookie" not in mock.calls[1].request.headers


def test_repeats_stop_with_what_is_certain():
    waits = []
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", status=503)
        with pytest.raises(LaterError):
            door(waits=waits).call("GET", "/a", repeat=True)
        assert len(mock.calls) == 6
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_an_html_page_is_explained():
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", body="<html>Sign in</html>", status=200)
        with pytest.raises(SettingsError, match=r"an HTML page instead of JSON .* a proxy or login page"):
            door().call("GET", "/a", repeat=True)


def test_a_call_that_is_denied_is_told_from_a_token_that_is_not_accepted():
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", status=403, json={"message": "no"})
        with pytest.raises(CallDeniedError, match="forbids this call"):
            door().call("GET", "/a", repeat=True)
        for status, more in ((403, {"body": "<html>Blocked</html>"}), (401, {"json": {"message": "no"}})):
            mock.replace("GET", f"{BASE}/a", status=status, **more)
            with pytest.raises(SettingsError) as raised:
                door().call("GET", "/a", repeat=True)
            assert not isinstance(raised.value, CallDeniedError)


def test_a_host_that_is_not_there_is_certainly_not_reached():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        opened = door(f"http://127.0.0.1:{port}")
        with pytest.raises(LaterError) as caught:
            opened.call("POST", "/a", repeat=False)
        opened.close()
    assert not isinstance(caught.value, LostAnswer)
    assert opened.calls == 6


class Changing:
    """A token that can be renewed as often as there are values."""

    def __init__(self, *values):
        self.values = list(values)

    def __call__(self):
        return self.values[0]

    def renew(self, rejected):
        if len(self.values) > 1:
            assert self.values.pop(0) == rejected
            return True
        return False


def test_an_expired_token_is_renewed_and_the_headers_stay():
    def judge(heard):
        return Expired("expired") if heard.status == 401 else None

    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", status=401, json={})
        mock.get(f"{BASE}/a", json={"ok": 1})
        answer = door(judge=judge, token=Changing("one", "two")).call("GET", "/a", repeat=True, headers={"X-Kept": "1"})
        assert answer.body == {"ok": 1}
        assert [c.request.headers["Authorization"] for c in mock.calls] == ["Bearer one", "Bearer two"]
        assert [c.request.headers["X-Kept"] for c in mock.calls] == ["1", "1"]
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", status=401, json={})
        with pytest.raises(SettingsError):
            door(judge=judge, token=Changing("one")).call("GET", "/a", repeat=True)
        assert len(mock.calls) == 1


@pytest.fixture
def server():
    async def long(_request):
        return PlainTextResponse("line\n" * 100_000)

    async def echo(request):
        return JSONResponse({"got": (await request.body()).decode()})

    clock = Clock()
    app = Starlette(routes=[Route("/long", long), Route("/echo", echo, methods=["GET", "POST"])])
    with running(app, clock=clock) as sandbox:
        yield sandbox


def test_a_body_is_streamed_and_its_breaking_off_is_seen(server):
    opened = door(server.url)
    with opened.stream("/long") as (answer, pieces):
        assert answer.status == 200
        assert sum(map(len, pieces)) == 500_000
    server.order("faults", {"kind": "cut", "path": "/long"})
    with opened.stream("/long") as (_, pieces), pytest.raises(LostAnswer):
        list(pieces)
    opened.close()


def test_answers_lost_and_cut_over_a_real_connection(server):
    opened = door(server.url)
    for kind in ("lost", "cut"):
        server.order("faults", {"kind": kind, "path": "/echo"})
        assert opened.call("POST", "/echo", json={"a": 1}, repeat=True).body == {"got": '{"a":1}'}
        server.order("faults", method="DELETE")
        server.order("faults", {"kind": kind, "path": "/echo"})
        with pytest.raises(LostAnswer):
            opened.call("POST", "/echo", json={"a": 1}, repeat=False)
        server.order("faults", method="DELETE")
    opened.close()


def test_a_slow_answer_is_given_up(server):
    opened = door(server.url, timeout=(1.0, 0.1))
    server.order("faults", {"kind": "slow", "path": "/echo", "seconds": 0.5})
    with pytest.raises(LostAnswer):
        opened.call("POST", "/echo", json={}, repeat=False)
    opened.close()


# --- silence ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 401, "json": {"message": f"token {CANARY} of {PERSON}"}},
        {"status": 403, "json": {"message": PERSON}},
        {"status": 500, "body": PERSON},
        {"status": 200, "body": f"<html>{PERSON}</html>"},
        {"status": 302, "headers": {"Location": f"https://evil.example/{PERSON}"}},
        {"body": requests.ConnectionError(f"https://crm.example/a?q={PERSON} {CANARY}")},
        {"body": requests.exceptions.SSLError(f"{PERSON} {CANARY}")},
        {"body": requests.ReadTimeout(f"{PERSON} {CANARY}")},
    ],
)
def test_errors_and_logs_hold_no_token_and_no_person(caplog, answer):
    caplog.set_level(logging.DEBUG)
    opened = door()
    with responses.RequestsMock() as mock:
        mock.post(f"{BASE}/a", **answer)
        with pytest.raises((SettingsError, LaterError)) as caught:
            opened.call("POST", "/a", params={"q": PERSON}, json={"email": PERSON}, repeat=True)
    said = [*traceback.format_exception(caught.value, chain=True), caplog.text, repr(opened), repr(vars(caught.value))]
    chain, error = [], caught.value
    while error is not None:
        chain.append(repr(error))
        error = error.__cause__ or error.__context__
    text = "".join([*said, *chain]).replace("%40", "@")
    # The traceback quotes this test's own source lines, which name the constants and not their values.
    assert CANARY not in text
    assert PERSON not in text
    assert "/a" in text


def test_reprs_hold_no_token_and_no_body():
    with responses.RequestsMock() as mock:
        mock.get(f"{BASE}/a", json={"email": PERSON})
        opened = door()
        answer = opened.call("GET", "/a", repeat=True)
    assert answer.body == {"email": PERSON}
    text = repr([opened, answer, Heard(200, {"Authorization": CANARY}, {"email": PERSON}), FixedToken(CANARY)])
    assert CANARY not in text
    assert PERSON not in text


def test_urls_are_not_logged_by_the_library(server, caplog):
    caplog.set_level(logging.DEBUG)
    opened = door(server.url)
    opened.call("GET", f"/echo?q={PERSON}", repeat=True)
    opened.close()
    assert "GET /echo" in caplog.text
    assert PERSON not in caplog.text


# --- pace ------------------------------------------------------------------------------------------------------


class Time:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds


@pytest.mark.parametrize(("calls", "seconds"), [(190, 10.0), (5, 1.0), (100, 10.0)])
def test_the_pace_uses_the_limit_and_never_exceeds_it(calls, seconds):
    time = Time()
    pace = Pace(calls, seconds, monotonic=time, pause=time.sleep)
    starts = []
    for _ in range(calls * 20):
        pace.enter()
        starts.append(time())
        time.now += 0.001
    assert all(late - early > seconds for early, late in zip(starts, starts[calls:], strict=False))
    rate = (len(starts) - calls) / (starts[-1] - starts[calls - 1])
    assert rate > 0.95 * calls / seconds


def test_a_thread_that_wakes_late_shifts_its_place():
    time = Time()
    pace = Pace(1, 10.0, monotonic=time, pause=lambda seconds: time.sleep(seconds + 3.0))
    pace.enter()
    pace.enter()
    late = time()
    pace.enter()
    assert time() - late > 10.0


def test_a_full_window_holds_everybody_and_limits_can_change():
    time = Time()
    pace = Pace(10, 10.0, monotonic=time, pause=time.sleep)
    pace.hold(4.0)
    pace.enter()
    assert time() == 104.0
    pace.learn(2, 10.0)
    pace.enter()
    pace.enter()
    assert time() >= 114.0


def test_the_days_share():
    time = Time()
    allowance = Allowance("HubSpot", 0.8, time)
    allowance.check()
    allowance.learn(1000, 200)
    allowance.check()
    allowance.learn(1000, 199)
    with pytest.raises(LaterError, match="801 of today's 1000") as caught:
        allowance.check(77.0)
    assert caught.value.after == 77.0
    time.sleep(76.0)
    with pytest.raises(LaterError):
        allowance.check(1.0)
    time.sleep(1.0)
    allowance.check(86_400.0)

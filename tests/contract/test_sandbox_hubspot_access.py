"""Access to the HubSpot sandbox: tokens, scopes, limits, OAuth, and answers to malformed calls."""

import gzip
from datetime import datetime

import pytest
import requests
from hubspot_server import Client, running

CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


@pytest.mark.parametrize("token", [None, "wrong"])
def test_without_a_known_token(server, hub, token):
    answer = Client(server.url, token).get(CONTACTS)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert answer.json()["message"].startswith("Authentication credentials not found.")


def test_scopes_are_checked_per_object(server, hub):
    hub.door("tokens", add="narrow", scopes=["crm.objects.contacts.read"])
    narrow = Client(server.url, "narrow")
    assert narrow.get(CONTACTS).status_code == 200
    assert narrow.get("/crm/objects/2026-03/tasks").status_code == 200
    answer = narrow.get("/crm/objects/2026-03/deals")
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.deals.read"]}
    assert narrow.post(CONTACTS, {"properties": {"email": "a@example.com"}}).status_code == 403
    assert narrow.get("/crm/properties/2026-03/contacts").status_code == 200
    assert narrow.get("/crm/properties/2026-03/deals").status_code == 403
    assert narrow.get("/crm/owners/2026-03").status_code == 403
    assert narrow.get("/account-info/2026-03/details").status_code == 200
    hub.door("tokens", revoke="narrow")
    assert narrow.get(CONTACTS).status_code == 401


def test_the_writer_in_the_history_is_the_tokens_app(server, hub):
    hub.door("tokens", add="other", app_id=77)
    made = Client(server.url, "other").contact(email="a@example.com")
    told = hub.get(f"{CONTACTS}/{made}?propertiesWithHistory=email").json()["propertiesWithHistory"]["email"][0]
    assert (told["sourceType"], told["sourceId"]) == ("INTEGRATION", "77")


def test_limit_headers(hub):
    first, second = hub.get(CONTACTS).headers, hub.get(CONTACTS).headers
    assert first["X-HubSpot-RateLimit-Max"] == "190"
    assert first["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    for name in ("X-HubSpot-RateLimit-Remaining", "X-HubSpot-RateLimit-Daily-Remaining"):
        assert int(first[name]) - int(second[name]) == 1
    search = hub.post(f"{CONTACTS}/search", {}).headers
    assert not [name for name in search if name.lower().startswith("x-hubspot-ratelimit")]


def test_the_limits_follow_the_tier(hub):
    shown = {}
    for tier in ("starter", "professional", "enterprise"):
        hub.door("tier", tier=tier)
        headers = hub.get(CONTACTS).headers
        shown[tier] = headers["X-HubSpot-RateLimit-Max"], headers["X-HubSpot-RateLimit-Daily"]
    assert shown == {"starter": ("100", "250000"), "professional": ("190", "625000"), "enterprise": ("190", "1000000")}


def test_ten_seconds_are_full(hub):
    hub.door("limits", ten_secondly=3, enforce=True)
    try:
        assert [hub.get(CONTACTS).status_code for _ in range(4)] == [200, 200, 200, 429]
        body = hub.get(CONTACTS).json()
        assert (body["policyName"], body["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")
        assert body["message"] == "You have reached your ten_secondly_rolling limit."
        assert hub.post(f"{CONTACTS}/search", {}).status_code == 200
    finally:
        hub.door("limits", ten_secondly=190, enforce=False)


def test_searches_have_their_own_second(hub):
    hub.door("limits", enforce=True)
    try:
        answers = [hub.post(f"{CONTACTS}/search", {}) for _ in range(6)]
        assert [one.status_code for one in answers] == [200] * 5 + [429]
        assert answers[-1].json()["message"] == "You have reached your secondly limit."
        assert answers[-1].json()["category"] == "RATE_LIMITS"
        assert hub.get(CONTACTS).status_code == 200
    finally:
        hub.door("limits", enforce=False)


def test_the_day_ends_at_midnight_in_the_accounts_zone(server, hub):
    server.clock.set(datetime.fromisoformat("2026-06-01T21:59:00+00:00"))
    hub.door("limits", enforce=True)
    try:
        hub.door("quota", daily_remaining=1)
        assert hub.get(CONTACTS).status_code == 200
        answer = hub.get(CONTACTS)
        assert (answer.status_code, answer.json()["policyName"]) == (429, "DAILY")
        assert answer.json()["message"] == "You have reached your daily limit."
        server.clock.advance(61)
        assert hub.get(CONTACTS).status_code == 200
    finally:
        hub.door("limits", enforce=False)


def grant(hub, **form):
    known = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    return hub.session.post(f"{hub.url}/oauth/2026-03/token", data={**known, **form}, timeout=10)


def test_oauth_from_code_to_expiry(server, hub):
    first = grant(hub, grant_type="authorization_code", code="sandbox-code", redirect_uri="https://app.example/back")
    body = first.json()
    assert (body["token_type"], body["expires_in"], body["hub_id"]) == ("bearer", 1800, 145002601)
    app = Client(server.url, body["access_token"])
    assert app.get(CONTACTS).status_code == 200
    assert grant(hub, grant_type="authorization_code", code="sandbox-code").json()["status"] == "BAD_AUTH_CODE"
    server.clock.advance(1801)
    answer = app.get(CONTACTS)
    assert (answer.status_code, answer.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    again = grant(hub, grant_type="refresh_token", refresh_token=body["refresh_token"]).json()
    assert Client(server.url, again["access_token"]).get(CONTACTS).status_code == 200
    hub.door("tokens", revoke=body["refresh_token"])
    answer = grant(hub, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert answer.status_code == 400
    told = answer.json()
    assert (told["error"], told["status"]) == ("invalid_grant", "BAD_REFRESH_TOKEN")
    assert told["error_description"] == told["message"] == "refresh token is invalid, expired or revoked"
    assert grant(hub, grant_type="refresh_token", client_secret="x").json()["status"] == "BAD_CLIENT_ID"


def test_introspection_and_revocation(hub):
    token = grant(hub, grant_type="refresh_token", refresh_token="na1-sandbox-refresh").json()["access_token"]
    form = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", "token": token}
    ask = f"{hub.url}/oauth/2026-03/token"
    assert hub.session.post(f"{ask}/introspect", data=form, timeout=10).json()["active"] is True
    assert hub.session.get(f"{hub.url}/oauth/v1/access-tokens/{token}", timeout=10).json()["hub_id"] == 145002601
    assert hub.session.post(f"{ask}/revoke", data=form, timeout=10).status_code == 204
    assert hub.session.post(f"{ask}/introspect", data=form, timeout=10).json() == {"active": False}


def raw(hub, method, path, data=None):
    headers = {"Authorization": f"Bearer {hub.token}", "Content-Type": "application/json"}
    return requests.request(method, hub.url + path, data=data, headers=headers, timeout=10)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"properties": {"city": oops}}', "Invalid input JSON on line 1, column 25: "),
        (b"[]", "Invalid input JSON on line 1, column 2: "),
        (b'{"properties": []}', "Invalid input JSON on line 1, column 2: "),
        (b'{"properties": {"city": {"a": 1}}}', "Invalid input JSON on line 1, column 2: Cannot deserialize value"),
        (b'{"properties": {}, "associations": [{"to": 1}]}', "Invalid input JSON on line 1, column 2: "),
    ],
)
def test_bodies_that_are_not_the_right_json(hub, data, text):
    answer = raw(hub, "POST", CONTACTS, data)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(text)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("batch/create", b"{}"),
        ("batch/update", b'{"inputs": [{"properties": {}}]}'),
        ("batch/read", b'{"inputs": {"id": 1}}'),
        ("search", b'{"filterGroups": {"filters": []}}'),
        ("merge", b'{"primaryObjectId": "1"}'),
    ],
)
def test_bodies_with_the_wrong_fields(hub, path, data):
    assert raw(hub, "POST", f"{CONTACTS}/{path}", data).status_code == 400


def test_unknown_types_and_paths(hub):
    answer = hub.get("/crm/objects/2026-03/widgets")
    assert (answer.status_code, answer.json()["message"]) == (400, "Unable to infer object type from: widgets")
    for path in ("/crm/v9/objects/contacts", "/crm/objects/2025-03/contacts", "/"):
        assert raw(hub, "GET", path).status_code == 404


def test_a_url_can_be_too_long(hub):
    fits = f"{CONTACTS}?properties=" + ",".join(f"property_{n:04}" for n in range(200))
    assert raw(hub, "GET", fits).status_code == 200
    assert raw(hub, "GET", f"{CONTACTS}?properties={'x' * 16_000}").status_code == 414


def test_every_answer_names_its_correlation(hub):
    answer = hub.get(f"{CONTACTS}/5")
    assert answer.headers["x-hubspot-correlation-id"] == answer.json()["correlationId"]
    assert answer.json()["correlationId"][14] == "7"
    assert answer.headers["content-type"] == "application/json;charset=utf-8"


def test_long_answers_are_packed_for_those_who_can_read_it(hub):
    hub.door("load", object="contacts", rows=[{"email": f"p{n}@example.com"} for n in range(50)])
    headers = {"Authorization": f"Bearer {hub.token}", "Accept-Encoding": "gzip"}
    answer = requests.get(f"{hub.url}{CONTACTS}?limit=50", headers=headers, timeout=10, stream=True)
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.raw.read()).startswith(b'{"results":[')
    answer.close()

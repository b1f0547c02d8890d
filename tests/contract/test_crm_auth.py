"""Tokens: fixed, renewed by time, renewed once per refusal, and silent."""

import base64
import threading
from datetime import UTC, datetime
from urllib.parse import parse_qs

import jwt
import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hubspot_portal import portal

from connector.crm.auth import (
    FixedToken,
    Grant,
    HubSpotRefresh,
    RenewedToken,
    salesforce_client_credentials,
    salesforce_jwt,
    salesforce_refresh,
)
from connector.crm.hubspot.adapter import HubSpot
from connector.errors import LaterError, SettingsError

BASE = "https://acme.my.salesforce.example"
URL = f"{BASE}/services/oauth2/token"
SECRET = "canary-secret-88"
TIMES = {"pause": lambda _: None, "monotonic": lambda: 0.0}


@pytest.mark.parametrize("token", ["", "  ", "two words", "line\nbreak", "ümlaut"])
def test_a_token_that_cannot_be_one(token):
    with pytest.raises(SettingsError) as caught:
        FixedToken(token)
    assert token.strip() == "" or token.strip() not in str(caught.value)


def test_a_fixed_token_is_trimmed_and_cannot_be_renewed():
    token = FixedToken(f" {SECRET}\n")
    assert token() == SECRET
    assert not token.renew(SECRET)
    assert SECRET not in repr(token)


class Mint:
    """Grants t1, t2, …; each fetch waits until the test lets it go."""

    def __init__(self, seconds=None):
        self.fetched = 0
        self.seconds = seconds
        self.open = threading.Event()
        self.open.set()

    def fetch(self):
        assert self.open.wait(5)
        self.fetched += 1
        return Grant(f"t{self.fetched}", self.seconds)

    def close(self):
        pass


def test_a_token_is_fetched_sixty_seconds_before_its_end():
    now = [0.0]
    mint = Mint(1800)
    token = RenewedToken(mint, lambda: now[0])
    assert (token(), token()) == ("t1", "t1")
    now[0] = 1739.0
    assert token() == "t1"
    now[0] = 1740.0
    assert token() == "t2"


def test_many_threads_renew_a_refused_token_once():
    mint = Mint()
    token = RenewedToken(mint, lambda: 0.0)
    assert token() == "t1"
    mint.open.clear()
    renewed = []
    threads = [threading.Thread(target=lambda: renewed.append(token.renew("t1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    mint.open.set()
    for thread in threads:
        thread.join()
    assert renewed == [True] * 8
    assert (mint.fetched, token()) == (2, "t2")
    assert token.renew("t2")
    assert mint.fetched == 3


def sent(mock):
    return {key: value[0] for key, value in parse_qs(mock.calls[0].request.body).items()}


def test_client_credentials():
    with responses.RequestsMock() as mock:
        mock.post(URL, json={"access_token": "00D!x", "instance_url": "https://elsewhere.example"})
        grant = salesforce_client_credentials(BASE, "id", SECRET, **TIMES).fetch()
        assert sent(mock) == {"grant_type": "client_credentials"}
        basic = mock.calls[0].request.headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(basic) == f"id:{SECRET}".encode()
    assert (grant.token, grant.seconds) == ("00D!x", None)
    assert "00D!x" not in repr(grant)


def test_salesforce_refresh_token():
    with responses.RequestsMock() as mock:
        mock.post(URL, json={"access_token": "00D!x"})
        salesforce_refresh(BASE, "id", None, SECRET, **TIMES).fetch()
        assert sent(mock) == {"grant_type": "refresh_token", "client_id": "id", "refresh_token": SECRET}


def test_jwt_bearer():
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    now = datetime(2026, 11, 1, tzinfo=UTC)
    flow = salesforce_jwt(BASE, "key", "user@example.com", pem, now=lambda: now, **TIMES)
    with responses.RequestsMock() as mock:
        mock.post(URL, json={"access_token": "00D!x"})
        flow.fetch()
        form = sent(mock)
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(form["assertion"], key.public_key(), ["RS256"], audience=BASE, options={"verify_exp": False})
    assert claims == {"iss": "key", "sub": "user@example.com", "aud": BASE, "exp": int(now.timestamp()) + 180}


def test_a_private_key_that_is_none():
    with pytest.raises(SettingsError, match="RSA key in PEM") as caught:
        salesforce_jwt(BASE, "key", "user@example.com", SECRET, **TIMES)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, {"error": "invalid_grant", "error_description": f"{SECRET}"}, SettingsError, "invalid_grant"),
        (401, {"error": "invalid_client"}, SettingsError, "client id or its secret"),
        (400, {"error": f"<{SECRET}>"}, SettingsError, "refuses the credentials"),
        (404, {"message": "x"}, SettingsError, "no token endpoint"),
        (200, {"message": SECRET}, LaterError, "without a token"),
        (503, {}, LaterError, "503"),
    ],
)
def test_refusals_are_explained(status, body, kind, words):
    with responses.RequestsMock() as mock:
        mock.post(URL, json=body, status=status)
        with pytest.raises(kind, match=words):
            salesforce_client_credentials(BASE, "id", SECRET, **TIMES).fetch()


def test_hubspot_oauth_with_a_rotating_refresh_token():
    saved = []
    flow = HubSpotRefresh(
        "https://api.hubapi.com",
        "2026-03",
        client_id="id",
        client_secret=SECRET,
        refresh_token="r1",
        save=saved.append,
        **TIMES,
    )
    url = "https://api.hubapi.com/oauth/2026-03/token"
    with responses.RequestsMock() as mock:
        mock.post(url, json={"access_token": "a1", "refresh_token": "r2", "expires_in": 1800})
        assert flow.fetch() == Grant("a1", 1800.0)
        assert sent(mock)["refresh_token"] == "r1"
    assert saved == ["r2"]
    with responses.RequestsMock() as mock:
        mock.post(url, json={"access_token": "a2", "refresh_token": "r2", "expires_in": 1800})
        flow.fetch()
        assert sent(mock)["refresh_token"] == "r2"
    assert saved == ["r2"]


def test_hubspot_oauth_against_the_sandbox():
    with portal() as hub:
        hub.sandbox.order("tokens", {"client": {"id": "app", "secret": SECRET}, "refresh": "refresh-1"})
        now = [0.0]

        def connected(refresh_token):
            flow = HubSpotRefresh(
                hub.sandbox.url,
                "2026-03",
                client_id="app",
                client_secret=SECRET,
                refresh_token=refresh_token,
                save=lambda _: None,
                **TIMES,
            )
            return HubSpot(hub.sandbox.url, RenewedToken(flow, lambda: now[0]), pause=lambda _: None)

        crm = connected("refresh-1")
        first = crm.account().id
        hub.sandbox.order("clock", {"advance": 3_600})
        now[0] = 3_600.0
        assert crm.owners()
        assert first
        crm.close()
        crm = connected("refresh-wrong")
        with pytest.raises(SettingsError, match="refresh token is invalid or revoked"):
            crm.account()
        crm.close()

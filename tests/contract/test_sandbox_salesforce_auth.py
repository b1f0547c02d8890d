"""Logging in, sessions that end, limits that run out."""

import gzip
from datetime import timedelta

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from salesforce_org import NOW, VERSION, salesforce

USER = "integration@revloop-sandbox.example"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture(scope="module")
def server():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(server):
    return server.again()


@pytest.fixture(scope="module")
def key():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    public = private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return private, public


def login(org, auth=None, **form):
    return requests.post(f"{org.sandbox.url}/services/oauth2/token", data=form, auth=auth, timeout=10)


def limits(org, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{org.sandbox.url}{VERSION}/limits", headers=headers, timeout=10)


def assertion(private, **claims):
    expires = int((NOW + timedelta(seconds=180)).timestamp())
    whole = {"iss": "app", "sub": USER, "aud": "https://login.salesforce.com", "exp": expires, **claims}
    return jwt.encode(whole, private, "RS256")


def test_a_signed_assertion_opens_a_session(org, key):
    private, public = key
    org.order("clients", client_id="app", public_key=public)
    org.order("sessions", strict=True)
    answer = login(org, grant_type=GRANT, assertion=assertion(private)).json()
    assert set(answer) == {"access_token", "scope", "instance_url", "id", "token_type"}
    assert answer["instance_url"] == org.sandbox.url
    assert limits(org, answer["access_token"]).status_code == 200
    assert limits(org, "00D000000000001EAA!made.up").status_code == 401


def test_the_expiry_may_be_text(org, key):
    private, public = key
    org.order("clients", client_id="app", public_key=public)
    expires = str(int((NOW + timedelta(seconds=180)).timestamp()))
    # The library refuses to sign a textual expiry, as simple-salesforce does; sign the text by hand.
    signer = jwt.PyJWS()
    payload = b'{"iss":"app","sub":"%s","aud":"https://test.salesforce.com","exp":"%s"}' % (
        USER.encode(),
        expires.encode(),
    )
    token = signer.encode(payload, private, "RS256")
    assert login(org, grant_type=GRANT, assertion=token).status_code == 200


REFUSED = {
    "unknown client": ({"iss": "other"}, "invalid_client_id", "client identifier invalid"),
    "unknown user": ({"sub": "nobody@example.com"}, "invalid_grant", "user hasn't approved this consumer"),
    "audience": ({"aud": "ftp://elsewhere"}, "invalid_grant", "audience is invalid"),
    "expired": ({"exp": 1}, "invalid_grant", "expired authorization code"),
    "endless": ({"exp": 4102444800}, "invalid_grant", "expired authorization code"),
    "no expiry": ({"exp": None}, "invalid_grant", "invalid assertion"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_assertion_is_refused(org, key, case):
    claims, code, description = REFUSED[case]
    private, public = key
    org.order("clients", client_id="app", public_key=public)
    payload = {
        "iss": "app",
        "sub": USER,
        "aud": "https://login.salesforce.com",
        "exp": int((NOW + timedelta(seconds=180)).timestamp()),
        **claims,
    }
    token = jwt.encode({name: value for name, value in payload.items() if value is not None}, private, "RS256")
    answer = login(org, grant_type=GRANT, assertion=token)
    assert answer.status_code == 400
    assert answer.json() == {"error": code, "error_description": description}


def test_another_key_or_no_assertion_is_refused(org, key):
    org.order("clients", client_id="app", public_key=key[1])
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for token in (assertion(stranger), "no.assertion"):
        assert login(org, grant_type=GRANT, assertion=token).json()["error_description"] == "invalid assertion"


def test_an_unapproved_user_is_refused(org, key):
    org.order("clients", client_id="app", public_key=key[1], approved=False)
    answer = login(org, grant_type=GRANT, assertion=assertion(key[0])).json()
    assert answer["error_description"] == "user hasn't approved this consumer"


def test_client_credentials_by_basic_or_form_and_refresh(org):
    org.order("clients", client_id="app", secret="s3cret", user=USER, refresh_token="5Aep")
    by_basic = login(org, auth=("app", "s3cret"), grant_type="client_credentials").json()
    by_form = login(org, grant_type="client_credentials", client_id="app", client_secret="s3cret").json()
    refreshed = login(org, grant_type="refresh_token", client_id="app", refresh_token="5Aep").json()
    for answer in (by_basic, by_form, refreshed):
        assert limits(org, answer["access_token"]).status_code == 200
    assert login(org, auth=("app", "wrong"), grant_type="client_credentials").json()["error"] == "invalid_client"
    assert login(org, grant_type="refresh_token", client_id="app", refresh_token="x").json()["error"] == "invalid_grant"
    assert login(org, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_no_header_and_a_dead_session_are_told_apart(org):
    assert limits(org, None).json() == [{"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"}]
    dead = limits(org, "nonsense")
    assert dead.status_code == 401
    assert dead.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_sessions_end_by_idling_and_by_order(org):
    org.order("sessions", strict=True, lifetime=600)
    org.order("clients", client_id="app", secret="s")
    token = login(org, auth=("app", "s"), grant_type="client_credentials").json()["access_token"]
    for seconds, status in ((500, 200), (500, 200), (700, 401), (0, 401)):
        org.sandbox.order("clock", {"advance": seconds})
        assert limits(org, token).status_code == status
    token = login(org, auth=("app", "s"), grant_type="client_credentials").json()["access_token"]
    org.order("sessions", revoke=True)
    assert limits(org, token).status_code == 401


def test_a_made_up_token_lives_until_it_is_revoked(org):
    token = "00D000000000001EAA!once"
    for seconds in (0, 86400):
        org.sandbox.order("clock", {"advance": seconds})
        assert limits(org, token).status_code == 200
    org.order("sessions", revoke=True)
    assert limits(org, token).status_code == 401
    org.order("sessions", strict=False)
    assert limits(org, token).status_code == 200


def test_compressed_bodies_are_read(org):
    packed = gzip.compress(b'{"LastName": "Muster"}')
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert org.call("POST", "/sobjects/Contact", data=packed, headers=headers).status_code == 201
    assert org.call("POST", "/sobjects/Contact", data=b"{}", headers=headers).status_code == 400


def test_who_am_i_versions_and_resources(org):
    info = org.call("GET", "/services/oauth2/userinfo").json()
    assert info["preferred_username"] == USER
    assert org.read("User", info["user_id"])["Username"] == USER
    versions = requests.get(f"{org.sandbox.url}/services/data", timeout=10).json()
    assert versions[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert [one["label"] for one in versions if one["version"] == "65.0"] == ["Winter '26"]
    resources = org.call("GET", "/services/data/v51.0/").json()
    assert resources["query"] == "/services/data/v51.0/query"
    assert resources["identity"].endswith(f"/id/{info['organization_id']}/{info['user_id']}")


def test_the_daily_quota_is_told_runs_out_and_comes_back(org):
    first = org.call("GET", "/limits")
    assert first.headers["Sforce-Limit-Info"] == "api-usage=1/5000000"
    org.order("quota", max=100, remaining=1)
    last = org.call("GET", "/limits")
    assert last.headers["Sforce-Limit-Info"] == "api-usage=100/100"
    assert last.json()["DailyApiRequests"] == {"Max": 100, "Remaining": 0}
    refused = org.call("GET", "/limits")
    assert refused.status_code == 403
    assert refused.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    org.order("sessions", lifetime=30 * 3600)
    org.sandbox.order("clock", {"advance": 25 * 3600})
    assert org.call("GET", "/limits").headers["Sforce-Limit-Info"] == "api-usage=1/100"

"""Tokens that are missing, wrong, revoked or not allowed enough: exit 2, no secret told, the rest is done later."""

import pytest
from crm_pair import HUBSPOT_TOKEN, SALESFORCE_SESSION
from small_world import broken, brought_into_step, mended, stopped

from connector.errors import SettingsError
from connector.sandbox.serve import SESSION, TOKEN

ALL_SCOPES = [
    "oauth",
    "crm.objects.owners.read",
    *(f"crm.{what}.{name}.read" for what in ("objects", "schemas") for name in ("contacts", "companies", "deals")),
    *(f"crm.objects.{name}.write" for name in ("contacts", "companies", "deals")),
]
NOT_KNOWN = {
    "status": "error",
    "message": "Authentication credentials not found.",
    "category": "INVALID_AUTHENTICATION",
}
SESSION_OVER = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


@pytest.mark.parametrize("variable", [HUBSPOT_TOKEN, SALESFORCE_SESSION])
def test_a_missing_token(pair, monkeypatch, variable):
    with monkeypatch.context() as patch:
        patch.delenv(variable)
        assert stopped(pair, SettingsError, variable, "is not set: export it") == (0, 0)
    brought_into_step(pair)


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("pat-na1-canary", "HubSpot does not accept the token: check that it is complete, of this portal, and not"),
        ("pat-na1 canary", "the token holds characters that no token has: copy it again"),
        ("pat-na1-canary-ä", "the token holds characters that no token has: copy it again"),
    ],
)
def test_a_wrong_hubspot_token(pair, monkeypatch, token, words):
    monkeypatch.setenv(HUBSPOT_TOKEN, token)
    assert stopped(pair, SettingsError, words) == (0, 0)
    monkeypatch.setenv(HUBSPOT_TOKEN, TOKEN)
    brought_into_step(pair)


def test_a_wrong_salesforce_session(pair, monkeypatch):
    pair.salesforce("sessions", {"strict": True})
    monkeypatch.setenv(SALESFORCE_SESSION, "00D000000000001EAA!canary")
    assert stopped(pair, SettingsError, "Salesforce", "the token is refused and cannot be renewed: replace it") == (
        0,
        0,
    )
    pair.salesforce("sessions", {"strict": False})
    monkeypatch.setenv(SALESFORCE_SESSION, SESSION)
    brought_into_step(pair)


@pytest.mark.parametrize(
    ("side", "path", "answer"),
    [
        ("hubspot", "/deals/batch/upsert", NOT_KNOWN),
        ("hubspot", "/contacts/companies/batch/create", NOT_KNOWN),
        ("salesforce", "/composite/sobjects/Contact", SESSION_OVER),
        ("salesforce", "/composite/sobjects/Opportunity", SESSION_OVER),
    ],
)
def test_a_token_that_is_revoked_in_the_middle_of_writing(pair, side, path, answer):
    broken(pair, side, path, status=401, answer=answer)
    written = stopped(pair, SettingsError, "token")
    assert sum(written) > 0  # it broke in the middle
    assert stopped(pair, SettingsError, "token") == (0, 0)  # and what was written is not written again
    mended(pair)
    brought_into_step(pair)


@pytest.mark.parametrize(
    ("scope", "something_written"),
    [
        ("crm.objects.owners.read", False),
        ("crm.objects.deals.read", False),
        ("crm.objects.deals.write", True),
    ],
)
def test_a_scope_that_was_revoked(pair, monkeypatch, scope, something_written):
    """A reading scope stops before the first write; a writing one only where it is needed."""
    lacking = [each for each in ALL_SCOPES if each != scope]
    pair.hubspot("tokens", {"add": "pat-na1-canary", "scopes": lacking})
    monkeypatch.setenv(HUBSPOT_TOKEN, "pat-na1-canary")
    written = stopped(pair, SettingsError, f"the HubSpot token lacks a scope, one of {scope}", "add it to the")
    assert (sum(written) > 0) == something_written
    pair.hubspot("tokens", {"add": "pat-na1-canary", "scopes": ALL_SCOPES})
    brought_into_step(pair)


def test_a_permission_that_salesforce_takes_back(pair):
    """The integration user may no longer see opportunities: a query then fails as if there were no such object."""
    answer = [{"message": "sObject type 'Opportunity' is not supported.", "errorCode": "INVALID_TYPE"}]
    broken(pair, "salesforce", "/query.*FROM.Opportunity", status=400, answer=answer)
    assert stopped(pair, SettingsError, "Salesforce shows no such object", "permission set") == (0, 0)
    mended(pair)
    brought_into_step(pair)

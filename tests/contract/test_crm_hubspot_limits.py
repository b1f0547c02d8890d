"""Limits and refusals that concern the whole run."""

import time

import pytest
from hubspot_portal import Portal, portal

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.hubspot.names import Paths, plural, singular, stamp
from connector.crm.hubspot.refusals import masked, refusal
from connector.errors import LaterError, SettingsError
from connector.model import Later, Refused


@pytest.fixture
def hub():
    with portal() as started:
        yield started


def test_the_ten_second_limit_is_learnt_and_not_exceeded():
    with portal(real_waits=True, enforce_rates=True, ten_secondly=1_000) as hub:
        hub.sandbox.order("limits", {"search": 5})
        hub.crm.account()
        began = time.monotonic()
        for _ in range(9):
            hub.read_all(mark=hub.crm.now().isoformat())
        assert 1.0 < time.monotonic() - began < 6.0
        assert {said.status for said in hub.sandbox.talk} == {200}


def test_a_full_window_is_waited_out():
    with portal() as hub:
        told = {"message": "You have reached your ten_secondly_rolling limit.", "policyName": "TEN_SECONDLY_ROLLING"}
        hub.sandbox.order(
            "faults", {"kind": "status", "status": 429, "times": 4, "answer": {"status": "error", **told}}
        )
        assert hub.crm.account().id
        assert sum(hub.waits) > 5


def test_the_spent_day_stops_the_run_until_midnight_of_the_portal(hub: Portal):
    hub.sandbox.order("limits", {"enforce": True})
    hub.crm.account()
    hub.sandbox.order("quota", {"daily_remaining": 0})
    with pytest.raises(LaterError, match="calls of the day"):
        hub.crm.owners()


def test_the_configured_share_of_the_day_stops_the_run():
    with portal(adapter={"budget": 0.5}) as hub:
        hub.crm.account()
        hub.sandbox.order("quota", {"daily_remaining": 300_000})
        hub.crm.describe("contacts")
        hub.sandbox.forget()
        with pytest.raises(LaterError, match="budget of 50%") as caught:
            hub.crm.owners()
        assert hub.sandbox.calls() == 0
        assert 0 < caught.value.after <= 86_400


def test_a_wrong_token_is_explained_without_being_shown(hub: Portal):
    crm = HubSpot(hub.sandbox.url, FixedToken("pat-canary-5512"), pause=lambda _: None)
    with pytest.raises(SettingsError, match="does not accept the token") as caught:
        crm.account()
    crm.close()
    assert "canary" not in str(caught.value) + repr(crm)


def test_an_unknown_version_is_refused():
    with pytest.raises(SettingsError, match="2026-03, 2026-09"):
        HubSpot("https://api.hubapi.com", FixedToken("t"), version="v3")


def test_a_daily_limit_in_the_middle_of_repeats_stops_at_once(hub: Portal):
    body = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}
    hub.sandbox.order("faults", {"kind": "status", "status": 429, "times": 99, "answer": body})
    with pytest.raises(LaterError):
        hub.crm.owners()
    assert hub.crm.client.door.calls == 1


# --- words -----------------------------------------------------------------------------------------------------


def test_names():
    assert [plural(n) for n in ("0-1", "contact", "contacts", "companies", "2-77", "p1_car")] == [
        "contacts",
        "contacts",
        "contacts",
        "companies",
        "2-77",
        "p1_car",
    ]
    assert (singular("companies"), singular("0-3")) == ("company", "deal")
    assert Paths("2026-09").objects("0-1", "/search") == "/crm/objects/2026-09/contacts/search"


def test_stamps_compare_as_text():
    times = ["2026-01-01T00:00:17Z", "2026-01-01T00:00:17.883Z", "2026-01-01T00:00:18.1Z"]
    assert [stamp(t) for t in times] == sorted(stamp(t) for t in times)
    assert stamp(None) == ""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"message": "Contact already exists. Existing ID: 3401", "category": "CONFLICT"}, ("DUPLICATE", "3401")),
        ({"message": "77 already has that value.", "category": "VALIDATION_ERROR"}, ("DUPLICATE", "77")),
        ({"message": "resource not found"}, ("GONE", None)),
        ({"category": "OBJECT_NOT_FOUND", "message": "x"}, ("GONE", None)),
        (
            {"message": 'Property values were not valid: [{"error":"INVALID_LONG","name":"amount"}]'},
            ("INVALID_LONG", None),
        ),
        ({"category": "VALIDATION_ERROR", "subCategory": "crm.x.Y", "message": "m"}, ("crm.x.Y", None)),
        ("no object at all", ("REFUSED", None)),
    ],
)
def test_refusals(body, expected):
    outcome = refusal(body)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.holder) == expected


def test_a_rate_limit_inside_a_batch_is_for_later():
    assert isinstance(refusal({"category": "RATE_LIMITS", "message": "x"}), Later)


def test_a_refused_option_may_be_one_that_an_install_adds():
    error = {"code": "INVALID_OPTION", "context": {"propertyName": ["revops_rejection_reason"]}}
    outcome = refusal({"category": "VALIDATION_ERROR", "errors": [error]})
    assert "`revloop install` adds it if the property is revloop's own" in outcome.message


def test_vendor_texts_lose_what_we_wrote():
    text = masked('"Grace Sample" at a.b@example.com is odd; grace sample again', {"name": "Grace Sample", "x": None})
    assert text == '"…" at … is odd; … again'

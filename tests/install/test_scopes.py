"""The scopes of HubSpot's token: looked at before anything is created, and named at the stop where nobody knew them."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from scene import TOKEN

from connector.crm.auth import FixedToken, HubSpotRefresh, RenewedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.hubspot.definitions import Definitions
from connector.errors import LaterError, SettingsError
from connector.install import whole

INFO = "/oauth/v2/private-apps/get/access-token-info"
WRITES = [f"crm.schemas.{each}.write" for each in ("contacts", "companies", "deals", "custom")]
READS = [
    f"crm.{of}.{name}.read" for of in ("objects", "schemas") for name in ("contacts", "companies", "deals", "custom")
]


@contextmanager
def vendors(stage, *scopes, token=None):
    """Both CRMs, HubSpot through a token with these scopes besides reading."""
    if token is None:
        stage.order("hubspot", "tokens", {"add": "pat-na1-narrow", "scopes": [*READS, *scopes]})
        token = FixedToken("pat-na1-narrow")
    crm = HubSpot(stage.sandboxes["hubspot"].url, token, pause=lambda _: None)
    try:
        yield replace(stage, hubspot=crm).vendors
    finally:
        crm.close()


def untold(stage):
    stage.order("hubspot", "faults", {"kind": "status", "path": INFO, "status": 404, "times": 9, "answer": {}})


def test_a_plan_names_every_scope_that_the_missing_parts_need(stage, wish):
    with vendors(stage, "crm.schemas.companies.write") as narrow:
        looked = whole.look(wish, narrow)
    (finding,) = [each for each in looked.findings if each.level == "error"]
    lacks = "crm.schemas.contacts.write, crm.schemas.deals.write, crm.schemas.custom.write"
    assert finding.where == "HubSpot"
    assert finding.what == f"the HubSpot token may not create what is missing: it lacks {lacks}"
    assert "docs/admin.md" in finding.do


def test_an_install_without_the_scopes_changes_nothing_on_either_side(stage, wish):
    with vendors(stage) as narrow, pytest.raises(SettingsError) as refused:
        whole.install(wish, narrow)
    assert f"it lacks {', '.join(WRITES)}. Nothing was changed, in Salesforce neither" in str(refused.value)
    assert stage.changes() == []


def test_a_token_with_the_scopes_installs(stage, wish):
    with vendors(stage, *WRITES) as enough:
        assert whole.install(wish, enough).now.steps == ()
        # Nothing is missing any more, so nothing is asked of the token.
        assert whole.look(wish, enough).scopes_missing == ()
    with vendors(stage) as narrow:
        assert [each for each in whole.look(wish, narrow).findings if each.level == "error"] == []


def test_only_what_is_missing_is_asked_for(stage, wish):
    whole.install(wish, stage.vendors)
    assert stage.call("hubspot", "DELETE", "/crm/properties/2026-03/companies/revops_stage").ok
    with vendors(stage) as narrow:
        assert whole.look(wish, narrow).scopes_missing == ("crm.schemas.companies.write",)


def test_where_nobody_knows_the_scopes_the_stop_says_what_is_done(stage, wish):
    untold(stage)
    with vendors(stage) as narrow, pytest.raises(SettingsError) as refused:
        whole.install(wish, narrow)
    said = str(refused.value)
    assert f"All that was missing needs the scopes {', '.join(WRITES)}." in said
    assert not [each for each in whole.look(wish, stage.vendors).steps if each.side == "salesforce"]
    assert "Salesforce is done, with " in said
    assert "Type `revloop install` again: it goes on from there" in said
    again = whole.install(wish, stage.vendors)
    assert ({each.side for each in again.done}, again.now.steps) == ({"hubspot"}, ())


def test_a_crm_that_is_down_in_between_says_it_too(stage, wish):
    whole.install(wish, stage.vendors)
    assert stage.call("hubspot", "DELETE", "/crm/properties/2026-03/companies/revops_stage").ok
    stage.order("hubspot", "faults", {"kind": "lost", "method": "POST", "path": "/companies/batch/create"})
    with pytest.raises(LaterError, match="In Salesforce nothing was missing; what HubSpot has") as late:
        whole.install(wish, stage.vendors)
    assert late.value.after > 0
    assert "scopes" not in str(late.value)


# --- how HubSpot tells them ------------------------------------------------------------------------------------------


def scopes(stage, answer):
    stage.order("hubspot", "faults", {"kind": "status", "path": INFO, "status": 200, "times": 1, "answer": answer})
    return stage.vendors.hubspot.scopes()


@pytest.mark.parametrize("answer", [{}, {"scopes": "crm"}, {"scopes": []}, {"scopes": ["oauth", 3]}])
def test_an_answer_without_scopes_of_the_crm_is_none(stage, answer):
    assert scopes(stage, answer) is None


def test_a_token_of_a_private_app_is_looked_up(stage):
    with vendors(stage, "crm.schemas.deals.write") as narrow:
        assert narrow.hubspot.scopes() == {*READS, "crm.schemas.deals.write"}
    assert stage.vendors.hubspot.scopes() >= set(WRITES)
    with vendors(stage, token=FixedToken("pat-na1-unknown")) as unknown:
        assert unknown.hubspot.scopes() is None


def test_an_app_is_told_its_scopes_with_the_token(stage):
    url = stage.sandboxes["hubspot"].url
    stage.order("hubspot", "tokens", {"client": {"id": "app", "secret": "hidden"}, "refresh": "r1", "scopes": READS})
    flow = HubSpotRefresh(
        url, "2026-03", client_id="app", client_secret="hidden", refresh_token="r1",
        save=lambda _: None, pause=lambda _: None, monotonic=lambda: 0.0,
    )  # fmt: skip
    with vendors(stage, token=RenewedToken(flow, lambda: 0.0)) as app:
        assert app.hubspot.scopes() == set(READS)
    assert not [each for each in stage.sandboxes["hubspot"].talk if each.path == INFO]
    assert Definitions(stage.hubspot.client, stage.hubspot.paths).scopes() is not None
    assert TOKEN not in repr(stage.hubspot.client)

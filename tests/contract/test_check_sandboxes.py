"""`check` with both adapters against both sandboxes: the default project fits CRMs as they come."""

import time
from contextlib import contextmanager

import pytest
from servers import running

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.install.check import check
from connector.project import init, load
from connector.sandbox import hubspot as hubspot_sandbox
from connector.sandbox import salesforce as salesforce_sandbox
from connector.sandbox.clock import Clock


@contextmanager
def crms(token="pat-na1-sandbox", **options):
    clock = Clock()
    portal = hubspot_sandbox.create_app(None, clock=clock, **options)
    org = salesforce_sandbox.create_app(None, clock=clock, **options)
    with (
        running(portal, clock=clock, control=hubspot_sandbox.control_routes(portal)) as hubspot,
        running(org, clock=clock, control=salesforce_sandbox.control_routes(org)) as salesforce,
    ):
        ours = HubSpot(hubspot.url, FixedToken(token))
        theirs = SalesforceCrm(
            salesforce.url,
            FixedToken("00D000000000001EAA!sandbox"),
            Options(),
            pause=time.sleep,
            monotonic=time.monotonic,
        )
        try:
            yield ours, theirs, hubspot, salesforce
        finally:
            ours.close()
            theirs.close()


@pytest.fixture
def project(tmp_path):
    init(tmp_path / "project")
    settings = tmp_path / "project" / "connector.yaml"
    off = "\nrules: {scoring: off, lifecycle: off, rejection: off, attribution: off}\n"
    settings.write_text(settings.read_text().replace("YOUR-DOMAIN", "example") + off)
    return load(tmp_path / "project")


def bad(findings):
    return [each for each in findings if each.level == "error"]


def test_the_defaults_fit_both_sandboxes(project):
    with crms() as (ours, theirs, hubspot, salesforce):
        findings = check(project, ours, theirs)
    assert bad(findings) == []
    assert [each.where for each in findings if each.level == "info"][:2] == ["HubSpot", "Salesforce"]
    assert not [each for each in findings if each.level == "warning" and each.where.startswith("mappings/")]
    assert all(each.do for each in findings if each.level != "info")
    writes = {"POST", "PATCH", "PUT", "DELETE"}
    assert not [said.path for said in (*hubspot.talk, *salesforce.talk) if said.method in writes]


def test_bare_accounts_lack_the_stamps(project):
    with crms(bare=True) as (ours, theirs, _, _):
        findings = bad(check(project, ours, theirs))
    lacking = [each for each in findings if "the stamp" in each.what]
    assert len(lacking) == 7  # three in HubSpot, and Account, Lead, Contact, Opportunity
    assert all("docs/admin.md" in each.do for each in lacking)
    assert lacking == findings


def test_a_wrong_token_is_said_once(project):
    with crms(token="pat-na1-canary") as (ours, theirs, hubspot, _):
        hubspot.order("tokens", {"remove": ["pat-na1-canary"]})
        findings = bad(check(project, ours, theirs))
    assert [each.where for each in findings] == ["HubSpot"]
    assert "canary" not in findings[0].what + findings[0].do

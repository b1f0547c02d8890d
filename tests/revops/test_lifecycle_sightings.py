"""What each CRM shows: the table of domain §2.1, deals, companies, duplicates, and names that vanished."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.revops.lifecycle import HUBSPOT_ORDER, Lifecycle
from connector.revops.lifecycle_live import check_live
from connector.revops.lifecycle_sightings import (
    Deal,
    company_stage,
    deal_sighting,
    hubspot_sighting,
    lead_sighting,
    lost_at,
)

CONFIG = Lifecycle()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPEN, WON, LOST = (
    Deal("1", closed=False, won=False, at=NOON),
    Deal("2", closed=True, won=True, at=NOON + HOUR),
    Deal("3", closed=True, won=False, at=NOON + 2 * HOUR),
)


@pytest.mark.parametrize(
    ("value", "status", "stage"),
    [
        ("subscriber", None, "subscriber"),
        ("lead", "NEW", "lead"),
        ("marketingqualifiedlead", "NEW", "mql"),
        ("marketingqualifiedlead", "OPEN", "mql"),
        ("marketingqualifiedlead", "IN_PROGRESS", "sal"),
        ("lead", "IN_PROGRESS", "lead"),  # nothing was qualified that sales could accept
        ("salesqualifiedlead", "CONNECTED", "sql"),
        ("opportunity", "OPEN_DEAL", "opportunity"),
        ("customer", None, "customer"),
        ("evangelist", None, "evangelist"),
        ("other", "UNQUALIFIED", None),
        ("285119324", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_hubspot(value, status, stage):
    assert hubspot_sighting(CONFIG, value, status).stage == stage


def test_hubspot_sal_as_a_stage_of_its_own():
    config = replace(CONFIG, hubspot={**CONFIG.hubspot, "sal": "285119324"})
    assert hubspot_sighting(config, "285119324").stage == "sal"
    assert hubspot_sighting(config, "marketingqualifiedlead", "IN_PROGRESS").stage == "mql"


def test_hubspot_times():
    accepted = hubspot_sighting(CONFIG, "marketingqualifiedlead", "CONNECTED", at=NOON, status_at=NOON + HOUR)
    assert accepted.at == NOON + HOUR
    rejected = hubspot_sighting(CONFIG, "marketingqualifiedlead", "UNQUALIFIED", at=NOON, status_at=NOON + HOUR)
    assert (rejected.at, rejected.rejected_at) == (NOON, NOON + HOUR)


@pytest.mark.parametrize(
    ("status", "ours", "rejects"),
    [("BAD_TIMING", True, False), ("BAD_TIMING", False, True), ("UNQUALIFIED", True, True)],
)
def test_the_mark_of_a_recycle_is_no_rejection(status, ours, rejects):
    seen = hubspot_sighting(CONFIG, "lead", status, status_at=NOON, status_ours=ours)
    assert (seen.rejected_at is not None) is rejects


@pytest.mark.parametrize(
    ("value", "status", "more", "stage", "taken"),
    [
        ("salesqualifiedlead", "IN_PROGRESS", {}, "sql", True),
        ("salesqualifiedlead", "IN_PROGRESS", {"source": "rule"}, "sql", True),
        ("marketingqualifiedlead", "IN_PROGRESS", {"source": "rule"}, "mql", True),
        ("marketingqualifiedlead", "IN_PROGRESS", {"status_ours": True}, "mql", False),
        ("salesqualifiedlead", "IN_PROGRESS", {"status_ours": True}, "sql", False),
        ("salesqualifiedlead", "BAD_TIMING", {}, "sql", False),
        ("salesqualifiedlead", "OPEN", {}, "sql", False),
    ],
)
def test_who_set_the_lead_status_of_hubspot_decides_whether_it_is_an_acceptance(value, status, more, stage, taken):
    seen = hubspot_sighting(CONFIG, value, status, at=NOON, status_at=NOON + HOUR, **more)
    assert seen.stage == stage
    assert seen.taken == (("sal", NOON + HOUR) if taken else None)


def test_a_stage_of_hubspot_s_own_is_an_acceptance_and_the_lead_status_beside_it_is_none():
    config = replace(CONFIG, hubspot={**CONFIG.hubspot, "sal": "285119324"})
    assert hubspot_sighting(config, "285119324", at=NOON).taken == ("sal", NOON)
    assert hubspot_sighting(config, "285119324", at=NOON, source="rule").taken is None
    assert hubspot_sighting(config, "salesqualifiedlead", "IN_PROGRESS", status_at=NOON).taken is None


def test_a_lead_status_of_salesforce_is_an_acceptance_from_the_sal_on():
    config = replace(CONFIG, salesforce_status={**CONFIG.salesforce_status, "sql": "Qualified"})
    assert lead_sighting(config, "Working - Contacted", at=NOON).taken == ("sal", NOON)
    assert lead_sighting(config, "Qualified", at=NOON).taken == ("sql", NOON)
    for none in (
        lead_sighting(config, "Open - Not Contacted", at=NOON),
        lead_sighting(config, "Closed - Not Converted", at=NOON),
        lead_sighting(config, "Working - Contacted", at=NOON, source="rule"),
        lead_sighting(config, "Working - Contacted"),
        lead_sighting(config, None, converted_at=NOON),
    ):
        assert none.taken is None


@pytest.mark.parametrize(
    ("status", "written", "stage"),
    [
        ("Open - Not Contacted", None, "lead"),
        ("Open - Not Contacted", "subscriber", "subscriber"),
        ("Open - Not Contacted", "MQL", "lead"),  # what we wrote is no evidence
        ("Working - Contacted", "MQL", "sal"),
        ("Closed - Not Converted", "MQL", None),
        ("Nurturing", None, None),
    ],
)
def test_salesforce_lead(status, written, stage):
    seen = lead_sighting(CONFIG, status, written, at=NOON)
    assert seen.stage == stage
    assert (seen.rejected_at is not None) == (status == "Closed - Not Converted")


def test_a_converted_lead_is_an_sql():
    seen = lead_sighting(CONFIG, "Closed - Converted", converted_at=NOON)
    assert (seen.stage, seen.at, seen.converted) == ("sql", NOON, True)


@pytest.mark.parametrize(
    ("deals", "stage", "at"),
    [
        ([], None, None),
        ([LOST], None, None),
        ([LOST, OPEN], "opportunity", NOON),
        ([OPEN, WON, LOST], "customer", NOON + HOUR),
    ],
)
def test_deals(deals, stage, at):
    for order in (deals, deals[::-1]):
        seen = deal_sighting(CONFIG, "salesforce", order)
        assert ((seen and seen.stage), (seen and seen.at)) == (stage, at)


def test_a_deal_after_the_last_way_down_says_more():
    again = Deal("4", closed=False, won=False, at=NOON + 5 * HOUR)
    assert deal_sighting(CONFIG, "salesforce", [OPEN, again], since=NOON + 2 * HOUR).at == again.at
    assert deal_sighting(CONFIG, "salesforce", [OPEN, again]).at == NOON
    assert deal_sighting(CONFIG, "salesforce", [WON, again], since=NOON + 2 * HOUR).stage == "customer"


def test_when_the_last_hope_ended():
    assert lost_at([LOST, Deal("4", closed=True, won=False, at=NOON)]) == NOON + 2 * HOUR
    assert lost_at([LOST, OPEN]) is None
    assert lost_at([LOST, WON]) is None
    assert lost_at([]) is None


def test_a_company_is_as_far_as_its_furthest_person_or_deal():
    assert company_stage(CONFIG, ["lead", "sql", None]) == "sql"
    assert company_stage(CONFIG, ["lead"], [OPEN, LOST]) == "opportunity"
    assert company_stage(CONFIG, ["lead"], [OPEN, WON]) == "customer"
    assert company_stage(CONFIG, ["evangelist"], [WON]) == "evangelist"
    assert company_stage(CONFIG, []) is None
    assert company_stage(CONFIG, ["customer"], [WON], person_account=True) is None


def test_live_names_that_exist_are_fine():
    found = check_live(
        CONFIG,
        lifecyclestages=HUBSPOT_ORDER,
        hubspot_statuses=["NEW", "IN_PROGRESS", "ATTEMPTED_TO_CONTACT", "CONNECTED", "UNQUALIFIED", "BAD_TIMING"],
        salesforce_statuses=["Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"],
    )
    assert found == []
    assert check_live(CONFIG) == []


def test_a_stage_deleted_in_the_portal_stops_the_run():
    config = replace(
        CONFIG, hubspot={**CONFIG.hubspot, "sal": "285119324"}, where={"hubspot.sal": "rules/lifecycle.yaml:11"}
    )
    (found,) = check_live(config, lifecyclestages=HUBSPOT_ORDER)
    assert found.where == "rules/lifecycle.yaml:11"
    assert found.what == "HubSpot has no lifecycle stage with the internal name '285119324' (mapped to sal)"
    assert found.do.startswith("restore the stage in Settings > Objects > Contacts > Lifecycle stage, or map")


def test_a_status_that_is_missing():
    found = check_live(CONFIG, salesforce_statuses=["New", "Working - Contacted", "Unqualified"])
    assert [each.what for each in found] == [
        "Salesforce has no lead status 'Closed - Not Converted'",
        "Salesforce has no lead status 'Open - Not Contacted'",
    ]
    assert (
        found[0].do == "add the value to Lead.Status, or write one that exists: New, Unqualified, Working - Contacted"
    )

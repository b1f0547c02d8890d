"""What else becomes of persons: a lead to be converted, one that is gone, a stage that the portal lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rules_world import Rules, shipped

from connector.errors import SettingsError
from connector.revops.lifecycle import HUBSPOT_ORDER


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return shipped(tmp_path_factory.mktemp("rules") / "project")


@pytest.fixture
def world(tmp_path, project):
    return Rules(tmp_path / "state.sqlite", project)


def tasks(world, side, text=""):
    return [open_ for _, body, open_ in world.crms[side].opened.values() if text in body]


def because(world, contact, name):
    """Why a field was written last, on either side."""
    with world.store() as store:
        written = store.ledger.of_link(f"person:hubspot:{contact}")
        return next(change.because for row in written for change in row.changes if change.field == name)


def test_a_stage_that_moved_says_why(world):
    contact = world.person(lifecyclestage="lead")
    world.settle()
    world.hubspot.put("contacts", contact, lifecyclestage="marketingqualifiedlead")
    at = world.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    world.settle()
    assert because(world, contact, "revops_stage") == f"lifecycle: hubspot shows MQL since {at}"
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED", revops_rejection_reason="timeline_too_far")
    world.settle()
    assert because(world, contact, "revops_stage") == "lifecycle.recycle: timeline_too_far"
    assert because(world, contact, "hubspot.stage") == "lifecycle.recycle: timeline_too_far"


def test_somebody_is_asked_once_to_convert_an_sql(world):
    contact = world.person()
    world.settle()
    (lead,) = [row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead"]
    world.salesforce.put("Lead", lead, OwnerId="005A")
    world.hubspot.put("contacts", contact, lifecyclestage="salesqualifiedlead")
    world.settle()
    world.settle()
    assert tasks(world, "salesforce", "umwandeln") == [True]
    made = world.salesforce.put("Contact", Email="buyer@example.com", LastName="Buyer", OwnerId="005A")
    world.salesforce.put("Lead", lead, IsConverted=True, ConvertedContactId=made.id)
    world.settle()
    assert tasks(world, "salesforce", "umwandeln") == [False]


def test_a_no_that_is_the_normal_state_is_written_to_nobody(world):
    handed = world.person(lifecyclestage="salesqualifiedlead", hs_lead_status="IN_PROGRESS")
    plain = world.person(email="reader@example.com", lifecyclestage="subscriber", hs_lead_status=None)
    world.settle()
    assert world.field(handed, "revops_handover_at")
    assert not world.field(plain, "revops_handover_at")
    assert [world.field(each, "revops_feedback_overdue") for each in (handed, plain)] == [None, None]


def test_the_tasks_of_a_person_who_is_gone_are_cancelled_and_nobody_is_told(world):
    contact = world.person()
    world.settle()
    world.hubspot.put("contacts", contact, hs_lead_status="UNQUALIFIED")
    world.settle()
    assert tasks(world, "hubspot") == [True]
    world.hubspot.delete("contacts", contact)
    for row in [row for row in world.salesforce.rows.values() if row.vendor_object == "Lead"]:
        world.salesforce.delete("Lead", row.id)
    world.run()
    world.now += timedelta(days=5)
    world.settle()
    assert tasks(world, "hubspot") == [False]
    assert tasks(world, "salesforce") == []
    with world.store() as store:
        assert list(store.standings.due("person", world.now)) == []


def test_a_stage_that_the_portal_lost_stops_the_run_before_anything_is_read(world):
    world.person()
    world.settle()
    describe, calls = world.hubspot.describe, world.hubspot.calls

    def without_sql(vendor_object):
        found = describe(vendor_object)
        if vendor_object != "contacts":
            return found
        left = tuple(each for each in HUBSPOT_ORDER if each != "salesqualifiedlead")
        return found | {"lifecyclestage": replace(found["lifecyclestage"], options=left)}

    world.hubspot.describe = without_sql
    with pytest.raises(SettingsError, match=r"rules/lifecycle\.yaml:\d+: .*salesqualifiedlead"):
        world.run()
    assert world.hubspot.calls == calls
    world.hubspot.describe = describe
    world.settle()

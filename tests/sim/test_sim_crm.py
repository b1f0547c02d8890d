"""The simulated CRMs behave as the port says, and as the vendors are known to."""

from __future__ import annotations

import pytest
from crm import SimCrm
from salesforce_crm import SimSalesforce
from stage import Stage
from world import World

from connector.crm.port import Query
from connector.errors import SettingsError
from connector.model import Done, Refused, Write

LEAD = {"LastName": "Test", "Company": "Example GmbH"}


def no_job(_job: str) -> None:
    raise AssertionError


def seen(crm: SimCrm, vendor_object: str, mark: str | None) -> tuple[list[str], str]:
    reading = crm.changes(Query(vendor_object, ("lastname",)), mark)
    return [record.id for page in reading for record in page.records], reading.mark


def test_the_index_shows_a_write_late_and_the_older_version_until_then(stage: Stage) -> None:
    contact = stage.people.contact("ann", jobtitle="Buyer")
    stage.world.sleep(30)
    _, mark = seen(stage.hubspot, "contacts", None)
    stage.people.edit(contact, jobtitle="Partner")
    query = Query("contacts", ("jobtitle",))
    (page,) = list(stage.hubspot.changes(query, mark))
    assert page.records[0].fields["jobtitle"] == "Buyer"
    assert stage.hubspot.read("contacts", [contact.id], ["jobtitle"])[0].fields["jobtitle"] == "Partner"
    stage.world.sleep(30)
    (page,) = list(stage.hubspot.changes(query, mark))
    assert page.records[0].fields["jobtitle"] == "Partner"


def test_a_new_contact_is_found_by_its_stamp_before_the_index_knows_it(stage: Stage) -> None:
    _, mark = seen(stage.hubspot, "contacts", None)
    stage.people.lead("ann")
    lead = stage.people.of("salesforce", "Lead", "ann")
    write = Write("ref", None, {"email": "ANN@example.com", "revloop_salesforce_id": lead.id})
    (outcome,) = stage.hubspot.create("contacts", "revloop_salesforce_id", [write], no_job)
    assert isinstance(outcome, Done)
    assert outcome.fields["email"] == "ann@example.com"
    assert seen(stage.hubspot, "contacts", mark)[0] == []
    assert [each.id for each in stage.hubspot.find("contacts", "revloop_salesforce_id", [lead.id], [])] == [outcome.id]


def test_creating_twice_with_one_stamp_makes_one(stage: Stage) -> None:
    write = Write("ref", None, {**LEAD, "Revloop_HubSpot_Id__c": "101"})
    first, again = (stage.salesforce.create("Lead", "Revloop_HubSpot_Id__c", [write], no_job)[0] for _ in range(2))
    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert (first.id, first.created, again.created) == (again.id, True, False)
    assert first.fields == {}


def test_an_email_is_unique_in_hubspot_and_not_in_salesforce(stage: Stage) -> None:
    holder = stage.people.contact("ann")
    write = Write("ref", None, {"email": "Ann@Example.com", "revloop_salesforce_id": "00Q1"})
    (outcome,) = stage.hubspot.create("contacts", "revloop_salesforce_id", [write], no_job)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.holder) == ("DUPLICATE", holder.id)
    stage.people.lead("ann")
    stage.people.lead("ann")
    assert len(stage.salesforce.live("Lead")) == 2


def test_salesforce_strips_stores_no_empty_text_and_fills_in_defaults(stage: Stage) -> None:
    lead = stage.people.lead("ann", Title="  Buyer ", City="   ")
    assert (lead.fields["Title"], lead.fields.get("City"), lead.fields["Status"]) == ("Buyer", None, "New")


def test_a_merge_in_hubspot_has_a_new_id_and_names_the_old_ones(stage: Stage) -> None:
    ann, ben = stage.people.contact("ann"), stage.people.contact("ben")
    merged = stage.hubspot.merge(ann, ben)
    assert stage.hubspot.read("contacts", [ann.id, ben.id], []) == []
    assert {(gone.id, gone.into) for gone in stage.hubspot.gone("contacts", [ann.id, ben.id])} == {
        (ann.id, merged.id),
        (ben.id, merged.id),
    }
    (record,) = stage.hubspot.read("contacts", [merged.id], [])
    assert record.fields["hs_merged_object_ids"] == f"{ann.id};{ben.id}"
    assert merged.identities == {"ann", "ben"}


def test_a_converted_lead_names_its_contact_and_takes_no_writes(stage: Stage) -> None:
    lead = stage.people.lead("ann", Title="Buyer")
    contact, account, _ = stage.salesforce.convert(lead, None)
    assert (contact.fields["Title"], contact.fields["AccountId"]) == ("Buyer", account.id)
    assert "Revloop_HubSpot_Id__c" not in contact.fields
    (outcome,) = stage.salesforce.update("Lead", [Write("ref", lead.id, {"Title": "CTO"})], no_job)
    assert isinstance(outcome, Refused)
    assert outcome.code == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_a_bulk_job_left_behind_goes_on(stage: Stage) -> None:
    stage.salesforce.bulk = True
    jobs: list[str] = []

    def die() -> None:
        raise KeyboardInterrupt

    stage.salesforce.inside = die
    write = Write("ref", None, {**LEAD, "Revloop_HubSpot_Id__c": "101"})
    with pytest.raises(KeyboardInterrupt):
        stage.salesforce.create("Lead", "Revloop_HubSpot_Id__c", [write], jobs.append)
    assert stage.salesforce.live("Lead") == []
    assert stage.salesforce.finish_job(jobs[0])
    assert len(stage.salesforce.live("Lead")) == 1
    assert not stage.salesforce.finish_job(jobs[0])


def test_an_unknown_field_is_a_mistake_in_the_settings(stage: Stage) -> None:
    stage.people.lead("ann")
    with pytest.raises(SettingsError):
        stage.salesforce.find("Lead", "Id", [each.id for each in stage.salesforce.live()], ["NoSuchField"])


def test_a_cursor_is_only_given_after_the_last_page() -> None:
    world = World()
    salesforce = SimSalesforce(world)
    reading = salesforce.changes(Query("Lead", ()), None)
    with pytest.raises(AssertionError):
        assert reading.mark
    assert list(reading)
    assert reading.mark

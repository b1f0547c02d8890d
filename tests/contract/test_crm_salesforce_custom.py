"""Custom objects and field history of a Salesforce org through our adapter."""

import time

import pytest
import responses
from crm_salesforce import crm_fixture, org_fixture, running_org_fixture  # noqa: F401 - fixtures

from connector.crm.auth import FixedToken
from connector.crm.port import Query, ValueChange
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.crm.salesforce.ids import to18
from connector.errors import LaterError, SettingsError
from connector.model import Done, Refused, Write

URL = "https://acme.my.salesforce.com"
TOUCH, CREDIT, KEY = "RevOps_Touchpoint__c", "RevOps_Credit__c", "Key__c"
LEAD = {"LastName": "Sample", "Company": "Example GmbH"}


@pytest.fixture
def carriers(org):
    key = {"name": KEY, "type": "Text", "length": 32, "externalId": True, "unique": True}
    lookups = [
        {"name": "Lead__c", "type": "Lookup", "referenceTo": "Lead", "relationshipName": "Touchpoints"},
        {"name": "Contact__c", "type": "Lookup", "referenceTo": "Contact", "relationshipName": "Touchpoints"},
    ]
    channel = {"name": "Channel__c", "type": "Text", "length": 100}
    org.sandbox.order("sobject", {"name": TOUCH, "fields": [key, channel, *lookups]})
    touch = {"name": "Touchpoint__c", "type": "Lookup", "referenceTo": TOUCH, "relationshipName": "Credits"}
    amount = {"name": "Amount__c", "type": "Number", "precision": 12, "scale": 2}
    org.sandbox.order("sobject", {"name": CREDIT, "fields": [key, amount, touch]})


def refuse_job(job):
    raise AssertionError(job)


def upsert(crm, vendor_object, *keys, **fields):
    writes = [Write(f"ref-{key}", None, {KEY: key, **fields}) for key in keys]
    return crm.create(vendor_object, KEY, writes, refuse_job)


def test_custom_objects_are_known_by_name(org, crm, carriers):
    found = crm.custom_objects()
    assert (found[TOUCH], found[CREDIT]) == (TOUCH, CREDIT)
    assert all(name.endswith("__c") for name in found)


def test_an_org_without_them_has_none(org, crm):
    assert crm.custom_objects() == {}


def test_a_row_is_upserted_linked_read_and_removed(org, crm, carriers):
    lead = org.create("Lead", **LEAD)
    [first] = upsert(crm, TOUCH, "t1", Channel__c="webinar", Lead__c=lead)
    [again] = upsert(crm, TOUCH, "t1", Channel__c="event")
    assert (first.created, again.created, again.id) == (True, False, first.id)
    [share] = upsert(crm, CREDIT, "c1", Amount__c=10.5, Touchpoint__c=first.id)
    [found] = crm.find(TOUCH, KEY, ["t1", "t2"], ["Channel__c", "Lead__c"])
    assert found.fields == {"Channel__c": "event", "Lead__c": lead}
    [read] = crm.read(CREDIT, [share.id], ["Amount__c", "Touchpoint__c"])
    assert read.fields == {"Amount__c": 10.5, "Touchpoint__c": first.id}
    reading = crm.changes(Query(TOUCH, (KEY,)), None)
    assert [record.fields[KEY] for page in reading for record in page.records] == ["t1"]
    [moved] = crm.update(TOUCH, [Write("u", first.id, {"Lead__c": None})], refuse_job)
    assert isinstance(moved, Done)
    for _ in range(2):
        [outcome] = crm.archive(CREDIT, [Write("a", share.id, {})])
        assert outcome == Done(share.id)
    assert crm.find(CREDIT, KEY, ["c1"], []) == []
    assert [gone.id for gone in crm.gone(CREDIT, [share.id])] == [share.id]
    assert upsert(crm, CREDIT, "c1")[0].created


def test_a_bad_row_holds_only_itself(org, crm, carriers):
    writes = [
        Write(f"r{n}", None, {KEY: f"k{n}", "Lead__c": to18("00Q000000000999") if n == 1 else None}) for n in range(3)
    ]
    outcomes = crm.create(TOUCH, KEY, writes, refuse_job)
    assert [isinstance(one, Done) for one in outcomes] == [True, False, True]
    assert isinstance(outcomes[1], Refused)


def test_many_rows_go_by_a_bulk_job(org, carriers):
    with org.crm(bulk_write=100) as crm:
        writes = [Write(f"r{n}", None, {KEY: f"k{n}", "Channel__c": "paid"}) for n in range(150)]
        outcomes = crm.create(TOUCH, KEY, writes, org.jobs.append)
    assert len({one.id for one in outcomes if isinstance(one, Done)}) == 150
    assert len(org.jobs) == 1


def test_an_object_that_is_not_there_is_a_mistake_in_the_settings(org, crm):
    with pytest.raises(SettingsError):
        upsert(crm, TOUCH, "t1")


# --- history ----------------------------------------------------------------------------------------------------


def test_without_tracking_there_is_no_history(org, crm):
    lead = org.create("Lead", **LEAD)
    org.edit("Lead", lead, Status="Working - Contacted")
    assert crm.history("Lead", [lead], ["Status"]) == {}
    assert crm.history("Lead", [], ["Status"]) == {}
    assert crm.history("Lead", [lead], []) == {}
    assert crm.history("Contact", ["003000000000001AAA"], ["Status"]) == {}


def test_tracked_fields_of_a_lead_newest_first(org, crm):
    assert org.sandbox.order("rules", {"tracked": ["status", "OwnerId"]})["tracked"] == ["OwnerId", "Status"]
    owners = {(one.email or "").partition("@")[0]: one.id for one in crm.owners()}
    org.sandbox.order("clock", {"now": "2026-11-20T08:00:00Z"})
    lead = org.create("Lead", **LEAD, OwnerId=owners["sanna.sales"])
    untouched = org.create("Lead", **LEAD)
    org.sandbox.order("clock", {"now": "2026-11-21T08:00:00Z"})
    org.edit("Lead", lead, Status="Working - Contacted", Title="CTO")
    org.sandbox.order("clock", {"now": "2026-11-22T08:00:00Z"})
    [outcome] = crm.update("Lead", [Write("u", lead, {"Status": "Closed - Not Converted"})], refuse_job)
    assert isinstance(outcome, Done)
    org.edit("Lead", lead, OwnerId=owners["stefan.sales"])
    found = crm.history("Lead", [lead[:15], untouched], ["Status", "OwnerId", "Title"])
    assert found == {
        lead: {
            "Status": [
                ValueChange("Closed - Not Converted", "2026-11-22T08:00:00.000Z", ours=True),
                ValueChange("Working - Contacted", "2026-11-21T08:00:00.000Z", ours=False),
                ValueChange("Open - Not Contacted", "2026-11-20T08:00:00.000Z", ours=False),
            ],
            "OwnerId": [
                ValueChange(owners["stefan.sales"], "2026-11-22T08:00:00.000Z", ours=False),
                ValueChange(owners["sanna.sales"], "2026-11-20T08:00:00.000Z", ours=False),
            ],
        }
    }


def test_the_conversion_of_a_lead_is_in_its_history(org, crm):
    org.sandbox.order("rules", {"tracked": ["Status"]})
    lead = org.create("Lead", **LEAD)
    org.sandbox.order("convert", {"lead": lead})
    assert [each.value for each in crm.history("Lead", [lead], ["Status"])[lead]["Status"]] == [
        *("Closed - Converted", "Open - Not Contacted"),
    ]


def test_a_history_that_the_user_may_not_see_is_none_and_trouble_is_trouble(org, crm):
    org.sandbox.order("rules", {"tracked": ["Status"]})
    lead = org.create("Lead", **LEAD)
    org.edit("Lead", lead, Status="Working - Contacted")
    assert crm.history("Lead", [lead], ["Status"])
    refusal = [{"message": "sObject type 'LeadHistory' is not supported.", "errorCode": "INVALID_TYPE"}]
    org.fault(kind="status", path="/query", status=400, answer=refusal, times=1)
    assert crm.history("Lead", [lead], ["Status"]) == {}
    org.fault(kind="status", path="/query", status=503, times=99)
    with pytest.raises(LaterError):
        crm.history("Lead", [lead], ["Status"])


def test_values_of_other_types_and_settings_objects():
    crm = SalesforceCrm(URL, FixedToken("t"), Options(), pause=lambda _: None, monotonic=time.monotonic)
    root, lead = f"{URL}/services/data/v67.0", "00Q000000000001AAA"
    row = {"Id": "017", "LeadId": lead, "CreatedById": "005000000000001AAA", "Field": "DoNotCall"}
    row |= {"OldValue": False, "NewValue": True, "CreatedDate": "2026-11-20T08:00:00.000+0000", "Lead": None}
    objects = [
        {"name": "A__c", "custom": True, "customSetting": False, "queryable": True},
        {"name": "B__c", "custom": True, "customSetting": True, "queryable": True},
        {"name": "C__mdt", "custom": True, "customSetting": False, "queryable": True},
        {"name": "Lead", "custom": False, "customSetting": False, "queryable": True},
    ]
    with responses.RequestsMock() as mock:
        mock.get(f"{root}/", json={"identity": f"{URL}/id/00D/005000000000009AAA"})
        mock.get(f"{root}/query/", json={"totalSize": 1, "done": True, "records": [row]})
        found = crm.history("Lead", [lead], ["DoNotCall"])
        mock.get(f"{root}/sobjects", json={"sobjects": objects})
        names = crm.custom_objects()
    crm.close()
    assert found == {lead: {"DoNotCall": [ValueChange("true", "2026-11-20T08:00:00.000Z", ours=False)]}}
    assert names == {"A__c": "A__c"}

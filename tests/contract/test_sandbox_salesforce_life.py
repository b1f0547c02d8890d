"""What happens to records over time: people edit, convert, merge, delete and restore; clients ask what changed."""

from urllib.parse import quote

import pytest
from salesforce_org import EXTERNAL_ID, STAMP, salesforce

LEAD = {
    "LastName": "Musterfrau",
    "Company": "Muster AG",
    "Email": "erika@example.com",
    "Phone": "030 1",
    "City": "Berlin",
}
SALES = "sanna.sales@revloop-sandbox.example"


@pytest.fixture(scope="module")
def server():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(server):
    return server.again()


def changes(org, sobject, what="updated", start="2026-11-23T09:00:00+00:00", end="2026-11-23T12:00:00Z"):
    answer = org.call("GET", f"/sobjects/{sobject}/{what}/?start={quote(start)}&end={quote(end)}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_person_edits_in_her_own_name(org):
    lead = org.create("Lead", **LEAD)
    org.sandbox.order("clock", {"advance": 60})
    org.order("edit", sobject="Lead", id=lead, fields={"City": "Bonn"}, user=SALES)
    read = org.read("Lead", lead)
    assert (read["City"], read["LastModifiedById"]) == ("Bonn", org.user(SALES))
    assert read["SystemModstamp"] == "2026-11-23T10:01:00.000+0000"
    assert org.refused("edit", sobject="Lead", id=lead, fields={"Email": "x"})["errorCode"] == "INVALID_EMAIL_ADDRESS"
    assert "lacks 'fields'" in org.refused("edit", sobject="Lead", id=lead)["error"]


def test_updated_records_are_told_up_to_a_safe_time(org):
    lead = org.create("Lead", **LEAD)
    assert changes(org, "Lead") == {"ids": [lead], "latestDateCovered": STAMP}
    assert changes(org, "Lead", end="2026-11-23T10:00:00Z")["ids"] == []
    org.order("hold", until="2026-11-23T09:30:00Z")
    assert changes(org, "Lead")["latestDateCovered"] == "2026-11-23T09:30:00.000+0000"
    org.order("hold", until=None)
    assert changes(org, "Lead", end="2026-11-23T09:45:30Z")["latestDateCovered"] == "2026-11-23T09:45:30.000+0000"
    org.order("rules", whole_minutes=True)
    assert changes(org, "Lead", end="2026-11-23T09:45:30Z")["latestDateCovered"] == "2026-11-23T09:45:00.000+0000"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-01T00:00:00Z", "2026-11-23T12:00:00Z"),
        ("2026-11-23T12:00:00Z", "2026-11-23T11:00:00Z"),
        ("yesterday", "2026-11-23T12:00:00Z"),
        ("", "2026-11-23T12:00:00Z"),
    ],
)
def test_a_span_is_refused(org, start, end):
    answer = org.call("GET", f"/sobjects/Lead/updated/?start={quote(start)}&end={quote(end)}")
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] in ("INVALID_REPLICATION_DATE", "MISSING_ARGUMENT")


def test_an_account_takes_its_people_and_deals_along_and_brings_them_back(org):
    account = org.create("Account", Name="Muster AG")
    child = org.create("Account", Name="Tochter", ParentId=account)
    contact = org.create("Contact", LastName="x", AccountId=account)
    deal = org.create(
        "Opportunity", Name="D", AccountId=account, ContactId=contact, StageName="Prospecting", CloseDate="2026-12-01"
    )
    org.create("Task", Subject="Call", WhoId=contact)
    assert org.call("DELETE", f"/sobjects/Account/{account}").status_code == 204
    for sobject in ("Contact", "Opportunity", "OpportunityContactRole", "Task"):
        assert org.query(f"SELECT Id FROM {sobject}") == []
        assert len(org.query(f"SELECT Id FROM {sobject} WHERE IsDeleted = true", every=True)) == 1
    assert org.read("Account", child)["ParentId"] is None
    told = changes(org, "Contact", "deleted")
    assert told["deletedRecords"] == [{"deletedDate": STAMP, "id": contact}]
    assert told["earliestDateAvailable"] == "2026-11-08T10:00:00.000+0000"
    org.sandbox.order("clock", {"advance": 30})
    org.order("restore", sobject="Account", id=account)
    assert org.read("Contact", contact)["SystemModstamp"] == "2026-11-23T10:00:30.000+0000"
    assert org.read("Opportunity", deal)["IsDeleted"] is False
    assert changes(org, "Contact", "deleted")["deletedRecords"] == []
    assert "not in the recycle bin" in org.refused("restore", sobject="Account", id=account)["error"]


def test_the_recycle_bin_is_emptied_after_fifteen_days(org):
    org.order("sessions", lifetime=10**8)
    lead = org.create("Lead", **LEAD)
    org.call("DELETE", f"/sobjects/Lead/{lead}")
    for days, left in ((15, 1), (1, 0)):
        org.sandbox.order("clock", {"advance": days * 86400})
        assert len(org.query("SELECT Id FROM Lead", every=True)) == left
    assert org.call("GET", f"/sobjects/Lead/{lead}").json()[0]["errorCode"] == "NOT_FOUND"


def test_a_lead_is_converted_into_new_records(org):
    lead = org.create("Lead", **LEAD, **{EXTERNAL_ID: "77"})
    campaign = org.create("Campaign", Name="Messe")
    member = org.create("CampaignMember", CampaignId=campaign, LeadId=lead)
    made = org.order("convert", lead=lead, opportunity=True, user=SALES)
    account, contact, deal = made["account"], made["contact"], made["opportunity"]
    read = org.read("Contact", contact)
    assert (read["Name"], read["Email"], read["MailingCity"]) == ("Musterfrau", "erika@example.com", "Berlin")
    assert (read["AccountId"], read["CreatedById"], read[EXTERNAL_ID]) == (account, org.user(SALES), None)
    assert org.read("Account", account)["Name"] == "Muster AG"
    read = org.read("Opportunity", deal)
    assert (read["Name"], read["ContactId"], read["CloseDate"]) == ("Muster AG-", contact, "2026-12-31")
    [role] = org.query("SELECT ContactId, IsPrimary FROM OpportunityContactRole")
    assert (role["ContactId"], role["IsPrimary"]) == (contact, True)
    read = org.read("Lead", lead)
    assert (read["IsConverted"], read["Status"], read["ConvertedDate"]) == (True, "Closed - Converted", "2026-11-23")
    assert (read["ConvertedContactId"], read["ConvertedOpportunityId"]) == (contact, deal)
    assert org.read("CampaignMember", member)["ContactId"] == contact
    refused = org.update("Lead", lead, City="Bonn").json()
    assert refused == [
        {"message": "cannot reference converted lead", "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD", "fields": []}
    ]
    assert org.call("POST", "/sobjects/Task", {"Subject": "x", "WhoId": lead}).status_code == 400
    assert org.refused("convert", lead=lead)["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_conversion_fills_only_the_gaps_of_given_records(org):
    account = org.create("Account", Name="Muster", Phone="040 9")
    contact = org.create("Contact", LastName="Muster", Email="other@example.com")
    made = org.order("convert", lead=org.create("Lead", **LEAD), account=account, contact=contact)
    assert made == {"account": account, "contact": contact, "opportunity": None}
    read = org.read("Contact", contact)
    kept = (read["LastName"], read["Email"], read["Phone"], read["AccountId"])
    assert kept == ("Muster", "other@example.com", "030 1", account)
    assert org.read("Account", account)["Phone"] == "040 9"


def test_merged_records_hand_their_children_over(org):
    master, loser = (org.create("Contact", LastName=name, Email="x@example.com") for name in ("Eins", "Zwei"))
    campaign = org.create("Campaign", Name="Messe")
    for contact in (master, loser):
        org.create("CampaignMember", CampaignId=campaign, ContactId=contact)
    task = org.create("Task", Subject="Call", WhoId=loser)
    org.sandbox.order("clock", {"advance": 60})
    org.order("merge", sobject="Contact", master=master, losers=[loser], user=SALES)
    [row] = org.query(f"SELECT IsDeleted, MasterRecordId FROM Contact WHERE Id = '{loser}'", every=True)
    assert (row["IsDeleted"], row["MasterRecordId"]) == (True, master)
    assert org.read("Task", task)["WhoId"] == master
    assert len(org.query("SELECT Id FROM CampaignMember")) == 1
    assert [one["id"] for one in changes(org, "Contact", "deleted")["deletedRecords"]] == [loser]
    assert org.read("Contact", master)["LastModifiedById"] == org.user(SALES)
    assert org.refused("merge", sobject="Task", master=task, losers=[task])["errorCode"] == "INVALID_INPUT"
    assert org.refused("merge", sobject="Contact", master=master, losers=[loser])["errorCode"] == "ENTITY_IS_DELETED"


def test_a_dump_shows_living_and_deleted_records(org):
    lead = org.create("Lead", **LEAD)
    org.order("delete", sobject="Lead", id=lead)
    assert org.sandbox.order("records?sobject=Lead", method="GET")["records"] == []
    [row] = org.sandbox.order("records?sobject=Lead&deleted=true", method="GET")["records"]
    assert (row["Id"], row["IsDeleted"], row["Company"]) == (lead, True, "Muster AG")
    assert "no object is named" in org.refused("delete", sobject="Foo", id=lead)["error"]


def test_a_file_store_keeps_everything(tmp_path):
    with salesforce(tmp_path) as org:
        org.order("field", sobject="Lead", name="Score__c", type="Number", precision=3)
        org.order("sobject", name="Touch__c", fields=[{"name": "Lead__c", "type": "Lookup", "referenceTo": "Lead"}])
        lead = org.create("Lead", **LEAD, Score__c=7)
        first = org.create("Touch__c", Lead__c=lead)
    with salesforce(tmp_path) as org:
        assert org.read("Lead", lead)["Score__c"] == 7.0
        [row] = org.query("SELECT Lead__r.LastName FROM Touch__c")
        assert row["Lead__r"]["LastName"] == "Musterfrau"
        assert org.create("Touch__c", Lead__c=lead) > first
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".sqlite"] == ["salesforce.sqlite"]


def test_numbers_of_a_call_undone_are_given_once(tmp_path):
    """All that a refused call took back must not lead to an id that is given twice, not even after a restart."""
    bad = [{"attributes": {"type": "Lead"}, **LEAD}, {"attributes": {"type": "Lead"}}]
    made = []
    for _ in range(2):
        with salesforce(tmp_path) as org:
            org.call("POST", "/composite/sobjects", {"allOrNone": True, "records": bad})
            made += [org.create("Lead", LastName="x", Company="y") for _ in range(3)]
    assert len(set(made)) == 6
    assert made == sorted(made)


def test_a_bare_org_lacks_our_field():
    with salesforce(bare=True) as org:
        names = {field["name"] for field in org.call("GET", "/sobjects/Lead/describe").json()["fields"]}
        assert EXTERNAL_ID not in names
        assert org.call("PATCH", f"/sobjects/Lead/{EXTERNAL_ID}/1", LEAD).status_code == 404

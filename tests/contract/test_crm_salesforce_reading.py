"""What the Salesforce adapter reads: full, incremental, by job, by id, and what is gone."""

from datetime import timedelta

import pytest
from crm_salesforce import CANARY, STAMP, contacts, crm_fixture, everything, org_fixture, running_org_fixture  # noqa: F401 - fixtures

from connector.crm.port import Query
from connector.errors import SettingsError
from connector.model import ROLE_NAMES, Gone

DEAL = Query("Opportunity", ("Name", "Amount", "StageName", "CloseDate", "IsClosed", "OpportunityContactRoles"))
DEAL_ROW = {"StageName": "Prospecting", "CloseDate": "2027-01-31"}


def persons(count):
    return [{"LastName": f"Person {at}", "Email": f"p{at}@example.com"} for at in range(count)]


def test_a_full_read_brings_every_record_over_several_pages(org, crm):
    org.load("Contact", persons(4100))
    reading = crm.changes(contacts(), None)
    sizes = [len(page.records) for page in reading]
    assert (sizes, reading.full) == ([2000, 2000, 100], True)


def test_the_mark_is_taken_only_after_the_last_page(org, crm):
    reading = crm.changes(contacts(), None)
    with pytest.raises(RuntimeError, match="after its last page"):
        _ = reading.mark


def test_a_record_has_the_asked_fields_and_its_stamp(org, crm):
    record = org.create("Contact", LastName="Sturm", Email="sturm@example.com")
    found, _ = everything(crm.changes(contacts("LastName", "Phone"), None))
    assert found[record].fields == {"LastName": "Sturm", "Phone": None}
    assert found[record].modified.endswith("Z")


def test_an_idle_incremental_read_costs_two_calls(org, crm):
    org.load("Contact", persons(3))
    reading = crm.changes(contacts(), None)
    list(reading)
    org.later(crm)
    later = crm.changes(contacts(), reading.mark)
    list(later)
    org.later(crm)
    org.sandbox.forget()
    idle = crm.changes(contacts(), later.mark)
    assert (everything(idle), org.sandbox.calls(), idle.full) == (({}, {}), 2, False)
    assert idle.mark > later.mark


def test_an_incremental_read_brings_what_changed_and_what_is_gone(org, crm):
    kept, edited, deleted, winner, loser = org.load("Contact", persons(5))
    org.later(crm)
    reading = crm.changes(contacts(), None)
    list(reading)
    org.later(crm)
    org.edit("Contact", edited, LastName="Other")
    org.delete("Contact", deleted)
    org.sandbox.order("merge", {"sobject": "Contact", "master": winner, "losers": [loser]})
    found, gone = everything(crm.changes(contacts(), reading.mark))
    assert found[edited].fields["LastName"] == "Other"
    assert kept not in found
    assert gone == {
        deleted: Gone("salesforce", "Contact", deleted, "deleted"),
        loser: Gone("salesforce", "Contact", loser, "merged", winner),
    }
    assert {one.id: one for one in crm.gone("Contact", [kept, deleted[:15], loser])} == gone


def test_a_conversion_leaves_its_traces_in_the_lead(org, crm):
    lead = org.create("Lead", LastName="Adler", Company="Adler GmbH", Email="adler@example.com")
    born = org.sandbox.order("convert", {"lead": lead, "opportunity": True})
    found, _ = everything(crm.changes(Query("Lead", ("LastName",)), None))
    fields = found[lead].fields
    assert fields["IsConverted"] is True
    assert fields["ConvertedContactId"] == born["contact"]
    assert fields["ConvertedAccountId"] == born["account"]
    assert fields["ConvertedOpportunityId"] == born["opportunity"]


def test_the_mark_stays_behind_a_running_transaction(org, crm):
    reading = crm.changes(contacts(), None)
    list(reading)
    held = crm.now() - timedelta(minutes=3)
    org.sandbox.order("hold", {"until": held.isoformat()})
    later = crm.changes(contacts(), reading.mark)
    list(later)
    assert later.mark == held.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_mark_older_than_the_recycle_bin_makes_the_read_full(org, crm):
    record = org.create("Contact", LastName="Alt")
    reading = crm.changes(contacts(), None)
    list(reading)
    org.sandbox.order("sessions", {"lifetime": 100 * 86400})
    org.later(crm, 20 * 86400)
    again = crm.changes(contacts(), reading.mark)
    found, _ = everything(again)
    assert (again.full, list(found)) == (True, [record])


def test_both_roads_bring_the_same_values(org, crm):
    account = org.create("Account", Name='Kontor, "Nord" & Söhne', AnnualRevenue=12.5, NumberOfEmployees=7)
    text = 'one\r\ntwo\n\u2028three, "four"'
    org.create("Contact", LastName="Ümläut", AccountId=account, Description=text)
    org.create("Opportunity", Name="Deal", IsPrivate=True, Amount=1234.5, **DEAL_ROW)
    org.create("Contact", LastName="Leer", Birthdate="1990-05-01")
    asked = [
        Query("Account", ("Name", "AnnualRevenue", "NumberOfEmployees", "Website", "CreatedDate")),
        Query("Opportunity", ("Name", "Amount", "CloseDate", "IsPrivate", "Probability", "NextStep")),
        contacts("LastName", "AccountId", "Description", "IsEmailBounced", "Birthdate", "Email"),
    ]
    with org.crm(bulk_read=0) as by_job:
        for query in asked:
            assert everything(by_job.changes(query, None)) == everything(crm.changes(query, None))
    assert org.sandbox.order("counters", method="GET")["by_path"].get("POST /services/data/v67.0/jobs/query") == 3


def test_a_large_job_is_read_over_several_pages_of_results(org):
    ids = org.load("Contact", persons(4500))
    with org.crm(bulk_page=2500) as crm:
        pages = list(crm.changes(Query("Contact", ("LastName",), expected=30_000), None))
    assert [len(page.records) for page in pages] == [2000, 500, 2000]
    assert {one.id for page in pages for one in page.records} == set(ids)


def test_contact_roles_come_primary_first_by_every_road(org, crm):
    first, second, third = sorted(org.load("Contact", persons(3)))
    deal = org.create("Opportunity", Name="Deal", **DEAL_ROW)
    bare = org.create("Opportunity", Name="Bare", **DEAL_ROW)
    for contact, primary in ((second, False), (third, True), (first, False)):
        org.create("OpportunityContactRole", OpportunityId=deal, ContactId=contact, IsPrimary=primary)
    expected = [third, first, second]
    found, _ = everything(crm.changes(DEAL, None))
    assert found[deal].fields["OpportunityContactRoles"] == expected
    assert found[bare].fields["OpportunityContactRoles"] == []
    with org.crm(bulk_read=0) as by_job:
        assert everything(by_job.changes(DEAL, None))[0] == found
    assert {one.id: one for one in crm.read("Opportunity", [deal, bare], DEAL.fields)} == found


def test_the_names_of_roles_come_where_they_are_asked_for_by_every_road(org, crm):
    first, second = sorted(org.load("Contact", persons(2)))
    deal = org.create("Opportunity", Name="Deal", **DEAL_ROW)
    for contact, role in ((first, "Decision Maker"), (first, "Business User"), (second, None)):
        org.create("OpportunityContactRole", OpportunityId=deal, ContactId=contact, Role=role)
    asked = Query("Opportunity", (*DEAL.fields, ROLE_NAMES))
    found, _ = everything(crm.changes(asked, None))
    assert found[deal].fields[ROLE_NAMES] == {first: ["Business User", "Decision Maker"]}
    assert found[deal].fields["OpportunityContactRoles"] == [first, second]
    with org.crm(bulk_read=0) as by_job:
        assert everything(by_job.changes(asked, None))[0] == found
    assert {one.id: one for one in crm.read("Opportunity", [deal], asked.fields)} == found


def test_a_changed_or_removed_role_brings_its_opportunity(org, crm):
    one, two = org.load("Contact", persons(2))
    added, removed, quiet = (org.create("Opportunity", Name=name, **DEAL_ROW) for name in ("A", "B", "C"))
    role = org.create("OpportunityContactRole", OpportunityId=removed, ContactId=one)
    reading = crm.changes(DEAL, None)
    list(reading)
    org.later(crm)
    begun = crm.changes(DEAL, reading.mark)
    list(begun)
    org.later(crm)
    org.create("OpportunityContactRole", OpportunityId=added, ContactId=two)
    org.delete("OpportunityContactRole", role)
    found, _ = everything(crm.changes(DEAL, begun.mark))
    assert {key: one.fields["OpportunityContactRoles"] for key, one in found.items()} == {added: [two], removed: []}
    assert quiet not in found


def test_an_idle_read_with_roles_costs_four_calls(org, crm):
    reading = crm.changes(DEAL, None)
    list(reading)
    org.sandbox.forget()
    list(crm.changes(DEAL, reading.mark))
    assert org.sandbox.calls() == 4


def test_reading_by_id_takes_any_number_and_leaves_out_what_is_gone(org, crm):
    ids = org.load("Contact", persons(4200))
    org.delete("Contact", ids[0])
    found = crm.read("Contact", [*(one[:15] for one in ids), "003000000000999AAA"], ("LastName",))
    assert {one.id for one in found} == set(ids[1:])
    assert len(found) == len(ids) - 1


def test_finding_by_stamp_sees_own_writes_and_quotes_values(org, crm):
    stamps = [f"{at}" for at in range(700)] + ['o\'neil \\ "x"', "ümlaut"]
    org.load("Contact", [{"LastName": "Person", STAMP: stamp} for stamp in stamps])
    found = crm.find("Contact", STAMP, [*stamps, "missing"], (STAMP,))
    assert sorted(one.fields[STAMP] for one in found) == sorted(stamps)
    assert crm.find("Contact", STAMP, [], (STAMP,)) == []


def test_finding_by_id_takes_short_ids(org, crm):
    record = org.create("Contact", LastName="Kurz")
    assert [one.id for one in crm.find("Contact", "Id", [record[:15]], ("LastName",))] == [record]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda crm: list(crm.changes(contacts("LastName", "Nope__c"), None)), "no field Nope__c of Contact"),
        (lambda crm: list(crm.changes(Query("Nope__c", ()), None)), "no object Nope__c"),
        (lambda crm: crm.describe("Nope__c"), "no object Nope__c"),
        (lambda crm: crm.find("Contact", "Nope__c", [CANARY], ()), "no field Nope__c of Contact"),
        (lambda crm: crm.find("Contact", "Email = ''", [CANARY], ()), "no API name"),
        (lambda crm: crm.read("Contact", ["003000000000001AAA"], ("Nope__c",)), "Contact"),
    ],
)
def test_an_unknown_name_is_a_settings_error_that_repeats_no_value(org, crm, ask, words):
    with pytest.raises(SettingsError, match=words) as caught:
        ask(crm)
    assert CANARY not in str(caught.value)


def test_describe_tells_what_a_mapping_needs(org, crm):
    lead = crm.describe("Lead")
    assert lead["LastName"].required
    assert lead["LastName"].length == 80
    assert not lead["Email"].required
    assert "Working - Contacted" in lead["Status"].options
    assert not lead["Status"].restricted
    assert lead["Status"].default == "Open - Not Contacted"
    assert not lead["IsConverted"].writable
    assert (lead[STAMP].unique, lead[STAMP].writable) == (True, True)
    assert lead["Email"].options is None
    integration = next(one for one in crm.owners() if (one.email or "").startswith("integration@"))
    assert lead["OwnerId"].default == integration.id
    org.sandbox.forget()
    crm.describe("Lead")
    assert org.sandbox.calls() == 0


def test_the_org_its_owners_and_its_usage(org, crm):
    account = crm.account()
    assert (account.side, account.time_zone, len(account.id)) == ("salesforce", "Europe/Berlin", 18)
    owners = crm.owners()
    assert any(one.email == "sanna.sales@revloop-sandbox.example" and one.active for one in owners)
    assert any(one.email is None and one.id.startswith("00G") for one in owners)
    usage = crm.usage()
    assert usage.used == org.sandbox.calls()
    assert usage.left is not None
    assert usage.left < usage.limit
    assert abs(crm.now() - org.sandbox.clock.now()) < timedelta(seconds=3)


def test_the_first_call_of_all_may_be_a_read(org):
    record = org.create("Contact", LastName="Erst")
    with org.crm() as fresh:
        assert list(everything(fresh.changes(contacts(), None))[0]) == [record]


def test_there_is_no_history_to_rely_on(crm):
    assert crm.history("Contact", ["003000000000001AAA"], ("LastName",)) == {}

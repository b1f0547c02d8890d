"""What the Salesforce adapter writes: by Collections, by job, and the contacts of opportunities."""

import pytest
from crm_salesforce import CANARY, STAMP, crm_fixture, org_fixture, running_org_fixture, write  # noqa: F401 - fixtures

from connector.errors import SettingsError
from connector.model import Done, Refused, Write

DEAL_ROW = {"StageName": "Prospecting", "CloseDate": "2027-01-31"}


def stamped(count, **fields):
    return [write(at, **{STAMP: f"{at}", "LastName": f"Person {at}", **fields}) for at in range(count)]


@pytest.fixture(params=["collections", "job"])
def writer(request, org):
    with org.crm(bulk_write=2000 if request.param == "collections" else 0) as crm:
        yield crm


def test_creating_twice_makes_nothing_twice(org, writer):
    writes = stamped(450)
    first = writer.create("Contact", STAMP, writes, org.jobs.append)
    again = writer.create("Contact", STAMP, writes, org.jobs.append)
    assert all(isinstance(one, Done) and one.created for one in first)
    assert [(one.id, one.created) for one in again] == [(one.id, False) for one in first]
    stored = {row["Id"]: row[STAMP] for row in org.records("Contact")}
    assert [stored[one.id] for one in first] == [one.fields[STAMP] for one in writes]


def test_values_arrive_as_they_are_and_null_empties(org, writer):
    record = org.create("Opportunity", Name="Old", NextStep="call", Amount=5, Description="stays", **DEAL_ROW)
    values = {
        "Name": 'Line, "quoted"',
        "NextStep": None,
        "Amount": 12.5,
        "IsPrivate": True,
        "CloseDate": "2027-02-28",
    }
    (done,) = writer.update("Opportunity", [write(1, record, **values)], org.jobs.append)
    (row,) = org.records("Opportunity")
    assert done == Done(record)
    assert {name: row[name] for name in values} == values
    assert row["Description"] == "stays"


def test_text_that_reads_like_the_sign_for_empty_is_kept(org, writer):
    text = "a\nb\r\nc\u2028d"
    writes = [*stamped(3), write("x", **{STAMP: "x", "LastName": "#N/A", "Description": text})]
    outcomes = writer.create("Contact", STAMP, writes, org.jobs.append)
    assert all(isinstance(one, Done) for one in outcomes)
    (row,) = [row for row in org.records("Contact") if row[STAMP] == "x"]
    assert (row["LastName"], row["Description"].replace("\r\n", "\n")) == ("#N/A", text.replace("\r\n", "\n"))


def test_writes_of_different_fields_leave_the_others_alone(org, writer):
    one, two = (org.create("Contact", LastName=name, Phone="+49 89 1", Title="Dr.") for name in ("A", "B"))
    writer.update("Contact", [write(1, one, Phone="+49 89 2"), write(2, two[:15], Title=None)], org.jobs.append)
    rows = {row["Id"]: (row["Phone"], row["Title"]) for row in org.records("Contact")}
    assert rows == {one: ("+49 89 2", "Dr."), two: ("+49 89 1", None)}


def test_a_bad_record_holds_only_itself_and_outcomes_keep_their_order(org, writer):
    parents = [org.create("Account", Name=f"Firma {at}") for at in range(3)]
    writes = [
        write(at, **{STAMP: f"{at}", "LastName": f"Person {at}", "AccountId": parents[at % 3]}) for at in range(300)
    ]
    writes[7] = write(7, **{STAMP: "7", "LastName": None})
    writes[250] = write(250, **{STAMP: "250", "LastName": "x" * 90})
    outcomes = writer.create("Contact", STAMP, writes, org.jobs.append)
    assert [at for at, one in enumerate(outcomes) if not isinstance(one, Done)] == [7, 250]
    assert (outcomes[7].code, outcomes[250].code) == ("REQUIRED_FIELD_MISSING", "STRING_TOO_LONG")
    stored = {row["Id"]: row[STAMP] for row in org.records("Contact")}
    assert all(stored[one.id] == f"{at}" for at, one in enumerate(outcomes) if isinstance(one, Done))


LONG = f"{CANARY}{'x' * 200}"


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"LastName": LONG}, "STRING_TOO_LONG", "80 characters"),
        ({"Email": f"{CANARY} broken"}, "INVALID_EMAIL_ADDRESS", "Email"),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", "LastName"),
        ({"AccountId": "001000000000999AAA"}, "INVALID_CROSS_REFERENCE_KEY", "referenced record"),
        ({STAMP: "taken"}, "DUPLICATE", STAMP),
        ({"CreatedDate": "2020-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "may not be written"),
    ],
)
def test_a_refusal_has_a_stable_code_and_repeats_no_value(org, writer, fields, code, words):
    holder = org.create("Contact", LastName="Holder", **{STAMP: "taken"})
    record = org.create("Contact", LastName="Target")
    (refused,) = writer.update("Contact", [write(1, record, **fields)], org.jobs.append)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert words in refused.message
    assert CANARY not in refused.message
    assert refused.holder == (holder if code == "DUPLICATE" else None)


def test_a_record_that_is_gone_is_told_from_a_missing_reference(org, writer):
    deleted, alive = (org.create("Contact", LastName=name) for name in ("A", "B"))
    org.delete("Contact", deleted)
    writes = [
        write(1, deleted, Title="x"),
        write(2, "003000000000999AAA", Title="x"),
        write(3, alive, AccountId="001000000000999AAA"),
        write(4, alive, Title="x"),
    ]
    outcomes = [writer.update("Contact", [one], org.jobs.append)[0] for one in writes]
    assert [getattr(one, "code", "done") for one in outcomes] == ["GONE", "GONE", "INVALID_CROSS_REFERENCE_KEY", "done"]


def test_a_converted_lead_is_refused_by_name(org, crm):
    lead = org.create("Lead", LastName="Adler", Company="Adler GmbH")
    org.sandbox.order("convert", {"lead": lead})
    (refused,) = crm.update("Lead", [write(1, lead, Title="x")], org.jobs.append)
    assert refused.code == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_a_duplicate_rule_names_the_holder(org, crm):
    holder = org.create("Contact", LastName="Holder", Email=CANARY)
    org.sandbox.order("rules", {"duplicate_rule": "alert"})
    fields = {STAMP: "1", "LastName": "Holder", "Email": CANARY}
    (refused,) = crm.create("Contact", STAMP, [write(1, **fields)], org.jobs.append)
    assert (refused.code, refused.holder) == ("DUPLICATE", holder)
    assert CANARY not in refused.message
    with org.crm(allow_duplicates=True) as saving:
        (done,) = saving.create("Contact", STAMP, [write(1, **fields)], org.jobs.append)
    assert isinstance(done, Done)


def test_a_field_that_does_not_exist_is_no_fault_of_the_records(org):
    with org.crm(bulk_write=0) as crm, pytest.raises(SettingsError, match="mapped field does not exist"):
        crm.create("Contact", STAMP, [write(1, **{STAMP: "1", "LastName": "A", "Nope__c": "x"})], org.jobs.append)


@pytest.mark.parametrize("above", [0, 2000])
def test_a_missing_stamp_field_is_a_settings_error(org, above):
    with org.crm(bulk_write=above) as crm, pytest.raises(SettingsError, match=r"Nope__c|external id"):
        crm.create("Contact", "Nope__c", [write(1, Nope__c="1", LastName="A")], org.jobs.append)


def test_the_job_is_told_before_anything_is_uploaded(org):
    told = []

    def on_job(job):
        told.append((job, [one.path for one in org.sandbox.talk if one.method == "PUT"]))

    with org.crm(bulk_write=0) as crm:
        crm.create("Contact", STAMP, stamped(3), on_job)
    ((job, uploads),) = told
    assert (job[:3], uploads) == ("750", [])


def test_the_batch_size_says_which_road_is_taken(org, crm):
    assert crm.batch_size("create", "Contact", 2000) == 200
    assert crm.batch_size("update", "Contact", 2001) == 10_000
    assert crm.batch_size("archive", "Contact", 50_000) == 200
    crm.create("Contact", STAMP, stamped(2001), org.jobs.append)
    assert len(org.jobs) == 1
    assert len(org.records("Contact")) == 2001


def test_archiving_is_done_also_when_it_was_done_before(org, crm):
    one, two = (org.create("Contact", LastName=name) for name in ("A", "B"))
    org.delete("Contact", two)
    assert crm.archive("Contact", [write(1, one), write(2, two[:15])]) == [Done(one), Done(two)]
    assert org.records("Contact") == []


def roles(org, deal):
    found = [row for row in org.records("OpportunityContactRole") if row["OpportunityId"] == deal]
    return {row["ContactId"]: row["IsPrimary"] for row in found}


def associating(record, add=(), remove=()):
    return Write("ref", record, {"OpportunityContactRoles": {"add": list(add), "remove": list(remove)}})


def test_the_first_contact_becomes_the_primary_one_when_there_is_none(org, crm):
    one, two, three = (org.create("Contact", LastName=name) for name in ("A", "B", "C"))
    deal, other = (org.create("Opportunity", Name=name, **DEAL_ROW) for name in ("D", "E"))
    writes = [associating(deal, [two[:15], one]), associating(other, [three])]
    assert crm.associate("Opportunity", writes) == [Done(deal), Done(other)]
    assert (roles(org, deal), roles(org, other)) == ({two: True, one: False}, {three: True})
    assert crm.associate("Opportunity", writes) == [Done(deal), Done(other)]
    assert crm.associate("Opportunity", [associating(deal, [three])]) == [Done(deal)]
    assert roles(org, deal) == {two: True, one: False, three: False}
    assert crm.associate("Opportunity", [associating(deal, remove=[two, "003000000000999AAA"])]) == [Done(deal)]
    assert roles(org, deal) == {one: False, three: False}
    assert len(org.records("OpportunityContactRole")) == 3


def test_an_association_that_cannot_be_made_holds_its_opportunity_only(org, crm):
    contact = org.create("Contact", LastName="A")
    deal, other = (org.create("Opportunity", Name=name, **DEAL_ROW) for name in ("D", "E"))
    writes = [
        associating(deal, ["003000000000999AAA"]),
        associating(other, [contact]),
        Write("ref", deal, {"CampaignMembers": {"add": []}}),
    ]
    refused, done, unknown = crm.associate("Opportunity", writes)
    assert refused.code == "INVALID_CROSS_REFERENCE_KEY"
    assert done == Done(other)
    assert unknown.code == "UNKNOWN_ASSOCIATION"


def test_a_job_left_behind_is_finished_or_aborted(org):
    with org.crm(bulk_write=0) as crm:
        crm.create("Contact", STAMP, stamped(3), org.jobs.append)
        assert crm.finish_job(org.jobs[0]) is True
        assert crm.finish_job("750000000000999AAA") is False
        org.fault(kind="status", method="PUT", path="/batches", status=400, answer=[], times=3)
        with pytest.raises(Exception, match="upload"):
            crm.create("Contact", STAMP, stamped(3), org.jobs.append)
        assert all(crm.finish_job(job) for job in org.jobs)

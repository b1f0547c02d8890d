"""Answers of real orgs that the sandbox does not give: error bodies as captured, gaps, purged records."""

import time
from contextlib import contextmanager

import pytest
import responses
from responses.matchers import header_matcher

from connector.crm.auth import FixedToken
from connector.crm.port import Query
from connector.crm.retry import Busy, Denied, Expired, Fine, Heard, Spent
from connector.crm.salesforce.adapter import Options, SalesforceCrm
from connector.crm.salesforce.ids import to18
from connector.crm.salesforce.moments import stamp
from connector.crm.salesforce.org import judge
from connector.crm.salesforce.problems import bulk_problem, outcome, problems
from connector.errors import LaterError, SettingsError
from connector.model import Done, Gone, Later, Refused, Write

URL = "https://acme.my.salesforce.com"
ROOT = f"{URL}/services/data/v67.0"
NOW = "Mon, 23 Nov 2026 10:00:00 GMT"
CANARY = "canary.person@example.com"
HOLDER = "0038M00000abcDEQAY"

DUPLICATE_RULE = {
    "allowSave": True,
    "duplicateRule": "Standard_Contact_Duplicate_Rule",
    "matchResults": [
        {"entityType": "Contact", "matchRecords": [{"matchConfidence": 100.0, "record": {"Id": HOLDER}}], "size": 1}
    ],
}


@contextmanager
def adapter():
    crm = SalesforceCrm(URL, FixedToken("00D!canary"), Options(), pause=lambda _: None, monotonic=time.monotonic)
    try:
        yield crm
    finally:
        crm.close()


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (
            [{"errorCode": "DUPLICATES_DETECTED", "message": CANARY, "duplicateResut": DUPLICATE_RULE}],
            ("DUPLICATE", HOLDER),
        ),
        (
            [{"statusCode": "DUPLICATES_DETECTED", "message": CANARY, "duplicateResult": DUPLICATE_RULE}],
            ("DUPLICATE", HOLDER),
        ),
        ([{"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?"}], ("DUPLICATE", None)),
        (
            [
                {
                    "errorCode": "DUPLICATE_VALUE",
                    "message": f"duplicate value found: Ext__c duplicates value on record with id: {HOLDER[:15]}",
                    "fields": ["Ext__c"],
                }
            ],
            ("DUPLICATE", HOLDER),
        ),
        (
            [{"errorCode": "STRING_TOO_LONG", "message": f"Topic: data value too large: {CANARY} (max length=25)"}],
            ("STRING_TOO_LONG", None),
        ),
        (
            [
                {
                    "errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    "message": f"Jurisdiction: bad value for restricted picklist field: {CANARY}",
                    "fields": ["Jurisdiction__c"],
                }
            ],
            ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", None),
        ),
        (
            [
                {
                    "errorCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
                    "message": f"MyTrigger: execution of BeforeInsert caused by: {CANARY}",
                    "fields": [],
                }
            ],
            ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", None),
        ),
        ([{"errorCode": "SOMETHING_NEW", "message": CANARY, "fields": ["A__c"]}], ("SOMETHING_NEW", None)),
    ],
)
def test_captured_errors_become_refusals_without_values(errors, expected):
    found = outcome(problems(errors)[0])
    assert isinstance(found, Refused)
    assert (found.code, found.holder) == expected
    assert CANARY not in found.message
    assert CANARY not in repr(problems(errors))


def test_a_trigger_is_named_and_a_validation_rule_speaks_for_itself():
    trigger = {"errorCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": "MyTrigger: execution of BeforeInsert"}
    rule = {"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Give a reason.", "fields": ["Reason__c"]}
    assert "MyTrigger" in outcome(problems([trigger])[0]).message
    assert outcome(problems([rule])[0]).message.endswith("Give a reason.")


@pytest.mark.parametrize(
    ("text", "code", "fields"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --", "REQUIRED_FIELD_MISSING", ("Name",)),
        ("INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--", "INVALID_CROSS_REFERENCE_KEY", ()),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION:Why: say it.:A__c, B__c --", None, ("A__c", "B__c")),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record: 001,001:--", "UNABLE_TO_LOCK_ROW", ()),
        ("InternalError : something", "UNKNOWN", ()),
    ],
)
def test_bulk_errors_are_read_like_the_others(text, code, fields):
    found = bulk_problem(text)
    assert found.code == (code or text.partition(":")[0])
    assert found.fields == fields
    assert isinstance(outcome(found), Later) == (found.code == "UNABLE_TO_LOCK_ROW")


@pytest.mark.parametrize(
    ("status", "code", "message", "verdict"),
    [
        (401, "INVALID_SESSION_ID", "Session expired or invalid", Expired),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Spent),
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", Busy),
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", Busy),
        (403, "TXN_SECURITY_METERING_ERROR", "took too long", Busy),
        (403, "API_DISABLED_FOR_ORG", "API is not enabled", Denied),
        (410, "", "", Denied),
        (420, "", "", Busy),
        (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", Fine),
        (500, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", Fine),
        (400, "INVALID_FIELD", "No such column", type(None)),
        (503, "SERVER_UNAVAILABLE", "Server Unavailable", type(None)),
    ],
)
def test_answers_are_judged_by_their_code(status, code, message, verdict):
    body = [{"errorCode": code, "message": message}] if code else None
    assert isinstance(judge(Heard(status, {}, body)), verdict)


@pytest.mark.parametrize("known", ["0018M000001oWgPQAU", HOLDER, "003Sb000000000GIAQ"])
def test_short_ids_become_long_ones(known):
    assert (to18(known[:15]), to18(known)) == (known, known)


def test_stamps_of_both_apis_are_the_same_text():
    assert stamp("2026-11-22T10:00:00.000+0000") == stamp("2026-11-22T10:00:00.000Z") == "2026-11-22T10:00:00.000Z"
    assert stamp("2026-11-22T11:00:00.000+0100") == "2026-11-22T10:00:00.000Z"


def deleted(ids=(), *, earliest="2026-11-01T00:00:00.000+0000"):
    responses.get(
        f"{ROOT}/sobjects/Contact/deleted/",
        json={
            "deletedRecords": [{"deletedDate": "2026-11-20T01:30:12.000+0000", "id": one} for one in ids],
            "earliestDateAvailable": earliest,
            "latestDateCovered": "2026-11-23T09:58:00.000+0000",
        },
        headers={"Date": NOW},
    )


def rows(*records, done=True, **more):
    return {"totalSize": len(records), "done": done, "records": list(records), **more}


def contact(record="003000000000001AAA", **fields):
    return {"Id": record, "SystemModstamp": "2026-11-23T09:00:00.000+0000", "IsDeleted": False, **fields}


def heard_before():
    responses.get(f"{ROOT}/", json={"identity": "https://login.salesforce.com/id/00D000000000001EAA/005000000000001"})
    responses.get(f"{ROOT}/sobjects/Contact/describe", json={"fields": []}, headers={"Date": NOW})


@responses.activate
def test_a_record_that_left_the_recycle_bin_is_told_by_get_deleted():
    heard_before()
    purged = "003000000000009AAA"
    deleted([purged, "003000000000001AAA"])
    responses.get(f"{ROOT}/queryAll/", json=rows(contact()))
    with adapter() as crm:
        reading = crm.changes(Query("Contact", ()), "2026-11-23T09:30:00Z")
        signs = [one for page in reading for one in page.gone]
    assert signs == [Gone("salesforce", "Contact", purged, "deleted")]
    assert (reading.full, reading.mark) == (False, "2026-11-23T09:58:00Z")


@responses.activate
def test_a_gap_in_the_log_of_deletions_makes_the_read_full():
    heard_before()
    deleted(earliest="2026-11-23T09:45:00.000+0000")
    asked = responses.get(f"{ROOT}/queryAll/", json=rows(contact()))
    with adapter() as crm:
        reading = crm.changes(Query("Contact", ()), "2026-11-23T09:30:00Z")
        assert reading.full
        list(reading)
    assert "SystemModstamp+%3E" not in asked.calls[0].request.url


@responses.activate
def test_many_contact_roles_of_one_opportunity_come_over_several_pages():
    def role(contact, **more):
        return {"ContactId": contact, "IsPrimary": False, "Role": None, "IsDeleted": False, **more}

    child = rows(role("003b"), role("003x", IsDeleted=True), done=False, nextRecordsUrl="/services/data/v67.0/query/1")
    responses.get(f"{ROOT}/query/", json=rows(contact("006000000000001AAA", OpportunityContactRoles=child)))
    responses.get(f"{ROOT}/query/1", json=rows(role("003a"), role("003c", IsPrimary=True)))
    with adapter() as crm:
        (record,) = crm.read("Opportunity", ["006000000000001AAA"], ("OpportunityContactRoles",))
    assert record.fields == {"OpportunityContactRoles": ["003c", "003a", "003b"]}


@responses.activate
def test_a_query_that_cannot_go_on_is_for_later():
    responses.get(f"{ROOT}/query/", json=rows(contact(), done=False, nextRecordsUrl="/services/data/v67.0/query/0r8"))
    responses.get(f"{ROOT}/query/0r8", status=400, json=[{"errorCode": "INVALID_QUERY_LOCATOR", "message": ""}])
    with adapter() as crm, pytest.raises(LaterError, match="INVALID_QUERY_LOCATOR"):
        crm.find("Contact", "Email", [CANARY], ())


@responses.activate
def test_every_call_says_who_calls_and_leaves_owners_and_duplicates_to_the_mapping():
    said = {
        "Authorization": "Bearer 00D!canary",
        "Sforce-Auto-Assign": "FALSE",
        "Sforce-Duplicate-Rule-Header": "allowSave=false; includeRecordDetails=false; runAsCurrentUser=true",
        "Sforce-Call-Options": "client=revloop",
    }
    responses.patch(
        f"{ROOT}/composite/sobjects",
        json=[{"id": "003000000000001AAA", "success": True, "errors": []}],
        match=[header_matcher(said)],
    )
    with adapter() as crm:
        assert crm.update("Contact", [Write("r", "003000000000001", {"Title": "x"})], print) == [
            Done("003000000000001AAA")
        ]


@responses.activate
def test_one_record_that_makes_a_whole_batch_malformed_holds_only_itself():
    def answer(request):
        body = request.body if isinstance(request.body, str) else request.body.decode()
        count = body.count('"attributes"')
        if "bad" in body:
            return 400, {}, '[{"errorCode":"JSON_PARSER_ERROR","message":"Cannot deserialize"}]'
        results = ",".join('{"id":"003000000000001AAA","success":true,"errors":[]}' for _ in range(count))
        return 200, {}, f"[{results}]"

    responses.add_callback(responses.PATCH, f"{ROOT}/composite/sobjects", callback=answer)
    writes = [Write(f"{at}", f"00300000000000{at}AAA", {"Amount": "bad" if at == 5 else 1}) for at in range(8)]
    with adapter() as crm:
        outcomes = crm.update("Opportunity", writes, print)
    assert [type(one) for one in outcomes] == [Done] * 5 + [Refused] + [Done] * 2
    assert outcomes[5].code == "JSON_PARSER_ERROR"


def done(count):
    return "[" + ",".join(['{"id":"003000000000001AAA","success":true,"errors":[]}'] * count) + "]"


@responses.activate
def test_what_a_split_batch_has_written_stays_written_when_its_other_half_fails():
    malformed = '[{"errorCode":"JSON_PARSER_ERROR","message":"Cannot deserialize"}]'
    spent = '[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]'
    for status, body in ((400, malformed), (200, done(4)), (403, spent)):
        responses.add(responses.PATCH, f"{ROOT}/composite/sobjects", status=status, body=body)
    writes = [Write(f"{at}", f"00300000000000{at}AAA", {"Amount": 1}) for at in range(8)]
    with adapter() as crm:
        outcomes = crm.update("Opportunity", writes, print)
    assert [type(one) for one in outcomes] == [Done] * 4 + [Later] * 4


@responses.activate
def test_a_refusal_that_cannot_be_explained_now_is_for_later_and_costs_no_other_outcome():
    missing = '{"success":false,"errors":[{"statusCode":"ENTITY_IS_DELETED","message":"entity is deleted"}]}'
    responses.patch(f"{ROOT}/composite/sobjects", body=f"[{missing},{done(1)[1:]}")
    responses.get(f"{ROOT}/query/", status=403, json=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "Total"}])
    writes = [Write(f"{at}", f"00300000000000{at}AAA", {"Title": "x"}) for at in range(2)]
    with adapter() as crm:
        outcomes = crm.update("Contact", writes, print)
    assert [type(one) for one in outcomes] == [Later, Done]


@responses.activate
def test_an_answer_that_is_json_but_no_answer_is_for_later():
    responses.get(f"{ROOT}/query/", json={"status": "ok"})
    with adapter() as crm, pytest.raises(LaterError, match="without 'records'"):
        crm.account()


@responses.activate
def test_a_version_that_is_retired_is_a_settings_error():
    responses.get(f"{ROOT}/query/", status=410, json=[{"errorCode": "UNSUPPORTED_API_VERSION", "message": ""}])
    with adapter() as crm, pytest.raises(SettingsError, match=r"salesforce\.version"):
        crm.account()


@responses.activate
def test_the_usage_is_asked_for_only_when_no_answer_has_told_it():
    limits = responses.get(f"{ROOT}/limits", json={"DailyApiRequests": {"Max": 15000, "Remaining": 14982}})
    with adapter() as crm:
        first, again = crm.usage(), crm.usage()
    assert (first.limit, first.left, again.left, limits.call_count) == (15000, 14982, 14982, 1)


@responses.activate
def test_parts_of_the_library_that_go_round_the_door_find_it_locked():
    with adapter() as crm, pytest.raises(RuntimeError, match="door"):
        crm._org.Contact.get("003000000000001AAA")  # noqa: SLF001 - the library's own way, which must stay shut

"""Validation rules of the sandbox: what their formulas mean, and that every way of writing obeys them."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from salesforce_org import salesforce
from salesforce_package import (
    COMMENT,
    REASON,
    assign,
    grants,
    installed,
    package,
    rejection,
    rule,
    text_field,
)

from connector.sandbox.salesforce.formula import EvaluationError, condition
from connector.sandbox.salesforce.formula.names import FieldNames
from connector.sandbox.salesforce.schema import standard_schema
from connector.sandbox.salesforce.seed import INTEGRATION_ID
from connector.sandbox.salesforce.store import known

LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}
REJECTED = "Closed - Not Converted"
REFUSED = "A rejection needs a reason [revops-1]"
SCHEMA = standard_schema()
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # the 23rd in Berlin


@dataclass
class Moment:
    """A lead being saved, without an org."""

    new: dict[str, Any]
    old: dict[str, Any] | None = None
    now: datetime = NOW
    zone: Any = BERLIN
    held: tuple[str, ...] = ()
    parents: dict[str, Any] = field(default_factory=dict)

    def parent(self, sobject, record):
        return self.parents.get(record)

    def user(self):
        return {"Id": "005A", "Department": "Sales"}

    def permitted(self, permission):
        return permission in self.held


def fires(formula, new=None, old=None, **more):
    names = FieldNames(SCHEMA, known(SCHEMA, "Lead"), {"Skip_Rules"})
    return condition(formula, names)(Moment(new or {}, old, **more))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("AND(TRUE, 1 < 2, NOT(FALSE))", True),
        ("TRUE && FALSE || TRUE", True),
        ("OR(FALSE, 1 = 2)", False),
        ("1 + 2 * 3 = 7", True),
        ("(1 + 2) * 3 == 9 && 2 ^ 3 = 8 && -2 < 0 && 7 / 2 = 3.5", True),
        ("0.1 + 0.2 = 0.3", True),
        ('"a" & "b" + "c" = "abc"', True),
        ("'it\\'s' = \"it's\"", True),
        ('"Abc" = "abc"', False),
        ("1 <> 2 && 1 != 2 && !FALSE", True),
        ('IF(1 > 2, "x", "y") = "y"', True),
        ('CASE(3, 1, "a", 3, "c", "z") = "c" && CASE(9, 1, "a", "z") = "z"', True),
        ('LEN("äöü") = 3 && VALUE("1,200.50") = 1200.5 && TEXT(1.50) = "1.5"', True),
        ('CONTAINS("Vorstand", "stand") && BEGINS("Vorstand", "Vor") && NOT(BEGINS("Vorstand", "vor"))', True),
        ('LEFT("abc", 2) = "ab" && RIGHT("abc", 2) = "bc" && MID("abcd", 2, 2) = "bc" && FIND("c", "abc") = 3', True),
        ('UPPER("a") = "A" && TRIM(" a ") = "a" && SUBSTITUTE("aXa", "X", "-") = "a-a"', True),
        ('REGEX("12345", "[0-9]{5}") && NOT(ISNUMBER("x1"))', True),
        ("MAX(1, 3, 2) = 3 && MIN(1, 3) = 1 && ROUND(1.005, 2) = 1.01 && MOD(-1, 3) = 2 && ABS(-4) = 4", True),
        ("TODAY() = DATE(2026, 11, 23) && YEAR(TODAY()) = 2026", True),
        ("TODAY() - DATE(2026, 11, 1) = 22 && DATE(2026, 11, 30) + 1 = DATE(2026, 12, 1)", True),
        ("NOW() - 0.5 < NOW() && DATEVALUE(NOW()) = TODAY()", True),
        ("/* a note */ TRUE", True),
        ("NULL", False),
        ("ISBLANK(NULL) && BLANKVALUE(NULL, 3) = 3", True),
    ],
)
def test_what_a_formula_says(formula, expected):
    assert fires(formula) is expected


@pytest.mark.parametrize(
    ("formula", "new", "old", "expected"),
    [
        ('ISPICKVAL(Status, "Working")', {"Status": "Working"}, None, True),
        ('ISPICKVAL(Rating, "")', {}, None, True),
        ('TEXT(Status) = "Working"', {"Status": "Working"}, None, True),
        ("ISBLANK(TEXT(Rating))", {"Rating": "Hot"}, None, False),
        ('CASE(Rating, "Hot", 3, "Warm", 2, 1) = 2', {"Rating": "Warm"}, None, True),
        ("ISBLANK(Phone) && Phone = '' && LEN(Phone) = 0", {}, None, True),
        ("ISNULL(Phone)", {}, None, False),
        ("ISNULL(AnnualRevenue) && ISBLANK(AnnualRevenue)", {}, None, True),
        ("AnnualRevenue < 5", {}, None, False),
        ("AnnualRevenue < 5 || ISBLANK(AnnualRevenue)", {}, None, True),
        ("AnnualRevenue / 2 = 50.05", {"AnnualRevenue": 100.1}, None, True),
        ("ISNEW() && NOT(ISCHANGED(Status))", {"Status": "Working"}, None, True),
        ("ISNEW()", {}, {}, False),
        ("ISCHANGED(Status)", {"Status": "b"}, {"Status": "a"}, True),
        ("ISCHANGED(AnnualRevenue)", {"AnnualRevenue": 1.0}, {"AnnualRevenue": 1}, False),
        ('ISPICKVAL(PRIORVALUE(Status), "a")', {"Status": "b"}, {"Status": "a"}, True),
        ('PRIORVALUE(Company) = "x"', {"Company": "x"}, None, True),
        ("HasOptedOutOfEmail", {"HasOptedOutOfEmail": 1}, None, True),
        ("EmailBouncedDate > NOW() - 1", {"EmailBouncedDate": "2026-11-22T12:00:00.000Z"}, None, True),
        ('$User.Id = OwnerId && $User.Department = "Sales"', {"OwnerId": "005A"}, None, True),
        ("$Permission.Skip_Rules", {}, None, False),
        ('Owner:User.LastName = "Sales"', {"OwnerId": "005B"}, None, True),
        ('CreatedBy.LastName = "Sales"', {"CreatedById": "005B"}, None, True),
        ('CreatedBy.Manager.LastName = "Chief"', {"CreatedById": "005B"}, None, True),
    ],
)
def test_what_a_formula_says_of_a_record(formula, new, old, expected):
    parents = {"005B": {"LastName": "Sales", "ManagerId": "005C"}, "005C": {"LastName": "Chief"}}
    assert fires(formula, new, old, parents=parents) is expected


def test_a_permission_is_asked_of_who_saves():
    assert fires("$Permission.skip_rules", held=("Skip_Rules",))


def test_a_formula_without_a_value_says_so():
    for formula in ("1 / 0 = 1", 'VALUE("x") = 1', "DATE(2026, 2, 30) = TODAY()", 'REGEX("a", "[")'):
        with pytest.raises(EvaluationError):
            fires(formula)


def test_a_long_formula_is_no_burden():
    assert fires(" && ".join(["TRUE"] * 150))
    assert fires("1" + " + 1" * 150 + " = 151")


# Installed rules


@pytest.fixture(scope="module")
def running():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(running):
    org = running.again()
    installed(org, rejection())
    assign(org, "RevOps", INTEGRATION_ID)
    return org


def bulk(org, operation, csv, **more):
    """The failed rows of a bulk job."""
    job = org.call("POST", "/jobs/ingest", {"object": "Lead", "operation": operation, **more}).json()
    url = f"/jobs/ingest/{job['id']}"
    base = f"{org.sandbox.url}/services/data/v68.0{url}"
    assert org.http.put(f"{base}/batches", data=csv, headers={"Content-Type": "text/csv"}, timeout=30).ok
    org.call("PATCH", url, {"state": "UploadComplete"})
    while org.call("GET", url).json()["state"] not in ("JobComplete", "Failed"):
        time.sleep(0.01)
    return org.call("GET", f"{url}/failedResults").text.splitlines()[1:]


def test_a_rejection_without_a_reason_is_refused_on_create_and_update(org):
    refused = org.call("POST", "/sobjects/Lead", {**LEAD, "Status": REJECTED})
    error = {"message": REFUSED, "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": [REASON]}
    assert (refused.status_code, refused.json()) == (400, [error])
    lead = org.create("Lead", **LEAD)
    refused = org.update("Lead", lead, Status=REJECTED)
    assert (refused.status_code, refused.json()) == (400, [error])
    assert org.read("Lead", lead)["Status"] == "Open - Not Contacted"
    assert org.update("Lead", lead, Status=REJECTED, **{REASON: "no_budget"}).status_code == 204
    assert org.update("Lead", lead, **{REASON: None}).json() == [error]


def test_a_rule_without_a_field_names_none(org):
    lead = org.create("Lead", **LEAD)
    refused = org.update("Lead", lead, Status=REJECTED, **{REASON: "other", COMMENT: "too short"}).json()
    assert refused == [
        {
            "message": "Reason other needs a comment of 15 characters [revops-2]",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": [],
        }
    ]
    long_enough = {REASON: "other", COMMENT: "They bought elsewhere."}
    assert org.update("Lead", lead, Status=REJECTED, **long_enough).status_code == 204


def test_leads_that_were_rejected_before_the_rule_came_can_still_be_edited(running):
    org = running.again()
    lead = org.create("Lead", **LEAD, Status=REJECTED)
    installed(org, rejection())
    assert org.update("Lead", lead, Phone="030 1").status_code == 204
    assert org.update("Lead", lead, Status=REJECTED, Phone="030 2").status_code == 204
    org.update("Lead", lead, Status="Working - Contacted")
    assert org.update("Lead", lead, Status=REJECTED).status_code == 400


def test_collections_tell_the_refusal_by_record(org):
    records = [
        {"attributes": {"type": "Lead"}, **LEAD, "Status": status} for status in (REJECTED, "Open - Not Contacted")
    ]
    first, second = org.call("POST", "/composite/sobjects", {"allOrNone": False, "records": records}).json()
    assert first == {
        "success": False,
        "errors": [{"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": REFUSED, "fields": [REASON]}],
    }
    update = {"attributes": {"type": "Lead"}, "id": second["id"], "Status": REJECTED}
    [answer] = org.call("PATCH", "/composite/sobjects", {"allOrNone": True, "records": [update]}).json()
    assert answer["errors"][0]["message"] == REFUSED


def test_composite_and_upsert_obey(org):
    path = "/services/data/v68.0/sobjects/Lead/Revloop_HubSpot_Id__c/7"
    inner = {"method": "PATCH", "url": path, "referenceId": "one", "body": {**LEAD, "Status": REJECTED}}
    [answer] = org.call("POST", "/composite", {"compositeRequest": [inner]}).json()["compositeResponse"]
    assert (answer["httpStatusCode"], answer["body"][0]["errorCode"]) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")


def test_bulk_obeys(org):
    lead = org.create("Lead", **LEAD)
    [failed] = bulk(org, "insert", f"LastName,Company,Status\nA,B,{REJECTED}\nC,D,Open - Not Contacted\n")
    assert f"FIELD_CUSTOM_VALIDATION_EXCEPTION:{REFUSED}:{REASON} --" in failed
    assert len(bulk(org, "update", f"Id,Status\n{lead},{REJECTED}\n")) == 1
    assert bulk(org, "update", f"Id,Status,{REASON}\n{lead},{REJECTED},bad_timing\n") == []


def test_a_person_in_the_interface_obeys_too(org):
    lead = org.create("Lead", **LEAD)
    refused = org.refused("edit", sobject="Lead", id=lead, fields={"Status": REJECTED})
    assert refused["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_every_rule_that_fires_is_told(org):
    accounts = [rule("A", "TRUE", "one"), rule("B", "TRUE", "two", field="Name")]
    installed(org, package({"Account": {"validationRules": accounts}}))
    told = org.call("POST", "/sobjects/Account", {"Name": "x"}).json()
    assert [(one["message"], one["fields"]) for one in told] == [("one", []), ("two", ["Name"])]
    leads = [rule("A", 'Company = "x"', "first", field="Company"), rule("B", "TRUE", "second")]
    installed(org, package({"Lead": {"validationRules": leads}}))
    record = {"attributes": {"type": "Lead"}, "LastName": "x", "Company": "x"}
    [answer] = org.call("POST", "/composite/sobjects", {"records": [record]}).json()
    assert [one["message"] for one in answer["errors"]] == ["first", "second"]


def test_an_inactive_rule_rests(org):
    installed(org, package({"Account": {"validationRules": [rule("A", "TRUE", active=False)]}}))
    org.create("Account", Name="Muster AG")


def test_conversion_of_a_lead_passes_its_rules_by(org):
    installed(org, package({"Lead": {"validationRules": [rule("Never", 'ISPICKVAL(Status, "Closed - Converted")')]}}))
    lead = org.create("Lead", **LEAD)
    assert org.order("convert", lead=lead)["contact"]


def test_a_custom_permission_switches_a_rule_off_for_who_holds_it(org):
    permissions = {"RevOps_Backfill": {"label": "Backfill"}}
    sets = {"RevOps_Backfill": grants(permissions=["RevOps_Backfill"])}
    formula = 'AND(NOT($Permission.RevOps_Backfill), Company = "Nein AG")'
    installed(org, package({"Lead": {"validationRules": [rule("No", formula)]}}, sets, permissions))
    assert org.call("POST", "/sobjects/Lead", {**LEAD, "Company": "Nein AG"}).status_code == 400
    given = assign(org, "RevOps_Backfill", INTEGRATION_ID)
    assert org.call("POST", "/sobjects/Lead", {**LEAD, "Company": "Nein AG"}).status_code == 201
    assert org.call("DELETE", f"/sobjects/PermissionSetAssignment/{given}").status_code == 204
    assert org.call("POST", "/sobjects/Lead", {**LEAD, "Company": "Nein AG"}).status_code == 400


def test_rules_see_derived_fields_and_parents(org):
    formula = 'AND(IsClosed, NOT(IsWon), Account.Name = "Muster AG", ISBLANK(NextStep))'
    installed(org, package({"Opportunity": {"validationRules": [rule("Lost", formula, "why?", field="NextStep")]}}))
    account = org.create("Account", Name="Muster AG")
    deal = {"Name": "D", "CloseDate": "2026-12-01", "AccountId": account}
    made = org.create("Opportunity", **deal, StageName="Prospecting")
    [error] = org.update("Opportunity", made, StageName="Closed Lost").json()
    assert (error["message"], error["fields"]) == ("why?", ["NextStep"])
    assert org.update("Opportunity", made, StageName="Closed Won").status_code == 204
    assert org.update("Opportunity", made, StageName="Closed Lost", NextStep="none").status_code == 204


def test_required_fields_come_before_rules_and_unique_values_after(org):
    rules = [rule("Name", 'Revloop_HubSpot_Id__c = "1"', "rule")]
    installed(org, package({"Account": {"validationRules": rules, "fields": [text_field("Extra__c")]}}))
    [error] = org.call("POST", "/sobjects/Account", {"Revloop_HubSpot_Id__c": "1"}).json()
    assert error["errorCode"] == "REQUIRED_FIELD_MISSING"
    [error] = org.call("POST", "/sobjects/Account", {"Name": "x", "Revloop_HubSpot_Id__c": "1"}).json()
    assert error["message"] == "rule"


def test_a_formula_that_breaks_on_a_record_refuses_it(org):
    installed(org, package({"Account": {"validationRules": [rule("Ratio", "1 / NumberOfEmployees > 1")]}}))
    [error] = org.call("POST", "/sobjects/Account", {"Name": "x", "NumberOfEmployees": 0}).json()
    assert 'The formula in the "Ratio" validation rule is invalid' in error["message"]
    org.create("Account", Name="y", NumberOfEmployees=5)

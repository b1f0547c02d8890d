"""What the sandbox's SOQL refuses, with the vendor's codes, texts and places."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from soql_org import Org

from connector.sandbox.salesforce.soql import SoqlError

REFER = "Please reference your WSDL or the describe call for the appropriate names."


@pytest.fixture(scope="module")
def org():
    org = Org()
    yield org
    org.db.close()


def refused(org, soql):
    with pytest.raises(SoqlError) as caught:
        org.query(soql)
    return caught.value


def test_unknown_field_with_its_place(org):
    error = refused(org, "SELECT Id, Foo__c FROM Contact")
    assert error.code == "INVALID_FIELD"
    assert error.message == (
        "\nSELECT Id, Foo__c FROM Contact\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Foo__c' on entity 'Contact'. If you are attempting to use a custom field, "
        f"be sure to append the '__c' after the custom field name. {REFER}"
    )


def test_place_on_a_later_line(org):
    assert "\n       ^\nERROR at Row:2:Column:8\n" in refused(org, "SELECT Id,\n       Foo FROM Contact").message


def test_excerpt_of_a_long_line_starts_near_the_place(org):
    soql = "SELECT Id, Name, Email, Phone, Title, Department, Nope FROM Contact"
    lines = refused(org, soql).message.split("\n")
    assert lines[1][lines[2].index("^") :].startswith("Nope")
    assert len(lines[2]) <= 41


def test_unknown_object(org):
    error = refused(org, "SELECT Id FROM XYZZY")
    assert error.code == "INVALID_TYPE"
    assert error.message.endswith(
        "ERROR at Row:1:Column:16\nsObject type 'XYZZY' is not supported. If you are attempting to use a custom "
        f"object, be sure to append the '__c' after the entity name. {REFER}"
    )


@pytest.mark.parametrize(
    ("soql", "token"),
    [
        ("invalid", "invalid"),
        ("", "<EOF>"),
        ("SELECT FROM Contact", "FROM"),
        ("SELECT Id", "<EOF>"),
        ("SELECT Id FROM Contact WHERE", "<EOF>"),
        ("SELECT Id FROM Contact WHERE Email", "<EOF>"),
        ("SELECT Id FROM Contact WHERE Email = ", "<EOF>"),
        ("SELECT Id FROM Contact WHERE Email = Name", "Name"),
        ("SELECT Id FROM Contact WHERE Email IN ()", ")"),
        ("SELECT Id FROM Contact WHERE (Email = 'a'", "<EOF>"),
        ("SELECT Id FROM Contact WHERE Email = 'a' AND Name = 'b' OR Name = 'c'", "OR"),
        ("SELECT Id FROM Contact LIMIT -1", "-1"),
        ("SELECT Id FROM Contact LIMIT 5 WHERE Name = 'x'", "WHERE"),
        ("SELECT Id FROM Contact c d", "d"),
        ("SELECT COUNT(), Id FROM Contact", "COUNT"),
        ("SELECT Id FROM Contact; DROP TABLE Contact", None),
    ],
)
def test_unexpected_tokens(org, soql, token):
    error = refused(org, soql)
    assert error.code == "MALFORMED_QUERY"
    if token is not None:
        assert error.message.endswith(f"unexpected token: '{token}'")


@pytest.mark.parametrize(
    ("soql", "code", "text"),
    [
        ("SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01'", "INVALID_FIELD",
         "field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-01-01T00:00:00Z", "INVALID_FIELD",
         "must be of type date and"),
        ("SELECT Id FROM Contact WHERE Name = 5", "INVALID_FIELD",
         "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes"),
        ("SELECT Id FROM Opportunity WHERE Amount = '5'", "INVALID_FIELD", "must be of type currency and should not"),
        ("SELECT Id FROM Contact WHERE IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Contact WHERE Name = TODAY", "INVALID_FIELD", "must be of type string"),
        ("SELECT Id FROM Contact WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: abc"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD",
         "field 'Description' can not be filtered in a query call"),
        ("SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD", "can not be sorted in a query call"),
        ("SELECT Description FROM Contact GROUP BY Description", "INVALID_FIELD", "can not be grouped in a query call"),
        ("SELECT Id FROM Contact WHERE MailingAddress = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Contact WHERE Foo.Name = 'x'", "INVALID_FIELD",
         "Didn't understand relationship 'Foo' in field path"),
        ("SELECT Owner.Nope FROM Lead", "INVALID_FIELD", "No such column 'Nope' on entity 'Name'"),
        ("SELECT Id, (SELECT Id FROM Foos) FROM Contact", "INVALID_TYPE",
         "Didn't understand relationship 'Foos' in FROM part of query call"),
        ("SELECT Id, Name, id FROM Contact", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Name n FROM Contact", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name, COUNT(Id) FROM Contact", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        ("SELECT SUM(Name) FROM Contact", "MALFORMED_QUERY", "field Name does not support aggregate operator SUM"),
        ("SELECT COUNT(Id) x, COUNT(Name) X FROM Contact", "MALFORMED_QUERY", "duplicate alias: X"),
        ("SELECT Id FROM Contact WHERE COUNT(Id) > 1", "INVALID_FIELD", "invalid operator"),
        ("SELECT Id FROM Contact WHERE Id LIKE '003%'", "INVALID_FIELD", "invalid operator: LIKE"),
        ("SELECT Id FROM Contact WHERE Name INCLUDES ('x')", "INVALID_FIELD", "invalid operator: INCLUDES"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 201", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
        ("SELECT Id FROM Contact WHERE Id IN (SELECT ContactId, Id FROM OpportunityContactRole)", "MALFORMED_QUERY",
         "exactly one"),
        ("SELECT Id FROM Contact WHERE Id IN (SELECT ReportsToId FROM Contact)", "MALFORMED_QUERY",
         "The inner and outer selects should not be on the same object type"),
        ("SELECT Id FROM Contact WHERE Id IN (SELECT AccountId FROM Opportunity)", "MALFORMED_QUERY",
         "should point to the same object type"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "Invalid date: 2026-13"),
        ("SELECT Id FROM Contact WHERE Birthdate > 2026-02-30", "MALFORMED_QUERY", "Invalid date: 2026-02-30"),
        ("SELECT Id FROM Contact WHERE Birthdate = LAST_N_YEARS:9999", "MALFORMED_QUERY", "Invalid date"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-11-23T00:00:00 02:00", "MALFORMED_QUERY",
         "line 1:63 no viable alternative at character ' '"),
        ("SELECT Id FROM Contact WHERE Email = :email", "MALFORMED_QUERY", "Bind variables only allowed in Apex code"),
        ("SELECT Id FROM Contact WHERE ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.Name = 'x'",
         "INVALID_FIELD", "at most 5 relationships"),
    ],
)  # fmt: skip
def test_refusals(org, soql, code, text):
    error = refused(org, soql)
    assert (error.code, text in error.message) == (code, True), error.message


def test_length_limit(org):
    soql = "SELECT Id FROM Contact WHERE Name = '{}'"
    assert org.query(soql.format("x" * (100_000 - len(soql) + 2))).total_size == 0
    error = refused(org, soql.format("x" * 100_000))
    assert error.code == "MALFORMED_QUERY"
    assert error.message == "SOQL statements can not be longer than 100000 characters."


@pytest.mark.parametrize("soql", ["(" * 30_000, "(SELECT Id, " * 5_000, "NOT " * 20_000])
def test_nesting_without_end_is_refused(org, soql):
    start = "SELECT Id FROM Contact WHERE " if "SELECT" not in soql else "SELECT Id, "
    assert refused(org, start + soql).code in {"QUERY_TOO_COMPLICATED", "MALFORMED_QUERY"}


def test_more_parents_than_one_statement_can_join(org):
    users = ("CreatedBy", "LastModifiedBy", "Manager")
    paths = ", ".join(f"Owner.{a}.{b}.{c}.{d}.Name" for a, b, c, d in product(users, repeat=4))
    assert refused(org, f"SELECT {paths} FROM Contact").code == "QUERY_TOO_COMPLICATED"


def test_longer_patterns_than_can_be_matched(org):
    assert refused(org, f"SELECT Id FROM Contact WHERE LastName LIKE '{'%x' * 40_000}'").code == "QUERY_TOO_COMPLICATED"


WORDS = st.sampled_from(
    ["SELECT", "Id", "Name", "Account.Name", "FROM", "Contact", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "(", ")",
     ",", "=", "!=", "<", "'x'", "5", "null", "TODAY", "LAST_N_DAYS:3", "COUNT(Id)", "GROUP", "BY", "ORDER", "LIMIT",
     "Contacts", "2026-01-01", "2026-01-01T00:00:00Z", "'", "\\", "\x00", ";", '"', "ä"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_any_text_is_answered_or_refused(org, text):
    for soql in (text, f"SELECT Id FROM Contact WHERE {text}"):
        try:
            list(org.query(soql).rows)
            outcome = "answered"
        except SoqlError as error:
            outcome = error.code
        assert outcome in {"answered", "MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE"}

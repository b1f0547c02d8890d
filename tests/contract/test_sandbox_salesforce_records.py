"""One record at a time: what is written, what is derived, and what is refused with which words."""

import pytest
from salesforce_org import EXTERNAL_ID, STAMP, salesforce

LEAD = {"LastName": "Musterfrau", "Company": "Muster AG"}
NOBODY = "003Sb00000zzzzzIAA"


@pytest.fixture(scope="module")
def server():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(server):
    return server.again()


def test_a_record_is_created_read_changed_and_deleted(org):
    answer = org.call("POST", "/sobjects/Lead/", LEAD)
    assert answer.status_code == 201
    record = answer.json()["id"]
    assert answer.json() == {"id": record, "success": True, "errors": []}
    assert answer.headers["Location"] == f"/services/data/v68.0/sobjects/Lead/{record}"
    assert len(record) == 18
    assert record.startswith("00Q")
    org.sandbox.order("clock", {"advance": 5})
    assert org.update("Lead", record[:15], FirstName="Erika").status_code == 204
    read = org.read("Lead", record)
    assert (read["Name"], read["Status"], read["IsConverted"]) == ("Erika Musterfrau", "Open - Not Contacted", False)
    assert (read["CreatedDate"], read["SystemModstamp"]) == (STAMP, "2026-11-23T10:00:05.000+0000")
    assert read["LastModifiedById"] == read["OwnerId"] == org.user("integration@revloop-sandbox.example")
    assert org.call("DELETE", f"/sobjects/Lead/{record}").status_code == 204
    gone = org.call("GET", f"/sobjects/Lead/{record}")
    assert (gone.status_code, gone.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_asked_fields_come_with_attributes_and_id(org):
    record = org.create("Lead", **LEAD)
    answer = org.call("GET", f"/sobjects/Lead/{record}?fields=Company,LastName").json()
    assert answer == {
        "attributes": {"type": "Lead", "url": f"/services/data/v68.0/sobjects/Lead/{record}"},
        "Company": "Muster AG",
        "LastName": "Musterfrau",
        "Id": record,
    }


def test_trailing_blanks_go_and_empty_text_is_null(org):
    record = org.create("Lead", **LEAD, FirstName="Erika  ", City="")
    read = org.read("Lead", record)
    assert (read["FirstName"], read["City"]) == ("Erika", None)


REFUSED = {
    "required": ({"LastName": "x"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]", ["Company"]),
    "emptied": (
        {**LEAD, "Company": " "},
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [Company]",
        ["Company"],
    ),
    "too long": (
        {**LEAD, "City": "x" * 41},
        "STRING_TOO_LONG",
        f"City: data value too large: {'x' * 41} (max length=40)",
        ["City"],
    ),
    "restricted": (
        {**LEAD, "CleanStatus": "Shiny"},
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Clean Status: bad value for restricted picklist field: Shiny",
        ["CleanStatus"],
    ),
    "email": (
        {**LEAD, "Email": "not an email"},
        "INVALID_EMAIL_ADDRESS",
        "Email: invalid email address: not an email",
        ["Email"],
    ),
    "range": (
        {**LEAD, "NumberOfEmployees": 123456789},
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Employees: value outside of valid range on numeric field: 123456789",
        ["NumberOfEmployees"],
    ),
    "read-only": (
        {**LEAD, "Name": "x", "CreatedDate": STAMP},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        (
            "Unable to create/update fields: Name, CreatedDate. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set."
        ),
        ["Name", "CreatedDate"],
    ),
    "unknown": ({**LEAD, "Foo__c": 1}, "INVALID_FIELD", "No such column 'Foo__c' on sobject of type Lead", None),
    "reference": (
        {**LEAD, "OwnerId": "005Sb00000zzzzzIAA"},
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        [],
    ),
    "no id": (
        {**LEAD, "OwnerId": "nobody"},
        "MALFORMED_ID",
        "Owner ID: id value of incorrect type: nobody",
        ["OwnerId"],
    ),
    "id": (
        {**LEAD, "Id": "00QSb00000zzzzzIAA"},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "cannot specify Id in an insert call",
        ["Id"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_new_lead_is_refused(org, case):
    fields, code, message, about = REFUSED[case]
    answer = org.call("POST", "/sobjects/Lead", fields)
    expected = {"message": message, "errorCode": code}
    assert answer.json() == [expected if about is None else {**expected, "fields": about}]
    assert answer.status_code == 400
    assert org.query("SELECT Id FROM Lead") == []


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"IsPrivate": "maybe"}, "boolean"),
        ({"CloseDate": "23.11.2026"}, "date"),
        ({"Amount": "much"}, "double"),
        ({"Name": 7}, "string"),
        ({"Amount": True}, "double"),
        ({"IsPrivate": None}, "boolean"),
    ],
)
def test_values_of_another_type_cannot_be_read(org, fields, kind):
    body = {"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-12-01", **fields}
    [error] = org.call("POST", "/sobjects/Opportunity", body).json()
    assert error["errorCode"] == "JSON_PARSER_ERROR"
    assert f"Cannot deserialize instance of {kind} from" in error["message"]


def test_a_broken_body_says_where(org):
    answer = org.call("POST", "/sobjects/Lead", data="{x", headers={"Content-Type": "application/json"})
    assert answer.json() == [
        {"message": "Unexpected character ('x' (code 120)) at [line:1, column:2]", "errorCode": "JSON_PARSER_ERROR"}
    ]
    assert org.call("POST", "/sobjects/Lead", data="a=b", headers={"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/sobjects/Foo", 404, "NOT_FOUND"),
        ("GET", f"/sobjects/Contact/{NOBODY}", 404, "NOT_FOUND"),
        ("PATCH", f"/sobjects/Contact/{NOBODY}", 404, "INVALID_CROSS_REFERENCE_KEY"),
        ("DELETE", f"/sobjects/Contact/{NOBODY}", 404, "INVALID_CROSS_REFERENCE_KEY"),
        ("PATCH", "/sobjects/Contact/abc", 400, "MALFORMED_ID"),
        ("PATCH", "/sobjects/Contact/00QSb00000zzzzzIAA", 400, "MALFORMED_ID"),
        ("PATCH", "/sobjects/Contact/Foo__c/1", 404, "NOT_FOUND"),
        ("PUT", "/sobjects/Contact", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/services/data/v30.0/limits", 410, "UNSUPPORTED_API_VERSION"),
        ("GET", "/services/data/v99.0/limits", 404, "NOT_FOUND"),
        ("GET", "/query?q=SELECT Id FROM XYZZY", 400, "INVALID_TYPE"),
        ("GET", "/query/0r8000000000000AAA-2000", 400, "INVALID_QUERY_LOCATOR"),
    ],
)
def test_what_is_not_there_is_told_apart(org, method, path, status, code):
    answer = org.call(method, path, {} if method == "PATCH" else None)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_an_external_id_finds_creates_and_refuses_a_second_holder(org):
    path = f"/sobjects/Contact/{EXTERNAL_ID}/a%2Fb"
    created = org.call("PATCH", path, {"LastName": "Eins"})
    record = created.json()["id"]
    assert (created.status_code, created.json()["created"]) == (201, True)
    changed = org.call("PATCH", path, {"LastName": "Zwei"})
    assert changed.status_code == 200
    assert changed.json() == {"id": record, "success": True, "errors": [], "created": False}
    assert org.call("GET", path).json()["LastName"] == "Zwei"
    twin = org.call("POST", "/sobjects/Contact", {"LastName": "x", EXTERNAL_ID: "A/B"})
    assert twin.json() == [
        {
            "message": f"duplicate value found: {EXTERNAL_ID} duplicates value on record with id: {record}",
            "errorCode": "DUPLICATE_VALUE",
            "fields": [EXTERNAL_ID],
        }
    ]
    refused = org.call("PATCH", path, {"LastName": "x", EXTERNAL_ID: "a/b"})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, "INVALID_FIELD")


def test_several_holders_of_a_lookup_value_are_listed(org):
    twins = [org.create("Contact", LastName="x", Email="twin@example.com") for _ in range(2)]
    answer = org.call("PATCH", "/sobjects/Contact/Email/twin@example.com", {"LastName": "y"})
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v68.0/sobjects/Contact/{one}" for one in twins]


def test_update_only_creates_nothing(org):
    answer = org.call("PATCH", f"/sobjects/Contact/{EXTERNAL_ID}/77?updateOnly=true", {"LastName": "x"})
    assert answer.status_code == 404
    assert org.query("SELECT Id FROM Contact") == []


def test_a_parent_is_found_by_its_external_id(org):
    account = org.create("Account", Name="Muster AG", **{EXTERNAL_ID: "c1"})
    contact = org.create("Contact", LastName="x", Account={EXTERNAL_ID: "c1"})
    assert org.read("Contact", contact)["AccountId"] == account
    [error] = org.call("POST", "/sobjects/Contact", {"LastName": "x", "Account": {EXTERNAL_ID: "c2"}}).json()
    assert error["errorCode"] == "INVALID_FIELD"
    assert error["message"] == f"Foreign key external ID: c2 not found for field {EXTERNAL_ID} in entity Account"


def test_a_deleted_parent_cannot_be_referred_to(org):
    account = org.create("Account", Name="Muster AG")
    org.call("DELETE", f"/sobjects/Account/{account}")
    [error] = org.call("POST", "/sobjects/Contact", {"LastName": "x", "AccountId": account}).json()
    assert error["errorCode"] == "ENTITY_IS_DELETED"


def test_an_inactive_user_cannot_become_owner(org):
    user = org.order("users", email="left@example.com", first="Lena", last="Left", active=False)["id"]
    [error] = org.call("POST", "/sobjects/Lead", {**LEAD, "OwnerId": user}).json()
    assert error["errorCode"] == "INACTIVE_OWNER_OR_USER"


def test_conditional_headers(org):
    account = org.create("Account", Name="Muster AG")
    path = f"/sobjects/Account/{account}"
    first = org.call("GET", path)
    assert org.call("GET", path, headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    assert org.call("GET", path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert org.call("GET", path, headers={"If-Modified-Since": "yesterday"}).status_code == 400
    org.sandbox.order("clock", {"advance": 60})
    assert org.update("Account", account, Site="Berlin").status_code == 204
    for stale in ({"If-Unmodified-Since": first.headers["Last-Modified"]}, {"If-Match": first.headers["ETag"]}):
        assert org.call("PATCH", path, {"Site": "Bonn"}, headers=stale).status_code == 412
    assert org.read("Account", account)["Site"] == "Berlin"
    assert "ETag" not in org.call("GET", f"/sobjects/Lead/{org.create('Lead', **LEAD)}").headers


def test_describe_is_sent_again_only_when_the_schema_changed(org):
    path = "/sobjects/Lead/describe"
    since = {"If-Modified-Since": org.call("GET", path).headers["Last-Modified"]}
    assert org.call("GET", path, headers=since).status_code == 304
    org.sandbox.order("clock", {"advance": 60})
    org.order("field", sobject="Lead", name="Score__c", type="Number", precision=5, scale=1)
    answer = org.call("GET", path, headers=since)
    [field] = [one for one in answer.json()["fields"] if one["name"] == "Score__c"]
    assert (field["type"], field["precision"], field["scale"], field["custom"]) == ("double", 5, 1, True)
    record = org.create("Lead", **LEAD, Score__c=12.25)
    assert org.read("Lead", record)["Score__c"] == 12.3

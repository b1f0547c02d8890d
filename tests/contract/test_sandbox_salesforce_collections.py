"""Many records in one call: Collections, Composite, graphs, and query pages."""

import pytest
from salesforce_org import EXTERNAL_ID, salesforce

NEVER = "003Sb00000zzzzzIAA"
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


@pytest.fixture(scope="module")
def server():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(server):
    return server.again()


def records(kind, *rows):
    return [{"attributes": {"type": kind}, **row} for row in rows]


def codes(answer):
    """The status code of each result, None where the record was written."""
    return [None if one["success"] else one["errors"][0]["statusCode"] for one in answer.json()]


def test_each_record_has_its_own_result_in_order(org):
    body = {
        "records": records("Contact", {"LastName": "a"}, {"FirstName": "b"}, {"LastName": "c"}) + records("Foo", {})
    }
    answer = org.call("POST", "/composite/sobjects", body)
    assert answer.status_code == 200
    assert codes(answer) == [None, "REQUIRED_FIELD_MISSING", None, "INVALID_TYPE"]
    assert set(answer.json()[0]) == {"id", "success", "errors"}
    assert answer.json()[1]["errors"] == [
        {
            "statusCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [LastName]",
            "fields": ["LastName"],
        }
    ]
    assert [one["LastName"] for one in org.query("SELECT LastName FROM Contact ORDER BY LastName")] == ["a", "c"]


def test_all_or_none_writes_nothing(org):
    body = {"allOrNone": True, "records": records("Contact", {"LastName": "a"}, {})}
    answer = org.call("POST", "/composite/sobjects", body)
    assert codes(answer) == [ROLLED_BACK, "REQUIRED_FIELD_MISSING"]
    assert org.query("SELECT Id FROM Contact") == []
    assert org.sandbox.order("counters", method="GET")["writes"] == 0


def test_updates_name_their_record_once(org):
    one, two = (org.create("Contact", LastName=name) for name in "ab")
    rows = [
        {"Id": one, "LastName": "x"},
        {"id": two, "LastName": "y"},
        {"id": two, "FirstName": "z"},
        {"id": NEVER, "LastName": "q"},
        {"LastName": "q"},
        {"id": "abc", "LastName": "q"},
    ]
    answer = org.call("PATCH", "/composite/sobjects", {"records": records("Contact", *rows)})
    expected = [
        None,
        "DUPLICATE_VALUE",
        "DUPLICATE_VALUE",
        "INVALID_CROSS_REFERENCE_KEY",
        "MISSING_ARGUMENT",
        "MALFORMED_ID",
    ]
    assert codes(answer) == expected


def test_an_upsert_tells_what_is_new_and_refuses_repeated_keys(org):
    path = f"/composite/sobjects/Contact/{EXTERNAL_ID}"
    rows = [{EXTERNAL_ID: key, "LastName": key} for key in ("a", "b")]
    answer = org.call("PATCH", path, {"records": records("Contact", *rows)})
    assert [one["created"] for one in answer.json()] == [True, True]
    rows = [
        {EXTERNAL_ID: "a", "LastName": "aa"},
        {EXTERNAL_ID: "c", "LastName": "c"},
        {EXTERNAL_ID: "C", "LastName": "c"},
    ]
    answer = org.call("PATCH", path, {"records": records("Contact", *rows)})
    assert answer.json()[0]["created"] is False
    assert codes(answer) == [None, "DUPLICATE_VALUE", "DUPLICATE_VALUE"]
    assert answer.json()[1]["errors"][0]["message"] == "Duplicate external id specified: c"


def test_deletes_by_ids_alone(org):
    contact, account = org.create("Contact", LastName="x"), org.create("Account", Name="y")
    answer = org.call("DELETE", f"/composite/sobjects?ids={contact},{account[:15]},{contact},001xxx&allOrNone=false")
    assert codes(answer) == [None, None, "ENTITY_IS_DELETED", "MALFORMED_ID"]
    assert answer.json()[3]["errors"][0]["message"] == "malformed id 001xxx"


def test_many_records_are_read_in_the_order_asked(org):
    one, two = (org.create("Contact", LastName=name) for name in "ab")
    body = {"ids": [two, NEVER, one[:15]], "fields": ["LastName"]}
    answer = org.call("POST", "/composite/sobjects/Contact", body).json()
    assert [row and row["LastName"] for row in answer] == ["b", None, "a"]
    by_get = org.call("GET", f"/composite/sobjects/Contact?ids={two},{NEVER},{one}&fields=LastName").json()
    assert by_get == answer
    assert org.call("POST", "/composite/sobjects/Contact", {"ids": [one], "fields": ["Foo"]}).status_code == 400


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("POST", {"records": records("Contact", *[{"LastName": "x"}] * 201)}),
        ("POST", {"records": [one for kind in ("Account", "Campaign") * 6 for one in records(kind, {"Name": "x"})]}),
        ("POST", {"records": "x"}),
    ],
)
def test_calls_beyond_the_limits_are_refused_whole(org, method, body):
    assert org.call(method, "/composite/sobjects", body).status_code == 400
    assert org.query("SELECT Id FROM Contact") == []


def test_composite_passes_answers_on(org):
    answer = org.call("POST", "/composite", _account_and_contact("LastName"))
    made = answer.json()["compositeResponse"]
    assert [(one["httpStatusCode"], one["referenceId"]) for one in made] == [(201, "refAccount"), (201, "refContact")]
    assert made[0]["httpHeaders"]["Location"].endswith(made[0]["body"]["id"])
    assert org.read("Contact", made[1]["body"]["id"])["AccountId"] == made[0]["body"]["id"]


@pytest.mark.parametrize("whole", [True, False])
def test_composite_undoes_all_or_keeps_what_went_well(org, whole):
    answer = org.call("POST", "/composite", _account_and_contact("LastNam") | {"allOrNone": whole})
    first, second = answer.json()["compositeResponse"]
    assert (second["httpStatusCode"], second["body"][0]["errorCode"]) == (400, "INVALID_FIELD")
    if whole:
        assert (first["httpStatusCode"], first["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")
    assert len(org.query("SELECT Id FROM Account")) == (0 if whole else 1)


def test_an_outer_all_or_none_rules_an_inner_collection(org):
    inner = {"allOrNone": False, "records": records("Contact", {"LastName": "a"}, {})}
    calls = [
        {"method": "POST", "url": "/services/data/v68.0/sobjects/Account", "referenceId": "one", "body": {"Name": "x"}},
        {"method": "POST", "url": "/services/data/v68.0/composite/sobjects", "referenceId": "two", "body": inner},
    ]
    org.call("POST", "/composite", {"allOrNone": True, "compositeRequest": calls})
    assert org.query("SELECT Id FROM Account") == org.query("SELECT Id FROM Contact") == []


def test_a_reference_to_nothing_halts_the_call(org):
    body = _account_and_contact("LastName")
    body["compositeRequest"][1]["body"]["AccountId"] = "@{refNothing.id}"
    second = org.call("POST", "/composite", body | {"allOrNone": False}).json()["compositeResponse"][1]
    assert (second["httpStatusCode"], second["body"][0]["errorCode"]) == (400, "PROCESSING_HALTED")


def test_a_graph_stands_or_falls_alone(org):
    graphs = [
        {"graphId": name, **_account_and_contact(field)} for name, field in (("good", "LastName"), ("bad", "LastNam"))
    ]
    answer = org.call("POST", "/composite/graph", {"graphs": graphs}).json()
    assert [(one["graphId"], one["isSuccessful"]) for one in answer["graphs"]] == [("good", True), ("bad", False)]
    assert len(org.query("SELECT Id FROM Account")) == 1


def _account_and_contact(last_name):
    base = "/services/data/v68.0/sobjects"
    contact = {last_name: "y", "AccountId": "@{refAccount.id}"}
    return {
        "allOrNone": True,
        "compositeRequest": [
            {"method": "POST", "url": f"{base}/Account", "referenceId": "refAccount", "body": {"Name": "x"}},
            {"method": "POST", "url": f"{base}/Contact", "referenceId": "refContact", "body": contact},
        ],
    }


def test_query_pages_hold_while_others_write(org):
    rows = [{"LastName": f"{number:04}"} for number in range(450)]
    org.order("load", sobject="Contact", rows=rows)
    small = {"Sforce-Query-Options": "batchSize=200"}
    page = org.call("GET", "/query?q=SELECT Id, LastName FROM Contact ORDER BY LastName", headers=small).json()
    assert (page["totalSize"], page["done"], len(page["records"])) == (450, False, 200)
    first = page["records"][0]["Id"]
    assert org.update("Contact", first, LastName="9999").status_code == 204
    names = [one["LastName"] for one in page["records"]]
    locator = page["nextRecordsUrl"]
    again = org.call("GET", locator).json()
    assert org.call("GET", locator).json() == again
    while True:
        names += [one["LastName"] for one in again["records"]]
        if again["done"]:
            break
        again = org.call("GET", again["nextRecordsUrl"]).json()
    assert names == [row["LastName"] for row in rows]
    assert "nextRecordsUrl" not in again
    org.order("sessions", lifetime=3 * 86400)
    org.sandbox.order("clock", {"advance": 2 * 86400 + 1})
    assert org.call("GET", locator).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_columns_of_a_query(org):
    answer = org.call("GET", "/query?q=SELECT Id, AnnualRevenue FROM Account&columns=true").json()
    assert answer["columnMetadata"][0] == {
        "aggregate": False,
        "apexType": "Id",
        "booleanType": False,
        "columnName": "Id",
        "custom": False,
        "displayName": "Id",
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }
    assert answer["columnMetadata"][1]["numberType"] is True
    assert (answer["entityName"], answer["idSelected"], answer["keyPrefix"]) == ("Account", True, "001")

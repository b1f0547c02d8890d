"""Bulk API 2.0: jobs, uploads, row results, query pages."""

import csv
import io
import time

import pytest
from salesforce_org import EXTERNAL_ID, salesforce


@pytest.fixture(scope="module")
def server():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(server):
    return server.again()


def opened(org, operation, sobject="Contact", **more):
    body = {"object": sobject, "operation": operation, "contentType": "CSV", "lineEnding": "LF", **more}
    answer = org.call("POST", "/jobs/ingest", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def upload(org, job, text):
    # A generator is sent in chunks without a length, as jsforce and the sf command line do.
    chunks = (part.encode() for part in (text[:7], text[7:]))
    return org.call("PUT", f"/jobs/ingest/{job}/batches", data=chunks, headers={"Content-Type": "text/csv"})


def close(org, job, state="UploadComplete"):
    return org.call("PATCH", f"/jobs/ingest/{job}", {"state": state})


def ended(org, job, kind="ingest"):
    """The states a poller sees, and the job at its end."""
    states = []
    for _ in range(500):
        body = org.call("GET", f"/jobs/{kind}/{job}").json()
        states.append(body["state"])
        if body["state"] in ("JobComplete", "Failed", "Aborted"):
            return states, body
        time.sleep(0.01)
    raise AssertionError(f"the job never ended: {states[-1]}")


def run(org, operation, text, **more):
    job = opened(org, operation, **more)["id"]
    assert upload(org, job, text).status_code == 201
    assert close(org, job).json()["state"] == "UploadComplete"
    return job, ended(org, job)[1]


def results(org, job, what="successfulResults/", delimiter=","):
    answer = org.call("GET", f"/jobs/ingest/{job}/{what}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline=""), delimiter=delimiter))


def test_a_job_goes_through_its_states(org):
    job = opened(org, "insert")
    assert (job["state"], job["apiVersion"], job["concurrencyMode"]) == ("Open", 68.0, "Parallel")
    assert job["contentUrl"] == f"services/data/v68.0/jobs/ingest/{job['id']}/batches"
    answer = upload(org, job["id"], 'LastName,Description\n"Muster, Erika","zwei\nZeilen"\n,leer\n')
    assert (answer.status_code, answer.content) == (201, b"")
    assert upload(org, job["id"], "LastName\nx\n").status_code == 400
    assert org.call("GET", f"/jobs/ingest/{job['id']}/failedResults").status_code == 400
    close(org, job["id"])
    states, body = ended(org, job["id"])
    assert states[0] in ("UploadComplete", "InProgress")
    assert "InProgress" in states
    assert states[-1] == "JobComplete"
    assert (body["jobType"], body["numberRecordsProcessed"], body["numberRecordsFailed"]) == ("V2Ingest", 2, 1)
    [good] = results(org, job["id"])
    assert (good["sf__Created"], good["LastName"], good["Description"]) == ("true", "Muster, Erika", "zwei\nZeilen")
    assert org.read("Contact", good["sf__Id"])["Description"] == "zwei\nZeilen"
    [bad] = results(org, job["id"], "failedResults")
    assert bad["sf__Id"] == ""
    assert bad["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert results(org, job["id"], "unprocessedrecords") == []
    assert org.sandbox.order("counters", method="GET")["writes"] >= 1


def test_empty_cells_are_left_and_na_empties(org):
    record = org.create("Contact", LastName="x", FirstName="y", Title="z")
    text = f"Id,FirstName,Title\n{record},,#N/A\n"
    job, body = run(org, "update", text)
    assert body["numberRecordsFailed"] == 0
    assert results(org, job)[0]["sf__Created"] == "false"
    read = org.read("Contact", record)
    assert (read["FirstName"], read["Title"]) == ("y", None)


def test_upsert_by_external_id_with_a_parent_looked_up(org):
    account = org.create("Account", Name="Muster AG", **{EXTERNAL_ID: "c1"})
    header = f"Id,{EXTERNAL_ID},LastName,Account.{EXTERNAL_ID}"
    text = f"{header}\n,k1,Eins,c1\n,k2,Zwei,c2\n,k3,Drei,\n,k3,Vier,\n,#N/A,Fünf,\n"
    job, body = run(org, "upsert", text, externalIdFieldName=EXTERNAL_ID)
    assert (body["numberRecordsProcessed"], body["numberRecordsFailed"]) == (5, 4)
    [good] = results(org, job)
    assert org.read("Contact", good["sf__Id"])["AccountId"] == account
    errors = [row["sf__Error"] for row in results(org, job, "failedResults")]
    assert (
        errors[0] == f"INVALID_FIELD:Foreign key external ID: c2 not found for field {EXTERNAL_ID} in entity Account:--"
    )
    assert errors[1] == errors[2] == f"DUPLICATE_VALUE:Duplicate external id specified: k3:{EXTERNAL_ID} --"
    assert errors[3].startswith("MISSING_ARGUMENT:")
    job, _ = run(org, "upsert", f"{EXTERNAL_ID},LastName\nK1,Neu\n", externalIdFieldName=EXTERNAL_ID)
    assert results(org, job)[0]["sf__Created"] == "false"


def test_delete_and_wrong_values_by_row(org):
    record = org.create("Lead", LastName="x", Company="y")
    job, body = run(org, "update", f"Id,NumberOfEmployees\n{record},viele\n003xx,1\n", sobject="Lead")
    assert body["numberRecordsFailed"] == 2
    errors = [row["sf__Error"] for row in results(org, job, "failedResults")]
    assert errors[0] == "INVALID_TYPE_ON_FIELD_IN_RECORD:value not of required type: viele:NumberOfEmployees --"
    assert errors[1] == "MALFORMED_ID:malformed id 003xx:--"
    job, body = run(org, "delete", f"Id\n{record}\n{record}\n", sobject="Lead")
    assert body["numberRecordsFailed"] == 1
    assert org.query("SELECT Id FROM Lead") == []
    assert [one["Id"] for one in org.query("SELECT Id FROM Lead", every=True)] == [record]


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("LastName,Foo\nx,y\n", {}, "InvalidBatch : Field name not found : Foo"),
        (
            "LastName\r\nx\r\n",
            {},
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
        ("LastName\nx\n", {"operation": "update"}, "InvalidBatch : Field name not found : id"),
    ],
)
def test_a_job_fails_whole(org, text, more, message):
    operation = more.pop("operation", "insert")
    job, body = run(org, operation, text, **more)
    assert (body["state"], body["errorMessage"]) == ("Failed", message)
    assert org.query("SELECT Id FROM Contact") == []
    if "Foo" in text:
        assert results(org, job, "unprocessedRecords/") == [{"LastName": "x", "Foo": "y"}]


def test_delimiters_and_line_endings(org):
    job, body = run(org, "insert", "LastName;FirstName\r\nx;y\r\n", columnDelimiter="SEMICOLON", lineEnding="CRLF")
    assert body["state"] == "JobComplete"
    answer = org.call("GET", f"/jobs/ingest/{job}/successfulResults/")
    assert answer.text.startswith('"sf__Id";"sf__Created";"LastName";"FirstName"\r\n')


def test_jobs_are_aborted_listed_and_deleted(org):
    job = opened(org, "insert")["id"]
    assert close(org, job, "Aborted").json()["state"] == "Aborted"
    assert close(org, job).status_code == 400
    listed = org.call("GET", "/jobs/ingest?jobType=V2Ingest").json()
    assert ([one["id"] for one in listed["records"]], listed["done"], listed["nextRecordsUrl"]) == ([job], True, None)
    assert org.call("DELETE", f"/jobs/ingest/{job}").status_code == 204
    assert org.call("GET", f"/jobs/ingest/{job}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"object": "Foo", "operation": "insert"},
        {"object": "Contact", "operation": "replace"},
        {"object": "Contact", "operation": "upsert"},
        {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Title"},
        {"object": "Contact", "operation": "insert", "columnDelimiter": "SPACE"},
        {"object": "Contact", "operation": "insert", "contentType": "JSON"},
    ],
)
def test_a_job_is_refused(org, body):
    assert org.call("POST", "/jobs/ingest", body).status_code == 400


def test_a_query_job_gives_pages_with_a_header_each(org):
    org.order("load", sobject="Contact", rows=[{"LastName": f"{number:03}"} for number in range(250)])
    body = {"operation": "query", "query": "SELECT Id, LastName, FirstName, CreatedDate FROM Contact ORDER BY LastName"}
    job = org.call("POST", "/jobs/query", body).json()
    assert (job["state"], job["operation"], job["object"]) == ("UploadComplete", "query", "Contact")
    states, body = ended(org, job["id"], "query")
    assert "InProgress" in states
    assert (body["jobType"], body["numberRecordsProcessed"]) == ("V2Query", 250)
    rows, locator = [], ""
    while locator != "null":
        answer = org.call("GET", f"/jobs/query/{job['id']}/results?maxRecords=100&locator={locator}")
        page = list(csv.DictReader(io.StringIO(answer.text)))
        assert answer.headers["Sforce-NumberOfRecords"] == str(len(page))
        rows += page
        locator = answer.headers["Sforce-Locator"]
    assert [row["LastName"] for row in rows] == [f"{number:03}" for number in range(250)]
    assert (rows[0]["FirstName"], rows[0]["CreatedDate"]) == ("", "2026-11-23T10:00:00.000Z")
    other = f"/services/data/v67.0/jobs/query/{job['id']}/results"
    assert org.call("GET", other).status_code == 409
    pages = org.call("GET", f"/jobs/query/{job['id']}/resultPages").json()
    assert len(pages["resultPages"]) == 1
    assert org.call("GET", pages["resultPages"][0]["resultUrl"]).status_code == 200


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT MailingAddress FROM Contact", "INVALID_FIELD"),
        ("SELECT COUNT() FROM Contact", "API_ERROR"),
        ("SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName", "API_ERROR"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT Id FROM Contact LIMIT 5 OFFSET 3", "API_ERROR"),
        ("SELECT Foo FROM Contact", "INVALID_FIELD"),
    ],
)
def test_a_query_is_refused_in_bulk(org, soql, code):
    answer = org.call("POST", "/jobs/query", {"operation": "query", "query": soql})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_others_are_answered_while_a_large_job_runs(org):
    text = "LastName,Email\n" + "".join(f"Last{number},p{number}@example.com\n" for number in range(6000))
    job = opened(org, "insert")["id"]
    upload(org, job, text)
    close(org, job)
    seen = []
    while (body := org.call("GET", f"/jobs/ingest/{job}").json())["state"] != "JobComplete":
        seen.append(body["numberRecordsProcessed"])
    assert any(0 < processed < 6000 for processed in seen)
    assert body["numberRecordsProcessed"] == 6000
    assert len(results(org, job)) == 6000

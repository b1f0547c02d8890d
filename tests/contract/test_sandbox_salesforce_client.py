"""An independent client, simple-salesforce, works against the sandbox as against the vendor."""

import pytest
import requests
from requests.adapters import HTTPAdapter
from salesforce_org import EXTERNAL_ID, TOKEN, salesforce
from simple_salesforce import (
    Salesforce,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)


class PlainHttp(HTTPAdapter):
    """simple-salesforce insists on https; a sandbox on this machine speaks http."""

    def send(self, request, **more):
        request.url = request.url.replace("https://", "http://", 1)
        more["timeout"] = more.get("timeout") or 30
        return super().send(request, **more)


@pytest.fixture(scope="module")
def org():
    with salesforce() as client:
        yield client


@pytest.fixture
def sf(org):
    org.again()
    with requests.Session() as session:
        session.mount(org.sandbox.url.replace("http:", "https:"), PlainHttp())
        yield Salesforce(instance_url=org.sandbox.url, session_id=TOKEN, version="68.0", session=session)


def test_records_queries_and_describe(sf):
    record = sf.Contact.create({"LastName": "Muster", EXTERNAL_ID: "k1"})["id"]
    assert sf.Contact.update(record, {"FirstName": "Erika"}) == 204
    assert sf.Contact.get_by_custom_id(EXTERNAL_ID, "k1")["Name"] == "Erika Muster"
    assert sf.Contact.upsert(f"{EXTERNAL_ID}/k2", {"LastName": "Zwei"}) == 201
    assert sf.Contact.upsert(f"{EXTERNAL_ID}/k2", {"LastName": "Drei"}) == 200
    assert [one["LastName"] for one in sf.query_all_iter("SELECT LastName FROM Contact ORDER BY LastName")] == [
        "Drei",
        "Muster",
    ]
    assert sf.Contact.describe()["keyPrefix"] == "003"
    assert sf.Contact.delete(record) == 204
    assert len(sf.query_all("SELECT Id FROM Contact", include_deleted=True)["records"]) == 2
    with pytest.raises(SalesforceResourceNotFound):
        sf.Contact.get(record)
    with pytest.raises(SalesforceMalformedRequest):
        sf.Contact.create({})


def test_pages_are_followed(sf, org):
    org.order("load", sobject="Lead", rows=[{"LastName": f"{n:04}", "Company": "x"} for n in range(4100)])
    names = [one["LastName"] for one in sf.query_all("SELECT LastName FROM Lead ORDER BY LastName")["records"]]
    assert names == [f"{n:04}" for n in range(4100)]
    assert sf.api_usage["api-usage"].used == 3


def test_collections_by_the_open_door(sf):
    body = {"allOrNone": False, "records": [{"attributes": {"type": "Contact"}, "LastName": "x"}]}
    [result] = sf.restful("composite/sobjects", method="POST", json=body)
    assert result["success"] is True
    assert sf.limits()["DailyApiRequests"]["Max"] == 5_000_000


def test_bulk_upsert_and_query(sf):
    records = [{EXTERNAL_ID: f"k{n}", "LastName": f"Last{n}"} for n in range(300)]
    [job] = sf.bulk2.Contact.upsert(records=records, external_id_field=EXTERNAL_ID, wait=0.05)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (300, 0)
    assert sf.bulk2.Contact.get_successful_records(job["job_id"]).count("\n") == 301
    [page] = sf.bulk2.Contact.query("SELECT Id, LastName FROM Contact", wait=0.05)
    assert page.count("\n") == 301


def test_a_revoked_session_is_noticed(sf, org):
    assert sf.limits()
    org.order("sessions", revoke=True)
    with pytest.raises(SalesforceExpiredSession):
        sf.limits()
    with pytest.raises(SalesforceExpiredSession):
        sf.query("SELECT Id FROM Lead")

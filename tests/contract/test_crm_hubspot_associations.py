"""Association answers that the sandbox does not give: paging, small batches, failures, pairs of custom objects."""

import orjson
import pytest
import responses

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.hubspot.associations import from_list
from connector.crm.port import Query
from connector.errors import LaterError, SettingsError
from connector.model import Done, Write

BASE = "https://crm.example"
READ = f"{BASE}/crm/associations/2026-03/contacts/companies/batch/read"
FIELD = "associations.companies"


@pytest.fixture
def crm():
    opened = HubSpot(BASE, FixedToken("t"), pause=lambda _: None)
    yield opened
    opened.close()


@pytest.fixture
def mock():
    with responses.RequestsMock() as started:
        yield started


def to(number, *types):
    return {"toObjectId": number, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": t} for t in types]}


def record(number, **associations):
    return {"id": number, "properties": {"lastmodifieddate": "2026-01-01T00:00:00Z"}, "associations": associations}


def with_contacts(mock, *numbers):
    url = f"{BASE}/crm/objects/2026-03/contacts/batch/read"
    mock.post(url, json={"results": [record(number) for number in numbers]})


def test_further_pages_of_one_record_are_read(crm, mock):
    with_contacts(mock, "1", "2")
    first = {"from": {"id": "1"}, "to": [to(11, 279)], "paging": {"next": {"after": "x"}}}
    mock.post(READ, json={"results": [first, {"from": {"id": "2"}, "to": [to(21, 279)]}]})
    mock.post(READ, json={"results": [{"from": {"id": "1"}, "to": [to(12, 279, 1)]}]})
    found = {r.id: r.fields[FIELD] for r in crm.read("contacts", ["1", "2"], [FIELD])}
    assert found == {"1": ["12", "11"], "2": ["21"]}
    assert orjson.loads(mock.calls[-1].request.body) == {"inputs": [{"id": "1", "after": "x"}]}


def test_a_portal_that_takes_only_a_hundred_ids(crm, mock):
    sizes = []

    def answer(request):
        inputs = orjson.loads(request.body)["inputs"]
        sizes.append(len(inputs))
        if len(inputs) > 100:
            return 400, {}, b'{"status":"error","message":"too many","category":"VALIDATION_ERROR"}'
        return 200, {}, orjson.dumps({"results": [{"from": {"id": one["id"]}, "to": [to(9, 279)]} for one in inputs]})

    mock.add_callback("POST", READ, answer)
    ids = [str(n) for n in range(250)]
    assert len(crm._associations.ids("contacts", "companies", ids)) == 250  # noqa: SLF001 - no public road is as short
    assert sizes == [250, 100, 100, 50]


def test_none_is_no_failure_and_a_failure_is_not_none(crm, mock):
    none = {"category": "OBJECT_NOT_FOUND", "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND", "message": "none"}
    with_contacts(mock, "1")
    mock.post(READ, status=207, json={"results": [], "errors": [none], "numErrors": 1})
    assert crm.read("contacts", ["1"], [FIELD])[0].fields[FIELD] == []
    mock.post(READ, status=207, json={"results": [], "errors": [{"category": "INTERNAL", "message": "m"}]})
    with pytest.raises(LaterError, match="could not read all associations"):
        crm.read("contacts", ["1"], [FIELD])


def test_a_record_that_cannot_be_read_does_not_pass_for_a_missing_one(crm, mock):
    url = f"{BASE}/crm/objects/2026-03/contacts/batch/read"
    missing = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["2"]}, "message": "m"}
    mock.post(url, status=207, json={"results": [record("1")], "errors": [missing]})
    assert [r.id for r in crm.read("contacts", ["1", "2"], [])] == ["1"]
    mock.post(url, status=207, json={"results": [record("1")], "errors": [{"category": "INTERNAL", "message": "m"}]})
    with pytest.raises(LaterError, match="could not read all records"):
        crm.read("contacts", ["1", "2"], [])


def test_more_associations_than_a_list_page_shows(crm, mock):
    listed = {"results": [{"id": "11", "type": "contact_to_company_unlabeled"}], "paging": {"next": {"after": "1"}}}
    url = f"{BASE}/crm/objects/2026-03/contacts"
    mock.get(url, json={"results": [record("1", companies=listed)]})
    mock.get(url, json={"results": []})
    mock.post(READ, json={"results": [{"from": {"id": "1"}, "to": [to(11, 279), to(12, 1, 279)]}]})
    records = [r for page in crm.changes(Query("contacts", (FIELD,)), None) for r in page.records]
    assert records[0].fields[FIELD] == ["12", "11"]


def test_the_primary_of_a_list_page_comes_first():
    results = [
        {"id": "11", "type": "deal_to_company_unlabeled"},
        {"id": "12", "type": "deal_to_company_unlabeled"},
        {"id": "12", "type": "deal_to_company"},
    ]
    raw = {"associations": {"companies": {"results": results}}}
    assert from_list(raw, "deals", "companies") == (["12", "11"], False)
    assert from_list(raw, "deals", "contacts") == ([], False)


def test_a_pair_of_custom_objects_is_asked_for_once(crm, mock):
    pair = f"{BASE}/crm/associations/2026-03/2-77/contacts"
    labels = [
        {"category": "USER_DEFINED", "typeId": 90, "label": "Driver"},
        {"category": "USER_DEFINED", "typeId": 89, "label": None},
    ]
    mock.post(f"{pair}/batch/read", json={"results": []})
    mock.get(f"{pair}/labels", json={"results": labels})
    made = {"fromObjectId": 5, "toObjectId": 6}
    mock.post(f"{pair}/batch/create", status=201, json={"results": [made]})
    for _ in range(2):
        write = Write("w", "5", {"associations.contacts": {"add": ["6"], "remove": []}})
        assert crm.associate("2-77", [write]) == [Done("5")]
    sent = [orjson.loads(c.request.body) for c in mock.calls if c.request.url.endswith("/batch/create")]
    assert sent[0]["inputs"][0]["types"] == [{"associationCategory": "USER_DEFINED", "associationTypeId": 89}]
    assert len([c for c in mock.calls if c.request.url.endswith("/labels")]) == 1


def test_a_pair_that_cannot_be_associated_is_named(crm, mock):
    pair = f"{BASE}/crm/associations/2026-03/2-77/2-78"
    mock.post(f"{pair}/batch/read", json={"results": []})
    mock.get(f"{pair}/labels", json={"results": []})
    with pytest.raises(SettingsError, match="no association from 2-77 to 2-78"):
        crm.associate("2-77", [Write("w", "5", {"associations.2-78": {"add": ["6"]}})])

"""The sandbox's answers have the shape of answers recorded from a real org."""

import re

import pytest
from salesforce_org import recorded, salesforce

DESCRIBED = ["Account", "Contact", "Event", "Lead", "Opportunity", "OpportunityContactRole"]
# Where the sandbox knows less than the recorded org: person accounts, activity tracking, other objects, search.
VARIES = {
    "searchPrefilterable": None,
    "permissionable": None,
    "compoundFieldName": {"Name"},
    "extraTypeInfo": {"Name"},
    "byteLength": {"Fiscal"},
    "filterable": {"HasOpenActivity", "HasOverdueTask"},
    "sortable": {"HasOpenActivity", "HasOverdueTask"},
    "referenceTo": {"WhatId", "OwnerId"},
    "aggregatable": {"ActivityDate"},
    "namePointing": {"OwnerId"},
    "polymorphicForeignKey": {"OwnerId"},
}
HIDDEN = {"HasOptedOutOfEmail"}  # a standard field of leads and contacts that the recording user had no access to
ID = re.compile(r"[a-zA-Z0-9]{18}")


@pytest.fixture(scope="module")
def server():
    with salesforce() as client:
        yield client


@pytest.fixture
def org(server):
    return server.again()


@pytest.mark.parametrize("sobject", DESCRIBED)
def test_describe_has_every_key_of_the_recorded_one(org, sobject):
    [(_, path, _, expected)] = recorded(f"GET_sobjects_{sobject}_describe")
    answer = org.call("GET", path).json()
    # Two keys came with later releases than some of the recordings.
    assert set(expected) <= set(answer)
    assert set(expected["recordTypeInfos"][0] if expected["recordTypeInfos"] else {}) <= set(
        answer["recordTypeInfos"][0] if answer["recordTypeInfos"] else {}
    )
    assert set(answer["childRelationships"][0] if answer["childRelationships"] else {}) in (
        set(),
        set(expected["childRelationships"][0]) if expected["childRelationships"] else set(),
    )


@pytest.mark.parametrize("sobject", DESCRIBED)
def test_fields_are_described_as_recorded(org, sobject):
    [(_, path, _, expected)] = recorded(f"GET_sobjects_{sobject}_describe")
    fields = {field["name"]: field for field in org.call("GET", path).json()["fields"]}
    theirs = {field["name"]: field for field in expected["fields"]}
    assert {name for name in fields if not name.endswith("__c")} <= set(theirs) | HIDDEN
    for name in fields.keys() & theirs.keys():
        assert set(theirs[name]) <= set(fields[name]), name
        differ = {key for key, value in theirs[name].items() if fields[name][key] != value}
        assert {key for key in differ if key not in VARIES or name not in (VARIES[key] or {name})} == set(), name


def test_the_global_describe_has_the_recorded_keys(org):
    [(_, path, _, expected)] = recorded("GET_sobjects_Global_describe")
    answer = org.call("GET", path).json()
    assert set(expected) == set(answer)
    assert answer["maxBatchSize"] == expected["maxBatchSize"]
    ours = {one["name"]: one for one in answer["sobjects"]}
    for one in expected["sobjects"]:
        if one["name"] in ours:
            assert set(one) <= set(ours[one["name"]])
            assert one["keyPrefix"] in (ours[one["name"]]["keyPrefix"], None)


def test_the_organization_reads_as_recorded(org):
    [(_, _, _, expected)] = recorded("GET_sobjects_Organization")
    [one] = org.query("SELECT Id FROM Organization")
    answer = org.read("Organization", one["Id"])
    assert set(answer) <= set(expected)
    assert set(answer["Address"]) == set(expected["Address"])
    for key in ("IsSandbox", "FiscalYearStartMonth", "OrganizationType"):
        assert type(answer[key]) is type(expected[key])


def test_a_failing_composite_call_answers_as_recorded(org):
    [(method, path, body, expected)] = recorded("TestCompositeParallelSalesforce.test_errors")
    body["compositeRequest"][0]["url"] = body["compositeRequest"][0]["url"].replace("vxx.0", "v68.0")
    assert org.call(method, path, body).json() == expected


def test_collections_and_queries_answer_as_recorded(org):
    """Plays a recorded upsert story: the accounts and contacts it names come to be, answer by answer."""
    story = recorded("TestUpsert.test_upsert__rest")
    ids = {}
    for method, path, body, expected in story:
        for one in (body or {}).get("records", []):
            for name, value in one.items():
                one[name] = ids.get(value, value) if isinstance(value, str) else value
        answer = org.call(method, path, body)
        assert answer.status_code == 200
        _same_shape(answer.json(), expected, ids)
    assert len(ids) == 20


def _same_shape(ours, theirs, ids):
    """Same keys, same plain values; ids differ, and are remembered for what follows."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        for key, value in theirs.items():
            _same_shape(ours[key], value, ids)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            _same_shape(one, other, ids)
    elif isinstance(theirs, str) and ID.fullmatch(theirs):
        assert ID.fullmatch(ours)
        assert ids.setdefault(theirs, ours) == ours
    elif not (isinstance(theirs, str) and "/services/data" in theirs):
        assert ours == theirs

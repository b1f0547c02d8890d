"""The HubSpot sandbox answers HubSpot's own Python client: typed calls, decoded by the client's models."""

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicAssociationMultiPost,
    PublicFetchAssociationsBatchRequest,
    PublicObjectId,
)
from hubspot.crm.contacts import (
    ApiException,
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchReadInputSimplePublicObjectId,
    PublicGdprDeleteInput,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectBatchInput,
    SimplePublicObjectBatchInputForCreate,
    SimplePublicObjectBatchInputUpsert,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import NotFoundException, UnauthorizedException
from hubspot.crm.properties import OptionInput, PropertyCreate, PropertyUpdate
from hubspot_server import TOKEN, running


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


class Apis:
    """The client's api objects, each kept and closed: the client itself closes nothing."""

    def __init__(self, url, token=TOKEN):
        self._client = HubSpot(access_token=token, host=url)
        self._opened = []

    def open(self, path):
        one = self._client
        for name in path.split("."):
            one = getattr(one, name)
        self._opened.append(one)
        return one

    def close(self):
        for one in self._opened:
            one.api_client.rest_client.pool_manager.clear()
            one.api_client.close()


@pytest.fixture
def apis(server):
    server.fresh()
    opened = Apis(server.url)
    yield opened
    opened.close()


def made(api, **properties):
    given = SimplePublicObjectInputForCreate(properties=properties, associations=[])
    return api.create(simple_public_object_input_for_create=given)


def test_single_contacts(apis):
    api = apis.open("crm.contacts.basic_api")
    contact = made(api, email="Ada@Example.com", firstname="Ada")
    assert contact.properties["email"] == "ada@example.com"
    api.update(contact.id, simple_public_object_input=SimplePublicObjectInput(properties={"city": "Ulm"}))
    read = api.get_by_id(contact.id, properties=["city"], properties_with_history=["city"])
    assert read.properties["city"] == "Ulm"
    assert [one.value for one in read.properties_with_history["city"]] == ["Ulm"]
    assert read.created_at.tzinfo is not None
    with pytest.raises(ApiException) as conflict:
        made(api, email="ada@example.com")
    assert (conflict.value.status, contact.id in conflict.value.body) == (409, True)
    api.archive(contact.id)
    with pytest.raises(NotFoundException):
        api.get_by_id(contact.id)


def test_pages(apis, server):
    server.fresh().door("load", object="contacts", rows=[{"email": f"p{n}@example.com"} for n in range(130)])
    api = apis.open("crm.contacts.basic_api")
    page = api.get_page(limit=100)
    assert (len(page.results), page.paging.next.after) == (100, str(int(page.results[-1].id) + 1))
    assert len(api.get_page(limit=100, after=page.paging.next.after).results) == 30


def test_merge_and_purge(apis):
    api = apis.open("crm.contacts.basic_api")
    one, two = made(api, email="a@example.com"), made(api, email="b@example.com")
    merged = api.merge(public_merge_input=PublicMergeInput(primary_object_id=one.id, object_id_to_merge=two.id))
    assert merged.id not in (one.id, two.id)
    api.purge(public_gdpr_delete_input=PublicGdprDeleteInput(object_id=merged.id))
    with pytest.raises(NotFoundException):
        api.get_by_id(one.id)


def test_batches_of_contacts(apis):
    api = apis.open("crm.contacts.batch_api")
    inputs = [
        SimplePublicObjectBatchInputForCreate(
            properties={"email": f"p{n}@example.com", "revloop_salesforce_id": f"00Q{n}"},
            associations=[],
            object_write_trace_id=str(n),
        )
        for n in range(3)
    ]
    created = api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    ids = [one.id for one in created.results]
    bad = SimplePublicObjectBatchInput(id=ids[0], properties={"nope": "1"}, object_write_trace_id="bad")
    good = SimplePublicObjectBatchInput(id=ids[1], properties={"city": "Ulm"}, object_write_trace_id="good")
    updated = api.update(BatchInputSimplePublicObjectBatchInput(inputs=[bad, good]))
    assert updated.num_errors == 1
    assert updated.errors[0].context["objectWriteTraceId"] == ["bad"]
    assert [one.id for one in updated.results] == [ids[1]]
    upserts = [
        SimplePublicObjectBatchInputUpsert(id=key, id_property="revloop_salesforce_id", properties={"city": "Bonn"})
        for key in ("00Q0", "00Q1")
    ]
    upserted = api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=upserts))
    assert [one.new for one in upserted.results] == [False, False]
    wanted = [SimplePublicObjectId(id=key) for key in (*ids, "5")]
    read = BatchReadInputSimplePublicObjectId(inputs=wanted, properties=["city"], properties_with_history=[])
    answer = api.read(read)
    assert sorted(one.properties["city"] or "" for one in answer.results) == ["", "Bonn", "Bonn"]
    assert answer.errors[0].context["ids"] == ["5"]


def test_search(apis, server):
    server.fresh().door(
        "load", object="contacts", rows=[{"email": f"p{n}@example.com", "city": "Ulm"} for n in range(3)]
    )
    api = apis.open("crm.contacts.search_api")
    filters = [{"propertyName": "city", "operator": "EQ", "value": "ulm"}]
    request = PublicObjectSearchRequest(
        filter_groups=[{"filters": filters}], sorts=["-email"], properties=["email"], limit=2, after="0"
    )
    found = api.do_search(public_object_search_request=request)
    assert (found.total, found.paging.next.after) == (3, "2")
    assert [one.properties["email"] for one in found.results] == ["p2@example.com", "p1@example.com"]


def test_associations(apis):
    contact = made(apis.open("crm.contacts.basic_api"), email="a@example.com")
    company = made(apis.open("crm.companies.basic_api"), name="ACME")
    api = apis.open("crm.associations.v4.batch_api")
    kinds = [AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)]
    ends = {"_from": PublicObjectId(id=contact.id), "to": PublicObjectId(id=company.id)}
    pair = PublicAssociationMultiPost(types=kinds, **ends)
    created = api.create(
        "contacts",
        "companies",
        batch_input_public_association_multi_post=BatchInputPublicAssociationMultiPost(inputs=[pair]),
    )
    assert created.results[0].labels == ["Primary"]
    asked = [PublicFetchAssociationsBatchRequest(id=contact.id)]
    read = api.get_page(
        "contacts",
        "companies",
        batch_input_public_fetch_associations_batch_request=BatchInputPublicFetchAssociationsBatchRequest(inputs=asked),
    )
    assert str(read.results[0].to[0].to_object_id) == company.id
    assert {one.type_id for one in read.results[0].to[0].association_types} == {1, 279}
    single = apis.open("crm.associations.v4.basic_api")
    assert len(single.get_page("contacts", contact.id, "companies").results) == 1
    single.archive("contacts", contact.id, "companies", company.id)
    assert single.get_page("contacts", contact.id, "companies").results == []


def test_owners(apis):
    owners = apis.open("crm.owners.owners_api").get_page(limit=100).results
    assert [one.first_name for one in owners] == ["Olivia", "Oskar", "Ona"]
    assert all(one.user_id for one in owners)


def test_properties(apis):
    api = apis.open("crm.properties.core_api")
    options = [OptionInput(label="A", value="a", display_order=0, hidden=False)]
    given = PropertyCreate(
        name="mine", label="Mine", type="enumeration", field_type="select", group_name="revloop", options=options
    )
    assert api.create("contacts", property_create=given).options[0].value == "a"
    assert api.update("contacts", "mine", property_update=PropertyUpdate(label="Ours")).label == "Ours"
    by_name = {one.name: one for one in api.get_all("contacts").results}
    assert by_name["mine"].has_unique_value is False
    assert by_name["revloop_salesforce_id"].has_unique_value is True
    api.archive("contacts", "mine")
    assert "mine" not in {one.name for one in api.get_all("contacts").results}


def test_an_unknown_token(server):
    apis = Apis(server.url, "wrong")
    try:
        with pytest.raises(UnauthorizedException):
            apis.open("crm.contacts.basic_api").get_page()
    finally:
        apis.close()

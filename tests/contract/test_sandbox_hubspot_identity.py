"""Identity in the HubSpot sandbox: unique values, merges with new ids, privacy deletion."""

import pytest
from hubspot_server import running

CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


def test_an_address_belongs_to_one_contact_additional_ones_included(hub):
    first = hub.contact(email="a@example.com", hs_additional_emails="b@example.com;c@example.com")
    for address in ("A@example.com", "c@example.com"):
        answer = hub.post(CONTACTS, {"properties": {"email": address}})
        assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
        assert answer.json()["message"] == f"Contact already exists. Existing ID: {first}"
    other = hub.contact(email="d@example.com")
    assert hub.call("PATCH", f"{CONTACTS}/{other}", {"properties": {"email": "b@example.com"}}).status_code == 409
    assert hub.get(f"{CONTACTS}/c%40example.com?idProperty=email").json()["id"] == first


def test_a_given_up_value_is_free_again(hub):
    first = hub.contact(email="a@example.com", revloop_salesforce_id="00Q1")
    hub.call("PATCH", f"{CONTACTS}/{first}", {"properties": {"email": "b@example.com", "revloop_salesforce_id": ""}})
    assert hub.contact(email="a@example.com", revloop_salesforce_id="00Q1") != first


def test_a_unique_property_clashes(hub):
    first = hub.contact(email="a@example.com", revloop_salesforce_id="00Q1")
    answer = hub.post(CONTACTS, {"properties": {"email": "b@example.com", "revloop_salesforce_id": "00q1"}})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "CONFLICTING_UNIQUE_VALUE")
    assert hub.get(f"{CONTACTS}/00Q1?idProperty=revloop_salesforce_id").json()["id"] == first
    assert hub.get(f"{CONTACTS}/00Q2?idProperty=revloop_salesforce_id").status_code == 404
    assert hub.get(f"{CONTACTS}/Ulm?idProperty=city").status_code == 400
    assert hub.call("PATCH", f"{CONTACTS}/00Q1?idProperty=revloop_salesforce_id", {"properties": {"city": "Ulm"}}).ok


def test_two_companies_may_share_a_domain(hub):
    assert hub.company(domain="acme.example") != hub.company(domain="ACME.example")


def test_a_restored_contact_must_find_its_address_free(hub):
    first = hub.contact(email="a@example.com")
    hub.call("DELETE", f"{CONTACTS}/{first}")
    second = hub.contact(email="a@example.com")
    answer = hub.session.post(f"{hub.url}/_sandbox/restore", json={"object": "contacts", "id": first}, timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (400, 409)
    hub.call("DELETE", f"{CONTACTS}/{second}")
    hub.door("restore", object="contacts", id=first)
    assert hub.get(f"{CONTACTS}/a%40example.com?idProperty=email").json()["id"] == first


def test_a_merge_makes_a_new_record_that_old_ids_reach(hub):
    company, other_company = hub.company(name="ACME"), hub.company(name="Beta")
    one = hub.contact(email="a@example.com", city="Ulm", associatedcompanyid=company)
    two = hub.contact(email="b@example.com", city="Bonn", phone="1", associatedcompanyid=other_company)
    answer = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": one, "objectIdToMerge": two})
    assert answer.status_code == 200
    new = answer.json()["id"]
    assert new not in (one, two)
    names = ("email", "city", "phone", "hs_additional_emails", "hs_merged_object_ids", "hs_calculated_merged_vids")
    for key in (one, two, new):
        assert hub.get(f"{CONTACTS}/{key}").json()["id"] == new
    shown = hub.shown(f"{CONTACTS}/{new}", *names, "associatedcompanyid")
    assert [shown[name] for name in names[:5]] == ["a@example.com", "Ulm", "1", "b@example.com", f"{one};{two}"]
    assert [part.partition(":")[0] for part in shown["hs_calculated_merged_vids"].split(";")] == [one, two]
    assert shown["associatedcompanyid"] == company
    assert list(hub.dump("contacts")) == [new]
    assert hub.call("PATCH", f"{CONTACTS}/{two}", {"properties": {"city": "Kiel"}}).json()["id"] == new
    batch = {"inputs": [{"id": one, "properties": {"city": "Jena"}, "objectWriteTraceId": "1"}]}
    answer = hub.post(f"{CONTACTS}/batch/update", batch)
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert hub.shown(f"{CONTACTS}/{new}", "city")["city"] == "Kiel"
    answer = hub.post(CONTACTS, {"properties": {"email": "b@example.com"}})
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {new}"


def test_merges_in_a_chain(hub):
    ids = [hub.contact(email=f"p{n}@example.com") for n in range(3)]
    first = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": ids[0], "objectIdToMerge": ids[1]}).json()["id"]
    last = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": first, "objectIdToMerge": ids[2]}).json()["id"]
    for key in (*ids, first):
        assert hub.get(f"{CONTACTS}/{key}").json()["id"] == last
    shown = hub.shown(f"{CONTACTS}/{last}", "hs_merged_object_ids", "hs_calculated_merged_vids")
    assert shown["hs_merged_object_ids"] == ";".join([ids[0], ids[1], first, ids[2]])
    assert ids[0] not in shown["hs_calculated_merged_vids"]
    answer = hub.post(f"{CONTACTS}/merge", {"primaryObjectId": last, "objectIdToMerge": ids[0]})
    assert answer.status_code == 400


def test_a_merged_record_is_linked_to_what_both_were_linked_to(hub):
    one, two = hub.contact(email="a@example.com"), hub.contact(email="b@example.com")
    deals = [hub.deal(), hub.deal()]
    for contact, deal in zip((one, two), deals, strict=True):
        hub.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/deals/{deal}")
    new = hub.door("merge", object="contacts", primary=one, other=two)["id"]
    assert list(hub.dump("contacts")[new]["associations"]["deals"]) == deals
    assert hub.shown(f"{CONTACTS}/{new}", "num_associated_deals")["num_associated_deals"] == "2"


def test_privacy_deletion_leaves_nothing_and_blocks_the_address(hub):
    company = hub.company(name="ACME")
    gone = hub.contact(email="a@example.com", associatedcompanyid=company)
    assert hub.post(f"{CONTACTS}/gdpr-delete", {"objectId": "a@example.com", "idProperty": "email"}).status_code == 204
    assert hub.get(f"{CONTACTS}/{gone}").status_code == 404
    assert hub.get(f"{CONTACTS}?archived=true").json()["results"] == []
    answer = hub.post(CONTACTS, {"properties": {"email": "A@example.com"}})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_EMAIL")
    hub.post(f"{CONTACTS}/gdpr-delete", {"objectId": "never@example.com", "idProperty": "email"})
    assert hub.post(CONTACTS, {"properties": {"email": "never@example.com"}}).status_code == 400
    count = hub.shown(f"/crm/objects/2026-03/companies/{company}", "num_associated_contacts")["num_associated_contacts"]
    assert count == "0"

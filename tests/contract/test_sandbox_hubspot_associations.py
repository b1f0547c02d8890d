"""Associations of the HubSpot sandbox: batches, labels, the primary company, and what counts them."""

import pytest
from hubspot_server import running

PAIR = "/crm/associations/2026-03/contacts/companies"
DEFINED = "HUBSPOT_DEFINED"


@pytest.fixture(scope="module")
def server():
    with running() as one:
        yield one


@pytest.fixture
def hub(server):
    return server.fresh()


@pytest.fixture
def people(hub):
    return hub.contact(email="a@example.com"), hub.company(name="ACME"), hub.company(name="Beta")


def link(one, other, *kinds):
    types = [{"associationCategory": DEFINED, "associationTypeId": kind} for kind in kinds]
    return {"from": {"id": one}, "to": {"id": other}, "types": types}


def labels(hub, contact, pair=PAIR):
    answer = hub.post(f"{pair}/batch/read", {"inputs": [{"id": contact}]}).json()
    return {
        str(to["toObjectId"]): sorted(kind["typeId"] for kind in to["associationTypes"])
        for one in answer["results"]
        for to in one["to"]
    }


def primary(hub, contact):
    return hub.shown(f"/crm/objects/2026-03/contacts/{contact}", "associatedcompanyid")["associatedcompanyid"]


def test_the_shapes_of_a_batch(hub, people):
    contact, company, _ = people
    made = hub.post(f"{PAIR}/batch/create", {"inputs": [link(contact, company, 279)]})
    assert made.status_code == 201
    assert made.json()["results"][0]["fromObjectTypeId"] == "0-1"
    read = hub.post(f"{PAIR}/batch/read", {"inputs": [{"id": contact}]}).json()["results"][0]
    assert read["from"]["id"] == contact
    assert read["to"][0]["toObjectId"] == int(company)
    assert {"category": DEFINED, "typeId": 1, "label": "Primary"} in read["to"][0]["associationTypes"]
    assert {"category": DEFINED, "typeId": 279, "label": None} in read["to"][0]["associationTypes"]


def test_a_record_without_links_is_a_207_that_is_no_failure(hub, people):
    contact, _, _ = people
    answer = hub.post(f"{PAIR}/batch/read", {"inputs": [{"id": contact}]})
    assert answer.status_code == 207
    assert answer.json()["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": f"No company is associated with contact {contact}.",
            "context": {"fromObjectId": [contact], "fromObjectType": ["contact"], "toObjectType": ["company"]},
        }
    ]


def test_both_directions_are_there(hub, people):
    contact, company, _ = people
    hub.post(f"{PAIR}/batch/create", {"inputs": [link(contact, company, 1)]})
    assert labels(hub, contact) == {company: [1, 279]}
    assert labels(hub, company, "/crm/v4/associations/companies/contacts") == {contact: [2, 280]}


def test_the_first_company_is_primary_and_the_label_moves(hub, people):
    contact, first, second = people
    hub.post(f"{PAIR}/batch/create", {"inputs": [link(contact, first, 279), link(contact, second, 279)]})
    assert labels(hub, contact) == {first: [1, 279], second: [279]}
    assert primary(hub, contact) == first
    hub.call("PUT", f"/crm/objects/2026-03/contacts/{contact}/associations/companies/{second}", link(0, 0, 1)["types"])
    assert labels(hub, contact) == {first: [279], second: [1, 279]}
    assert primary(hub, contact) == second
    hub.post("/crm/v4/associations/companies/contacts/batch/create", {"inputs": [link(first, contact, 2)]})
    assert labels(hub, contact) == {first: [1, 279], second: [279]}


def test_the_company_property_and_the_association_are_one(hub, people):
    contact, first, second = people
    path = f"/crm/objects/2026-03/contacts/{contact}"
    answer = hub.call("PATCH", path, {"properties": {"associatedcompanyid": first}})
    assert answer.json()["properties"]["associatedcompanyid"] == first
    hub.call("PATCH", path, {"properties": {"associatedcompanyid": second}})
    assert labels(hub, contact) == {first: [279], second: [1, 279]}
    hub.call("PATCH", path, {"properties": {"associatedcompanyid": ""}})
    assert primary(hub, contact) is None
    assert hub.call("PATCH", path, {"properties": {"associatedcompanyid": "5"}}).status_code == 400


def test_counts_follow_and_move_the_stamps(server, hub, people):
    contact, company, _ = people
    deal = hub.deal()
    before = hub.get(f"/crm/objects/2026-03/companies/{company}").json()["updatedAt"]
    server.clock.advance(5)
    hub.call("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{company}")
    hub.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/companies/{company}")
    hub.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}")
    shown = hub.shown(f"/crm/objects/2026-03/companies/{company}", "num_associated_contacts", "num_associated_deals")
    assert (shown["num_associated_contacts"], shown["num_associated_deals"]) == ("1", "1")
    assert shown["hs_lastmodifieddate"] > before
    names = ("hs_primary_associated_company", "num_associated_contacts")
    assert [hub.shown(f"/crm/objects/2026-03/deals/{deal}", *names)[name] for name in names] == [company, "1"]
    hub.call("DELETE", f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}")
    shown = hub.shown(f"/crm/objects/2026-03/companies/{company}", "num_associated_contacts")
    assert shown["num_associated_contacts"] == "0"
    assert primary(hub, contact) is None


def test_an_archived_record_takes_its_links_along_and_brings_them_back(hub, people):
    contact, company, _ = people
    hub.post(f"{PAIR}/batch/create", {"inputs": [link(contact, company, 279)]})
    hub.call("DELETE", f"/crm/objects/2026-03/companies/{company}")
    assert labels(hub, contact) == {}
    assert primary(hub, contact) is None
    hub.door("restore", object="companies", id=company)
    assert labels(hub, contact) == {company: [1, 279]}
    assert primary(hub, contact) == company


def test_errors_of_a_batch_stand_beside_its_results(hub, people):
    contact, company, _ = people
    inputs = [
        link(contact, company, 279),
        link("9993051", company, 279),
        link(contact, company, 280),
        link(contact, "4", 1),
    ]
    answer = hub.post(f"{PAIR}/batch/create", {"inputs": inputs})
    assert (answer.status_code, len(answer.json()["results"])) == (207, 1)
    told = [(one["subCategory"], one["message"]) for one in answer.json()["errors"]]
    assert told == [
        ("crm.associations.FROM_OBJECT_NOT_FOUND", "No contact with ID 9993051 exists"),
        (
            "crm.associations.INVALID_ASSOCIATION_TYPE",
            "280 is not a valid association type between CONTACT and COMPANY",
        ),
        ("crm.associations.TO_OBJECT_NOT_FOUND", "No company with ID 4 exists"),
    ]


def test_archiving_pairs_and_labels(hub, people):
    contact, first, second = people
    hub.post(
        f"{PAIR}/batch/associate/default",
        {"inputs": [{"from": {"id": contact}, "to": {"id": c}} for c in (first, second)]},
    )
    hub.post(f"{PAIR}/batch/labels/archive", {"inputs": [link(contact, first, 1)]})
    assert labels(hub, contact) == {first: [279], second: [279]}
    hub.post(f"{PAIR}/batch/labels/archive", {"inputs": [link(contact, first, 279)]})
    assert labels(hub, contact) == {second: [279]}
    assert hub.post(f"{PAIR}/batch/archive", {"inputs": [{"from": {"id": contact}, "to": [{"id": second}]}]}).ok
    assert labels(hub, contact) == {}
    v4 = "/crm/v4/associations/contacts/companies/batch/archive"
    answer = hub.session.post(
        hub.url + v4, json={"inputs": []}, headers={"Authorization": f"Bearer {hub.token}"}, timeout=10
    )
    assert answer.status_code == 204


def test_pages_of_one_record(hub):
    company = hub.company(name="ACME")
    rows = [{"email": f"p{n}@example.com", "associatedcompanyid": company} for n in range(7)]
    hub.door("load", object="contacts", rows=rows)
    path, seen, after = f"/crm/objects/2026-03/companies/{company}/associations/contacts?limit=3", [], ""
    while True:
        page = hub.get(path + (f"&after={after}" if after else "")).json()
        seen += [one["toObjectId"] for one in page["results"]]
        if "paging" not in page:
            break
        after = page["paging"]["next"]["after"]
    assert [str(one) for one in seen] == list(hub.dump("contacts"))
    assert (
        hub.shown(f"/crm/objects/2026-03/companies/{company}", "num_associated_contacts")["num_associated_contacts"]
        == "7"
    )


def test_labels_of_the_account(hub, people):
    contact, company, _ = people
    listed = hub.get(f"{PAIR}/labels").json()["results"]
    assert [one["typeId"] for one in listed] == [279, 1]
    made = hub.post(f"{PAIR}/labels", {"label": "Adviser", "inverseLabel": "Client", "name": "adviser"}).json()[
        "results"
    ]
    assert [one["label"] for one in made] == ["Adviser", "Client"]
    types = [{"associationCategory": "USER_DEFINED", "associationTypeId": made[0]["typeId"]}]
    path = f"/crm/objects/2026-03/contacts/{contact}/associations/companies/{company}"
    assert hub.call("PUT", path, types).json()["labels"] == ["Adviser"]
    assert labels(hub, contact) == {company: sorted([1, 279, made[0]["typeId"]])}
    assert hub.call("DELETE", f"{PAIR}/labels/{made[0]['typeId']}").status_code == 204
    assert labels(hub, contact) == {company: [1, 279]}

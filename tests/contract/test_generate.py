"""Generated data: the same for the same seed, complete in itself, clean or dirty as asked, and nobody real."""

import re
import tracemalloc
from itertools import islice

import phonenumbers
import pytest

from connector.sandbox.generate import generate
from connector.sandbox.population import words
from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.schema import standard_schema

MANY = 400
REGIONS = {"Germany": "DE", "United Kingdom": "GB", "United States": "US"}


def everything(persons=MANY, seed=7, *, overlap=0.6, dirt=True):
    hubspot, salesforce = generate(persons, seed, overlap=overlap, dirt=dirt)
    return {name: list(rows) for name, rows in (hubspot | salesforce).items()}


@pytest.fixture(scope="module")
def dirty():
    return everything()


@pytest.fixture(scope="module")
def clean():
    return everything(overlap=1, dirt=False)


def by(rows, field):
    return {row[field]: row for row in rows}


def people(rows):
    """Salesforce persons by e-mail, leads and contacts alike."""
    return by(rows["Lead"] + rows["Contact"], "Email")


def test_same_seed_same_rows(dirty):
    assert everything() == dirty
    assert everything(seed=8)["contacts"] != dirty["contacts"]
    assert everything(seed=-7)["contacts"] != dirty["contacts"]


def test_a_larger_world_begins_with_the_smaller_one(dirty):
    larger = everything(MANY * 2)
    assert larger["Lead"][: len(dirty["Lead"])] == dirty["Lead"]


@pytest.mark.parametrize(("overlap", "both"), [(0, 0), (0.25, 100), (0.6, 240), (1, 400)])
def test_overlap_is_exact(overlap, both):
    rows = everything(overlap=overlap, dirt=False)
    hubspot, salesforce = by(rows["contacts"], "email"), people(rows)
    assert len(hubspot.keys() & salesforce.keys()) == both
    assert len(hubspot.keys() | salesforce.keys()) == MANY
    assert abs(len(hubspot) - len(salesforce)) <= 1


def test_every_reference_leads_somewhere(dirty):
    companies, contacts = by(dirty["companies"], "hs_object_id"), by(dirty["contacts"], "hs_object_id")
    owners, users, accounts = by(dirty["owners"], "id"), by(dirty["User"], "Id"), by(dirty["Account"], "Id")
    for row in dirty["contacts"] + dirty["deals"]:
        assert row["associatedcompanyid"] in companies
    for row in dirty["deals"]:
        assert all(one in contacts for one in filter(None, row.get("associatedcontactids", "").split(";")))
    for row in dirty["contacts"] + dirty["deals"] + dirty["companies"]:
        assert row["hubspot_owner_id"] in owners
    for row in dirty["Contact"] + dirty["Opportunity"]:
        assert row["AccountId"] in accounts
    for row in dirty["Lead"] + dirty["Contact"] + dirty["Opportunity"] + dirty["Account"]:
        assert row["OwnerId"] in users
    deals, persons = by(dirty["Opportunity"], "Id"), by(dirty["Contact"], "Id")
    for row in dirty["OpportunityContactRole"]:
        assert row["OpportunityId"] in deals
        assert row["ContactId"] in persons
    primaries = [row["OpportunityId"] for row in dirty["OpportunityContactRole"] if row["IsPrimary"]]
    assert len(primaries) == len(set(primaries)) > 0


def test_ids_are_valid_and_unique(dirty):
    prefixes = {"User": "005", "Account": "001", "Lead": "00Q", "Contact": "003", "Opportunity": "006"}
    for name, prefix in (prefixes | {"OpportunityContactRole": "00K"}).items():
        ids = [row["Id"] for row in dirty[name]]
        assert len(ids) == len(set(ids)) > 0
        assert all(one.startswith(prefix) and len(one) == 18 and normal(one) == one for one in ids)
    for name in ("companies", "contacts", "deals"):
        ids = [row["hs_object_id"] for row in dirty[name]]
        assert len(ids) == len(set(ids)) > 0
        assert all(one.isdecimal() for one in ids)


def test_fields_exist_and_fit(dirty):
    schema = standard_schema()
    for name in ("User", "Account", "Lead", "Contact", "Opportunity", "OpportunityContactRole"):
        sobject = schema.sobject(name)
        for row in dirty[name]:
            for field, value in row.items():
                known = sobject.fields[field]
                assert not known.length or len(value) <= known.length
                if known.picklist:
                    assert value in {entry.value for entry in known.picklist}


def test_hubspot_values_are_texts(dirty):
    for name in ("companies", "contacts", "deals"):
        assert all(isinstance(value, str) for row in dirty[name] for value in row.values())


def test_owners_meet_by_email(dirty):
    assert [row["email"] for row in dirty["owners"]] == [row["Email"] for row in dirty["User"]]
    assert [row["archived"] for row in dirty["owners"]] == [not row["IsActive"] for row in dirty["User"]]
    assert sum(row["archived"] for row in dirty["owners"]) == 1


def test_clean_data_agrees(clean):
    salesforce = people(clean)
    assert len(clean["contacts"]) == len(salesforce) == MANY
    for contact in clean["contacts"]:
        twin = salesforce[contact["email"]]
        assert (contact["firstname"], contact["lastname"]) == (twin["FirstName"], twin["LastName"])
        assert (contact.get("phone"), contact["jobtitle"]) == (twin.get("Phone"), twin["Title"])
        assert contact["country"] == (twin.get("Country") or twin["MailingCountry"])
    assert [row["name"] for row in clean["companies"]] == [row["Name"] for row in clean["Account"]]
    assert all("domain" in row for row in clean["companies"])
    assert [row["dealname"] for row in clean["deals"]] == [row["Name"] for row in clean["Opportunity"]]
    assert not any(row["archived"] for row in clean["owners"])


def test_clean_deals_agree(clean):
    """Stages as the default mapping pairs them, the same people in both CRMs."""
    stages = dict(words()["stages"])
    contact_ids = {row["Id"]: row["Email"] for row in clean["Contact"]}
    roles = {}
    for row in clean["OpportunityContactRole"]:
        roles.setdefault(row["OpportunityId"], []).append(contact_ids[row["ContactId"]])
    emails = {row["hs_object_id"]: row["email"] for row in clean["contacts"]}
    for deal, opportunity in zip(clean["deals"], clean["Opportunity"], strict=True):
        assert stages[deal["dealstage"]] == opportunity["StageName"]
        people = [emails[one] for one in filter(None, deal.get("associatedcontactids", "").split(";"))]
        assert people == roles.get(opportunity["Id"], [])
    assert any(len(one) > 1 for one in roles.values())
    assert ["presentationscheduled", "Value Proposition"] in words()["stages"]


def test_only_german_numbers_leave_the_country_out(dirty):
    rows = [(row.get("phone"), row["country"]) for row in dirty["contacts"]]
    rows += [(row.get("Phone"), row.get("Country") or row.get("MailingCountry")) for row in dirty["Lead"]]
    without = {country for phone, country in rows if phone and not phone.startswith("+")}
    assert without & {"Germany", "Deutschland", "DE", "germany"}
    assert not without & {"United Kingdom", "United States", "Austria", "Switzerland", "GB", "US", "AT", "CH"}


def test_the_usual_dirt_is_there(dirty):
    contacts = [row for row in dirty["contacts"] if "email" in row]
    hubspot = by(contacts, "email")
    salesforce = people(dirty)
    shared = [(hubspot[email], salesforce[email]) for email in hubspot.keys() & salesforce.keys()]
    assert {email.lower() for email in salesforce if email != email.lower()} & hubspot.keys()
    assert any(one.get("phone") != other.get("Phone") for one, other in shared)
    assert any(one["lastname"] != one["lastname"].rstrip() for one, _ in shared)
    assert any(one["country"] != other.get("Country", other.get("MailingCountry")) for one, other in shared)
    spelt = [(one["lastname"].strip(), other["LastName"]) for one, other in shared]
    assert any(one != other and re.search("[äöüß]", one) and not re.search("[äöüß]", other) for one, other in spelt)
    doubles = [row for row in dirty["contacts"] if "email" not in row]
    assert doubles
    assert all(hubspot[row["work_email"]]["lastname"] == row["lastname"] for row in doubles)
    in_salesforce = [row["Email"].lower() for row in dirty["Contact"]]
    assert len(in_salesforce) > len(set(in_salesforce))
    assert {row["Email"] for row in dirty["Lead"]} & {row["Email"] for row in dirty["Contact"]}
    assert any("domain" not in row for row in dirty["companies"])
    assert any("Website" not in row for row in dirty["Account"])
    left = {row["id"] for row in dirty["owners"] if row["archived"]}
    assert any(row["hubspot_owner_id"] in left for row in dirty["contacts"])


def test_forty_shared_persons_show_every_kind_of_dirt():
    rows = everything(40, overlap=1)
    assert len(rows["contacts"]) == 41
    assert len(rows["Contact"]) + len(rows["Lead"]) == 42


def test_nobody_is_real(dirty):
    addresses = [row[field] for rows in dirty.values() for row in rows for field in ("email", "Email") if field in row]
    endings = re.compile(r"@([\w-]+\.example|example\.(com|org|net))$", re.IGNORECASE)
    assert addresses
    assert all(endings.search(one) for one in addresses)


def test_phones_can_be_read_with_the_country_known(dirty):
    read = [phonenumbers.parse(row["phone"], REGIONS[row["country"]]) for row in dirty["contacts"] if "phone" in row]
    assert all(phonenumbers.is_possible_number(one) for one in read)
    assert len({re.sub(r"\d+", "0", row["phone"]) for row in dirty["contacts"] if "phone" in row}) >= 4


def test_rows_are_made_while_they_are_read():
    tracemalloc.start()
    hubspot, salesforce = generate(50_000_000, 1, overlap=0.5, dirt=True)
    for rows in (*hubspot.values(), *salesforce.values()):
        assert next(rows)
    for _ in islice(hubspot["contacts"], 2000):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000


def test_nothing_of_nobody():
    assert {name: rows for name, rows in everything(0).items() if rows}.keys() == {"owners", "User"}


@pytest.mark.parametrize(("persons", "overlap"), [(-1, 0.5), (1, 1.1), (1, -0.1), (1, float("nan"))])
def test_impossible_wishes_are_refused(persons, overlap):
    with pytest.raises(ValueError, match="give"):
        generate(persons, 1, overlap=overlap, dirt=False)

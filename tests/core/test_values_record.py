"""A whole record read at once."""

from connector.core.values import compile_record
from connector.model import Field, ObjectMapping


def person():
    fields = (
        Field("email", "email", "email", {"Lead": "Email", "Contact": "Email"}),
        Field("last_name", "text", "lastname", {"Lead": "LastName", "Contact": "LastName"}),
        Field("company_name", "text", "company", {"Lead": "Company"}, to="salesforce"),
        Field("employees", "number", "employees", {"Lead": "NumberOfEmployees"}),
        Field("opted_out", "bool", "hs_email_optout", {"Lead": "HasOptedOutOfEmail", "Contact": "HasOptedOutOfEmail"}),
        Field("owner", "owner", "hubspot_owner_id", {"Lead": "OwnerId", "Contact": "OwnerId"}),
        Field("company", "reference", "associations.companies", {"Contact": "AccountId"}, object="company"),
    )
    return ObjectMapping("person", "contacts", ("Lead", "Contact"), ("email",), {}, {}, "ignore", "ask", fields, {})


def known(field, side, id_):
    return {("company", "5"): "link-5", (None, "77"): "one@example.com", (None, "5"): "five@example.com"}.get(
        (field.object, id_)
    )


def test_values_problems_and_waiting_fields_are_told_apart():
    raw = {
        "email": " One@Example.com",
        "lastname": "",
        "company": None,
        "employees": "a few",
        "hubspot_owner_id": "78",
        "associations.companies": ["5"],
    }
    values, problems, waiting = compile_record(person(), "hubspot", "contacts")(raw, known)
    assert values == {"email": "one@example.com", "opted_out": "false", "company": "link-5"}
    assert [name for name, _ in problems] == ["employees"]
    assert "a few" not in problems[0][1]
    assert waiting == ["owner"]


def test_each_vendor_object_has_its_own_fields():
    raw = {"Email": "one@example.com", "Company": "Example AG", "AccountId": "5", "NumberOfEmployees": 12}
    lead, _, _ = compile_record(person(), "salesforce", "Lead")(raw, known)
    contact, _, _ = compile_record(person(), "salesforce", "Contact")(raw, known)
    assert lead == {"email": "one@example.com", "company_name": "Example AG", "employees": "12", "opted_out": "false"}
    assert contact == {"email": "one@example.com", "opted_out": "false", "company": "link-5"}


def test_an_owner_is_never_taken_for_a_record_of_the_same_number():
    raw = {"hubspot_owner_id": "5", "associations.companies": ["5"]}
    values, _, _ = compile_record(person(), "hubspot", "contacts")(raw, known)
    assert (values["owner"], values["company"]) == ("five@example.com", "link-5")


def test_nothing_is_nothing():
    values, problems, waiting = compile_record(person(), "hubspot", "contacts")({}, known)
    assert (values, problems, waiting) == ({"opted_out": "false"}, [], [])


def test_a_reference_that_is_no_id_is_a_problem_of_its_field_alone():
    raw = {"email": "one@example.com", "associations.companies": {"id": "5"}}
    values, problems, waiting = compile_record(person(), "hubspot", "contacts")(raw, known)
    assert values["email"] == "one@example.com"
    assert ([name for name, _ in problems], waiting) == (["company"], [])


def test_several_references_show_those_that_are_known():
    contacts = Field(
        "contacts",
        "references",
        "associations.contacts",
        {"Opportunity": "OpportunityContactRoles"},
        object="company",
    )
    deal = ObjectMapping("deal", "deals", ("Opportunity",), (), {}, {}, "ignore", "ask", (contacts,), {})
    values, problems, waiting = compile_record(deal, "hubspot", "deals")({"associations.contacts": ["5", "9"]}, known)
    assert (values, problems, waiting) == ({"contacts": "link-5"}, [], ["contacts"])
    assert compile_record(deal, "hubspot", "deals")({"associations.contacts": ["9"]}, known) == ({}, [], ["contacts"])

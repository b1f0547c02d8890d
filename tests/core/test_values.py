"""Raw values of both CRMs and the one canonical text that equal meaning has."""

import pytest

from connector.core.choices import Choices
from connector.core.values import Unmapped, Unreadable, Waiting, canonical, render
from connector.model import Field


def field(type_, **more):
    more.setdefault("hubspot", "a_property")
    more.setdefault("salesforce", {"Lead": "A_Field__c"})
    return Field(name="it", type=type_, where="mappings/person.yaml:7", **more)


def nobody(field_, side, id_):
    return None


def read(type_, raw, side="hubspot", time_zone="Europe/Berlin", **more):
    return canonical(field(type_, **more), side, raw, nobody, time_zone=time_zone)


@pytest.mark.parametrize(
    ("hubspot", "salesforce", "expected"), [("", None, None), (None, None, None), ("false", False, "false"),
                                            ("true", True, "true")],
)  # fmt: skip
def test_a_yes_or_no_that_is_judged_may_be_empty(hubspot, salesforce, expected):
    assert read("bool", hubspot, judged=True) == read("bool", salesforce, "salesforce", judged=True) == expected


@pytest.mark.parametrize(
    ("type_", "hubspot", "salesforce", "expected"),
    [
        ("text", "  Example GmbH\t", "Example GmbH  ", "Example GmbH"),
        ("text", "one\r\ntwo", "one\ntwo", "one\ntwo"),
        ("text", "Mu\u0308ller", "Müller", "Müller"),
        ("text", "", None, None),
        ("text", "   ", None, None),
        ("text", "1054", 1054, "1054"),
        ("text", "12.5", 12.50, "12.5"),
        ("text", "true", True, "true"),
        ("email", " Anna.Muster@Example.COM ", "anna.muster@example.com", "anna.muster@example.com"),
        ("domain", "example.com", "https://WWW.Example.com/about?x=1", "example.com"),
        ("domain", "example.com:8080", "http://user:word@example.com./", "example.com"),
        ("domain", "Müller.example", "xn--mller-kva.example", "xn--mller-kva.example"),
        ("domain", "straße.example", "www.straße.example", "xn--strae-oqa.example"),
        ("domain", "www.de", "http://www.de/", "www.de"),
        ("url", "https://example.com/", "https://example.com", "https://example.com"),
        ("url", "https://example.com/A//", "https://example.com/A", "https://example.com/A"),
        ("number", "1054", 1054.0, "1054"),
        ("number", "12.50", 12.5, "12.5"),
        ("number", "1.2E+3", 1200, "1200"),
        ("number", "-0.00", 0, "0"),
        ("number", ".5", 0.5, "0.5"),
        ("number", "", None, None),
        ("money", "100000000000000000.01", "100000000000000000.01", "100000000000000000.01"),
        ("money", "19.90", 19.9, "19.9"),
        ("bool", "true", True, "true"),
        ("bool", "false", False, "false"),
        ("bool", "", False, "false"),
        ("bool", None, False, "false"),
        ("date", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("date", "1795392000000", "2026-11-23", "2026-11-23"),
        ("date", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00.000+0000", "2026-11-23"),
        ("date", "2026-11-23T23:30:00Z", "2026-11-24", "2026-11-24"),
        ("date", "2026-06-30T22:15:00.123Z", "2026-07-01", "2026-07-01"),
        ("datetime", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000+0000", "2026-11-22T10:00:00Z"),
        ("datetime", "2026-11-22T10:00:00.789Z", "2026-11-22T11:00:00.000+0100", "2026-11-22T10:00:00Z"),
        ("datetime", "1795341600000", "2026-11-22T10:00:00.000Z", "2026-11-22T10:00:00Z"),
        ("datetime", "", None, None),
        ("country", "Germany", "DE", "DE"),
        ("country", "Deutschland", "DEU", "DE"),
        ("country", "oesterreich", "Österreich", "AT"),
        ("country", "USA", "United States of America", "US"),
        ("country", "U.S.A.", "Vereinigte Staaten", "US"),
        ("country", "Philipines", "Philippinen", "PH"),
        ("country", "Great Britain", "Vereinigtes Königreich", "GB"),
        ("country", "Czech Republic", "Tschechien", "CZ"),
        ("country", "South Korea", "Korea, Republic of", "KR"),
        ("country", "Cote d'Ivoire", "Elfenbeinküste", "CI"),
        ("country", "Schweiz", "switzerland", "CH"),
        ("country", "Hong Kong", "Hongkong", "HK"),
        ("enum", "HOT", "HOT", "HOT"),
        ("multi", "b;a;b", "a;b", "a;b"),
        ("multi", ";a", "a", "a"),
        ("multi", "", None, None),
    ],
)
def test_both_sides_agree(type_, hubspot, salesforce, expected):
    assert read(type_, hubspot) == expected
    assert read(type_, salesforce, side="salesforce") == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("+49 89 1234", "+49891234"),
        ("+49891234", "+49891234"),
        ("089/1234", "+49891234"),
        ("(089) 12 34-0", "+498912340"),
        ("+49 (0)89 1234567", "+49891234567"),
        ("+490891234567", "+49891234567"),
        ("0049 89 1234567", "+49891234567"),
        ("+1 415 555 2671", "+14155552671"),
        ("Tel. 089 123456", "+4989123456"),
        ("+49 89 1234 ext. 5", "+49891234;ext=5"),
        ("", None),
        ("  ", None),
        ("4711", "?4711"),
        ("47-11", "?4711"),
        ("on request", "?on request"),
        ("089 123456 / 0171 5551234", "?089 123456 / 0171 5551234"),
        ("089 123456\n0171 5551234", "?089 123456 / 0171 5551234"),
    ],
)
def test_phones_of_the_region_de(raw, expected):
    assert read("phone", raw, region="DE") == expected


def test_a_phone_without_region_keeps_its_digits():
    assert read("phone", "089 / 12 34") == read("phone", "0891234", side="salesforce") == "?0891234"


def test_the_mark_never_reaches_a_crm():
    assert render(field("phone", region="DE"), "salesforce", "?4711", nobody) == "4711"
    assert render(field("phone", region="DE"), "hubspot", "+49891234;ext=5", nobody) == "+49891234 ext. 5"


def test_numbers_are_rounded_half_up():
    assert read("money", "2.675", decimals=2) == "2.68"
    assert read("money", 0.125, side="salesforce", decimals=2) == "0.13"
    assert read("number", "1234.5", decimals=0) == "1235"
    assert read("number", "-0.4", decimals=0) == "0"
    assert read("number", "1200", decimals=2) == "1200"


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        ("number", "1.200,50"),
        ("number", "1,200"),
        ("number", "1 200"),
        ("number", "1.200.000"),
        ("number", "twelve"),
        ("number", "NaN"),
        ("number", "1e999"),
        ("number", float("inf")),
        ("number", "٣"),
        ("number", True),
        ("bool", "perhaps"),
        ("bool", 7),
        ("date", "23.11.2026"),
        ("date", "2026-02-30"),
        ("date", "soon"),
        ("date", "99999999999999999"),
        ("datetime", "yesterday"),
        ("country", "Atlantis"),
        ("country", "Austrila"),
        ("text", ["a"]),
        ("text", {"a": 1}),
        ("reference", {"id": 1}),
    ],
)
def test_what_cannot_be_read_is_said_without_the_value(type_, raw):
    with pytest.raises(Unreadable) as caught:
        read(type_, raw)
    assert str(raw) not in str(caught.value).replace("2026-11-23", "") or type_ == "bool"


def test_a_complaint_names_the_field_and_its_line():
    with pytest.raises(Unreadable, match=r"^it: .* \(mappings/person.yaml:7\)$"):
        read("number", "1,200")


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin", "UTC"])
def test_a_day_is_the_same_day_in_every_time_zone(zone):
    assert read("date", "2026-11-23", time_zone=zone) == "2026-11-23"
    assert read("date", 1795392000000, time_zone=zone) == "2026-11-23"
    closing = field("date", hubspot="closedate", salesforce={"Opportunity": "CloseDate"})
    written = render(closing, "hubspot", "2026-11-23", nobody, time_zone=zone)
    assert canonical(closing, "hubspot", written, nobody, time_zone=zone) == "2026-11-23"
    assert render(closing, "salesforce", "2026-11-23", nobody, time_zone=zone) == "2026-11-23"


def test_options_are_hubspots_when_both_sides_are_written():
    both = field("enum", values=Choices({"presentation": ("Value Proposition", "Needs Analysis"), "won": "Closed Won"}))
    assert canonical(both, "hubspot", "won", nobody) == "won"
    assert canonical(both, "salesforce", "Closed Won", nobody) == "won"
    assert canonical(both, "salesforce", "Needs Analysis", nobody) == "presentation"
    assert render(both, "salesforce", "presentation", nobody) == "Value Proposition"
    assert render(both, "hubspot", "presentation", nobody) == "presentation"
    for side in ("hubspot", "salesforce"):
        with pytest.raises(Unmapped) as caught:
            canonical(both, side, "Zebra", nobody)
        assert "Zebra" not in str(caught.value)
        assert "mappings/person.yaml:7" in str(caught.value)


def test_many_options_may_become_one_in_the_direction_of_flow():
    onwards = field("enum", to="salesforce", values={"NEW": "Open", "OPEN": "Open", "BAD": "Closed"})
    assert canonical(onwards, "hubspot", "NEW", nobody) == canonical(onwards, "hubspot", "OPEN", nobody) == "Open"
    assert canonical(onwards, "salesforce", "Open", nobody) == "Open"
    assert canonical(onwards, "salesforce", "Nurturing", nobody) == "Nurturing"
    back = field("enum", to="hubspot", values={"NEW": "Open", "BAD": "Closed"})
    assert canonical(back, "salesforce", "Closed", nobody) == "BAD"
    assert canonical(back, "hubspot", "SOMETHING", nobody) == "SOMETHING"
    with pytest.raises(Unmapped):
        canonical(back, "salesforce", "Working", nobody)


def test_several_options_are_mapped_one_by_one():
    both = field("multi", values={"a": "Zeta", "b": "Alpha"})
    assert canonical(both, "salesforce", "Alpha;Zeta", nobody) == canonical(both, "hubspot", "b;a", nobody) == "a;b"
    assert render(both, "salesforce", "a;b", nobody) == "Zeta;Alpha"
    with pytest.raises(Unmapped):
        canonical(both, "salesforce", "Alpha;Beta", nobody)


def test_an_owner_is_an_e_mail_on_both_sides():
    people = {("hubspot", "77"): "Sales.One@example.com", ("salesforce", "005000000000001AAA"): "sales.one@example.com"}
    ids = {("hubspot", "sales.one@example.com"): "77"}
    owner = field("owner", hubspot="hubspot_owner_id", salesforce={"Lead": "OwnerId"})

    def known(field_, side, id_):
        return people.get((side, id_))

    def back(field_, side, email):
        return ids.get((side, email))

    assert canonical(owner, "hubspot", "77", known) == "sales.one@example.com"
    assert canonical(owner, "salesforce", "005000000000001AAA", known) == "sales.one@example.com"
    assert canonical(owner, "hubspot", "", known) is None
    assert render(owner, "hubspot", "sales.one@example.com", back) == "77"
    assert render(owner, "hubspot", None, back) == ""
    with pytest.raises(Waiting):
        canonical(owner, "hubspot", "78", known)
    with pytest.raises(Waiting):
        render(owner, "salesforce", "sales.one@example.com", back)


def test_a_reference_takes_the_first_and_references_take_all():
    links = {"5": "L5", "6": "L6", "001000000000005AAA": "L5", "003000000000006AAA": "L6"}

    def known(field_, side, id_):
        return links.get(id_)

    def back(field_, side, link):
        return {"L5": "5", "L6": "6"}.get(link)

    company = field(
        "reference", hubspot="associations.companies", salesforce={"Contact": "AccountId"}, object="company"
    )
    assert canonical(company, "hubspot", ["5", "9"], known) == "L5"
    assert canonical(company, "hubspot", [], known) is None
    assert canonical(company, "salesforce", "001000000000005AAA", known) == "L5"
    assert render(company, "hubspot", "L5", back) == ["5"]
    assert render(company, "hubspot", None, back) == []
    assert render(company, "salesforce", "L6", back) == "6"
    assert render(company, "salesforce", None, back) is None

    contacts = field(
        "references",
        hubspot="associations.contacts",
        salesforce={"Opportunity": "OpportunityContactRoles"},
        object="person",
    )
    assert canonical(contacts, "hubspot", ["6", 5, "6"], known) == "L5;L6"
    assert canonical(contacts, "salesforce", ["003000000000006AAA"], known) == "L6"
    assert render(contacts, "salesforce", "L5;L6", back) == ["5", "6"]
    with pytest.raises(Waiting):
        canonical(contacts, "hubspot", ["5", "7"], known)


def test_clearing_speaks_each_vendors_language():
    for type_ in ("text", "email", "phone", "number", "date", "datetime", "enum", "multi", "country"):
        assert render(field(type_), "hubspot", None, nobody) == ""
        assert render(field(type_), "salesforce", None, nobody) is None
    assert render(field("bool"), "salesforce", None, nobody) is False


def test_salesforce_gets_json_types():
    assert render(field("bool"), "salesforce", "true", nobody) is True
    assert render(field("number"), "salesforce", "1054", nobody) == 1054
    assert isinstance(render(field("number"), "salesforce", "1054", nobody), int)
    assert render(field("money"), "salesforce", "12.5", nobody) == 12.5
    with pytest.raises(Unreadable, match="decimals"):
        render(field("money"), "salesforce", "12345678901234567.89", nobody)


def test_countries_are_written_as_names_or_as_codes():
    assert render(field("country"), "hubspot", "DE", nobody) == "Germany"
    codes = field("country", salesforce={"Contact": "MailingCountryCode"})
    assert render(codes, "salesforce", "DE", nobody) == "DE"
    assert render(codes, "hubspot", "DE", nobody) == "Germany"


@pytest.mark.parametrize(("raw", "expected"), [("Yes", "true"), ("ja", "true"), ("Nein", "false"), (" ", "false")])
def test_checkboxes_of_other_sources_speak_words(raw, expected):
    assert read("bool", raw) == expected


def test_the_last_day_of_the_calendar_has_no_next():
    with pytest.raises(Unreadable):
        read("date", "9999-12-31T23:30:00Z", time_zone="Pacific/Auckland")


@pytest.mark.parametrize("raw", ["Xyz", "n/a", "Bayern"])
def test_short_words_are_no_misspelt_countries(raw):
    with pytest.raises(Unreadable):
        read("country", raw)


def test_a_code_that_is_no_country_is_not_written():
    with pytest.raises(Unreadable):
        render(field("country"), "hubspot", "ZZ", nobody)


def test_ids_may_be_numbers():
    company = field("reference", hubspot="associatedcompanyid", object="company")
    assert canonical(company, "hubspot", 5, lambda of, side, id_: "L" + id_) == "L5"
    assert canonical(company, "hubspot", [5], lambda of, side, id_: "L" + id_) == "L5"

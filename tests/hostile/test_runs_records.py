"""Records that a CRM refuses hold only themselves; a CRM that returns fewer records than before stops the run."""

import pytest
from crm_picture import picture
from small_world import COUNTS, SELLERS, broken, brought_into_step, held, mended

LONG = "canary " * 50
NO_RECORDS = {"hubspot": {"results": []}, "salesforce": {"totalSize": 0, "done": True, "records": []}}


def counts(side):
    return {object_: len(rows) for object_, rows in side.items()}


def others_arrived(pair, side, lacking):
    """Everything is there but the records that were refused."""
    seen = picture(pair)
    assert counts(getattr(seen, side)) == {
        object_: count - lacking.get(object_, 0) for object_, count in COUNTS.items()
    }


def test_a_new_record_that_salesforce_refuses(pair):
    pair.hubspot("edit", {"object": "contacts", "id": 21, "properties": {"lastname": LONG}})
    pair.hubspot("edit", {"object": "deals", "id": 31, "properties": {"dealname": LONG}})
    words = "salesforce refused create of {}: the text is longer than the {} characters the field takes".format
    expected = [
        ("deal", "hubspot", "STRING_TOO_LONG", words("Opportunity: Name", 120)),
        ("person", "hubspot", "STRING_TOO_LONG", words("Contact: LastName", 80)),
    ]
    for _ in range(2):
        result = pair.sync()
        assert (result.exit_code, result.summary["refused"]) == (1, 2)
        assert held(pair) == expected
        others_arrived(pair, "salesforce", {"deal": 1, "person": 1})
    pair.later()
    pair.hubspot("edit", {"object": "contacts", "id": 21, "properties": {"lastname": "Probeson21"}})
    pair.hubspot("edit", {"object": "deals", "id": 31, "properties": {"dealname": "Probe deal 31"}})
    brought_into_step(pair)
    assert held(pair) == []


def test_new_records_that_hubspot_refuses(pair):
    """A portal may ask for properties on new contacts; the interface does not, so people's records exist."""
    settings = pair.folder / "connector.yaml"
    settings.write_text(settings.read_text().replace("hubspot: {", "hubspot: {version: 2026-09, "))
    pair.hubspot("rules", {"object": "contacts", "create_required": ["jobtitle"]})
    words = "hubspot refused create of contacts: the portal requires property jobtitle on new records: fill or map it"
    for _ in range(2):
        result = pair.sync()
        assert (result.exit_code, result.summary["refused"]) == (1, 4)
        assert {row[2:] for row in held(pair)} == {("MISSING_REQUIRED_PROPERTY", words)}
        others_arrived(pair, "hubspot", {"person": 4})
    pair.hubspot("rules", {"object": "contacts"})
    pair.later()
    brought_into_step(pair)
    assert held(pair) == []


def test_an_edit_that_salesforce_refuses(pair):
    """It waits, the person's other edits go on, and the value of the other side is left alone."""
    brought_into_step(pair)
    pair.hubspot("edit", {"object": "companies", "id": 11, "properties": {"name": LONG}})
    pair.hubspot("edit", {"object": "companies", "id": 12, "properties": {"city": "Probeburg"}})
    pair.later()
    for _ in range(2):
        assert pair.sync().exit_code == 1
        ((object_, _, code, text),) = held(pair)
        assert (object_, code) == ("company", "STRING_TOO_LONG")
        assert text.endswith("Name: the text is longer than the 255 characters the field takes")
        seen = picture(pair)
        assert {name for _, _, name in seen.differences()} == {"name"}
        assert "Probe 11 AG" in {row["name"] for row in seen.salesforce["company"].values()}
        pair.later()
    pair.hubspot("edit", {"object": "companies", "id": 11, "properties": {"name": "Probe Eleven"}})
    pair.later()
    brought_into_step(pair)
    assert held(pair) == []


def test_a_duplicate_rule_that_refuses(pair):
    """The address of a HubSpot contact is taken by a second contact in Salesforce: both are named, none is merged."""
    brought_into_step(pair)
    twin = pair.salesforce(
        "create", {"sobject": "Contact", "fields": {"LastName": "Twin", "Email": "new@canary.example"}}
    )
    pair.salesforce("rules", {"duplicate_rule": "block"})
    pair.hubspot("edit", {"object": "contacts", "id": 21, "properties": {"email": "new@canary.example"}})
    pair.later()
    for _ in range(2):
        assert pair.sync().exit_code == 1
        rows = held(pair)
        assert {code for _, _, code, _ in rows} == {"DUPLICATE", "TWINS"}
        assert all(text.count(twin["id"]) == 1 for *_, text in rows)
    pair.salesforce("delete", {"sobject": "Contact", "id": twin["id"]})
    pair.later()
    brought_into_step(pair)
    assert held(pair) == []


def test_an_owner_who_has_left(pair):
    """The record goes without its owner, and gets one when the owner is back."""
    pair.salesforce("users", {"email": SELLERS[0], "active": False})
    assert pair.sync().exit_code == 1
    words = "owner: the owner has no active user with the same e-mail address in salesforce"
    assert {row[1:] for row in held(pair)} == {("hubspot", "OWNER", words)}
    seen = picture(pair)
    assert counts(seen.salesforce) == COUNTS
    assert {name for _, _, name in seen.differences()} == {"owner"}
    pair.salesforce("users", {"email": SELLERS[0], "active": True})
    pair.later()
    brought_into_step(pair)
    assert held(pair) == []


@pytest.mark.parametrize(
    ("side", "path", "words"),
    [
        ("hubspot", r"/crm/objects/[^/]+/contacts\?", "hubspot returned 0 of 8 known contacts records"),
        ("salesforce", "/query.*FROM.Opportunity", "salesforce returned 0 of 6 known Opportunity records"),
    ],
)
def test_fewer_records_than_yesterday(pair, side, path, words):
    pair.setting("brakes: {floor: 5}")
    before = brought_into_step(pair)
    pair.hubspot("edit", {"object": "companies", "id": 12, "properties": {"city": "Probeburg"}})
    pair.later()
    broken(pair, side, path, status=200, answer=NO_RECORDS[side])
    pair.forget_calls()
    result = pair.sync(full=True)
    assert result.exit_code == 4
    assert result.reasons[0].startswith(words)
    assert result.reasons[0].endswith("check the token's scopes and the user's permissions")
    assert pair.counted("writes") == (0, 0)
    mended(pair)
    after = brought_into_step(pair, full=True)
    assert before.differences() == after.differences() == set()
    assert "Probeburg" in {row.get("city") for row in after.salesforce["company"].values()}

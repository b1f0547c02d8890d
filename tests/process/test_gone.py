"""Records that are no more: erased persons stay erased, deletions follow only where the mapping says so, and a lost
state is rebuilt from the stamps."""

import shutil

import pytest
from crm_pair import crm_pair

from connector.engine.run import rebuild

WIPED = "wanda.wiped@example.com"


@pytest.fixture
def pair(tmp_path, monkeypatch):
    with crm_pair(tmp_path / "project", monkeypatch, hubspot_options={"enforce_rates": False}) as running:
        running.remap(
            "person.yaml", "    - {as: contact, when: {company: linked}}", "    - {as: contact, when: always}"
        )
        yield running


def made(pair, email=WIPED, last="Wiped"):
    """A HubSpot contact and the Salesforce contact that a run makes of it."""
    number = pair.hubspot("create", {"object": "contacts", "properties": {"email": email, "lastname": last}})["id"]
    pair.later()
    assert pair.sync().exit_code == 0
    (record,) = [each for each in pair.salesforce_records("Contact").values() if each["Email"] == email]
    return number, record["Id"]


def test_an_erased_person_is_not_brought_back_by_a_new_record(pair):
    number, contact = made(pair)
    pair.hubspot("erase", {"object": "contacts", "id": number})
    # Only a write finds out: HubSpot's search never tells of a record that is gone.
    pair.salesforce("edit", {"sobject": "Contact", "id": contact, "fields": {"Title": "Head of nothing"}})
    pair.later()
    pair.sync()
    pair.salesforce("delete", {"sobject": "Contact", "id": contact})
    pair.salesforce("create", {"sobject": "Contact", "fields": {"LastName": "Wiped", "Email": WIPED}})
    pair.later()
    pair.sync()
    assert pair.hubspot_records("contacts") == {}
    with pair.opened() as store:
        assert [held.code for held in store.inbox.list("person")] == ["ERASED"]
        assert store.mirror.get("hubspot", number, "person") is None


def test_a_full_read_notices_an_erased_person(pair):
    number, contact = made(pair)
    kept, _ = made(pair, "karla.kept@example.com", "Kept")
    pair.hubspot("erase", {"object": "contacts", "id": number})
    pair.later()
    pair.sync()
    with pair.opened() as store:
        assert store.mirror.get("hubspot", number, "person") is not None
    result = pair.sync(full=True)
    assert result.summary["writes"] == {"hubspot": 0, "salesforce": 0}
    with pair.opened() as store:
        assert store.mirror.why_gone("hubspot", number, "person") == "erased"
        assert store.mirror.get("hubspot", kept, "person") is not None
    pair.salesforce("edit", {"sobject": "Contact", "id": contact, "fields": {"Title": "Head of nothing"}})
    pair.later()
    pair.sync()
    assert list(pair.hubspot_records("contacts")) == [kept]


def test_a_deletion_stays_on_its_side_by_default(pair):
    number, contact = made(pair)
    pair.salesforce("delete", {"sobject": "Contact", "id": contact})
    pair.later()
    for _ in range(2):
        result = pair.sync()
        assert result.summary["writes"] == {"hubspot": 0, "salesforce": 0}
    assert list(pair.hubspot_records("contacts")) == [number]


def test_a_deletion_is_followed_where_the_mapping_says_archive(pair):
    pair.remap("person.yaml", "delete: ignore", "delete: archive")
    number, contact = made(pair)
    kept, _ = made(pair, "karla.kept@example.com", "Kept")
    pair.salesforce("delete", {"sobject": "Contact", "id": contact})
    pair.later()
    result = pair.sync()
    assert result.summary["plan"]["archive"] == {"hubspot": 1, "salesforce": 0}
    assert list(pair.hubspot_records("contacts")) == [kept]
    pair.later()
    assert pair.sync().summary["writes"] == {"hubspot": 0, "salesforce": 0}
    assert number != kept


def test_a_lost_state_is_rebuilt_without_a_write(pair):
    made(pair)
    number, _ = made(pair, "anna.again@example.com", "Again")
    shutil.rmtree(pair.folder / "state")
    pair.hubspot("edit", {"object": "contacts", "id": number, "properties": {"lastname": "Anders"}})
    pair.later()
    pair.forget_calls()
    result = pair.sync(step=rebuild)
    assert pair.counted("writes") == (0, 0)
    with pair.opened() as store:
        assert store.links.count("person") == 2
        (conflict,) = store.conflicts.list("open")
        assert (conflict.field, conflict.hubspot, conflict.salesforce) == ("last_name", "Anders", "Again")
        store.conflicts.resolve(conflict.number, "hubspot")
    assert result.exit_code == 1
    assert pair.sync().summary["writes"] == {"hubspot": 0, "salesforce": 1}
    assert {each["LastName"] for each in pair.salesforce_records("Contact").values()} == {"Wiped", "Anders"}

"""Reads of the HubSpot adapter, over HTTP, against the sandbox."""

import orjson
import pytest
import responses
from hubspot_portal import STAMP, Portal, fresh, refuse_job, serving

from connector.crm.auth import FixedToken
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.port import Query
from connector.errors import LaterError, SettingsError
from connector.model import Gone, Write


@pytest.fixture(scope="module")
def sandbox():
    with serving() as started:
        yield started


@pytest.fixture
def hub(sandbox):
    with fresh(sandbox) as started:
        yield started


def rows(count, step=1, start=5_000):
    numbers = [start + step * n for n in range(count)]
    return [{"hs_object_id": str(number), "email": f"p{number}@example.com"} for number in numbers]


def test_account_owners_usage_and_time(hub: Portal):
    account = hub.crm.account()
    assert (account.side, account.time_zone, account.currency) == ("hubspot", "Europe/Berlin", "EUR")
    hub.sandbox.order("owners", {"owners": [{"id": "7", "email": "Ana.Sample@Example.com", "archived": True}]})
    assert ("7", "ana.sample@example.com", False) in [(o.id, o.email, o.active) for o in hub.crm.owners()]
    usage = hub.crm.usage()
    assert usage.limit > usage.left > 0
    assert usage.used >= 3
    hub.sandbox.order("clock", {"advance": 86_400})
    hub.crm.owners()
    assert abs((hub.crm.now() - hub.sandbox.clock.now()).total_seconds()) < 2


def test_describe_tells_what_may_be_written(hub: Portal):
    contacts, deals = hub.crm.describe("contacts"), hub.crm.describe("deals")
    assert contacts[STAMP].unique
    assert not contacts["lastmodifieddate"].writable
    assert "lead" in contacts["lifecyclestage"].options
    assert contacts["hubspot_owner_id"].options is None
    assert "closedwon" in deals["dealstage"].options
    assert deals["pipeline"].options == ("default",)
    assert deals["dealname"].required
    before = hub.crm.client.door.calls
    assert hub.crm.describe("contact") is contacts
    assert hub.crm.client.door.calls == before


def test_a_full_read_brings_everything_and_what_is_in_the_bin(hub: Portal):
    numbers = hub.people(230)
    hub.crm.archive("contacts", [Write("a", numbers[3], {})])
    reading, records, gone = hub.read_all(("email", "firstname"))
    assert reading.full
    assert sorted(r.id for r in records) == sorted(set(numbers) - {numbers[3]})
    assert {r.fields["firstname"] for r in records} == {None}
    assert gone == [Gone("hubspot", "contacts", numbers[3], "deleted")]


@pytest.mark.parametrize("step", [1, 37, 1_000_003])
def test_a_large_full_read_runs_side_by_side_and_misses_nothing(hub: Portal, step):
    hub.sandbox.order("load", {"object": "contacts", "rows": rows(3_000, step) + rows(1_200, 1, 10**13)})
    hub.sandbox.order("latency", {"seconds": 0.01})
    hub.sandbox.forget()
    _, records, _ = hub.read_all()
    assert len(records) == len({r.id for r in records}) == 4_200
    counters = hub.sandbox.order("counters", method="GET")
    assert counters["most_in_flight"] > 4
    assert counters["calls"] < 42 + 25


def test_an_idle_incremental_read_costs_one_call(hub: Portal):
    hub.people(3)
    hub.sandbox.order("clock", {"advance": 3_600})
    reading, _, _ = hub.read_all()
    hub.sandbox.forget()
    again, records, gone = hub.read_all(mark=reading.mark)
    assert (hub.sandbox.calls(), records, gone, again.full) == (1, [], [], False)
    assert again.mark[:18] == reading.mark[:18]


def test_an_incremental_read_brings_what_changed_since_with_overlap(hub: Portal):
    numbers = hub.people(5)
    hub.sandbox.order("clock", {"advance": 3_600})
    reading, _, _ = hub.read_all()
    hub.edit("contacts", numbers[2], firstname="Ada")
    _, records, _ = hub.read_all(("firstname",), reading.mark)
    assert [(r.id, r.fields) for r in records] == [(numbers[2], {"firstname": "Ada"})]
    assert records[0].modified.endswith("Z")
    assert len(records[0].modified) == len("2026-01-01T00:00:00.000Z")


def test_a_write_that_the_search_index_shows_late_is_read_by_the_next_run(hub: Portal):
    number = hub.people(1)[0]
    hub.sandbox.order("clock", {"advance": 3_600})
    reading, _, _ = hub.read_all()
    hub.sandbox.order("lag", {"seconds": 20})
    hub.edit("contacts", number, firstname="Late")
    second, records, _ = hub.read_all(("firstname",), reading.mark)
    assert records == []
    hub.sandbox.order("clock", {"advance": 25})
    _, records, _ = hub.read_all(("firstname",), second.mark)
    assert [r.id for r in records] == [number]


def test_more_than_ten_thousand_changes_in_one_instant(hub: Portal):
    hub.sandbox.order("clock", {"now": "2026-10-01T10:00:00+00:00"})
    hub.sandbox.order("load", {"object": "contacts", "rows": rows(10_450)})
    _, records, _ = hub.read_all(mark="2026-10-01T10:00:00+00:00")
    assert len({r.id for r in records}) == len(records) == 10_450


def test_a_large_change_is_listed_when_that_is_quicker(hub: Portal):
    hub.sandbox.order("load", {"object": "contacts", "rows": rows(2_500)})
    hub.sandbox.forget()
    reading, records, _ = hub.read_all(mark="2026-01-01T00:00:00+00:00", expected=2_500)
    assert reading.full
    assert reading.mark
    assert len({r.id for r in records}) == 2_500


def test_associations_come_with_every_kind_of_read_primary_first(hub: Portal):
    people, companies = hub.people(2), hub.companies(3)
    add = {"associations.companies": {"add": [companies[2], companies[0], companies[1]], "remove": []}}
    hub.crm.associate("contacts", [Write("a", people[0], add)])
    field = "associations.companies"
    expected = [companies[2], companies[0], companies[1]]
    reading, full, _ = hub.read_all((field, "email"))
    _, changed, _ = hub.read_all((field, "email"), reading.mark)
    read = hub.crm.read("contacts", people, [field])
    found = hub.crm.find("contacts", STAMP, ["0030", "0031"], [field])
    for records in (full, changed, read, found):
        linked = {r.id: r.fields[field] for r in records}
        assert linked[people[0]][0] == companies[2]
        assert sorted(linked[people[0]]) == sorted(expected)
        assert linked[people[1]] == []


def test_find_sees_own_writes_before_the_search_index_does(hub: Portal):
    hub.sandbox.order("lag", {"seconds": 600})
    number = hub.people(1)[0]
    found = hub.crm.find("contacts", STAMP, ["0030", "0039"], ["email"])
    assert [(r.id, r.fields["email"], r.fields[STAMP]) for r in found] == [(number, "person0@example.com", "0030")]
    assert [r.id for r in hub.crm.find("contacts", "id", [number], ["email"])] == [number]


def test_what_is_gone_is_told_apart(hub: Portal):
    numbers = hub.people(6)
    hub.sandbox.order("archive", {"object": "contacts", "id": numbers[0]})
    hub.sandbox.order("erase", {"object": "contacts", "id": numbers[1]})
    merged = hub.sandbox.order("merge", {"object": "contacts", "primary": numbers[2], "other": numbers[3]})["id"]
    gone = {g.id: (g.why, g.into) for g in hub.crm.gone("contacts", numbers)}
    assert gone == {
        numbers[0]: ("deleted", None),
        numbers[1]: ("erased", None),
        numbers[2]: ("merged", merged),
        numbers[3]: ("merged", merged),
    }


@pytest.mark.parametrize(
    ("method", "status", "answer"),
    [
        ("GET", 404, {"html": "nothing here"}),
        ("GET", 403, {"status": "error", "category": "MISSING_SCOPES", "message": "no"}),
        ("GET", 503, None),
        ("POST", 403, {"status": "error", "category": "MISSING_SCOPES", "message": "no"}),
        ("POST", 503, None),
    ],
)
def test_without_a_clear_answer_nothing_is_gone(hub: Portal, method, status, answer):
    [number] = hub.people(1)
    hub.sandbox.order("erase", {"object": "contacts", "id": number})
    fault = {"kind": "status", "method": method, "path": "/contacts/", "status": status, "times": 99}
    hub.sandbox.order("faults", {**fault, **({"answer": answer} if answer else {})})
    with pytest.raises((SettingsError, LaterError)):
        hub.crm.gone("contacts", [number])


def test_a_short_answer_makes_nothing_gone(hub: Portal):
    [number] = hub.people(1)
    short = {"status": "COMPLETE", "results": []}
    path = "/contacts/batch/read"
    hub.sandbox.order("faults", {"kind": "status", "path": path, "status": 200, "times": 2, "answer": short})
    assert hub.crm.gone("contacts", [number]) == []


def test_a_merge_is_read_with_its_trace(hub: Portal):
    numbers = hub.people(3)
    hub.sandbox.order("clock", {"advance": 3_600})
    reading, _, _ = hub.read_all()
    merged = hub.sandbox.order("merge", {"object": "contacts", "primary": numbers[0], "other": numbers[1]})["id"]
    _, records, _ = hub.read_all(mark=reading.mark)
    trace = {r.id: r.fields.get("hs_merged_object_ids") for r in records}
    assert set(trace[merged].split(";")) == {numbers[0], numbers[1]}


def test_history_knows_our_own_writes_from_a_persons(hub: Portal):
    numbers = hub.people(2)
    hub.crm.update("contacts", [Write("u", numbers[0], {"firstname": "Ours"})], refuse_job)
    hub.sandbox.order("clock", {"advance": 60})
    hub.edit("contacts", numbers[0], firstname="Theirs")
    history = hub.crm.history("contacts", numbers, ["firstname", "lastname"])
    assert [(c.value, c.ours) for c in history[numbers[0]]["firstname"]] == [("Theirs", False), ("Ours", True)]
    assert [(c.value, c.ours) for c in history[numbers[1]]["lastname"]] == [("Test", True)]


def test_a_property_that_does_not_exist_stops_the_read_instead_of_looking_empty(hub: Portal):
    hub.people(1)
    for mark in (None, "2026-01-01T00:00:00+00:00"):
        with pytest.raises(SettingsError, match="no property firstnam on contacts"):
            hub.read_all(("email", "firstnam"), mark)


def test_an_object_that_does_not_exist_is_named(hub: Portal):
    with pytest.raises(SettingsError, match="unicorns"):
        hub.read_all(vendor_object="unicorns")
    with pytest.raises(SettingsError, match="unicorns"):
        hub.crm.describe("unicorns")


@pytest.mark.parametrize("count", [80, 260])
def test_more_properties_than_a_search_body_or_an_address_holds(hub: Portal, count):
    names = [f"a_property_with_a_rather_long_name_for_search_{n}" for n in range(count)]
    told = {"type": "string", "fieldType": "text", "groupName": "contactinformation"}
    for start in range(0, count, 100):
        inputs = [{"name": name, "label": name, **told} for name in names[start : start + 100]]
        path = hub.crm.paths.properties("contacts") + "/batch/create"
        assert hub.crm.client.post(path, {"inputs": inputs}, repeat=False).status == 201
    numbers = hub.people(3, **{names[-1]: "there"})
    for mark in (None, "2026-01-01T00:00:00+00:00"):
        _, records, _ = hub.read_all([*names, "associations.companies"], mark)
        told_by_id = {
            r.id: (r.fields[names[-1]], r.fields[names[0]], r.fields["associations.companies"]) for r in records
        }
        assert told_by_id == dict.fromkeys(numbers, ("there", None, []))


def test_a_read_survives_an_answer_that_breaks_off(hub: Portal):
    hub.people(150)
    hub.sandbox.order("faults", {"kind": "cut", "method": "GET", "path": "/contacts"})
    hub.sandbox.order("faults", {"kind": "status", "method": "GET", "path": "/contacts", "nth": 3, "status": 502})
    _, records, _ = hub.read_all()
    assert len(records) == 150
    assert hub.waits


def test_a_read_that_cannot_be_finished_has_no_mark(hub: Portal):
    hub.people(150)
    hub.sandbox.order("faults", {"kind": "status", "method": "GET", "path": "after=", "times": 99, "status": 500})
    reading = hub.crm.changes(Query("contacts", ("email",)), None)
    with pytest.raises(LaterError):
        list(reading)
    assert reading.mark == ""


def test_pages_out_of_the_order_of_ids_are_read_one_by_one():
    """What the sandbox never does: a portal whose list is not ordered by id, `after` being what it may."""
    base = "https://crm.example"
    order = [n * 7919 % 3_001 + 10_000 for n in range(3_000)]

    def listed(request):
        start = int(request.params.get("after", 0) or 0)
        start = order.index(start) if start in order else 0
        numbers = [] if request.params.get("archived") else order[start : start + 100]
        body = {"results": [{"id": str(n), "properties": {"email": "", "lastmodifieddate": ""}} for n in numbers]}
        if numbers and start + 100 < len(order):
            body["paging"] = {"next": {"after": str(order[start + 100])}}
        return 200, {}, orjson.dumps(body)

    with responses.RequestsMock() as mock:
        mock.add_callback("GET", f"{base}/crm/objects/2026-03/contacts", listed)
        mock.add(
            "POST",
            f"{base}/crm/objects/2026-03/contacts/search",
            json={"total": 3_000, "results": [{"id": str(max(order))}]},
        )
        crm = HubSpot(base, FixedToken("t"), pause=lambda _: None)
        records = [r.id for page in crm.changes(Query("contacts", ("email",)), None) for r in page.records]
        crm.close()
    assert set(records) == {str(n) for n in order}

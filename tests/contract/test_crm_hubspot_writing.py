"""Writes of the HubSpot adapter, over HTTP, against the sandbox."""

import pytest
from hubspot_portal import STAMP, Portal, adapted, fresh, ids, refuse_job, serving

from connector.errors import LaterError, SettingsError
from connector.model import Done, Later, Refused, Unknown, Write


@pytest.fixture(scope="module")
def sandbox():
    with serving() as started:
        yield started


@pytest.fixture
def hub(sandbox):
    with fresh(sandbox) as started:
        yield started


def make(*rows):
    return [Write(f"row-{n}", None, {STAMP: f"S{n}", **row}) for n, row in enumerate(rows)]


def told(outcome):
    """The code of a refusal, else what kind of outcome it is."""
    return getattr(outcome, "code", type(outcome).__name__)


def create(hub, writes):
    return hub.crm.create("contacts", STAMP, writes, refuse_job)


def update(hub, writes):
    return hub.crm.update("contacts", writes, refuse_job)


def stored(hub, vendor_object="contacts"):
    return hub.sandbox.order(f"records?object={vendor_object}", method="GET")


def test_creating_twice_makes_nothing_twice_and_answers_what_is_stored(hub: Portal):
    writes = make({"email": " ADA@Example.com ", "lastname": "Sample"})
    first, second = create(hub, writes)[0], create(hub, writes)[0]
    assert (first.created, second.created) == (True, False)
    assert first.id == second.id
    assert first.fields["email"] == "ada@example.com"
    assert first.modified
    assert len(stored(hub)) == 1


def test_more_than_one_batch(hub: Portal):
    assert len(set(hub.people(250))) == 250


def test_every_record_gets_its_own_outcome(hub: Portal):
    taken = hub.people(1)[0]
    outcomes = create(
        hub,
        make(
            {"email": "person0@example.com"},
            {"email": "no address"},
            {"lastname": "Fine"},
            {"no_such_property": "secret value"},
            {"lifecyclestage": "Secret Stage"},
            {"num_associated_deals": "7"},
        ),
    )
    assert [told(o) for o in outcomes] == [
        "DUPLICATE",
        "INVALID_EMAIL",
        "Done",
        "PROPERTY_DOESNT_EXIST",
        "INVALID_OPTION",
        "READ_ONLY_VALUE",
    ]
    assert outcomes[0].holder == taken
    text = repr(outcomes)
    assert "no_such_property" in text
    assert "lifecyclestage" in text
    for value in ("secret value", "Secret Stage", "person0@", "no address"):
        assert value not in text.replace(repr(outcomes[2]), "")


def test_a_batch_refused_as_a_whole_is_cut_until_the_culprit_is_alone(hub: Portal):
    order = {"kind": "status", "method": "POST", "path": "batch/upsert", "body": "Culprit", "times": 99, "status": 400}
    hub.sandbox.order(
        "faults", {**order, "answer": {"status": "error", "category": "VALIDATION_ERROR", "message": "x"}}
    )
    rows = [{"lastname": "Culprit" if n == 11 else "Fine"} for n in range(40)]
    outcomes = create(hub, make(*rows))
    assert [n for n, o in enumerate(outcomes) if not isinstance(o, Done)] == [11]
    assert outcomes[11] == Refused("VALIDATION_ERROR", "HubSpot refuses the record: x")


def test_a_property_refused_for_the_whole_batch_blames_all_who_write_it_at_once(hub: Portal):
    bad = {"message": "m", "code": "PROPERTY_DOESNT_EXIST", "context": {"propertyName": ["nick"]}}
    answer = {"status": "error", "category": "VALIDATION_ERROR", "message": "m", "errors": [bad]}
    order = {"kind": "status", "method": "POST", "path": "batch/upsert", "body": "nick", "times": 99, "status": 400}
    hub.sandbox.order("faults", {**order, "answer": answer})
    hub.sandbox.forget()
    outcomes = create(hub, make(*[{"lastname": "L", **({"nick": "N"} if n % 2 else {})} for n in range(60)]))
    assert [isinstance(o, Done) for o in outcomes] == [n % 2 == 0 for n in range(60)]
    assert hub.sandbox.calls() == 2


def test_an_empty_value_clears(hub: Portal):
    number = hub.people(1, firstname="Ada")[0]
    outcome = update(hub, [Write("u", number, {"firstname": None})])[0]
    assert not outcome.fields["firstname"]
    assert "firstname" not in stored(hub)[number]["properties"]


def test_updates_of_lost_or_merged_records_are_refused(hub: Portal):
    numbers = hub.people(3)
    hub.sandbox.order("merge", {"object": "contacts", "primary": numbers[0], "other": numbers[1]})
    outcomes = update(hub, [Write(f"u{n}", n, {"firstname": "F"}) for n in [numbers[0], "424242", numbers[2]]])
    assert [told(o) for o in outcomes] == ["Unknown", "GONE", "Done"]  # HubSpot's answer passes over merged ids


def test_a_lost_answer_of_a_create_is_asked_for_again(hub: Portal):
    hub.sandbox.order("faults", {"kind": "lost", "method": "POST", "path": "batch/upsert"})
    hub.crm.account()
    outcome = create(hub, make({"lastname": "Once"}))[0]
    assert outcome.created
    assert len(stored(hub)) == 1
    hub.sandbox.order("clock", {"advance": 60})
    hub.sandbox.order("faults", method="DELETE")
    hub.crm.owners()  # an answer that tells the time after the jump
    hub.sandbox.order("faults", {"kind": "lost", "method": "POST", "path": "batch/upsert"})
    assert not create(hub, make({"lastname": "Again"}))[0].created


def test_a_lost_answer_of_an_update_is_unknown_and_never_repeated(hub: Portal):
    number = hub.people(1)[0]
    for kind in ("lost", "cut"):
        hub.sandbox.order("faults", {"kind": kind, "method": "POST", "path": "batch/update"})
        hub.sandbox.forget()
        assert isinstance(update(hub, [Write("u", number, {"firstname": kind})])[0], Unknown)
        assert hub.sandbox.calls() == 1
        assert stored(hub)[number]["properties"]["firstname"] == kind
        hub.sandbox.order("faults", method="DELETE")


def test_an_update_refused_for_now_is_repeated(hub: Portal):
    number = hub.people(1)[0]
    hub.sandbox.order("faults", {"kind": "status", "path": "batch/update", "times": 2, "status": 423})
    assert isinstance(update(hub, [Write("u", number, {"firstname": "F"})])[0], Done)
    assert hub.waits == [0.5, 1.0]


def test_an_error_that_stops_everything_loses_no_outcome(hub: Portal):
    numbers = hub.people(150)
    hub.sandbox.order("faults", {"kind": "status", "path": "batch/update", "nth": 2, "times": 99, "status": 429})
    outcomes = update(hub, [Write(f"u{n}", n, {"firstname": "F"}) for n in numbers])
    assert [type(o) for o in outcomes] == [Done] * 100 + [Later] * 50
    hub.sandbox.order("faults", method="DELETE")
    hub.sandbox.order("faults", {"kind": "status", "path": "batch/update", "times": 99, "status": 429})
    with pytest.raises(LaterError):
        update(hub, [Write("u", numbers[0], {"firstname": "G"})])


def test_a_missing_scope_is_named(hub: Portal):
    hub.sandbox.order("tokens", {"add": "pat-na1-sandbox", "scopes": ["crm.objects.contacts.read"]})
    with pytest.raises(SettingsError, match=r"crm\.objects\.contacts\.write"):
        create(hub, make({"lastname": "L"}))


def test_archiving(hub: Portal):
    numbers = hub.people(2)
    writes = [Write("a", numbers[0], {}), Write("b", "424242", {})]
    assert ids(hub.crm.archive("contacts", writes)) == [numbers[0], "424242"]
    assert stored(hub)[numbers[0]]["archived"]
    assert not stored(hub)[numbers[1]]["archived"]


def test_the_portals_rules_are_told_by_their_property(hub: Portal):
    rule = {"property": "city", "when": "country", "values": ["Germany"]}
    hub.sandbox.order("rules", {"object": "contacts", "conditional": [rule]})
    with adapted(hub.sandbox, version="2026-09") as newer:
        outcome = create(newer, make({"lastname": "L", "country": "Germany"}))[0]
    assert outcome.code == "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
    assert "city" in outcome.message


# --- associations ----------------------------------------------------------------------------------------------


def linked(hub, number, vendor_object="contacts", field="associations.companies"):
    return hub.crm.read(vendor_object, [number], [field])[0].fields[field]


def associate(hub, vendor_object, *wishes, field="associations.companies"):
    writes = [
        Write(f"w{n}", number, {field: {"add": add, "remove": remove}})
        for n, (number, add, remove) in enumerate(wishes)
    ]
    return hub.crm.associate(vendor_object, writes)


def test_the_first_company_becomes_primary_and_stays_it(hub: Portal):
    (person,), (one, two, three) = hub.people(1), hub.companies(3)
    ids(associate(hub, "contacts", (person, [two], [])))
    ids(associate(hub, "contacts", (person, [one, three], [])))
    assert linked(hub, person)[0] == two
    assert sorted(linked(hub, person)) == sorted([one, two, three])


def test_moving_to_another_company_moves_the_primary(hub: Portal):
    (person,), (one, two) = hub.people(1), hub.companies(2)
    associate(hub, "contacts", (person, [one], []))
    ids(associate(hub, "contacts", (person, [two], [one])))
    assert linked(hub, person) == [two]
    assert stored(hub)[person]["properties"]["associatedcompanyid"] == two


def test_associating_again_changes_nothing_and_keeps_labels(hub: Portal):
    (person,), (one,) = hub.people(1), hub.companies(1)
    associate(hub, "contacts", (person, [one], []))
    before = stored(hub)[person]["properties"]["lastmodifieddate"]
    hub.sandbox.forget()
    ids(associate(hub, "contacts", (person, [one], [])))
    assert hub.sandbox.calls() == 1
    assert stored(hub)[person]["properties"]["lastmodifieddate"] == before


def test_each_record_of_an_association_batch_has_its_own_outcome(hub: Portal):
    (person, other), (one,) = hub.people(2), hub.companies(1)
    outcomes = associate(hub, "contacts", (person, [one], []), ("424242", [one], []), (other, ["434343"], []))
    assert [told(o) for o in outcomes] == ["Done", "GONE", "TARGET_GONE"]
    assert "434343" in outcomes[2].message


def test_a_refused_addition_removes_nothing(hub: Portal):
    (person,), (one,) = hub.people(1), hub.companies(1)
    associate(hub, "contacts", (person, [one], []))
    outcome = associate(hub, "contacts", (person, ["434343"], [one]))[0]
    assert isinstance(outcome, Refused)
    assert linked(hub, person) == [one]


def test_people_of_a_deal(hub: Portal):
    people = hub.people(3)
    row = {STAMP: "006", "dealname": "Deal", "pipeline": "default", "dealstage": "qualifiedtobuy"}
    deal = ids(hub.crm.create("deals", STAMP, [Write("d", None, row)], refuse_job))[0]
    field = "associations.contacts"
    ids(associate(hub, "deals", (deal, people, []), field=field))
    assert sorted(linked(hub, deal, "deals", field)) == people
    ids(associate(hub, "deals", (deal, [], people[:2]), field=field))
    assert linked(hub, deal, "deals", field) == people[2:]


def test_a_lost_answer_of_an_association_is_asked_for_again(hub: Portal):
    (person,), (one,) = hub.people(1), hub.companies(1)
    hub.sandbox.order("faults", {"kind": "lost", "method": "POST", "path": "/crm/associations/.*/batch/create"})
    ids(associate(hub, "contacts", (person, [one], [])))
    assert linked(hub, person) == [one]

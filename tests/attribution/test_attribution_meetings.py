"""A meeting of several contacts: a touchpoint of each of them, one touch of a deal that they share."""

import pytest
from attribution_world import World, project

AT = "2026-11-05T10:00:00Z"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "state.sqlite", project(include_sales=True))


def persons(world, side="hubspot"):
    """Key -> whom the touchpoint of a meeting points to."""
    at = {"hubspot": "associations.contacts", "salesforce": "Lead__c"}[side]
    return {row["key"]: row[at] for row in world.rows(side, "touchpoint") if row["channel"] == "sales"}


def meet(world, *deals):
    """Ann and Bob, both known to both CRMs, meet; each of `deals` has these of them."""
    company = world.hubspot.put("companies", name="Example GmbH").id
    found = {name: world.contact(name, sales="wanted") for name in ("ann", "bob")}
    for number, names in enumerate(deals):
        contacts = [found[name] for name in names]
        world.deal(f"Press {number}", *contacts, amount="1000", **{"associations.companies": [company]})
    world.run()  # makes the other records
    world.meeting("77", AT, *found.values())
    world.run()
    return list(found.values())


def test_buyers_of_one_deal_have_a_touchpoint_each_and_the_deal_one_touch(world):
    contacts = meet(world, ("ann", "bob"))
    assert sorted(persons(world).values()) == [[each] for each in sorted(contacts)]
    assert persons(world).keys() == persons(world, "salesforce").keys()
    leads = {row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead"}
    assert set(persons(world, "salesforce").values()) == leads
    assert {row["source_record"] for row in world.rows("hubspot", "touchpoint")} == {"77"}
    for side in ("hubspot", "salesforce"):
        assert world.credits(side, "linear") == {"sales": "1000.00"}
    assert world.writes() == 0


def test_buyers_of_two_deals_have_a_touch_on_each(world):
    meet(world, ("ann",), ("bob",))
    assert len(persons(world)) == len(persons(world, "salesforce")) == 2
    assert world.credits(model="linear") == {"sales": "1000.00, 1000.00"}
    points = {row["associations.2-1"][0] for row in world.rows("hubspot", "credit")}
    assert len(points) == 2
    assert world.writes() == 0
    world.form(world.contact("cleo"), "f1", "2026-11-01T10:00:00Z")
    world.run()
    assert world.writes() == 0


@pytest.mark.parametrize("why", ["erased", "deleted"])
@pytest.mark.parametrize("leaves", [0, 1])
def test_one_of_them_is_deleted(world, leaves, why):
    contacts = meet(world, ("ann", "bob"))
    (stays,) = (each for each in contacts if each != contacts[leaves])
    world.hubspot.delete("contacts", contacts[leaves], why)
    world.settle()
    assert list(persons(world).values()) == [[stays]]
    assert len(persons(world, "salesforce")) == 1
    assert world.credits(model="linear") == world.credits("salesforce", "linear") == {"sales": "1000.00"}


def test_two_of_them_are_merged(world):
    ann, bob = meet(world, ("ann", "bob"))
    (key,) = (key for key, contact in persons(world).items() if contact == [min(ann, bob, key=int)])
    fields = {**world.hubspot.rows["contacts", ann].fields, "hs_merged_object_ids": f"{ann};{bob}"}
    merged = world.hubspot.put("contacts", **fields).id
    for deal in [row for row in world.hubspot.rows.values() if row.vendor_object == "deals"]:
        world.hubspot.put("deals", deal.id, **{"associations.contacts": [merged]})
    for old in (ann, bob):
        world.hubspot.delete("contacts", old, "merged", merged)
    world.meeting("77", AT, merged)  # told again under the new id
    world.settle()
    assert {key: contacts[-1] for key, contacts in persons(world).items()} == {key: merged}
    assert world.credits(model="linear") == {"sales": "1000.00"}

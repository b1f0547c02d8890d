"""What a CRM deleted is no touch any more: its deal's credits change, and nobody else's."""

import pytest
from attribution_world import World, project
from test_attribution_run import journey


def credits_of(world, deal):
    """The credits of one deal by key."""
    return {row["key"]: row for row in world.rows("hubspot", "credit") if row["associations.deals"] == [deal]}


def test_a_touch_that_was_deleted_changes_exactly_its_deals_credits(world):
    ann, bob = world.contact("ann", sales="wanted"), world.contact("bob")
    journey(world, ann)
    world.form(bob, "g1", "2026-09-15T10:00:00Z", "https://example.com/x?utm_medium=social")
    press, lathe = world.deal("Press", ann), world.deal("Lathe", bob, amount="1000")
    world.settle()
    untouched = credits_of(world, press), credits_of(world, lathe)
    lead = next(row.id for row in world.salesforce.rows.values() if row.vendor_object == "Lead")
    world.response(lead, "00v1", "2026-10-20")
    world.settle()
    assert {row["channel"] for row in credits_of(world, press).values()} == {"paid", "email", "webinar", "organic"}
    world.salesforce.untell("campaign_member", "00v1")
    world.run()
    fields = {"channel", "amount", "percent", "milestones"}
    for before, deal in zip(untouched, (press, lathe), strict=True):
        now = credits_of(world, deal)
        assert {key: {name: row.get(name) for name in fields} for key, row in now.items()} == {
            key: {name: row.get(name) for name in fields} for key, row in before.items()
        }
    assert credits_of(world, lathe) == untouched[1]
    assert "webinar" not in {row["channel"] for side in world.crms for row in world.rows(side, "touchpoint")}
    assert world.writes() == 0


def test_a_meeting_that_was_deleted_is_found_by_a_full_read(tmp_path):
    world = World(tmp_path / "state.sqlite", project(include_sales=True))
    ann, bob = world.contact("ann"), world.contact("bob")
    world.form(ann, "f1", "2026-09-01T10:00:00Z", "https://example.com/book?utm_medium=cpc")
    for person in (ann, bob):
        world.meeting("7", "2026-10-01T10:00:00Z", person)
        world.meeting("77", "2026-10-02T10:00:00Z", person)
    world.deal("Press", ann)
    world.settle()
    before = world.credits(model="linear")
    assert before["paid"] == "16000.00"
    world.hubspot.untell("meeting", "7")
    world.settle()
    assert world.credits(model="linear") == before
    world.run(full=True)
    assert world.credits(model="linear")["paid"] == "24000.00"
    assert sorted(row["channel"] for row in world.rows("hubspot", "touchpoint")) == ["paid", "sales", "sales"]
    assert world.writes() == 0


def test_a_hubspot_that_looks_empty_has_no_meetings_taken_away(tmp_path):
    world = World(tmp_path / "state.sqlite", project(include_sales=True))
    people = [world.contact(f"p{number}") for number in range(25)]
    for number, person in enumerate(people):
        world.meeting(str(number), "2026-10-01T10:00:00Z", person)
    world.settle()
    for number in range(25):
        world.hubspot.untell("meeting", str(number))
    hidden = {key: world.hubspot.rows.pop(key) for key in list(world.hubspot.rows) if key[0] == "contacts"}
    assert world.run(full=True).exit_code == 4
    with world.store() as store:
        assert len(store.activities.ids("hubspot", "meeting")) == 25
    world.hubspot.rows.update(hidden)


def linear(world):
    """(deal, channel) of every credit of one model."""
    return {
        (row["associations.deals"][0], row["channel"])
        for row in world.rows("hubspot", "credit")
        if row["model"] == "linear"
    }


def two(world):
    """Two persons with a deal each: name -> contact, name -> deal."""
    people = {name: world.contact(name, sales="wanted") for name in ("ann", "bob")}
    return people, {name: world.deal(name, person) for name, person in people.items()}


@pytest.mark.parametrize(("first", "then"), [("ann", "bob"), ("bob", "ann")])
def test_an_activity_that_moves_to_another_person_takes_its_touch_along(world, first, then):
    _, deals = two(world)
    world.settle()
    ids = {row.fields["Email"].partition("@")[0]: row.id for row in world.salesforce.rows.values()
           if row.vendor_object == "Lead"}  # fmt: skip
    world.response(ids[first], "00v1", "2026-10-20")
    world.settle()
    assert linear(world) == {(deals[first], "webinar"), (deals[then], "unattributed")}
    world.response(ids[then], "00v1", "2026-10-20")
    world.settle()
    assert linear(world) == {(deals[first], "unattributed"), (deals[then], "webinar")}
    assert [row["Lead__c"] for row in world.rows("salesforce", "touchpoint")] == [ids[then]]
    assert len(world.rows("hubspot", "touchpoint")) == 1


@pytest.mark.parametrize(("gone", "left"), [("ann", "bob"), ("bob", "ann")])
def test_a_meeting_that_loses_one_of_two_persons_stays_the_touch_of_the_other(tmp_path, gone, left):
    world = World(tmp_path / "state.sqlite", project(include_sales=True))
    people, deals = two(world)
    for person in people.values():
        world.meeting("7", "2026-10-01T10:00:00Z", person)
    world.settle()
    assert linear(world) == {(deal, "sales") for deal in deals.values()}
    world.hubspot.untell("meeting", "7", f"7-{people[left]}")
    world.run(full=True)
    world.settle()
    assert linear(world) == {(deals[gone], "unattributed"), (deals[left], "sales")}
    types = world.hubspot.custom["revops_touchpoint"]
    (touchpoint,) = [row.id for row in world.hubspot.rows.values() if row.vendor_object == types]
    sold = [row for row in world.rows("hubspot", "credit") if row["channel"] == "sales"]
    assert {row[f"associations.{types}"][0] for row in sold} == {touchpoint}

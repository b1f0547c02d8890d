"""No list tells of an erased contact: a full read asks for what it missed, and only a clear answer makes it gone."""

import pytest
from attribution_world import Boundaries, some
from test_attribution_killed import picture, play
from test_attribution_run import journey, linked


def touchpoints(world):
    return [row for side in world.crms for row in world.rows(side, "touchpoint")]


def alive(world, *ids):
    with world.store() as store:
        return set(store.mirror.many("hubspot", ids, "person"))


def test_an_erasure_is_noticed_by_a_full_read_and_takes_the_touches_along(world):
    linked(world)
    bob = world.contact("bob")
    world.form(bob, "g1", "2026-09-15T10:00:00Z", "https://example.com/x?utm_medium=social")
    world.settle()
    world.hubspot.erase("contacts", world.ann)
    assert world.writes() == 0
    assert len(touchpoints(world)) == 7
    world.run(full=True)
    world.settle()
    assert [row["channel"] for row in touchpoints(world)] == ["social"]
    assert world.credits("salesforce", "first") == {"unattributed": "48000.00"}
    with world.store() as store:
        assert store.mirror.why_gone("hubspot", world.ann, "person") == "erased"
    world.hubspot.journal.clear()
    world.run(full=True)
    assert world.hubspot.journal == []


def test_one_that_the_list_missed_and_is_there_is_not_gone(world):
    linked(world)
    world.hubspot.unlisted.add(world.ann)
    world.run(full=True)
    assert alive(world, world.ann) == {world.ann}
    assert len(touchpoints(world)) == 6
    world.hubspot.unlisted.clear()
    assert world.writes() == 0


def test_a_hubspot_that_looks_empty_is_asked_for_nobody(world):
    people = [world.contact(f"p{number}") for number in range(25)]
    for number, person in enumerate(people):
        world.form(person, f"f{number}", "2026-09-01T10:00:00Z")
    world.settle()
    for person in people:
        world.hubspot.erase("contacts", person)
    seen = Boundaries()
    assert world.run(seen, full=True).exit_code == 4
    assert "hubspot gone" not in seen.seen
    assert alive(world, *people) == set(people)


@pytest.fixture
def erased(world):
    """A person with touches, just erased, and the boundaries of a full read that notices it."""
    world.ann = world.contact("ann")
    journey(world, world.ann)
    world.deal("Press", world.ann)
    world.settle()
    world.hubspot.erase("contacts", world.ann)
    return world


def test_a_question_without_an_answer_makes_nothing_gone(erased, tmp_path):
    counted = Boundaries()
    play(erased, tmp_path, "calm").run(counted, full=True)
    asked = counted.seen.index("hubspot gone") + 1
    assert erased.run(Boundaries(asked, down=True), full=True) is None
    assert alive(erased, erased.ann) == {erased.ann}
    erased.run(full=True)
    erased.settle()
    assert touchpoints(erased) == []


def test_it_may_be_killed_anywhere(erased, tmp_path):
    calm, counted = play(erased, tmp_path, "calm"), Boundaries()
    calm.run(counted, full=True)
    calm.settle()
    assert touchpoints(calm) == []
    for at in some(range(1, len(counted.seen) + 1)):
        played = play(erased, tmp_path, "kill")
        played.run(Boundaries(at), full=True)
        played.run(full=True)
        played.settle()
        assert picture(played) == picture(calm), f"killed ahead of {at} ({counted.seen[at - 1]})"

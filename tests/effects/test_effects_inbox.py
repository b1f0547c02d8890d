"""Matters for an admin: into the inbox, out of it, and in again."""

from dataclasses import replace
from datetime import timedelta

from effect_stage import NOW, PERSON, hold, release

from connector.revops.rejection_effects import Escalate

OTHER = "person:salesforce:00Q2"


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def test_a_matter_stands_in_the_inbox_until_it_is_settled(stage):
    stage.decide(hold())
    stage.run()
    assert stage.inbox() == [("salesforce", "00Q1", "NO_RECIPIENT", "somebody has to settle reason")]
    assert stage.store.inbox.list()[0].link == PERSON
    stage.store.inbox.sweep("run-1", "plan-1")
    stage.run()
    assert len(stage.inbox()) == 1
    stage.decide(release())
    stage.run()
    assert stage.inbox() == []


def test_a_matter_that_comes_again(stage):
    stage.decide(hold(), at=later(0))
    stage.run()
    stage.decide(release(), at=later(1))
    stage.run()
    stage.decide(hold(), at=later(2))
    stage.run()
    assert len(stage.inbox()) == 1
    stage.decide(release(), at=later(3))
    stage.run()
    assert stage.inbox() == []


def test_settled_before_anybody_looked(stage):
    stage.decide(hold(), at=later(0))
    stage.decide(release(), at=later(1))
    stage.run()
    assert stage.inbox() == []
    stage.decide(release("level7"))
    stage.run()
    assert stage.inbox() == []


def test_two_matters_of_one_kind_are_one_entry_until_both_are_settled(stage):
    stage.decide(hold("reason"), hold("level1"))
    stage.run()
    assert len(stage.inbox()) == 1
    stage.decide(release("level1"))
    stage.run()
    assert stage.inbox() == [("salesforce", "00Q1", "NO_RECIPIENT", "somebody has to settle reason")]
    stage.decide(release("reason"))
    stage.run()
    assert stage.inbox() == []


def test_a_matter_of_one_side_stands_under_its_record(stage):
    stage.decide(replace(hold("revert_loop", "REVERT_LOOP"), side="hubspot"), hold())
    stage.run()
    assert sorted((side, record, code) for side, record, code, _ in stage.inbox()) == [
        ("hubspot", "1", "REVERT_LOOP"),
        ("salesforce", "00Q1", "NO_RECIPIENT"),
    ]
    stage.decide(release("revert_loop"), release())
    stage.run()
    assert stage.inbox() == []


def test_different_kinds_and_persons(stage):
    stage.decide(hold(), hold("revert_loop", "REVERT_LOOP"), hold(person=OTHER))
    stage.run()
    assert sorted((side, record, code) for side, record, code, _ in stage.inbox()) == [
        ("salesforce", "00Q1", "NO_RECIPIENT"),
        ("salesforce", "00Q1", "REVERT_LOOP"),
        ("salesforce", "00Q2", "NO_RECIPIENT"),
    ]


def test_an_entry_follows_its_record_when_something_else_happens(stage):
    stage.decide(hold())
    stage.run()
    stage.store.mirror.see("person", [("salesforce", "Contact", "003", {}, b"", "", ())])
    stage.store.links.move(PERSON, "salesforce", "003", "Contact")
    stage.decide(hold("revert_loop", "REVERT_LOOP"))
    stage.run()
    assert {record for _, record, _, _ in stage.inbox()} == {"003"}
    stage.decide(release(), release("revert_loop"))
    stage.run()
    assert stage.inbox() == []


def test_an_escalation_is_noted_once(stage):
    reached = Escalate(
        f"escalate:{PERSON}:1:1", PERSON, 1, 1, "feedback", "boss@example.com", "manager", later(0), later(900)
    )
    stage.decide(reached)
    stage.decide(reached)
    assert stage.run().waiting == 0
    assert stage.states() == {reached.key: "done"}
    assert stage.inbox() == []

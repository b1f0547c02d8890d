"""Who had a person since when: what is remembered of owners, run by run."""

from datetime import UTC, datetime, timedelta

from connector.engine.derive.holders import held, queued
from connector.engine.derive.memory import Held, Memory, Shown, from_body, to_body
from connector.engine.derive.people import Person
from connector.engine.derive.units import Unit
from connector.model import Owner
from connector.revops.lifecycle_claims import LONG_AGO
from connector.revops.lifecycle_journey import Journey

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OWNERS = {
    "anna": Owner("anna", "anna@example.com", active=True),
    "ben": Owner("ben", "ben@example.com", active=True),
    "inbound": Owner("inbound", None, active=True, queue=True, name="Inbound"),
}
ANNA, BEN = Held(None, "anna@example.com"), Held(NOON, "ben@example.com")


def person(memory, at=None, **owners):
    """A person with records in the CRMs that are named, owned by whom they say since `at`."""
    shown = {side: Shown("Lead", owner=owner, owner_at=at) for side, owner in owners.items()}
    owner = owners.get("salesforce") or owners.get("hubspot")
    return Person(Unit("person", "p1"), memory, owner=OWNERS.get(owner), shown=shown)


def told(*runs):
    """The owners remembered after these runs, an hour apart from noon on."""
    memory = Memory("p1")
    for number, run in enumerate(runs):
        seen = person(memory, **run)
        memory = Memory("p1", held=held(seen, NOON + number * HOUR), shown=seen.shown)
        memory = from_body(to_body(memory))
    return memory.held


def test_the_first_owner_counts_from_the_beginning():
    assert told({"salesforce": "anna", "at": NOON}) == (ANNA,)
    assert told({"salesforce": "inbound"}) == (Held(None, "Inbound", queue=True),)
    assert told({"salesforce": "inbound", "at": NOON}) == (Held(NOON, "Inbound", queue=True),)
    assert told({"hubspot": None}, {"hubspot": "anna", "at": NOON}) == (ANNA,)
    assert told({"salesforce": "anna", "hubspot": "ben"}) == (ANNA,)


def test_who_never_had_an_owner_has_no_history():
    assert told({"hubspot": None}, {"hubspot": None, "salesforce": None, "at": NOON}) == ()


def test_a_change_is_as_old_as_the_crm_says():
    anna, since = {"salesforce": "anna"}, NOON + HOUR / 2
    assert told(anna, {"salesforce": "ben", "at": since}) == (ANNA, Held(since, "ben@example.com"))
    assert told(anna, {"salesforce": "anna", "at": since}) == (ANNA,)
    assert told({"hubspot": "anna"}, {"hubspot": None, "at": since}) == (ANNA, Held(since, None))


def test_a_change_without_a_stamp_of_its_own_is_as_old_as_our_knowledge():
    anna, old = {"salesforce": "anna"}, NOON - 100 * HOUR
    assert told(anna, {"salesforce": "ben"}) == (ANNA, Held(NOON + HOUR, "ben@example.com"))
    # Salesforce's record is gone, and HubSpot's owner of old counts again
    both = {**anna, "hubspot": "ben", "at": old}
    assert told(both, {"hubspot": "ben", "at": old}) == (ANNA, Held(NOON + HOUR, "ben@example.com"))
    # a stamp that is older than the last change
    ben = {"salesforce": "ben", "at": NOON}
    assert told(anna, ben, {**anna, "at": old}) == (ANNA, BEN, Held(NOON + 2 * HOUR, "anna@example.com"))


def test_somebody_without_an_address_is_not_nobody():
    assert told({"salesforce": "005X"}) == (Held(None, "005X"),)


def test_owners_of_earlier_cycles_are_forgotten():
    memory = Memory("p1", journey=Journey(recycled_at=NOON), held=(ANNA, Held(NOON - HOUR, "Inbound", queue=True)))
    assert held(person(memory, salesforce="inbound"), NOON) == memory.held[1:]
    memory = Memory("p1", journey=Journey(recycled_at=NOON - 2 * HOUR), held=memory.held)
    assert held(person(memory, salesforce="inbound"), NOON) == memory.held


def test_when_a_queue_had_the_person():
    assert queued(()) == queued((ANNA, BEN)) == ()
    queue = Held(NOON - HOUR, "Inbound", queue=True)
    assert queued((ANNA, queue, BEN)) == ((NOON - HOUR, NOON),)
    assert queued((Held(None, "Inbound", queue=True),)) == ((LONG_AGO, None),)


def test_a_memory_of_before_owners_were_kept_is_read():
    body = to_body(Memory("p1"))
    del body["held"]
    assert from_body(body) == Memory("p1")

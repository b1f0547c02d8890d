from datetime import timedelta

import pytest
from state_examples import linked

from connector.errors import RecordError
from connector.model import Conflict


def conflict(field="phone", hubspot="+491", salesforce="+492", decided=None, because="winner: ask"):
    return Conflict(field, None, hubspot, salesforce, decided, because)


@pytest.fixture
def conflicts(store, now):
    linked(store, 1)
    store.mirror.clean("hubspot", ["101"], 99)
    store.mirror.clean("salesforce", ["00Q1"], 99)
    store.conflicts.replace("L1", "person", [conflict(), conflict("email", "a@example.com", None)], "run-1", now)
    return store.conflicts


def states(conflicts):
    return [(each.number, each.field, each.state) for each in conflicts.list("all")]


def test_a_conflict_keeps_both_values(conflicts, now):
    first = conflicts.get(1)
    assert (first.link, first.object, first.field, first.base) == ("L1", "person", "phone", None)
    assert (first.hubspot, first.salesforce, first.decided, first.because) == ("+491", "+492", None, "winner: ask")
    assert (first.run, first.at, first.state, first.choice) == ("run-1", now, "open", None)
    assert [each.field for each in conflicts.list()] == ["phone", "email"]
    assert conflicts.count() == 2
    assert conflicts.get(99) is None


def test_the_same_conflict_keeps_its_number(conflicts, now):
    later = now + timedelta(days=1)
    conflicts.replace("L1", "person", [conflict(), conflict("email", "a@example.com", None)], "run-2", later)
    assert states(conflicts) == [(1, "phone", "open"), (2, "email", "open")]
    assert conflicts.get(1).at == now


def test_other_values_make_another_conflict_and_missing_ones_are_gone(conflicts, now):
    conflicts.replace("L1", "person", [conflict(hubspot="+493")], "run-2", now)
    assert states(conflicts) == [(1, "phone", "gone"), (2, "email", "gone"), (3, "phone", "open")]


def test_conflicts_of_other_links_are_left_alone(conflicts, store, now):
    linked(store, 2)
    conflicts.replace("L2", "person", [], "run-2", now)
    assert conflicts.count() == 2
    assert conflicts.open_of(["L1", "L2"]) == {"L1"}


def test_an_answer_waits_to_be_carried_out_and_has_both_records_looked_at_again(conflicts, store):
    conflicts.resolve(1, "salesforce")
    assert states(conflicts) == [(1, "phone", "chosen"), (2, "email", "open")]
    assert [each.number for each in conflicts.list()] == [2]
    assert conflicts.choices(["L1", "L2"]) == {"L1": {"phone": ("salesforce", "+491", "+492")}}
    assert store.mirror.get("hubspot", "101").dirty == store.mirror.latest()
    assert store.mirror.get("salesforce", "00Q1").dirty == store.mirror.latest()


def test_an_answer_survives_a_run_that_does_not_carry_it_out(conflicts, now):
    conflicts.resolve(1, "salesforce")
    conflicts.replace("L1", "person", [conflict()], "run-2", now)
    assert conflicts.choices(["L1"]) == {"L1": {"phone": ("salesforce", "+491", "+492")}}


def test_an_answer_that_was_carried_out_is_history(conflicts, now):
    conflicts.resolve(1, "salesforce")
    carried = conflict(decided="salesforce", because="conflict resolved: salesforce")
    conflicts.replace("L1", "person", [carried], "run-2", now)
    assert conflicts.choices(["L1"]) == {}
    assert conflicts.open_of(["L1"]) == set()
    first = conflicts.history("L1")[0]
    assert (first.number, first.state, first.choice, first.decided) == (1, "decided", "salesforce", "salesforce")
    assert first.because == "conflict resolved: salesforce"


def test_an_answer_is_good_for_the_values_that_were_shown_only(conflicts, now):
    conflicts.resolve(1, "salesforce")
    conflicts.replace("L1", "person", [conflict(hubspot="+493")], "run-2", now)
    assert conflicts.choices(["L1"]) == {}
    assert [each.state for each in conflicts.history("L1") if each.field == "phone"] == ["gone", "open"]


def test_a_mind_may_be_changed_before_the_answer_is_carried_out(conflicts):
    conflicts.resolve(1, "salesforce")
    conflicts.resolve(1, "hubspot")
    assert conflicts.get(1).choice == "hubspot"


def test_what_does_not_wait_cannot_be_answered(conflicts, now):
    conflicts.replace("L1", "person", [], "run-2", now)
    with pytest.raises(RecordError, match=r"conflict 1 on phone does not wait any more .it is gone.") as caught:
        conflicts.resolve(1, "hubspot")
    assert caught.value.code == "CONFLICT_CLOSED"
    with pytest.raises(RecordError, match="there is no conflict 77") as caught:
        conflicts.resolve(77, "hubspot")
    assert caught.value.code == "UNKNOWN_CONFLICT"


def test_what_a_rule_decided_is_history_once(conflicts, now):
    ruled = conflict("city", "Berlin", "Bonn", decided="hubspot", because="winner: hubspot")
    conflicts.replace("L1", "person", [ruled], "run-2", now)
    conflicts.replace("L1", "person", [ruled], "run-3", now)
    cities = [each for each in conflicts.history("L1") if each.field == "city"]
    assert [(each.state, each.decided, each.run) for each in cities] == [("decided", "hubspot", "run-2")]
    assert conflicts.list() == []


def test_lists_page_by_page(conflicts):
    (first,) = conflicts.list(limit=1)
    (second,) = conflicts.list(after=first.number, limit=1)
    assert [first.number, second.number] == [1, 2]
    assert conflicts.list(after=second.number) == []

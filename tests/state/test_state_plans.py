from datetime import timedelta

import pytest
from state_examples import action

from connector.errors import StateError
from connector.model import Base, Conflict


@pytest.fixture
def plan(store, now):
    store.plans.begin("P1", "run-1", now, "hash", {"hubspot": "1", "salesforce": "00D"}, 7)
    return store.plans


def kept(chunks):
    return [each.id for chunk in chunks for each in chunk]


def test_an_action_comes_back_exactly_as_it_was_planned(plan):
    full = action(
        "a1",
        kind="adopt",
        source="101",
        conflicts=(Conflict("phone", None, "+491", "+492", "hubspot", "winner: hubspot"),),
        base=Base({"email": "ada@example.com", "phone": None}, {"email": None}),
        code="CODE",
        reason="why",
    )
    bare = action("a2", record=None, source="101", kind="create")
    plan.add("P1", [full, bare])
    assert [each for chunk in plan.actions("P1") for each in chunk] == [full, bare]


def test_a_plan_is_applied_only_after_it_was_finished(plan, now):
    assert plan.status("P1") == "building"
    assert plan.latest() is None
    plan.finish("P1", {"noop": 3})
    assert plan.status("P1") == "planned"
    found = plan.latest()
    assert (found.id, found.made_at, found.project_hash, found.counts) == ("P1", now, "hash", {"noop": 3})
    assert found.accounts == {"hubspot": "1", "salesforce": "00D"}
    assert plan.upto("P1") == 7


def test_finishing_late_does_not_bring_a_refused_plan_back(plan):
    plan.set_status("P1", "refused")
    plan.finish("P1", {})
    assert plan.status("P1") == "refused"


def test_unknown_plans(plan):
    assert (plan.get("P9"), plan.status("P9"), plan.upto("P9")) == (None, None, 0)
    assert kept(plan.actions("P9")) == []


def test_a_plan_id_is_used_once(plan, now):
    with pytest.raises(StateError):
        plan.begin("P1", "run-2", now, "hash", {}, 0)


def test_actions_in_the_order_added_filtered_in_steps(plan):
    kinds = ["create", "update", "update", "hold", "update"]
    sides = ["hubspot", "salesforce", "hubspot", "hubspot", "salesforce"]
    objects = ["company", "company", "person", "person", "person"]
    made = [
        action(f"a{9 - n}", kind=kind, side=side, object_=object_)
        for n, (kind, side, object_) in enumerate(zip(kinds, sides, objects, strict=True))
    ]
    plan.add("P1", made[:2])
    plan.add("P1", made[2:])
    assert kept(plan.actions("P1", chunk=2)) == ["a9", "a8", "a7", "a6", "a5"]
    assert kept(plan.actions("P1", kind="update")) == ["a8", "a7", "a5"]
    assert kept(plan.actions("P1", kind="update", side="salesforce", object="person")) == ["a5"]
    plan.settle("P1", [("a8", "done", "")])
    assert kept(plan.actions("P1", kind="update")) == ["a7", "a5"]
    assert kept(plan.actions("P1", kind="update", states=("done", "planned"))) == ["a8", "a7", "a5"]
    assert kept(plan.actions("P1", states=None)) == ["a9", "a8", "a7", "a6", "a5"]


def test_states_may_change_while_iterating(plan):
    plan.add("P1", [action(f"a{n}") for n in range(10)])
    met = []
    for chunk in plan.actions("P1", chunk=3):
        met += [each.id for each in chunk]
        plan.settle("P1", [(each.id, "done", "") for each in chunk])
    assert met == [f"a{n}" for n in range(10)]


def test_the_same_decision_is_planned_once(plan):
    plan.add("P1", [action("a1"), action("a1")])
    plan.add("P1", [action("a1"), action("a2")])
    assert kept(plan.actions("P1")) == ["a1", "a2"]


def test_proposed_names_the_links_that_creations_and_adoptions_will_make(plan):
    plan.add(
        "P1",
        [
            action("a1", kind="create", side="salesforce", link_="X1", record=None, source="101"),
            action("a2", kind="create", side="hubspot", link_="X2", record=None, source="00Q2"),
            action("a3", kind="adopt", side="salesforce", link_="X3", record="00Q3", source="103"),
            action("a4", kind="adopt", side="salesforce", link_="L4", record="00Q4", source=None),
            action("a5", kind="update", side="salesforce", link_="L5", record="00Q5"),
            action("a6", kind="create", side="salesforce", link_="X6", record=None, source="106", object_="company"),
        ],
    )
    hubspot = plan.proposed("P1", "person", "hubspot", ["101", "103", "106", "00Q2"])
    assert {id_: found[0] for id_, found in hubspot.items()} == {"101": "X1", "103": "X3"}
    salesforce = plan.proposed("P1", "person", "salesforce", ["00Q2", "00Q3", "00Q4", "00Q5"])
    assert {id_: found[0] for id_, found in salesforce.items()} == {"00Q2": "X2", "00Q3": "X3"}


def test_intents_stay_open_until_they_are_settled(plan, now):
    plan.add("P1", [action(f"a{n}") for n in range(4)])
    plan.send("P1", [("a0", "m0"), ("a1", "m1")], now, "b1")
    plan.send("P1", [("a2", "m2")], now + timedelta(seconds=1), "b2")
    plan.job("P1", "b2", "750xx")
    first, second = plan.open()
    assert (first.plan_id, first.batch, first.job, first.sent_at) == ("P1", "b1", None, now)
    assert [(each.id, seen) for each, seen in first.actions] == [("a0", "m0"), ("a1", "m1")]
    assert (second.batch, second.job, len(second.actions)) == ("b2", "750xx", 1)
    plan.settle("P1", [("a0", "done", ""), ("a1", "unknown", "answer lost"), ("a2", "refused", "DUPLICATE")])
    (left,) = plan.open()
    assert [each.id for each, _ in left.actions] == ["a1"]
    assert kept(plan.actions("P1")) == ["a3"]


def test_what_is_done_is_not_sent_again(plan, now):
    plan.add("P1", [action("a0"), action("a1")])
    plan.settle("P1", [("a0", "done", "")])
    with pytest.raises(StateError, match="an action that was done already was to be sent again"):
        plan.send("P1", [("a1", ""), ("a0", "")], now, "b1")
    assert plan.open() == []


def test_what_waits_for_later_may_be_sent_again(plan, now):
    plan.add("P1", [action("a0")])
    plan.send("P1", [("a0", "m0")], now, "b1")
    plan.job("P1", "b1", "750xx")
    plan.settle("P1", [("a0", "later", "locked")])
    plan.send("P1", [("a0", "m1")], now, "b2")
    (intents,) = plan.open()
    assert (intents.batch, intents.job, intents.actions[0][1]) == ("b2", None, "m1")


def test_counts_and_notes_by_state(plan):
    plan.add("P1", [action("a0"), action("a1"), action("a2", side="hubspot"), action("a3", kind="hold")])
    plan.settle("P1", [("a0", "refused", "INVALID_EMAIL"), ("a1", "done", ""), ("a2", "done", "")])
    assert plan.state_counts("P1") == {
        ("update", "salesforce", "refused"): 1,
        ("update", "salesforce", "done"): 1,
        ("update", "hubspot", "done"): 1,
        ("hold", "salesforce", "planned"): 1,
    }
    noted = [
        (each.id, state, note) for chunk in plan.notes("P1", ["refused", "planned"]) for each, state, note in chunk
    ]
    assert noted == [("a0", "refused", "INVALID_EMAIL"), ("a3", "planned", "")]


def test_old_plans_lose_their_actions_unless_an_intent_is_open(store, now):
    for number in range(1, 5):
        store.plans.begin(f"P{number}", "run", now, "hash", {}, 0)
        store.plans.add(f"P{number}", [action("a0"), action("a1")])
        store.plans.finish(f"P{number}", {})
    store.plans.send("P1", [("a0", "")], now, "b1")
    store.plans.drop_old(2)
    assert [len(kept(store.plans.actions(f"P{number}", states=None))) for number in range(1, 5)] == [2, 0, 2, 2]
    assert store.plans.get("P2") is not None, "the head is kept"
    store.plans.settle("P1", [("a0", "done", "")])
    store.plans.drop_old(2)
    assert kept(store.plans.actions("P1", states=None)) == []


def test_ids_first_and_the_actions_by_id_later(plan):
    made = [action(f"a{n}", side="hubspot" if n == 3 else "salesforce") for n in range(7)]
    plan.add("P1", made)
    plan.settle("P1", [("a5", "done", "")])
    asked = {"kind": "update", "object": "person", "side": "salesforce"}
    found = list(plan.ids("P1", **asked, chunk=3))
    assert found == [[("a0", "Lead"), ("a1", "Lead"), ("a2", "Lead")], [("a4", "Lead"), ("a6", "Lead")]]
    assert plan.some("P1", ["a6", "a0"]) == [made[6], made[0]]
    assert plan.some("P1", []) == []


def test_a_second_step_is_held_where_the_first_was_refused(plan):
    firsts = {"refused": "a", "later": "b", "done": "c"}
    updates = [action(id_, link_=id_, record=f"00Q{id_}") for id_ in firsts.values()]
    seconds = [action(f"{id_}2", kind="restage", link_=id_, record=f"00Q{id_}") for id_ in firsts.values()]
    other = action("a3", kind="restage", link_="a", side="hubspot", record="101")
    plan.add("P1", [*updates, *seconds, other])
    plan.settle("P1", [(id_, state, "INVALID_OPTION") for state, id_ in firsts.items()])
    plan.hold_followers("P1", "deal")
    assert list(plan.notes("P1", ["held"])) == []
    plan.hold_followers("P1", "person")
    (((held, _, note),),) = plan.notes("P1", ["held"])
    assert (held.id, note) == ("a2", "INVALID_OPTION")
    assert kept(plan.actions("P1", kind="restage")) == ["b2", "c2", "a3"]

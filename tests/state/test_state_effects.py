"""Effects wait, are sent, and are settled; what of them stands in the inbox outlives the processing of records."""

from datetime import timedelta

from state_examples import row

KINDS = {"OpenTask", "Notify"}


def decide(store, at, *keys, kind="OpenTask", person="p"):
    store.effects.decide("run-1", [(key, kind, person, {"key": key}, at) for key in keys])


def keys(store, now, kinds=KINDS, **options):
    return [each.key for chunk in store.effects.undone(now, kinds, **options) for each in chunk]


def test_an_effect_is_decided_once(store, now):
    decide(store, now, "a")
    store.effects.send(["a"])
    decide(store, now + timedelta(hours=1), "a")
    (stored,) = store.effects.of_person("p")
    assert (stored.state, stored.tries, stored.not_before, stored.answer) == ("sent", 1, now, None)
    assert store.effects.get(["a", "b"]) == {"a": stored}


def test_what_is_due_comes_in_order_of_time(store, now):
    decide(store, now, "b", "a")
    decide(store, now - timedelta(hours=1), "z")
    decide(store, now + timedelta(seconds=1), "later")
    decide(store, now, "revert", kind="Revert")
    assert keys(store, now) == ["z", "a", "b"]
    store.effects.send(["a"])
    store.effects.settle([("z", "done", "", "T1")])
    assert keys(store, now) == ["a", "b"]
    assert keys(store, now, states=("sent",)) == ["a"]
    assert store.effects.waiting(KINDS) == 3


def test_settling_on_the_way(store, now):
    decide(store, now, *(f"{number:04}" for number in range(1200)))
    seen = []
    for chunk in store.effects.undone(now, KINDS):
        seen += [each.key for each in chunk]
        store.effects.settle([(each.key, "done", "", None) for each in chunk[::2]])
        store.effects.postpone([(each.key, now + timedelta(hours=1), "no") for each in chunk[1::2]])
    assert len(seen) == len(set(seen)) == 1200
    assert store.effects.waiting(KINDS) == 600


def test_an_answer_outlives_a_later_word_without_one(store, now):
    decide(store, now, "a")
    store.effects.settle([("a", "sent", "", "T1")])
    store.effects.postpone([("a", now, "refused")])
    store.effects.settle([("a", "done", "fine", None)])
    (stored,) = store.effects.of_person("p")
    assert (stored.state, stored.note, stored.answer) == ("done", "fine", "T1")


def test_lasting_entries_end_by_name_only(store, now):
    store.mirror.see("person", [row("hubspot", "1")])
    store.mirror.clean("hubspot", ["1"], store.mirror.latest(), "person")
    codes = ("TASK", "NOTIFY", "NO_RECIPIENT", "REVERT_LOOP", "PRIOR_STATUS_UNKNOWN", "VALUE")
    store.inbox.hold("run-1", now, [("person", "hubspot", "1", "p", code, "words") for code in codes])
    store.inbox.sweep("run-1", "plan-1")
    assert sorted(each.code for each in store.inbox.list()) == sorted(codes[:-1])
    assert sorted(each.code for each in store.inbox.lasting("p")) == sorted(codes[:-1])
    assert store.inbox.lasting("q") == []
    store.inbox.release("hubspot", ["1"], codes=["TASK"], object="person")
    assert "TASK" not in store.inbox.counts()

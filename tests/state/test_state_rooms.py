"""The small rooms: meta, cursors, tombstones, inbox, runs."""

from datetime import timedelta

import pytest
from state_examples import action, row


def test_meta_is_put_and_replaced(store):
    assert store.get("portal") is None
    store.put("portal", "1")
    store.put("portal", "2")
    assert store.get("portal") == "2"


def test_a_cursor_keeps_the_time_of_the_last_full_read(store):
    assert store.mark("hubspot", "contacts") is None
    store.set_mark("hubspot", "contacts", "m1", "2026-03-02T09:00:00+00:00")
    store.set_mark("hubspot", "contacts", "m2", None)
    store.set_mark("salesforce", "Lead", "m9", None)
    assert store.mark("hubspot", "contacts") == "m2"
    assert store.full_at("hubspot", "contacts") == "2026-03-02T09:00:00+00:00"
    assert (store.mark("salesforce", "Lead"), store.full_at("salesforce", "Lead")) == ("m9", None)


def test_tombstones(store):
    assert store.tombstones.buried({"ada@example.com"}) == set()
    store.tombstones.bury(["ada@example.com"])
    store.tombstones.bury(["ada@example.com"])
    assert store.tombstones.buried({"ada@example.com", "ben@example.com"}) == {"ada@example.com"}
    assert store.tombstones.buried([str(n) for n in range(2000)]) == set()


def test_a_repeated_hold_keeps_since_and_takes_the_new_message(store, now):
    store.inbox.hold("run-1", now, [("person", "hubspot", "1", None, "TWINS", "two fit")])
    later = now + timedelta(hours=1)
    store.inbox.hold("run-2", later, [("person", "hubspot", "1", "L1", "TWINS", "three fit")])
    store.inbox.hold("run-2", later, [("person", "hubspot", "1", None, "INVALID_EMAIL", "cannot be read")])
    store.inbox.hold("run-2", later, [("company", "hubspot", "1", None, "TWINS", "two fit")])
    first, second = store.inbox.of_record("hubspot", "1", "person")
    assert (first.code, first.since, first.run, first.link, first.message) == ("TWINS", now, "run-2", "L1", "three fit")
    assert (second.code, second.since) == ("INVALID_EMAIL", later)
    assert store.inbox.counts() == {"INVALID_EMAIL": 1, "TWINS": 2}
    assert [each.since for each in store.inbox.list()] == [now, later, later], "held longest comes first"
    assert [each.record for each in store.inbox.list("company")] == ["1"]


def test_release_takes_out_some_codes(store, now):
    rows = [
        (kind, "hubspot", id_, None, code, "words") for kind in ("person", "company") for id_ in "12" for code in "AB"
    ]
    store.inbox.hold("run-1", now, rows)
    store.inbox.release("hubspot", ["1"], codes=["A"])
    left = {(each.object, each.code) for each in store.inbox.of_record("hubspot", "1")}
    assert left == {("company", "B"), ("person", "B")}
    store.inbox.release("hubspot", ["1", "2"], codes=["A", "B"], object="person")
    assert {(each.object, each.record) for each in store.inbox.list()} == {("company", "1"), ("company", "2")}


def test_a_sweep_keeps_what_is_still_unprocessed(store, now):
    store.mirror.see("person", [row("hubspot", id_) for id_ in "12"])
    store.inbox.hold("run-1", now, [("person", "hubspot", id_, None, "TWINS", "two fit") for id_ in "123"])
    store.mirror.clean("hubspot", ["1"], store.mirror.latest(), "person")
    store.inbox.sweep("run-1", "plan-1")
    assert [each.record for each in store.inbox.list()] == ["2"]


@pytest.mark.parametrize(
    ("state", "met_in", "stays"),
    [
        ("refused", "run-2", True),
        ("refused", "run-1", False),  # for another reason than in this run
        ("later", "run-1", True),
        ("stale", "run-1", True),
        ("planned", "run-1", True),
        ("done", "run-1", False),
        ("held", "run-1", False),
    ],
)
def test_a_sweep_keeps_what_the_plan_has_left_for_a_processed_record(store, now, state, met_in, stays):
    store.plans.begin("plan-2", "run-2", now, "hash", {}, 0)
    store.plans.add("plan-2", [action("a")])
    store.plans.settle("plan-2", [("a", state, "")])
    entries = [
        ("person", "salesforce", "00Q1", "L1"),
        ("person", "hubspot", "101", "L1"),
        ("deal", "salesforce", "00Q1", "L1"),
    ]
    store.inbox.hold(met_in, now, [(*each, "REFUSED", "no") for each in entries])
    store.inbox.sweep("run-2", "plan-2")
    left = [(each.object, each.side, each.record, each.link) for each in store.inbox.list()]
    assert left == (entries[:1] if stays else [])


def test_a_sweep_takes_out_what_no_plan_wants_any_more(store, now):
    for number in (1, 2):
        store.plans.begin(f"plan-{number}", f"run-{number}", now, "hash", {}, 0)
    store.plans.add("plan-1", [action("a")])
    store.plans.settle("plan-1", [("a", "refused", "REFUSED")])
    store.inbox.hold("run-1", now, [("person", "salesforce", "00Q1", "L1", "REFUSED", "no")])
    store.inbox.sweep("run-1", "plan-1")
    assert len(store.inbox.list()) == 1
    store.inbox.sweep("run-2", "plan-2")
    assert store.inbox.list() == []


def test_runs_newest_first(store, now):
    store.runs.begin("r1", "sync", now, 11)
    store.runs.begin("r2", "plan", now, 12)
    store.runs.begin("r3", "sync", now, 13)
    store.runs.end("r1", now + timedelta(seconds=5), "done", 0, {"writes": {"hubspot": 3}})
    assert [each.id for each in store.runs.list(2)] == ["r3", "r2"]
    assert (store.runs.last().id, store.runs.last("plan").id) == ("r3", "r2")
    ended = store.runs.get("r1")
    assert (ended.status, ended.exit_code, ended.summary) == ("done", 0, {"writes": {"hubspot": 3}})
    assert ended.ended - ended.started == timedelta(seconds=5)
    killed = store.runs.get("r2")
    assert (killed.status, killed.ended, killed.exit_code, killed.pid) == ("running", None, None, 12)
    assert store.runs.get("r9") is None
    assert store.runs.last("undo") is None

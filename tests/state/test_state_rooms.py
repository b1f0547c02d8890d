"""The small rooms: meta, cursors, tombstones, inbox, runs."""

from datetime import timedelta

from state_examples import row


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


def test_release_takes_out_all_codes_or_some(store, now):
    def fill():
        rows = [
            (kind, "hubspot", id_, None, code, "words")
            for kind in ("person", "company")
            for id_ in "12"
            for code in "AB"
        ]
        store.inbox.hold("run-1", now, rows)

    fill()
    store.inbox.release("hubspot", ["1"], codes=["A"])
    left = {(each.object, each.code) for each in store.inbox.of_record("hubspot", "1")}
    assert left == {("company", "B"), ("person", "B")}
    fill()
    store.inbox.release("hubspot", ["1"], object="person")
    assert {each.object for each in store.inbox.of_record("hubspot", "1")} == {"company"}
    store.inbox.release("hubspot", ["1", "2"])
    assert store.inbox.list() == []


def test_a_sweep_keeps_what_is_still_unprocessed(store, now):
    store.mirror.see("person", [row("hubspot", id_) for id_ in "12"])
    store.inbox.hold("run-1", now, [("person", "hubspot", id_, None, "TWINS", "two fit") for id_ in "123"])
    store.mirror.clean("hubspot", ["1"], store.mirror.latest(), "person")
    store.inbox.sweep()
    assert [each.record for each in store.inbox.list()] == ["2"]


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

"""Rows of custom objects: confirmed, in doubt, and removed."""

BODY = {"fields": {"key": "k1", "channel": "paid"}, "refs": {"person": "contacts 1"}, "memory": {"code": "X"}}


def wrote(store, key="k1", record="2001", owner="person:hubspot:1", side="hubspot"):
    store.carried.wrote([(side, "touchpoint", key, owner, record, BODY)])


def test_a_confirmed_row_is_found_by_owner_and_key(store):
    wrote(store)
    wrote(store, side="salesforce", record="a01")
    found = store.carried.of("touchpoint", ["person:hubspot:1"])
    assert {(row.side, row.record) for row in found} == {("hubspot", "2001"), ("salesforce", "a01")}
    row = store.carried.get("hubspot", "touchpoint", ["k1"])["k1"]
    assert (row.fields, row.refs, row.in_doubt) == (BODY["fields"], BODY["refs"], False)
    assert store.carried.count("hubspot") == 1


def test_a_row_that_was_sent_is_in_doubt_until_it_is_answered(store):
    wrote(store)
    store.carried.doubt("hubspot", "touchpoint", [("k1", "other"), ("k2", "person:hubspot:1")])
    known, new = (store.carried.get("hubspot", "touchpoint", [key])[key] for key in ("k1", "k2"))
    assert known.in_doubt
    assert (known.record, known.belongs_to, known.fields, known.refs) == (
        "2001",
        "person:hubspot:1",
        BODY["fields"],
        {},
    )
    assert new.in_doubt
    assert (new.record, new.fields, new.refs) == ("", {}, {})
    wrote(store)
    assert not store.carried.get("hubspot", "touchpoint", ["k1"])["k1"].in_doubt
    store.carried.removed("hubspot", "touchpoint", ["k1", "k2"])
    assert store.carried.count("hubspot") == 0

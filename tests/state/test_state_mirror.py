import pytest
from state_examples import action, link, linked, row

from connector.errors import StateError


def ids(chunks):
    return [[seen.id for seen in chunk] for chunk in chunks]


def test_see_inserts_and_replaces(store):
    store.mirror.see("person", [row("hubspot", "1", "ada@example.com", print_=b"p1")])
    store.mirror.see("person", [row("hubspot", "1", "ada@example.org", print_=b"p2", modified="2026-02-01T00:00:00Z")])
    seen = store.mirror.get("hubspot", "1")
    assert (seen.side, seen.vendor_object, seen.object, seen.id) == ("hubspot", "contacts", "person", "1")
    assert seen.fields == {"email": "ada@example.org"}
    assert (seen.print, seen.modified, seen.link, seen.dirty) == (b"p2", "2026-02-01T00:00:00Z", None, 2)
    assert store.mirror.get("salesforce", "1") is None


def test_one_call_gives_one_change_number(store):
    assert store.mirror.latest() == 0
    store.mirror.see("person", [row("hubspot", "1"), row("salesforce", "00Q1", vendor="Lead")])
    store.mirror.see("person", [])
    assert store.mirror.latest() == 1
    assert {store.mirror.get("hubspot", "1").dirty, store.mirror.get("salesforce", "00Q1").dirty} == {1}


def test_what_we_wrote_ourselves_is_seen_clean(store):
    store.mirror.see("person", [row("hubspot", "1", "ada@example.com")], dirty=False)
    assert store.mirror.get("hubspot", "1").dirty == 0
    assert store.mirror.latest() == 0
    assert store.mirror.candidates("person", "hubspot", "email", ["ada@example.com"])


def test_many_leaves_out_the_unknown_and_the_gone(store):
    store.mirror.see("person", [row("hubspot", "1", print_=b"a"), row("hubspot", "2", print_=b"b")])
    store.mirror.gone("hubspot", "2", "deleted")
    asked = ["1", "2", *(str(number) for number in range(100, 1500))]
    assert list(store.mirror.many("hubspot", asked)) == ["1"]


def test_the_living_of_a_vendor_object_are_named_in_steps_and_may_go_on_the_way(store):
    store.mirror.see("person", [row("hubspot", str(number)) for number in range(100, 107)])
    store.mirror.see("person", [row("salesforce", "00Q1", vendor="Lead"), row("salesforce", "0031", vendor="Contact")])
    store.mirror.gone("hubspot", "101", "deleted")
    steps = []
    for some in store.mirror.alive("person", "hubspot", "contacts", chunk=2):
        steps.append(some)
        for each in some:
            store.mirror.gone("hubspot", each, "erased", "person")
    assert steps == [["100", "102"], ["103", "104"], ["105", "106"]]
    assert list(store.mirror.alive("person", "salesforce", "Lead")) == [["00Q1"]]
    assert list(store.mirror.alive("person", "hubspot", "contacts")) == []


def test_versions_are_prints_with_stamps(store):
    store.mirror.see("person", [row("hubspot", "1", print_=b"a", modified="m1"), row("hubspot", "2")])
    store.mirror.gone("hubspot", "2", "deleted")
    assert store.mirror.versions("hubspot", ["1", "2", "3"], "person") == {"1": (b"a", "m1")}


def test_what_is_gone_is_kept_with_its_reason_and_comes_back_when_read_again(store):
    store.mirror.see("person", [row("hubspot", "1", "ada@example.com")])
    store.mirror.gone("hubspot", "1", "merged")
    assert store.mirror.get("hubspot", "1") is None
    assert store.mirror.why_gone("hubspot", "1") == "merged"
    assert store.mirror.count("person", "hubspot") == 0
    assert store.mirror.candidates("person", "hubspot", "email", ["ada@example.com"]) == {}
    assert ids(store.mirror.dirty_unlinked("person", "hubspot", 99)) == []
    store.mirror.touch("hubspot", ["1"])
    assert ids(store.mirror.dirty_unlinked("person", "hubspot", 99)) == []
    store.mirror.see("person", [row("hubspot", "1", "ada@example.com")])
    assert store.mirror.why_gone("hubspot", "1") is None
    assert store.mirror.get("hubspot", "1").dirty == store.mirror.latest()


def test_stored_leaves_dirt_link_and_keys_alone(store):
    linked(store, 1)
    dirty = store.mirror.get("hubspot", "101").dirty
    store.mirror.stored([("hubspot", "101", {"email": "new@example.com"}, b"n", "2026-03-01T00:00:00Z")])
    seen = store.mirror.get("hubspot", "101")
    assert (seen.fields, seen.print, seen.modified) == ({"email": "new@example.com"}, b"n", "2026-03-01T00:00:00Z")
    assert (seen.dirty, seen.link) == (dirty, "L1")
    assert store.mirror.candidates("person", "hubspot", "email", ["p1@example.com"])


def test_stored_replaces_the_keys_when_it_is_given_some(store):
    linked(store, 1)
    keys = (("email", "new@example.com"),)
    store.mirror.stored([("hubspot", "101", {}, b"n", "m", keys)], "person")
    found = store.mirror.candidates("person", "hubspot", "email", ["p1@example.com", "new@example.com"])
    assert found == {"new@example.com": [("101", "contacts", "L1")]}


@pytest.mark.parametrize("object_", [None, "person"])
def test_a_write_to_a_record_that_was_never_seen_is_refused(store, object_):
    linked(store, 1)
    rows = [("hubspot", "101", {"email": "x"}, b"n", "m"), ("hubspot", "999", {}, b"n", "m")]
    with pytest.raises(StateError, match="a record that it never saw"):
        store.mirror.stored(rows, object_)
    assert store.mirror.get("hubspot", "101").fields == {"email": "p1@example.com"}, "the whole call is taken back"


def test_clean_spares_what_changed_after(store):
    store.mirror.see("person", [row("hubspot", "1"), row("hubspot", "2")])
    upto = store.mirror.latest()
    store.mirror.see("person", [row("hubspot", "2")])
    store.mirror.clean("hubspot", ["1", "2"], upto)
    assert store.mirror.get("hubspot", "1").dirty == 0
    assert store.mirror.get("hubspot", "2").dirty == upto + 1


def test_touch_has_a_clean_record_looked_at_again(store):
    store.mirror.see("person", [row("hubspot", "1"), row("hubspot", "2")])
    store.mirror.clean("hubspot", ["1", "2"], 1)
    store.mirror.touch("hubspot", ["1"])
    assert ids(store.mirror.dirty_unlinked("person", "hubspot", 99)) == [["1"]]


def test_reopened_are_clean_records_that_are_there(store):
    store.mirror.see("person", [row("hubspot", id_) for id_ in ("1", "2", "3")])
    first = store.mirror.latest()
    store.mirror.clean("hubspot", ["1", "3"], first, "person")
    store.mirror.see("person", [row("hubspot", "2")])
    store.mirror.gone("hubspot", "3", "deleted", "person")
    store.mirror.reopen("hubspot", ["1", "2", "3"], first, "person")
    assert [store.mirror.get("hubspot", id_, "person").dirty for id_ in "12"] == [first, store.mirror.latest()]
    assert ids(store.mirror.dirty_unlinked("person", "hubspot", first)) == [["1"]]


def test_dirty_unlinked_by_id_in_steps(store):
    store.mirror.see("person", [row("hubspot", f"{number:03}") for number in range(7)])
    store.mirror.see("company", [row("hubspot", "100")])
    store.mirror.see("person", [row("salesforce", "00Q1")])
    store.mirror.clean("hubspot", ["003"], 1)
    store.links.add(link("L1", "004", "00Q9"), "run")
    store.mirror.see("person", [row("hubspot", "006")])
    assert ids(store.mirror.dirty_unlinked("person", "hubspot", 1, chunk=2)) == [["000", "001"], ["002", "005"]]


def test_records_may_be_linked_and_cleaned_while_iterating(store):
    store.mirror.see("person", [row("hubspot", f"{number:03}") for number in range(10)])
    met = []
    for chunk in store.mirror.dirty_unlinked("person", "hubspot", 1, chunk=3):
        met += [seen.id for seen in chunk]
        store.links.add(link(f"L{chunk[0].id}", chunk[0].id, f"00Q{chunk[0].id}"), "run")
        store.mirror.clean("hubspot", [seen.id for seen in chunk[1:]], 1)
    assert met == [f"{number:03}" for number in range(10)]


def test_dirty_pairs_are_those_where_either_side_changed(store):
    for number in range(1, 6):
        linked(store, number)
    store.mirror.clean("hubspot", [f"{100 + n}" for n in range(1, 6)], 99)
    store.mirror.clean("salesforce", ["00Q1", "00Q2", "00Q3"], 99)
    store.mirror.touch("hubspot", ["102"])
    upto = store.mirror.latest()
    store.mirror.touch("hubspot", ["103"])
    pairs = list(store.mirror.dirty_pairs("person", upto, chunk=2))
    assert [[link.id for link, _, _ in chunk] for chunk in pairs] == [["L2", "L4"], ["L5"]]
    _, hubspot, salesforce = pairs[0][0]
    assert (hubspot.id, salesforce.id, hubspot.link) == ("102", "00Q2", "L2")


def test_a_pair_names_none_for_a_record_that_is_gone_or_was_never_read(store):
    linked(store, 1)
    store.mirror.gone("salesforce", "00Q1", "deleted")
    store.mirror.see("person", [row("hubspot", "200")])
    store.links.add(link("L2", "200", "00Q_unread"), "run")
    pairs = [pair for chunk in store.mirror.dirty_pairs("person", 99) for pair in chunk]
    assert [(link.id, hubspot.id, salesforce) for link, hubspot, salesforce in pairs] == [
        ("L1", "101", None),
        ("L2", "200", None),
    ]


def test_all_pairs_do_not_ask_for_changes(store):
    for number in range(1, 4):
        linked(store, number)
    linked(store, 7, object_="company")
    store.links.close("L2", "merged away", "run")
    store.mirror.clean("hubspot", ["101", "103"], 99)
    store.mirror.clean("salesforce", ["00Q1", "00Q3"], 99)
    assert [[link.id for link, _, _ in chunk] for chunk in store.mirror.all_pairs("person", chunk=1)] == [
        ["L1"],
        ["L3"],
    ]


def test_candidates_by_key(store):
    linked(store, 1)
    rows = [row("hubspot", "201", "twin@example.com"), row("hubspot", "202", "twin@example.com")]
    store.mirror.see("person", rows)
    store.mirror.see("company", [row("hubspot", "301", "twin@example.com", vendor="companies")])
    asked = ["twin@example.com", "p1@example.com", "nobody@example.com", *(f"x{n}@example.com" for n in range(1200))]
    assert store.mirror.candidates("person", "hubspot", "email", asked) == {
        "twin@example.com": [("201", "contacts", None), ("202", "contacts", None)],
        "p1@example.com": [("101", "contacts", "L1")],
    }
    assert store.mirror.candidates("person", "hubspot", "stamp", asked) == {}


def test_a_record_has_only_the_keys_it_was_last_seen_with(store):
    store.mirror.see("person", [row("hubspot", "1", "old@example.com")])
    store.mirror.see("person", [row("hubspot", "1", "new@example.com")])
    found = store.mirror.candidates("person", "hubspot", "email", ["old@example.com", "new@example.com"])
    assert list(found) == ["new@example.com"]


def test_a_record_first_read_after_it_was_linked_knows_its_link(store):
    store.links.add(link("L1", "101", "00Q1"), "rebuild")
    store.mirror.see("person", [row("hubspot", "101"), row("salesforce", "00Q1", vendor="Lead")])
    assert store.mirror.get("hubspot", "101").link == "L1"
    assert store.mirror.get("salesforce", "00Q1").link == "L1"


def test_seeing_a_record_again_keeps_its_link(store):
    linked(store, 1)
    store.mirror.see("person", [row("hubspot", "101", "new@example.com")])
    assert store.mirror.get("hubspot", "101").link == "L1"


def test_count_by_object_and_by_vendor_object(store):
    store.mirror.see("person", [row("salesforce", "00Q1", vendor="Lead"), row("salesforce", "0031", vendor="Contact")])
    assert store.mirror.count("person", "salesforce") == 2
    assert store.mirror.count("person", "salesforce", "Lead") == 1
    assert store.mirror.count("person", "hubspot") == 0


# --- HubSpot numbers contacts and companies independently ---------------------------------------------------


@pytest.fixture
def same_id(store):
    store.mirror.see("person", [row("hubspot", "101", "ada@example.com")])
    store.mirror.see("company", [row("hubspot", "101", vendor="companies")])
    return store


def test_a_contact_and_a_company_with_the_same_id_are_two_records(same_id):
    mirror = same_id.mirror
    assert mirror.get("hubspot", "101", "person").vendor_object == "contacts"
    assert mirror.get("hubspot", "101", "company").vendor_object == "companies"
    mirror.stored([("hubspot", "101", {"name": "Acme"}, b"c", "m")], "company")
    mirror.clean("hubspot", ["101"], 99, "company")
    mirror.gone("hubspot", "101", "deleted", "company")
    assert mirror.get("hubspot", "101", "person").fields == {"email": "ada@example.com"}
    assert mirror.get("hubspot", "101", "person").dirty == 1
    same_id.links.add(link("L1", "101", "00Q1"), "run")
    same_id.links.add(link("L2", "101", "0011", "company"), "run")
    assert same_id.links.of_records("hubspot", ["101"], "company") == {"101": "L2"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda mirror: mirror.get("hubspot", "101"),
        lambda mirror: mirror.stored([("hubspot", "101", {}, b"", "")]),
        lambda mirror: mirror.clean("hubspot", ["101"], 99),
        lambda mirror: mirror.touch("hubspot", ["101"]),
        lambda mirror: mirror.gone("hubspot", "101", "deleted"),
    ],
)
def test_who_does_not_say_which_of_the_two_is_meant_gets_an_error(same_id, ask):
    with pytest.raises(StateError, match="hubspot uses the id 101 for two kinds of records"):
        ask(same_id.mirror)
    assert same_id.mirror.get("hubspot", "101", "company").dirty == 2


# --- clean_plan -------------------------------------------------------------------------------------------


def planned(store, now, *actions):
    store.plans.begin("P", "run", now, "hash", {}, store.mirror.latest())
    store.plans.add("P", actions)
    store.plans.finish("P", {})


def dirty(store, side, *ids_):
    return [store.mirror.get(side, id_, "person").dirty > 0 for id_ in ids_]


def test_a_link_is_clean_when_all_its_actions_are_done(store, now):
    for number in (1, 2, 3):
        linked(store, number)
    planned(
        store,
        now,
        action("a1", link_="L1"),
        action("a2", link_="L1", kind="adopt"),
        action("a3", link_="L2"),
        action("a4", link_="L2", kind="adopt"),
    )
    store.plans.settle("P", [("a1", "done", ""), ("a2", "done", ""), ("a3", "done", ""), ("a4", "later", "")])
    store.mirror.clean_plan("P", store.plans.upto("P"))
    assert dirty(store, "hubspot", "101", "102", "103") == [False, True, True]
    assert dirty(store, "salesforce", "00Q1", "00Q2", "00Q3") == [False, True, True]


def test_what_changed_after_the_plan_was_made_stays_dirty(store, now):
    linked(store, 1)
    planned(store, now, action("a1"))
    store.mirror.see("person", [row("hubspot", "101", "newer@example.com")])
    store.plans.settle("P", [("a1", "done", "")])
    store.mirror.clean_plan("P", store.plans.upto("P"))
    assert dirty(store, "hubspot", "101") == [True]
    assert dirty(store, "salesforce", "00Q1") == [False]


def test_a_held_link_stays_dirty(store, now):
    linked(store, 1)
    planned(store, now, action("a1", kind="hold"))
    store.plans.settle("P", [("a1", "held", "")])
    store.mirror.clean_plan("P", store.plans.upto("P"))
    assert dirty(store, "hubspot", "101") == [True]

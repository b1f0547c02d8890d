import pytest
from state_examples import link, linked, row

from connector.errors import StateError
from connector.model import Base, Link


def test_a_link_comes_back_as_it_was_added(store):
    added = link(base=Base({"email": "ada@example.com", "phone": None}, {"email": "ada@example.com"}))
    store.links.add(added, "run-1")
    found = store.links.get(["L1", "L2"])["L1"]
    assert (found.id, found.object, found.hubspot, found.salesforce) == ("L1", "person", "101", "00Q1")
    assert found.salesforce_object == "Lead"
    assert found.base == Base({"email": "ada@example.com"}, {"email": "ada@example.com"}), "empty fields are left out"


def test_find_by_either_side(store):
    store.links.add(link(), "run")
    assert store.links.find("person", hubspot="101").id == "L1"
    assert store.links.find("person", salesforce="00Q1").id == "L1"
    assert store.links.find("company", hubspot="101") is None
    assert store.links.find("person", hubspot="00Q1") is None
    assert store.links.find("person") is None


@pytest.mark.parametrize("second", [link("L2", "101", "00Q2"), link("L2", "102", "00Q1")])
def test_a_record_is_never_in_two_open_links(store, second):
    store.links.add(link(), "run")
    with pytest.raises(StateError, match="contradicts what is stored and was taken back"):
        store.links.add(second, "run")
    assert store.links.count("person") == 1


def test_adding_links_both_records(store):
    linked(store, 1)
    assert store.mirror.get("hubspot", "101").link == "L1"
    assert store.mirror.get("salesforce", "00Q1").link == "L1"


def test_a_closed_link_frees_its_records_and_keeps_its_past(store):
    linked(store, 1)
    store.links.close("L1", "merged into 102", "run-2")
    assert store.links.get(["L1"]) == {}
    assert list(store.links.get(["L1"], closed=True)) == ["L1"]
    assert store.links.closed("L1") == "merged into 102"
    assert store.links.find("person", hubspot="101") is None
    assert store.mirror.get("hubspot", "101").link is None
    assert store.mirror.get("salesforce", "00Q1").link is None
    assert store.links.count("person") == 0
    store.links.add(link("L2", "101", "00Q7"), "run-3")
    assert store.mirror.get("hubspot", "101").link == "L2"


def test_a_closed_link_is_opened_again_by_adding_it(store):
    linked(store, 1)
    store.links.close("L1", "record gone", "run-2")
    store.links.add(link("L1", "101", "00Q1", base=Base({"a": "1"}, {"a": "1"})), "run-3")
    assert store.links.closed("L1") is None
    assert store.links.get(["L1"])["L1"].base == Base({"a": "1"}, {"a": "1"})
    assert store.mirror.get("hubspot", "101").link == "L1"


def test_adding_an_open_link_with_another_record_leaves_the_former_one_unlinked(store):
    linked(store, 1)
    store.mirror.see("person", [row("salesforce", "00Q9", vendor="Lead")])
    store.links.add(link("L1", "101", "00Q9"), "run-2")
    assert store.mirror.get("salesforce", "00Q1").link is None
    assert store.mirror.get("salesforce", "00Q9").link == "L1"


def test_a_conversion_moves_the_link_and_leaves_an_alias(store):
    linked(store, 1)
    store.mirror.see("person", [row("salesforce", "0031", vendor="Contact")])
    store.links.move("L1", "salesforce", "0031", "Contact")
    moved = store.links.get(["L1"])["L1"]
    assert (moved.salesforce, moved.salesforce_object, moved.hubspot) == ("0031", "Contact", "101")
    assert store.mirror.get("salesforce", "00Q1").link is None
    assert store.mirror.get("salesforce", "0031").link == "L1"
    assert store.links.resolve("salesforce", "00Q1") == "0031"
    assert store.links.of_records("salesforce", ["00Q1", "0031", "00Q5"]) == {"00Q1": "L1", "0031": "L1"}


def test_a_hubspot_merge_moves_the_link_to_the_new_id(store):
    linked(store, 1)
    store.links.move("L1", "hubspot", "900", "contacts")
    assert store.links.find("person", hubspot="900").salesforce_object == "Lead"
    store.mirror.see("person", [row("hubspot", "900")])
    assert store.mirror.get("hubspot", "900").link == "L1"
    assert store.mirror.get("hubspot", "101").link is None


def test_moving_to_the_same_id_changes_nothing(store):
    linked(store, 1)
    store.links.move("L1", "hubspot", "101", "contacts")
    assert store.mirror.get("hubspot", "101").link == "L1"
    assert store.links.resolve("hubspot", "101") == "101"


def test_moving_onto_the_record_of_another_link_is_refused(store):
    linked(store, 1)
    linked(store, 2)
    with pytest.raises(StateError):
        store.links.move("L1", "hubspot", "102", "contacts")
    assert store.links.find("person", hubspot="101").id == "L1"


def test_an_unknown_link_cannot_move(store):
    with pytest.raises(StateError, match="link L9 cannot follow its record"):
        store.links.move("L9", "hubspot", "1", "contacts")


def test_aliases_are_followed_through_chains_and_never_in_circles(store):
    store.links.alias("hubspot", "1", "2")
    store.links.alias("hubspot", "2", "3")
    assert store.links.resolve("hubspot", "1") == "3"
    assert store.links.resolve("salesforce", "1") == "1"
    store.links.alias("hubspot", "3", "1")
    assert [store.links.resolve("hubspot", id_) for id_ in "123"] == ["1", "1", "1"]
    store.links.alias("hubspot", "1", "1")
    assert store.links.resolve("hubspot", "1") == "1"


def test_an_alias_of_a_contact_says_nothing_of_a_company(store):
    store.links.alias("hubspot", "1", "2", "person")
    assert store.links.resolve("hubspot", "1", "person") == "2"
    assert store.links.resolve("hubspot", "1", "company") == "1"


def test_moved_fields_are_merged_into_the_base(store):
    store.links.add(link("L1", base=Base({"a": "1", "b": "1"}, {"a": "1", "b": "1"})), "run")
    store.links.add(link("L2", "102", "00Q2", base=Base({"a": "1"}, {"a": "1"})), "run")
    store.links.move_base(
        [
            ("L1", Base({"a": "2"}, {"a": "2x"})),
            ("L1", Base({"b": None, "c": "3"}, {"b": None, "c": "3"})),
            ("L2", Base({"a": "9"}, {"a": "9"})),
            ("unknown", Base({"a": "9"}, {"a": "9"})),
        ]
    )
    found = store.links.get(["L1", "L2", "unknown"])
    assert found["L1"].base == Base({"a": "2", "c": "3"}, {"a": "2x", "c": "3"})
    assert found["L2"].base == Base({"a": "9"}, {"a": "9"})
    assert "unknown" not in found


def test_many_bases_move_in_one_call(store):
    store.links.add_all([link(f"L{n}", str(n), f"00Q{n}") for n in range(1200)], "run")
    store.links.move_base([(f"L{n}", Base({"a": str(n)}, {"a": str(n)})) for n in range(1200)])
    found = store.links.get([f"L{n}" for n in range(1200)])
    assert all(found[f"L{n}"].base.hubspot == {"a": str(n)} for n in range(1200))


def test_iterate_gives_open_links_by_id_in_steps(store):
    store.links.add_all([link(f"L{n}", str(n), f"00Q{n}") for n in range(5)], "run")
    store.links.close("L2", "gone", "run")
    assert [[each.id for each in chunk] for chunk in store.links.iterate("person", chunk=3)] == [
        ["L0", "L1", "L3"],
        ["L4"],
    ]


def test_hints_are_there_until_a_link_fulfils_them(store):
    store.links.hint("company", "201", "0011")
    store.links.hint("company", "202", "0012")
    store.links.hint("deal", "301", "0061")
    assert store.links.hints("company") == {"0011": "201", "0012": "202"}
    store.links.add(link("L1", "201", "0011", "company"), "run")
    assert store.links.hints("company") == {"0012": "202"}


def test_of_records_takes_many_ids(store):
    store.links.add_all([link(f"L{n}", str(n), f"00Q{n}") for n in range(1100)], "run")
    assert len(store.links.of_records("hubspot", [str(n) for n in range(1100)])) == 1100


def test_former_names_whom_a_record_was_linked_to(store):
    linked(store, 1)
    assert store.links.former("hubspot", ["101"], "person") == {}
    store.links.close("L1", "told apart", "run-2")
    store.links.add(link("L2", "101", "00Q9"), "run-3")
    store.links.close("L2", "told apart", "run-4")
    found = store.links.former("hubspot", ["101", "102"], "person")
    assert {record: sorted(others) for record, others in found.items()} == {"101": ["00Q1", "00Q9"]}
    assert store.links.former("salesforce", ["00Q1"], "person") == {"00Q1": ["101"]}
    assert store.links.former("salesforce", ["00Q1"], "company") == {}


def test_former_counterparts_are_found_through_merges(store):
    store.links.add(Link("person:hubspot:1", "person", "1", "00QB", "Lead", Base({}, {})), "run")
    store.links.close("person:hubspot:1", "merged", "run")
    store.links.alias("salesforce", "00QB", "00QC", "person")
    store.links.alias("salesforce", "00QC", "00QD", "person")
    assert store.links.former("salesforce", ["00QB", "00QD", "00QX"], "person") == {"00QD": ["1"]}
    assert store.links.former("hubspot", ["1"], "person") == {"1": ["00QB"]}

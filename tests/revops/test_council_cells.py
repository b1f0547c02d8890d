"""Small cells are hidden, and so is what would give them away."""

from dataclasses import replace
from itertools import product

import pytest
from council_rows_of import AS_OF, OCTOBER, example_3a, handed
from hypothesis import given, settings
from hypothesis import strategies as st
from rejection_desk import FULL, at

from connector.revops.council import council
from connector.revops.council_cells import hide
from connector.revops.council_feed import marketing_feed


def test_3a_hides_small_cells_and_what_gives_them_away():
    report = council(example_3a(), [], OCTOBER, AS_OF, FULL)
    cells = {line.key: line.figures[0].shown for line in report.table("categories").lines if line.figures[0].value}
    # the BANT share is printed: with timeline alone hidden, 23 - 9 - 6 - 5 would tell it
    assert cells == {
        "budget": "shown",
        "authority": "shown",
        "need": "masked",
        "timeline": "small",
        "data_quality": "shown",
        "other": "small",
    }


def shown(report, table):
    return {line.key: [figure.shown for figure in line.figures] for line in report.table(table).lines}


def test_the_reasons_of_a_hidden_category_are_hidden_with_it():
    many = {
        "budget_none": 12,
        "authority_none": 11,
        "need_none": 6,
        "need_competitor": 4,
        "timeline_too_far": 3,
        "data_invalid": 7,
    }
    rows = [handed(100 * place + n, reason=code) for place, (code, m) in enumerate(many.items()) for n in range(m)]
    report = council(rows, [], OCTOBER, AS_OF, FULL)
    assert {key: cells[0] for key, cells in shown(report, "categories").items() if key in ("need", "timeline")} == {
        "need": "masked",
        "timeline": "small",
    }
    assert {key: cells[0] for key, cells in shown(report, "reasons").items()} == {
        "budget_none": "shown",
        "authority_none": "shown",
        "data_invalid": "shown",
        "need_none": "masked",
        "need_competitor": "small",
        "timeline_too_far": "small",
    }


def test_the_rejections_of_a_hidden_source_are_hidden_with_it():
    rows = [replace(handed(n, reason="need_none" if n < 7 else None), source="A") for n in range(20)]
    rows += [replace(handed(100 + n, reason="need_none" if n < 8 else None), source="B") for n in range(9)]
    rows += [replace(handed(200 + n, reason="need_none" if n < 2 else None), source="C") for n in range(3)]
    assert shown(council(rows, [], OCTOBER, AS_OF, FULL), "source") == {
        "A": ["shown", "shown", "shown"],
        "B": ["masked", "masked", "masked"],
        "C": ["small", "small", "small"],
    }


def test_a_column_of_the_feed_tells_no_small_cell():
    plan = {("A", "need_none"): 3, ("A", "budget_none"): 4, ("A", "other"): 9, ("B", "need_none"): 8, ("B", "other"): 7}
    rows = [
        replace(handed(100 * place + n, reason=reason), campaign=campaign)
        for place, ((campaign, reason), many) in enumerate(plan.items())
        for n in range(many)
    ]
    cells = {
        (line.key, line.second): line.figures[0].shown
        for line in marketing_feed(rows, OCTOBER, AS_OF, FULL).table("campaign_reasons").lines
    }
    # A's two small cells add up to 7, which fits 3 + 4 and 4 + 3; but need_none is 11 in the council
    assert (cells["A", "need_none"], cells["B", "need_none"]) == ("small", "masked")


def test_a_hand_over_after_as_of_is_not_in_the_report():
    row = handed(1, disposition=None)
    assert council([row], [], OCTOBER, at("2026-10-05 09:59"), FULL).figure("handed_over").value == 0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 10, "b": 20}, {}),
        ({"a": 10, "b": 4, "c": 7}, {"b": "small", "c": "masked"}),
        ({"a": 10, "b": 1, "c": 5, "d": 9}, {"b": "small", "c": "masked", "d": "masked"}),  # 6 can only be 1 + 5
        ({"a": 10, "b": 3, "c": 2}, {"b": "small", "c": "small"}),
        ({"a": 10, "b": 1, "c": 1}, {"a": "masked", "b": "small", "c": "small"}),  # 2 can only be 1 + 1
        ({"a": 10, "b": 4, "c": 4}, {"a": "masked", "b": "small", "c": "small"}),  # 8 can only be 4 + 4
        ({"a": 0, "b": 3, "c": 8}, {"b": "small", "c": "masked"}),
        ({"a": 3}, {"a": "small"}),
    ],
)
def test_what_is_hidden(counts, expected):
    assert hide(counts, 5, [list(counts)]) == dict.fromkeys(counts, "shown") | expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=5), st.integers(3, 6))
def test_no_small_cell_can_be_computed_from_the_sum(numbers, minimum):
    """A reader who knows the rules tries every way to fill the hidden cells."""
    counts = dict(enumerate(numbers))
    found = hide(counts, minimum, [list(counts)])
    hidden = [key for key in counts if found[key] != "shown"]
    total = sum(counts[key] for key in hidden)
    ranges = [range(1, minimum) if found[key] == "small" else range(minimum, total + 1) for key in hidden]
    fits = [values for values in product(*ranges) if sum(values) == total]
    everything = all(found[key] != "shown" for key in counts if counts[key])
    for place, key in enumerate(hidden):
        if found[key] == "small":
            assert everything or len({values[place] for values in fits}) > 1


def test_the_feed_hides_a_campaigns_cells_with_its_sum_and_no_column_tells_them():
    plan = {
        ("A", "need_none"): 9,
        ("A", "budget_none"): 8,
        ("A", "other"): 2,
        ("B", "need_none"): 7,
        ("B", "other"): 6,
        ("C", "other"): 3,
    }
    rows, number = [], 0
    for (campaign, reason), many in plan.items():
        for _ in range(many):
            number += 1
            rows.append(replace(handed(number, reason=reason), campaign=campaign))
    rows += [replace(handed(900 + n), campaign="A") for n in range(10)]
    feed = marketing_feed(rows, OCTOBER, AS_OF, FULL)
    campaigns = {line.key: line.figures[1].shown for line in feed.table("campaigns").lines}
    assert campaigns == {"A": "shown", "B": "masked", "C": "small"}
    cells = {(line.key, line.second): line.figures[0].shown for line in feed.table("campaign_reasons").lines}
    assert cells[("A", "other")] == "small"
    assert cells[("A", "budget_none")] == "masked"  # else 19 - 9 - 8 is the two
    assert {cells["B", "need_none"], cells["B", "other"]} == {"masked"}
    assert cells[("C", "other")] == "small"

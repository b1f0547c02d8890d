"""Small cells are hidden, and so is what would give them away."""

from dataclasses import replace

import pytest
from council_rows_of import AS_OF, OCTOBER, example_3a, handed
from hypothesis import given, settings
from hypothesis import strategies as st
from rejection_desk import FULL, at

from connector.revops.council import council
from connector.revops.council_cells import Sum, hide
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
        ({"a": 5, "b": 1}, {"a": "masked", "b": "masked"}),  # by «<5» it would be one, if the other is at least five
    ],
)
def test_what_is_hidden(counts, expected):
    assert hide(counts, 5, [Sum(tuple(counts))]) == dict.fromkeys(counts, "shown") | expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=5), st.integers(3, 6))
def test_no_small_cell_can_be_computed_from_the_sum(numbers, minimum):
    """A reader who knows the rules tries every way to fill the hidden cells."""
    counts = dict(enumerate(numbers))
    found = hide(counts, minimum, [Sum(tuple(counts))])
    for key, count in counts.items():
        if 0 < count < minimum:
            helpless = {each: "masked" if number else "small" for each, number in counts.items()}
            alone = fits(key, counts, helpless, minimum) == {count}
            assert alone or len(fits(key, counts, found, minimum)) > 1


def fits(key, counts, found, minimum):
    """The numbers that a cell can be, given what is shown and the sum."""
    total = sum(counts.values())
    masked = [count for each, count in counts.items() if found[each] == "masked"]

    def ways(each):
        known = {"shown": [counts[each]], "small": range(min(counts[each], 1), minimum)}
        least = 1 if min(masked, default=minimum) < minimum else minimum
        return known.get(found[each], range(least, total + 1))

    others = {0}
    for each in counts:
        if each != key:
            others = {known + number for known in others for number in ways(each) if known + number <= total}
    return {number for number in ways(key) if total - number in others}


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
    # else 19 - 9 - 8 is the two; budget_none is told by its own sum, so that hiding it would not help
    assert (cells["A", "need_none"], cells["A", "budget_none"]) == ("masked", "shown")
    assert {cells["B", "need_none"], cells["B", "other"]} == {"masked"}
    assert cells[("C", "other")] == "small"


def sourced(plan):
    """Hand-overs by source: how many were answered, how many of them rejected."""
    return [
        replace(handed(100 * place + n, reason="need_none" if n < rejected else None), source=name, campaign=name)
        for place, (name, (answered, rejected)) in enumerate(plan.items())
        for n in range(answered)
    ]


def test_no_more_can_be_rejected_than_was_answered():
    # 18 rejections in all: with A shown and C at least five of five, B would be three
    rows = sourced({"A": (20, 10), "B": (10, 3), "C": (5, 5)})
    expected = {"A": "masked", "B": "small", "C": "masked"}
    assert {
        key: cells[1] for key, cells in shown(council(rows, [], OCTOBER, AS_OF, FULL), "source").items()
    } == expected
    feed = shown(marketing_feed(rows, OCTOBER, AS_OF, FULL), "campaigns")
    assert {key: cells[1:] for key, cells in feed.items()} == {key: [each] * 4 for key, each in expected.items()}


def test_a_zero_is_hidden_where_nothing_else_is_left():
    rows = sourced({"A": (10, 0), "C": (7, 3)})
    assert shown(council(rows, [], OCTOBER, AS_OF, FULL), "source") == {
        "A": ["shown", "small", "small"],
        "C": ["shown", "small", "small"],
    }


def test_hidden_lines_stand_last_by_name():
    # by size B, which is at least five, would stand before C, which is six: so B would be six, and D one
    rows = sourced({"A": (10, 0), "B": (6, 0), "C": (6, 0), "D": (1, 0)})
    lines = council(rows, [], OCTOBER, AS_OF, FULL).table("source").lines
    assert [(line.key, line.figures[0].shown) for line in lines] == [
        ("A", "shown"),
        ("C", "shown"),
        ("B", "masked"),
        ("D", "small"),
    ]


def test_the_bands_of_a_temperature_do_not_tell_each_other():
    plan = {("A/E1", "hot"): 10, ("A/E2", "hot"): 3, ("C/E3", "cold"): 4, ("D/E3", "cold"): 4}
    rows = [
        replace(handed(100 * place + n), band=band, temperature=temperature)
        for place, ((band, temperature), many) in enumerate(plan.items())
        for n in range(many)
    ]
    report = council(rows, [], OCTOBER, AS_OF, FULL)
    cells = {key: cells[0] for key, cells in (shown(report, "band") | shown(report, "temperature")).items()}
    # hot is 13, so that A/E2 is three beside a shown A/E1; cold is eight, which only 4 and 4 make
    assert cells == {
        "A/E1": "masked", "A/E2": "small", "C/E3": "small", "D/E3": "small", "hot": "masked", "cold": "masked",
    }  # fmt: skip


def test_reasons_besides_the_printed_categories_do_not_tell_each_other():
    plan = {"budget_none": 19, "data_invalid": 6, "fit_company_size": 4, "not_a_buyer": 4, "no_response": 4}
    rows = [
        handed(100 * place + n, reason=code) for place, (code, many) in enumerate(plan.items()) for n in range(many)
    ]
    cells = {key: cells[0] for key, cells in shown(council(rows, [], OCTOBER, AS_OF, FULL), "reasons").items()}
    # 37 less what the headline tells is twelve, which only three times four makes: so none says that it is small
    assert [cells[code] for code in ("fit_company_size", "not_a_buyer", "no_response")] == ["masked"] * 3

"""The lead council and the marketing feed: worked example 3-A, hidden cells, and what belongs to which month."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from council_rows_of import AS_OF, OCTOBER, example_3a, handed
from rejection_desk import FULL, at

from connector.revops.council import council
from connector.revops.council_feed import lead_cost, marketing_feed
from connector.revops.council_proposals import Threshold
from connector.revops.council_rows import WonDeal, month, week
from connector.revops.rejection_config import Cost


def percent(figure):
    return f"{float(figure.value) * 100:.2f}"


# --- 3-A -----------------------------------------------------------------------------------------------------


def test_3a_every_figure():
    report = council(example_3a(), [], OCTOBER, AS_OF, FULL)
    counts = {
        name: int(report.figure(name).value) for name in ("handed_over", "accepted", "rejected", "open", "overdue")
    }
    assert counts == {"handed_over": 80, "accepted": 44, "rejected": 30, "open": 6, "overdue": 4}
    shares = {
        "acceptance_rate": "59.46",
        "rejection_rate": "40.54",
        "disposition_rate": "92.50",
        "bant_share": "76.67",
        "data_quality_share": "20.00",
        "other_share": "3.33",
    }
    assert {name: percent(report.figure(name)) for name in shares} == shares
    assert report.warnings == ()
    categories = {line.key: int(line.figures[0].value) for line in report.table("categories").lines}
    assert {name: number for name, number in categories.items() if number} == {
        "budget": 9,
        "authority": 6,
        "need": 5,
        "timeline": 3,
        "data_quality": 6,
        "other": 1,
    }


def test_every_figure_leads_to_its_records():
    report = council(example_3a(), [], OCTOBER, AS_OF, FULL)
    figures = [*report.headline, *(each for table in report.tables for line in table.lines for each in line.figures)]
    for figure in figures:
        if figure.unit == "count" and not figure.id.startswith("delta"):
            assert len(figure.records) == figure.value
        if figure.unit == "share" and figure.value is not None:
            assert Fraction(len(figure.records), len(figure.of)) == figure.value
    assert set(report.figure("overdue").records) < set(report.figure("open").records)


def test_the_order_of_the_rows_and_doubles_change_nothing():
    rows = example_3a()
    assert council([*reversed(rows), *rows], [], OCTOBER, AS_OF, FULL) == council(rows, [], OCTOBER, AS_OF, FULL)


def test_too_much_other_is_a_warning():
    rows = example_3a()
    other = [replace(row, reason="other") if row.reason == "budget_none" else row for row in rows]
    assert council(other, [], OCTOBER, AS_OF, FULL).warnings == ("other_share",)
    exactly = [handed(n, reason="other" if n < 3 else "need_none") for n in range(20)]
    assert council(exactly, [], OCTOBER, AS_OF, FULL).warnings == ()


def test_an_empty_month_divides_by_nothing():
    report = council([], [], OCTOBER, AS_OF, FULL)
    assert report.figure("acceptance_rate").value is None
    assert report.figure("feedback_median").value is None
    assert all(not table.lines for table in report.tables if table.id != "categories")


# --- the month is that of the hand-over ----------------------------------------------------------------------


def test_the_month_is_the_local_month_of_the_hand_over():
    edges = [at("2026-10-01 00:00"), at("2026-10-31 23:59"), at("2026-09-30 23:59"), at("2026-11-01 00:00")]
    rows = [replace(handed(n, reason="need_none"), handover_at=moment) for n, moment in enumerate(edges)]
    assert council(rows, [], OCTOBER, AS_OF, FULL).figure("handed_over").value == 2


def test_what_had_not_happened_at_as_of_is_not_in_the_report():
    row = replace(handed(1, reason="need_none"), feedback_at=at("2026-11-15 10:00"))
    early = council([row], [], OCTOBER, at("2026-11-10 10:00"), FULL)
    late = council([row], [], OCTOBER, AS_OF, FULL)
    assert (early.figure("open").value, early.figure("rejected").value) == (1, 0)
    assert (late.figure("open").value, late.figure("rejected").value) == (0, 1)


def test_timeliness_counts_the_open_and_overdue_and_the_median_is_that_of_the_clock():
    start = at("2026-10-05 10:00")
    due = start + timedelta(hours=48)
    rows = [
        replace(
            handed(n), handover_at=start, due_at=due, feedback_at=start + timedelta(hours=h), worked=timedelta(hours=h)
        )
        for n, h in enumerate((4, 48, 50))
    ]
    rows.append(replace(handed(9, disposition=None), handover_at=start, due_at=due))
    report = council(rows, [], OCTOBER, AS_OF, FULL)
    assert percent(report.figure("feedback_in_time")) == "50.00"
    assert report.figure("feedback_median").value == 48
    assert report.figure("overdue").value == 1


def test_recycled_leads_false_positives_and_false_negatives():
    rows = [
        replace(
            handed(n, reason="need_none" if n < 6 else None),
            sql_rule="bant_positive",
            components=("pricing", "webinar") if n % 2 else ("pricing", "pricing"),
            recycled_at=at("2026-10-20 10:00") if n < 6 else None,
            won_at=at("2026-11-10 10:00") if n < 2 else None,
        )
        for n in range(20)
    ]
    deals = [WonDeal((f"d{n}",), at("2026-10-10 10:00"), hot=n > 0) for n in range(4)]
    report = council(rows, [*deals, *deals], OCTOBER, AS_OF, FULL)
    assert (report.figure("recycled").value, report.figure("recycled_won").value) == (6, Fraction(1, 3))
    assert report.figure("false_positives").value == Fraction(6, 20)
    assert (report.figure("false_negatives").records, report.figure("false_negative_share").value) == (
        ("d0",),
        Fraction(1, 4),
    )
    lines = {line.key: [figure.shown for figure in line.figures] for line in report.table("components").lines}
    assert lines == {"pricing": ["shown", "shown", "shown"], "webinar": ["shown", "small", "small"]}


def test_unexplained_rejections_lower_the_completeness():
    rows = [handed(n, reason="need_none") for n in range(9)]
    rows.append(replace(handed(10, disposition=None), unexplained=True))
    assert council(rows, [], OCTOBER, AS_OF, FULL).figure("reason_completeness").value == Fraction(9, 10)


def test_the_top_reasons_say_what_changed():
    def september(row):
        return replace(row, person=f"s{row.person}", handover_at=at("2026-09-10 10:00"))

    now = [handed(n, reason="need_none") for n in range(12)] + [handed(50 + n, reason="budget_none") for n in range(8)]
    before = [september(handed(n, reason="need_none")) for n in range(6)]
    before += [september(handed(50 + n, reason="budget_none")) for n in range(2)]
    top = council(now + before, [], OCTOBER, AS_OF, FULL).table("top_reasons")
    (need, budget) = top.lines
    assert [each.value for each in need.figures] == [12, Fraction(3, 5), 6, Fraction(3, 5) - Fraction(3, 4)]
    # 2 of 8 in September is small, and with it the 6 can be computed: neither change may be printed
    assert [each.shown for each in need.figures] == ["shown", "shown", "masked", "masked"]
    assert [each.shown for each in budget.figures] == ["shown", "shown", "masked", "masked"]


def test_thresholds_are_proposed_in_both_directions():
    low = [replace(handed(n, reason="need_none"), engagement_score=31 + n % 9) for n in range(10)]
    high = [replace(handed(20 + n), engagement_score=60) for n in range(10)]
    deals = [
        WonDeal((f"d{n}",), at("2026-10-10 10:00"), hot=False, fit_score=47, engagement_score=90) for n in range(5)
    ]
    thresholds = [Threshold("level E2", "engagement", 30), Threshold("grade B", "fit", 50)]
    found = council(low + high, deals, OCTOBER, AS_OF, FULL, thresholds=thresholds).proposals
    assert [(each.threshold, each.now, each.then, each.why) for each in found] == [
        ("grade B", 50, 45, "won_below"),
        ("level E2", 30, 50, "rejected_below"),
    ]
    assert council(low[:4], deals[:4], OCTOBER, AS_OF, FULL, thresholds=thresholds).proposals == ()


def test_the_feed_counts_the_cost_of_rejected_leads():
    """5-B: 2 h are 150 euros, 3 h are 200; 500 rejected leads cost 75,000 to 100,000."""
    assert lead_cost(Cost()) == (150, 200)
    feed = marketing_feed([handed(n, reason="need_none") for n in range(500)], OCTOBER, AS_OF, FULL)
    assert (feed.figure("cost_low").value, feed.figure("cost_high").value) == (75_000, 100_000)


def test_the_feed_lists_what_to_leave_out_only_where_it_is_plain():
    rows = [replace(handed(n, reason="fit_industry"), industry="GASTRONOMY" if n < 6 else "MINING") for n in range(9)]
    rows += [replace(handed(20 + n, reason="fit_industry"), industry="RETAIL") for n in range(6)]
    rows.append(replace(handed(40), industry="RETAIL"))
    feed = marketing_feed(rows, OCTOBER, AS_OF, FULL)
    assert [line.key for line in feed.table("suppress_industry").lines] == ["GASTRONOMY"]


def test_periods():
    assert month("2026-10").previous() == month("2026-09")
    assert (month("2026-12").first, month("2026-12").end) == (date(2026, 12, 1), date(2027, 1, 1))
    assert (week(date(2027, 1, 1)).name, week(date(2027, 1, 1)).first) == ("2026-W53", date(2026, 12, 28))
    assert week(date(2026, 11, 23)).previous() == week(date(2026, 11, 16))
    with pytest.raises(ValueError, match="month"):
        month("2026-13")
    assert datetime(2026, 1, 1, tzinfo=UTC) < AS_OF

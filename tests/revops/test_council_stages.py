"""Durations from stage to stage and what marketing promised, in the lead council: worked by hand."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from council_rows_of import AS_OF, OCTOBER, example_3a
from rejection_desk import FULL, at

from connector.report.council import render, report_data
from connector.revops.calendars import Calendar
from connector.revops.council import council
from connector.revops.council_rows import month
from connector.revops.council_stages import Stages
from connector.revops.lifecycle import Lifecycle, Sla
from connector.revops.lifecycle_sla import Qualified
from connector.revops.lifecycle_velocity import Step

FEEDBACK = Sla("feedback", ("handover",), ("disposition",), {"*": timedelta(hours=48)}, "business_hours")
MONDAY = "2026-10-05 10:00"


def step(number, hours, pair=("mql", "sal"), start=MONDAY):
    """A step of a number of wall-clock hours."""
    return Step(pair, at(start), at(start) + timedelta(hours=hours), (f"hubspot:{number}",))


def reported(steps=(), sqls=(), period=OCTOBER, as_of=AS_OF, **agreed):
    """The report of a month with these ways."""
    stages = Stages(replace(Lifecycle(), **agreed), Calendar(), steps, sqls)
    return council([], [], period, as_of, FULL, stages=stages)


def durations(report):
    """The lines that say something, by their keys."""
    return {line.key: line.figures for line in report.table("durations").lines if line.figures[0].value}


# --- durations -----------------------------------------------------------------------------------------------


def test_number_median_and_percentile():
    """2, 4, 6, 10, 12 and 30 hours: half of 6 + 10, and the sixth of six, since five are only 83 %."""
    found = durations(reported([step(n, hours) for n, hours in enumerate((10, 2, 30, 4, 12, 6))]))
    assert {key: [figure.value for figure in line] for key, line in found.items()} == {"mql_sal": [6, 8, 30]}
    assert {figure.shown for figure in found["mql_sal"]} == {"shown"}
    assert {figure.records for figure in found["mql_sal"]} == {tuple(f"hubspot:{number}" for number in range(6))}


def test_the_percentile_leaves_one_of_ten_out():
    found = durations(reported([step(n, n + 1) for n in range(10)]))
    assert [figure.value for figure in found["mql_sal"]] == [10, Fraction(11, 2), 9]


def test_the_steps_are_in_the_order_of_the_stages():
    pairs = [("opportunity", "customer"), ("sql", "opportunity"), ("sal", "sql"), ("mql", "sal")]
    lines = reported([step(n, 5, pair) for n, pair in enumerate(pairs)]).table("durations").lines
    assert [line.key for line in lines] == ["mql_sal", "sal_sql", "sql_opportunity", "opportunity_customer"]


@pytest.mark.parametrize(
    ("sla", "clock", "hours"),
    [
        ((), "elapsed", 66),
        ((replace(FEEDBACK, id="acceptance", start=("mql",)),), "elapsed", 66),
        ((FEEDBACK,), "business_hours", 2),
        ((replace(FEEDBACK, clock="working_days"),), "working_days", 18),
    ],
)
def test_the_clock_is_that_of_the_feedback(sla, clock, hours):
    """From Friday 16:00 to Monday 10:00."""
    report = reported([step(n, 66, start="2026-10-02 16:00") for n in range(5)], sla=sla)
    assert (report.clock, durations(report)["mql_sal"][1].value) == (clock, hours)
    assert report_data(report)["clock"] == clock


def test_a_step_belongs_to_the_local_month_in_which_it_ended():
    """Berlin's October begins at 22:00 UTC on 30 September and ends at 23:00 UTC on the 31st."""
    ends = ("2026-09-30 23:59", "2026-10-01 00:00", "2026-10-31 23:59", "2026-11-01 00:00")
    taken = [Step(("mql", "sal"), at("2026-09-01 10:00"), at(end), (f"hubspot:{n}",)) for n, end in enumerate(ends)]
    behind = [
        durations(reported(taken, period=month(name)))["mql_sal"][0].records
        for name in ("2026-09", "2026-10", "2026-11")
    ]
    assert behind == [("hubspot:0",), ("hubspot:1", "hubspot:2"), ("hubspot:3",)]


def test_what_had_not_ended_at_as_of_is_not_in_the_report():
    taken = [step(n, hours) for n, hours in enumerate((10, 500))]
    assert durations(reported(taken, as_of=at("2026-10-10 10:00")))["mql_sal"][0].value == 1
    assert durations(reported(taken))["mql_sal"][0].value == 2


@pytest.mark.parametrize(("number", "shown"), [(4, "small"), (5, "shown")])
def test_the_durations_of_few_persons_are_hidden(number, shown):
    report = reported([step(n, 7) for n in range(number)])
    assert {figure.shown for figure in durations(report)["mql_sal"]} == {shown}
    made = render(report, FULL.reasons, "en", "md")
    line = next(line for line in made.splitlines() if line.startswith("| MQL to SAL"))
    assert line == (
        "| MQL to SAL | <5 | • | • |" if shown == "small" else "| MQL to SAL | 5 | 7.0\u202fh | 7.0\u202fh |"
    )
    (data,) = [each for each in report_data(report)["tables"]["durations"] if each["key"] == "mql_sal"]
    assert ("hidden" in data["median"], data["median"]["value"]) == (
        shown == "small",
        None if shown == "small" else "7.0",
    )


# --- what marketing promised -----------------------------------------------------------------------------------


def sqls(*days):
    return [Qualified(at(f"{day} 09:00"), (f"hubspot:{number}",)) for number, day in enumerate(days)]


DAYS = ("2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01", "2026-11-20", "2026-12-01", "2027-01-05")


@pytest.mark.parametrize(
    ("starts", "name", "expected"),
    [
        (1, "2026-10/2026-12", (3, 4)),
        (2, "2026-08/2026-10", (0, 1, 2, 3)),
        (3, "2026-09/2026-11", (1, 2, 3, 4)),
        (12, "2026-09/2026-11", (1, 2, 3, 4)),
    ],
)
def test_the_sqls_of_the_fiscal_quarter_of_the_month(starts, name, expected):
    """Reported is October as of 23 November; the quarter goes on."""
    report = reported(sqls=sqls(*DAYS), sql_per_quarter=3, year_starts=starts)
    (line,) = report.table("promise").lines
    assert line.key == name
    assert [figure.value for figure in line.figures] == [3, len(expected), Fraction(len(expected), 3)]
    assert line.figures[1].records == line.figures[2].records == tuple(f"hubspot:{number}" for number in expected)


def test_few_sqls_are_a_figure_of_everybody_and_shown():
    (line,) = reported(sqls=sqls("2026-10-02"), sql_per_quarter=3).table("promise").lines
    assert {figure.shown for figure in line.figures} == {"shown"}


def test_a_quarter_without_an_sql_is_told_too():
    made = render(reported(sql_per_quarter=100), FULL.reasons, "de", "md")
    assert "| Oktober 2026 bis Dezember 2026 | 100 | 0 | 0,00\u202f% |" in made


def test_where_no_number_is_agreed_nothing_is_said():
    report = reported([step(1, 5)], sqls(*DAYS))
    assert [table.id for table in report.tables if table.id == "promise"] == []
    assert "promised" not in render(report, FULL.reasons, "en", "md")


def test_without_a_lifecycle_the_report_is_what_it_was():
    report = council(example_3a(), [], OCTOBER, AS_OF, FULL)
    assert not {"durations", "promise"} & {table.id for table in report.tables}
    for locale, word in (("de", "Dauer"), ("en", "Duration")):
        assert word not in render(report, FULL.reasons, locale, "md")


# --- the forms -------------------------------------------------------------------------------------------------

FULL_REPORT = reported(
    [step(n, hours) for n, hours in enumerate((10, 2, 30, 4, 12, 6))], sqls(*DAYS), sql_per_quarter=3, sla=(FEEDBACK,)
)


@pytest.mark.parametrize("form", ["md", "html"])
@pytest.mark.parametrize(
    ("locale", "pieces"),
    [
        (
            "de",
            ["Dauer von Stufe zu Stufe", "MQL bis SAL", "90. Perzentil", "nur Öffnungszeiten",
             "Was Marketing zugesagt hat", "Zugesagte SQLs", "Oktober 2026 bis Dezember 2026", "66,67\u202f%",
             "wer im Geschäftsquartal SQL wurde"],
        ),
        (
            "en",
            ["Durations from stage to stage", "MQL to SAL", "90th percentile", "opening hours only",
             "What marketing promised", "SQLs promised", "October 2026 to December 2026", "66.67%",
             "who became an SQL in the fiscal quarter"],
        ),
    ],
)  # fmt: skip
def test_as_people_read_it(form, locale, pieces):
    made = render(FULL_REPORT, FULL.reasons, locale, form)
    assert [piece for piece in pieces if piece not in made] == []
    assert "hubspot:" not in made


@pytest.mark.parametrize(
    ("locale", "delimiter", "rows"),
    [
        (
            "de",
            ";",
            [["Dauer von Stufe zu Stufe", "MQL bis SAL", "Anzahl", "6", ""],
             ["Dauer von Stufe zu Stufe", "MQL bis SAL", "Median", "6,5", "h"],
             ["Was Marketing zugesagt hat", "Oktober 2026 bis Dezember 2026", "Anteil der Zusage", "66,67", "%"]],
        ),
        (
            "en",
            ",",
            [["Durations from stage to stage", "MQL to SAL", "90th percentile", "14.0", "h"],
             ["What marketing promised", "October 2026 to December 2026", "SQLs delivered", "2", ""]],
        ),
    ],
)  # fmt: skip
def test_as_a_spreadsheet_reads_it(locale, delimiter, rows):
    """Opening hours from Monday 10:00, 9 to 17: 2, 4, 6, 7, 7 and 14 hours."""
    made = csv.reader(io.StringIO(render(FULL_REPORT, FULL.reasons, locale, "csv", bom=False)), delimiter=delimiter)
    found = list(made)
    assert [row for row in rows if row not in found] == []


@pytest.mark.parametrize("form", ["md", "csv", "html"])
def test_with_records_the_new_figures_name_their_ids(form):
    made = render(FULL_REPORT, FULL.reasons, "en", form, records=True)
    ids = ("hubspot:0 hubspot:1" if form == "csv" else "hubspot:0, hubspot:1") + "{}hubspot:2"
    place = "Durations from stage to stage / MQL to SAL / Median: " if form != "csv" else "MQL to SAL,Median,6.5,h,"
    assert place + ids.format(" " if form == "csv" else ", ") in made
    sql = "SQLs delivered,2,,hubspot:3 hubspot:4" if form == "csv" else "SQLs delivered: hubspot:3, hubspot:4"
    assert sql in made

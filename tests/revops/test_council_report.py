"""The reports as Markdown, CSV and HTML: numbers by locale, hostile values, nothing hidden shows."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from council_rows_of import AS_OF, OCTOBER, example_3a, handed
from rejection_desk import FULL

from connector.report.council import render, report_data
from connector.report.council_numbers import period, rounded, shown
from connector.revops.council import council
from connector.revops.council_feed import marketing_feed
from connector.revops.council_figures import Figure
from connector.revops.council_rows import week

REPORT = council(example_3a(), [], OCTOBER, AS_OF, FULL)
HOSTILE = "<script>alert(1)</script> | =cmd()\nzweite Zeile"


def text(report, locale, form, **options):
    return render(report, FULL.reasons, locale, form, **options)


@pytest.mark.parametrize("form", ["md", "html"])
@pytest.mark.parametrize(
    ("locale", "numbers"),
    [
        (
            "de",
            [
                "59,46\u202f%",
                "40,54\u202f%",
                "92,50\u202f%",
                "76,67\u202f%",
                "20,00\u202f%",
                "3,33\u202f%",
                "23.11.2026",
            ],
        ),
        ("en", ["59.46%", "40.54%", "92.50%", "76.67%", "20.00%", "3.33%", "Nov 23, 2026"]),
    ],
)
def test_3a_as_people_read_it(form, locale, numbers):
    made = text(REPORT, locale, form)
    assert [number for number in numbers if number not in made] == []


@pytest.mark.parametrize(
    ("unit", "value", "de", "en"),
    [
        ("count", Fraction(1234567), "1.234.567", "1,234,567"),
        ("money", Fraction(123456789, 100), "1.234.567,89\u202f€", "€1,234,567.89"),
        ("share", Fraction(119, 200), "59,50\u202f%", "59.50%"),
        ("share", Fraction(1, 3), "33,33\u202f%", "33.33%"),
        ("share", Fraction(5, 100_000), "0,01\u202f%", "0.01%"),
        ("hours", Fraction(49, 2), "24,5\u202fh", "24.5\u202fh"),
        ("share", None, "k. A.", "n/a"),
    ],
)
def test_numbers_by_locale(unit, value, de, en):
    figure = Figure("x", unit, value)
    assert (shown(figure, 5, "de", "EUR"), shown(figure, 5, "en", "EUR")) == (de, en)


def test_rounding_is_half_up_on_the_exact_value():
    assert [rounded(Fraction(n, 1000), 2) for n in (5, 15, -5, 4, -4)] == [
        Decimal("0.01"),
        Decimal("0.02"),
        Decimal("-0.01"),
        Decimal("0.00"),
        Decimal("0.00"),
    ]


def test_periods_are_named_by_locale():
    assert (period(OCTOBER, "de"), period(OCTOBER, "en")) == ("Oktober 2026", "October 2026")
    assert (period(week(date(2026, 10, 20)), "de"), period(week(date(2026, 10, 20)), "en")) == (
        "KW 43/2026",
        "week 43/2026",
    )


def test_german_csv_opens_in_excel():
    made = text(REPORT, "de", "csv")
    assert made.startswith("\ufeffAbschnitt;Zeile;Kennzahl;Wert;Einheit\r\n")
    rows = list(csv.reader(io.StringIO(made.removeprefix("\ufeff")), delimiter=";"))
    assert ["Überblick", "", "Annahmequote", "59,46", "%"] in rows
    assert ["Ablehnungen nach Kategorie", "Zeitplan", "Abgelehnt", "<5", ""] in rows
    assert not text(REPORT, "de", "csv", bom=False).startswith("\ufeff")


@pytest.mark.parametrize("form", ["md", "csv", "html"])
@pytest.mark.parametrize("locale", ["de", "en"])
def test_no_hidden_number_shows_in_any_form(form, locale):
    """The two hidden categories could be told from anything that names their counts or shares."""
    made = text(REPORT, locale, form)
    part = made[made.index("Zeitplan" if locale == "de" else "Timeline") :][:120]
    assert not re.search(r"\b3\b|10[.,]00|4[.,]05", part)
    assert "hubspot:" not in made


def test_data_for_programs_hides_too():
    data = report_data(REPORT)
    lines = {line["key"]: line for line in data["tables"]["categories"]}
    assert lines["timeline"]["rejected"] == {"value": None, "unit": "count", "hidden": "small"}
    assert data["headline"]["acceptance_rate"] == {"value": "59.46", "unit": "share"}
    assert len(report_data(REPORT, records=True)["headline"]["overdue"]["records"]) == 4


@pytest.mark.parametrize("form", ["md", "csv", "html"])
def test_with_records_every_figure_names_its_ids(form):
    made = text(REPORT, "en", form, records=True)
    assert "hubspot:79" in made
    assert (form == "csv") or "Internal" in made


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_values_of_a_crm_do_no_harm():
    rows = [replace(handed(n, reason="need_none"), campaign=HOSTILE, source=HOSTILE) for n in range(9)]
    for report in (council(rows, [], OCTOBER, AS_OF, FULL), marketing_feed(rows, OCTOBER, AS_OF, FULL)):
        tags = _Tags()
        made = text(report, "de", "html")
        tags.feed(made)
        names = {tag for tag, _ in tags.found}
        assert not names & {"script", "link", "img", "iframe", "object", "a"}
        assert not any(key.startswith("on") or key in ("href", "src") for _, attrs in tags.found for key in attrs)
        assert "<script" not in text(report, "de", "md")
        assert all(line.count("|") - line.count("\\|") <= 7 for line in text(report, "de", "md").splitlines())
        cells = [
            each for row in csv.reader(io.StringIO(text(report, "de", "csv", bom=False)), delimiter=";") for each in row
        ]
        assert not any(re.match(r"[=+@\t\r]|-\D", each) for each in cells)


def test_charts_are_well_formed_and_hide_what_is_hidden():
    made = text(REPORT, "de", "html")
    charts = [ET.fromstring(each) for each in re.findall(r"<svg.*?</svg>", made)]
    assert len(charts) == 5
    names = [each.get("id") for chart in charts for each in chart.iter() if each.get("id")]
    assert len(names) == len(set(names))
    by_category = next(chart for chart in charts if chart.get("aria-label") == "Ablehnungen nach Kategorie")
    namespace = "{http://www.w3.org/2000/svg}"
    widths = [(bar.get("width"), bar.get("fill")) for bar in by_category.findall(f"{namespace}rect")]
    hidden = [width for width, fill in widths if fill.startswith("url")]
    assert hidden == ["40", "40", "40"]


def test_the_same_report_has_the_same_bytes():
    again = council([*reversed(example_3a())], [], OCTOBER, AS_OF, FULL)
    for form in ("md", "csv", "html"):
        assert text(again, "de", form) == text(REPORT, "de", form)

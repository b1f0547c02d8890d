"""The lead council and the marketing feed as a file: Markdown, CSV or printable HTML, in German or English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from connector.report.council_csv import comma_separated
from connector.report.council_html import page
from connector.report.council_markdown import markdown
from connector.report.council_numbers import plain
from connector.report.council_sheet import sheet
from connector.report.council_words import NO_LABELS
from connector.revops.council_figures import Figure, Report
from connector.revops.rejection_reasons import Locale, Reasons

Form = Literal["md", "csv", "html"]


def render(
    report: Report,
    reasons: Reasons,
    locale: Locale,
    form: Form,
    *,
    time_zone: str = "Europe/Berlin",
    records: bool = False,
    bom: bool = True,
    labels: Mapping[str, str] = NO_LABELS,
) -> str:
    """A report as text.

    Args:
        report: the figures.
        reasons: the labels of the reasons.
        locale: the language, and how numbers and dates are written.
        form: Markdown, CSV or HTML.
        time_zone: in which the time of the report is told.
        records: whether the record ids behind every figure are listed; hidden cells' ids too, so for inside only.
        bom: whether a CSV begins with the mark by which Excel knows UTF-8.
        labels: what the components of the SQL rule are called.
    """
    made = sheet(report, reasons, locale, time_zone, records=records, labels=labels)
    if form == "csv":
        return comma_separated(made, bom=bom)
    return page(made) if form == "html" else markdown(made)


def report_data(report: Report, *, records: bool = False) -> dict[str, Any]:
    """A report for a program: exact texts for numbers (shares in percent), None and `hidden` for hidden ones."""
    return {
        "kind": report.kind,
        "period": report.period.name,
        "as_of": report.as_of.isoformat(),
        "rules": report.config_hash,
        "min_cell": report.min_cell,
        "currency": report.currency,
        "clock": report.clock,
        "warnings": list(report.warnings),
        "headline": {each.id: _figure(each, records=records) for each in report.headline},
        "tables": {
            table.id: [
                {
                    **dict(zip(table.keys, (line.key, line.second), strict=False)),
                    **{each.id: _figure(each, records=records) for each in line.figures},
                }
                for line in table.lines
            ]
            for table in report.tables
        },
        "proposals": [
            {
                "threshold": each.threshold,
                "score": each.score,
                "now": each.now,
                "then": each.then,
                "why": each.why,
                "evidence": {figure.id: _figure(figure, records=records) for figure in each.evidence},
            }
            for each in report.proposals
        ],
    }


def _figure(figure: Figure, *, records: bool) -> dict[str, Any]:
    number = plain(figure)
    found: dict[str, Any] = {"value": None if number is None else f"{number:f}", "unit": figure.unit}
    if figure.shown != "shown":
        found["hidden"] = figure.shown
    if records:
        found |= {"records": list(figure.records), "of": list(figure.of)}
    return found

"""A report as CSV, one figure per line: for German Excel with semicolons and decimal commas (domain §9)."""

from __future__ import annotations

import csv
import io

from connector.report.council_numbers import bare
from connector.report.council_sheet import Sheet
from connector.report.council_words import word

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def comma_separated(sheet: Sheet, *, bom: bool) -> str:
    """The whole report, warnings and notes included; `bom` begins it as Excel needs it to know UTF-8.

    A hidden number keeps its sign (`<5`, `•`) and has no unit. A text that a spreadsheet would take for a formula
    is preceded by an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if sheet.locale == "de" else ",", lineterminator="\r\n")
    heads = ["section", "row", "figure", "value", "unit", *(["records"] if sheet.records else [])]
    writer.writerow([word(head, sheet.locale) for head in heads])
    warning, note = word("warning", sheet.locale), word("note", sheet.locale)
    told = [*sheet.facts, *((warning, text) for text in sheet.warnings), *((note, text) for text in sheet.notes)]
    for label, value in told:
        writer.writerow([_text(sheet.title), "", _text(label), _text(value), "", *([""] if sheet.records else [])])
    for block in sheet.blocks:
        for labels, cells in block.rows:
            for cell in cells:
                row = "" if block.id == "headline" else " / ".join(labels)
                figure = labels[0] if block.id == "headline" else cell.column
                known = cell.number is not None
                value = bare(cell.number, sheet.locale) if cell.number is not None else _text(cell.text)
                line = [block.title, _text(row), _text(figure), value, cell.unit if known else ""]
                writer.writerow([*line, *([" ".join(cell.records)] if sheet.records else [])])
    return (BOM if bom else "") + out.getvalue()


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text

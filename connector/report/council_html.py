"""A report as one printable HTML page: its own styles and charts, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from connector.report.council_sheet import Block, Sheet
from connector.report.council_svg import bars
from connector.report.council_words import word

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;color:#1b1b1b;max-width:52rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:1.8rem 0 .4rem}
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .5rem;border-bottom:1px solid #ccc;text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.facts{color:#555}
.warn{border-left:4px solid #c60;padding:.3rem .7rem}
#decisions td{height:2rem}svg{max-width:100%;height:auto;margin:.5rem 0}
svg text{font:13px system-ui,sans-serif;fill:#1b1b1b}
.notes,.records{color:#555;font-size:.85rem}.records li{overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}section{break-inside:avoid}}@page{size:A4;margin:16mm}
"""


def page(sheet: Sheet) -> str:
    """The whole report; values from a CRM cannot become markup."""
    return "".join(_parts(sheet))


def _parts(sheet: Sheet) -> Iterator[str]:
    title = escape(sheet.title)
    yield f'<!doctype html>\n<html lang="{sheet.locale}"><head><meta charset="utf-8">'
    yield """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>\n<h1>{title}</h1>"
    facts = " · ".join(f"{escape(label)}: {escape(value)}" for label, value in sheet.facts)
    yield f'<p class="facts">{facts}</p>\n'
    yield from (f'<p class="warn">{escape(warning)}</p>\n' for warning in sheet.warnings)
    for block in sheet.blocks:
        yield _block(block, sheet)
    if sheet.decisions:
        yield _block(sheet.decisions, sheet)
    yield '<div class="notes">' + "".join(f"<p>{escape(note)}</p>" for note in sheet.notes) + "</div>\n"
    if sheet.records:
        items = "".join(f"<li>{escape(place)}: {escape(', '.join(ids))}</li>" for place, ids in sheet.records)
        yield f'<section class="records"><h2>{escape(word("records", sheet.locale))}</h2><ul>{items}</ul></section>\n'
    yield "</body></html>\n"


def _block(block: Block, sheet: Sheet) -> str:
    head = f'<section id="{block.id}"><h2>{escape(block.title)}</h2>'
    if not block.rows:
        return f"{head}<p>{escape(word('nothing', sheet.locale))}</p></section>\n"
    chart = bars(block.title, block.bars, block.id) if block.bars else ""
    before = len(block.heads) - len(block.rows[0][1])
    heads = "".join(f"<th{_numeric(place >= before)}>{escape(text)}</th>" for place, text in enumerate(block.heads))
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{escape(label)}</td>" for label in labels)
        + "".join(f"<td{_numeric(True)}>{escape(cell.text)}</td>" for cell in cells)
        + "</tr>"
        for labels, cells in block.rows
    )
    return f"{head}{chart}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>\n"


def _numeric(number: bool) -> str:
    return ' class="n"' if number else ""

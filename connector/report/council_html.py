"""A report as one printable HTML page: its own styles and charts, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from connector.report.council_sheet import Block, Cell, Sheet
from connector.report.council_svg import bars
from connector.report.council_words import word

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;color:#1b1b1b;max-width:52rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:1.8rem 0 .4rem;break-after:avoid}
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .5rem;border-bottom:1px solid #ccc;text-align:left}
th{vertical-align:bottom}td{vertical-align:top}th:first-child{width:36%}tr{break-inside:avoid}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}.facts{color:#555}
#headline table{width:auto;min-width:26rem}#headline th:first-child{width:auto}
#proposals th:first-child{width:24%}#decisions th:first-child{width:60%}#decisions td,#signatures td{height:2rem}
#signatures th:first-child{width:14%}#sla th:first-child{width:20%}
.warn{border-left:4px solid #c60;padding:.3rem .7rem}
svg{display:block;max-width:100%;height:auto;margin:.5rem 0;break-inside:avoid;break-after:avoid}
svg text{font:13px system-ui,sans-serif;fill:#1b1b1b}
.notes,.records{color:#555;font-size:.85rem}.records li{overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none;font-size:13px}}@page{size:A4;margin:16mm}
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
    _, cells = block.rows[0]
    numeric = [*[False] * (len(block.heads) - len(cells)), *(not cell.prose for cell in cells)]
    heads = "".join(
        f"<th{_numeric(number)}>{escape(text)}</th>" for text, number in zip(block.heads, numeric, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{escape(label)}</td>" for label in labels)
        + "".join(f"<td{_numeric(not cell.prose)}>{escape(cell.text)}</td>" for cell in cells)
        + "</tr>"
        for labels, cells in _grouped(block)
    )
    return f"{head}{chart}<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>\n"


def _grouped(block: Block) -> Iterator[tuple[tuple[str, ...], tuple[Cell, ...]]]:
    """The rows; where two keys stand before them, the first one only where it changes."""
    before = None
    for labels, cells in block.rows:
        several = len(labels) > 1
        yield ("", *labels[1:]) if several and labels[0] == before else labels, cells
        before = labels[0]


def _numeric(number: bool) -> str:
    return ' class="n"' if number else ""

"""A report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from connector.report.council_sheet import Block, Sheet
from connector.report.council_words import word

_SPECIAL = str.maketrans({each: f"\\{each}" for each in "\\`*_[]|#"} | {"&": "&amp;", ">": "&gt;"})
_TAG = re.compile(r"<(?!\d)")  # `<5` is a number, and no tag begins so


def markdown(sheet: Sheet) -> str:
    """The whole report; values from a CRM cannot become Markdown or HTML."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"# {_text(sheet.title)}"
    yield ""
    yield from (f"- {_text(label)}: {_text(value)}" for label, value in sheet.facts)
    yield from (f"\n> **{_text(warning)}**" for warning in sheet.warnings)
    for block in (*sheet.blocks, *([sheet.decisions] if sheet.decisions else ())):
        yield from _block(block, sheet)
    yield ""
    yield from (f"{_text(note)}  " for note in sheet.notes)
    if sheet.records:
        yield f"\n## {_text(word('records', sheet.locale))}\n"
        yield from (f"- {_text(place)}: {_text(', '.join(ids))}" for place, ids in sheet.records)


def _block(block: Block, sheet: Sheet) -> Iterator[str]:
    yield f"\n## {_text(block.title)}\n"
    if not block.rows:
        yield _text(word("nothing", sheet.locale))
        return
    _, cells = block.rows[0]
    yield _row(block.heads)
    yield "|" + "---|" * (len(block.heads) - len(cells)) + "".join("---|" if each.prose else "---:|" for each in cells)
    yield from (_row((*labels, *(cell.text for cell in cells))) for labels, cells in block.rows)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_text(cell) for cell in cells) + " |"


def _text(text: str) -> str:
    """One line of plain text."""
    return _TAG.sub("&lt;", " ".join(text.splitlines()).translate(_SPECIAL))

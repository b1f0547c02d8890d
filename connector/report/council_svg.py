"""Bar charts as SVG: no script, no font, no address outside."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from connector.report.council_sheet import Bar

_WIDTH, _ROW, _LABEL, _NUMBER = 780, 26, 270, 100
_SPACE = _WIDTH - _LABEL - _NUMBER
_HIDDEN = 40
_LONGEST = 32
"""Characters of a label; in a wide typeface more would not fit."""


def bars(title: str, values: tuple[Bar, ...], id_: str) -> str:
    """A chart of horizontal bars; a hidden number is a hatched stub of fixed length, which tells nothing.

    `id_` makes the names inside unique on a page.
    """
    height = len(values) * _ROW + 6
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title, quote=True)}">'
    )
    hatch = (
        f'<defs><pattern id="hatch-{id_}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="3" height="6" fill="#999"/></pattern></defs>'
    )
    rows = "".join(_rows(values, id_))
    return f"{head}<title>{escape(title)}</title>{hatch}{rows}</svg>"


def _rows(values: tuple[Bar, ...], id_: str) -> Iterator[str]:
    for number, bar in enumerate(values):
        top = number * _ROW + 4
        length = _HIDDEN if bar.part is None else round(bar.part * _SPACE, 1)
        fill = f"url(#hatch-{id_})" if bar.part is None else "#2f6f9f"
        label = bar.label if len(bar.label) <= _LONGEST else bar.label[: _LONGEST - 1] + "…"
        yield (
            f'<text x="{_LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{_LABEL}" y="{top}" width="{length}" height="{_ROW - 7}" fill="{fill}"/>'
            f'<text x="{_LABEL + length + 6}" y="{top + 14}">{escape(bar.text)}</text>'
        )

"""A report as blocks of ready text, before it becomes Markdown, CSV or HTML.

Everything that is hidden is hidden here already: no form of a report knows more than it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from connector.report import council_numbers as numbers
from connector.report.council_words import NO_LABELS, Names, threshold, word
from connector.revops.council_figures import Figure, Line, Report, Table
from connector.revops.council_stages import PROMISE
from connector.revops.rejection_reasons import Locale, Reasons

_EMPTY_DECISIONS = 6

_KEYS = {"reasons": "reason", "top_reasons": "reason", "campaign_reasons": "campaign", "campaigns": "campaign"}
"""What the first key of a table is, where it is not the table's own name."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as text; `number` and `unit` for spreadsheets, `number` None where it is hidden; or `prose`."""

    text: str
    number: Decimal | None = None
    unit: str = ""
    column: str = ""
    records: tuple[str, ...] = ()
    prose: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart; `part` of the longest one, None where the number is hidden."""

    label: str
    part: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A titled table: `labels` stand before the figures of each row."""

    id: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole report as text."""

    locale: Locale
    title: str
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]
    decisions: Block | None = None
    records: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


def sheet(
    report: Report,
    reasons: Reasons,
    locale: Locale,
    time_zone: str,
    *,
    records: bool,
    labels: Mapping[str, str] = NO_LABELS,
) -> Sheet:
    """The text of a report; with `records`, the ids behind every figure at its end."""
    names = Names(reasons, labels, locale)
    blocks = [_headline(report, locale), *(_block(report, table, names, locale) for table in report.tables)]
    if report.kind == "council":
        blocks.append(_proposals(report, locale))
    notes = [word("small_note", locale).format(min=report.min_cell), word("cohort_note", locale)]
    if any(table.id == PROMISE for table in report.tables):
        notes.append(word("promise_note", locale))
    if records:
        notes.append(word("records_note", locale))
    return Sheet(
        locale=locale,
        title=f"{word(report.kind, locale)} {numbers.period(report.period, locale)}",
        facts=(
            (word("period", locale), numbers.period(report.period, locale)),
            (word("as_of", locale), numbers.moment(report.as_of, time_zone, locale)),
            (word("rules", locale), report.config_hash[:12]),
            *([(word("durations_of", locale), word(f"ended_{report.clock}", locale))] if report.clock else []),
        ),
        warnings=tuple(word(f"warning_{code}", locale) for code in report.warnings),
        blocks=tuple(blocks),
        notes=tuple(notes),
        decisions=_decisions(locale) if report.decisions else None,
        records=_records(blocks) if records else (),
    )


def _cell(report: Report, figure: Figure, locale: Locale) -> Cell:
    units = {"share": "%", "points": "%", "hours": "h", "money": report.currency}
    return Cell(
        numbers.shown(figure, report.min_cell, locale, report.currency),
        numbers.plain(figure),
        units.get(figure.unit, ""),
        word(figure.id, locale),
        figure.records,
    )


def _headline(report: Report, locale: Locale) -> Block:
    rows = tuple(((word(each.id, locale),), (_cell(report, each, locale),)) for each in report.headline)
    heads = (word("figure", locale), word("value", locale))
    wanted = ("accepted", "rejected", "open") if report.kind == "council" else ()
    volumes = [each for each in report.headline if each.id in wanted]
    lines = [(word(each.id, locale), each) for each in volumes]
    return Block("headline", word("headline", locale), heads, rows, _bars(report, lines, locale))


def _block(report: Report, table: Table, names: Names, locale: Locale) -> Block:
    first = _KEYS.get(table.id, table.id)

    def labels(line: Line) -> tuple[str, ...]:
        found = [numbers.quarter(line.key or "", locale) if table.id == PROMISE else names.of(first, line.key)]
        if len(table.keys) > 1:
            found.append(names.of(table.keys[1], line.second))
        return tuple(found)

    lines = [line for line in table.lines if line.figures[0].value or line.figures[0].shown != "shown"]
    rows = tuple((labels(line), tuple(_cell(report, each, locale) for each in line.figures)) for line in lines)
    keys = [word(key, locale) for key in table.keys] if len(table.keys) > 1 else [""]
    if len(keys) > 1:
        keys[0] = word("campaigns", locale)
    heads = (*keys, *(word(column, locale) for column in table.columns))
    charted = _CHARTED.get(table.id)
    bars: tuple[Bar, ...] = ()
    if charted is not None:
        bars = _bars(report, [(" · ".join(labels(line)), line.figures[charted]) for line in lines], locale)
    return Block(table.id, word(table.id, locale), heads, rows, bars)


_CHARTED = {"categories": 0, "top_reasons": 0, "source": 2, "temperature": 2, "campaigns": 2}
"""Tables with a chart, and which of their figures it shows."""


def _bars(report: Report, lines: list[tuple[str, Figure]], locale: Locale) -> tuple[Bar, ...]:
    known = [numbers.plain(figure) for _, figure in lines]
    longest = max((abs(number) for number in known if number is not None), default=Decimal(0))
    found = []
    for (label, figure), number in zip(lines, known, strict=True):
        part = None if number is None else float(abs(number) / longest) if longest else 0.0
        found.append(Bar(label, part, numbers.shown(figure, report.min_cell, locale, report.currency)))
    return tuple(found)


def _proposals(report: Report, locale: Locale) -> Block:
    rows = []
    for each in report.proposals:
        evidence = "; ".join(
            f"{word(_EVIDENCE.get(figure.id, figure.id), locale)}: "
            f"{numbers.shown(figure, report.min_cell, locale, report.currency)}"
            for figure in each.evidence
        )
        behind = tuple(sorted({record for figure in each.evidence for record in figure.records}))
        rows.append(
            (
                (threshold(each.threshold, locale),),
                (
                    Cell(str(each.now), Decimal(each.now), column=word("now", locale)),
                    Cell(str(each.then), Decimal(each.then), column=word("then", locale)),
                    Cell(
                        f"{word(each.why, locale)} ({evidence})",
                        column=word("evidence", locale),
                        records=behind,
                        prose=True,
                    ),
                ),
            )
        )
    heads = tuple(word(key, locale) for key in ("threshold", "now", "then", "evidence"))
    return Block("proposals", word("proposals", locale), heads, tuple(rows))


_EVIDENCE = {"won_below": "evidence_won_below"}


def _decisions(locale: Locale) -> Block:
    heads = tuple(word(key, locale) for key in ("decision", "responsible", "until"))
    empty = (("",), (Cell("", prose=True), Cell("", prose=True)))
    return Block("decisions", word("decisions", locale), heads, (empty,) * _EMPTY_DECISIONS)


def _records(blocks: list[Block]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for block in blocks:
        for labels, cells in block.rows:
            for cell in cells:
                if cell.records:
                    place = [block.title, *labels] if block.id == "headline" else [block.title, *labels, cell.column]
                    found.append((" / ".join(place), cell.records))
    return tuple(found)

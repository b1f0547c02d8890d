"""The tables of the reports, and which of their cells are hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from operator import attrgetter

from connector.revops.council_cells import Shown, Sum, hide
from connector.revops.council_figures import Figure, Line, Table, count, share
from connector.revops.council_rows import HandOver
from connector.revops.rejection_reasons import BANT, CATEGORIES, DATA_QUALITY, OTHER, Reasons

CATEGORIES_SUMMED: tuple[tuple[str, ...], ...] = (BANT, (DATA_QUALITY,), (OTHER,))
"""Categories whose sum stands in the headline of the council."""

NESTED = (("band", "temperature"), ("campaign", "source"))
"""Dimensions of which each value of the first belongs to one of the second, as a rule."""

TOP = 5

Groups = dict[str | None, list[HandOver]]
Cell = tuple[str, str, str | None]
"""A dimension, what is counted, and the line."""


def grouped(rows: Iterable[HandOver], key: Callable[[HandOver], str | None]) -> Groups:
    """Rows by a key; the largest group first, then by key, the unknown last."""
    found: Groups = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {name: found[name] for name in sorted(found, key=lambda name: (name is None, -len(found[name]), name or ""))}


def ordered(names: Iterable[str | None], cells: Mapping[str | None, Shown]) -> list[str | None]:
    """Names in the order of their lines: those that are shown as they come, then the hidden ones by name.

    Sorted by size, a hidden line would tell by its place how large it is.
    """
    listed = list(names)
    hidden = sorted((name for name in listed if cells[name] != "shown"), key=lambda name: (name is None, name or ""))
    return [*(name for name in listed if cells[name] == "shown"), *hidden]


def rejections(
    rejected: Sequence[HandOver], decided: Sequence[HandOver], known: Reasons, minimum: int
) -> tuple[Table, Table]:
    """Rejections by category and by reason: count, share of the rejections, rate of all answers."""
    category_of = {row.reason: reason.category if (reason := known.get(row.reason)) else None for row in rejected}
    by_category: Groups = {name: [] for name in CATEGORIES}
    for row in rejected:
        by_category.setdefault(category_of[row.reason], []).append(row)
    by_reason = grouped(rejected, lambda row: row.reason)
    names, codes = list(by_category), list(by_reason)
    counts = {("category", name): len(rows) for name, rows in by_category.items()}
    counts |= {("reason", code): len(rows) for code, rows in by_reason.items()}
    rest = tuple(name for name in names if all(name not in each for each in CATEGORIES_SUMMED))
    sums = [Sum(tuple(("category", name) for name in each)) for each in (*CATEGORIES_SUMMED, rest, tuple(names))]
    sums += [
        Sum(tuple(("reason", code) for code in codes if category_of[code] == name), ("category", name))
        for name in names
    ]
    sums.append(Sum(tuple(("reason", code) for code in codes)))
    cells = hide(counts, minimum, sums, {("reason", code): ("category", category_of[code]) for code in codes})
    return (
        _rejections("categories", by_category, {name: cells["category", name] for name in names}, rejected, decided),
        _rejections("reasons", by_reason, {code: cells["reason", code] for code in codes}, rejected, decided),
    )


def top_reasons(now: Table, before: Table) -> Table:
    """The reasons named most, with the change since the period before, in leads and in points of the share.

    A change is shown only where both numbers are: otherwise it would tell the hidden one.
    """
    was = {line.key: line.figures for line in before.lines}
    total_before = sum(((line.figures[0].value or Fraction(0)) for line in before.lines), Fraction(0))
    lines = []
    for line in now.lines[:TOP]:
        number, part = line.figures[0], line.figures[1]
        old = was.get(line.key)
        hidden = number.shown != "shown" or (old is not None and old[0].shown != "shown")
        shown: Shown = "masked" if hidden else "shown"
        old_count = (old[0].value or Fraction(0)) if old else Fraction(0)
        old_part = (old[1].value or Fraction(0)) if old else Fraction(0)
        delta = (number.value or Fraction(0)) - old_count
        points = (part.value or Fraction(0)) - old_part if total_before else None
        lines.append(
            Line(
                line.key,
                (
                    number,
                    part,
                    Figure("delta", "count", delta, number.records, old[0].records if old else (), shown),
                    Figure("delta_share", "points", points, number.records, old[0].records if old else (), shown),
                ),
            )
        )
    return Table("top_reasons", ("rejected", "share", "delta", "delta_share"), tuple(lines))


def dimensions(names: Sequence[str], decided: Sequence[HandOver], minimum: int) -> tuple[Table, ...]:
    """Answers and rejections by source, campaign, score band or temperature, hidden with a view to one another.

    A reader knows which bands make a temperature, and which campaigns belong to a source: where some add up to one
    line of the other table, that sum is taken into account.
    """
    groups = {name: grouped(decided, attrgetter(name)) for name in names}
    counts: dict[Cell, int] = {}
    within: dict[Cell, Cell] = {}
    sums: list[Sum[Cell]] = []
    for name, found in groups.items():
        for key, rows in found.items():
            counts[name, "decided", key] = len(rows)
            counts[name, "rejected", key] = sum(row.rejected for row in rows)
            within[name, "rejected", key] = (name, "decided", key)
        sums += [Sum(tuple((name, what, key) for key in found)) for what in ("decided", "rejected")]
    for fine, coarse in NESTED:
        if fine in groups and coarse in groups:
            sums += _nested(groups, fine, coarse)
    cells = hide(counts, minimum, sums, within)
    return tuple(_dimension(name, found, cells) for name, found in groups.items())


def _nested(groups: Mapping[str, Groups], fine: str, coarse: str) -> Iterator[Sum[Cell]]:
    """The lines of a finer table that make one of a coarser table, where they make exactly that."""
    for key, rows in groups[coarse].items():
        parts = dict.fromkeys(getattr(row, fine) for row in rows)
        if sum(len(groups[fine][part]) for part in parts) == len(rows):
            for what in ("decided", "rejected"):
                yield Sum(tuple((fine, what, part) for part in parts), (coarse, what, key))


def _dimension(name: str, groups: Groups, cells: Mapping[Cell, Shown]) -> Table:
    lines = []
    for key in ordered(groups, {key: cells[name, "decided", key] for key in groups}):
        rows, cell = groups[key], cells[name, "rejected", key]
        wrong = [row for row in rows if row.rejected]
        figures = (
            count("decided", rows, cells[name, "decided", key]),
            count("rejected", wrong, cell),
            share("rate", wrong, rows, cell),
        )
        lines.append(Line(key, figures))
    return Table(name, ("decided", "rejected", "rate"), tuple(lines))


def components(decided: Sequence[HandOver], minimum: int) -> Table:
    """The SQL rule's components: how often each had fired, and how often sales turned the lead down all the same."""
    fired: Groups = {}
    for row in decided:
        if row.sql_rule:
            for component in set(row.components):
                fired.setdefault(component, []).append(row)
    names = sorted(fired, key=lambda each: (-sum(row.rejected for row in fired[each]), each or ""))
    wrong = {name: [row for row in fired[name] if row.rejected] for name in names}
    # components overlap, so that nothing can be computed from sums; but both numbers of a line are bound
    counts = {("fired", name): len(fired[name]) for name in names}
    counts |= {("rejected", name): len(wrong[name]) for name in names}
    cells = hide(counts, minimum, within={("rejected", name): ("fired", name) for name in names})
    lines = []
    for name in ordered(names, {name: cells["rejected", name] for name in names}):
        rows, part = fired[name], cells["rejected", name]
        figures = (
            count("fired", rows, cells["fired", name]),
            count("rejected", wrong[name], part),
            share("rate", wrong[name], rows, part),
        )
        lines.append(Line(name, figures))
    return Table("components", ("fired", "rejected", "rate"), tuple(lines))


def _rejections(
    id_: str,
    groups: Groups,
    cells: Mapping[str | None, Shown],
    rejected: Sequence[HandOver],
    decided: Sequence[HandOver],
) -> Table:
    lines = [
        Line(
            key,
            (
                count("rejected", rows, cells[key]),
                share("share", rows, rejected, cells[key]),
                share("rate", rows, decided, cells[key]),
            ),
        )
        for key in (ordered(groups, cells) if id_ == "reasons" else groups)
        for rows in (groups[key],)
    ]
    return Table(id_, ("rejected", "share", "rate"), tuple(lines))

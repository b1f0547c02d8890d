"""The tables of the reports, and which of their cells are hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from connector.revops.council_cells import Shown, hide
from connector.revops.council_figures import Figure, Line, Table, count, share
from connector.revops.council_rows import HandOver
from connector.revops.rejection_reasons import BANT, CATEGORIES, DATA_QUALITY, OTHER, Reasons

CATEGORIES_SUMMED: tuple[tuple[str, ...], ...] = (BANT, (DATA_QUALITY,), (OTHER,))
"""Categories whose sum stands in the headline of the council."""

TOP = 5

Groups = dict[str | None, list[HandOver]]


def grouped(rows: Iterable[HandOver], key: Callable[[HandOver], str | None]) -> Groups:
    """Rows by a key; the largest group first, then by key, the unknown last."""
    found: Groups = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {name: found[name] for name in sorted(found, key=lambda name: (name is None, -len(found[name]), name or ""))}


def sizes(groups: Mapping[str | None, Sequence[HandOver]]) -> dict[str | None, int]:
    """How large each group is."""
    return {name: len(rows) for name, rows in groups.items()}


def categories(
    rejected: Sequence[HandOver],
    decided: Sequence[HandOver],
    known: Reasons,
    minimum: int,
    summed: Sequence[Collection[str]],
) -> Table:
    """Rejections by category: count, share of the rejections, rate of all answers."""
    groups: Groups = {name: [] for name in CATEGORIES}
    for row in rejected:
        reason = known.get(row.reason)
        groups.setdefault(reason.category if reason else None, []).append(row)
    cells = hide(sizes(groups), minimum, _sums(groups, summed))
    return _rejections("categories", groups, cells, rejected, decided)


def reasons(
    rejected: Sequence[HandOver], decided: Sequence[HandOver], known: Reasons, minimum: int, by_category: Table
) -> Table:
    """Rejections by reason; the reasons of a hidden category are hidden with it."""
    groups = grouped(rejected, lambda row: row.reason)
    category: dict[str | None, str | None] = {}
    for code in groups:
        reason = known.get(code)
        category[code] = reason.category if reason else None
    visible = {line.key for line in by_category.lines if line.figures[0].shown == "shown"}
    masked = [code for code in groups if category[code] not in visible]
    sums: list[Collection[str | None]] = []
    sums += [
        [code for code in groups if category[code] == line.key] for line in by_category.lines if line.key in visible
    ]
    sums += [[code for code in groups if category[code] in names] for names in CATEGORIES_SUMMED]
    sums.append(list(groups))
    cells = hide(sizes(groups), minimum, sums, masked)
    return _rejections("reasons", groups, cells, rejected, decided)


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


def dimension(name: str, decided: Sequence[HandOver], minimum: int) -> Table:
    """Answers and rejections by source, campaign, score band or temperature."""
    groups = grouped(decided, lambda row: getattr(row, name))
    answers = hide(sizes(groups), minimum, [list(groups)])
    turned_down: Groups = {key: [row for row in rows if row.rejected] for key, rows in groups.items()}
    hidden = [key for key in groups if answers[key] != "shown"]
    rejections = hide(sizes(turned_down), minimum, [list(groups)], hidden)
    lines = []
    for key, rows in groups.items():
        # the rejections of a hidden group are hidden too, a zero included: it would bound the group
        cell = rejections[key] if answers[key] == "shown" or rejections[key] != "shown" else "masked"
        lines.append(
            Line(
                key,
                (
                    count("decided", rows, answers[key]),
                    count("rejected", turned_down[key], cell),
                    share("rate", turned_down[key], rows, cell),
                ),
            )
        )
    return Table(name, ("decided", "rejected", "rate"), tuple(lines))


def components(decided: Sequence[HandOver], minimum: int) -> Table:
    """The SQL rule's components: how often each had fired, and how often sales turned the lead down all the same."""
    fired: dict[str, list[HandOver]] = {}
    for row in decided:
        if row.sql_rule:
            for component in set(row.components):
                fired.setdefault(component, []).append(row)
    lines = []
    for component in sorted(fired, key=lambda each: (-sum(row.rejected for row in fired[each]), each)):
        rows = fired[component]
        wrong = [row for row in rows if row.rejected]
        # components overlap, so that nothing can be computed from sums; but both numbers of a line are bound
        whole = hide({None: len(rows)}, minimum)[None]
        part = hide({None: len(wrong)}, minimum, masked=(None,) if whole != "shown" else ())[None]
        part = "masked" if whole != "shown" and part == "shown" else part
        figures = (count("fired", rows, whole), count("rejected", wrong, part), share("rate", wrong, rows, part))
        lines.append(Line(component, figures))
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
        for key, rows in groups.items()
    ]
    return Table(id_, ("rejected", "share", "rate"), tuple(lines))


def _sums(groups: Groups, summed: Sequence[Collection[str]]) -> list[Collection[str | None]]:
    known = {name for names in summed for name in names}
    rest = [name for name in groups if name not in known]
    return [*([name for name in names if name in groups] for names in summed), rest, list(groups)]

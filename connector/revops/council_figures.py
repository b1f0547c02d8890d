"""What a report consists of: figures with the record ids behind them, tables of figures, and hidden cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from connector.revops.calendars import Mode
from connector.revops.council_cells import Shown
from connector.revops.council_rows import HandOver, Period, Recorded, ids

Unit = Literal["count", "share", "points", "hours", "money"]

RUNNING = "running"
"""The warning of a report whose period is not over."""

_HOUR = 3_600_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `value` is exact, None where there is nothing to divide by; a share is a part of 1.

    `records` are the ids behind it, `of` those of what it is a share of. A hidden figure is shown as its `shown`
    says; `records` are for whoever may see single records.
    """

    id: str
    unit: Unit
    value: Fraction | None
    records: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    shown: Shown = "shown"

    def hidden(self, shown: Shown) -> Figure:
        """The same figure, hidden or not."""
        return replace(self, shown=shown)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `key`, and `second` where there is one, are codes that reports translate (None: unknown)."""

    key: str | None
    figures: tuple[Figure, ...]
    second: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `columns` name what the figures of each line are; `keys`: what stands before them."""

    id: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    keys: tuple[str, ...] = ("key",)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a threshold that the figures speak for."""

    threshold: str
    score: Literal["fit", "engagement"]
    now: int
    then: int
    why: Literal["rejected_below", "won_below"]
    evidence: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report as data. `warnings` are codes; `decisions`: whether people write their decisions into it.

    `clock` says how the durations from stage to stage count; None in a report without them.
    """

    kind: Literal["council", "marketing_feed"]
    period: Period
    as_of: datetime
    config_hash: str
    min_cell: int
    currency: str
    headline: tuple[Figure, ...]
    tables: tuple[Table, ...]
    proposals: tuple[Proposal, ...] = ()
    warnings: tuple[str, ...] = ()
    decisions: bool = False
    clock: Mode | None = None

    @property
    def running(self) -> bool:
        """Whether the period was not over when the report was made."""
        return RUNNING in self.warnings

    def figure(self, id_: str) -> Figure:
        """A headline figure.

        Raises:
            KeyError: there is none of this name.
        """
        for figure in self.headline:
            if figure.id == id_:
                return figure
        raise KeyError(id_)

    def table(self, id_: str) -> Table:
        """A table.

        Raises:
            KeyError: there is none of this name.
        """
        for table in self.tables:
            if table.id == id_:
                return table
        raise KeyError(id_)


def count(id_: str, rows: Sequence[Recorded], shown: Shown = "shown") -> Figure:
    """How many rows."""
    return Figure(id_, "count", Fraction(len(rows)), ids(rows), shown=shown)


def share(id_: str, rows: Sequence[Recorded], of: Sequence[Recorded], shown: Shown = "shown") -> Figure:
    """Which part of `of` are `rows`."""
    value = Fraction(len(rows), len(of)) if of else None
    return Figure(id_, "share", value, ids(rows), ids(of), shown)


def hours(id_: str, span: timedelta | None, rows: Sequence[Recorded], shown: Shown = "shown") -> Figure:
    """A time in hours, and what it was measured on."""
    value = None if span is None else Fraction(span // timedelta(microseconds=1), _HOUR)
    return Figure(id_, "hours", value, ids(rows), shown=shown)


def median_hours(id_: str, rows: Sequence[HandOver]) -> Figure:
    """The median of how long the clock ran, in hours."""
    timed = [(row.worked, row) for row in rows if row.worked is not None]
    spans = sorted(span for span, _ in timed)
    if not spans:
        return Figure(id_, "hours", None)
    twice = (spans[(len(spans) - 1) // 2] + spans[len(spans) // 2]) // timedelta(microseconds=1)
    return Figure(id_, "hours", Fraction(twice, 2 * _HOUR), ids([row for _, row in timed]))

"""The monthly lead council: every figure of domain §3.4, as data.

Figures of the whole month are exact. In tables, cells below `min_cell` are hidden with those that would give them
away, given everything else that is printed. How it looks is `report/council`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from connector.revops.council_figures import RUNNING, Figure, Report, Table, count, median_hours, share
from connector.revops.council_proposals import Threshold, proposals
from connector.revops.council_rows import HandOver, Period, WonDeal, cohort, ids
from connector.revops.council_stages import Stages, stage_tables
from connector.revops.council_tables import components, dimensions, rejections, top_reasons
from connector.revops.rejection_config import RejectionConfig
from connector.revops.rejection_reasons import BANT, DATA_QUALITY, OTHER, Reasons

DIMENSIONS = ("source", "campaign", "band", "temperature")


@dataclass(frozen=True, slots=True)
class Month:
    """The hand-overs of a month, sorted by what became of them."""

    rows: list[HandOver]
    accepted: list[HandOver]
    rejected: list[HandOver]
    open: list[HandOver]
    overdue: list[HandOver]

    @property
    def decided(self) -> list[HandOver]:
        """Accepted or rejected."""
        return [row for row in self.rows if row.disposition]


def sort_out(rows: Sequence[HandOver], as_of: datetime) -> Month:
    """Sort hand-overs by what became of them."""
    waiting = [row for row in rows if row.disposition is None]
    return Month(
        list(rows),
        [row for row in rows if row.accepted],
        [row for row in rows if row.rejected],
        waiting,
        [row for row in waiting if row.due_at is not None and as_of >= row.due_at],
    )


def council(
    rows: Iterable[HandOver],
    won: Iterable[WonDeal],
    period: Period,
    as_of: datetime,
    config: RejectionConfig,
    time_zone: str = "Europe/Berlin",
    thresholds: Sequence[Threshold] = (),
    stages: Stages | None = None,
) -> Report:
    """The report of a month.

    Args:
        rows: hand-overs, those of the month before included (for the changes); others are left out.
        won: won deals; those closed in the month are taken.
        period: the month of hand-over.
        as_of: the instant whose knowledge counts.
        config: the rules of the rejection loop.
        time_zone: where a month begins and ends.
        thresholds: the scoring thresholds that may be worth a change.
        stages: how persons went through the stages; None where nobody knows.
    """
    zone, everything = ZoneInfo(time_zone), list(rows)
    month = sort_out(cohort(everything, period, zone, as_of), as_of)
    before = sort_out(cohort(everything, period.previous(), zone, as_of), as_of)
    closed = {deal: None for deal in won if deal.closed_at <= as_of and period.holds(deal.closed_at, zone)}
    deals = sorted(closed, key=lambda deal: (deal.records, deal.closed_at))
    other = share("other_share", _of_category(month.rejected, config.reasons, (OTHER,)), month.rejected)
    minimum = config.reports.min_cell
    return Report(
        kind="council",
        period=period,
        as_of=as_of,
        config_hash=config.hash,
        min_cell=minimum,
        currency=config.reports.cost.currency,
        headline=(*_volumes(month), *_quality(month, config.reasons), other, *_outcomes(month, deals)),
        tables=(
            *_tables(month, before, config),
            *dimensions(DIMENSIONS, month.decided, minimum),
            components(month.decided, minimum),
            *(stage_tables(stages, period, as_of, zone, minimum) if stages else ()),
        ),
        proposals=proposals(month.decided, deals, thresholds, minimum),
        warnings=(
            *(() if period.over(as_of, zone) else (RUNNING,)),
            *(("other_share",) if other.value is not None and other.value > _limit(config) else ()),
        ),
        decisions=True,
        clock=stages.clock if stages else None,
    )


def _limit(config: RejectionConfig) -> Fraction:
    return Fraction(config.reports.other_warning)


def _of_category(rows: Sequence[HandOver], known: Reasons, names: Sequence[str]) -> list[HandOver]:
    found = []
    for row in rows:
        reason = known.get(row.reason)
        if reason is not None and reason.category in names:
            found.append(row)
    return found


def _volumes(month: Month) -> tuple[Figure, ...]:
    decided = month.decided
    return (
        count("handed_over", month.rows),
        count("accepted", month.accepted),
        count("rejected", month.rejected),
        count("open", month.open),
        count("overdue", month.overdue),
        share("acceptance_rate", month.accepted, decided),
        share("rejection_rate", month.rejected, decided),
        share("disposition_rate", decided, month.rows),
    )


def _quality(month: Month, known: Reasons) -> tuple[Figure, ...]:
    """How well sales answers: in time, and with reasons that say something."""
    answered = [row for row in month.decided if row.due_at is not None and row.feedback_at is not None]
    timely = [row for row in answered if row.due_at and row.feedback_at and row.feedback_at <= row.due_at]
    unexplained = [row for row in month.open if row.unexplained]
    explained = [row for row in month.rejected if known.get(row.reason)]
    return (
        share("feedback_in_time", timely, [*answered, *month.overdue]),
        median_hours("feedback_median", month.decided),
        share("reason_completeness", explained, [*month.rejected, *unexplained]),
        share("bant_share", _of_category(month.rejected, known, BANT), month.rejected),
        share("data_quality_share", _of_category(month.rejected, known, (DATA_QUALITY,)), month.rejected),
    )


def _outcomes(month: Month, deals: Sequence[WonDeal]) -> tuple[Figure, ...]:
    """What became of recycled leads, and where the score was wrong in both directions."""
    recycled = [row for row in month.rows if row.recycled_at is not None]
    fired = [row for row in month.decided if row.sql_rule]
    cold = [deal for deal in deals if not deal.hot]
    return (
        count("recycled", recycled),
        share("recycled_won", [row for row in recycled if row.won_at is not None], recycled),
        share("false_positives", [row for row in fired if row.rejected], fired),
        Figure("false_negatives", "count", Fraction(len(cold)), ids(cold), ids(deals)),
        share("false_negative_share", cold, deals),
    )


def _tables(month: Month, before: Month, config: RejectionConfig) -> tuple[Table, Table, Table]:
    known, minimum = config.reasons, config.reports.min_cell
    by_category, by_reason = rejections(month.rejected, month.decided, known, minimum)
    _, was = rejections(before.rejected, before.decided, known, minimum)
    return by_category, by_reason, top_reasons(by_reason, was)

"""The feed for marketing: campaigns by reason, what rejected leads cost, and whom to leave out (domain §3.4).

Aggregated only. The cells of a campaign are hidden with its sum, and no sum of a row or column gives one away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from operator import attrgetter
from zoneinfo import ZoneInfo

from connector.revops.council_cells import Shown, Sum, hide
from connector.revops.council_figures import RUNNING, Figure, Line, Report, Table, count, share
from connector.revops.council_rows import HandOver, Period, cohort, ids
from connector.revops.council_tables import Groups, grouped, ordered
from connector.revops.rejection_config import Cost, RejectionConfig

Rows = Sequence[HandOver]
Cell = tuple[str, str | None, str | None]
"""What is counted, the campaign, and the reason where it is one of its reasons."""

Cells = Mapping[Cell, Shown]


def marketing_feed(
    rows: Iterable[HandOver], period: Period, as_of: datetime, config: RejectionConfig, time_zone: str = "Europe/Berlin"
) -> Report:
    """The feed of a week or month of hand-overs.

    Args:
        rows: hand-overs; those outside of the period are left out.
        period: when they were handed over.
        as_of: the instant whose knowledge counts.
        config: the rules of the rejection loop.
        time_zone: where a day begins and ends.
    """
    zone = ZoneInfo(time_zone)
    handed = cohort(rows, period, zone, as_of)
    decided = [row for row in handed if row.disposition]
    rejected = [row for row in decided if row.rejected]
    minimum, cost = config.reports.min_cell, config.reports.cost
    return Report(
        kind="marketing_feed",
        period=period,
        as_of=as_of,
        config_hash=config.hash,
        min_cell=minimum,
        currency=cost.currency,
        headline=(
            count("handed_over", handed),
            count("rejected", rejected),
            share("rejection_rate", rejected, decided),
            *_costs(rejected, cost),
        ),
        tables=(*_campaigns(decided, minimum, cost), *_left_out(decided, config)),
        warnings=() if period.over(as_of, zone) else (RUNNING,),
    )


def lead_cost(cost: Cost) -> tuple[Fraction, Fraction]:
    """What one rejected lead costs, at least and at most: hours times rate plus overhead (domain §5.3)."""
    low, high = (Fraction(hours * cost.hourly_cost + cost.overhead_per_lead) for hours in cost.hours)
    return low, high


def _costs(rejected: Sequence[HandOver], cost: Cost, shown: Shown = "shown") -> tuple[Figure, Figure]:
    low, high = lead_cost(cost)
    records = ids(rejected)
    return (
        Figure("cost_low", "money", low * len(rejected), records, shown=shown),
        Figure("cost_high", "money", high * len(rejected), records, shown=shown),
    )


def _campaigns(decided: Sequence[HandOver], minimum: int, cost: Cost) -> tuple[Table, Table]:
    """Campaigns, and campaign by reason, hidden with a view to one another and to the sum of every reason."""
    groups = grouped(decided, lambda row: row.campaign)
    wrong = {name: [row for row in rows if row.rejected] for name, rows in groups.items()}
    crossed: dict[tuple[str | None, str | None], list[HandOver]] = {}
    for name, rows in wrong.items():
        for reason, some in grouped(rows, lambda row: row.reason).items():
            crossed[name, reason] = some
    cells = _hidden(groups, wrong, crossed, minimum)
    order = ordered(groups, {name: cells["decided", name, None] for name in groups})
    lines = []
    for name in order:
        rows, cell = groups[name], cells["rejected", name, None]
        figures = (
            count("decided", rows, cells["decided", name, None]),
            count("rejected", wrong[name], cell),
            share("rate", wrong[name], rows, cell),
            *_costs(wrong[name], cost, cell),
        )
        lines.append(Line(name, figures))
    parts = []
    for name in order:
        reasons = [reason for campaign, reason in crossed if campaign == name]
        for reason in ordered(reasons, {reason: cells["crossed", name, reason] for reason in reasons}):
            rows, cell = crossed[name, reason], cells["crossed", name, reason]
            parts.append(Line(name, (count("rejected", rows, cell), share("rate", rows, groups[name], cell)), reason))
    return (
        Table("campaigns", ("decided", "rejected", "rate", "cost_low", "cost_high"), tuple(lines)),
        Table("campaign_reasons", ("rejected", "rate"), tuple(parts), ("campaign", "reason")),
    )


def _hidden(
    groups: Groups, wrong: Groups, crossed: Mapping[tuple[str | None, str | None], Rows], minimum: int
) -> Cells:
    counts: dict[Cell, int] = {("decided", name, None): len(rows) for name, rows in groups.items()}
    counts |= {("rejected", name, None): len(rows) for name, rows in wrong.items()}
    counts |= {("crossed", name, reason): len(rows) for (name, reason), rows in crossed.items()}
    within: dict[Cell, Cell] = {("rejected", name, None): ("decided", name, None) for name in groups}
    within |= {("crossed", name, reason): ("rejected", name, None) for name, reason in crossed}
    sums: list[Sum[Cell]] = [Sum(tuple((what, name, None) for name in groups)) for what in ("decided", "rejected")]
    by_campaign: dict[Cell, list[Cell]] = {}
    by_reason: dict[str | None, list[Cell]] = {}
    for name, reason in crossed:
        by_campaign.setdefault(("rejected", name, None), []).append(("crossed", name, reason))
        by_reason.setdefault(reason, []).append(("crossed", name, reason))
    sums += [Sum(tuple(parts), whole) for whole, parts in by_campaign.items()]
    sums += [Sum(tuple(parts)) for parts in by_reason.values()]
    return hide(counts, minimum, sums, within)


def _left_out(decided: Sequence[HandOver], config: RejectionConfig) -> list[Table]:
    """What rejected leads have in common: enough of them, and none that sales took on."""
    tables = []
    for code, attribute in sorted(config.reports.suppress.items()):
        wrong = [row for row in decided if row.rejected and row.reason == code]
        taken = {getattr(row, attribute) for row in decided if row.accepted}
        lines = [
            Line(value, (count("rejected", rows),))
            for value, rows in grouped(wrong, attrgetter(attribute)).items()
            if value is not None and len(rows) >= config.reports.min_cell and value not in taken
        ]
        tables.append(Table(f"suppress_{attribute}", ("rejected",), tuple(lines)))
    return tables

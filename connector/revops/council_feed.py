"""The feed for marketing: campaigns by reason, what rejected leads cost, and whom to leave out (domain §3.4).

Aggregated only. The cells of a campaign are hidden with its sum, and no sum of a row or column gives one away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from operator import attrgetter
from zoneinfo import ZoneInfo

from connector.revops.council_cells import Shown, hide
from connector.revops.council_figures import RUNNING, Figure, Line, Report, Table, count, share
from connector.revops.council_rows import HandOver, Period, cohort, ids
from connector.revops.council_tables import grouped
from connector.revops.rejection_config import Cost, RejectionConfig

Cell = tuple[str | None, str | None]


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
    campaigns = _campaigns(decided, minimum, cost)
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
        tables=(campaigns, _crossed(decided, campaigns, minimum), *_left_out(decided, config)),
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


def _campaigns(decided: Sequence[HandOver], minimum: int, cost: Cost) -> Table:
    groups = grouped(decided, lambda row: row.campaign)
    wrong = {key: [row for row in rows if row.rejected] for key, rows in groups.items()}
    answers = hide({key: len(rows) for key, rows in groups.items()}, minimum, [list(groups)])
    hidden = [key for key in groups if answers[key] != "shown"]
    cells = hide({key: len(rows) for key, rows in wrong.items()}, minimum, [list(groups)], hidden)
    lines = []
    for key, rows in groups.items():
        cell = cells[key] if answers[key] == "shown" or cells[key] != "shown" else "masked"
        figures = (
            count("decided", rows, answers[key]),
            count("rejected", wrong[key], cell),
            share("rate", wrong[key], rows, cell),
            *_costs(wrong[key], cost, cell),
        )
        lines.append(Line(key, figures))
    return Table("campaigns", ("decided", "rejected", "rate", "cost_low", "cost_high"), tuple(lines))


def _crossed(decided: Sequence[HandOver], campaigns: Table, minimum: int) -> Table:
    """Campaign by reason: how many, and which part of the campaign's answers."""
    answers = grouped(decided, lambda row: row.campaign)
    cells: dict[Cell, list[HandOver]] = {}
    for row in decided:
        if row.rejected:
            cells.setdefault((row.campaign, row.reason), []).append(row)
    order = {line.key: place for place, line in enumerate(campaigns.lines)}
    cells = {
        cell: cells[cell] for cell in sorted(cells, key=lambda cell: (order[cell[0]], -len(cells[cell]), cell[1] or ""))
    }
    visible = {line.key for line in campaigns.lines if line.figures[1].shown == "shown"}
    by_campaign: dict[str | None, list[Cell]] = {}
    by_reason: dict[str | None, list[Cell]] = {}
    for cell in cells:
        by_reason.setdefault(cell[1], []).append(cell)
        if cell[0] in visible:
            by_campaign.setdefault(cell[0], []).append(cell)
    masked = [cell for cell in cells if cell[0] not in visible]
    sums = [*by_campaign.values(), *by_reason.values()]
    shown = hide({cell: len(rows) for cell, rows in cells.items()}, minimum, sums, masked)
    lines = []
    for cell, rows in cells.items():
        campaign, reason = cell
        figures = (count("rejected", rows, shown[cell]), share("rate", rows, answers[campaign], shown[cell]))
        lines.append(Line(campaign, figures, reason))
    return Table("campaign_reasons", ("rejected", "rate"), tuple(lines), ("campaign", "reason"))


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

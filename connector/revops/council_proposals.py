"""Changes of scoring thresholds that the figures of a month speak for; people decide (domain §3.4).

Raise a threshold where almost nobody whom sales took on scored just above it; lower one where deals were won
with people whose score never reached it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from connector.revops.council_cells import Shown
from connector.revops.council_figures import Proposal, count, share
from connector.revops.council_rows import HandOver, WonDeal
from connector.revops.scoring_config import ScoringConfig

STEP = 5
"""Points by which a threshold is tried."""

MOST = 20
"""Points by which one proposal moves a threshold at most."""

FEW = Fraction(1, 5)
"""The acceptance rate below which leads are not worth handing over."""

_HIGHEST = 100


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold of the scoring rules, such as `level E2`: engagement 30."""

    id: str
    score: Literal["fit", "engagement"]
    value: int


def thresholds_of(config: ScoringConfig) -> tuple[Threshold, ...]:
    """The thresholds of the scoring rules: of every fit grade and engagement level that has one."""
    grades = [Threshold(f"grade {name}", "fit", value) for name, value in config.grades.items()]
    levels = [Threshold(f"level {name}", "engagement", value) for name, value in config.levels.items()]
    return (*grades, *levels)


def proposals(
    decided: Sequence[HandOver], won: Sequence[WonDeal], thresholds: Sequence[Threshold], minimum: int
) -> tuple[Proposal, ...]:
    """At most one proposal per threshold; evidence below `minimum` records is none."""
    found = []
    for threshold in sorted(thresholds, key=lambda each: each.id):
        proposal = _raise(decided, threshold, minimum) or _lower(won, threshold, minimum)
        if proposal:
            found.append(proposal)
    return tuple(found)


def _scored(row: HandOver | WonDeal, score: str) -> int | None:
    return row.fit_score if score == "fit" else row.engagement_score


def _raise(decided: Sequence[HandOver], threshold: Threshold, minimum: int) -> Proposal | None:
    """The largest step whose leads were nearly all rejected."""
    for then in range(threshold.value + MOST, threshold.value, -STEP):
        below = [
            row
            for row in decided
            if (score := _scored(row, threshold.score)) is not None and threshold.value <= score < then
        ]
        taken = [row for row in below if row.accepted]
        spared = [row for row in below if row.rejected]
        if then <= _HIGHEST and len(spared) >= minimum and Fraction(len(taken), len(below)) <= FEW:
            shown: Shown = "shown" if not taken or len(taken) >= minimum else "small"
            evidence = (count("spared", spared), share("acceptance_below", taken, below, shown))
            return Proposal(threshold.id, threshold.score, threshold.value, then, "rejected_below", evidence)
    return None


def _lower(won: Sequence[WonDeal], threshold: Threshold, minimum: int) -> Proposal | None:
    """The smallest step that would have caught enough of the won deals."""
    for then in range(threshold.value - STEP, max(threshold.value - MOST, 0) - 1, -STEP):
        missed = [
            deal
            for deal in won
            if (score := _scored(deal, threshold.score)) is not None and then <= score < threshold.value
        ]
        if then >= 0 and len(missed) >= minimum:
            evidence = (count("won_below", missed),)
            return Proposal(threshold.id, threshold.score, threshold.value, then, "won_below", evidence)
    return None

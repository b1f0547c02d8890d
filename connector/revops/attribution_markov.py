"""The Markov model: how much would be lost without a channel, solved exactly.

A first-order chain with the states START, every channel, CONV and NULL over all journeys, also those that came to
nothing. Removing a channel sends everything that would reach it to NULL; its removal effect is the share of
conversions lost by that. Nothing is simulated and nothing is a float: transition counts are whole numbers, and the
one linear system is solved in whole numbers (Bareiss).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

START, CONVERSION, NULL = "\x00start", "\x00conversion", "\x00null"


@dataclass(frozen=True, slots=True)
class Removal:
    """What the chain says: the chance that a journey converts, and each channel's removal effect and share.

    Where nothing converted there are no effects and no shares.
    """

    conversion: Fraction
    effects: Mapping[str, Fraction]
    shares: Mapping[str, Fraction]


class Markov:
    """Counts the transitions of journeys as they stream by; memory grows with channels, not with journeys."""

    def __init__(self) -> None:
        self._steps: Counter[tuple[str, str]] = Counter()

    def add(self, channels: Sequence[str], *, won: int = 0, lost: int = 0) -> None:
        """A journey through channels, so many times won and so many times lost; one without touches says nothing."""
        times = won + lost
        if not channels or not times:
            return
        steps = self._steps
        steps[START, channels[0]] += times
        for step in pairwise(channels):
            steps[step] += times
        if won:
            steps[channels[-1], CONVERSION] += won
        if lost:
            steps[channels[-1], NULL] += lost

    def removal(self) -> Removal:
        """The effects and shares of all channels seen so far, sorted by name."""
        channels = sorted({step[0] for step in self._steps} - {START})
        starts = [self._steps[START, channel] for channel in channels]
        wins = [self._steps[channel, CONVERSION] for channel in channels]
        if not any(wins):
            return Removal(Fraction(0), {}, {})
        inverse, determinant = _inverse(self._matrix(channels))
        many = range(len(channels))
        # chance to convert from a channel, and expected visits of a channel per outgoing step, both times determinant
        converts = [sum(inverse[i][j] * wins[j] for j in many) for i in many]
        visits = [sum(starts[i] * inverse[i][j] for i in many) for j in many]
        conversion = Fraction(sum(starts[i] * converts[i] for i in many), determinant * sum(starts))
        # first visit of c times conversion from c is what is lost with c: visits(c) / returns(c) * converts(c)
        lost = [Fraction(visits[c] * converts[c], inverse[c][c] * determinant * sum(starts)) for c in many]
        effects = {channel: lost[c] / conversion for c, channel in enumerate(channels)}
        whole = sum(effects.values())
        return Removal(conversion, effects, {channel: effect / whole for channel, effect in effects.items()})

    def _matrix(self, channels: Sequence[str]) -> list[list[int]]:
        """Outgoing steps of each channel on the diagonal, minus the steps between channels; loops are kept."""
        outgoing: Counter[str] = Counter()
        for (source, _), times in self._steps.items():
            outgoing[source] += times
        rows = [[-self._steps[source, target] for target in channels] for source in channels]
        for i, channel in enumerate(channels):
            rows[i][i] += outgoing[channel]
        return rows


def _inverse(matrix: list[list[int]]) -> tuple[list[list[int]], int]:
    """The adjugate and the determinant: the inverse is their quotient. Divisions on the way are exact (Bareiss).

    Every channel leads to CONV or NULL in the end, so all leading minors are above 0 and no rows need to be swapped.
    """
    size = len(matrix)
    rows = [row + [int(i == j) for j in range(size)] for i, row in enumerate(matrix)]
    before = 1
    for k in range(size):
        pivot, pivot_row = rows[k][k], rows[k]
        for i in range(size):
            if i != k:
                factor, row = rows[i][k], rows[i]
                rows[i] = [
                    (pivot * value - factor * other) // before for value, other in zip(row, pivot_row, strict=True)
                ]
        before = pivot
    return [row[size:] for row in rows], before

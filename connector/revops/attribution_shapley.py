"""The Shapley model in closed form.

The value of a set of channels is what journeys within that set brought. For this value a channel's Shapley share is
every journey split equally over its distinct channels: exact for any number of channels, without listing sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from fractions import Fraction


class Shapley:
    """Adds journeys as they stream by; memory grows with channels and lengths, not with journeys."""

    def __init__(self) -> None:
        self._parts: Counter[tuple[str, int]] = Counter()

    def add(self, channels: Collection[str], value: int = 1) -> None:
        """A journey that brought `value` (conversions or minor units); one without touches says nothing."""
        distinct = set(channels)
        for channel in distinct:
            self._parts[channel, len(distinct)] += value

    def values(self) -> dict[str, Fraction]:
        """What each channel brought; together exactly what the journeys brought."""
        values: dict[str, Fraction] = {}
        for (channel, count), value in sorted(self._parts.items()):
            values[channel] = values.get(channel, Fraction(0)) + Fraction(value, count)
        return values

"""Which cells of tables may be shown: small ones are hidden, and so are those that would give them away.

A cell below the minimum is `small` and shown as «<5». A reader knows more: totals, sums of cells, and that a part is no
larger than its whole. From these follow bounds of every hidden cell; where they leave one number for a small one,
another cell is hidden too, until every small one could have at least two values. What is hidden for that is `masked`,
at least the minimum. A zero tells of nobody and is hidden only where nothing else is left: as a small one, so that it
looks alike. Where «<5» itself leaves one number, as for one of six beside five, the small cell is `masked` like the
other: then nobody knows which of them is the small one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Shown = Literal["shown", "small", "masked"]
Key = TypeVar("Key")

_UNBOUND = 10**12


@dataclass(frozen=True, slots=True)
class Sum(Generic[Key]):
    """Cells that add up to `whole`, another cell; None: to a number that is printed."""

    parts: tuple[Key, ...]
    whole: Key | None = None

    @property
    def cells(self) -> tuple[Key, ...]:
        """All that have a part in it."""
        return self.parts if self.whole is None else (*self.parts, self.whole)


def hide(
    counts: Mapping[Key, int], minimum: int, sums: Iterable[Sum[Key]] = (), within: Mapping[Key, Key] | None = None
) -> dict[Key, Shown]:
    """Decide for every cell.

    Args:
        counts: the cells; zeros tell of nobody.
        minimum: the smallest number that is shown.
        sums: what adds up to what; cells that are not in `counts` are zeros that are not printed.
        within: a cell -> the one that it is a part of: it is never larger, and hidden with it.
    """
    return _Table(counts, minimum, list(sums), within or {}).decided()


class _Table(Generic[Key]):
    """The cells while it is decided which of them are hidden."""

    def __init__(
        self, counts: Mapping[Key, int], minimum: int, sums: Sequence[Sum[Key]], within: Mapping[Key, Key]
    ) -> None:
        self._counts, self._minimum, self._within = counts, minimum, within
        self._sums = [Sum(tuple(key for key in each.parts if key in counts), each.whole) for each in sums]
        self._of: dict[Key, list[Sum[Key]]] = {key: [] for key in counts}
        for each in self._sums:
            for key in each.cells:
                self._of[key].append(each)
        self._order = {key: place for place, key in enumerate(counts)}
        self._found: dict[Key, Shown] = {
            key: "small" if 0 < count < minimum else "shown" for key, count in counts.items()
        }
        self._quiet: frozenset[Key] = frozenset()  # small cells that are masked
        self._told = self._beyond_help()
        self._mask_quiet_ones()

    def decided(self) -> dict[Key, Shown]:
        """What is shown of every cell."""
        lost = set(self._told)
        while True:
            self._hide_parts()
            exposed = [key for key in self._exposed() if key not in lost]
            if not exposed:
                return self._found
            touched: set[Key] = set()
            for key in exposed:
                near = self._near(key)
                if touched & {*near, *self._wholes(near)}:
                    continue  # what was just hidden, its parts included, may be enough for this one too
                other = self._next(key, near)
                if other is None:
                    lost.add(key)
                else:
                    self._hide(other)
                    touched.add(other)

    def _mask_quiet_ones(self) -> None:
        """Mask the small cells that are told by being small, and by nothing else."""
        told = self._told
        self._quiet = frozenset(key for key in told if self._found[key] == "small")
        self._told = self._beyond_help()
        self._quiet -= self._told
        if not self._quiet:
            self._told = told
        for key in self._quiet:
            self._found[key] = "masked"

    def _beyond_help(self) -> frozenset[Key]:
        """The cells that a reader can work out even if every cell is hidden, such as one that is a total by itself."""
        found, self._found = self._found, {}
        for key in found:
            self._hide(key)
        low, high = self._bounds()
        self._found = found
        return frozenset(key for key in found if low[key] >= high[key])

    def _hide(self, key: Key) -> None:
        self._found[key] = "masked" if self._counts[key] >= self._minimum or key in self._quiet else "small"

    def _hide_parts(self) -> None:
        """Hide the parts of what is hidden, in as many steps as parts have parts."""
        waiting = True
        while waiting:
            waiting = False
            for part, whole in self._within.items():
                if self._found[part] == "shown" and self._found[whole] != "shown":
                    self._hide(part)
                    waiting = True

    def _exposed(self) -> list[Key]:
        """The small cells of which a reader can work out the number."""
        low, high = self._bounds()
        small = (key for key, count in self._counts.items() if 0 < count < self._minimum)
        return [key for key in small if low[key] >= high[key]]

    def _near(self, key: Key) -> set[Key]:
        """All that stands in a sum with a cell."""
        return {key, *(each for found in self._of[key] for each in found.cells)}

    def _wholes(self, keys: Iterable[Key]) -> set[Key]:
        return {self._within[key] for key in keys if key in self._within}

    def _next(self, key: Key, near: Collection[Key]) -> Key | None:
        """The cell to hide besides: the smallest of a sum, a zero if need be; else one that bounds what is hidden."""
        wholes = self._wholes(near)
        far = {each for hidden in {*near, *wholes} if self._found[hidden] != "shown" for each in self._near(hidden)}
        zeros = [each for each in near if not self._counts[each]]
        for keys in (*(found.cells for found in self._of[key]), zeros, wholes, far):
            left = [each for each in keys if self._useful(each) and (self._counts[each] or keys is zeros)]
            if left:
                return min(left, key=lambda each: (self._counts[each], self._order[each]))
        return None

    def _useful(self, key: Key) -> bool:
        """Whether hiding a cell takes something away from a reader."""
        return self._found[key] == "shown" and key not in self._told

    # --- what a reader knows ---------------------------------------------------------------------------------

    def _bounds(self) -> tuple[dict[Key, int], dict[Key, int]]:
        """The least and the most that each cell can be, given everything that is printed."""
        low: dict[Key, int] = {}
        high: dict[Key, int] = {}
        for key, shown in self._found.items():
            count = self._counts[key]
            if shown == "shown":
                low[key] = high[key] = count
            elif shown == "small":
                low[key], high[key] = min(count, 1), self._minimum - 1
            else:
                low[key], high[key] = 1 if self._quiet else self._minimum, _UNBOUND
        while self._narrow_sums(low, high) or self._narrow_parts(low, high):
            pass
        return low, high

    def _narrow_sums(self, low: dict[Key, int], high: dict[Key, int]) -> bool:
        before = sum(high.values()) - sum(low.values())
        for each in self._sums:
            least, most = sum(low[key] for key in each.parts), sum(high[key] for key in each.parts)
            if each.whole is None:
                lowest = highest = sum(self._counts[key] for key in each.parts)
            else:
                low[each.whole], high[each.whole] = max(low[each.whole], least), min(high[each.whole], most)
                lowest, highest = low[each.whole], high[each.whole]
            for key in each.parts:
                others_least, others_most = least - low[key], most - high[key]
                narrow_low, narrow_high = max(low[key], lowest - others_most), min(high[key], highest - others_least)
                least, most = least + narrow_low - low[key], most + narrow_high - high[key]
                low[key], high[key] = narrow_low, narrow_high
        return sum(high.values()) - sum(low.values()) < before

    def _narrow_parts(self, low: dict[Key, int], high: dict[Key, int]) -> bool:
        changed = False
        for part, whole in self._within.items():
            if high[part] > high[whole] or low[whole] < low[part]:
                high[part], low[whole] = min(high[part], high[whole]), max(low[whole], low[part])
                changed = True
        return changed

"""Which cells of a table may be shown: small ones are hidden, and so are those that would give them away.

A cell below the minimum is `small` and shown as «<5». Where the sum of cells is published, a single hidden one could
be computed: then the next smallest is `masked` too, until every small cell could have at least two values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, TypeVar

Shown = Literal["shown", "small", "masked"]
Key = TypeVar("Key")


def hide(
    counts: Mapping[Key, int], minimum: int, sums: Iterable[Collection[Key]] = (), masked: Collection[Key] = ()
) -> dict[Key, Shown]:
    """Decide for every cell.

    Args:
        counts: the cells; zeros are shown, they tell of nobody.
        minimum: the smallest number that is shown.
        sums: sets of cells whose sum is published, the small ones first: they are settled first, so that as little
            as possible is hidden.
        masked: cells that are hidden anyway.
    """
    order = {key: place for place, key in enumerate(counts)}
    found: dict[Key, Shown] = {key: _first(count, minimum, key in masked) for key, count in counts.items()}
    groups = [tuple(group) for group in sums]
    waiting = True
    while waiting:
        waiting = False
        for group in groups:
            candidate = _given_away(group, counts, found, minimum, order)
            while candidate is not None:
                found[candidate] = "masked"
                waiting = True
                candidate = _given_away(group, counts, found, minimum, order)
    return found


def _first(count: int, minimum: int, masked: bool) -> Shown:
    if 0 < count < minimum:
        return "small"
    return "masked" if masked and count else "shown"


def _given_away(
    group: Collection[Key],
    counts: Mapping[Key, int],
    found: Mapping[Key, Shown],
    minimum: int,
    order: Mapping[Key, int],
) -> Key | None:
    """The cell to hide besides, where a small one of the group can be computed; None if none can or none is left."""
    small = sum(found[key] == "small" for key in group)
    if not small:
        return None
    masked = sum(found[key] == "masked" for key in group)
    total = sum(counts[key] for key in group if found[key] != "shown")
    highest = min(minimum - 1, total - (small - 1) - masked * minimum)
    lowest = 1 if masked else max(1, total - (small - 1) * (minimum - 1))
    if highest > lowest:
        return None
    left = [key for key in group if found[key] == "shown" and counts[key]]
    return min(left, key=lambda key: (counts[key], order[key]), default=None)

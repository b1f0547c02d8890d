"""Calls side by side: results in order, few in flight, nothing left running when the caller stops."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def spread(pool: Executor, work: Callable[[T], R], parts: Iterable[T], width: int) -> Iterator[R]:
    """`work` of every part, in order; at most `width` are started and not yet taken by the caller.

    The first error is raised when its turn comes; parts not begun by then are dropped.
    """
    flying: deque[Future[R]] = deque()
    try:
        for part in parts:
            flying.append(pool.submit(work, part))
            if len(flying) >= width:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        for future in flying:
            future.cancel()


def in_batches(
    pool: Executor, work: Callable[[Sequence[T]], R], items: Iterable[T], size: int, width: int
) -> Iterator[R]:
    """`work` of batches of the distinct items, in order, side by side; a single batch needs no thread."""
    unique = list(dict.fromkeys(items))
    parts = [unique[start : start + size] for start in range(0, len(unique), size)]
    if len(parts) == 1:
        return iter([work(parts[0])])
    return spread(pool, work, parts, width)

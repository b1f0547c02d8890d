"""Many calls at once, one thread that decides: batches as generators that yield calls and get their answers.

A batch does its bookkeeping between two `yield`s, always in the calling thread, so that the store is never
shared; what it yields runs in a small thread pool, as wide as the CRM's limits carry. With a width of one
everything runs in the calling thread in a fixed order: that is how the simulation runs it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

Call = Callable[[], Any]
Batch = Generator[Call, Any, None]
T = TypeVar("T")

RECORDS = 10_000
"""With so many records in flight no further batch is begun: bulk jobs are large, and memory must not grow."""


class Flow:
    """Runs batches, `width` calls at a time, with all bookkeeping in the thread that made it."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._home = threading.current_thread()
        self._errands: queue.Queue[tuple[Callable[[], None], threading.Event]] = queue.Queue()

    def run(self, batches: Iterable[tuple[int, Batch]]) -> None:
        """Run every batch to its end; each comes with the number of records it holds in memory.

        Raises:
            Exception: the first error a batch let through, after the batches in flight have ended.
        """
        if self._width <= 1:
            for _, batch in batches:
                _inline(batch)
        else:
            with ThreadPoolExecutor(self._width) as pool:
                _Pool(pool, self._width, self._run_errands).run(iter(batches))

    def at_home(self, errand: Callable[[], None]) -> None:
        """Let a call in flight have something done by the deciding thread, and wait for it."""
        if threading.current_thread() is self._home:
            errand()
            return
        done = threading.Event()
        self._errands.put((errand, done))
        done.wait()

    def _run_errands(self) -> None:
        while not self._errands.empty():
            errand, done = self._errands.get()
            try:
                errand()
            finally:
                done.set()


class _Pool:
    """The batches in flight; the first error stops new ones and is raised when the others have ended."""

    def __init__(self, pool: ThreadPoolExecutor, width: int, errands: Callable[[], None]) -> None:
        self._pool, self._width, self._errands = pool, width, errands
        self._running: dict[Future[Any], tuple[int, Batch]] = {}
        self._failed: Exception | None = None

    def run(self, batches: Iterator[tuple[int, Batch]]) -> None:
        while self._fill(batches):
            for done in wait(self._running, timeout=0.05, return_when=FIRST_COMPLETED).done:
                records, batch = self._running.pop(done)
                self._go_on(records, batch, done.exception() or done.result())
            self._errands()
        if self._failed is not None:
            raise self._failed

    def _fill(self, batches: Iterator[tuple[int, Batch]]) -> bool:
        """Start as many batches as fit; whether anything is still running."""
        while self._failed is None and len(self._running) < self._width and self._held() < RECORDS:
            try:
                found = next(batches, None)
            except Exception as error:  # noqa: BLE001 - raised when what is in flight has ended
                self._failed = error
                break
            if found is None:
                break
            self._go_on(*found, None)
        return bool(self._running)

    def _held(self) -> int:
        return sum(records for records, _ in self._running.values())

    def _go_on(self, records: int, batch: Batch, answer: Any) -> None:
        try:
            call = _resume(batch, answer)
        except Exception as error:  # noqa: BLE001 - raised when what is in flight has ended
            self._failed = self._failed or error
            return
        if call is not None:
            self._running[self._pool.submit(call)] = (records, batch)


def _inline(batch: Batch) -> None:
    answer: Any = None
    while (call := _resume(batch, answer)) is not None:
        try:
            answer = call()
        except Exception as error:  # noqa: BLE001 - the batch decides what its call's error means
            answer = error


def _resume(batch: Batch, answer: Any) -> Call | None:
    """Hand a batch its answer (None to begin with); its next call, or None at its end."""
    try:
        return batch.throw(answer) if isinstance(answer, Exception) else batch.send(answer)
    except StopIteration:
        return None


def side_by_side(streams: list[Iterator[T]], *, threads: bool, ahead: int = 4) -> Iterator[T]:
    """The items of all streams as they come, each stream drawn in its own thread, at most `ahead` items waiting.

    Without threads the streams are drawn one after the other.

    Raises:
        Exception: whatever a stream raises, at once.
    """
    if not threads:
        for stream in streams:
            yield from stream
    else:
        yield from _threaded(streams, ahead)


def _threaded(streams: list[Iterator[T]], ahead: int) -> Iterator[T]:
    items: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=ahead)
    over = threading.Event()
    workers = [threading.Thread(target=_draw, args=(stream, items, over), daemon=True) for stream in streams]
    for worker in workers:
        worker.start()
    try:
        left = len(workers)
        while left:
            kind, item = items.get()
            if kind == "error":
                raise item
            if kind == "end":
                left -= 1
            else:
                yield item
    finally:
        over.set()
        for worker in workers:
            worker.join()


def _draw(stream: Iterator[T], items: queue.Queue[tuple[str, Any]], over: threading.Event) -> None:
    """Move a stream into the queue until it ends, fails, or nobody wants it any more."""
    try:
        for item in stream:
            if not _offer(items, over, "item", item):
                return
        _offer(items, over, "end", None)
    except Exception as error:  # noqa: BLE001 - handed to the reader, who raises it
        _offer(items, over, "error", error)


def _offer(items: queue.Queue[tuple[str, Any]], over: threading.Event, kind: str, item: Any) -> bool:
    while not over.is_set():
        try:
            items.put((kind, item), timeout=0.2)
        except queue.Full:
            continue
        return True
    return False

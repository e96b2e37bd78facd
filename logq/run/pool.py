"""Ordered parallel map with bounded look-ahead."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import current_thread
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

__all__ = ["Pool", "pool"]

T = TypeVar("T")
R = TypeVar("R")
NAME: Final = "logq"


class Pool:
    """Threads that work on blocks; Polars and file reads leave the interpreter's lock."""

    def __init__(self, threads: ThreadPoolExecutor, width: int) -> None:
        self._threads = threads
        self._ahead = width

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Apply `work` to `items` in parallel, results in order, at most a few items ahead."""
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(self._threads.submit(work, item))
                if len(waiting) > self._ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


@contextmanager
def pool(workers: int | None = None) -> Iterator[Pool]:
    """Open a pool of `workers` threads (default: one more than there are cores).

    Closing waits for them, but in one of them: the generator that holds the pool may be dropped, and so closed, there.
    """
    width = workers or (os.cpu_count() or 1) + 1
    threads = ThreadPoolExecutor(width, thread_name_prefix=NAME)
    try:
        yield Pool(threads, width)
    finally:
        threads.shutdown(wait=not current_thread().name.startswith(NAME), cancel_futures=True)

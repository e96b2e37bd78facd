"""Ordered parallel map with bounded look-ahead."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from logq.run.pool import pool


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("many", [0, 1, 3, 50])
def test_results_come_in_order(workers: int, many: int) -> None:
    """Whoever is done first."""
    with pool(workers) as threads:
        assert list(threads.map(lambda n: n * n, range(many))) == [n * n for n in range(many)]


def test_later_items_may_be_done_first() -> None:
    """The first waits for the second here, which could not be unless both are worked on at once."""
    second = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second.wait(30)
        else:
            second.set()
        return item

    with pool(2) as threads:
        assert list(threads.map(work, [0, 1])) == [0, 1]


@pytest.mark.parametrize("workers", [1, 3])
def test_items_are_taken_a_few_ahead(workers: int) -> None:
    """No more than there are threads, and one, beyond what was asked for: memory stays bounded."""
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(100):
            taken.append(n)
            yield n

    with pool(workers) as threads:
        results = threads.map(lambda n: n, items())
        assert taken == []
        for asked in range(1, 10):
            assert next(results) == asked - 1
            assert len(taken) == asked + workers


def test_an_error_comes_at_its_place() -> None:
    """Results ahead of it come out; items behind it that nobody has begun are not worked on."""

    def work(item: int) -> int:
        if item == 3:
            msg = "three"
            raise ValueError(msg)
        return item

    with pool(2) as threads:
        results = threads.map(work, range(1000))
        assert [next(results) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ValueError, match="three"):
            next(results)


def test_an_error_among_the_items_is_raised() -> None:
    """After the results of those before it that fell due."""

    def items() -> Iterator[int]:
        yield 1
        msg = "no more"
        raise OSError(msg)

    with pool(1) as threads, pytest.raises(OSError, match="no more"):
        list(threads.map(lambda n: n, items()))


def test_who_stops_early_cancels_the_rest() -> None:
    """What waits is not begun, and leaving does not wait for it."""
    begun: list[int] = []
    go = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item:
            assert go.wait(30)
        return item

    with pool(1) as threads:
        results = threads.map(work, range(10))
        assert next(results) == 0
        results.close()  # type: ignore[attr-defined]
        go.set()
    assert set(begun) <= {0, 1}


def test_leaving_ends_the_threads() -> None:
    """None of them outlives its pool, also after an error."""

    def ours() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name.startswith("logq")}

    def fail(_: int) -> None:
        raise RuntimeError

    before = ours()
    with pool(3) as threads:
        assert list(threads.map(lambda n: n, range(9))) == list(range(9))
        assert 0 < len(ours() - before) <= 3
        with pytest.raises(RuntimeError):
            list(threads.map(fail, range(9)))
    for thread in ours() - before:
        thread.join(30)
    assert ours() <= before


def test_there_is_a_thread_more_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless told otherwise; two where the number of cores is not known."""
    for cores, width in ((4, 5), (None, 2)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        with pool() as threads:
            assert threads._ahead == width

"""A cluster ends whole: whatever is under way when it is closed tidies up after itself."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings
from pathlib import Path

import pytest

import logq as lq
from logq.run.fleet.cluster import _Loop


def _log(folder: Path, lines: int) -> Path:
    folder.mkdir()
    (folder / "app.log").write_text("2024-05-01 10:00:00,000 [main] INFO  a.b.C - started\n" * lines)
    return folder


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.1, 0.3])
def test_closing_in_the_middle_leaves_nothing_behind(
    tmp_path: Path, seconds: float, caplog: pytest.LogCaptureFixture
) -> None:
    """A fleet that is closed while agents start, resolve or read loses no task and no transport."""
    fleet = lq.Fleet.local({"a": _log(tmp_path / "a", 200_000), "b": _log(tmp_path / "b", 200_000)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batches = fleet.scan("*.log").batches()
        assert next(iter(batches)).num_rows
        time.sleep(seconds)
        fleet.close()
        del batches, fleet
        gc.collect()
    assert not caplog.records


def test_work_under_way_is_cancelled_and_waited_for() -> None:
    """Stopping a loop lets what it cancels finish, then does the last thing."""
    told: list[str] = []
    begun = asyncio.Event()

    async def work() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            told.append("tidied up")

    async def last() -> None:
        told.append("last")

    loop = _Loop()
    future = loop.start(work)
    loop.call(begun.wait)
    loop.stop(last)
    assert told == ["tidied up", "last"]
    assert future.cancelled()


def test_work_cancelled_before_it_began_is_no_loss() -> None:
    """A coroutine is only made when it is its turn."""
    loop = _Loop()
    made: list[str] = []

    async def work() -> None:
        made.append("made")

    async def last() -> None:
        return

    async def blocked() -> None:
        time.sleep(0.1)  # noqa: ASYNC251 (it is meant to hold the loop up)

    loop.start(blocked)
    loop.start(work).cancel()
    loop.stop(last)
    assert not made

"""What workers are given of a scan and what they make of it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from logq.read import BODY, PROCESS, Block

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from logq.read import Woven
    from logq.read.stamps import Clock

__all__ = ["Part", "Rows", "Task", "bundles", "compact", "why"]


@dataclass(slots=True)
class Task:
    """A few blocks of one file; `before` will hold the number of lines ahead of them, `through` those through them.

    So will `since` and `until` the last time known, where that is carried on.
    """

    index: int
    blocks: tuple[Block | Woven, ...]
    before: Future[int]
    clocks: tuple[Clock | None, ...]
    since: Future[datetime | None]
    through: Future[int] = field(default_factory=Future)
    until: Future[datetime | None] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Rows:
    """Finished rows of a file, and the entries that were decoded for them."""

    index: int
    rows: pl.DataFrame
    decoded: pl.DataFrame


@dataclass(slots=True)
class Part:
    """What a worker made of a task: entries found (of `height` in scope), or finished rows, or why it could not."""

    index: int
    found: pl.DataFrame | None = None
    done: Rows | None = None
    height: int = 0
    bytes: int = 0
    lines: int = 0
    entries: int = 0
    error: str | None = None


def bundles(stream: Iterator[Block | Woven], together: int) -> Iterator[tuple[Block | Woven, ...]]:
    """Take blocks a few at a time; those ahead of damage still come out.

    >>> [len(some) for some in bundles(iter([Block(n, 1, bytes) for n in range(5)]), 2)]
    [2, 2, 1]
    """
    waiting: list[Block | Woven] = []
    try:
        for block in stream:
            waiting.append(block)
            if len(waiting) == together:
                yield tuple(waiting)
                waiting = []
    except OSError:
        if waiting:
            yield tuple(waiting)
        raise
    if waiting:
        yield tuple(waiting)


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy the text of a few rows, which otherwise hold on to the buffers of their whole block.

    >>> compact(pl.DataFrame({"raw": ["a"], "n": [1]})).rows()
    [('a', 1)]
    """
    texts = [n for n in ("raw", BODY, PROCESS) if n in frame.columns]
    return frame.with_columns(pl.concat_str(pl.col(n), pl.lit("")) for n in texts)


def why(error: OSError) -> str:
    """Say why something could not be read.

    >>> why(OSError(13, "Permission denied")), why(OSError("ended early"))
    ('Permission denied', 'ended early')
    """
    return error.strerror or str(error)

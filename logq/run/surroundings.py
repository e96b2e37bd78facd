"""Context over the files of a scan, set by set: by counting as rows stream past, or from known matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from logq.compile.stream import FILE
from logq.compile.surround import KEY, MATCH, ORDINAL, RANK, SET, TIME, Groups, Window, nearest, ordinals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logq.plan import Context

__all__ = ["Surroundings"]

NO_COUNTS = pl.DataFrame(schema={KEY: pl.String, RANK: pl.Int64})


class Surroundings:
    """Feeds universes of blocks, in row order, to the context and hands out the kept rows by file.

    A context by count needs the rows once. One by key or by time has no bounded reach in lines, so
    the rows go by twice: `learn` collects the matches of the first pass, `push` uses them in the
    second. What is held follows the matches and keys of the scan, not its rows.
    """

    def __init__(self, context: Context | None) -> None:
        if context is None:
            msg = "no context to look after"
            raise ValueError(msg)
        self._context = context
        self._groups = Groups()
        self._window = Window(context.before, context.after)
        self._set: int | None = None
        self._next = 0
        self._counts = NO_COUNTS
        self._learnt: dict[int, list[pl.DataFrame]] = {}
        self._matches: dict[int, pl.DataFrame] = {}

    @property
    def needs_matches(self) -> bool:
        """Whether the rows have to go by twice."""
        return bool(self._context.by) or self._context.span is not None

    def learn(self, universe: pl.DataFrame | None) -> None:
        """Note the matches of a block."""
        if universe is None or not universe.height:
            return
        ranked = self._ranked(universe)
        columns = [KEY, RANK, *([TIME] if self._context.span is not None else [])]
        self._learnt.setdefault(ranked[SET][0], []).append(ranked.filter(MATCH).select(columns))

    def rewind(self) -> None:
        """Start the second pass."""
        self._matches = {number: pl.concat(frames) for number, frames in self._learnt.items()}
        self._set, self._next, self._counts = None, 0, NO_COUNTS

    def push(self, universe: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        """Take the universe of the next block, give (file, kept rows) now decided."""
        if not universe.height:
            return
        if universe[SET][0] != self._set:
            yield from self.flush()
        if self.needs_matches:
            ranked = self._ranked(universe)
            matches = self._matches[ranked[SET][0]]
            context = self._context
            kept = nearest(ranked, matches, before=context.before, after=context.after, span=context.span)
        else:
            kept = self._window.push(self._placed(universe))
        yield from self._by_file(kept)

    def flush(self) -> Iterator[tuple[int, pl.DataFrame]]:
        """Give what is held back at the end of a set."""
        held = self._window.flush()
        if held is not None:
            yield from self._by_file(held)
        self._window = Window(self._context.before, self._context.after)

    def _by_file(self, kept: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        if kept.height:
            for frame in self._groups.number(kept).partition_by(FILE, maintain_order=True):
                yield frame[FILE][0], frame

    def _placed(self, universe: pl.DataFrame) -> pl.DataFrame:
        """Add ORDINAL, counted through the set."""
        number = universe[SET][0]
        if number != self._set:
            self._set, self._next, self._counts = number, 0, NO_COUNTS
        placed = universe.with_columns(
            pl.int_range(self._next, self._next + universe.height, dtype=pl.Int64).alias(ORDINAL)
        )
        self._next += universe.height
        return placed

    def _ranked(self, universe: pl.DataFrame) -> pl.DataFrame:
        ranked, self._counts = ordinals(self._placed(universe), self._counts)
        return ranked

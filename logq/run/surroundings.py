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

    @property
    def groups(self) -> int:
        """Groups formed so far."""
        return self._groups.count

    def learn(self, universe: pl.DataFrame | None) -> None:
        """Note the matches of a block."""
        if universe is None or not universe.height:
            return
        ranked = self._ranked(universe, universe[SET][0])
        columns = [KEY, RANK, *([TIME] if self._context.span is not None else [])]
        self._learnt.setdefault(ranked[SET][0], []).append(ranked.filter(MATCH).select(columns))

    def rewind(self) -> None:
        """Start the second pass."""
        self._matches = {number: pl.concat(frames) for number, frames in self._learnt.items()}
        self._set, self._next, self._counts = None, 0, NO_COUNTS

    def push(self, universe: pl.DataFrame, height: int, number: int) -> Iterator[tuple[int, pl.DataFrame]]:
        """Take the next block's universe, or those of its `height` rows that are near matches; give (file, kept rows).

        `number` is that of the block's rotation set.
        """
        if not height:
            return
        if number != self._set:
            yield from self.flush()
        if self.needs_matches:
            ranked = self._ranked(universe, number)
            matches = self._matches[number]
            context = self._context
            kept = nearest(ranked, matches, before=context.before, after=context.after, span=context.span)
        else:
            placed = self._placed(universe, height, number)
            kept = self._window.push(placed, self._next)
        yield from self._by_file(kept)

    def flush(self) -> Iterator[tuple[int, pl.DataFrame]]:
        """Give what is held back at the end of a set."""
        held = self._window.flush()
        if held is not None:
            yield from self._by_file(held)
        self._window = Window(self._context.before, self._context.after)

    def _by_file(self, kept: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
        if kept.height:
            numbered = self._groups.number(kept)
            files = numbered[FILE]
            frames = [numbered] if files[0] == files[-1] else numbered.partition_by(FILE, maintain_order=True)
            for frame in frames:
                yield frame[FILE][0], frame

    def _placed(self, universe: pl.DataFrame, height: int, number: int) -> pl.DataFrame:
        """Count ORDINAL, the position in the block, through the set."""
        if number != self._set:
            self._set, self._next, self._counts = number, 0, NO_COUNTS
        placed = universe.with_columns(pl.col(ORDINAL) + self._next)
        self._next += height
        return placed

    def _ranked(self, universe: pl.DataFrame, number: int) -> pl.DataFrame:
        ranked, self._counts = ordinals(self._placed(universe, universe.height, number), self._counts)
        return ranked

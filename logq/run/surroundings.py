"""Context over the files of a scan, set by set: by counting as rows stream past, or from known matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from logq.compile.stream import FILE
from logq.compile.surround import GROUP, KEY, MATCH, ORDINAL, RANK, SET, TIME, Groups, Window, nearest, ordinals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logq.plan import Context

__all__ = ["Edges", "Surroundings"]

NO_COUNTS = pl.DataFrame(schema={KEY: pl.String, RANK: pl.Int64})


class Surroundings:
    """Feeds universes of blocks, in row order, to the context and hands out the kept rows by file.

    A context by count needs the rows once. One by key or by time has no bounded reach in lines, so
    the rows go by twice: `learn` collects the matches of the first pass, `push` uses them in the
    second. What is held follows the matches and keys of the scan, not its rows.
    """

    def __init__(self, context: Context) -> None:
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


class Edges:
    """What a context keeps of a stretch of files, and whether its groups may go on beyond either end.

    `own` are the indices of the files; those ahead of them and behind are there to be looked at only.
    """

    def __init__(self, own: range) -> None:
        self._own = own
        self._at = (-1, 0)
        self._begin: tuple[int, int] | None = None
        self._end = (-1, 0)
        self._first: tuple[int, int, int] | None = None
        self._last: tuple[int, int, int] | None = None
        self.rows = 0

    def count(self, index: int, height: int, number: int) -> None:
        """Note `height` rows of a file in set `number`, in order."""
        before = self._at[1] if self._at[0] == number else 0
        self._at = number, before + height
        if index in self._own:
            self._begin = self._begin or (number, before)
            self._end = self._at
            self.rows += height

    def take(self, index: int, kept: pl.DataFrame) -> pl.DataFrame | None:
        """Kept rows of a file → the same with groups numbered from 0 in the stretch; None if they are not its own."""
        if index not in self._own:
            return None
        places = kept.select(SET, ORDINAL, GROUP)
        self._first, self._last = self._first or places.row(0), places.row(-1)
        return kept.with_columns(pl.col(GROUP) - self._first[2])

    @property
    def groups(self) -> int:
        """Groups so far."""
        return self._last[2] - self._first[2] + 1 if self._first and self._last else 0

    def kept(self, first: int, last: int) -> tuple[bool, bool]:
        """Whether the first row of set `first` in the stretch was kept, and the last of set `last`."""
        number, height = self._end
        begun = self._first is not None and self._first[:2] == self._begin and self._first[0] == first
        return begun, self._last is not None and self._last[:2] == (number, height - 1) and number == last

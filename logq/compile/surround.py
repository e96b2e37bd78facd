"""Neighbours of matches: in a stream of blocks by counting, or from the list of all matches."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.plan import HIDDEN

__all__ = [
    "DISTANCE",
    "GROUP",
    "KEY",
    "MATCH",
    "ORDINAL",
    "RANK",
    "SET",
    "TIME",
    "Groups",
    "Window",
    "nearest",
    "ordinals",
    "reached",
]

MATCH: Final = f"{HIDDEN}match"
"""Whether the row is a match (Boolean)."""

ORDINAL: Final = f"{HIDDEN}ordinal"
"""Position of the row among those of its rotation set (Int64)."""

SET: Final = f"{HIDDEN}set"
DISTANCE: Final = f"{HIDDEN}distance"
GROUP: Final = f"{HIDDEN}group"
KEY: Final = f"{HIDDEN}key"
RANK: Final = f"{HIDDEN}rank"
"""Position of the row among those of its key in its rotation set (Int64)."""

TIME: Final = f"{HIDDEN}time"
"""Time of the row, where a context goes by it (Datetime); the user's `timestamp` may be gone or made anew by then."""

BACK: Final = f"{HIDDEN}back"
BEHIND: Final = f"{HIDDEN}behind"
AHEAD: Final = f"{HIDDEN}ahead"
NEAR: Final = f"{HIDDEN}near"


class Window:
    """Context by count over the rows of one rotation set, in order, fed a stretch at a time.

    Of each stretch it needs the rows in reach of a match and those in reach of its ends, as `reached`
    gives them. It holds back the last max(before, after) rows: until then a nearer match may still
    follow. Input frames have ORDINAL and MATCH; output frames have the kept rows and DISTANCE,
    positive behind the nearest match, negative ahead of it, a tie going to the earlier one.
    """

    def __init__(self, before: int, after: int) -> None:
        self.before, self.after = before, after
        self._reach = max(before, after)
        self._held: pl.DataFrame | None = None
        self._last: int | None = None

    def push(self, frame: pl.DataFrame, end: int) -> pl.DataFrame:
        """Take rows of the stretch that ends ahead of ordinal `end`, give those now decided to be kept."""
        window = frame if self._held is None else pl.concat([self._held, frame], how="diagonal")
        settled = pl.col(ORDINAL) < end - self._reach
        self._held = window.filter(~settled)
        return self._decide(window, settled)

    def flush(self) -> pl.DataFrame | None:
        """Give what was held back, at the end of the set."""
        held, self._held = self._held, None
        return None if held is None else self._decide(held, pl.lit(value=True))

    def _decide(self, window: pl.DataFrame, settled: pl.Expr) -> pl.DataFrame:
        ordinal, match = pl.col(ORDINAL), pl.col(MATCH)
        last = pl.when(match).then(ordinal).forward_fill().fill_null(pl.lit(self._last, pl.Int64))
        following = pl.when(match).then(ordinal).backward_fill()
        behind, ahead = ordinal - last, following - ordinal
        distance = pl.when(ahead < behind).then(-ahead).otherwise(pl.coalesce(behind, -ahead))
        keep = (behind <= self.after).fill_null(value=False) | (ahead <= self.before).fill_null(value=False)
        kept = window.with_columns(distance.alias(DISTANCE), keep.alias(GROUP)).filter(settled & pl.col(GROUP))
        matches = kept.filter(MATCH)[ORDINAL]
        self._last = matches[-1] if len(matches) else self._last
        return kept.drop(GROUP)


def reached(matches: pl.Series, height: int, *, before: int, after: int) -> pl.Series:
    """Positions of matches in a stretch of `height` rows → those a `Window` needs, ascending.

    >>> reached(pl.Series([50]), 100, before=2, after=1).to_list()
    [0, 48, 49, 50, 51, 98, 99]
    """
    near = pl.select(pl.int_ranges(pl.lit(matches) - before, pl.lit(matches) + after + 1)).to_series().explode()
    ends = [pl.int_range(min(after, height), eager=True), pl.int_range(max(height - before, 0), height, eager=True)]
    every = pl.concat([near.cast(pl.Int64), *ends])
    return every.filter((every >= 0) & (every < height)).unique().sort()


class Groups:
    """Numbers runs of adjacent kept rows, over all sets of a scan: grep's `--` stands between two."""

    def __init__(self) -> None:
        self._next = 0
        self._at: tuple[int, int] | None = None

    @property
    def count(self) -> int:
        """Runs numbered so far."""
        return self._next

    def number(self, kept: pl.DataFrame) -> pl.DataFrame:
        """Add GROUP to rows with SET and ORDINAL, in row order."""
        if not kept.height:
            return kept.with_columns(pl.lit(None, pl.Int64).alias(GROUP))
        place, ordinal = self._at or (-1, -1)
        same_set = pl.col(SET) == pl.col(SET).shift(1, fill_value=place)
        adjacent = same_set & (pl.col(ORDINAL) - pl.col(ORDINAL).shift(1, fill_value=ordinal) == 1)
        numbered = kept.with_columns((self._next - 1 + (~adjacent).cum_sum().cast(pl.Int64)).alias(GROUP))
        self._next = numbered[GROUP][-1] + 1
        self._at = (numbered[SET][-1], numbered[ORDINAL][-1])
        return numbered


def ordinals(frame: pl.DataFrame, counted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add RANK, the position of each row among those of its KEY, going on from `counted`.

    `counted` has KEY and how many rows of it came before; the new counts come back beside the frame.
    """
    seen = frame.join(counted, on=KEY, how="left", maintain_order="left").with_columns(
        (pl.int_range(pl.len(), dtype=pl.Int64).over(KEY) + pl.col(RANK).fill_null(0)).alias(RANK)
    )
    now = pl.concat([counted, seen.group_by(KEY).agg(pl.col(RANK).max() + 1)]).group_by(KEY).agg(pl.col(RANK).max())
    return seen, now


def nearest(frame: pl.DataFrame, matches: pl.DataFrame, *, before: int, after: int, span: int | None) -> pl.DataFrame:
    """Rows with KEY, RANK (and TIME for a span) → those near a match of their key, with DISTANCE.

    `matches` has KEY, RANK and TIME of every match of the set. A span keeps rows whose time is
    within `span` µs of a match's, wherever they stand; rows without a time only if they match.
    """
    place = matches.select(KEY, RANK).sort(RANK)
    rows = frame.with_row_index(BACK).sort(RANK)
    joined = rows.join_asof(
        place.with_columns(pl.col(RANK).alias(BEHIND)), on=RANK, by=KEY, strategy="backward", check_sortedness=False
    )
    joined = joined.join_asof(
        place.with_columns(pl.col(RANK).alias(AHEAD)), on=RANK, by=KEY, strategy="forward", check_sortedness=False
    )
    behind, ahead = pl.col(RANK) - pl.col(BEHIND), pl.col(AHEAD) - pl.col(RANK)
    distance = pl.when(ahead < behind).then(-ahead).otherwise(pl.coalesce(behind, -ahead))
    if span is None:
        keep = (behind <= after).fill_null(value=False) | (ahead <= before).fill_null(value=False)
    else:
        times = matches.select(KEY, TIME, pl.col(TIME).alias(NEAR)).drop_nulls(TIME).sort(TIME)
        timed = (
            joined.drop_nulls(TIME)
            .sort(TIME)
            .join_asof(times, on=TIME, by=KEY, strategy="nearest", check_sortedness=False)
        )
        close = timed.filter((pl.col(NEAR) - pl.col(TIME)).abs() <= pl.duration(microseconds=span))[BACK]
        keep = pl.col(BACK).is_in(close.implode()) | pl.col(MATCH)
    kept = joined.with_columns(distance.alias(DISTANCE)).filter(keep).sort(BACK)
    return kept.drop(BACK, BEHIND, AHEAD)

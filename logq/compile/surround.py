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
    """Context by count over the blocks of one rotation set, in order.

    Holds back the last max(before, after) rows: until then a nearer match may still follow. Input
    frames have ORDINAL and MATCH; output frames have the kept rows and DISTANCE, positive behind
    the nearest match, negative ahead of it, a tie going to the earlier one.
    """

    def __init__(self, before: int, after: int) -> None:
        self.before, self.after = before, after
        self._reach = max(before, after)
        self._held: pl.DataFrame | None = None
        self._last: int | None = None

    def push(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Take the next rows, give those now decided to be kept."""
        window = frame if self._held is None else pl.concat([self._held, frame], how="diagonal")
        decided = max(window.height - self._reach, 0)
        self._held = window.slice(decided)
        return self._decide(window, decided)

    def flush(self) -> pl.DataFrame | None:
        """Give what was held back, at the end of the set."""
        held, self._held = self._held, None
        return None if held is None else self._decide(held, held.height)

    def _decide(self, window: pl.DataFrame, decided: int) -> pl.DataFrame:
        ordinal, match = pl.col(ORDINAL), pl.col(MATCH)
        near = self._near(window)
        last = pl.when(match).then(ordinal).forward_fill().fill_null(pl.lit(self._last, pl.Int64))
        following = pl.when(match).then(ordinal).backward_fill()
        behind, ahead = ordinal - last, following - ordinal
        distance = pl.when(ahead < behind).then(-ahead).otherwise(pl.coalesce(behind, -ahead))
        keep = (behind <= self.after).fill_null(value=False) | (ahead <= self.before).fill_null(value=False)
        settled = ordinal < (window[ORDINAL][0] + decided if window.height else 0)
        kept = (
            near.with_columns(distance.alias(DISTANCE), keep.alias(GROUP)).filter(settled & pl.col(GROUP)).drop(GROUP)
        )
        matches = kept.filter(MATCH)[ORDINAL]
        self._last = matches[-1] if len(matches) else self._last
        return kept

    def _near(self, window: pl.DataFrame) -> pl.DataFrame:
        """Rows in reach of a match, all matches among them: usually few, and all that need a closer look."""
        at = window[MATCH].arg_true().cast(pl.Int64)
        reached = pl.select(pl.int_ranges(pl.lit(at) - self.before, pl.lit(at) + self.after + 1)).to_series().explode()
        if self._last is not None and window.height:
            reached = pl.concat([pl.int_range(self._last + self.after + 1 - window[ORDINAL][0], eager=True), reached])
        return window[reached.filter((reached >= 0) & (reached < window.height)).unique().sort()]


class Groups:
    """Numbers runs of adjacent kept rows, over all sets of a scan: grep's `--` stands between two."""

    def __init__(self) -> None:
        self._next = 0
        self._at: tuple[int, int] | None = None

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

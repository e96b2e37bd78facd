"""Entries by key in time order → sessions: cuts by shifts and fills, and what is told of rows and of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.greedy import heads
from logq.compile.order import CODE, PLACE, REASONS, ROW, by_key
from logq.plan import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.plan import Sessions

__all__ = ["END", "END_REASON", "NUMBER", "START", "TRUNCATED", "cut"]

END_REASON: Final = f"{HIDDEN}end_reason"
TRUNCATED: Final = f"{HIDDEN}truncated"
NUMBER: Final = f"{HIDDEN}number_of_session"
"""Number of a session in the order of keys, from 0."""

START, END, CUT, HEAD, WHY = (f"{HIDDEN}{name}" for name in ("start", "end", "cut", "head", "why"))
TIME: Final = "timestamp"


def cut(rows: pl.DataFrame, keys: Sequence[str], step: Sessions, began: object) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows in time order, with START and END → what they are in, and the sessions.

    Of rows in sessions: ROW, NUMBER, `session_index`, `session_elapsed`. Of sessions, by NUMBER: ROW and PLACE of their
    first row, END_REASON, TRUNCATED. `began` is the first time there is in the data.
    """
    marked = _marked(_placed(by_key(rows, keys), step), step, began=began)
    made = marked.filter(HEAD)
    number = marked[HEAD].cum_sum().cast(pl.Int64) - 1
    at = pl.int_range(marked.height, dtype=pl.Int64, eager=True)
    told = [
        marked[ROW],
        number.alias(NUMBER),
        (at - at.filter(marked[HEAD]).gather(number)).alias("session_index"),
        (marked[TIME] - made[TIME].gather(number)).alias("session_elapsed"),
    ]
    return pl.DataFrame(told), made.select(ROW, PLACE, TRUNCATED).hstack([_reasons(marked, made)])


def _placed(rows: pl.DataFrame, step: Sessions) -> pl.DataFrame:
    """Leave out what stands before any start of its key, or after an end and before the next start."""
    if step.start is None:
        return rows
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    began = pl.when(START).then(at).forward_fill().over(CODE)
    ended = pl.when(END).then(at).forward_fill().shift(1).over(CODE)
    return rows.filter(began.is_not_null() & (ended < began).fill_null(value=True))


def _marked(rows: pl.DataFrame, step: Sessions, *, began: object) -> pl.DataFrame:
    """Mark where sessions begin, and why the one before each ended."""
    new = pl.col(CODE).ne_missing(pl.col(CODE).shift(1))
    ended = pl.col(END).shift(1, fill_value=False) & ~new
    silence = pl.col(TIME) - pl.col(TIME).shift(1)
    silent = (
        ~new & (silence > pl.duration(microseconds=step.gap)).fill_null(value=False)
        if step.gap is not None
        else pl.lit(value=False)
    )
    marked = rows.with_columns(new.alias("new"), ended.alias("ended"), silent.alias("silent"))
    marked = marked.with_columns(pl.any_horizontal("new", "ended", "silent", START).alias(CUT))
    head, full = marked[CUT], pl.Series([False]).new_from_index(0, marked.height)
    if step.max_span is not None or step.max_entries is not None:
        runs, times = marked[CUT].cum_sum(), marked[TIME].cast(pl.Int64)
        head = heads(runs, times, span=step.max_span, most=step.max_entries)
        if step.max_span is not None and step.max_entries is not None:
            full = _filled(head, step.max_entries)
        elif step.max_entries is not None:
            full = head
    why = (
        pl.when("ended")
        .then(pl.lit("end_match"))
        .when("new")
        .then(pl.lit("end_of_data"))
        .when("silent")
        .then(pl.lit("gap"))
        .when(START)
        .then(pl.lit("start_match"))
        .when("full")
        .then(pl.lit("max_entries"))
        .otherwise(pl.lit("span"))
    )
    return marked.with_columns(head.alias(HEAD), full.alias("full")).with_columns(
        pl.when(HEAD).then(why).cast(REASONS).alias(WHY), _truncated(step, began).alias(TRUNCATED)
    )


def _filled(head: pl.Series, most: int) -> pl.Series:
    """Whether the piece before each head is full."""
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    before = pl.when("head").then(at).forward_fill().shift(1)
    return pl.DataFrame({"head": head}).select(full=(at - before == most).fill_null(value=False)).to_series()


def _truncated(step: Sessions, began: object) -> pl.Expr:
    """Whether a session that begins here may have begun before: without its start, or with the data."""
    if step.start is not None:
        return ~pl.col(START)
    if step.gap is None:
        return pl.lit(value=False)
    near = pl.col(TIME) - pl.lit(began, pl.Datetime("us", "UTC")) <= pl.duration(microseconds=step.gap)
    return pl.col("new") & near.fill_null(value=False)


def _reasons(rows: pl.DataFrame, made: pl.DataFrame) -> pl.Series:
    """Why each session ended: by what the next of its key begins with, else by its last row."""
    last = rows.filter(pl.col(HEAD).shift(-1, fill_value=True))
    close = pl.when(END).then(pl.lit("end_match")).otherwise(pl.lit("end_of_data")).cast(REASONS)
    following = made[WHY].shift(-1)
    ended = pl.when((following != "end_of_data").fill_null(value=False)).then(following).otherwise(close)
    return last.select(ended.alias(END_REASON)).to_series()

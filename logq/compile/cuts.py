"""Entries by key in time order → sessions: cuts by shifts and fills, and what is told of rows and of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.greedy import heads
from logq.compile.order import CODE, REASONS, ROW, by_key_in_time
from logq.plan import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.plan import Sessions

__all__ = ["END", "END_REASON", "NUMBER", "START", "TRUNCATED", "Cut", "cut"]

END_REASON: Final = f"{HIDDEN}end_reason"
TRUNCATED: Final = f"{HIDDEN}truncated"
NUMBER: Final = f"{HIDDEN}number_of_session"
"""Number of a session in the order of keys, from 0."""

START, END, CUT, HEAD, WHY = (f"{HIDDEN}{name}" for name in ("start", "end", "cut", "head", "why"))
TIME: Final = "timestamp"


@dataclass(frozen=True)
class Cut:
    """Rows of sessions by key in time order, with the NUMBER of their session, and where the sessions begin.

    `made` has the first row of each session by NUMBER, with END_REASON and TRUNCATED.
    """

    rows: pl.DataFrame
    begins: pl.Series
    made: pl.DataFrame

    @property
    def ends(self) -> pl.Series:
        """Behind the last row of each session."""
        behind = pl.Series([self.rows.height], dtype=pl.Int64)
        return pl.concat([self.begins.slice(1), behind]).head(len(self.begins))

    def told(self) -> pl.DataFrame:
        """What is told of each row: ROW, NUMBER, `session_index`, `session_elapsed`."""
        number = self.rows[NUMBER]
        at = pl.int_range(self.rows.height, dtype=pl.Int64, eager=True)
        index = at - self.begins.gather(number)
        elapsed = self.rows[TIME] - self.made[TIME].gather(number)
        return self.rows.select(ROW, NUMBER).hstack([index.alias("session_index"), elapsed.alias("session_elapsed")])


def cut(rows: pl.DataFrame, keys: Sequence[str], step: Sessions, began: object) -> Cut:
    """Rows with ROW, time and names, and START and END where there are such rules, in any order → the sessions.

    `began` is the first time there is in the data.
    """
    ordered = by_key_in_time(rows, keys)
    flags = [pl.lit(value=False).alias(n) for n in (START, END) if n not in ordered.columns]
    marked = _marked(_placed(ordered.with_columns(flags), step), step)
    number = (marked[HEAD].cum_sum().cast(pl.Int64) - 1).alias(NUMBER)
    begins = marked[HEAD].arg_true().cast(pl.Int64)
    made = marked[begins].with_columns(_why().alias(WHY), _truncated(step, began).alias(TRUNCATED))
    ends = pl.concat([begins.slice(1), pl.Series([marked.height], dtype=pl.Int64)]) - 1
    reasons = _reasons(made[WHY], marked[END].gather(ends.head(len(begins))))
    other = marked.drop(HEAD, CUT, "new", "ended", "silent", "full", CODE, START, END).columns
    return Cut(marked.select(other).hstack([number]), begins, made.select(*other, TRUNCATED).hstack([reasons]))


def _placed(rows: pl.DataFrame, step: Sessions) -> pl.DataFrame:
    """Leave out what stands before any start of its key, or after an end and before the next start."""
    if step.start is None:
        return rows
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    began = pl.when(START).then(at).forward_fill().over(CODE)
    ended = pl.when(END).then(at).forward_fill().shift(1).over(CODE)
    return rows.filter(began.is_not_null() & (ended < began).fill_null(value=True))


def _marked(rows: pl.DataFrame, step: Sessions) -> pl.DataFrame:
    """Mark where sessions begin, and what ended the one before."""
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
    return marked.with_columns(head.alias(HEAD), full.alias("full"))


def _why() -> pl.Expr:
    """Why the session before a first row ended."""
    return (
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
        .cast(REASONS)
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


def _reasons(why: pl.Series, ended: pl.Series) -> pl.Series:
    """Why each session ended: by what the next of its key begins with, else by whether its last row is an END."""
    following = pl.col(WHY).shift(-1)
    close = pl.when(END).then(pl.lit("end_match")).otherwise(pl.lit("end_of_data")).cast(REASONS)
    reason = pl.when((following != "end_of_data").fill_null(value=False)).then(following).otherwise(close)
    return pl.DataFrame([why, ended]).select(reason.alias(END_REASON)).to_series()

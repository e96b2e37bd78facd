"""Greedy cuts of long runs, found by doubling pointers: every run is cut as a loop over its rows would cut it."""

from __future__ import annotations

from typing import Final

import polars as pl

__all__ = ["beyond", "heads", "reached"]

RUN: Final = "run"
TIME: Final = "time"
AT: Final = "at"
QUERY: Final = "query"


def heads(runs: pl.Series, times: pl.Series, *, span: int | None, most: int | None) -> pl.Series:
    """Runs (numbers, ascending) and times (µs, ascending in a run, nulls last) → whether a piece begins at each row.

    A piece ends ahead of the first row more than `span` after its first row, or when it has `most` rows. Rows
    without a time are never cut off for the time.

    >>> heads(pl.Series([0, 0, 0, 1]), pl.Series([0, 5, 9, 9]), span=5, most=None).to_list()
    [True, False, True, True]
    """
    rows = pl.DataFrame({RUN: runs, TIME: times}).with_row_index(AT).with_columns(pl.col(AT).cast(pl.Int64))
    ends = rows.select(pl.col(AT).max().over(RUN) + 1).to_series()
    jump = ends
    if most is not None:
        jump = pl.select(pl.min_horizontal(jump, rows[AT] + most)).to_series()
    if span is not None:
        jump = pl.select(pl.min_horizontal(jump, beyond(runs, times, span))).to_series()
    return reached(runs.ne_missing(runs.shift(1)), pl.select(pl.when(jump < ends).then(jump)).to_series())


def beyond(runs: pl.Series, times: pl.Series, span: int) -> pl.Series:
    """Position of the first row of the same run more than `span` later, null where there is none.

    Rows and their limits are merged in one sort; how many rows stand before a limit is where it points.
    """
    rows = pl.DataFrame({RUN: runs, TIME: times}).with_row_index(AT).with_columns(pl.col(AT).cast(pl.Int64))
    latest = pl.col(TIME).max().over(RUN)
    limits = rows.filter(pl.col(TIME) + span < latest).with_columns(
        pl.col(TIME) + span, pl.lit(value=True).alias(QUERY)
    )
    marked = pl.concat([rows.with_columns(pl.lit(value=False).alias(QUERY)), limits])
    merged = marked.sort(RUN, TIME, QUERY, nulls_last=True, maintain_order=True)
    found = merged.with_columns((~pl.col(QUERY)).cum_sum().cast(pl.Int64).alias("beyond")).filter(QUERY)
    return rows.select(AT).join(found.select(AT, "beyond"), on=AT, how="left", maintain_order="left")["beyond"]


def reached(roots: pl.Series, jump: pl.Series) -> pl.Series:
    """Rows on the chains that lead from the roots, by following all of them 1, 2, 4, 8 … jumps at a time.

    A jump that is null ends a chain.
    """
    found = roots.clone()  # scatter writes into its series
    while len(more := jump.filter(found).drop_nulls()):
        found = found.scatter(more, True)  # noqa: FBT003 (a value, no switch)
        jump = jump.gather(jump)
    return found

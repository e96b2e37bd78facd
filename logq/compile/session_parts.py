"""Summaries of sessions in parts: what each part has of a session, and sessions put together again.

Without rules but a gap, entries of a key are of one session if a chain of silences up to the gap leads from one to the
other: so are stretches of them, and a part need tell no more than where each begins and ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.order import REASONS, ROW_NAMES
from logq.schema import LEVELS

if TYPE_CHECKING:
    from logq.plan import SessionSummary

__all__ = ["merged", "parts"]

TIME, ID = "timestamp", "session_id"
AT, BEGAN, UNTIMED, ERROR_TIME, FAILED, FIRST, NUMBER = (
    f"part {name}" for name in ("at", "began", "untimed", "error_time", "failed", "first", "session")
)
"""Columns that parts have beside those of the summary; not hidden, for hosts send none that are."""

ERROR: Final = LEVELS.index("ERROR")


def parts(step: SessionSummary, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Rows with sessions → one row for each and, apart, for its entries without a time; one for what is in none.

    In the order of the first entries, of a session in time order, of sessions in row order.
    """
    names = [n for n in ROW_NAMES if n in frame.collect_schema()]
    failed = pl.col("level").to_physical() >= ERROR
    lists = {"hosts": "host", "sources": "source"} | ({"services": step.service} if step.service else {})
    return (
        frame.with_row_index(AT)
        .sort(TIME, *names, nulls_last=True, maintain_order=True)
        .group_by(ID, pl.col(TIME).is_null().alias(UNTIMED), maintain_order=True)
        .agg(
            *(pl.col(key).first() for key in step.keys),
            pl.col(AT).first(),
            pl.col(TIME).min().alias("start"),
            pl.col(TIME).max().alias("end"),
            pl.len().cast(pl.Int64).alias("entries"),
            *(pl.col(column).drop_nulls().unique().alias(n) for n, column in lists.items()),
            pl.struct((pl.col("level") == name).sum().cast(pl.Int64).alias(name) for name in LEVELS).alias("levels"),
            failed.any().alias(FAILED),
            pl.col(TIME).filter(failed).first().alias(ERROR_TIME),
            pl.col("message").filter(failed).first().alias("first_error"),
        )
        .sort(AT)
        .drop(AT, UNTIMED, ID)
    )


def merged(step: SessionSummary, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of all parts, part after part → the summary of the sessions they make together."""
    gap = None if step.gap is None else pl.duration(microseconds=step.gap)
    rows = frame.with_row_index(AT).with_columns(pl.col("start").min().alias(BEGAN))
    known = rows.filter(pl.all_horizontal(pl.col(k).is_not_null() for k in step.keys))
    # Nulls last: entries without a time go with the last session of their key.
    known = known.sort(*step.keys, "start", AT, nulls_last=True, maintain_order=True)
    until = pl.col("end").cum_max().shift(1).over(step.keys)
    first = pl.int_range(pl.len()).over(step.keys) == 0
    apart = pl.lit(value=False) if gap is None else (pl.col("start") - until > gap).fill_null(value=False)
    cut = known.with_columns((first | apart).cum_sum().alias(NUMBER), first.alias(FIRST))
    values = ("hosts", "sources", *(("services",) if step.service else ()))
    errors = pl.struct(FAILED, "first_error").sort_by(ERROR_TIME, AT, nulls_last=True)
    near = pl.lit(value=False) if gap is None else (pl.col("start").min() - pl.col(BEGAN).first() <= gap)
    sessions = cut.group_by(NUMBER, maintain_order=True).agg(
        *(pl.col(key).first() for key in step.keys),
        pl.col("start").min(),
        pl.col("end").max(),
        pl.col("entries").sum(),
        *(pl.col(n).explode(empty_as_null=False).drop_nulls().unique().sort().alias(n) for n in values),
        pl.struct(pl.col("levels").struct.field(name).sum().alias(name) for name in LEVELS).alias("levels"),
        errors.filter(errors.struct.field(FAILED)).struct.field("first_error").first(),
        near.fill_null(value=False).alias("truncated"),
        pl.col(FIRST).first(),
        pl.col(AT).sort_by("start", AT, nulls_last=True).first(),
    )
    last = pl.col(FIRST).shift(-1, fill_value=True)
    reason = pl.when(last).then(pl.lit("end_of_data")).otherwise(pl.lit("gap")).cast(REASONS)
    services = [] if step.service else [pl.lit(None, pl.List(pl.String)).alias("services")]
    return (
        sessions.with_columns(reason.alias("end_reason"), pl.col("truncated") & pl.col(FIRST), *services)
        .sort("start", AT, nulls_last=True)
        .with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(ID), duration=pl.col("end") - pl.col("start"))
        .select(
            ID,
            *step.keys,
            "start",
            "end",
            "duration",
            "entries",
            "hosts",
            "sources",
            "services",
            "levels",
            "first_error",
            "end_reason",
            "truncated",
        )
    )

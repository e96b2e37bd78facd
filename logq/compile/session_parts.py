"""Summaries of sessions in parts: what each part has of a session, and sessions put together again.

Without rules but a gap, entries of a key are of one session if a chain of silences up to the gap leads from one to the
other: so are stretches of them, and a part need tell no more than where each begins and ends.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from logq.compile.cuts import NUMBER
from logq.compile.held import Budget, generated
from logq.compile.lower import lower
from logq.compile.order import CODE, REASONS, ROW, by_key_in_time
from logq.compile.summed import Summing, nothing
from logq.compile.totals import listed, summary_schema
from logq.plan import SUMMARY_COLUMNS, Sessions, SessionSummary, Step
from logq.schema import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logq.compile.held import Held

__all__ = ["Parted", "merged"]

TIME, ID = "timestamp", "session_id"
AT, BEGAN, ERROR_TIME, FAILED, FIRST, SESSION = (
    f"part {name}" for name in ("at", "began", "error_time", "failed", "first", "session")
)
"""Columns that parts have beside those of the summary; not hidden, for hosts send none that are."""


class Parted(Step, frozen=True, tag="parted", kw_only=True):
    """`sessions` and the parts of a `summary` of them at once."""

    sessions: Sessions
    summary: SessionSummary


@lower.register
def _(step: Parted, frame: pl.LazyFrame) -> pl.LazyFrame:
    keys = zip(step.sessions.keys, step.sessions.names, strict=True)
    frame = frame.with_columns(key.expr.alias(name) for key, name in keys if name is not None)
    known = frame.collect_schema()
    schema = _schema(step.summary, known)
    return generated(schema, partial(_rows, frame, known, step, schema, Budget()), name="parts")


def _schema(step: SessionSummary, known: pl.Schema) -> pl.Schema:
    """Columns of parts, of rows that have those of `known`."""
    whole = summary_schema(step, known)
    told = (*step.keys, "start", "end", "entries", *listed(step), "levels", "first_error")
    return pl.Schema({n: whole[n] for n in told} | {FAILED: pl.Boolean(), ERROR_TIME: known[TIME]})


def _rows(
    frame: pl.LazyFrame, known: pl.Schema, step: Parted, schema: pl.Schema, budget: Budget, _: Sequence[str]
) -> Iterator[pl.DataFrame]:
    yield Parting(known, step.sessions, step.summary, [*schema]).rows(frame, budget).select(schema.names())


class Parting(Summing):
    """Stretches of sessions, entries without a time apart: a row for each, in the order of their first entries.

    And one row without keys, for the first time of all, which may be that of an entry that is in none.
    """

    def _sums(self, rows: pl.DataFrame, _: object) -> dict[str, pl.DataFrame]:
        ordered = by_key_in_time(rows, [*self._keys])
        time = pl.col(TIME)
        new = pl.col(CODE).ne_missing(pl.col(CODE).shift(1))
        untimed = time.is_null() & time.shift(1).is_not_null()
        cuts = [new, untimed]
        if self._step.gap is not None:
            cuts.append((time - time.shift(1) > pl.duration(microseconds=self._step.gap)).fill_null(value=False))
        head = ordered.select(pl.any_horizontal(cuts)).to_series()
        begins = head.arg_true().cast(pl.Int64)
        ends = pl.concat([begins.slice(1), pl.Series([ordered.height], dtype=pl.Int64)]).head(len(begins))
        made = ordered[begins].select(ROW, time.alias("start"))
        made = made.hstack([ordered[TIME].gather(ends - 1).alias("end"), (ends - begins).alias("entries")])
        number = (head.cum_sum().cast(pl.Int64) - 1).alias(NUMBER)
        return {"made": made, **self._details(ordered.hstack([number]))}

    def _together(self, held: Held, found: dict[str, pl.DataFrame], began: object) -> pl.DataFrame:
        made, errors = found["made"], found["message"]
        keys = held.take(made[ROW], [*self._keys]).rename(self._keys)
        none = pl.Series([False]).new_from_index(0, made.height)
        failed = none.scatter(errors[NUMBER], True).alias(FAILED)  # noqa: FBT003 (a value, no switch)
        times = nothing(made.schema["start"], made.height).scatter(errors[NUMBER], errors[TIME]).alias(ERROR_TIME)
        made = made.hstack([*keys, *self._told(held, found), failed, times]).sort(ROW)
        levels = pl.struct(pl.col(f"level_{n}").alias(n) for n in LEVELS).alias("levels")
        first = pl.DataFrame({"start": [began]}, schema={"start": made.schema["start"]}).drop_nulls()
        return pl.concat([made.with_columns(levels), first], how="diagonal")


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
    cut = known.with_columns((first | apart).cum_sum().alias(SESSION), first.alias(FIRST))
    values = ("hosts", "sources", *(("services",) if step.service else ()))
    errors = pl.struct(FAILED, "first_error").sort_by(ERROR_TIME, AT, nulls_last=True)
    near = pl.lit(value=False) if gap is None else (pl.col("start").min() - pl.col(BEGAN).first() <= gap)
    sessions = cut.group_by(SESSION, maintain_order=True).agg(
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
        .select(ID, *step.keys, *SUMMARY_COLUMNS)
    )

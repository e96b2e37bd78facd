"""Entries → sessions: keys, cuts and numbers by shifts and fills over rows sorted by key and time."""

from __future__ import annotations

from functools import partial
from typing import Final

import polars as pl

from logq.compile.greedy import heads
from logq.compile.lower import lower
from logq.compile.order import CODE, PLACE, REASONS, ROW, ROW_NAMES, by_key, in_time_order
from logq.compile.session_parts import merged, parts
from logq.plan import HIDDEN, SESSION_COLUMNS, Having, Sessions, SessionSummary, Timeline
from logq.schema import LEVELS

__all__ = ["END_REASON", "TRUNCATED"]

END_REASON: Final = f"{HIDDEN}end_reason"
TRUNCATED: Final = f"{HIDDEN}truncated"
START, END, CUT, HEAD, WHY = (f"{HIDDEN}{name}" for name in ("start", "end", "cut", "head", "why"))
ID: Final = "session_id"
MADE: Final = {**SESSION_COLUMNS, END_REASON: REASONS, TRUNCATED: pl.Boolean()}
TIME: Final = "timestamp"
FAILED: Final = LEVELS.index("ERROR")


@lower.register
def _(step: Sessions, frame: pl.LazyFrame) -> pl.LazyFrame:
    named = [key.expr.alias(name) for key, name in zip(step.keys, step.names, strict=True) if name is not None]
    frame = frame.with_columns(named).drop(MADE, strict=False)
    schema = {**frame.collect_schema(), **MADE}
    return frame.map_batches(partial(_with_sessions, step=step), schema=schema)


@lower.register
def _(step: Having, frame: pl.LazyFrame) -> pl.LazyFrame:
    holds = pl.all_horizontal(p.expr for p in step.predicates).fill_null(value=False)
    return frame.filter(pl.col(ID).is_not_null() & holds.any().over(ID))


@lower.register
def _(step: Timeline, frame: pl.LazyFrame) -> pl.LazyFrame:  # noqa: ARG001 (the step has no arguments)
    names = [n for n in ROW_NAMES if n in frame.collect_schema()]
    rows = frame.filter(pl.col(ID).is_not_null()).sort(ID, TIME, *names, nulls_last=True, maintain_order=True)
    return rows.with_columns(
        (pl.col(TIME) - pl.col(TIME).min().over(ID)).alias("offset"),
        (pl.col(TIME) - pl.col(TIME).shift(1).over(ID)).alias("delta"),
    )


@lower.register
def _(step: SessionSummary, frame: pl.LazyFrame) -> pl.LazyFrame:
    if step.part != "whole":
        return parts(step, frame) if step.part == "parts" else merged(step, frame)
    schema = frame.collect_schema()
    names = [n for n in ROW_NAMES if n in schema]
    rows = frame.filter(pl.col(ID).is_not_null()).sort(TIME, *names, nulls_last=True, maintain_order=True)
    level = pl.col("level")
    return (
        rows.group_by(ID)
        .agg(
            *(pl.col(key).first() for key in step.keys),
            pl.col(TIME).min().alias("start"),
            pl.col(TIME).max().alias("end"),
            (pl.col(TIME).max() - pl.col(TIME).min()).alias("duration"),
            pl.len().cast(pl.Int64).alias("entries"),
            _values("host").alias("hosts"),
            _values("source").alias("sources"),
            (_values(step.service) if step.service else pl.lit(None, pl.List(pl.String)).first()).alias("services"),
            pl.struct((level == name).sum().cast(pl.Int64).alias(name) for name in LEVELS).alias("levels"),
            pl.col("message").filter(level.to_physical() >= FAILED).first().alias("first_error"),
            pl.col(END_REASON).first().alias("end_reason"),
            pl.col(TRUNCATED).first().alias("truncated"),
        )
        .sort(ID)
        .select(ID, *step.keys, pl.exclude(ID, *step.keys))
    )


def _values(column: str) -> pl.Expr:
    return pl.col(column).drop_nulls().unique().sort()


def _with_sessions(frame: pl.DataFrame, step: Sessions) -> pl.DataFrame:
    """Add what each row is in: nulls for orphans."""
    flags = [(START, step.start), (END, step.end)]
    nearby = _nearby(frame) if step.orphans == "attach" else []
    rows = in_time_order(
        frame.select(
            *step.key_columns,
            TIME,
            *(pl.lit(value=False).alias(n) if e is None else e.expr.fill_null(value=False).alias(n) for n, e in flags),
            *(n for n in ROW_NAMES if n in frame.columns),
            *nearby,
        ).with_row_index(ROW)
    )
    placed = _numbered(_cut(_placed(by_key(rows, step.key_columns), step), step, began=rows[TIME].min()))
    found = rows.select(ROW, PLACE, TIME, *(e.meta.output_name() for e in nearby)).join(
        placed.select(ROW, ID, END_REASON, TRUNCATED), on=ROW, how="left", maintain_order="left"
    )
    if nearby:
        found = _attached(found, [e.meta.output_name() for e in nearby], step.gap or 0)
    made = found.with_columns(
        pl.when(pl.col(ID).is_not_null()).then(pl.int_range(pl.len()).over(ID)).alias("session_index"),
        pl.when(pl.col(ID).is_not_null()).then(pl.col(TIME) - pl.col(TIME).first().over(ID)).alias("session_elapsed"),
    )
    joined = frame.hstack(made.sort(ROW).select(pl.col(n).cast(t) for n, t in MADE.items()))
    return joined.filter(pl.col(ID).is_not_null()) if step.orphans == "drop" else joined


def _placed(rows: pl.DataFrame, step: Sessions) -> pl.DataFrame:
    """Leave out what stands before any start of its key, or after an end and before the next start."""
    if step.start is None:
        return rows
    at = pl.int_range(pl.len(), dtype=pl.Int64)
    began = pl.when(START).then(at).forward_fill().over(CODE)
    ended = pl.when(END).then(at).forward_fill().shift(1).over(CODE)
    return rows.filter(began.is_not_null() & (ended < began).fill_null(value=True))


def _cut(rows: pl.DataFrame, step: Sessions, *, began: object) -> pl.DataFrame:
    """Mark where sessions begin, and why the one before each ended; `began` is the first time there is."""
    new = pl.col(CODE).ne_missing(pl.col(CODE).shift(1))
    ended = pl.col(END).shift(1, fill_value=False) & ~new
    silence = pl.col(TIME) - pl.col(TIME).shift(1)
    silent = (
        ~new & (silence > pl.duration(microseconds=step.gap)).fill_null(value=False)
        if step.gap is not None
        else pl.lit(value=False)
    )
    marked = rows.with_columns(new.alias("new"), ended.alias("ended"), silent.alias("silent"))
    cut = marked.with_columns(pl.any_horizontal("new", "ended", "silent", START).alias(CUT))
    head, full = cut[CUT], pl.Series([False]).new_from_index(0, cut.height)
    if step.max_span is not None or step.max_entries is not None:
        runs, times = cut[CUT].cum_sum(), cut[TIME].cast(pl.Int64)
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
    return cut.with_columns(head.alias(HEAD), full.alias("full")).with_columns(
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


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Number the sessions by their first rows in time order, and tell each why it ended."""
    began = rows.filter(HEAD)
    last = rows.filter(pl.col(HEAD).shift(-1, fill_value=True))
    close = pl.when(END).then(pl.lit("end_match")).otherwise(pl.lit("end_of_data")).cast(REASONS)
    following = began[WHY].shift(-1)
    known = last.select(
        pl.when((following != "end_of_data").fill_null(value=False)).then(following).otherwise(close)
    ).to_series()
    ids = began.select(pl.col(PLACE).rank("ordinal").cast(pl.Int64) - 1).to_series()
    number = rows[HEAD].cum_sum().cast(pl.Int64) - 1
    return rows.select(ROW).with_columns(
        ids.gather(number).alias(ID),
        known.gather(number).alias(END_REASON),
        began[TRUNCATED].gather(number).alias(TRUNCATED),
    )


def _nearby(frame: pl.DataFrame) -> list[pl.Expr]:
    """What an orphan shares with the entry it is attached to, of those columns there are."""
    names = [n for n in ("host", "source", "thread") if n in frame.columns]
    return [pl.struct(names).hash().alias(CUT)] if names else [pl.lit(0, pl.UInt64).alias(CUT)]


def _attached(found: pl.DataFrame, by: list[str], gap: int) -> pl.DataFrame:
    """Give orphans the session of the nearest earlier entry beside them, if it is at most `gap` before."""
    beside = [pl.col(n).forward_fill().over(by) for n in (ID, END_REASON, TRUNCATED)]
    then = pl.when(pl.col(ID).is_not_null()).then(TIME).forward_fill().over(by)
    near = pl.col(ID).is_null() & (pl.col(TIME) - then <= pl.duration(microseconds=gap)).fill_null(value=False)
    return found.with_columns(pl.when(near).then(e).otherwise(pl.col(e.meta.output_name())) for e in beside)

"""What is asked of sessions: which hold a condition, one row each, what was linked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.held import Budget, Held, Shuffle, batches, generated
from logq.compile.link import JOINS
from logq.compile.lower import check_tests, lower
from logq.compile.order import CODE, ROW, ROW_NAMES, by_key_in_time
from logq.compile.session_parts import merged, parts
from logq.compile.sessions import ID
from logq.compile.totals import Totals, summary_schema
from logq.plan import HIDDEN, Having, SessionLinks, SessionSummary
from logq.plan.columns import roots_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TIME: Final = "timestamp"
TOGETHER: Final = 1 << 20
"""Rows that are summed up together."""

KEY: Final = f"{HIDDEN}key"


@lower.register
def _(step: Having, frame: pl.LazyFrame) -> pl.LazyFrame:
    check_tests(step.predicates, frame)
    return generated(frame.collect_schema(), partial(_holding, frame, step, Budget()), name="having")


def _holding(frame: pl.LazyFrame, step: Having, budget: Budget, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Rows of the sessions in which a condition holds."""
    schema = frame.collect_schema()
    alone = all(p.rowwise for p in step.predicates)
    roots = roots_of(step.predicates)
    read = [n for n in schema if roots is None or n in roots or n == ID or (not alone and n in {TIME, *ROW_NAMES})]
    columns = [n for n in schema if n in read or n in wanted]
    holds = pl.all_horizontal(p.expr for p in step.predicates).fill_null(value=False)
    rows = frame.select(columns).filter(pl.col(ID).is_not_null())
    with Held(batches(rows), pl.Schema({n: schema[n] for n in columns}), budget) as held:
        if alone:
            found = [piece.filter(holds).select(ID) for piece in held.pieces(read)]
        else:
            found = [_whole(part).filter(holds.any().over(CODE)).select(ID) for part in _by_session(held, read, budget)]
        ids = pl.concat(found).unique()
        for piece in held.pieces():
            yield piece.join(ids, on=ID, how="semi", maintain_order="left").drop(ROW)


def _whole(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows session by session in time order, with CODE."""
    return by_key_in_time(rows.with_columns(pl.col(ID).alias(KEY)), [KEY])


def _by_session(held: Held, columns: Sequence[str], budget: Budget) -> Iterator[pl.DataFrame]:
    """Rows of whole sessions: all at once, or beyond the budget those of some after the other."""
    if not held.spilled:
        yield held.piece(0, columns)
        return
    parts = budget.parts(held.height, held.size // held.height)
    with Shuffle(held.piece(0, columns).schema, parts) as shuffled:
        for piece in held.pieces(columns):
            shuffled.write(piece, pl.col(ID) % parts)
        for n in range(parts):
            yield shuffled.read(n)


@lower.register
def _(step: SessionSummary, frame: pl.LazyFrame) -> pl.LazyFrame:
    if step.part != "whole":
        return parts(step, frame) if step.part == "parts" else merged(step, frame)
    return generated(summary_schema(step, frame.collect_schema()), partial(_summary, frame, step), name="summary")


def _summary(frame: pl.LazyFrame, step: SessionSummary, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    """One row a session; only what is wanted is summed up."""
    totals = Totals(step, frame.collect_schema(), wanted)
    waiting: list[pl.DataFrame] = []
    for rows in batches(frame.select(totals.read).filter(pl.col(ID).is_not_null())):
        waiting.append(rows)
        if sum(w.height for w in waiting) >= TOGETHER:
            totals.add(pl.concat(waiting))
            waiting = []
    totals.add(pl.concat([totals.empty, *waiting]))
    yield totals.rows()


@lower.register
def _(step: SessionLinks, frame: pl.LazyFrame) -> pl.LazyFrame:
    first = pl.coalesce(pl.when(pl.col(k).is_not_null()).then(pl.lit(k)) for k in step.keys)
    text = pl.coalesce(pl.col(k).cast(pl.String) for k in step.keys)
    joined = [
        pl.when(pl.col(JOINS) // 2**n % 2 == 1).then(
            pl.struct(pl.lit(k).alias("to_field"), pl.col(k).cast(pl.String).alias("to_value"))
        )
        for n, k in enumerate(step.keys)
    ]
    names = [n for n in ROW_NAMES if n in frame.collect_schema()]
    rows = frame.filter(pl.col(JOINS) > 0).select(
        ID,
        first.alias("field"),
        text.alias("value"),
        pl.concat_list(joined).list.drop_nulls().alias("to"),
        *(pl.col(n) for n in (TIME, "host", "source", "line")),
        *names,
    )
    rows = rows.sort(TIME, *names, nulls_last=True, maintain_order=True).explode("to").unnest("to")
    return rows.select(ID, "field", "value", "to_field", "to_value", TIME, "host", "source", "line")

"""Timelines of sessions: rows session by session in time order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.held import Budget, Held, Shuffle, batches, generated
from logq.compile.lower import lower
from logq.compile.order import ROW, ROW_NAMES, by_key_in_time
from logq.compile.sessions import ID, Cutting, sessions_schema
from logq.plan import HIDDEN, Sessions, Step, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Timelined"]

TIME: Final = "timestamp"
PART: Final = f"{HIDDEN}part"
TOLD: Final = {"offset": pl.Duration("us"), "delta": pl.Duration("us")}


class Timelined(Step, frozen=True, tag="timelined", kw_only=True):
    """Sessions and their timelines at once, so that rows need not go back into the order they came in."""

    sessions: Sessions


@lower.register
def _(step: Timeline, frame: pl.LazyFrame) -> pl.LazyFrame:  # noqa: ARG001 (the step has no arguments)
    known = frame.collect_schema()
    made = partial(_of_rows, frame, known, Budget())
    return generated(pl.Schema({**known, **TOLD}), made, name="timeline")


@lower.register
def _(step: Timelined, frame: pl.LazyFrame) -> pl.LazyFrame:
    frame, known, schema = sessions_schema(step.sessions, frame)
    made = partial(_at_once, frame, known, step.sessions, Budget(), schema=schema)
    return generated(pl.Schema({**schema, **TOLD}), made, name="timeline")


def _of_rows(frame: pl.LazyFrame, known: pl.Schema, budget: Budget, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    columns = _columns(known, wanted)
    rows = frame.select(columns).filter(pl.col(ID).is_not_null())
    yield from _timelines(batches(rows), pl.Schema({n: known[n] for n in columns}), budget)


def _at_once(
    frame: pl.LazyFrame, known: pl.Schema, step: Sessions, budget: Budget, wanted: Sequence[str], *, schema: pl.Schema
) -> Iterator[pl.DataFrame]:
    work = Cutting(step, known)
    columns = [n for n in known if n in work.read or n in wanted]
    with Held(batches(frame.select(columns)), pl.Schema({n: known[n] for n in columns}), budget) as held:
        if not held.spilled:
            yield _with_delta(work.by_session(held))
            return
        shown = _columns(schema, wanted)
        rows = (piece.filter(pl.col(ID).is_not_null()).select(shown) for piece in work.spilled(held, budget))
        yield from _timelines(rows, pl.Schema({n: schema[n] for n in shown}), budget)


def _columns(known: pl.Schema, wanted: Sequence[str]) -> list[str]:
    """What a timeline goes by and what is wanted of its rows."""
    return [n for n in known if n in {ID, TIME, *ROW_NAMES} or (n in wanted and n not in TOLD)]


def _timelines(rows: Iterable[pl.DataFrame], schema: pl.Schema, budget: Budget) -> Iterator[pl.DataFrame]:
    """Rows of sessions → session by session in time order; beyond the budget a range of sessions at a time."""
    with Held(rows, schema, budget) as held:
        if not held.spilled:
            yield _timeline(held.piece(0))
            return
        parts = budget.parts(held.height, held.size // held.height)
        sizes = pl.concat(piece.group_by(ID).len() for piece in held.pieces([ID])).group_by(ID).agg(pl.col("len").sum())
        ends = sizes.sort(ID).with_columns(pl.col("len").cum_sum())
        of = ends.select(ID, (pl.col("len") * parts // (held.height + 1)).alias(PART))
        with Shuffle(schema, parts) as ranges:
            for piece in held.pieces():
                ranges.write(piece.drop(ROW).join(of, on=ID, how="left", maintain_order="left"), pl.col(PART))
            for n in range(parts):
                yield _timeline(ranges.read(n))


def _timeline(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in time order by session, with `offset` and `delta`."""
    names = [n for n in ROW_NAMES if n in frame.columns]
    at = pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW)
    rows = by_key_in_time(frame.select(at, TIME, pl.col(ID).alias(PART), *names), [PART])
    return _with_delta(frame.drop(ROW, strict=False)[rows[ROW]])


def _with_delta(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows by session in time order, with `offset` and `delta`."""
    new = pl.col(ID).ne_missing(pl.col(ID).shift(1))
    first = pl.when(new).then(TIME).forward_fill()
    delta = pl.when(~new).then(pl.col(TIME) - pl.col(TIME).shift(1))
    return rows.with_columns((pl.col(TIME) - first).alias("offset"), delta.alias("delta"))

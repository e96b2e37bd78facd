"""Sequences on the stream of all rows: tests and keys → chains → the answer asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from logq.compile.answers import SHOWN, funnel, matches, rows_of, unique_names
from logq.compile.chains import chains
from logq.compile.lower import lower
from logq.compile.near_misses import WHY, near_misses
from logq.compile.tested import Tests, ended, may_begin, tested
from logq.plan import SEQUENCE_COLUMNS, EventSequence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["answered"]


@lower.register
def _(step: EventSequence, frame: pl.LazyFrame) -> pl.LazyFrame:
    named = [key.expr.alias(name) for key, name in zip(step.keys, step.names, strict=True) if name is not None]
    frame = frame.with_columns(named)
    schema = _schema(step, frame.collect_schema())
    return frame.map_batches(partial(answered, step=step, schema=schema), schema=schema)


def _schema(step: EventSequence, known: Mapping[str, PolarsDataType]) -> dict[str, PolarsDataType]:
    """Columns of the answer."""
    time, length, number = pl.Datetime("us", "UTC"), pl.Duration("us"), pl.Int64()
    keys = {k: known[k] for k in step.key_columns}
    match step.answer:
        case "rows":
            return {**{n: t for n, t in known.items() if n not in SEQUENCE_COLUMNS}, **SEQUENCE_COLUMNS}
        case "matches":
            steps = {f"{name}.{n}": t for name in unique_names(step) for n, t in SHOWN.items()}
            return {"match_id": number, **keys, "start": time, "end": time, "duration": length, **steps}
        case "near_misses":
            reached = {"step": pl.String(), "step_index": number, "why": WHY, **SHOWN}
            return {**keys, "start": time, "end": time, "duration": length, **reached}
        case _:
            return {"step_index": number, "step": pl.String(), "reached": number, "keys": number}


def answered(frame: pl.DataFrame, step: EventSequence, schema: Mapping[str, PolarsDataType]) -> pl.DataFrame:
    """Answer a sequence on a whole frame."""
    tests = Tests.of(step)
    rows = tested(frame, step, tests)
    ends = frame["timestamp"].min(), frame["timestamp"].max()
    first, unsure = may_begin(rows, step, tests, ends[0])
    found = chains(rows, tests.links, first=first, within=step.within)
    closed, open_ended = ended(found, step, tests, ends[1])
    match step.answer:
        case "rows":
            made = rows_of(frame, step, found, closed)
        case "matches":
            made = matches(frame, step, found, closed)
        case "near_misses":
            made = near_misses(frame, step, tests, found, (closed, open_ended, unsure))
        case _:
            made = funnel(step, found, closed)
    return made.select(pl.col(n).cast(t) for n, t in schema.items())

"""Sequences on the stream of all rows: tests and keys → chains → the answer asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from logq.compile.answers import SHOWN, funnel, matches, rows_of, unique_names
from logq.compile.chains import AT, chains
from logq.compile.combinations import combinations
from logq.compile.greedy import reached as on_chains
from logq.compile.lower import lower
from logq.compile.near_misses import WHY, Told, near_misses
from logq.compile.tested import Tests, ended, may_begin, tested
from logq.plan import SEQUENCE_COLUMNS, EventSequence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from logq.compile.chains import Chains

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
    if step.policy == "all":
        stages = combinations(rows, tests.links, first=first, step=step)
        *parts, whole = stages
        closed, _ = ended(rows, (whole["0"], whole.to_series(-1)), step, tests, ends[1])
        places = whole.filter(closed)
        reached = [s.to_series(-1) for s in (*parts, places)]
    else:
        found = chains(rows, tests.links, first=first, within=step.within, policy=step.policy)
        rows, final = found.rows, found.reached[-1]
        closed, open_ended = (final & s for s in ended(rows, (found.start[-1], rows[AT]), step, tests, ends[1]))
        kept = apart(found, closed) if step.policy == "non_overlapping" else closed
        if step.answer == "near_misses":
            told = Told(kept, closed & ~kept, open_ended, unsure)
            return near_misses(frame, step, tests, found, told).select(pl.col(n).cast(t) for n, t in schema.items())
        places = found.matches.filter(kept.filter(final))
        reached = [s.arg_true() for s in (*found.reached[:-1], kept)]
    match step.answer:
        case "rows":
            made = rows_of(frame, step, rows, places)
        case "matches":
            made = matches(frame, step, rows, places)
        case _:
            made = funnel(step, rows, reached)
    return made.select(pl.col(n).cast(t) for n, t in schema.items())


def apart(found: Chains, closed: pl.Series) -> pl.Series:
    """Of matches, by their last rows, those that begin behind the end of the one kept before.

    Later matches never begin earlier, so behind each the next to keep is found in the sorted first rows.
    """
    last = closed.arg_true().cast(pl.Int64)
    begin = found.start[-1].gather(last)
    following = begin.search_sorted(last, side="right").cast(pl.Int64)
    jump = pl.select(pl.when(following < len(last)).then(following)).to_series()
    kept = last.filter(on_chains(pl.int_range(len(last), eager=True) == 0, jump))
    return found.rows.select(pl.col(AT).is_in(kept.implode())).to_series()

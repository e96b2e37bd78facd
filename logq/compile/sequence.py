"""Sequences on the stream of all rows: rows on which a test is true → chains, key by key → the answer asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.answers import SHOWN, funnel, matches, rows_of, unique_names
from logq.compile.chains import AT, chains
from logq.compile.combinations import combinations
from logq.compile.greedy import reached as on_chains
from logq.compile.held import Budget, Held, Shuffle, batches, generated
from logq.compile.lost import loss_in_force
from logq.compile.lower import check_tests, lower
from logq.compile.near_misses import WHY, Told, near_misses, partial_matches
from logq.compile.order import CODE, ROW, ROW_NAMES, by_key, in_time_order
from logq.compile.tested import Ends, Tests, ended, may_begin, tested
from logq.plan import SEQUENCE_COLUMNS, EventSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from polars._typing import PolarsDataType

    from logq.compile.chains import Chains

__all__ = ["answered"]

TIME: Final = "timestamp"
WIDTH: Final = 96
"""Bytes that a row takes while chains are searched, about."""


@lower.register
def _(step: EventSequence, frame: pl.LazyFrame) -> pl.LazyFrame:
    named = [key.expr.alias(name) for key, name in zip(step.keys, step.names, strict=True) if name is not None]
    frame = frame.with_columns(named)
    known = frame.collect_schema()
    check_tests((s.predicate for s in (*step.stages, *([step.until] if step.until else []))), frame)
    schema = pl.Schema(_schema(step, known))
    return generated(schema, partial(answered, frame, step, Budget(), loss_in_force()), name="sequence")


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


def answered(
    frame: pl.LazyFrame,
    step: EventSequence,
    budget: Budget,
    lost: Callable[[], bool],
    wanted: Sequence[str],
) -> Iterator[pl.DataFrame]:
    """Answer a sequence on a stream of rows."""
    tests = Tests.of(step)
    known = frame.collect_schema()
    schema = _schema(step, known)
    rows = tests.on(frame, step)
    shown = [*wanted] if step.answer == "rows" else [*SHOWN] if step.answer != "funnel" else []
    needed = {TIME, *ROW_NAMES, *step.key_columns, *tests.own, *shown}
    columns = [n for n in rows.collect_schema() if n in needed or n in tests.names]
    ends = Ends()
    rows = rows.select(columns)
    stream = tests.hits(rows, step, ends, batches)
    with Held(stream, pl.Schema({n: rows.collect_schema()[n] for n in columns}), budget) as held:
        ends.unknown = lost() and any(stage.absent for stage in step.stages)
        found = [_searched(part, step, tests, ends) for part in _parts(held, step, tests, budget)]
        names = [n for n in ROW_NAMES if n in known]
        match step.answer:
            case "rows":
                asked = [n for n in columns if n in wanted and n not in SEQUENCE_COLUMNS]
                made = rows_of(held, step, pl.concat(found), names, asked)
            case "matches":
                made = matches(held, step, pl.concat(found), names)
            case "near_misses":
                made = near_misses(held, step, pl.concat(found), names)
            case _:
                made = pl.concat(found).group_by("step_index", "step", maintain_order=True).sum()
    yield made.select(pl.col(n).cast(t) for n, t in schema.items() if n in made.columns)


def _parts(held: Held, step: EventSequence, tests: Tests, budget: Budget) -> Iterator[pl.DataFrame]:
    """Rows to search, by key in time order: all at once, or beyond the budget those of some keys after the other."""
    rows, keys = tested(held.piece(0), step, tests)
    if not held.spilled:
        yield by_key(in_time_order(rows), keys)
        return
    parts = budget.parts(held.height, WIDTH) if keys else 1
    part = pl.struct(keys).hash() % parts if keys else pl.lit(0)
    with Shuffle(rows.schema, parts) as shuffled:
        for piece in held.pieces():
            rows, _ = tested(piece, step, tests)
            shuffled.write(rows.drop_nulls(keys) if keys else rows, part)
        for n in range(parts):
            yield by_key(in_time_order(shuffled.read(n)), keys)


def _searched(rows: pl.DataFrame, step: EventSequence, tests: Tests, ends: Ends) -> pl.DataFrame:
    """Rows by key in time order → matches, each step by its ROW; or partial matches; or counts."""
    first, unsure = may_begin(rows, step, tests, ends.first)
    if step.policy == "all":
        stages = combinations(rows, tests.links, first=first, step=step)
        *parts, whole = stages
        closed, _ = ended(rows, (whole["0"], whole.to_series(-1)), step, tests, ends)
        places = whole.filter(closed)
        reached = [s.to_series(-1) for s in (*parts, places)]
    else:
        found = chains(rows, tests.links, first=first, within=step.within, policy=step.policy)
        rows, final = found.rows, found.reached[-1]
        told = ended(rows, (found.start[-1], rows[AT]), step, tests, ends)
        closed, open_ended = (final & s for s in told)
        kept = apart(found, closed) if step.policy == "non_overlapping" else closed
        if step.answer == "near_misses":
            return partial_matches(step, tests, found, Told(kept, closed & ~kept, open_ended, unsure))
        places = found.matches.filter(kept.filter(final))
        reached = [s.arg_true() for s in (*found.reached[:-1], kept)]
    if step.answer == "funnel":
        return funnel(step, rows[CODE], reached)
    return places.select(rows[ROW].gather(places[c]).alias(c) for c in places.columns)


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

"""Row patterns on the stream of all rows: held, searched key by key, and told in one order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.answers import SHOWN
from logq.compile.held import Budget, Held, Shuffle, batches, generated
from logq.compile.lower import check_tests, lower
from logq.compile.order import PLACE, ROW, ROW_NAMES
from logq.compile.recognised import matched, ordering, placed
from logq.plan import PATTERN_COLUMNS, RowPattern
from logq.plan.columns import roots_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logq.compile.recognised import Answer

TIME: Final = "timestamp"
WIDTH: Final = 128
"""Bytes that a row takes while patterns are searched, about."""


@lower.register
def _(step: RowPattern, frame: pl.LazyFrame) -> pl.LazyFrame:
    named = [key.expr.alias(name) for key, name in zip(step.keys, step.names, strict=True) if name is not None]
    frame = frame.with_columns(named)
    known = frame.collect_schema()
    check_tests(step.define.values(), frame)
    seen = pl.LazyFrame(schema={**known, **PATTERN_COLUMNS}).group_by("match_id").agg(e.expr for e in step.measures)
    measured = {n: t for n, t in seen.collect_schema().items() if n != "match_id"}
    if step.answer == "rows":
        schema = {
            **{n: t for n, t in known.items() if n not in {*PATTERN_COLUMNS, *measured}},
            **PATTERN_COLUMNS,
            **measured,
        }
    else:
        times = {"start": SHOWN[TIME], "end": SHOWN[TIME], "duration": pl.Duration("us"), "entries": pl.Int64()}
        names = {n: t for n, t in SHOWN.items() if n != TIME}
        schema = {"match_id": pl.Int64(), **{k: known[k] for k in step.key_columns}, **times, **names, **measured}
    made = partial(_answered, frame.with_columns(**ordering(step)), step, pl.Schema(schema), Budget())
    return generated(pl.Schema(schema), made, name="match_pattern")


def _answered(
    frame: pl.LazyFrame, step: RowPattern, schema: pl.Schema, budget: Budget, wanted: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """Answer a row pattern on a stream of rows; beyond the budget on those of some keys after the other."""
    known = frame.collect_schema()
    roots = roots_of([*step.define.values(), *step.measures])
    shown = wanted if step.answer == "rows" else SHOWN
    needed = {TIME, *step.key_columns, *ROW_NAMES, *ordering(step), *shown, *(roots or ())}
    columns = [n for n in known if roots is None or n in needed]
    held_schema = pl.Schema({n: known[n] for n in columns})
    with Held(batches(frame.select(columns)), held_schema, budget) as held:
        found = (matched(part, step) for part in _parts(held, step, budget))
        answers = [answer for answer in found if answer is not None]
        made = _together(held, answers, step) if len(answers) > 1 else answers[0].rows if answers else schema.to_frame()
    yield made.select(pl.col(n).cast(t) for n, t in schema.items() if n in made.columns)


def _parts(held: Held, step: RowPattern, budget: Budget) -> Iterator[pl.DataFrame]:
    """Rows of whole keys, in the order they came in."""
    if not held.spilled:
        yield held.piece(0)
        return
    if not step.keys:
        yield pl.concat(held.pieces(), rechunk=True)
        return
    keys = list(step.key_columns)
    parts = budget.parts(held.height, held.size // held.height + WIDTH)
    with Shuffle(held.piece(0).schema, parts) as shuffled:
        for piece in held.pieces():
            shuffled.write(piece.drop_nulls(keys), pl.struct(keys).hash() % parts)
        for n in range(parts):
            yield shuffled.read(n)


def _together(held: Held, answers: Sequence[Answer], step: RowPattern) -> pl.DataFrame:
    """Answers on the rows of different keys → one, with matches numbered by their first rows in order."""
    firsts = pl.concat([a.firsts for a in answers])
    heads = pl.concat([a.heads for a in answers])
    known = pl.concat([firsts, heads]).unique().sort()
    names = [n for n in ROW_NAMES if n in held.columns]
    order = held.take(known, [TIME, *names, *ordering(step)]).hstack([known.alias(ROW)])
    place = placed(order, step).sort(ROW)[PLACE]
    ids = place.gather(known.search_sorted(firsts)).rank("ordinal").cast(pl.Int64).alias("match_id") - 1
    before = pl.Series([0, *(len(a.firsts) for a in answers[:-1])]).cum_sum().to_list()
    parts = [a.rows.with_columns(ids.gather(a.rows["match_id"] + n)) for a, n in zip(answers, before, strict=True)]
    rows = pl.concat(parts).hstack([place.gather(known.search_sorted(heads)).alias(PLACE)])
    return rows.sort(PLACE, maintain_order=True)

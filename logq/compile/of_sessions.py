"""What is asked of sessions: which hold a condition, one row each, their timelines, what was linked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.cuts import END_REASON, TRUNCATED
from logq.compile.held import Budget, Held, Shuffle, batches, generated
from logq.compile.link import JOINS
from logq.compile.lower import lower
from logq.compile.order import CODE, ROW, ROW_NAMES, by_key, in_time_order
from logq.compile.session_parts import merged, parts
from logq.compile.sessions import ID
from logq.plan import HIDDEN, Having, SessionLinks, SessionSummary, Timeline
from logq.plan.columns import roots_of
from logq.schema import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Totals", "timelines"]

TIME: Final = "timestamp"
FAILED: Final = LEVELS.index("ERROR")
TOGETHER: Final = 1 << 20
"""Rows that are summed up together."""

PART: Final = f"{HIDDEN}part"


@lower.register
def _(step: Having, frame: pl.LazyFrame) -> pl.LazyFrame:
    holds = pl.all_horizontal(p.expr for p in step.predicates).fill_null(value=False)
    roots = roots_of(step.predicates)
    if roots is None or not all(p.rowwise for p in step.predicates):
        return frame.filter(pl.col(ID).is_not_null() & holds.any().over(ID))
    made = partial(_holding, frame, step, frozenset(roots) | {ID}, Budget())
    return generated(frame.collect_schema(), made, name="having")


def _holding(
    frame: pl.LazyFrame, step: Having, read: frozenset[str], budget: Budget, wanted: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """Rows of the sessions in which a condition holds."""
    schema = frame.collect_schema()
    holds = pl.all_horizontal(p.expr for p in step.predicates).fill_null(value=False)
    columns = [n for n in schema if n in read or n in wanted]
    rows = frame.select(columns).filter(pl.col(ID).is_not_null())
    with Held(batches(rows), pl.Schema({n: schema[n] for n in columns}), budget) as held:
        found = [piece.filter(holds).select(ID).unique() for piece in held.pieces([n for n in columns if n in read])]
        ids = pl.concat(found)
        for piece in held.pieces():
            yield piece.join(ids, on=ID, how="semi", maintain_order="left").drop(ROW)


@lower.register
def _(step: Timeline, frame: pl.LazyFrame) -> pl.LazyFrame:  # noqa: ARG001 (the step has no arguments)
    known = frame.collect_schema()
    schema = pl.Schema({**known, "offset": pl.Duration("us"), "delta": pl.Duration("us")})
    return generated(schema, partial(timelines, frame, known, Budget()), name="timeline")


def timelines(frame: pl.LazyFrame, known: pl.Schema, budget: Budget, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Rows of sessions, session by session in time order; beyond the budget a range of sessions at a time."""
    columns = [n for n in known if n in {ID, TIME, *ROW_NAMES} or (n in wanted and n not in ("offset", "delta"))]
    schema = pl.Schema({n: known[n] for n in columns})
    rows = frame.select(columns).filter(pl.col(ID).is_not_null())
    with Held(batches(rows), schema, budget) as held:
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
                part = ranges.read(n)
                yield _timeline(part.select(pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW), pl.all()))


def _timeline(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in time order by session, with `offset` and `delta`."""
    names = [n for n in ROW_NAMES if n in frame.columns]
    rows = by_key(in_time_order(frame.select(pl.int_range(pl.len()).alias(ROW), TIME, ID, *names)), [ID])
    new = pl.col(CODE).ne_missing(pl.col(CODE).shift(1))
    told = rows.select(
        (pl.col(TIME) - pl.when(new).then(TIME).forward_fill()).alias("offset"),
        pl.when(~new).then(pl.col(TIME) - pl.col(TIME).shift(1)).alias("delta"),
    )
    return frame.drop(ROW)[rows[ROW]].hstack(told)


@lower.register
def _(step: SessionSummary, frame: pl.LazyFrame) -> pl.LazyFrame:
    if step.part != "whole":
        return parts(step, frame) if step.part == "parts" else merged(step, frame)
    totals = Totals(step, frame.collect_schema())
    return generated(totals.schema, partial(_summary, frame, step), name="summary")


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


class Totals:
    """Sums up sessions of rows that come in any order; memory follows the sessions."""

    def __init__(self, step: SessionSummary, known: pl.Schema, wanted: Sequence[str] | None = None) -> None:
        names = [n for n in ROW_NAMES if n in known]
        lists = {"hosts": "host", "sources": "source", **({"services": step.service} if step.service else {})}
        lists |= {key: key for key in step.keys} if step.linked else {}
        kept = {} if step.linked else {key: known[key] for key in step.keys}
        counts = pl.Struct({name: pl.Int64() for name in LEVELS})
        self.schema = pl.Schema(
            {
                ID: pl.Int64(),
                **{key: pl.List(known[key]) if step.linked else known[key] for key in step.keys},
                "start": known[TIME],
                "end": known[TIME],
                "duration": pl.Duration("us"),
                "entries": pl.Int64(),
                **{
                    name: pl.List(known.get(lists.get(name, ""), pl.String()))
                    for name in ("hosts", "sources", "services")
                },
                "levels": counts,
                "first_error": known["message"],
                "end_reason": known[END_REASON],
                "truncated": pl.Boolean(),
            }
        )
        asked = [*self.schema] if wanted is None else wanted
        self._lists = {name: column for name, column in lists.items() if name in asked}
        self._levels, self._errors = "levels" in asked, "first_error" in asked
        self._order = [TIME, *names]
        columns = {ID, *kept, TIME, END_REASON, TRUNCATED, *self._lists.values()}
        columns |= {"level"} if self._levels or self._errors else set()
        columns |= {"message", *names} if self._errors else set()
        self.read = [n for n in known if n in columns]
        self.empty = pl.DataFrame(schema={n: known[n] for n in self.read})
        self._main: list[pl.DataFrame] = []
        self._values: dict[str, list[pl.DataFrame]] = {name: [] for name in self._lists}
        self._first = self.empty.select(ID, *self._order, "message") if self._errors else None
        level = pl.col("level")
        self._partial = [
            *(pl.col(key).first() for key in kept),
            pl.col(TIME).min().alias("start"),
            pl.col(TIME).max().alias("end"),
            pl.len().cast(pl.Int64).alias("entries"),
            *((level == name).sum().cast(pl.Int64).alias(f"level_{name}") for name in LEVELS if self._levels),
            pl.col(END_REASON).first().alias("end_reason"),
            pl.col(TRUNCATED).first().alias("truncated"),
        ]
        sums = pl.col("entries", *(f"level_{name}" for name in LEVELS if self._levels)).sum()
        firsts = pl.col(*kept, "end_reason", "truncated").first()
        self._merge = [firsts, pl.col("start").min(), pl.col("end").max(), sums]

    def add(self, rows: pl.DataFrame) -> None:
        """Take in more rows of sessions."""
        self._main.append(rows.group_by(ID).agg(self._partial))
        for name, column in self._lists.items():
            self._values[name].append(rows.select(ID, pl.col(column).alias(name)).drop_nulls(name).unique())
        if self._first is not None:
            failed = rows.filter(pl.col("level").to_physical() >= FAILED).select(self._first.columns)
            known = pl.concat([self._first, failed]).sort(ID, *self._order, nulls_last=True, maintain_order=True)
            self._first = known.unique(ID, keep="first", maintain_order=True)

    def rows(self) -> pl.DataFrame:
        """One row a session, by ID."""
        made = pl.concat(self._main).group_by(ID).agg(self._merge).sort(ID)
        for name in self._lists:
            values = pl.concat(self._values[name]).unique().group_by(ID).agg(pl.col(name).sort())
            made = made.join(values, on=ID, how="left", maintain_order="left").with_columns(pl.col(name).fill_null([]))
        if self._first is not None:
            firsts = self._first.select(ID, pl.col("message").alias("first_error"))
            made = made.join(firsts, on=ID, how="left", maintain_order="left")
        if self._levels:
            made = made.with_columns(pl.struct(pl.col(f"level_{n}").alias(n) for n in LEVELS).alias("levels"))
        made = made.with_columns((pl.col("end") - pl.col("start")).alias("duration"))
        nothing = [pl.lit(None, t).alias(n) for n, t in self.schema.items() if n not in made.columns]
        return made.with_columns(nothing).select(pl.col(n).cast(t) for n, t in self.schema.items())


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

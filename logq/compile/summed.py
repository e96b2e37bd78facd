"""Sessions of which only a summary is asked: few columns are held, sorted once, and no row is given back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.cuts import END, END_REASON, NUMBER, START, TRUNCATED, cut
from logq.compile.held import Budget, Held, Shuffle, batches, generated
from logq.compile.lower import lower
from logq.compile.order import ROW, ROW_NAMES
from logq.compile.sessions import ID, WIDTH, numbered
from logq.compile.timelines import Timelined
from logq.compile.totals import FAILED, in_shape, listed, summary_schema
from logq.plan import HIDDEN, SESSION_COLUMNS, Sessions, SessionSummary, Step, Timeline
from logq.schema import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from polars._typing import PolarsDataType

__all__ = ["together"]

TIME: Final = "timestamp"
LEVEL: Final = f"{HIDDEN}level"
VALUE: Final = f"{HIDDEN}value"
WORD: Final = f"{HIDDEN}word"


class Summed(Step, frozen=True, tag="summed", kw_only=True):
    """`sessions` and the `summary` of them at once."""

    sessions: Sessions
    summary: SessionSummary


def together(steps: Sequence[Step]) -> list[Step]:
    """Steps with each summary or timeline and the sessions right ahead of it as one, where that takes less.

    Sessions that are linked or take orphans in are left as they are.
    """
    made: list[Step] = []
    for step in steps:
        before = made[-1] if made else None
        if not isinstance(before, Sessions) or before.linked or before.orphans == "attach":
            made.append(step)
        elif isinstance(step, Timeline):
            made[-1] = Timelined(sessions=before)
        elif isinstance(step, SessionSummary) and step.part == "whole" and step.service not in SESSION_COLUMNS:
            made[-1] = Summed(sessions=before, summary=step)
        else:
            made.append(step)
    return made


@lower.register
def _(step: Summed, frame: pl.LazyFrame) -> pl.LazyFrame:
    keys = zip(step.sessions.keys, step.sessions.names, strict=True)
    frame = frame.with_columns(key.expr.alias(name) for key, name in keys if name is not None)
    known = frame.collect_schema()
    made = partial(_rows, frame, known, step, Budget())
    return generated(summary_schema(step.summary, known), made, name="summary")


def _rows(
    frame: pl.LazyFrame, known: pl.Schema, step: Summed, budget: Budget, wanted: Sequence[str]
) -> Iterator[pl.DataFrame]:
    yield Summing(known, step, wanted).rows(frame, budget)


class Words:
    """Numbers for the values of a column, in the order in which these come; null has none."""

    def __init__(self, dtype: pl.DataType) -> None:
        self._known = pl.DataFrame(schema={VALUE: dtype, WORD: pl.UInt32()})

    @property
    def values(self) -> pl.Series:
        """The values by number."""
        return self._known[VALUE]

    def code(self, values: pl.Series) -> pl.Series:
        """Values → their numbers; of equal ones in a row only the first is looked up.

        >>> words = Words(pl.String())
        >>> words.code(pl.Series(["a", "a", None, "b"])).to_list(), words.code(pl.Series(["b", "c"])).to_list()
        ([0, 0, None, 1], [1, 2])
        """
        if values.null_count() == len(values):
            return nothing(pl.UInt32(), len(values))
        runs = values.rle_id()
        heads = values.filter(runs.ne_missing(runs.shift(1))).alias(VALUE).to_frame()
        new = heads.drop_nulls().unique(maintain_order=True).join(self._known, on=VALUE, how="anti")
        self._known = self._known.vstack(new.with_row_index(WORD, self._known.height).select(VALUE, WORD))
        return heads.join(self._known, on=VALUE, how="left", maintain_order="left")[WORD].gather(runs)


class Summing:
    """One summary of sessions of rows of a schema."""

    def __init__(self, known: pl.Schema, step: Summed, wanted: Sequence[str]) -> None:
        sessions, summary = step.sessions, step.summary
        self._step = sessions
        self._schema = summary_schema(summary, known)
        self._names = [n for n in ROW_NAMES if n in known]
        self._keys = {f"{HIDDEN}key_{n}": name for n, name in enumerate(sessions.key_columns)}
        self._lists = {f"{HIDDEN}{name}": column for name, column in listed(summary).items() if name in wanted}
        self._words = {n: Words(known[column]) for n, column in self._lists.items()}
        self._levels, self._errors = "levels" in wanted, "first_error" in wanted
        flags = [(n, e) for n, e in ((START, sessions.start), (END, sessions.end)) if e is not None]
        self._exprs = [
            *(pl.col(column).alias(key) for key, column in self._keys.items()),
            pl.col(TIME),
            *(e.expr.fill_null(value=False).alias(n) for n, e in flags),
            *(pl.col(n) for n in self._names),
            *([pl.col("level").to_physical().alias(LEVEL)] if self._levels or self._errors else []),
            *(pl.col(column).alias(n) for n, column in self._lists.items()),
            *([pl.col("message")] if self._errors else []),
        ]

    def rows(self, frame: pl.LazyFrame, budget: Budget) -> pl.DataFrame:
        """One row a session, by ID; beyond the budget part after part of the keys is summed up."""
        narrow = frame.select(self._exprs)
        schema = pl.Schema({n: pl.UInt32() if n in self._words else t for n, t in narrow.collect_schema().items()})
        with Held(map(self._coded, batches(narrow)), schema, budget) as held:
            columns = [n for n in schema if n != "message"]
            began = [piece[TIME].min() for piece in held.pieces([TIME])]
            first = pl.Series(began, dtype=schema[TIME]).min()
            parts = self._parted(held, columns, budget) if held.spilled else iter([held.piece(0, columns)])
            return self._together(held, [self._sums(part, first) for part in parts])

    def _coded(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Values of lists as numbers, and messages of errors alone."""
        made = [words.code(rows[n]).alias(n) for n, words in self._words.items()]
        if self._errors and (rows[LEVEL] >= FAILED).any():
            made.append(rows.select(pl.when(pl.col(LEVEL) >= FAILED).then("message").alias("message")).to_series())
        elif self._errors:
            made.append(nothing(rows.schema["message"], rows.height).alias("message"))
        return rows.with_columns(made)

    def _parted(self, held: Held, columns: list[str], budget: Budget) -> Iterator[pl.DataFrame]:
        """Rows by the hash of their key."""
        parts = budget.parts(held.height, WIDTH)
        with Shuffle(held.piece(0, columns).schema, parts) as shuffled:
            for piece in held.pieces(columns):
                known = piece.drop_nulls([*self._keys])
                shuffled.write(known, pl.struct([*self._keys]).hash() % parts)
            for n in range(parts):
                yield shuffled.read(n)

    def _sums(self, rows: pl.DataFrame, began: object) -> dict[str, pl.DataFrame]:
        """Rows of whole keys → sessions by NUMBER, and the distinct values and the counts of levels of each."""
        bare = {
            n: t for n, t in rows.schema.items() if n in {*self._lists, LEVEL} and rows[n].null_count() == rows.height
        }
        found = cut(rows.drop(bare), [*self._keys], self._step, began)
        rows = found.rows.with_columns(pl.lit(None, t).alias(n) for n, t in bare.items())
        made = found.made
        # In a session entries without a time stand last.
        last = rows[TIME].forward_fill().gather(found.ends - 1)
        sums = made.select(
            ROW,
            TIME,
            pl.when(pl.col(TIME).is_not_null()).then(last).alias("end"),
            pl.col(END_REASON).alias("end_reason"),
            pl.col(TRUNCATED).alias("truncated"),
        )
        told = {"made": sums.hstack([(found.ends - found.begins).alias("entries")])}
        for name in self._lists:
            told[name] = rows.select(NUMBER, name).drop_nulls().unique()
        if self._levels:
            told[LEVEL] = rows.select(NUMBER, LEVEL).drop_nulls().group_by(NUMBER, LEVEL).len()
        if self._errors:
            failed = rows.filter(pl.col(LEVEL) >= FAILED).select(NUMBER, ROW)
            told["message"] = failed.unique(NUMBER, keep="first", maintain_order=True)
        return told

    def _together(self, held: Held, parts: list[dict[str, pl.DataFrame]]) -> pl.DataFrame:
        """Sessions of all parts, by ID."""
        heights = [part["made"].height for part in parts]
        before = [sum(heights[:n]) for n in range(len(parts))]
        found = {
            name: pl.concat(
                part[name] if name == "made" else part[name].with_columns(pl.col(NUMBER) + start)
                for part, start in zip(parts, before, strict=True)
            )
            for name in parts[0]
        }
        made = found["made"]
        names = held.take(made[ROW], [*self._names, *self._keys])
        made = numbered(made, names.select(self._names)).rename({TIME: "start"})
        made = made.hstack(names.select(pl.col(k).alias(n) for k, n in self._keys.items()).get_columns())
        made = made.hstack([self._values(name, found[name], made.height) for name in self._lists])
        if self._levels:
            made = made.hstack(_counts(found[LEVEL], made.height))
        if self._errors:
            errors = found["message"]
            texts = held.take(errors[ROW], ["message"])["message"]
            firsts = nothing(texts.dtype, made.height).scatter(errors[NUMBER], texts)
            made = made.hstack([firsts.alias("first_error")])
        return in_shape(made.sort(ID), self._schema)

    def _values(self, name: str, pairs: pl.DataFrame, sessions: int) -> pl.Series:
        """Sessions with values that are numbers → for each the list of its values, sorted."""
        values = self._words[name].values
        order = values.arg_sort()
        rank = order.arg_sort()
        many = max(len(values), 1)
        packed = pairs.select(pl.col(NUMBER) * many + rank.gather(pairs[name])).to_series().sort()
        shown = values.gather(order).gather(packed % many)
        lists = pl.DataFrame([(packed // many).alias(NUMBER), shown]).group_by(NUMBER, maintain_order=True)
        every = pl.int_range(sessions, dtype=pl.Int64, eager=True).alias(NUMBER).to_frame()
        made = every.join(lists.agg(VALUE), on=NUMBER, how="left", maintain_order="left")
        return made.select(pl.col(VALUE).fill_null([])).to_series().alias(name.removeprefix(HIDDEN))


def _counts(counts: pl.DataFrame, sessions: int) -> list[pl.Series]:
    """Entries by session and level → a column for each level."""
    none = pl.repeat(0, sessions, dtype=pl.Int64, eager=True)
    made = []
    for n, level in enumerate(LEVELS):
        own = counts.filter(pl.col(LEVEL) == n)
        made.append(none.clone().scatter(own[NUMBER], own["len"].cast(pl.Int64)).alias(f"level_{level}"))
    return made


def nothing(dtype: PolarsDataType, height: int) -> pl.Series:
    """Return a column of nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, height)

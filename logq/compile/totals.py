"""Sessions summed up: what a summary tells of each, and sums of rows that come in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.cuts import END_REASON, TRUNCATED
from logq.compile.order import REASONS, ROW_NAMES
from logq.compile.sessions import ID
from logq.schema import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.plan import SessionSummary

__all__ = ["FAILED", "Totals", "in_shape", "listed", "summary_schema"]

TIME: Final = "timestamp"
FAILED: Final = LEVELS.index("ERROR")
"""Least level that counts as an error, as the number of its word."""


def listed(step: SessionSummary) -> dict[str, str]:
    """Columns that are lists of distinct values → the columns of these."""
    lists = {"hosts": "host", "sources": "source", **({"services": step.service} if step.service else {})}
    return lists | ({key: key for key in step.keys} if step.linked else {})


def summary_schema(step: SessionSummary, known: pl.Schema) -> pl.Schema:
    """Columns of a summary of rows that have those of `known`."""
    lists = listed(step)
    return pl.Schema(
        {
            ID: pl.Int64(),
            **{key: pl.List(known[key]) if step.linked else known[key] for key in step.keys},
            "start": known[TIME],
            "end": known[TIME],
            "duration": pl.Duration("us"),
            "entries": pl.Int64(),
            **{name: pl.List(known.get(lists.get(name, ""), pl.String())) for name in ("hosts", "sources", "services")},
            "levels": pl.Struct({name: pl.Int64() for name in LEVELS}),
            "first_error": known["message"],
            "end_reason": REASONS,
            "truncated": pl.Boolean(),
        }
    )


def in_shape(made: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Sessions with what was wanted of them, levels apart → a summary, null where nothing was wanted."""
    counts = [pl.col(f"level_{n}").alias(n) for n in LEVELS if f"level_{n}" in made.columns]
    made = made.with_columns(
        (pl.col("end") - pl.col("start")).alias("duration"), *([pl.struct(counts).alias("levels")] if counts else [])
    )
    nothing = [pl.lit(None, t).alias(n) for n, t in schema.items() if n not in made.columns]
    return made.with_columns(nothing).select(pl.col(n).cast(t) for n, t in schema.items())


class Totals:
    """Sums up sessions of rows that come in any order; memory follows the sessions."""

    def __init__(self, step: SessionSummary, known: pl.Schema, wanted: Sequence[str] | None = None) -> None:
        names = [n for n in ROW_NAMES if n in known]
        self._schema = summary_schema(step, known)
        kept = {} if step.linked else {key: known[key] for key in step.keys}
        asked = [*self._schema] if wanted is None else wanted
        self._lists = {name: column for name, column in listed(step).items() if name in asked}
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
        return in_shape(made, self._schema)

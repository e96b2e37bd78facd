"""Tables as rows of entries: canonical columns in their types, in the order of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from logq.compile import Stages
from logq.compile.stream import FILE, LINE_NUMBER, by_row_names
from logq.compile.surround import SET
from logq.errors import BuildError
from logq.read.dataset import Dataset
from logq.run.block import Work
from logq.run.prepared import NAMES, Prepared, check, shown
from logq.schema import CANONICAL, SEVERITY_OF, level_of_severity

if TYPE_CHECKING:
    from logq.plan import Plan

__all__ = ["as_entries", "prepare_table"]


def as_entries(table: pl.LazyFrame) -> pl.LazyFrame:
    """Any table → the same with every canonical column, null where it has none, and each in its type.

    A time without a zone is UTC; a `level` that is text is read as the words of severities are.

    >>> rows = as_entries(pl.LazyFrame({"level": ["warning"], "n": [1]})).collect()
    >>> rows.select("level", "severity", "timestamp", "n").rows()
    [('WARN', 13, None, 1)]

    Raises
    ------
    BuildError
        A `timestamp` that is no time, or another canonical column in a type that cannot be its own.
    """
    known = table.collect_schema()
    made = {name: _canonical(name, dtype, known) for name, dtype in CANONICAL.items()}
    return table.select(*(e.alias(n) for n, e in made.items()), *(n for n in known if n not in CANONICAL))


def _canonical(name: str, dtype: pl.DataType, known: pl.Schema) -> pl.Expr:
    """One canonical column of a table."""
    had = known.get(name)
    words = known.get("level") == pl.String
    if name == "severity" and had is None and words:
        return _severity()
    if name == "level" and words:
        return level_of_severity(_severity())
    if had is None:
        return pl.lit(None, dtype)
    if name == "timestamp":
        return _time(had)
    if had == dtype or (had.is_integer() and dtype.is_integer()) or dtype == pl.String or had == pl.Null:
        return pl.col(name).cast(dtype)
    msg = (
        f"from_polars: column {name!r} is {had}; as a canonical column it is {dtype}. Cast it, or give it another name"
    )
    raise BuildError(msg)


def _severity() -> pl.Expr:
    word = pl.col("level").str.strip_chars().str.to_lowercase()
    return word.replace_strict(dict(SEVERITY_OF), default=None, return_dtype=pl.UInt8)


def _time(had: pl.DataType) -> pl.Expr:
    time = pl.col("timestamp")
    if had in (pl.Date, pl.Null):
        return time.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(had, pl.Datetime):
        exact = time.dt.cast_time_unit("us")
        return exact.dt.replace_time_zone("UTC") if had.time_zone is None else exact.dt.convert_time_zone("UTC")
    msg = f"from_polars: column 'timestamp' is {had}, no time; make it one, as in pl.from_epoch('timestamp', 's')"
    raise BuildError(msg)


def prepare_table(plan: Plan, table: pl.LazyFrame) -> Prepared:
    """Make ready a plan on a table: every step runs on the stream of its rows."""
    rows = as_entries(table)
    schema = rows.collect_schema()
    named = any(map(by_row_names, plan.steps))
    if named:
        place = [pl.lit(0, pl.Int64).alias(SET), pl.lit(0, pl.Int64).alias(FILE)]
        rows = rows.with_row_index(LINE_NUMBER).with_columns(pl.col(LINE_NUMBER).cast(pl.Int64) + 1, *place)
    streamed = pl.Schema({**schema, **NAMES}) if named else schema
    stages = Stages((), None, (), plan.steps)
    work = Work(stages=stages, schema=schema, clauses=(), tz="UTC", named=named)
    final = check(plan.steps, streamed)
    return Prepared(plan, Dataset((), schema), stages, work, streamed, shown(final), (), rows)

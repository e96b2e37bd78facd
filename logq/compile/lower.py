"""Plan steps → Polars: each step knows its one translation."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Final

import polars as pl
from polars import selectors as cs

from logq.errors import ColumnNotFoundError
from logq.formats.base import distinct
from logq.plan import (
    HIDDEN,
    Aggregate,
    Drop,
    Extract,
    Filter,
    Head,
    Rename,
    Scope,
    Select,
    Sort,
    Step,
    Tail,
    Unique,
    WithColumns,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logq.plan import Expression

__all__ = ["apply", "check_tests", "lower"]

ROW_NAMES: Final = cs.starts_with(HIDDEN)


def apply(steps: Sequence[Step], frame: pl.LazyFrame) -> pl.LazyFrame:
    """Lower `steps` in order onto `frame`.

    >>> import polars as pl
    >>> from logq.plan import Head
    >>> apply([Head(n=1)], pl.LazyFrame({"a": [1, 2]})).collect()["a"].to_list()
    [1]
    """
    for step in steps:
        frame = lower(step, frame)
    return frame


@singledispatch
def lower(step: Step, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Translate one step; a step without a translation is a defect of logq.

    >>> from logq.plan import Rename
    >>> lower(Rename(mapping={"a": "b"}), pl.LazyFrame({"a": [1]})).collect().columns
    ['b']
    """
    msg = f"{type(step).__name__} has no lowering for {type(frame).__name__}"
    raise TypeError(msg)


@lower.register(Filter)
@lower.register(Scope)
def _(step: Filter | Scope, frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.filter(*(p.expr for p in step.predicates))


@lower.register
def _(step: Select, frame: pl.LazyFrame) -> pl.LazyFrame:
    exprs = [e.expr for e in step.exprs]
    return frame.select(*exprs, ROW_NAMES) if step.rowwise else frame.select(*exprs)


@lower.register
def _(step: WithColumns, frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.with_columns(e.expr for e in step.exprs)


@lower.register
def _(step: Extract, frame: pl.LazyFrame) -> pl.LazyFrame:
    pattern, named = distinct(step.pattern)
    groups = pl.col(step.column).str.extract_groups(pattern)
    return frame.with_columns(
        pl.coalesce(groups.struct.field(group) for group in named[name]).alias(name) for name in step.groups
    )


@lower.register
def _(step: Drop, frame: pl.LazyFrame) -> pl.LazyFrame:
    _check_names(step.columns, frame)
    return frame.drop(step.columns)


@lower.register
def _(step: Rename, frame: pl.LazyFrame) -> pl.LazyFrame:
    _check_names(step.mapping, frame)
    return frame.rename(step.mapping)


@lower.register
def _(step: Sort, frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.sort([e.expr for e in step.by], descending=list(step.descending), nulls_last=True, maintain_order=True)


@lower.register
def _(step: Head, frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.head(step.n)


@lower.register
def _(step: Tail, frame: pl.LazyFrame) -> pl.LazyFrame:
    return frame.tail(step.n)


@lower.register
def _(step: Unique, frame: pl.LazyFrame) -> pl.LazyFrame:
    subset = cs.all() - ROW_NAMES if step.subset is None else list(step.subset)
    return frame.unique(subset, keep=step.keep, maintain_order=True)


@lower.register
def _(step: Aggregate, frame: pl.LazyFrame) -> pl.LazyFrame:
    aggregates = [e.expr for e in step.aggregates]
    if not step.keys:
        return frame.select(aggregates)
    keys = [e.expr for e in step.keys]
    columns = len(frame.select(keys).collect_schema())
    return frame.group_by(keys).agg(aggregates).sort(*(pl.nth(i) for i in range(columns)), nulls_last=True)


def check_tests(tests: Iterable[Expression], frame: pl.LazyFrame) -> None:
    """Have Polars refuse, on no rows at all, conditions that a frame's types do not fit: there may be none to fail on.

    Raises
    ------
    polars.exceptions.PolarsError
        As it would on rows.
    """
    asked = [pl.when(test.expr).then(n).alias(f"{n}") for n, test in enumerate(tests)]
    pl.LazyFrame(schema=frame.collect_schema()).select(asked).collect(engine="in-memory")


def _check_names(names: Iterable[str], frame: pl.LazyFrame) -> None:
    """Raise for a name the frame lacks; Polars' own message names neither the column nor the nearest in a fixed way."""
    known = [name for name in frame.collect_schema() if not name.startswith(HIDDEN)]
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise ColumnNotFoundError(unknown, known)

"""Steps on the stream of all rows, contexts among them: there the whole universe is at hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile import (
    of_sessions,  # noqa: F401 (it registers its lowering)
    patterns,  # noqa: F401 (it registers its lowering)
    redact,  # noqa: F401 (it registers its lowering)
    repair,  # noqa: F401 (it registers its lowering)
    sequence,  # noqa: F401 (it registers its lowering)
    sessions,  # noqa: F401 (it registers its lowering)
)
from logq.compile.lower import lower
from logq.compile.surround import DISTANCE, GROUP, KEY, MATCH, ORDINAL, RANK, SET, TIME, Groups, nearest, ordinals
from logq.compile.together import together
from logq.errors import ColumnNotFoundError
from logq.plan import (
    CONTEXT_COLUMNS,
    HIDDEN,
    Context,
    EventSequence,
    Filter,
    Having,
    RepairTime,
    RowPattern,
    Scope,
    SessionLinks,
    Sessions,
    SessionSummary,
    Timeline,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.plan import Step

__all__ = ["FILE", "LINE_NUMBER", "apply_rest", "by_row_names", "key_of", "with_context_columns"]

FILE: Final = f"{HIDDEN}file"
LINE_NUMBER: Final = f"{HIDDEN}number"
"""Line of the entry in its file, from 1 (Int64); with FILE and SET it names a row."""


def apply_rest(steps: Sequence[Step], frame: pl.LazyFrame) -> pl.LazyFrame:
    """Lower `steps` in order; a filter ahead of a context or a repair only marks rows.

    Frames on which a context is to run have SET, FILE and LINE_NUMBER.

    Raises
    ------
    ColumnNotFoundError
        The frame lacks a column that a context goes by.

    >>> import polars as pl
    >>> from logq.plan import Head
    >>> apply_rest([Head(n=1)], pl.LazyFrame({"a": [1, 2]})).collect()["a"].to_list()
    [1]
    """
    steps = together(steps)
    for position, step in enumerate(steps):
        if isinstance(step, Context):
            frame = _surrounded(step, frame, universe=_masked(steps, position + 1))
        elif isinstance(step, Filter) and _masked(steps, position + 1):
            marks = pl.all_horizontal(p.expr for p in step.predicates).fill_null(value=False)
            known = MATCH in frame.collect_schema()
            frame = frame.with_columns((pl.col(MATCH) & marks if known else marks).alias(MATCH))
        elif isinstance(step, RepairTime):
            frame = lower(step, frame)
            if MATCH in frame.collect_schema() and not _masked(steps, position + 1):
                frame = frame.filter(MATCH).drop(MATCH)
        else:
            frame = lower(step, frame)
    return frame


def by_row_names(step: Step) -> bool:
    """Whether a step on the stream goes by the hidden names of rows: by the order in files, or in time.

    >>> from logq.plan import Head
    >>> by_row_names(Context(before=1)), by_row_names(Head(n=1))
    (True, False)
    """
    return isinstance(
        step,
        Context
        | RepairTime
        | Sessions
        | SessionSummary
        | SessionLinks
        | Timeline
        | Having
        | EventSequence
        | RowPattern,
    )


def key_of(columns: Sequence[str]) -> pl.Expr:
    """One String for the values of several columns, "" for none; nulls are a value like any other.

    Each value stands behind its length, so that no two tuples of values give the same text.
    """
    texts = [pl.col(c).cast(pl.String) for c in columns]
    parts = [pl.concat_str(t.str.len_bytes(), pl.lit(":"), t).fill_null("-") for t in texts]
    return pl.concat_str(parts) if parts else pl.repeat("", pl.len())


def with_context_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the context's columns their public names."""
    return frame.with_columns(
        (pl.col(DISTANCE) == 0).alias("is_match"),
        pl.col(GROUP).alias("context_group"),
        pl.col(DISTANCE).alias("context_distance"),
    )


def _masked(steps: Sequence[Step], position: int) -> bool:
    """Whether a step that sees the universe follows before one that makes a new one."""
    for step in steps[position:]:
        if isinstance(step, Context | RepairTime):
            return True
        if not (step.rowwise or isinstance(step, Filter | Scope)):
            return False
    return False


def _surrounded(step: Context, frame: pl.LazyFrame, *, universe: bool) -> pl.LazyFrame:
    schema = {n: t for n, t in frame.collect_schema().items() if n != MATCH}
    for name in (*step.by, *(["timestamp"] if step.span is not None else [])):
        if name not in schema:
            raise ColumnNotFoundError(name, [n for n in schema if not n.startswith(HIDDEN)])
    schema |= CONTEXT_COLUMNS | ({MATCH: pl.Boolean()} if universe else {})
    return frame.map_batches(partial(_surround, step=step, universe=universe, columns=tuple(schema)), schema=schema)


def _surround(frame: pl.DataFrame, *, step: Context, universe: bool, columns: tuple[str, ...]) -> pl.DataFrame:
    frame = frame.with_columns(pl.lit(value=True).alias(MATCH)) if MATCH not in frame.columns else frame
    frame = frame.drop(CONTEXT_COLUMNS, strict=False).sort(SET, FILE, LINE_NUMBER)
    ranked, _ = ordinals(
        frame.with_columns(
            pl.int_range(pl.len(), dtype=pl.Int64).over(SET).alias(ORDINAL),
            pl.concat_str(pl.col(SET).cast(pl.String), key_of(step.by), separator="\x1e").alias(KEY),
            *([pl.col("timestamp").alias(TIME)] if step.span is not None else []),
        ),
        pl.DataFrame(schema={KEY: pl.String, RANK: pl.Int64}),
    )
    known = [KEY, RANK, *([TIME] if step.span is not None else [])]
    kept = nearest(ranked, ranked.filter(MATCH).select(known), before=step.before, after=step.after, span=step.span)
    rows = with_context_columns(Groups().number(kept))
    if not universe:
        return rows.select(columns)
    place = [SET, FILE, LINE_NUMBER]
    marks = rows.select(*place, *CONTEXT_COLUMNS, pl.lit(value=True).alias(MATCH))
    joined = frame.drop(MATCH).join(marks, on=place, how="left", maintain_order="left")
    return joined.with_columns(pl.col(MATCH).fill_null(value=False)).select(columns)

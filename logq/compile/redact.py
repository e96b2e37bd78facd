"""Texts blotted out of columns of any type, and out of what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.lower import lower
from logq.plan import HIDDEN, Redact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polars._typing import PolarsDataType

    from logq.plan import Step

__all__ = ["redacted"]

OURS: Final = ("line", "severity", "level", "time_quality")
"""Numbers and words that are no data of an entry."""


@lower.register
def _(step: Redact, frame: pl.LazyFrame) -> pl.LazyFrame:
    made = {
        name: _clean(pl.col(name), dtype, step)
        for name, dtype in frame.collect_schema().items()
        if not name.startswith(HIDDEN) and name not in OURS
    }
    return frame.with_columns(expr.alias(name) for name, expr in made.items() if expr is not None)


def redacted(text: str, steps: Iterable[Step]) -> str:
    """What is said of data (an error, say), with the texts blotted out that `steps` blot out of the data.

    >>> redacted("cannot read 'bob@example.org'", [Redact(patterns=("[a-z]+@[a-z.]+",))])
    "cannot read '[redacted]'"
    """
    said = pl.Series([text])
    for step in steps:
        if isinstance(step, Redact):
            said = pl.select(_blotted(pl.lit(said), step)).to_series()
    return str(said[0])


def _blotted(text: pl.Expr, step: Redact) -> pl.Expr:
    for pattern in step.patterns:
        text = text.str.replace_all(pattern, step.replacement.replace("$", "$$"))
    return text


def _clean(value: pl.Expr, dtype: PolarsDataType, step: Redact) -> pl.Expr | None:
    """Blot out of a value of any type; a number or word of an Enum that holds a match is null, bytes of no text are.

    None where there can be nothing.
    """
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Binary)):
        return _blotted(value.cast(pl.String, strict=False), step).cast(dtype)
    if isinstance(dtype, (pl.List, pl.Array)):
        inner = _clean(pl.element(), dtype.inner, step)
        within = value.list if isinstance(dtype, pl.List) else value.arr
        return None if inner is None else within.eval(inner)
    if isinstance(dtype, pl.Struct):
        parts = {f.name: _clean(value.struct.field(f.name), f.dtype, step) for f in dtype.fields}
        made = [e.alias(n) for n, e in parts.items() if e is not None]
        return pl.when(value.is_not_null()).then(value.struct.with_fields(made)) if made else None
    if dtype.is_numeric() or isinstance(dtype, pl.Enum):
        text = value.cast(pl.String)
        return pl.when(~pl.any_horizontal(text.str.contains(p) for p in step.patterns)).then(value)
    return None

"""Text → values of a field's type; what does not fit is null."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

__all__ = ["cast_text"]


def cast_text(name: str, dtype: PolarsDataType) -> pl.Expr:
    """Column `name` as `dtype`; a Boolean is written `true` or `false`, a nested value as JSON.

    >>> pl.DataFrame({"a": ["true", "yes"]}).select(cast_text("a", pl.Boolean()))["a"].to_list()
    [True, None]
    """
    text = pl.col(name)
    if dtype == pl.Boolean:
        return text.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if dtype.is_nested():
        return text.map_batches(lambda s: _nested(s, dtype), return_dtype=dtype)
    return text.cast(dtype, strict=False)


def _nested(values: pl.Series, dtype: PolarsDataType) -> pl.Series:
    """Decode nested values; those that begin unlike their type, or cannot be read as it, are null."""
    fits = values.str.starts_with("{" if dtype == pl.Struct else "[")
    text = pl.DataFrame({"fits": fits, "text": values}).select(pl.when("fits").then("text")).to_series()
    return _decoded(text, dtype).alias(values.name)


def _decoded(text: pl.Series, dtype: PolarsDataType) -> pl.Series:
    """Decode what can be: one value makes Polars refuse a column, so that is halved until the value is alone."""
    try:
        return text.str.json_decode(dtype)
    except pl.exceptions.ComputeError:
        if len(text) == 1:
            return pl.Series([None], dtype=dtype)
        half = len(text) // 2
        return pl.concat([_decoded(text.head(half), dtype), _decoded(text.tail(-half), dtype)])

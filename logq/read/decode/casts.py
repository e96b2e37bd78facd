"""Text → values of a field's type; what does not fit is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

__all__ = ["cast_text", "read_at"]

VALUE: Final = "value"


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
    wrapped = pl.DataFrame({"fits": fits, "text": values}).select(
        pl.when("fits").then(pl.concat_str(pl.lit(f'{{"{VALUE}":'), "text", pl.lit("}")))
    )
    return read_at(wrapped.to_series(), (VALUE,), dtype).alias(values.name)


def read_at(objects: pl.Series, path: tuple[str, ...], dtype: PolarsDataType) -> pl.Series:
    """JSON objects → the values at a path of keys; null where there is none, or one of another type.

    >>> read_at(pl.Series(['{"a":[1]}', None, '{"a":["x"]}']), ("a",), pl.List(pl.Int64())).to_list()
    [[1], None, None]
    """
    rows = objects.is_not_null().arg_true()
    for key in reversed(path[1:]):
        dtype = pl.Struct({key: dtype})
    # Line feeds in an object stand between its tokens.
    found = _read(objects.gather(rows).str.replace_all("\n", " ", literal=True), path[0], dtype)
    for key in path[1:]:
        found = found.struct.field(key)
    places = pl.Series([None], dtype=pl.UInt32).new_from_index(0, len(objects))
    return found.gather(places.scatter(rows, pl.int_range(len(rows), dtype=pl.UInt32, eager=True)))


def _read(objects: pl.Series, key: str, dtype: PolarsDataType) -> pl.Series:
    """Read what can be: one value makes Polars refuse a column, so that is halved until the value is alone."""
    if not len(objects):
        return pl.Series([], dtype=dtype)
    try:
        found = pl.read_ndjson(objects.str.join("\n").cast(pl.Binary).item(), schema={key: dtype}).to_series()
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        found = pl.Series([None], dtype=dtype)
    if len(found) == len(objects):
        return found
    half = len(objects) // 2
    return (
        pl.concat([_read(objects.head(half), key, dtype), _read(objects.tail(-half), key, dtype)])
        if half
        else found[:1]
    )

"""Values of maps as fields."""

from __future__ import annotations

import polars as pl

__all__ = ["value_of"]


def value_of(column: str, key: str) -> pl.Expr:
    """Text of one key of a map; null where there is none.

    >>> frame = pl.DataFrame({"m": [{"a": "1"}, {"a": ""}]}, schema={"m": pl.Map(pl.String(), pl.String())})
    >>> frame.select(value_of("m", "a")).to_series().to_list()
    ['1', None]
    """
    return pl.col(column).map.get(key).map_batches(_filled, return_dtype=pl.String(), is_elementwise=True)


def _filled(texts: pl.Series) -> pl.Series:
    empty = texts == ""
    return texts.set(empty, None) if empty.any() else texts

"""Values of maps as fields; texts that seldom need work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["value_of", "where"]


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


def where(literal: str, text: pl.Expr, work: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    """Texts, those that hold a literal after some work on them: what few need costs the others nothing.

    >>> frame = pl.DataFrame({"t": ["a b", "c"]})
    >>> frame.select(where(" ", pl.col("t"), lambda t: t.str.to_uppercase())).to_series().to_list()
    ['A B', 'c']
    """

    def worked(texts: pl.Series) -> pl.Series:
        rows = texts.str.contains(literal, literal=True).arg_true()
        return texts.scatter(rows, work(texts.gather(rows))) if len(rows) else texts

    return text.map_batches(worked, return_dtype=pl.String(), is_elementwise=True)

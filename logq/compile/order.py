"""Time order: by timestamp, then row order; input order where rows have no names. Nulls last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.plan import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CODE", "PLACE", "ROW", "ROW_NAMES", "by_key", "in_time_order"]

ROW_NAMES: Final = tuple(f"{HIDDEN}{name}" for name in ("set", "file", "number"))
"""Columns that name a row in row order: rotation set, file, line."""

ROW: Final = f"{HIDDEN}row"
"""Position of the row in the frame (UInt32)."""

PLACE: Final = f"{HIDDEN}place"
"""Position of the row in time order (UInt32)."""

CODE: Final = f"{HIDDEN}code"
"""A number for the key of the row, the place of the key's first row; null if part of the key is."""


def in_time_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `timestamp` → the same in time order, with PLACE; what is in order already is not sorted.

    >>> in_time_order(pl.DataFrame({"timestamp": [2, None, 1]})).rows()
    [(1, 0), (2, 1), (None, 2)]
    """
    names = [n for n in ROW_NAMES if n in rows.columns]
    if names or not rows["timestamp"].is_sorted(nulls_last=True):
        rows = rows.sort("timestamp", *names, nulls_last=True, maintain_order=True)
    return rows.with_row_index(PLACE).select(pl.exclude(PLACE), PLACE)


def by_key(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows in time order → those whose key has no null, key by key in time order, with CODE.

    >>> by_key(pl.DataFrame({"k": ["b", "a", None, "b"], PLACE: [0, 1, 2, 3]}), ["k"]).rows()
    [('b', 0, 0), ('b', 3, 0), ('a', 1, 1)]
    """
    known = rows.filter(pl.all_horizontal(pl.col(k).is_not_null() for k in keys)) if keys else rows
    first = pl.col(PLACE).min().over(keys) if keys else pl.lit(0, pl.UInt32)
    return known.with_columns(first.alias(CODE)).sort(CODE, maintain_order=True)

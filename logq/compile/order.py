"""Time order: by timestamp, then row order; input order where rows have no names. Nulls last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.plan import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CODE", "PLACE", "REASONS", "ROW", "ROW_NAMES", "by_key", "by_key_in_time", "in_time_order"]

ROW_NAMES: Final = tuple(f"{HIDDEN}{name}" for name in ("set", "file", "number"))
"""Columns that name a row in row order: rotation set, file, line."""

REASONS: Final = pl.Enum(("gap", "span", "start_match", "end_match", "max_entries", "end_of_data"))
"""Why a session ended."""

ROW: Final = f"{HIDDEN}row"
"""Position of the row in the frame."""

PLACE: Final = f"{HIDDEN}place"
"""Position of the row in time order (UInt32)."""

CODE: Final = f"{HIDDEN}code"
"""A number for the key of the row; null if part of the key is."""

WIDE: Final = 1 << 31
"""Keys and positions below it go into one integer together."""


def in_time_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `timestamp` → the same in time order, without row names and with PLACE; no sort where none is needed.

    >>> in_time_order(pl.DataFrame({"timestamp": [2, None, 1]})).rows()
    [(1, 0), (2, 1), (None, 2)]
    """
    names = [n for n in ROW_NAMES if n in rows.columns]
    rows = rows.rechunk()  # rows are fetched many times slower from many chunks
    if names and not _in_row_order(rows, names):
        rows = rows.sort("timestamp", *names, nulls_last=True, maintain_order=True)
    elif not rows["timestamp"].is_sorted(nulls_last=True):
        rows = rows.sort("timestamp", nulls_last=True, maintain_order=True)
    return rows.drop(names).with_row_index(PLACE).select(pl.exclude(PLACE), PLACE)


def _in_row_order(rows: pl.DataFrame, names: list[str]) -> bool:
    """Whether rows stand in the order of their names, compared each with the one before."""
    names = [n for n in names if rows[n].min() != rows[n].max()]
    if not names[1:]:
        return not names or rows[names[0]].is_sorted()
    later = pl.lit(value=False)
    for name in reversed(names):
        step = pl.col(name).diff()
        later = (step > 0) | ((step == 0) & later)
    return bool(rows.select(later.fill_null(value=True).all()).item())


def by_key(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows in time order → those whose key has no null, key by key in time order, with CODE.

    Key and position are sorted as one integer, which is several times faster than a stable sort.

    >>> by_key(pl.DataFrame({"k": ["b", "a", None, "b"], PLACE: [0, 1, 2, 3]}), ["k"]).rows()
    [('b', 0, 0), ('b', 3, 0), ('a', 1, 1)]
    """
    known = rows.filter(pl.all_horizontal(pl.col(k).is_not_null() for k in keys)) if keys else rows
    coded = known.hstack([_code(known, keys)])
    if not keys:
        return coded
    packed = coded.select((pl.col(CODE).cast(pl.Int64) * WIDE + pl.int_range(pl.len(), dtype=pl.Int64)).sort())
    return coded[(packed.to_series() % WIDE).cast(pl.UInt32)]


def by_key_in_time(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows with `timestamp` in any order → those whose key has no null, key by key in time order, with CODE for `keys`.

    Key, time and position are sorted as one integer of 128 bits, which takes no longer than one of 64.

    >>> by_key_in_time(pl.DataFrame({"k": ["b", "a", None, "b"], "timestamp": [2, None, 1, 1]}), ["k"]).rows()
    [(1, 0), (2, 0), (None, 1)]
    """
    names = [n for n in ROW_NAMES if n in rows.columns]
    rows = rows.rechunk()
    if names and not _in_row_order(rows, names):
        rows = rows.sort(names, maintain_order=True)
    known = rows.drop(names).drop_nulls(keys)
    coded = known.drop(keys).hstack([_code(known, keys)])
    wide, time = pl.Int128(), pl.col("timestamp").to_physical()
    least, most = coded.select(time.min().alias("least"), time.max().alias("most")).row(0)
    last = 0 if least is None else most - least + 1
    since = (time.cast(wide) - (least or 0)).fill_null(last)
    times, places = 1 << last.bit_length(), 1 << coded.height.bit_length()
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    packed = coded.select(((pl.col(CODE).cast(wide) * times + since) * places + at.cast(wide)).sort().alias(PLACE))
    return coded[packed.select((pl.col(PLACE) % places).cast(pl.UInt32)).to_series()]


def _code(rows: pl.DataFrame, keys: Sequence[str]) -> pl.Series:
    """Number of each key: a whole number counted from the least, anything else by where it first stands."""
    if not keys:
        return pl.repeat(0, rows.height, dtype=pl.UInt32, eager=True).alias(CODE)
    key = rows[keys[0]]
    if len(keys) == 1 and key.dtype.is_integer() and len(key):
        least, most = int(key.min() or 0), int(key.max() or 0)  # type: ignore[arg-type]
        if most - least < WIDE:
            # Below 0 a narrow type has no room for the difference; Int64 is beyond what UInt64 holds.
            number = pl.col(keys[0]) if least >= 0 else pl.col(keys[0]).cast(pl.Int128)
            code = (number - pl.lit(least, key.dtype if least >= 0 else pl.Int128)).cast(pl.UInt32)
            return rows.select(code.alias(CODE)).to_series()
    return rows.select(keys).with_row_index(CODE).select(pl.col(CODE).first().over(keys)).to_series()

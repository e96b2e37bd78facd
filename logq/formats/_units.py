"""Numbers of other units as seconds."""

from __future__ import annotations

import polars as pl

__all__ = ["seconds"]


def seconds(name: str, *, per_second: int = 1000) -> pl.Expr:
    """Column `name`, text of a number of milliseconds (or other parts of a second) → seconds; null → null.

    >>> pl.DataFrame({"ms": ["1500", None]}).select(seconds("ms"))["ms"].to_list()
    [1.5, None]
    """
    return pl.col(name).cast(pl.Float64, strict=False) / per_second

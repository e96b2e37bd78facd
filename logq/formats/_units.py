"""Numbers of other units as seconds."""

from __future__ import annotations

import polars as pl

__all__ = ["seconds"]


def seconds(name: str, *, per_second: int = 1000) -> pl.Expr:
    """Column `name`, text of a number of milliseconds (or other parts of a second) → seconds; null → null.

    >>> pl.DataFrame({"ms": ["1500", None]}).select(seconds("ms"))["ms"].to_list()
    [1.5, None]
    >>> pl.DataFrame({"ms": ["13"]}).select(seconds("ms"))["ms"].item()
    0.013
    """
    # The text with an exponent, rounded once: a quotient would be the product with the reciprocal, 13 ms 0.013000000000000001.
    return (pl.col(name) + f"e-{len(str(per_second)) - 1}").cast(pl.Float64, strict=False)

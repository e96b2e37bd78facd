"""Missing times filled from the entry before: on frames that follow one another, or on the stream of all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.lower import lower
from logq.errors import ColumnNotFoundError
from logq.plan import HIDDEN, RepairTime
from logq.schema import TIME_QUALITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

__all__ = ["carried"]

TIME: Final = "timestamp"


def carried(filled: pl.Expr, known: Mapping[str, PolarsDataType]) -> list[pl.Expr]:
    """Expressions for the time as `filled`, and for its quality where a column says it.

    >>> frame = pl.DataFrame({"timestamp": [1, None], "time_quality": ["exact", "missing"]})
    >>> frame.select(carried(pl.col("timestamp").forward_fill(), frame.schema)).rows()
    [(1, 'exact'), (1, 'carried')]
    """
    gained = pl.col("timestamp").is_null() & filled.is_not_null()
    marked = pl.when(gained).then(pl.lit("carried", TIME_QUALITY)).otherwise(pl.col("time_quality").cast(TIME_QUALITY))
    return [filled.alias("timestamp"), *([marked.alias("time_quality")] if "time_quality" in known else [])]


@lower.register
def _(_: RepairTime, frame: pl.LazyFrame) -> pl.LazyFrame:
    known = frame.collect_schema()
    if TIME not in known:
        raise ColumnNotFoundError(TIME, [n for n in known if not n.startswith(HIDDEN)])
    filled = pl.col("timestamp").forward_fill().over(f"{HIDDEN}file", order_by=f"{HIDDEN}number")
    return frame.with_columns(carried(filled, known))

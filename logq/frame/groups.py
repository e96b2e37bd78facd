"""Grouped aggregation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logq.frame.base import Base
from logq.plan import Aggregate, expressions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logq.frame import LogFrame
    from logq.plan import Expression, IntoExpression

__all__ = ["GroupBy", "Groups"]


class Groups(Base):
    """group_by."""

    def group_by(self, *keys: IntoExpression | Iterable[IntoExpression], **named: IntoExpression) -> GroupBy:
        """Group rows by the values of keys; nulls form a group.

        >>> import logq as lq, polars as pl
        >>> lq.scan(b"a\\nb\\na").group_by("raw").agg(pl.len()).collect().rows()
        [('a', 2), ('b', 1)]
        """
        return GroupBy(self, expressions(keys, named))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class GroupBy:
    """Groups waiting for their aggregates."""

    _frame: LogFrame
    _keys: tuple[Expression, ...]

    def agg(self, *aggregates: IntoExpression | Iterable[IntoExpression], **named: IntoExpression) -> LogFrame:
        """Aggregate each group: one row per group, ordered by the keys, nulls last.

        >>> import logq as lq, polars as pl
        >>> log = b'{"s":"x","n":1}\\n{"s":"y","n":2}\\n{"s":"x","n":5}'
        >>> lq.scan(log).group_by("s").agg(total=pl.col("n").sum()).collect().rows()
        [('x', 6), ('y', 2)]
        """
        return self._frame._then(Aggregate(keys=self._keys, aggregates=expressions(aggregates, named)))  # noqa: SLF001 (one package)

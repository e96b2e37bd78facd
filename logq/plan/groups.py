"""Grouped aggregation."""

from __future__ import annotations

from logq.errors import BuildError
from logq.plan.base import Step, Wanted
from logq.plan.columns import roots_of
from logq.plan.expressions import Expression

__all__ = ["Aggregate"]


class Aggregate(Step, frozen=True, tag="aggregate", kw_only=True):
    """One row per value of the keys, ordered by them."""

    keys: tuple[Expression, ...]
    aggregates: tuple[Expression, ...]

    def __post_init__(self) -> None:
        if not self.keys and not self.aggregates:
            msg = "an aggregation needs a key or an aggregate"
            raise BuildError(msg)

    def describe(self) -> str:
        """Name keys and aggregates."""
        return f"group_by({', '.join(map(str, self.keys))}).agg({', '.join(map(str, self.aggregates))})"

    def required(self, wanted: Wanted) -> Wanted:  # noqa: ARG002 (the signature of Step)
        """What keys and aggregates read; `len` alone reads nothing, so any column will do."""
        return roots_of((*self.keys, *self.aggregates))

"""The step that surrounds matches with their neighbours."""

from __future__ import annotations

from typing import Final

import polars as pl

from logq.errors import BuildError
from logq.plan.base import Step, Wanted

__all__ = ["CONTEXT_COLUMNS", "Context"]

CONTEXT_COLUMNS: Final = {"is_match": pl.Boolean(), "context_group": pl.Int64(), "context_distance": pl.Int64()}


class Context(Step, frozen=True, tag="context", kw_only=True):
    """Every match with up to `before` entries ahead of it and `after` behind, or all within `span` µs.

    With `by`, only entries of the same values count as neighbours.
    """

    before: int = 0
    after: int = 0
    by: tuple[str, ...] = ()
    span: int | None = None

    def __post_init__(self) -> None:
        if min(self.before, self.after, self.span or 0) < 0:
            msg = f"context({self.before}, {self.after}, span={self.span}): sizes are not negative"
            raise BuildError(msg)
        if self.span is not None and (self.before or self.after):
            msg = "context takes a number of entries or a span of time, not both"
            raise BuildError(msg)

    def describe(self) -> str:
        """Say how much and of what."""
        size = f"span={self.span}us" if self.span is not None else f"before={self.before}, after={self.after}"
        return f"context({size}{', by=' + ', '.join(self.by) if self.by else ''})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted beyond its own columns, the keys, and the time where a span needs it."""
        if wanted is None:
            return None
        clock = {"timestamp"} if self.span is not None else set()
        return (wanted - CONTEXT_COLUMNS.keys()) | set(self.by) | clock

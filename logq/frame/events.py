"""Methods about entries and what surrounds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from logq.errors import BuildError
from logq.frame.base import Base
from logq.plan import (
    Aggregate,
    Context,
    EventSequence,
    Filter,
    Having,
    RowPattern,
    Select,
    Sessions,
    SessionSummary,
    Timeline,
)
from logq.plan.rows import Head, Sort, Tail, Unique
from logq.time import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logq.plan import Step
    from logq.time import IntoDuration

__all__ = ["Events"]


class Events(Base):
    """context."""

    def context(
        self,
        n: int | None = None,
        *,
        before: int | None = None,
        after: int | None = None,
        by: str | Iterable[str] = (),
        span: IntoDuration | None = None,
    ) -> Self:
        """Surround every match with its neighbours in the same file, from everything scanned.

        Parameters
        ----------
        n
            Entries on either side; `before` and `after` override it for their side.
        by
            Count only entries with the same values of these columns (a thread, a process).
        span
            Neighbours by time instead: entries at most this far from a match.

        Returns
        -------
        The matches and their neighbours, each once, in row order, with `is_match` (Boolean),
        `context_group` (Int64, runs of adjacent entries from 0) and `context_distance` (Int64, entries
        to the nearest match, negative ahead of it; a tie goes to the earlier match). A rotation set
        counts as one file.

        Raises
        ------
        BuildError
            Negative or contradictory sizes; rows that no longer stand for entries (aggregates); an
            expression that is not row-wise between a filter and the context.

        >>> import logq as lq
        >>> lq.scan(b"a\\nb\\nc\\nd").grep("c").context(1).select("raw", "context_distance").collect().rows()
        [('b', -1), ('c', 0), ('d', 1)]
        """
        if n is None and before is None and after is None and span is None:
            msg = "context needs a number of entries, as in context(3), or span="
            raise BuildError(msg)
        _check_rows(self._plan.steps)
        keys = (by,) if isinstance(by, str) else tuple(by)
        length = None if span is None else microseconds(span)
        step = Context(
            before=before if before is not None else n or 0,
            after=after if after is not None else n or 0,
            by=keys,
            span=length,
        )
        return self._then(step)


def _check_rows(steps: Sequence[Step]) -> None:
    """Refuse a context where it could not find the neighbours of a match."""
    filtered = False
    for step in steps:
        if isinstance(step, Aggregate | SessionSummary | EventSequence | RowPattern) or (
            isinstance(step, Select) and not step.rowwise
        ):
            msg = f"context needs entries of files; the rows of {step.describe()} are none. Put context before it"
            raise BuildError(msg)
        if isinstance(step, Sort | Head | Tail | Unique | Sessions | Having | Timeline):
            filtered = False
        elif not step.rowwise and not isinstance(step, Context) and filtered:
            msg = (
                f"{step.describe()} is not row-wise and stands between a filter and a context; "
                "put it before the filter or after the context"
            )
            raise BuildError(msg)
        filtered = filtered or isinstance(step, Filter)

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
    RepairTime,
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

    from logq.plan import Repairing, Step
    from logq.time import IntoDuration

__all__ = ["Events"]


class Events(Base):
    """context, repair_time."""

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
        check_rows(self._plan.steps, "context")
        keys = (by,) if isinstance(by, str) else tuple(by)
        length = None if span is None else microseconds(span)
        step = Context(
            before=before if before is not None else n or 0,
            after=after if after is not None else n or 0,
            by=keys,
            span=length,
        )
        return self._then(step)

    def repair_time(self, method: Repairing = "carry") -> Self:
        """Fill times that are missing or could not be read.

        Parameters
        ----------
        method
            `"carry"`: the time of the last entry before in the same file that has one.

        Returns
        -------
        The same rows in the same order; `time_quality` of those that gained a time is `carried`. What precedes the
        first time of a file stays null. Filters before it do not matter: the entry before may be one that they left
        out, though not one out of scope. `parse_error` still tells what was wrong.

        Raises
        ------
        BuildError
            An unknown method; rows that no longer stand for entries (aggregates); an expression that is not row-wise
            between a filter and this.

        >>> import logq as lq, polars as pl
        >>> log = b'{"ts":"2024-01-01T00:00:00Z","msg":"a"}\\n{"msg":"b"}'
        >>> lq.scan(log).repair_time().filter(pl.col("timestamp").is_not_null()).collect()["time_quality"].to_list()
        ['exact', 'carried']
        """
        check_rows(self._plan.steps, "repair_time")
        return self._then(RepairTime(method=method))


def check_rows(steps: Sequence[Step], method: str) -> None:
    """Refuse a method that sees the universe where there is none: rows of no file, or no longer all rows."""
    filtered = False
    for step in steps:
        if isinstance(step, Aggregate | SessionSummary | EventSequence | RowPattern) or (
            isinstance(step, Select) and not step.rowwise
        ):
            msg = f"{method} needs entries of files; the rows of {step.describe()} are none. Put {method} before it"
            raise BuildError(msg)
        if isinstance(step, Sort | Head | Tail | Unique | Sessions | Having | Timeline):
            filtered = False
        elif not step.rowwise and not isinstance(step, Context | RepairTime) and filtered:
            msg = (
                f"{step.describe()} is not row-wise and stands between a filter and a {method}; "
                f"put it before the filter or after the {method}"
            )
            raise BuildError(msg)
        filtered = filtered or isinstance(step, Filter)

"""Methods that put entries together to sessions, and ask of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from logq.errors import BuildError
from logq.frame.base import Base
from logq.frame.keys import keys_of
from logq.plan import (
    Aggregate,
    EventSequence,
    Expression,
    Having,
    RowPattern,
    SessionLinks,
    Sessions,
    SessionSummary,
    Timeline,
    expressions,
)
from logq.time import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from logq.frame.keys import IntoKey
    from logq.plan import Orphans
    from logq.time import IntoDuration

__all__ = ["InSessions"]

KEY: Final = "session_key"


class InSessions(Base):
    """sessions, having, summary, timeline, links."""

    def sessions(
        self,
        id: IntoKey | Iterable[IntoKey] | None = None,  # noqa: A002 (the word users know)
        *,
        link: IntoKey | Iterable[IntoKey] | None = None,
        gap: IntoDuration | None = None,
        max_span: IntoDuration | None = None,
        start: pl.Expr | None = None,
        end: pl.Expr | None = None,
        max_entries: int | None = None,
        orphans: Orphans = "keep",
    ) -> Self:
        """Put entries of one key together, wherever they lie: files, hosts and order do not matter.

        Per key, in time order, a session ends by silence longer than `gap`, before an entry more than `max_span` after
        its first, before an entry that is its `start`, when it holds `max_entries`, and after an entry that is its
        `end`. Entries before any `start`, and after an `end` where `start` is given, are orphans, and so is an entry
        whose key has a null. Entries without a time stand last in their key, and time does not part them.

        Parameters
        ----------
        id
            A column; an expression; a compiled regex, whose first group on `message` is the key; or a list of these.
            What is no column yet is shown under its alias or the name of the group, else as `session_key`.
        link
            In place of `id`, several such: entries that share a value of any of them belong together, and with them all
            that share one with these, however far. Values are compared within one of them, and a null links nothing;
            an entry of nulls alone is an orphan. What belongs together is settled first, and cut then. `.links()` tells
            which entries brought ids together.
        gap, max_span
            Longest silence, longest time from the first entry; a silence as long as `gap` does not part.
        start, end
            Conditions on an entry that opens and that closes a session (it belongs to what it closes).
        max_entries
            Most entries of a session.
        orphans
            `"keep"` them with null `session_id`, `"drop"` them, or `"attach"` each to the nearest earlier entry of a
            session with the same host, source and thread (where there are such columns), at most `gap` before it.

        Returns
        -------
        The rows as they were, with `session_id` (Int64, from 0, numbered by first entry in time order),
        `session_index` (Int64, from 0 in time order) and `session_elapsed` (Duration since the first entry).

        Raises
        ------
        BuildError
            Negative lengths, no key, `id` and `link` together, a condition that is not row-wise, `"attach"` without
            `gap`.

        >>> import logq as lq
        >>> log = b'{"ts":1,"req":"a"}\\n{"ts":2,"req":"b"}\\n{"ts":9,"req":"a"}'
        >>> lq.scan(log).sessions("req", gap="5s").collect()["session_id"].to_list()
        [0, 1, 2]
        """
        if (id is None) == (link is None):
            msg = 'sessions takes an id, as in sessions("req_id"), or link=[…], the ids any of which joins entries'
            raise BuildError(msg)
        keys, names = keys_of(link if id is None else id, method="sessions", default=KEY)  # type: ignore[arg-type]
        return self._then(
            Sessions(
                keys=keys,
                names=names,
                linked=link is not None,
                gap=None if gap is None else microseconds(gap),
                max_span=None if max_span is None else microseconds(max_span),
                start=None if start is None else Expression.of(start),
                end=None if end is None else Expression.of(end),
                max_entries=max_entries,
                orphans=orphans,
            )
        )

    def having(self, *predicates: pl.Expr | Iterable[pl.Expr]) -> Self:
        """Keep the sessions that hold an entry for which every predicate is true, with all their entries.

        A predicate may look beyond the entry, as in `pl.len() > 3` or `pl.col("code").last() == 500`: it sees the
        entries of the session, in time order.

        Raises
        ------
        BuildError
            There are no sessions.

        >>> import logq as lq, polars as pl
        >>> log = b'{"ts":1,"req":"a"}\\n{"ts":2,"req":"b"}\\n{"ts":9,"req":"a","code":500}'
        >>> lq.scan(log).sessions("req").having(pl.col("code") == 500).collect()["line"].to_list()
        [1, 3]
        """
        self._sessions_in_force("having")
        return self._then(Having(predicates=expressions(predicates)))

    def summary(self, *, service: str | None = None) -> Self:
        """One row a session, by `session_id`; orphans are in none.

        Parameters
        ----------
        service
            Column that names the service of an entry, for `services`.

        Returns
        -------
        session_id, the keys (with `link`, each a list of the distinct values, sorted), start and end (first and last
        time), duration, entries, hosts, sources and services
        (lists of the distinct values, sorted), levels (struct: entries of each), first_error (message of the first
        entry of level ERROR or above), end_reason (Enum: gap, span, start_match, end_match, max_entries,
        end_of_data), truncated (Boolean: it began without its `start`, or so near the data's first time that
        entries before it may be missing).

        Raises
        ------
        BuildError
            There are no sessions.

        >>> import logq as lq
        >>> log = b'{"ts":1,"req":"a"}\\n{"ts":2,"req":"b"}\\n{"ts":9,"req":"a"}'
        >>> lq.scan(log).sessions("req").summary().collect().select("req", "entries", "end_reason").rows()
        [('a', 2, 'end_of_data'), ('b', 1, 'end_of_data')]
        """
        sessions = self._sessions_in_force("summary")
        return self._then(SessionSummary(keys=sessions.key_columns, service=service, linked=sessions.linked))

    def timeline(self) -> Self:
        """Entries of sessions, session by session in time order, with `offset` and `delta`.

        Returns
        -------
        The rows with `offset` (Duration since the session's first time) and `delta` (Duration since the entry
        before it, null for the first); orphans are left out.

        Raises
        ------
        BuildError
            There are no sessions.

        >>> import logq as lq
        >>> log = b'{"ts":9,"req":"a"}\\n{"ts":2,"req":"b"}\\n{"ts":1,"req":"a"}'
        >>> lq.scan(log).sessions("req").timeline().select("req", "line", "offset").collect().rows()
        [('a', 3, datetime.timedelta(0)), ('a', 1, datetime.timedelta(seconds=8)), ('b', 2, datetime.timedelta(0))]
        """
        self._sessions_in_force("timeline")
        return self._then(Timeline())

    def links(self) -> Self:
        """What `link` put together: one row for each two ids that an entry was the first to connect.

        Ids that were connected already, directly or by way of others, are not told again, so that the rows of a session
        lead from any of its ids to any other in one way.

        Returns
        -------
        session_id, field and value (of the entry's first id), to_field and to_value (of another), all as text, and
        timestamp, host, source and line of the entry, in time order.

        Raises
        ------
        BuildError
            There are no sessions, or they were not made by `link`.

        >>> import logq as lq
        >>> log = b'{"ts":1,"req":"a","order":7}\\n{"ts":2,"order":7,"job":"x"}\\n{"ts":3,"req":"a","job":"x"}'
        >>> found = lq.scan(log).sessions(link=["req", "order", "job"]).links().collect()
        >>> found.select("value", "to_value", "line").rows()
        [('a', '7', 1), ('7', 'x', 2)]
        """
        sessions = self._sessions_in_force("links")
        if not sessions.linked:
            msg = 'links is asked of sessions made by link=, as in .sessions(link=["req_id", "order_id"]).links()'
            raise BuildError(msg)
        return self._then(SessionLinks(keys=sessions.key_columns))

    def _sessions_in_force(self, method: str) -> Sessions:
        """The last `sessions` of the chain whose rows are still entries."""
        for step in reversed(self._plan.steps):
            if isinstance(step, Sessions):
                return step
            if isinstance(step, Aggregate | SessionSummary | SessionLinks | EventSequence | RowPattern):
                break
        msg = f'{method} is asked of sessions; put .sessions(…) before it, as in .sessions("req_id").{method}(…)'
        raise BuildError(msg)

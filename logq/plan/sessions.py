"""Steps that put entries together to sessions, and what is asked of these."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import polars as pl

from logq.errors import BuildError
from logq.plan.base import Step, Wanted, check_keys
from logq.plan.columns import roots_of
from logq.plan.expressions import Expression

__all__ = ["SESSION_COLUMNS", "Having", "Orphans", "SessionLinks", "SessionSummary", "Sessions", "Timeline"]

Orphans: TypeAlias = Literal["keep", "attach", "drop"]

SESSION_COLUMNS: Final = {
    "session_id": pl.Int64(),
    "session_index": pl.Int64(),
    "session_elapsed": pl.Duration("us"),
}
TOLD: Final = (
    "start",
    "end",
    "duration",
    "entries",
    "hosts",
    "sources",
    "services",
    "levels",
    "first_error",
    "end_reason",
    "truncated",
)
"""What a summary tells of each session, beside its number and keys."""

SUMMED: Final = frozenset({"timestamp", "level", "message", "host", "source"})


class Sessions(Step, frozen=True, tag="sessions", kw_only=True):
    """Put entries of equal keys together, cut where a rule says so; lengths in µs.

    `names` are the columns the keys are shown in, None where a key is a column already. With `linked`, entries that
    share the value of any key belong together, and so do those that share one with these.
    """

    keys: tuple[Expression, ...]
    names: tuple[str | None, ...]
    linked: bool = False
    gap: int | None = None
    max_span: int | None = None
    start: Expression | None = None
    end: Expression | None = None
    max_entries: int | None = None
    orphans: Orphans = "keep"

    def __post_init__(self) -> None:
        if not self.keys or len(self.names) != len(self.keys):
            msg = f"sessions takes at least one key and a name for each, not {len(self.keys)} and {len(self.names)}"
            raise BuildError(msg)
        for name, length in (("gap", self.gap), ("max_span", self.max_span)):
            if length is not None and length < 0:
                msg = f"sessions({name}={length}us): a length of time is not negative"
                raise BuildError(msg)
        if self.max_entries is not None and self.max_entries < 1:
            msg = f"sessions(max_entries={self.max_entries}): a session holds at least one entry"
            raise BuildError(msg)
        if self.orphans not in get_args(Orphans):
            msg = f"sessions(orphans={self.orphans!r}): it is one of {', '.join(map(repr, get_args(Orphans)))}"
            raise BuildError(msg)
        if self.orphans == "attach" and self.gap is None:
            msg = 'sessions(orphans="attach") needs gap=, the longest way back to the entry an orphan is attached to'
            raise BuildError(msg)
        check_keys("sessions", self.key_columns, SESSION_COLUMNS)
        if not all(e.rowwise for e in self._expressions):
            msg = "sessions: a key, start= and end= are told of each entry by itself; one of them is not row-wise"
            raise BuildError(msg)

    @property
    def made(self) -> tuple[str, ...]:
        """Columns the step adds."""
        return (*(n for n in self.names if n is not None), *SESSION_COLUMNS)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Columns in which the keys stand after the step."""
        return tuple(name or str(key.output) for name, key in zip(self.names, self.keys, strict=True))

    @property
    def _expressions(self) -> tuple[Expression, ...]:
        return (*self.keys, *(e for e in (self.start, self.end) if e is not None))

    def describe(self) -> str:
        """Name keys and rules."""
        lengths = {"gap": self.gap, "max_span": self.max_span}
        rules = [f"{n}={v}us" for n, v in lengths.items() if v is not None]
        rules += [f"{n}={e}" for n, e in (("start", self.start), ("end", self.end)) if e is not None]
        rules += [f"max_entries={self.max_entries}"] if self.max_entries is not None else []
        rules += [f"orphans={self.orphans}"] if self.orphans != "keep" else []
        keys = ", ".join(map(str, self.keys))
        return f"sessions({', '.join([f'link=[{keys}]' if self.linked else keys, *rules])})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted and not made here, what the rules read, and the time."""
        below = roots_of(self._expressions)
        if wanted is None or below is None:
            return None
        nearby = {"host", "source"} if self.orphans == "attach" else set()
        return (wanted - {*self.made}) | below | {"timestamp"} | nearby


class Having(Step, frozen=True, tag="having", kw_only=True):
    """Keep the sessions in which a predicate holds for some entry, with all their entries."""

    predicates: tuple[Expression, ...]

    def describe(self) -> str:
        """Name the predicates."""
        return f"having({', '.join(map(str, self.predicates))})"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted, what the predicates read, and the sessions; the time where a predicate sees several rows."""
        roots = roots_of(self.predicates)
        order = set() if all(p.rowwise for p in self.predicates) else {"timestamp"}
        return None if wanted is None or roots is None else wanted | roots | order | {"session_id"}


class SessionSummary(Step, frozen=True, tag="session_summary", kw_only=True):
    """One row a session, ordered by `session_id`; `service` is the column that names the service, if any does.

    Where sessions are `linked`, each key is a list of the values there are. `part` tells whether it sums up all rows,
    or makes parts for others to merge, or merges them: by `gap` (µs).
    """

    keys: tuple[str, ...]
    service: str | None = None
    linked: bool = False
    part: Literal["whole", "parts", "merged"] = "whole"
    gap: int | None = None

    def __post_init__(self) -> None:
        check_keys("summary", self.keys, TOLD)

    def describe(self) -> str:
        """Name the keys it shows."""
        part = "" if self.part == "whole" else f"; {self.part}"
        return f"summary({', '.join(self.keys)}{f', service={self.service}' if self.service else ''}{part})"

    def required(self, wanted: Wanted) -> Wanted:  # noqa: ARG002 (the signature of Step)
        """Keys, sessions, and the columns that are summed up; of parts all."""
        if self.part == "merged":
            return None
        return SUMMED | {*self.keys, "session_id"} | ({self.service} if self.service else set())


class Timeline(Step, frozen=True, tag="timeline", kw_only=True):
    """Entries of sessions, session by session in time order, with `offset` and `delta` (Duration)."""

    def describe(self) -> str:
        """Nothing to name."""
        return "timeline()"

    def required(self, wanted: Wanted) -> Wanted:
        """What is wanted, the sessions and the time."""
        return None if wanted is None else (wanted - {"offset", "delta"}) | {"session_id", "timestamp"}


class SessionLinks(Step, frozen=True, tag="session_links", kw_only=True):
    """One row for each two values of `keys` that an entry was the first to bring together, in time order."""

    keys: tuple[str, ...]

    def describe(self) -> str:
        """Name the fields that link."""
        return f"links({', '.join(self.keys)})"

    def required(self, wanted: Wanted) -> Wanted:  # noqa: ARG002 (the signature of Step)
        """The fields, sessions, time, and what names a row."""
        return {*self.keys, "session_id", "timestamp", "host", "source", "line"}

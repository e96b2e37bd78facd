"""The work on one block: entries, matches, columns, row-wise steps. Runs in any thread, on nothing shared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import polars as pl
from polars import selectors as cs

from logq.compile.lower import apply
from logq.compile.stream import FILE, LINE_NUMBER, key_of, with_context_columns
from logq.compile.surround import KEY, MATCH, SET, TIME
from logq.plan import HIDDEN, Filter, Scope
from logq.plan.columns import roots_of
from logq.read import decode, prefilter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

    from logq.compile import Stages
    from logq.plan import Clause, Step
    from logq.read import Resolved

__all__ = ["Work"]

ROW: Final = f"{HIDDEN}row"


@dataclass(frozen=True)
class Work:
    """What is done to each block of a scan, given its file.

    `schema` has the columns that reading gives, in order; `named` tells whether rows keep their
    hidden names for a context further on.
    """

    stages: Stages
    schema: Mapping[str, PolarsDataType]
    clauses: tuple[Clause, ...]
    tz: str
    named: bool

    @cached_property
    def _lead(self) -> tuple[Filter | Scope, ...]:
        """Filters that stand before any step that makes columns: they can run before the rest is decoded."""
        return tuple(
            s
            for s in takewhile(lambda s: isinstance(s, Filter | Scope), self.stages.before)
            if isinstance(s, Filter | Scope)
        )

    def placed(self, entries: pl.DataFrame, file: Resolved, index: int) -> pl.DataFrame:
        """Name the file and the rotation set of each entry."""
        return entries.with_columns(pl.lit(index, pl.Int64).alias(FILE), pl.lit(file.file.set, pl.Int64).alias(SET))

    def found(self, entries: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Entries that pass the leading filters, with the columns that had to be decoded for that."""
        filters = any(isinstance(s, Filter) for s in self.stages.before)
        test = prefilter(self.clauses, file) if filters else None
        if test is not None:
            entries = entries.filter(test)
        return self._filtered(self._lead, entries, file)

    def rows(self, found: pl.DataFrame, file: Resolved) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Found entries → (rows after the remaining row-wise steps, the decoded entries for the report)."""
        decoded = self._decoded(found, file)
        return self._public(apply(self.stages.before[len(self._lead) :], self._shown(decoded).lazy())), decoded

    def universe(self, entries: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Entries in scope, with MATCH and what a context needs to know of them."""
        steps = self.stages.before
        frame = entries
        if any(isinstance(s, Scope) for s in steps):
            inside = self._after([s for s in steps if not isinstance(s, Filter)], frame.with_row_index(ROW), file)
            frame = frame[inside[ROW]]
        indexed = frame.with_row_index(ROW)
        found = self.found(indexed, file)
        remaining = steps[len(self._lead) :]
        if any(isinstance(s, Filter) for s in remaining):
            found = self._after(remaining, found, file)
        match = pl.Series(MATCH, [False]).new_from_index(0, frame.height).scatter(found[ROW], True)  # noqa: FBT003 (a value)
        return frame.with_columns(match, *self._neighbourhood(frame, file))

    def surrounded(self, kept: pl.DataFrame, file: Resolved) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Entries a context kept → (rows after the steps around it, the decoded entries)."""
        decoded = self._decoded(kept, file)
        rows = _collect(apply(self._makers, self._shown(decoded).lazy()))
        return self._public(apply(self.stages.after, with_context_columns(rows).lazy())), decoded

    @property
    def _makers(self) -> list[Step]:
        """Steps that make columns and leave the rows alone."""
        return [s for s in self.stages.before if not isinstance(s, Filter | Scope)]

    def _neighbourhood(self, frame: pl.DataFrame, file: Resolved) -> list[pl.Series]:
        """Key and time of each entry, where the context goes by them."""
        context = self.stages.context
        if context is None or not (context.by or context.span is not None):
            return []
        keyed = self._after(self._makers, frame, file)
        key = keyed.select(key_of(context.by).alias(KEY)).to_series()
        return [key, keyed["timestamp"].alias(TIME)] if context.span is not None else [key]

    def _filtered(self, filters: Sequence[Filter | Scope], frame: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Apply filters on columns that reading gives, decoding no others."""
        if not filters:
            return frame
        roots = roots_of([p for s in filters for p in s.predicates])
        needed = frozenset(self.schema if roots is None else roots) - set(frame.columns)
        return _collect(apply(filters, self._constants(decode(frame, file, needed, self.tz), file, needed).lazy()))

    def _after(self, steps: Sequence[Step], frame: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        return _collect(apply(steps, self._shown(self._decoded(frame, file)).lazy()))

    def _decoded(self, frame: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Add every column that is wanted and not there yet."""
        missing = frozenset(self.schema) - set(frame.columns)
        return self._constants(decode(frame, file, missing, self.tz), file, missing)

    def _constants(self, frame: pl.DataFrame, file: Resolved, wanted: frozenset[str]) -> pl.DataFrame:
        made = {
            "host": pl.lit(None, pl.String),
            "source": pl.lit(file.file.name, pl.String),
            "format": pl.lit(file.format.name, pl.String),
            "line": pl.col(LINE_NUMBER),
        }
        missing = [e.alias(n) for n, e in made.items() if n in wanted]
        return frame.with_columns(missing) if missing else frame

    def _shown(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Lay the wanted columns out in the order of the schema, hidden ones behind them."""
        return frame.select(*self.schema, cs.starts_with(HIDDEN))

    def _public(self, rows: pl.LazyFrame) -> pl.DataFrame:
        """Drop the hidden columns, all but the names of rows where those are needed."""
        names = cs.by_name(SET, FILE, LINE_NUMBER) if self.named else cs.by_name()
        return _collect(rows.select(~cs.starts_with(HIDDEN) | names))


def _collect(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.collect(engine="in-memory")

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
from logq.compile.surround import KEY, MATCH, ORDINAL, SET, TIME, reached
from logq.plan import CLOCK, HIDDEN, Filter, RepairTime, Scope
from logq.plan.columns import roots_of
from logq.read import BODY, PROCESS, decode_mixed, decode_whole, decode_wrapped, prefilter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

    from logq.compile import Stages
    from logq.plan import Clause, Context, Step
    from logq.plan.base import Wanted
    from logq.read import Resolved

__all__ = ["Work"]

ROW: Final = f"{HIDDEN}row"


@dataclass(frozen=True)
class Work:
    """What is done to each block of a scan, given its file.

    `schema` has the columns that reading gives, in order; `output` names those that are wanted of the
    rows that come out, None for all; `named` tells whether rows keep their hidden names for a context
    further on; `host` is the name of the machine, where it has one.
    """

    stages: Stages
    schema: Mapping[str, PolarsDataType]
    clauses: tuple[Clause, ...]
    tz: str
    named: bool
    output: Wanted = None
    host: str | None = None

    @cached_property
    def repairs(self) -> int:
        """Number of the steps up to the first repair of times; a later one then finds nothing to do."""
        places = [i for i, step in enumerate(self.stages.before, 1) if isinstance(step, RepairTime)]
        return min(places, default=0)

    @cached_property
    def _before(self) -> tuple[Step, ...]:
        """Row-wise steps on a block, without what `timed` has done."""
        done = self.repairs
        ahead = [s for s in self.stages.before[:done] if not isinstance(s, Scope)]
        return tuple(s for s in (*ahead, *self.stages.before[done:]) if not isinstance(s, RepairTime))

    def timed(self, entries: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Entries in the scope that a repair has, with their times as read."""
        scopes = [s for s in self.stages.before[: self.repairs] if isinstance(s, Scope)]
        inside = self._filtered(scopes, entries, file)
        return self._read(inside, file, CLOCK - set(inside.columns))

    @cached_property
    def _lead(self) -> tuple[Filter | Scope, ...]:
        """Filters that stand before any step that makes columns: they can run before the rest is decoded."""
        return tuple(
            s for s in takewhile(lambda s: isinstance(s, Filter | Scope), self._before) if isinstance(s, Filter | Scope)
        )

    @cached_property
    def _textual(self) -> bool:
        """Whether the leading filters ask for the raw text alone: they are then their own screen."""
        return bool(self._lead) and roots_of([p for s in self._lead for p in s.predicates]) == {"raw"}

    @cached_property
    def screened(self) -> bool:
        """Whether entries are told by literals in their text before they are decoded."""
        return any(isinstance(s, Filter) for s in self._before) and not self._textual

    @cached_property
    def counted(self) -> bool:
        """Whether a context counts entries as they stand in the file: those far from any match need no decoding."""
        context = self.stages.context
        plain = context is not None and not context.by and context.span is None
        return plain and not any(isinstance(s, Scope) for s in self._before)

    def placed(self, entries: pl.DataFrame, file: Resolved, index: int) -> pl.DataFrame:
        """Name the file and the rotation set of each entry."""
        names = {FILE: index, SET: file.file.set}
        return entries.hstack([pl.Series(n, [v], pl.Int64).new_from_index(0, entries.height) for n, v in names.items()])

    @cached_property
    def _untouched(self) -> bool:
        """Whether every entry comes out, and nobody asks for its text."""
        chosen = self.stages.context is not None or self.repairs
        return not chosen and "raw" not in self.schema and not any(isinstance(s, Filter | Scope) for s in self._before)

    def whole(self, data: bytes, file: Resolved) -> pl.DataFrame | None:
        """Bytes of entries → their lines' numbers and columns, if they need not be taken apart for that; else None."""
        if not self._untouched or file.start is not None or file.mixed or file.by or file.inner:
            return None
        return decode_whole(data, file, frozenset(self.schema), self.tz)

    def screen(self, entries: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Entries that may pass the leading filters, by what their text tells; `found` has the last word."""
        if self._textual:
            return self._filtered(self._lead, entries, file)
        test = prefilter(self.clauses, file) if self.screened else None
        return entries if test is None else entries.filter(test)

    def found(self, screened: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Screened entries that pass the leading filters, with the columns that had to be decoded for that."""
        return screened if self._textual else self._filtered(self._lead, screened, file)

    def near(self, entries: pl.DataFrame, file: Resolved, ahead: int, context: Context) -> pl.DataFrame:
        """Entries of a block → those in reach of one that may match, or of an end of the block.

        With ORDINAL, which goes on from the `ahead` entries before the block, and MATCH for those that may match.
        """
        height = entries.height
        maybe = self._maybe(entries, file)
        if len(maybe) * (context.before + context.after + 1) >= height:
            rows = pl.int_range(height, dtype=pl.Int64, eager=True)
        else:
            rows = reached(maybe, height, before=context.before, after=context.after)
            entries = entries[rows]
        return entries.with_columns((rows + ahead).alias(ORDINAL), rows.is_in(maybe.implode()).alias(MATCH))

    def rows(self, found: pl.DataFrame, file: Resolved) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Found entries → (rows after the remaining row-wise steps, the decoded entries for the report)."""
        decoded = self._decoded(found, file)
        return self._public(apply(self._before[len(self._lead) :], self._shown(decoded).lazy())), decoded

    def _maybe(self, entries: pl.DataFrame, file: Resolved) -> pl.Series:
        """Positions of the entries that may match, by what their text tells."""
        test = prefilter(self.clauses, file) if self.screened else None
        if test is not None:
            return entries.select(test.arg_true()).to_series().cast(pl.Int64)
        return self.screen(entries.with_row_index(ROW), file)[ROW].cast(pl.Int64)

    def surroundings(
        self, near: pl.DataFrame, height: int, file: Resolved, index: int, context: Context
    ) -> pl.DataFrame:
        """What `near` gave of a stretch of `height` entries → those that a context by count has to see, with MATCH."""
        matches = self._passing(self.found(near.filter(MATCH), file), file)[ORDINAL]
        wanted = reached(matches, height, before=context.before, after=context.after)
        near = near[near[ORDINAL].search_sorted(wanted)]
        return self.placed(near.with_columns(pl.col(ORDINAL).is_in(matches.implode()).alias(MATCH)), file, index)

    def universe(self, entries: pl.DataFrame, file: Resolved, index: int, context: Context) -> pl.DataFrame:
        """Entries → those in scope, with ORDINAL, MATCH and what the context needs to know of them."""
        frame = self._inside(entries, file)
        screened = self.screen(frame.with_row_index(ROW), file)
        matches = self._passing(self.found(screened, file), file)[ROW].cast(pl.Int64)
        rows = pl.int_range(frame.height, dtype=pl.Int64, eager=True)
        marks = [rows.alias(ORDINAL), rows.is_in(matches.implode()).alias(MATCH)]
        marks += self._neighbourhood(frame, file, context) if context.by or context.span is not None else []
        return self.placed(frame.with_columns(marks), file, index)

    def _inside(self, entries: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Entries in scope."""
        steps = self._before
        if not any(isinstance(s, Scope) for s in steps):
            return entries
        inside = self._after([s for s in steps if not isinstance(s, Filter)], entries.with_row_index(ROW), file)
        return entries[inside[ROW]]

    def _passing(self, found: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Found entries that pass the other filters too."""
        remaining = self._before[len(self._lead) :]
        return self._after(remaining, found, file) if any(isinstance(s, Filter) for s in remaining) else found

    def surrounded(self, kept: pl.DataFrame, file: Resolved) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Entries a context kept → (rows after the steps around it, the decoded entries)."""
        decoded = self._decoded(kept, file, self._surrounding)
        rows = _collect(apply(self._makers, self._shown(decoded, self._surrounding).lazy()))
        return self._public(apply(self.stages.after, with_context_columns(rows).lazy())), decoded

    @cached_property
    def _surrounding(self) -> Mapping[str, PolarsDataType]:
        """Columns that somebody wants once the context has kept its rows: what only the filters read is not decoded."""
        wanted = self.output
        for step in reversed((*self._makers, *self.stages.after)):
            wanted = step.required(wanted)
        return self.schema if wanted is None else {n: t for n, t in self.schema.items() if n in wanted}

    @property
    def _makers(self) -> list[Step]:
        """Steps that make columns and leave the rows alone."""
        return [s for s in self._before if not isinstance(s, Filter | Scope)]

    def _neighbourhood(self, frame: pl.DataFrame, file: Resolved, context: Context) -> list[pl.Series]:
        """Key of each entry, and its time where the context goes by that."""
        keyed = self._after(self._makers, frame, file)
        key = keyed.select(key_of(context.by).alias(KEY)).to_series()
        return [key, keyed["timestamp"].alias(TIME)] if context.span is not None else [key]

    def _filtered(self, filters: Sequence[Filter | Scope], frame: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Apply filters on columns that reading gives, decoding no others."""
        if not filters:
            return frame
        roots = roots_of([p for s in filters for p in s.predicates])
        needed = frozenset(self.schema if roots is None else roots) - set(frame.columns)
        return _collect(apply(filters, self._constants(self._read(frame, file, needed), file, needed).lazy()))

    def _after(self, steps: Sequence[Step], frame: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        return _collect(apply(steps, self._shown(self._decoded(frame, file)).lazy()))

    def _decoded(
        self, frame: pl.DataFrame, file: Resolved, schema: Mapping[str, PolarsDataType] | None = None
    ) -> pl.DataFrame:
        """Add every column that is wanted and not there yet."""
        missing = frozenset(self.schema if schema is None else schema) - set(frame.columns)
        return self._constants(self._read(frame, file, missing), file, missing)

    def _read(self, frame: pl.DataFrame, file: Resolved, wanted: frozenset[str]) -> pl.DataFrame:
        decode = decode_mixed if file.mixed else decode_wrapped
        if file.by is None:
            return decode(frame, file, wanted, self.tz)
        found = decode(frame.with_columns(raw=BODY), file, wanted - {file.process}, self.tz)
        named = [pl.col(PROCESS).alias(file.process)] if file.process is not None and file.process in wanted else []
        return found.with_columns(frame["raw"], *named)

    def _constants(self, frame: pl.DataFrame, file: Resolved, wanted: frozenset[str]) -> pl.DataFrame:
        made = {
            "host": pl.lit(self.host, pl.String),
            "source": pl.lit(file.file.name, pl.String),
            "format": pl.lit(file.format.name, pl.String),
            "line": pl.col(LINE_NUMBER),
        }
        missing = [e.alias(n) for n, e in made.items() if n in wanted and n not in frame.columns]
        return frame.with_columns(missing) if missing else frame

    def _shown(self, frame: pl.DataFrame, schema: Mapping[str, PolarsDataType] | None = None) -> pl.DataFrame:
        """Lay the wanted columns out in the order of the schema, hidden ones behind them."""
        return frame.select(*(self.schema if schema is None else schema), cs.starts_with(HIDDEN))

    def _public(self, rows: pl.LazyFrame) -> pl.DataFrame:
        """Drop the hidden columns, all but the names of rows where those are needed."""
        names = cs.by_name(SET, FILE, LINE_NUMBER) if self.named else cs.by_name()
        return _collect(rows.select(~cs.starts_with(HIDDEN) | names))


def _collect(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.collect(engine="in-memory")

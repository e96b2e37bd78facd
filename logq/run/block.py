"""The work on one block: entries, matches, columns, row-wise steps. Runs in any thread, on nothing shared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import polars as pl
from polars import selectors as cs

from logq.compile.lower import apply
from logq.compile.stream import FILE, LINE_NUMBER, key_of, with_context_columns
from logq.compile.surround import KEY, MATCH, SET
from logq.plan import HIDDEN, Filter, Scope
from logq.plan.columns import roots_of
from logq.read import DAMAGE, LINE, decode, prefilter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from logq.compile import Stages
    from logq.plan import Clause, Step
    from logq.read import Resolved

__all__ = ["Work"]

ROW: Final = f"{HIDDEN}row"
FEW: Final = 0.25
"""Below this share of candidates left by the prefilter, everything wanted is captured at once."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to each block of a scan, given its file.

    `schema` has the columns that come out of reading, in order; `named` whether rows keep their
    hidden names for a context further on.
    """

    stages: Stages
    schema: Mapping[str, PolarsDataType]
    clauses: tuple[Clause, ...]
    tz: str
    named: bool

    def rows(self, entries: pl.DataFrame, file: Resolved, index: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Entries of a block → (its rows after the row-wise steps, the decoded rows the report counts)."""
        found, steps = self._found(self._placed(entries, file, index), file, self.stages.before)
        decoded = self._decoded(found, file)
        rows = _collect(apply(steps, self._shown(decoded, file).lazy()))
        return rows.select(~cs.starts_with(HIDDEN)) if not self.named else rows.drop(LINE, DAMAGE, strict=False), decoded

    def universe(self, entries: pl.DataFrame, file: Resolved, index: int) -> pl.DataFrame:
        """Entries of a block → those in scope, with MATCH, and what a context needs to know of them."""
        context = self.stages.context
        steps = self.stages.before
        frame = self._placed(entries, file, index).with_row_index(ROW)
        if any(isinstance(s, Scope) for s in steps):
            inside = self._surviving(frame, file, [s for s in steps if not isinstance(s, Filter)])
            frame = frame.join(inside.select(ROW), on=ROW, how="semi", maintain_order="left").drop(ROW).with_row_index(ROW)
        found, rest = self._found(frame, file, [s for s in steps if not isinstance(s, Scope)])
        if rest and any(isinstance(s, Filter) for s in rest):
            found = _collect(apply(rest, self._shown(self._decoded(found, file), file).lazy()))
        match = pl.Series([False]).new_from_index(0, frame.height).scatter(found[ROW], True)  # noqa: FBT003
        frame = frame.with_columns(match.alias(MATCH)).drop(ROW)
        if context is None or not (context.by or context.span is not None):
            return frame
        needed = {*context.by, *(["timestamp"] if context.span is not None else [])}
        keyed = self._surviving(frame, file, [s for s in steps if not isinstance(s, Filter | Scope)])
        return frame.with_columns(
            keyed.select(key_of(context.by).alias(KEY)).to_series(), *([keyed["timestamp"]] if "timestamp" in needed else [])
        )

    def surrounded(self, kept: pl.DataFrame, file: Resolved) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows a context kept → (those rows after the steps around it, the decoded rows)."""
        decoded = self._decoded(kept, file)
        columns = [s for s in self.stages.before if not isinstance(s, Filter | Scope)]
        shown = apply(columns, self._shown(decoded, file).lazy())
        rows = _collect(apply(self.stages.after, with_context_columns(_collect(shown)).lazy()))
        return rows.select(~cs.starts_with(HIDDEN) if not self.named else ~cs.by_name(LINE, DAMAGE, require_all=False)), decoded

    def _placed(self, entries: pl.DataFrame, file: Resolved, index: int) -> pl.DataFrame:
        return entries.with_columns(pl.lit(index, pl.Int64).alias(FILE), pl.lit(file.file.set, pl.Int64).alias(SET))

    def _surviving(self, frame: pl.DataFrame, file: Resolved, steps: list[Step]) -> pl.DataFrame:
        return _collect(apply(steps, self._shown(self._decoded(frame, file), file).lazy()))

    def _found(self, frame: pl.DataFrame, file: Resolved, steps: list[Step] | tuple[Step, ...]) -> tuple[pl.DataFrame, list[Step]]:
        """Apply the filters that stand first, decoding only what they read; give the other steps back."""
        lead = list(takewhile(lambda s: isinstance(s, Filter | Scope), steps))
        rest = list(steps[len(lead) :])
        test = prefilter(self.clauses, file) if any(isinstance(s, Filter) for s in steps) else None
        height = frame.height
        if test is not None:
            frame = frame.filter(test)
        if not lead:
            return frame, rest
        roots = roots_of([p for s in lead if isinstance(s, Filter | Scope) for p in s.predicates])
        if roots is None or (test is not None and frame.height < FEW * height):
            return _collect(apply(lead, self._decoded(frame, file).lazy())), rest
        needed = decode(frame, file, frozenset(roots), self.tz) if roots - {"raw"} else frame
        survivors = _collect(apply(lead, self._constants(needed, file, roots).lazy()))
        return survivors, rest

    def _decoded(self, frame: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Add every column that is wanted and not there yet."""
        missing = frozenset(self.schema) - set(frame.columns)
        return self._constants(decode(frame, file, missing, self.tz), file, frozenset(self.schema))

    def _constants(self, frame: pl.DataFrame, file: Resolved, wanted: frozenset[str]) -> pl.DataFrame:
        made = {
            "host": pl.lit(None, pl.String),
            "source": pl.lit(file.file.name, pl.String),
            "format": pl.lit(file.format.name, pl.String),
            "line": pl.col(LINE_NUMBER),
        }
        return frame.with_columns(e.alias(n) for n, e in made.items() if n in wanted and n not in frame.columns)

    def _shown(self, frame: pl.DataFrame, file: Resolved) -> pl.DataFrame:
        """Lay the wanted columns out in the order of the schema, hidden ones behind them."""
        return frame.select(*self.schema, cs.starts_with(HIDDEN))


def _collect(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.collect(engine="in-memory")

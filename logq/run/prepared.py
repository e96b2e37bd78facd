"""A plan ready to run here: its files resolved, its steps placed, its names and types checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile import Stages, apply_rest, split
from logq.compile.stream import FILE, LINE_NUMBER, by_row_names
from logq.compile.surround import SET
from logq.errors import BuildError, ColumnNotFoundError
from logq.optimise import optimise
from logq.plan import HIDDEN
from logq.run.block import Work
from logq.run.report import FileReport, Report, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from logq.plan import Plan, Scan, Step
    from logq.plan.base import Wanted
    from logq.read.dataset import Dataset

__all__ = ["NAMES", "Prepared", "check", "prepare", "shown"]

MISSING: Final = re.compile(r'(?:unable to find column|column|not found:?) "([^"]+)"')
NAMES: Final = {SET: pl.Int64(), FILE: pl.Int64(), LINE_NUMBER: pl.Int64()}


@dataclass(frozen=True, slots=True)
class Prepared:
    """`plan` is optimised; `streamed` is the schema of the rows that come out of reading, or of `table`."""

    plan: Plan
    dataset: Dataset
    stages: Stages
    work: Work
    streamed: pl.Schema
    schema: pl.Schema
    looked_for: tuple[str, ...]
    table: pl.LazyFrame | None = None

    def report(self) -> Report:
        """Return an empty report on the files."""
        files = [FileReport(source=f.file.name, format=f.name) for f in self.dataset.files]
        skipped = tuple(Skipped(source, kind) for source, kind in self.dataset.skipped.items())
        return Report(files=files, looked_for=self.looked_for, skipped=skipped)

    def narrowed(self, columns: list[str] | None, predicate: pl.Expr | None) -> Prepared:
        """Read only what is needed for these of the streamed columns: what Polars asks of a source."""
        if columns is None:
            return self
        named = frozenset(columns) | frozenset(predicate.meta.root_names() if predicate is not None else ())
        output = named - NAMES.keys()
        wanted: Wanted = output
        for step in reversed(self.stages.reading):
            wanted = step.required(wanted)
        schema = {n: t for n, t in self.work.schema.items() if wanted is None or n in wanted}
        return replace(self, work=replace(self.work, schema=schema, output=output))


def prepare(plan: Plan, opened: Callable[[Scan], Dataset]) -> Prepared:
    """Optimise a plan, have its scan `opened` and check it against the columns found.

    Raises
    ------
    SourceError
        Nothing to scan.
    ColumnNotFoundError
        A name that neither a file nor a step provides.
    BuildError
        Types that an expression cannot work on; Polars' own words are quoted.
    """
    best = optimise(plan)
    scan = best.scan
    known = opened(scan)
    dataset = known.narrowed(scan.columns).looking_for(plan.required(frozenset()) or ())
    stages = split(best)
    named = any(map(by_row_names, stages.rest))
    schema = pl.Schema(dataset.schema)
    inner = check(stages.reading, schema)
    streamed = pl.Schema({**inner, **NAMES}) if named else inner
    final = check(stages.rest, streamed)
    work = Work(stages=stages, schema=schema, clauses=scan.clauses, tz=scan.tz, named=named)
    looked_for = tuple(n for n in schema if n not in known.schema)
    return Prepared(best, dataset, stages, work, streamed, shown(final), looked_for)


def shown(schema: pl.Schema) -> pl.Schema:
    """Columns that a user sees."""
    return pl.Schema({n: t for n, t in schema.items() if not n.startswith(HIDDEN)})


def check(steps: Sequence[Step], schema: pl.Schema) -> pl.Schema:
    """Schema after `steps`, or the error that tells which name or type is wrong.

    Raises
    ------
    ColumnNotFoundError
        A name that is not there at its step.
    BuildError
        Types that a step cannot work on; Polars' own words are quoted.
    """
    try:
        return _tried(steps, schema)
    except pl.exceptions.ColumnNotFoundError as error:
        found = MISSING.search(str(error))
        raise ColumnNotFoundError(found[1] if found else str(error), _known(steps, schema)) from error
    except pl.exceptions.PolarsError as error:
        msg = f"the chain does not fit the data: {error}"
        raise BuildError(msg) from error


def _tried(steps: Sequence[Step], schema: pl.Schema) -> pl.Schema:
    """Schema of `steps` applied to no rows at all, which finds what types forbid."""
    named = {**schema, **NAMES} if any(map(by_row_names, steps)) else schema
    made = apply_rest(steps, pl.LazyFrame(schema=named)).collect(engine="in-memory").schema
    return pl.Schema({n: t for n, t in made.items() if n not in NAMES or n in schema})


def _known(steps: Sequence[Step], schema: pl.Schema) -> pl.Schema:
    """Columns there are at the first step that cannot be applied."""
    known = schema
    for position in range(len(steps)):
        try:
            known = _tried(steps[:position], schema)
        except pl.exceptions.PolarsError:
            break
    return pl.Schema({n: t for n, t in known.items() if not n.startswith(HIDDEN)})

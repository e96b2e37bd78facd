"""What runs a plan, wherever it reads: the rows of its scan as a stream, the rest of it in Polars on that stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import closing
from typing import TYPE_CHECKING, Final, Literal

import polars as pl
from polars.io.plugins import register_io_source

from logq.compile import apply_rest
from logq.compile.lost import losing
from logq.errors import PartialResultError
from logq.memory import spending
from logq.run.report import Report, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from logq.plan import Plan
    from logq.run.prepared import Prepared

__all__ = ["ESTIMATE", "OnFailure", "Reader", "Runner", "lost"]

OnFailure = Literal["raise", "partial"]
ESTIMATE: Final = {
    "host": pl.String(),
    "files": pl.Int64(),
    "bytes_to_scan": pl.Int64(),
    "bytes_to_send": pl.Int64(),
}


class Reader(ABC):
    """Rows of prepared plans: a subclass says how the rows of the scan are read.

    `memory_budget` is what sorting and reconstruction may take; None: as the environment says, else the default.
    """

    memory_budget: int | None = None

    @abstractmethod
    def reading(self, prepared: Prepared, report: Report) -> Generator[pl.DataFrame]:
        """Rows as they come out of reading, in row order; what happens is noted in `report`."""

    def rows(self, prepared: Prepared, report: Report) -> Iterator[pl.DataFrame]:
        """Frames of the result as they come, in order."""
        if prepared.stages.rest or prepared.table is not None:
            yield from self._streamed(prepared, report).collect_batches(chunk_size=1 << 16, engine="streaming")
        else:
            with closing(self.reading(prepared, report)) as frames:
                yield from frames

    def source(
        self,
        prepared: Prepared,
        report: Report,
        columns: list[str] | None,
        predicate: pl.Expr | None,
        limit: int | None,
    ) -> Iterator[pl.DataFrame]:
        """Frames as Polars asks a source for them: of the first rows read, these columns of those that pass."""
        left = limit
        with closing(self.reading(prepared.narrowed(columns, predicate), report)) as frames:
            for rows in frames:
                frame = rows if left is None else rows.head(left)
                left = None if left is None else left - frame.height
                frame = frame.filter(predicate) if predicate is not None else frame
                yield frame if columns is None else frame.select(columns)
                if left is not None and left <= 0:
                    return

    def finished(self, prepared: Prepared, report: Report, stream: pl.LazyFrame) -> pl.LazyFrame:  # noqa: ARG002 (fleets note what they fetch)
        """Apply what runs on the stream of all rows."""
        return apply_rest(prepared.stages.rest, stream)

    def _streamed(
        self, prepared: Prepared, report: Report, finished: Callable[[], None] = lambda: None
    ) -> pl.LazyFrame:
        def source(
            columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            report.restart(prepared.report())
            yield from self.source(prepared, report, columns, predicate, limit)
            finished()

        stream = prepared.table
        if stream is None:
            stream = register_io_source(source, schema=prepared.streamed, explain_name="logq")
        with spending(self.memory_budget), losing(lambda: report.incomplete):
            rows = self.finished(prepared, report, stream)
        return rows.select(list(prepared.schema)) if prepared.stages.rest else rows


class Runner(Reader):
    """Runs plans: a subclass says how a plan is prepared and where its steps run, and as a reader how rows are read."""

    @abstractmethod
    def prepare(self, plan: Plan) -> Prepared:
        """Resolve, optimise and check a plan; little is read for that."""

    @abstractmethod
    def estimate(self, plan: Plan) -> pl.DataFrame:
        """What running a plan would read and send, by host: a table of ESTIMATE's columns."""

    @abstractmethod
    def whereabouts(self, prepared: Prepared) -> dict[str, list[str]]:
        """Title → lines of `explain` on what runs where."""

    def run(self, plan: Plan, *, on_failure: OnFailure = "raise") -> Result:
        """Run to the end and hold the rows.

        Raises
        ------
        PartialResultError
            A file could not be read to its end, after everything else was; not with `on_failure="partial"`.
        """
        prepared = self.prepare(plan)
        report = prepared.report()
        if prepared.stages.rest or prepared.table is not None:
            frame = self._streamed(prepared, report).collect(engine="streaming")
        else:
            frame = pl.concat([pl.DataFrame(schema=prepared.streamed), *self.rows(prepared, report)])
        if report.incomplete and on_failure == "raise":
            raise lost(frame, report)
        return Result(frame, report)

    def batches(self, plan: Plan, *, on_failure: OnFailure = "raise") -> Iterator[pl.DataFrame]:
        """Yield frames as they come, in order; memory does not grow with what is read."""
        prepared = self.prepare(plan)
        report = prepared.report()
        yield from self.rows(prepared, report)
        if report.incomplete and on_failure == "raise":
            raise lost(None, report)

    def schema(self, plan: Plan) -> pl.Schema:
        """Names and types of the result.

        Raises
        ------
        PartialResultError
            A host did not tell its files: there may be columns that nobody here knows of.
        """
        prepared = self.prepare(plan)
        report = prepared.report()
        if report.incomplete:
            raise lost(None, report)
        return prepared.schema

    def lazy(self, plan: Plan, *, on_failure: OnFailure = "raise") -> pl.LazyFrame:
        """Hand the plan over as a LazyFrame, to go on with in Polars or sink to a file."""
        prepared = self.prepare(plan)
        report = prepared.report()

        def finished() -> None:
            if report.incomplete and on_failure == "raise":
                raise lost(None, report)

        return self._streamed(prepared, report, finished)

    def sink(self, plan: Plan, write: Callable[[pl.LazyFrame], None], *, on_failure: OnFailure = "raise") -> Report:
        """Let `write` consume the rows as a stream; a lost file raises after what could be read is written."""
        prepared = self.prepare(plan)
        report = prepared.report()
        write(self._streamed(prepared, report))
        if report.incomplete and on_failure == "raise":
            raise lost(None, report)
        return report

    def explain(self, plan: Plan) -> str:
        """Tell the plan as written, as optimised, and where each step runs."""
        prepared = self.prepare(plan)
        parts = {
            "as written": plan.describe().splitlines(),
            "optimised": prepared.plan.describe().splitlines(),
            **self.whereabouts(prepared),
        }
        return "\n".join(
            line
            for title, lines in parts.items()
            for line in (title, *(f"  {text}" for text in lines or ["  nothing"]))
        )


def lost(frame: pl.DataFrame | None, report: Report) -> PartialResultError:
    """Name the hosts and files of which something is missing."""
    message = f'{report.missing}; pass on_failure="partial" to accept that'
    return PartialResultError(message, partial=frame, report=report)

"""Running a plan on this machine: files read in blocks, the rest in Polars' streaming engine."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import polars as pl
from polars.io.plugins import register_io_source

from logq.compile import apply_rest
from logq.errors import PartialResultError
from logq.plan import Table
from logq.read import BLOCK
from logq.run.prepared import Prepared, prepare
from logq.run.reading import Reading
from logq.run.report import Report, Result
from logq.run.tables import prepare_table
from logq.run.urls import install_openers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from logq.plan import Plan

__all__ = ["Local", "OnFailure"]

OnFailure = Literal["raise", "partial"]


@dataclass(frozen=True, kw_only=True)
class Local:
    """Runs plans on the files of this machine and on URLs.

    Parameters
    ----------
    workers
        Threads that read blocks; None: one more than there are cores.
    block
        Bytes in a block.
    progress
        Called with the bytes read so far and the bytes there are in all (None where a file is compressed or a URL)
        after each block, from the thread that reads the result.
    """

    workers: int | None = None
    block: int = BLOCK
    progress: Callable[[int, int | None], None] | None = None
    buffers: Mapping[str, bytes] = field(default_factory=dict)
    tables: Mapping[str, pl.LazyFrame] = field(default_factory=dict)

    def prepare(self, plan: Plan) -> Prepared:
        """Resolve, optimise and check a plan; reads at most 64 KiB per file."""
        if isinstance(plan.source, Table):
            return prepare_table(plan, self.tables[plan.source.name])
        install_openers()
        return prepare(plan, self.buffers)

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
            frames = list(self._frames(prepared, report))
            frame = pl.concat([pl.DataFrame(schema=prepared.streamed), *frames])
        if report.failed and on_failure == "raise":
            raise lost(frame, report)
        return Result(frame, report)

    def batches(self, plan: Plan, *, on_failure: OnFailure = "raise") -> Iterator[pl.DataFrame]:
        """Yield frames as they come, in order; memory does not grow with what is read."""
        prepared = self.prepare(plan)
        report = prepared.report()
        if prepared.stages.rest or prepared.table is not None:
            rows = self._streamed(prepared, report).collect_batches(chunk_size=1 << 16, engine="streaming")
            yield from rows
        else:
            yield from self._frames(prepared, report)
        if report.failed and on_failure == "raise":
            raise lost(None, report)

    def lazy(self, plan: Plan, *, on_failure: OnFailure = "raise") -> pl.LazyFrame:
        """Hand the plan over as a LazyFrame, to go on with in Polars or sink to a file."""
        prepared = self.prepare(plan)
        report = prepared.report()

        def finished() -> None:
            if report.failed and on_failure == "raise":
                raise lost(None, report)

        return self._streamed(prepared, report, finished)

    def sink(self, plan: Plan, write: Callable[[pl.LazyFrame], None], *, on_failure: OnFailure = "raise") -> Report:
        """Let `write` consume the rows as a stream; a lost file raises after what could be read is written."""
        prepared = self.prepare(plan)
        report = prepared.report()
        write(self._streamed(prepared, report))
        if report.failed and on_failure == "raise":
            raise lost(None, report)
        return report

    def explain(self, plan: Plan) -> str:
        """Tell the plan as written, as optimised, and in which stage each step runs."""
        prepared = self.prepare(plan)
        stages = prepared.stages
        while_reading = [*stages.before, *([stages.context] if stages.context else []), *stages.after]
        files = ", ".join(sorted({f.name for f in prepared.dataset.files}))
        parts = {
            "as written": plan.describe().splitlines(),
            "optimised": prepared.plan.describe().splitlines(),
            f"while reading, block by block ({len(prepared.dataset.files)} files: {files})": [
                f"  .{s.describe()}" for s in while_reading
            ],
            "on the stream of rows (Polars streaming engine)": [f"  .{s.describe()}" for s in stages.rest],
        }
        return "\n".join(
            line
            for title, lines in parts.items()
            for line in (title, *(f"  {text}" for text in lines or ["  nothing"]))
        )

    def _frames(self, prepared: Prepared, report: Report) -> Iterator[pl.DataFrame]:
        """Frames out of reading, cut off at the optimiser's limit."""
        scan = prepared.plan.scan
        left = scan.limit
        reading = Reading(
            scan,
            prepared.dataset.files,
            prepared.work,
            report,
            block=self.block,
            workers=self.workers,
            progress=self.progress,
        )
        if left == 0:
            return
        with closing(reading.frames()) as frames:  # type: ignore[type-var]
            for frame in frames:
                yield frame if left is None else frame.head(left)
                left = None if left is None else left - frame.height
                if left is not None and left <= 0:
                    return

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
        for rows in self._frames(prepared.narrowed(columns, predicate), report):
            frame = rows if left is None else rows.head(left)
            left = None if left is None else left - frame.height
            frame = frame.filter(predicate) if predicate is not None else frame
            yield frame if columns is None else frame.select(columns)
            if left is not None and left <= 0:
                return

    def _streamed(
        self, prepared: Prepared, report: Report, finished: Callable[[], None] = lambda: None
    ) -> pl.LazyFrame:
        def source(
            columns: list[str] | None, predicate: pl.Expr | None, limit: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            report.files[:] = prepared.report().files
            yield from self.source(prepared, report, columns, predicate, limit)
            finished()

        stream = prepared.table
        if stream is None:
            stream = register_io_source(source, schema=prepared.streamed, explain_name="logq")
        rows = apply_rest(prepared.stages.rest, stream)
        return rows.select(list(prepared.schema)) if prepared.stages.rest else rows


def lost(frame: pl.DataFrame | None, report: Report) -> PartialResultError:
    """Name the files whose rest is missing."""
    shown = "; ".join(f"{f.source}: {f.error}" for f in report.failed[:5])
    more = f" … and {len(report.failed) - 5} more" if len(report.failed) > 5 else ""  # noqa: PLR2004
    message = (
        f"{len(report.failed)} of {len(report.files)} files could not be read to their end ({shown}{more}); "
        'pass on_failure="partial" to accept that'
    )
    return PartialResultError(message, partial=frame, report=report)

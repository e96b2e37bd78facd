"""A scan as a stream of frames in row order: blocks read in parallel, contexts carried along in order."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from logq.compile.stream import FILE, LINE_NUMBER
from logq.read import BLOCK, LINE, Block, blocks, entries
from logq.read.decode.columns import YEAR
from logq.read.stamps import Clock, shifts
from logq.run.pool import Pool, pool
from logq.run.surroundings import Surroundings
from logq.run.years import clocks, ends, is_yearless, pseudo_stamps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logq.plan import Scan
    from logq.read import Resolved
    from logq.run.block import Work
    from logq.run.report import Report

__all__ = ["Reading"]


@dataclass(slots=True)
class Task:
    """One block of one file; `before` will hold the number of lines ahead of it, `through` those through it."""

    index: int
    block: Block
    before: Future[int]
    clock: Clock | None = None
    through: Future[int] = field(default_factory=Future)


@dataclass(slots=True)
class Part:
    """What a worker made of a task: rows (or the universe for a context), or why it could not."""

    index: int
    rows: pl.DataFrame | None = None
    decoded: pl.DataFrame | None = None
    bytes: int = 0
    entries: int = 0
    error: str | None = None


class Reading:
    """Reads the files of a scan and does the work of its blocks; `frames` may be iterated once."""

    def __init__(
        self,
        scan: Scan,
        files: tuple[Resolved, ...],
        work: Work,
        report: Report,
        *,
        block: int = BLOCK,
        workers: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self._scan, self._files, self._work, self._report = scan, files, work, report
        self._block, self._workers, self._progress = block, workers, progress
        context = work.stages.context
        self._numbered = context is not None or work.named or "line" in work.schema
        timed = {"timestamp", "time_quality"} & work.schema.keys() or (context is not None and context.span is not None)
        self._dated = bool(timed)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of rows in row order, as they come; reading stops when the caller does."""
        with pool(self._workers) as threads:
            if self._work.stages.context is None:
                for part in self._parts(threads, self._rows):
                    yield from self._given(part)
            else:
                yield from self._surrounded(threads)

    def _surrounded(self, threads: Pool) -> Iterator[pl.DataFrame]:
        surroundings = Surroundings(self._work.stages.context)
        if surroundings.needs_matches:
            for part in self._parts(threads, self._universe, counted=False):
                surroundings.learn(part.rows)
            surroundings.rewind()

        def kept() -> Iterator[tuple[int, pl.DataFrame]]:
            for part in self._parts(threads, self._universe):
                if part.rows is not None:
                    yield from surroundings.push(part.rows)
            yield from surroundings.flush()

        for part in threads.map(self._finished, kept()):
            yield from self._given(part)

    def _finished(self, kept: tuple[int, pl.DataFrame]) -> Part:
        index, frame = kept
        rows, decoded = self._work.surrounded(frame, self._files[index])
        return Part(index, rows, decoded)

    def _given(self, part: Part) -> Iterator[pl.DataFrame]:
        report = self._report.files[part.index]
        if part.decoded is not None:
            report.saw(part.decoded)
        if part.rows is not None and part.rows.height:
            report.rows += part.rows.height
            yield part.rows

    def _parts(self, threads: Pool, work: Callable[[Task, pl.DataFrame], Part], *, counted: bool = True) -> Iterator[Part]:
        """Results of every block, counted into the report; what could not be read is noted there."""
        for part in threads.map(lambda task: self._run(task, work), self._tasks(threads)):
            report = self._report.files[part.index]
            if part.error is not None:
                report.error = report.error or part.error
                continue
            if counted:
                report.bytes += part.bytes
                report.entries += part.entries
                if self._progress is not None:
                    self._progress(part.bytes)
            yield part

    def _tasks(self, threads: Pool) -> Iterator[Task | Part]:
        for index, file in enumerate(self._files):
            done: Future[int] = Future()
            done.set_result(0)
            times = iter(self._clocks(threads, file)) if self._dated and is_yearless(file) else None
            try:
                for block in blocks(file.file, start=file.format.start, encoding=file.encoding, size=self._block):
                    task = Task(index, block, done, next(times, None) if times is not None else None)
                    done = task.through
                    yield task
            except OSError as error:
                yield Part(index, error=_why(error))

    def _clocks(self, threads: Pool, file: Resolved) -> list[Clock]:
        """Read a file for its year turns; damage is reported by the reading proper."""

        def readable() -> Iterator[Block]:
            try:
                yield from blocks(file.file, start=file.format.start, encoding=file.encoding, size=self._block)
            except OSError:
                return

        return clocks(threads.map(lambda block: ends(block, file), readable()), file, self._scan.year)

    def _run(self, task: Task | Part, work: Callable[[Task, pl.DataFrame], Part]) -> Part:
        if isinstance(task, Part):
            return task
        file = self._files[task.index]
        try:
            frame, lines = entries(task.block.load(), file.format.start)
        except OSError as error:
            task.through.set_result(0)
            return Part(task.index, error=_why(error))
        before = task.before.result() if self._numbered else 0
        task.through.set_result(before + lines)
        if file.header and task.block.offset == 0:
            frame = frame.slice(1)
        if task.clock is not None:
            frame = frame.with_columns(shifts(pseudo_stamps(frame, file), task.clock).alias(YEAR))
        frame = frame.with_columns((pl.col(LINE) + before + 1).alias(LINE_NUMBER))
        part = work(task, frame)
        part.bytes, part.entries = task.block.size, frame.height
        return part

    def _rows(self, task: Task, frame: pl.DataFrame) -> Part:
        rows, decoded = self._work.rows(frame, self._files[task.index], task.index)
        return Part(task.index, rows, decoded)

    def _universe(self, task: Task, frame: pl.DataFrame) -> Part:
        return Part(task.index, self._work.universe(frame, self._files[task.index], task.index))


def _why(error: OSError) -> str:
    return error.strerror or str(error)

"""A scan as a stream of frames in row order: blocks read in parallel, contexts carried along in order."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.compile.repair import carried
from logq.compile.stream import FILE, LINE_NUMBER
from logq.compile.surround import SET
from logq.read import BLOCK, LINE, Block, Woven, entries, entry_blocks, text_of
from logq.read.decode.columns import TIMED, YEAR
from logq.read.decode.csv import COMMENT, named
from logq.run.parts import Part, Rows, Task, bundles, compact, why
from logq.run.pool import Pool, pool
from logq.run.surroundings import Edges, Surroundings
from logq.run.years import Ends, clocks, ends, is_yearless, years
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from logq.plan import Context, Scan
    from logq.read import Resolved
    from logq.read.stamps import Clock
    from logq.run.block import Work
    from logq.run.report import Report

__all__ = ["Reading"]

NO_ENTRIES: Final = entries(b"", None)[0]
TOGETHER: Final = 4
"""Blocks whose entries are joined where few of them are decoded, to pay fixed costs seldom."""

FEW: Final = 0.25
"""Up to this share of a block, entries found wait to be decoded together with those of other blocks."""

OTHER: Final = "a later head names other columns: rows after it are not read by them; scan the parts apart"

GATHER: Final = 1 << 14
"""Entries found are decoded in frames of about this many."""


def _ends_of(item: tuple[Resolved, Block | Woven | None]) -> tuple[bool, Ends | None]:
    """Whether a file has no more blocks, and else the ends of this one."""
    file, block = item
    return block is None, None if block is None else ends(block, file)


class Reading:
    """Reads the files of a scan and does the work of its blocks; `frames` may be iterated once.

    `own` are the files whose rows are given, by index: those beside them are there for a context to look at. `only` are
    the lines of the entries that are wanted, if not all are.
    """

    def __init__(
        self,
        scan: Scan,
        files: tuple[Resolved, ...],
        work: Work,
        report: Report,
        *,
        own: range | None = None,
        only: pl.Series | None = None,
        block: int = BLOCK,
        workers: int | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self._scan, self._files, self._work, self._report = scan, files, work, report
        self._block, self._workers, self._progress, self._only = block, workers, progress, only
        context = work.stages.context
        self._numbered = context is not None or work.named or "line" in work.schema
        timed = TIMED & work.schema.keys() or (context is not None and context.span is not None)
        self._dated = bool(timed)
        selective = context is not None or work.screened
        self._together = TOGETHER if selective and scan.limit is None else 1
        sizes = [f.file.size for f in files]
        self._size = None if None in sizes else sum(s for s in sizes if s is not None)
        self.edges = Edges(range(len(files)) if own is None else own)
        self.lines = [0] * len(files)
        self._gather = min(GATHER, scan.limit or GATHER)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of rows in row order, as they come; reading stops when the caller does."""
        with pool(self._workers) as threads:
            context = self._work.stages.context
            found = self._parts(threads, self._find) if context is None else self._surrounded(threads, context)
            for rows in threads.map(self._finished, self._gathered(found)):
                yield from self._given(rows)

    def _surrounded(self, threads: Pool, context: Context) -> Iterator[Part]:
        surroundings, universe = Surroundings(context), partial(self._universe, context)
        if surroundings.needs_matches:
            for part in self._parts(threads, universe, counted=False):
                surroundings.learn(part.found)
            surroundings.rewind()
        for part in self._parts(threads, universe):
            if part.found is not None:
                number = self._files[part.index].file.set
                self.edges.count(part.index, part.height, number)
                yield from self._own(surroundings.push(part.found, part.height, number))
        yield from self._own(surroundings.flush())

    def _own(self, kept_by_file: Iterator[tuple[int, pl.DataFrame]]) -> Iterator[Part]:
        for index, kept in kept_by_file:
            rows = self.edges.take(index, kept)
            if rows is not None:
                yield Part(index, found=compact(rows))

    def _gathered(self, parts: Iterator[Part]) -> Iterator[Rows | tuple[int, pl.DataFrame]]:
        """Join small finds of one file, so that decoding pays its fixed costs seldom."""
        waiting: list[pl.DataFrame] = []
        index, height = 0, 0
        for part in parts:
            if waiting and (part.index != index or part.done is not None or height >= self._gather):
                yield index, pl.concat(waiting, how="diagonal")
                waiting, height = [], 0
            if part.done is not None:
                yield part.done
            elif part.found is not None and part.found.height:
                waiting.append(part.found)
                index, height = part.index, height + part.found.height
        if waiting:
            yield index, pl.concat(waiting, how="diagonal")

    def _finished(self, found: Rows | tuple[int, pl.DataFrame]) -> Rows:
        return found if isinstance(found, Rows) else self._rows(*found)

    def _rows(self, index: int, found: pl.DataFrame) -> Rows:
        finish = self._work.rows if self._work.stages.context is None else self._work.surrounded
        return Rows(index, *finish(found, self._files[index]))

    def _given(self, done: Rows) -> Iterator[pl.DataFrame]:
        report, rows = self._report.files[done.index], done.rows
        report.saw(done.decoded)
        if self._only is not None:
            rows = rows.filter(pl.col(LINE_NUMBER).is_in(self._only.implode()))
        if rows.height:
            report.rows += rows.height
            yield rows

    def _parts(
        self, threads: Pool, work: Callable[[Task, pl.DataFrame, int], Part], *, counted: bool = True
    ) -> Iterator[Part]:
        """Results of every block, counted into the report; what could not be read is noted there."""
        for part in threads.map(lambda task: self._run(task, work), self._tasks(threads)):
            report = self._report.files[part.index]
            if part.error is not None:
                report.error = report.error or part.error
            if counted:
                report.bytes += part.bytes
                report.entries += part.entries
                self.lines[part.index] += part.lines
                if self._progress is not None:
                    self._progress(self._report.bytes, self._size)
            yield part

    def _tasks(self, threads: Pool) -> Iterator[Task | Part]:
        ends_of_files = self._ends(threads)
        for index, file in enumerate(self._files):
            done: Future[int] = Future()
            done.set_result(0)
            known: Future[datetime | None] = Future()
            known.set_result(None)
            try:
                times: list[Clock | None] = [None]
                if self._lacks_years(file):
                    times = [*clocks(next(ends_of_files), file, self._scan.year, self._scan.tz)]
                clock_of = chain(times, repeat(times[-1]))
                for some in bundles(self._blocks(threads, file), self._together):
                    task = Task(index, some, done, tuple(islice(clock_of, len(some))), known)
                    done, known = task.through, task.until
                    yield task
            except OSError as error:
                yield Part(index, error=why(error))

    def _blocks(self, threads: Pool, file: Resolved) -> Iterator[Block | Woven]:
        return entry_blocks(
            file.file, start=file.start, by=file.by, encoding=file.encoding, size=self._block, each=threads.map
        )

    def _lacks_years(self, file: Resolved) -> bool:
        return self._dated and is_yearless(file)

    def _ends(self, threads: Pool) -> Iterator[list[Ends | None]]:
        """Read each file whose stamps lack years for where these turn, the next ones while one is decoded.

        Damage is reported by the reading proper.
        """

        def readable() -> Iterator[tuple[Resolved, Block | Woven | None]]:
            for file in filter(self._lacks_years, self._files):
                with suppress(OSError):
                    for block in self._blocks(threads, file):
                        yield file, block
                yield file, None

        found: list[Ends | None] = []
        for done, seen in threads.map(_ends_of, readable()):
            if done:
                yield found
                found = []
            else:
                found.append(seen)

    def _run(self, task: Task | Part, work: Callable[[Task, pl.DataFrame, int], Part]) -> Part:
        if isinstance(task, Part):
            return task
        try:
            frame, seen, lines, error = self._entries(task)
            before = task.before.result() if self._numbered else 0
            task.through.set_result(before + lines)
            if self._numbered:
                frame = frame.hstack([(frame[LINE].cast(pl.Int64) + before + 1).alias(LINE_NUMBER)])
            height = seen
            if self._work.repairs:
                inside = self._carried(task, frame)
                frame, height = self._narrowed(task, inside, 0), inside.height
        except BaseException as failure:
            for promise in (p for p in (task.through, task.until) if not p.done()):
                promise.set_exception(failure)  # else the tasks behind would wait for ever
            raise
        part = work(task, frame, height)
        part.bytes, part.lines = sum(block.size for block in task.blocks), lines
        part.entries, part.error = seen, error
        return part

    def _carried(self, task: Task, frame: pl.DataFrame) -> pl.DataFrame:
        """Fill missing times from the entry before, be it in another block."""
        frame = self._work.timed(frame, self._files[task.index])
        known, before = frame["timestamp"].drop_nulls(), task.since.result()
        task.until.set_result(known[-1] if len(known) else before)
        filled = pl.col("timestamp").forward_fill().fill_null(pl.lit(before, CANONICAL["timestamp"]))
        return frame.with_columns(carried(filled, frame.schema))

    def _entries(self, task: Task) -> tuple[pl.DataFrame, int, int, str | None]:
        """Entries of a task's blocks, one behind the other; how many there were; their lines; why some are missing.

        Where it can be told block by block, those left are the ones that may be wanted.
        """
        file, frames = self._files[task.index], list[pl.DataFrame]()
        lines = seen = 0
        failure: str | None = None
        for block, clock in zip(task.blocks, task.clocks, strict=True):
            try:
                frame, count = self._split(block, file, whole=clock is None)
            except OSError as error:
                failure = why(error)
                break
            if clock is not None:
                frame = frame.with_columns(years(text_of(frame), file, clock, block.size).alias(YEAR))
            if file.header and block.offset == 0:
                frame = frame.slice(1)
            if file.format.directive:
                names = named(text_of(frame), file.format.directive)
                failure = OTHER if {*names} - {file.said} else failure
                frame = frame.filter(~text_of(frame).str.contains(COMMENT))
            height = frame.height
            frame = frame if self._work.repairs else self._narrowed(task, frame, seen)
            frames.append(frame.replace_column(frame.get_column_index(LINE), frame[LINE] + lines) if lines else frame)
            lines, seen = lines + count, seen + height
        return pl.concat(frames or [NO_ENTRIES], how="diagonal"), seen, lines, failure

    def _split(self, block: Block | Woven, file: Resolved, *, whole: bool) -> tuple[pl.DataFrame, int]:
        """Load a block: its entries, or their columns where it need not be split for those; the number of lines."""
        if isinstance(block, Woven) or self._only is not None or not whole:
            return block.entries(file.start)
        data = block.load()
        frame = self._work.whole(data, file)
        return entries(data, file.start) if frame is None else (frame, frame.height)

    def _narrowed(self, task: Task, frame: pl.DataFrame, ahead: int) -> pl.DataFrame:
        """Entries that may be wanted, as their text tells, freed of the block they are in if they are few."""
        file, work = self._files[task.index], self._work
        context = work.stages.context
        if context is not None and not work.counted:
            return frame
        left = work.screen(frame, file) if context is None else work.near(frame, file, ahead, context)
        return compact(left) if left.height <= FEW * frame.height else left

    def _find(self, task: Task, frame: pl.DataFrame, height: int) -> Part:
        """Filter a block; finish it at once where much of it is left, else leave that to be gathered."""
        file = self._files[task.index]
        if self._only is not None:
            frame = frame.filter(pl.col(LINE_NUMBER).is_in(self._only.implode()))
        found = self._work.placed(self._work.found(frame, file), file, task.index)
        if found.height > FEW * height:
            return Part(task.index, done=self._rows(task.index, found))
        return Part(task.index, found=compact(found.select(*frame.columns, FILE, SET)))

    def _universe(self, context: Context, task: Task, frame: pl.DataFrame, height: int) -> Part:
        file = self._files[task.index]
        if self._work.counted:
            found = self._work.surroundings(frame, height, file, task.index, context)
            return Part(task.index, found=found, height=height)
        found = self._work.universe(frame, file, task.index, context)
        return Part(task.index, found=found, height=found.height)

"""What an agent does for a request: tell of files, read units."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
import polars as pl

from logq.compile import split
from logq.compile.redact import redacted
from logq.compile.stream import FILE, LINE_NUMBER
from logq.formats.plain import PLAIN
from logq.plan import decode
from logq.read import BLOCK
from logq.read.dataset import Dataset, together
from logq.read.decode.columns import TIMED
from logq.run.agent.files import listed, opened
from logq.run.agent.pieces import Pieces, whole
from logq.run.block import Work
from logq.run.prepared import NAMES, Prepared, check, shown
from logq.run.reading import Reading
from logq.run.report import FileReport
from logq.run.runner import Reader
from logq.run.wire.messages import FileOutcome, Manifest, UnitEnd
from logq.run.wire.tables import pack_schema, unpack, unpack_schema
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from datetime import datetime

    from logq.plan import Plan, Step
    from logq.read import Resolved
    from logq.run.agent.files import Place
    from logq.run.agent.pieces import Lost
    from logq.run.report import Report
    from logq.run.wire.messages import Resolve, Run, Span, Whole

__all__ = ["Job", "Unit", "counted", "manifest", "units"]

U = TypeVar("U", bound="Unit")


def manifest(request: Resolve, roots: Place) -> Manifest:
    """Tell of the files that a scan covers and of the columns they have."""
    scan = decode(request.plan).scan
    entries, missing, skipped = listed(scan.sources, roots)
    roots.known.forget()
    formats: list[tuple[str, ...]] = []
    wholes: list[Whole] = []
    resolved: list[Resolved] = []
    for entry in entries:
        try:
            with opened(entry, roots) as file:
                found = roots.known.resolved(file, entry, scan, request.formats)
        except OSError:
            formats.append((PLAIN.name,))
            wholes.append("always")
            continue
        formats.append(tuple(one.format.name for one in found.mixed or (found,)))
        wholes.append(whole(found))
        resolved.append(found)
    fields = pack_schema({n: t for n, t in together(resolved).schema.items() if n not in CANONICAL})
    return Manifest(
        files=entries, formats=tuple(formats), whole=tuple(wholes), fields=fields, missing=missing, skipped=skipped
    )


def units(request: Run, roots: Place, check: Callable[[int], None]) -> Iterator[Unit]:
    """Make ready the units of a request, one after another; `check` is told the bytes read so far, and may stop it."""
    job = Job.of(request)
    yield from counted(Unit(job, span, roots, check) for span in request.units)


def counted(units: Iterable[U]) -> Iterator[U]:
    """Units one after another, each told how many bytes those before it have read."""
    read = 0
    for unit in units:
        unit.before = read
        yield unit
        read += unit.read


@dataclass(frozen=True)
class Job:
    """A request made ready as the coordinator did, on columns that it settled over all hosts."""

    request: Run
    plan: Plan
    work: Work
    fields: dict[str, pl.DataType]
    streamed: pl.Schema
    given: pl.Schema

    @classmethod
    def of(cls, request: Run) -> Job:
        """Decode and check the plan of a request.

        Raises
        ------
        LogqError
            It is no plan, or does not fit the columns.
        """
        plan, schema = decode(request.plan), pl.Schema(unpack_schema(request.schema))
        stages = split(plan)
        inner = check(stages.reading, schema)
        streamed = pl.Schema({**inner, **NAMES}) if request.named else inner
        final = check(stages.rest, streamed)
        work = Work(stages, schema, plan.scan.clauses, plan.scan.tz, request.named, host=request.host)
        given = final if request.named else shown(final)
        return cls(request, plan, work, unpack_schema(request.fields), streamed, given)

    def on(self, files: tuple[Resolved, ...]) -> Prepared:
        """Return the work on some files."""
        agreed = tuple(file.agreed(self.fields).looking_for(self.request.looked_for) for file in files)
        dataset, stages = Dataset(agreed, self.work.schema), self.work.stages
        made = Prepared(self.plan, dataset, stages, self.work, self.streamed, self.given, ())
        return made if self.request.output is None else made.narrowed(list(self.request.output), None)


class Unit(Reader):
    """One unit of a request: a few neighbouring files or a range of one, read as if they were alone."""

    def __init__(self, job: Job, span: Span, roots: Place, check: Callable[[int], None]) -> None:
        self._job, self._span, self._roots, self._check = job, span, roots, check
        self._request, self._plan = job.request, job.plan
        self.number, self.before = span.number, 0
        self._reading: Reading | None = None
        self._pieces = Pieces({}, {}, [], [])
        self._reports: list[FileReport] = []
        self._sent = 0

    def frames(self) -> Iterator[pl.DataFrame]:
        """Rows of the unit, as they are to be sent."""
        context = self._job.work.stages.context
        reach = max(context.before, context.after) if context is not None and not context.by else 0
        timed = bool(TIMED & self._job.work.schema.keys())
        with ExitStack() as stack:
            found = Pieces.of(self._request, self._plan.scan, self._span, self._roots, stack, reach=reach, timed=timed)
            self._pieces = found
            prepared = self._prepared(found.read)
            report = prepared.report()
            try:
                for frame in self.rows(prepared, report):
                    self._sent += frame.height
                    yield self._numbered(frame)
            finally:
                self._reports = report.files

    @property
    def read(self) -> int:
        """Bytes that were read for it, decoded."""
        return sum(report.bytes for report in self._reports)

    def end(self) -> UnitEnd:
        """Tell how it went."""
        own = self._pieces.own
        outcomes = {
            place: _outcome(self._reports[i], self._reading.lines[i] if self._reading else 0)
            for i, place in zip(own, self._pieces.files, strict=True)
        }
        outcomes |= {
            place: _unread(self._request.files[self._span.first + place].name, lost)
            for place, lost in self._pieces.lost.items()
        }
        files = tuple(_discreet(outcomes[place], self._plan.steps) for place in sorted(outcomes))
        if self._reading is None:
            return UnitEnd(files=files, rows=self._sent)
        edges = self._reading.edges
        first, last = (self._request.files[i].set for i in (self._span.first, self._span.last - 1))
        kept = edges.kept(first, last)
        return UnitEnd(files=files, rows=self._sent, groups=edges.groups, kept=kept, scoped=edges.rows)

    def reading(self, prepared: Prepared, report: Report) -> Generator[pl.DataFrame]:
        """Rows of the unit's files, block by block."""
        self._reading = Reading(
            prepared.plan.scan,
            prepared.dataset.files,
            prepared.work,
            report,
            own=self._pieces.own,
            only=None if self._span.rows is None else unpack(self._span.rows)[LINE_NUMBER],
            block=self._request.block or BLOCK,
            workers=self._request.workers,
            progress=lambda read, _: self._check(self.before + read),
        )
        yield from self._reading.frames()

    def _prepared(self, files: tuple[Resolved, ...]) -> Prepared:
        return self._job.on(files)

    def _numbered(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Columns to send, files numbered as in the fleet."""
        if FILE in frame.columns:
            at, places = self._pieces.own.start, [*self._pieces.files]
            numbers = pl.Series([*[0] * at, *places], dtype=pl.Int64) + self._request.first + self._span.first
            frame = frame.with_columns(numbers.gather(frame[FILE]).alias(FILE))
        return frame if self._request.output is None else frame.select(self._request.output)


def _outcome(file: FileReport, lines: int, *, changed: bool = False) -> FileOutcome:
    return FileOutcome(
        source=file.source,
        format=file.format,
        bytes=file.bytes,
        lines=lines,
        entries=file.entries,
        rows=file.rows,
        unparsed=file.unparsed,
        start=_micros(file.start),
        end=_micros(file.end),
        error=file.error,
        changed=changed or (file.error or "").startswith("changed"),
    )


def _unread(name: str, lost: Lost) -> FileOutcome:
    return _outcome(FileReport(source=name, format=PLAIN.name, error=lost.error), 0, changed=lost.changed)


def _discreet(outcome: FileOutcome, steps: Sequence[Step]) -> FileOutcome:
    error = None if outcome.error is None else redacted(outcome.error, steps)
    return msgspec.structs.replace(outcome, error=error)


def _micros(time: datetime | None) -> int | None:
    return None if time is None else pl.Series([time]).dt.epoch("us")[0]

"""What an agent does for a request: tell of files, read units."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import polars as pl

from logq.compile import split
from logq.compile.stream import FILE
from logq.formats.plain import PLAIN
from logq.plan import decode
from logq.read import BLOCK
from logq.read.dataset import Dataset, together
from logq.read.resolve import resolve_file
from logq.run.agent.files import ChangedError, listed, opened
from logq.run.block import Work
from logq.run.prepared import NAMES, Prepared, check, shown
from logq.run.reading import Reading
from logq.run.report import FileReport
from logq.run.runner import Reader
from logq.run.wire.formats import learn
from logq.run.wire.messages import FileOutcome, Manifest, UnitEnd
from logq.run.wire.tables import pack_schema, unpack_schema
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from datetime import datetime

    from logq.plan import Plan
    from logq.read import FileRef, Resolved
    from logq.run.agent.files import Place
    from logq.run.report import Report
    from logq.run.wire.messages import FileEntry, Resolve, Run

__all__ = ["Unit", "manifest", "units"]


def manifest(request: Resolve, roots: Place) -> Manifest:
    """Tell of the files that a scan covers and of the columns they have."""
    learn(request.formats)
    scan = decode(request.plan).scan
    entries, missing = listed(scan.sources, roots)
    formats: list[tuple[str, ...]] = []
    resolved: list[Resolved] = []
    for entry in entries:
        try:
            with opened(entry, roots) as file:
                found = resolve_file(file, scan)
        except OSError:
            formats.append((PLAIN.name,))
            continue
        formats.append(tuple(one.format.name for one in found.mixed or (found,)))
        resolved.append(found)
    fields = {n: t for n, t in together(resolved).schema.items() if n not in CANONICAL}
    return Manifest(files=entries, formats=tuple(formats), fields=pack_schema(fields), missing=missing)


def units(request: Run, roots: Place, check: Callable[[int], None]) -> Iterator[Unit]:
    """Make ready the units of a request, one after another; `check` is told the bytes read of each, and may stop it."""
    learn(request.formats)
    plan = decode(request.plan)
    for first, last in request.units:
        yield Unit(request, plan, (first, last), roots, check)


class Unit(Reader):
    """One unit of a request: a few neighbouring files, read as if they were alone."""

    def __init__(
        self, request: Run, plan: Plan, span: tuple[int, int], roots: Place, check: Callable[[int], None]
    ) -> None:
        self._request, self._plan, self._roots, self._check = request, plan, roots, check
        self.number = span[0]
        self._entries = request.files[span[0] : span[1]]
        self._reading: Reading | None = None
        self._sent = 0
        self._outcomes: dict[int, FileReport] = {}
        self._changed: set[int] = set()

    def frames(self) -> Iterator[pl.DataFrame]:
        """Rows of the unit, as they are to be sent."""
        with ExitStack() as stack:
            files: list[FileRef] = []
            places: list[int] = []
            for place, entry in enumerate(self._entries):
                try:
                    files.append(stack.enter_context(opened(entry, self._roots)))
                    places.append(place)
                except OSError as error:
                    self._lost(place, entry, error)
            prepared = self._prepared(files)
            report = prepared.report()
            try:
                for frame in self.rows(prepared, report):
                    if frame.height:
                        self._sent += frame.height
                        yield self._numbered(frame, places)
            finally:
                self._outcomes |= dict(zip(places, report.files, strict=True))

    def end(self) -> UnitEnd:
        """Tell how it went."""
        outcomes = tuple(_outcome(self._outcomes[i], i in self._changed) for i in range(len(self._entries)))
        return UnitEnd(files=outcomes, rows=self._sent, groups=self._reading.groups if self._reading else 0)

    def reading(self, prepared: Prepared, report: Report) -> Generator[pl.DataFrame]:
        """Rows of the unit's files, block by block."""
        self._reading = Reading(
            prepared.plan.scan,
            prepared.dataset.files,
            prepared.work,
            report,
            block=self._request.block or BLOCK,
            workers=self._request.workers,
            progress=lambda read, _: self._check(read),
        )
        yield from self._reading.frames()

    def _lost(self, place: int, entry: FileEntry, error: OSError) -> None:
        why = error.strerror or str(error)
        self._outcomes[place] = FileReport(source=entry.name, format=PLAIN.name, error=why)
        if isinstance(error, ChangedError):
            self._changed.add(place)

    def _prepared(self, files: list[FileRef]) -> Prepared:
        """Make ready as the coordinator did, on columns that it settled over all hosts."""
        request, scan = self._request, self._plan.scan
        fields, schema = unpack_schema(request.fields), pl.Schema(unpack_schema(request.schema))
        resolved = tuple(resolve_file(f, scan).agreed(fields).looking_for(request.looked_for) for f in files)
        stages = split(self._plan)
        inner = check(stages.reading, schema)
        streamed = pl.Schema({**inner, **NAMES}) if request.named else inner
        work = Work(stages, schema, scan.clauses, scan.tz, request.named, host=request.host)
        final = check(stages.rest, streamed)
        made = Prepared(self._plan, Dataset(resolved, schema), stages, work, streamed, shown(final), ())
        return made if request.output is None else made.narrowed(list(request.output), None)

    def _numbered(self, frame: pl.DataFrame, places: list[int]) -> pl.DataFrame:
        """Columns to send, files numbered as in the fleet."""
        if FILE in frame.columns:
            numbers = pl.Series(places, dtype=pl.Int64) + self._request.first + self.number
            frame = frame.with_columns(numbers.gather(frame[FILE]).alias(FILE))
        return frame if self._request.output is None else frame.select(self._request.output)


def _outcome(file: FileReport, changed: bool) -> FileOutcome:  # noqa: FBT001 (a fact of the file)
    return FileOutcome(
        source=file.source,
        format=file.format,
        bytes=file.bytes,
        entries=file.entries,
        rows=file.rows,
        unparsed=file.unparsed,
        start=_micros(file.start),
        end=_micros(file.end),
        error=file.error,
        changed=changed or (file.error or "").startswith("changed"),
    )


def _micros(time: datetime | None) -> int | None:
    return None if time is None else pl.Series([time]).dt.epoch("us")[0]

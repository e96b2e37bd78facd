"""What units give, in the numbers of the whole: lines of a file, groups of a context, and the report."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import polars as pl

from logq.compile.stream import LINE_NUMBER
from logq.run.fleet.split import GROUP
from logq.run.wire.tables import unpack

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from logq.run.fleet.dispatch import Share, Unit
    from logq.run.report import FileReport, HostReport, Report
    from logq.run.wire.messages import FileEntry, FileOutcome, Span, UnitEnd

__all__ = ["Groups", "Merge", "note"]


class Groups:
    """Numbers groups of contexts through all units: one that goes on from unit to unit is one."""

    def __init__(self) -> None:
        self._count = 0
        self._open: int | None = None

    def base(self, end: UnitEnd, first: int, last: int) -> int:
        """Number of the first group of a unit that begins in set `first` and ends in set `last`, unit after unit."""
        joined = self._open == first and end.kept[0]
        base = self._count - joined
        self._count = base + end.groups
        if end.scoped or first != last:
            self._open = last if end.kept[1] else None
        return base

    def cut(self) -> None:
        """A unit is missing: no group goes on beyond it."""
        self._open = None


class Merge:
    """Units of one host, taken in order."""

    def __init__(self, files: Sequence[FileEntry], groups: Groups) -> None:
        self._files, self._groups = files, groups
        self.lines: dict[int, int | None] = {}

    def rows(self, unit: Unit) -> Generator[pl.DataFrame]:
        """Rows of a unit, numbered on from those before."""
        span, end = unit.span, unit.end
        before = self.lines.get(span.first, 0) if span.high is not None else 0
        if end is None:
            self._groups.cut()
            self.lines[span.first] = None
            return
        base = self._groups.base(end, self._files[span.first].set, self._files[span.last - 1].set)
        if span.high is not None:
            whole = before is not None and end.files[0].error is None
            self.lines[span.first] = (before or 0) + end.files[0].lines if whole else None
        for body in unit.bodies():
            frame = unpack(body)
            if base and GROUP in frame.columns:
                frame = frame.with_columns(pl.col(GROUP) + base)
            yield _numbered(frame, span, before) if before != 0 else frame


def _numbered(frame: pl.DataFrame, span: Span, before: int | None) -> pl.DataFrame:
    """Count lines on from those before a range; where that is not known, `line` is null.

    Row order then goes by the byte at which the range begins, which is no less than the lines before it.
    """
    known = {"line": pl.lit(before, pl.Int64), LINE_NUMBER: pl.lit(span.low if before is None else before, pl.Int64)}
    return frame.with_columns(pl.col(name) + base for name, base in known.items() if name in frame.columns)


def note(unit: Unit, share: Share, report: Report, first: int, host: HostReport) -> None:
    """Enter what came of a unit into the report; `first` is the number of its host's first file."""
    host.units, host.units_done = share.units
    files = report.files[first + unit.span.first : first + unit.span.last]
    if unit.end is None:
        fault = unit.fault or share.fault
        host.status, host.error = (fault.status, fault.why) if fault else ("failed", "cancelled")
        for file in files:
            file.error = host.error
        return
    host.rows += unit.end.rows
    for file, outcome in zip(files, unit.end.files, strict=True):
        _add(file, outcome)
        host.bytes += outcome.bytes
        if outcome.changed:
            host.status, host.error = "changed", outcome.error


def _add(file: FileReport, outcome: FileOutcome) -> None:
    """Add what was read of a file, or of a range of it."""
    file.format = outcome.format if outcome.error is None or outcome.entries else file.format
    file.bytes += outcome.bytes
    file.entries += outcome.entries
    file.rows += outcome.rows
    file.error = file.error or outcome.error
    if outcome.unparsed is not None:
        file.unparsed = (file.unparsed or 0) + outcome.unparsed
    if outcome.start is not None and outcome.end is not None:
        start, end = _time(outcome.start), _time(outcome.end)
        file.start = start if file.start is None else min(file.start, start)
        file.end = end if file.end is None else max(file.end, end)


def _time(micros: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros)

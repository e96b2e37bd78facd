"""What units give, in the numbers of the whole: lines of a file, groups of a context, and the report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
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

__all__ = ["Groups", "Merge", "Place", "note"]


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
    """Units of one host, taken in order; `first` is the number of its first file. Ranges are noted in `places`."""

    def __init__(self, files: Sequence[FileEntry], first: int, groups: Groups, places: dict[int, list[Place]]) -> None:
        self._files, self._first, self._groups, self._places = files, first, groups, places
        self._lines: dict[int, int | None] = {}

    def rows(self, unit: Unit) -> Generator[pl.DataFrame]:
        """Rows of a unit, numbered on from those before."""
        span, end = unit.span, unit.end
        if end is None:
            self._groups.cut()
            self._lines[span.first] = None
            return
        base = self._groups.base(end, self._files[span.first].set, self._files[span.last - 1].set)
        place = None if span.high is None else self._placed(span, end)
        for body in unit.bodies():
            frame = unpack(body)
            if base and GROUP in frame.columns:
                frame = frame.with_columns(pl.col(GROUP) + base)
            yield frame if place is None else place.numbered(frame)

    def _placed(self, span: Span, end: UnitEnd) -> Place:
        """Note where a range lies; lines behind one that is lost, or ended early, cannot be told."""
        line, lines = self._lines.get(span.first, 0), end.files[0].lines
        self._lines[span.first] = None if line is None or end.files[0].error is not None else line + lines
        place = Place(span, span.low if line is None else line, line, lines)
        self._places.setdefault(self._first + span.first, []).append(place)
        return place


@dataclass(frozen=True)
class Place:
    """A range that was read; rows are named by lines from `before` on, `line` counts from `line` on (None: unknown).

    Where lines are not known, names go by the byte at which the range begins: no less than the lines before it.
    """

    span: Span
    before: int
    line: int | None
    lines: int

    def inside(self, lines: pl.Series) -> pl.Series:
        """Of names of rows, those in the range, as its own lines."""
        return lines.filter((lines > self.before) & (lines <= self.before + self.lines)) - self.before

    def numbered(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Lines of the range → lines of the file."""
        known = {"line": self.line, LINE_NUMBER: self.before}
        return frame.with_columns(
            pl.col(name) + pl.lit(base, pl.Int64) for name, base in known.items() if name in frame.columns
        )


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

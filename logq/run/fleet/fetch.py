"""Fetching, of rows that were chosen, the columns that were not sent."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from logq.compile.stream import FILE, LINE_NUMBER
from logq.run.fleet.dispatch import Share
from logq.run.wire.messages import Span
from logq.run.wire.tables import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future

    from logq.run.fleet.dispatch import Unit
    from logq.run.fleet.merge import Place
    from logq.run.report import Report
    from logq.run.wire.messages import Run

__all__ = ["Fetcher"]

ROW = [FILE, LINE_NUMBER]


@dataclass(frozen=True)
class Fetcher:
    """Asks hosts for columns of rows; `asked` makes the request for a host's files.

    `places` has, for the number of a file in the fleet, the ranges in which it was read; with `sets` rotation sets are
    read whole, whatever of them is wanted.
    """

    asked: Mapping[int, Run]
    start: Callable[[dict[int, Share]], Future[object]]
    places: Mapping[int, Sequence[Place | None]]
    report: Report
    sets: bool

    def __call__(self, rows: pl.DataFrame, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Rows with names → the same with `columns`; null where a file is no longer what it was, which is reported."""
        wanted = rows.select(ROW).unique().sort(ROW)
        lines = {int(key[0]): part[LINE_NUMBER] for key, part in wanted.partition_by(FILE, as_dict=True).items()}
        units = {host: self._units(request, lines) for host, request in self.asked.items()}
        news = threading.Condition()
        shares = {h: Share(self.asked[h], [span for span, _ in some], news) for h, some in units.items() if some}
        found = [pl.DataFrame(schema={**columns, **dict.fromkeys(ROW, pl.Int64)})]
        work = self.start(shares)
        try:
            for host, share in shares.items():
                places = {span.number: place for span, place in units[host]}
                for unit in share.in_order():
                    found += self._rows(unit, places[unit.span.number])
                    self._note(host, unit, share)
                if share.refused is not None:
                    raise share.refused
            work.result()
        finally:
            work.cancel()
            for share in shares.values():
                share.drop()
        return rows.join(pl.concat(found), on=ROW, how="left", maintain_order="left")

    def _units(self, request: Run, lines: Mapping[int, pl.Series]) -> list[tuple[Span, Place | None]]:
        """Units that hold the lines, by the number of their file, each told which, in its own numbers."""
        found: list[tuple[Span, Place | None]] = []
        places = range(len(request.files))
        for _, group in groupby(places, lambda at: request.files[at].set if self.sets else at):
            at = [*group]
            some = [lines[request.first + i] for i in at if request.first + i in lines]
            for place in self.places.get(request.first + at[0], [None]) if some else []:
                here = pl.concat(some) if place is None else place.inside(some[0])
                if len(here):
                    span = Span(number=0, first=at[0], last=at[-1] + 1) if place is None else place.span
                    packed = pack(here.alias(LINE_NUMBER).to_frame())
                    found.append((msgspec.structs.replace(span, number=len(found), rows=packed), place))
        return found

    def _rows(self, unit: Unit, place: Place | None) -> list[pl.DataFrame]:
        frames = [unpack(body) for body in unit.bodies()] if unit.end else []
        return frames if place is None else [place.numbered(f) for f in frames]

    def _note(self, host: int, unit: Unit, share: Share) -> None:
        """Enter what it cost, and what was lost, into the report."""
        told = self.report.hosts[host]
        first = self.asked[host].first
        files = self.report.files[first + unit.span.first : first + unit.span.last]
        fault = unit.fault or share.fault
        if unit.end is None:
            told.status, told.error = (fault.status, fault.why) if fault else ("failed", "cancelled")
            for file in files:
                file.error = told.error
            return
        for file, outcome in zip(files, unit.end.files, strict=True):
            told.bytes += outcome.bytes
            file.error = file.error or outcome.error
            if outcome.changed:
                told.status, told.error = "changed", outcome.error

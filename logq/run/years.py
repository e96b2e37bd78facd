"""Years of year-less stamps: one light pass over a file tells in which year each block begins."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logq.formats import Stamp
from logq.read import entries
from logq.read.decode.columns import CAPTURES
from logq.read.stamps import Clock, read_stamps, shifts, turn

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from logq.read import Block, Resolved

__all__ = ["Ends", "clocks", "ends", "is_yearless", "pseudo_stamps"]


def is_yearless(file: Resolved) -> bool:
    """Whether stamps of a file lack the year."""
    return file.yearless is not None


def pseudo_stamps(frame: pl.DataFrame, file: Resolved) -> pl.Series:
    """Stamps of a frame of entries, all read in one leap year."""
    form = file.yearless or file
    values, _ = CAPTURES[form.format.kind](frame["raw"], form, frozenset({form.stamp or ""}), explain=False)
    layouts = tuple(layout for layout in form.layouts if Stamp.yearless(layout))
    return read_stamps(values[form.stamp or ""], layouts, "UTC").struct["timestamp"]


@dataclass(frozen=True, slots=True)
class Ends:
    """Stamps at the ends of a block (µs in the pseudo year) and the turns of the year between them."""

    first: int
    last: int
    turns: int


def ends(block: Block, file: Resolved) -> Ends | None:
    """Read one block for its ends; None if it has no stamp or cannot be read."""
    try:
        data = block.load()
    except OSError:
        return None
    stamps = pseudo_stamps(entries(data, file.start)[0], file)
    known = stamps.drop_nulls().dt.epoch("us")
    return Ends(known[0], known[-1], shifts(stamps, Clock(year=0))[-1]) if len(known) else None


def clocks(blocks: Iterable[Ends | None], file: Resolved, year: int | None) -> list[Clock]:
    """Ends of each block → the Clock each starts with, and the one for what comes after them: files grow.

    The file's last stamp lies in `year`, or else in the year that puts it nearest the file's mtime.
    """
    found: list[tuple[int, int | None]] = []
    turned, previous = 0, None
    for block in blocks:
        found.append((turned, previous))
        if block is not None:
            turned += block.turns + (turn(previous, block.first) if previous is not None else 0)
            previous = block.last
    found.append((turned, previous))
    anchor = (year if year is not None else _nearest_year(file, previous)) - turned
    return [Clock(year=anchor + turns, previous=before) for turns, before in found]


def _nearest_year(file: Resolved, last: int | None) -> int:
    now = dt.datetime.now(dt.UTC)
    if file.file.local:
        now = dt.datetime.fromtimestamp(Path(file.file.name).stat().st_mtime, dt.UTC)
    if last is None:
        return now.year
    stamp = dt.datetime.fromtimestamp(last / 1_000_000, dt.UTC)
    return now.year + turn(last, int(now.replace(year=stamp.year).timestamp() * 1_000_000)) * -1

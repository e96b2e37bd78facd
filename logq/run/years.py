"""Years of year-less stamps, days of date-less ones: one light pass over a file tells in which each block begins."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats import Stamp
from logq.read import text_of
from logq.read.decode.columns import CAPTURES
from logq.read.stamps import HALF_DAY, HALF_YEAR, PSEUDO_YEAR, Clock, read_stamps, shifts, turn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logq.read import Block, Resolved, Woven

__all__ = ["Ends", "clocks", "ends", "is_yearless", "pseudo_stamps"]


EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def is_yearless(file: Resolved) -> bool:
    """Whether stamps of a file lack the year."""
    return file.yearless is not None


def half_period(file: Resolved) -> int:
    """Half of what stamps leave out: of a year, or of a day where they are times of day (µs)."""
    form = file.yearless or file
    return HALF_DAY if any(map(Stamp.dateless, form.layouts)) else HALF_YEAR


def pseudo_stamps(frame: pl.DataFrame, file: Resolved) -> pl.Series:
    """Stamps of a frame of entries, all read in one leap year, or on its first day."""
    form = file.yearless or file
    values, _ = CAPTURES[form.format.kind](text_of(frame), form, frozenset({form.stamp or ""}), explain=False)
    layouts = tuple(layout for layout in form.layouts if Stamp.yearless(layout))
    return read_stamps(values[form.stamp or ""], layouts, "UTC").struct["timestamp"]


@dataclass(frozen=True, slots=True)
class Ends:
    """Stamps at the ends of a block (µs in the pseudo year) and the turns of the year between them."""

    first: int
    last: int
    turns: int


def ends(block: Block | Woven, file: Resolved) -> Ends | None:
    """Read one block for its ends; None if it has no stamp or cannot be read."""
    try:
        frame, _ = block.entries(file.start)
    except OSError:
        return None
    stamps = pseudo_stamps(frame, file)
    known = stamps.drop_nulls().dt.epoch("us")
    return Ends(known[0], known[-1], shifts(stamps, Clock(0, half=half_period(file)))[-1]) if len(known) else None


def clocks(blocks: Iterable[Ends | None], file: Resolved, year: int | None, tz: str) -> list[Clock]:
    """Ends of each block → the Clock each starts with, and the one for what comes after them: files grow.

    The file's last stamp lies in `year`, or else in the year that puts it nearest the file's mtime; where stamps are
    times of day, on the day that does.
    """
    half = half_period(file)
    found: list[tuple[int, int | None]] = []
    turned, previous = 0, None
    for block in blocks:
        found.append((turned, previous))
        if block is not None:
            turned += block.turns + (turn(previous, block.first, half) if previous is not None else 0)
            previous = block.last
    found.append((turned, previous))
    near = _changed(file, tz)
    last = _day(near, previous) if half == HALF_DAY else _year(near, previous) if year is None else year
    return [Clock(last - turned + turns, before, half) for turns, before in found]


def _changed(file: Resolved, tz: str) -> dt.datetime:
    """Local time of a file's last change; now, where that cannot be told."""
    now = dt.datetime.now(dt.UTC)
    if file.file.modified is not None:
        now = dt.datetime.fromtimestamp(file.file.modified, dt.UTC)
    elif file.file.local:
        now = dt.datetime.fromtimestamp(Path(file.file.where).stat().st_mtime, dt.UTC)
    local: dt.datetime = pl.Series([now]).dt.convert_time_zone(tz).dt.replace_time_zone("UTC", ambiguous="latest")[0]
    return local


def _year(near: dt.datetime, last: int | None) -> int:
    return near.year if last is None else near.year - turn(last, _micros(near.replace(year=PSEUDO_YEAR)))


def _day(near: dt.datetime, last: int | None) -> int:
    """Days from 1970."""
    day = (near - EPOCH).days
    pseudo = near.replace(year=PSEUDO_YEAR, month=1, day=1)
    return day if last is None else day - turn(last, _micros(pseudo), HALF_DAY)


def _micros(point: dt.datetime) -> int:
    return (point - EPOCH) // dt.timedelta(microseconds=1)

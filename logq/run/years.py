"""Years of year-less stamps, days of date-less ones: one light pass over a file tells in which each block begins."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats import Stamp
from logq.read import text_of
from logq.read.stamps import HALF_DAY, HALF_YEAR, PSEUDO_YEAR, Clock, shifts, turn
from logq.run.settled import Settled, pseudo_stamps, settled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logq.read import Block, Resolved, Woven

__all__ = ["Ends", "clocks", "ends", "is_yearless", "years"]


FEW: Final = 1 / 16
"""Years of entries are kept from the first pass where they change at no larger a share of them."""

AHEAD: Final = 86_400_000_000
"""How far a stamp may lie after its file's last change (µs): clocks differ, and zones may be assumed."""

YEAR: Final = 366 * 86_400_000_000
"""The pseudo year (µs)."""

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def is_yearless(file: Resolved) -> bool:
    """Whether stamps of a file lack the year."""
    return file.yearless is not None


def half_period(file: Resolved) -> int:
    """Half of what stamps leave out: of a year, or of a day where they are times of day (µs)."""
    form = file.yearless or file
    return HALF_DAY if any(map(Stamp.dateless, form.layouts)) else HALF_YEAR


@dataclass(frozen=True, slots=True)
class Ends:
    """Stamps at the ends of a block of `size` bytes, in µs of the pseudo year, None where it has none.

    `turns` of the year lie between them; `runs` are the years of all its entries, that of the first being 0, as lengths
    and values, where these are few.
    """

    first: int | None
    last: int | None
    turns: int
    size: int
    runs: pl.DataFrame | None


def ends(block: Block | Woven, file: Resolved) -> Ends | None:
    """Read one block for its ends; None if it cannot be read."""
    try:
        frame, _ = block.entries(file.start)
    except OSError:
        return None
    raw, half = text_of(frame), half_period(file)
    found = settled(raw, file, half) or _read(raw, file, half)
    first, last = (None if point is None else _micros(point) for point in (found.first, found.last))
    runs = found.years.rle().struct.unnest()
    few = runs if runs.height <= FEW * len(raw) + 1 else None
    return Ends(first, last, found.turns, block.size, few)


def _read(raw: pl.Series, file: Resolved, half: int) -> Settled:
    """Years of entries by the stamp of each."""
    stamps = pseudo_stamps(raw, file)
    known, found = stamps.drop_nulls(), shifts(stamps, Clock(0, half=half))
    return Settled.of(known, known, int(found[-1]) if len(found) else 0, found)


def years(raw: pl.Series, file: Resolved, clock: Clock, size: int) -> pl.Series:
    """Year of each entry of a block of so many bytes; read from its stamp where the first pass saw another block."""
    if clock.runs is None or clock.size != size or clock.runs.to_series().sum() != len(raw):
        return shifts(pseudo_stamps(raw, file), clock)
    lengths, values = clock.runs
    return values.repeat_by(lengths).explode() + clock.start


def clocks(blocks: Iterable[Ends | None], file: Resolved, year: int | None, tz: str) -> list[Clock]:
    """Ends of each block → the Clock each starts with, and the one for what comes after them: files grow.

    The file's last stamp lies in `year`, or else in the latest that does not put it more than a day after the file's
    mtime; where stamps are times of day, on the day that puts it nearest.
    """
    half = half_period(file)
    found: list[Clock] = []
    turned, previous = 0, None
    for block in blocks:
        if block is None:
            found.append(Clock(turned, previous, half))
            continue
        met = 0 if block.first is None or previous is None else turn(previous, block.first, half)
        start = turned if block.runs is None else turned + met
        found.append(Clock(start, previous, half, block.size, block.runs))
        turned, previous = turned + met + block.turns, previous if block.last is None else block.last
    found.append(Clock(turned, previous, half))
    near = _changed(file, tz)
    last = _day(near, previous) if half == HALF_DAY else _year(near, previous) if year is None else year
    return [replace(clock, start=last - turned + clock.start) for clock in found]


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
    if last is None:
        return near.year
    latest = _micros(near.replace(year=PSEUDO_YEAR)) + AHEAD
    return near.year - (last > latest) + (last + YEAR <= latest)


def _day(near: dt.datetime, last: int | None) -> int:
    """Days from 1970."""
    day = (near - EPOCH).days
    pseudo = near.replace(year=PSEUDO_YEAR, month=1, day=1)
    return day if last is None else day - turn(last, _micros(pseudo), HALF_DAY)


def _micros(point: dt.datetime) -> int:
    return (point - EPOCH) // dt.timedelta(microseconds=1)

"""Stamp texts → instants in UTC, and how sure each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from logq.formats.base import EPOCHS, Stamp
from logq.schema import CANONICAL, TIME_QUALITY

__all__ = ["READ", "Clock", "rank", "read_stamps", "reads", "shifts", "turn"]

READ: Final = pl.Struct({"timestamp": CANONICAL["timestamp"], "time_quality": TIME_QUALITY})
PER_UNIT: Final = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": 0.001}
MAGNITUDE: Final = {"epoch_s": (0, 1e11), "epoch_ms": (1e11, 1e14), "epoch_us": (1e14, 1e17), "epoch_ns": (1e17, 1e20)}
PSEUDO_YEAR: Final = 2000
"""Year-less stamps are first read in this leap year."""

HALF_YEAR: Final = 183 * 86_400_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """The year a block of year-less stamps starts in, and the stamp before it (µs in the pseudo year)."""

    year: int
    previous: int | None = None


def read_stamps(text: pl.Series, layouts: tuple[str, ...], tz: str, years: pl.Series | None = None) -> pl.Series:
    """String series → struct series of timestamp and time_quality, layouts tried in order on what is left.

    `years` gives, row by row, the year of year-less stamps.

    >>> stamps = read_stamps(pl.Series(["2024-01-01 00:00:00", "x"]), ("%Y-%m-%d %H:%M:%S",), "UTC")
    >>> stamps.struct["time_quality"].to_list()
    ['zone_assumed', 'missing']
    """
    instant = pl.Series("timestamp", [None], CANONICAL["timestamp"]).new_from_index(0, len(text))
    quality = pl.Series("time_quality", ["missing"], TIME_QUALITY).new_from_index(0, len(text))
    for layout in layouts:
        left = instant.is_null() & text.is_not_null()
        if not left.any():
            break
        whole = bool(left.all())
        subset = text if whole else text.filter(left)
        year = None if years is None or whole else years.filter(left)
        found = _read(subset, layout, tz, years if whole else year)
        mark = "year_inferred" if Stamp.yearless(layout) else "exact" if Stamp.zoned(layout) else "zone_assumed"
        marks = pl.select(
            pl.when(found.is_not_null()).then(pl.lit(mark)).otherwise(pl.lit("missing")).cast(TIME_QUALITY)
        ).to_series()
        if whole:
            instant, quality = found, marks
        else:
            rows = left.arg_true()
            instant, quality = instant.scatter(rows, found), quality.scatter(rows, marks)
    return pl.DataFrame([instant.alias("timestamp"), quality.alias("time_quality")]).to_struct("stamp")


def rank(texts: pl.Series, layouts: tuple[str, ...]) -> tuple[str, ...]:
    """Layouts with the one that reads the most of `texts` first; ties keep their order.

    >>> rank(pl.Series(["17", "18"]), ("%H:%M", "epoch_s"))
    ('epoch_s', '%H:%M')
    """
    return tuple(sorted(layouts, key=lambda layout: _read(texts, layout, "UTC", None).null_count()))


def reads(texts: pl.Series, layout: str) -> bool:
    """Whether `layout` reads any of `texts`.

    >>> reads(pl.Series(["17", "x"]), "epoch_s"), reads(pl.Series(["x"]), "epoch_s")
    (True, False)
    """
    return _read(texts, layout, "UTC", None).null_count() < len(texts)


def shifts(stamps: pl.Series, clock: Clock) -> pl.Series:
    """Year of each year-less stamp (read in the pseudo year), from the block's first year on.

    A step back of more than half a year starts the next year, a step forward of more than half a
    year the one before; rows without a stamp change nothing.
    """
    previous = pl.lit(clock.previous, pl.Int64)
    frame = pl.DataFrame({"t": stamps.dt.epoch("us")}).with_columns(pl.col("t").forward_fill().fill_null(previous))
    step = pl.col("t") - pl.col("t").shift(1, fill_value=previous)
    turns = (step < -HALF_YEAR).cast(pl.Int32) - (step > HALF_YEAR).cast(pl.Int32)
    return frame.select(pl.lit(clock.year, pl.Int32) + turns.fill_null(0).cum_sum()).to_series()


def turn(previous: int, following: int) -> int:
    """Years turned between two stamps of the pseudo year (µs): +1, -1 or 0.

    >>> turn(0, 300 * 86_400_000_000), turn(300 * 86_400_000_000, 0)
    (-1, 1)
    """
    return (following - previous < -HALF_YEAR) - (following - previous > HALF_YEAR)


def _read(text: pl.Series, layout: str, tz: str, years: pl.Series | None) -> pl.Series:
    if layout in EPOCHS:
        return _epoch(text, layout)
    if Stamp.yearless(layout):
        return _zoned(_dated(text, layout, years), tz)
    parsed = text.str.to_datetime(layout, strict=False, time_unit="us", ambiguous="earliest")
    return (
        parsed.dt.convert_time_zone("UTC")
        if Stamp.zoned(layout) and parsed.dtype == pl.Datetime("us", "UTC")
        else _zoned(parsed, tz)
    )


def _zoned(naive: pl.Series, tz: str) -> pl.Series:
    local = naive.dt.replace_time_zone(tz, ambiguous="earliest", non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _epoch(text: pl.Series, layout: str) -> pl.Series:
    """Numbers of seconds or fractions of them; each unit reads only numbers of its own magnitude."""
    low, high = MAGNITUDE[layout]
    number = pl.col("text").cast(pl.Float64, strict=False)
    whole = pl.col("text").cast(pl.Int64, strict=False)
    exact = whole // 1000 if layout == "epoch_ns" else whole * PER_UNIT[layout]
    micros = pl.coalesce(exact, (number * PER_UNIT[layout]).round().cast(pl.Int64, strict=False))
    fits = number.abs().is_between(low, high, closed="left")
    return (
        text.to_frame("text")
        .select(pl.when(fits).then(micros).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
        .to_series()
    )


def _dated(text: pl.Series, layout: str, years: pl.Series | None) -> pl.Series:
    """Year-less text → naive datetime; 29 February stays null in a year that has none."""
    year = pl.Series([str(PSEUDO_YEAR)]).new_from_index(0, len(text)) if years is None else years.cast(pl.String)
    return (year + " " + text).str.to_datetime("%Y " + layout, strict=False, time_unit="us")

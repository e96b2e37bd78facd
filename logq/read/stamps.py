"""Stamp texts → instants in UTC, and how sure each of them is."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from logq.formats.base import EPOCHS, Stamp
from logq.read.instants import parse
from logq.read.layouts import by_shape, fits, held, may_be
from logq.schema import CANONICAL, TIME_QUALITY

__all__ = ["HALF_DAY", "HALF_YEAR", "PSEUDO_YEAR", "READ", "Clock", "rank", "read_stamps", "seen", "shifts", "turn"]

READ: Final = pl.Struct({"timestamp": CANONICAL["timestamp"], "time_quality": TIME_QUALITY})
MISSING: Final = {"timestamp": (None, CANONICAL["timestamp"]), "time_quality": ("missing", TIME_QUALITY)}
PER_UNIT: Final = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
MAGNITUDE: Final = {"epoch_s": (0, 1e11), "epoch_ms": (1e11, 1e14), "epoch_us": (1e14, 1e17), "epoch_ns": (1e17, 1e20)}
PSEUDO_YEAR: Final = 2000
"""Year-less stamps are first read in this leap year, times of day on its first day."""

HALF_YEAR: Final = 183 * 86_400_000_000
HALF_DAY: Final = 43_200_000_000
LOCAL_MONTHS: Final = {
    word: month
    for month, words in {
        "Jan": "janvier janv enero ene januar jän",
        "Feb": "février févr fevr febrero februar",
        "Mar": "mars marzo märz mär mrz",
        "Apr": "avril avr abril abr",
        "May": "mai mayo",
        "Jun": "juin junio juni",
        "Jul": "juillet juil julio juli",
        "Aug": "août aout agosto ago",
        "Sep": "septembre sept septiembre",
        "Oct": "octobre octubre oktober okt",
        "Nov": "novembre noviembre",
        "Dec": "décembre déc diciembre dic dezember dez",
    }.items()
    for word in words.split()
    for word in (f"{word}.", word)
}
"""Names of months in French, Spanish and German, with the dot that may follow a short one."""

KNOWN: Final = pl.col("timestamp").is_between(
    dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
)
"""Years 1 to 9999: others are no time of which one could speak in Python."""

TIMESTAMP: Final = pl.when(KNOWN).then("timestamp")

MONTH: Final = re.compile("%[bBh]")
REPEATED: Final = 2
"""Stamps that repeat so often or more, one behind the other, are read once for each run."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The year a block of year-less stamps starts in, and the stamp before it (µs in the pseudo year).

    Where stamps lack the date, the day they start on, counted from 1970; `half` of such a period is a turn. `runs` are
    the years of all entries of a block of `size` bytes from `start` on, where they are known: lengths and values.
    """

    start: int
    previous: int | None = None
    half: int = HALF_YEAR
    size: int = 0
    runs: pl.DataFrame | None = None


def read_stamps(text: pl.Series, layouts: tuple[str, ...], tz: str, years: pl.Series | None = None) -> pl.Series:
    """String series → struct series of timestamp and time_quality, layouts tried in order on what is left.

    `years` gives, row by row, the year of year-less stamps, or the day of those without a date. Where clocks went back
    and a local time came twice, the second is taken, standard time; one that was skipped is null. A leap second is the
    first of the next minute. Months may be named in German, French or Spanish.

    >>> stamps = read_stamps(pl.Series(["2024-01-01 00:00:00", "x"]), ("%Y-%m-%d %H:%M:%S",), "UTC")
    >>> stamps.struct["time_quality"].to_list()
    ['zone_assumed', 'missing']
    """
    runs = text.rle_id() if years is None else text.rle_id() + years.rle_id()
    first = runs.ne_missing(runs.shift(1))
    if REPEATED * int(first.sum()) > len(text):
        return _stamps(text, layouts, tz, years)
    rows = first.arg_true()
    read = _stamps(text.gather(rows), layouts, tz, None if years is None else years.gather(rows))
    return read.gather(first.cum_sum() - 1)


def _stamps(text: pl.Series, layouts: tuple[str, ...], tz: str, years: pl.Series | None) -> pl.Series:
    """Stamps as they come, each read by itself."""
    found = _tried(text, layouts, tz, years)
    worded = tuple(layout for layout in layouts if MONTH.search(layout))
    left = _unread(text, found) if worded else text.head(0)
    if len(left):
        left = left.filter(text.gather(left).str.contains("[A-Za-z]"))
    if len(left):
        local = text.gather(left)
        english = local.str.replace_many(LOCAL_MONTHS, ascii_case_insensitive=True, leftmost=True)
        changed = english != local
        left, english = left.filter(changed), english.filter(changed)
    if len(left):
        more = _tried(english, worded, tz, None if years is None else years.gather(left))
        found = pl.DataFrame([found[name].scatter(left, more[name]) for name in found.columns])
    return found.to_struct("stamp")


def _tried(text: pl.Series, layouts: tuple[str, ...], tz: str, years: pl.Series | None) -> pl.DataFrame:
    """Timestamp and time_quality, layouts tried in order on what is left.

    What the first does not read is sorted by shape, and each shape only tried in layouts that it may be in.
    """
    first, *others = layouts or (None,)
    found = _marked(text, (first,) if first else (), tz, years)
    left = _unread(text, found) if others else text.head(0)
    if not len(left):
        return found
    texts, year = text.gather(left), None if years is None else years.gather(left)
    places, parts = [], []
    for shape, rows in by_shape(texts) if len(others) > 1 else ((None, pl.int_range(len(texts), eager=True)),):
        fitting = tuple(layout for layout in others if shape is None or may_be(shape, layout))
        parts.append(_marked(texts.gather(rows), fitting, tz, None if year is None else year.gather(rows)))
        places.append(left.gather(rows))
    more, at = pl.concat(parts), pl.concat(places)
    return pl.DataFrame([found[name].scatter(at, more[name]) for name in found.columns])


def _unread(text: pl.Series, found: pl.DataFrame) -> pl.Series:
    """Rows of texts that were not read."""
    stamps = found["timestamp"]
    if stamps.null_count() == text.null_count():
        return pl.Series(dtype=pl.UInt32)
    return (stamps.is_null() & text.is_not_null()).arg_true()


def _marked(text: pl.Series, layouts: tuple[str, ...], tz: str, years: pl.Series | None) -> pl.DataFrame:
    """Timestamp and time_quality, each layout tried on what those ahead of it left."""
    frame = pl.DataFrame([pl.Series(n, [v], t).new_from_index(0, len(text)) for n, (v, t) in MISSING.items()])
    rows = text.is_not_null().arg_true() if text.null_count() else pl.int_range(len(text), eager=True)
    for layout in layouts:
        if not len(rows):
            break
        whole = len(rows) == len(text)
        year = years if whole or years is None else years.gather(rows)
        found = _known(_read(text if whole else text.gather(rows), layout, tz, year), _mark(layout))
        left = found["timestamp"].is_null().arg_true() if found["timestamp"].null_count() else rows.clear()
        if whole:
            frame = found
        elif len(left) < len(rows):
            frame = pl.DataFrame([frame[n].scatter(rows, found[n]) for n in frame.columns])
        rows = rows.gather(left)
    return frame


def _known(stamps: pl.Series, mark: str) -> pl.DataFrame:
    """Timestamp and time_quality of stamps, those left out that are of no year."""
    return stamps.to_frame("timestamp").select(TIMESTAMP, _quality(mark))


@cache
def _quality(mark: str) -> pl.Expr:
    sure = pl.when(KNOWN).then(pl.lit(mark, TIME_QUALITY)).otherwise(pl.lit("missing", TIME_QUALITY))
    return sure.alias("time_quality")


def _mark(layout: str) -> str:
    """How sure a stamp in a layout is."""
    return "year_inferred" if Stamp.yearless(layout) else "exact" if Stamp.zoned(layout) else "zone_assumed"


def rank(texts: pl.Series, layouts: tuple[str, ...]) -> tuple[str, ...]:
    """Layouts with the one that reads the most of `texts` first; ties keep their order.

    >>> rank(pl.Series(["17", "18"]), ("%H:%M", "epoch_s"))
    ('epoch_s', '%H:%M')
    """
    counts: list[int] = []
    known = held(texts)
    for layout in layouts:
        tried = fits(layout, known)
        counts.append(_read(texts, layout, "UTC", None).null_count() if tried else len(texts))
        if counts[-1] == texts.null_count():
            break
    order = sorted(range(len(layouts)), key=lambda i: counts[i] if i < len(counts) else len(texts))
    return tuple(layouts[i] for i in order)


def seen(texts: pl.Series, layouts: tuple[str, ...]) -> list[str]:
    """Layouts that read any of `texts`, the one that reads the most first; that one alone if it reads them all.

    >>> seen(pl.Series(["17", "18:00"]), ("%H:%M", "epoch_s", "%Y")), seen(pl.Series(["x"]), ("epoch_s",))
    (['%H:%M', 'epoch_s'], [])
    """
    ordered = rank(texts, layouts)
    missed = _read(texts, ordered[0], "UTC", None).null_count() if ordered else len(texts)
    if missed == texts.null_count() < len(texts):
        return [ordered[0]]
    known = held(texts)
    fitting = [layout for layout in ordered if fits(layout, known)]
    return [layout for layout in fitting if _read(texts, layout, "UTC", None).null_count() < len(texts)]


def shifts(stamps: pl.Series, clock: Clock) -> pl.Series:
    """Year of each year-less stamp (read in the pseudo year), from the block's first year on; or day, of times of day.

    A step back of more than half a year starts the next year, a step forward of more than half a
    year the one before; rows without a stamp change nothing.
    """
    previous = pl.lit(clock.previous, pl.Int64)
    frame = pl.DataFrame({"t": stamps.dt.epoch("us")}).with_columns(pl.col("t").forward_fill().fill_null(previous))
    step = pl.col("t") - pl.col("t").shift(1, fill_value=previous)
    turns = (step < -clock.half).cast(pl.Int32) - (step > clock.half).cast(pl.Int32)
    return frame.select(pl.lit(clock.start, pl.Int32) + turns.fill_null(0).cum_sum()).to_series()


def turn(previous: int, following: int, half: int = HALF_YEAR) -> int:
    """Years turned between two stamps of the pseudo year (µs): +1, -1 or 0; or days, where `half` is that of a day.

    >>> turn(0, 300 * 86_400_000_000), turn(300 * 86_400_000_000, 0)
    (-1, 1)
    """
    return (following - previous < -half) - (following - previous > half)


def _read(text: pl.Series, layout: str, tz: str, years: pl.Series | None) -> pl.Series:
    if layout in EPOCHS:
        return _epoch(text, layout)
    zone = "UTC" if Stamp.zoned(layout) else tz
    if ",%f" in layout:
        # A text in a layout with one comma has no other.
        alone = layout.count(",") == 1
        text = text.str.replace("," if alone else r",(\d+)", "." if alone else ".$1", literal=alone)
        layout = layout.replace(",%f", "%.f")
    if Stamp.yearless(layout):
        return _zoned(_dated(text, layout, years), zone)
    parsed = parse(text, layout)
    return _zoned(parsed, zone) if parsed.dtype == pl.Datetime("us") else parsed


def _zoned(naive: pl.Series, tz: str) -> pl.Series:
    local = pl.col("t").dt.replace_time_zone(tz, ambiguous="latest", non_existent="null")
    return naive.to_frame("t").select(local.dt.convert_time_zone("UTC")).to_series()


def _epoch(text: pl.Series, layout: str) -> pl.Series:
    """Numbers of seconds or fractions of them; each unit reads only numbers of its own magnitude."""
    low, high = MAGNITUDE[layout]
    whole = text.cast(pl.Int64, strict=False)
    micros = whole // 1000 if layout == "epoch_ns" else whole * PER_UNIT[layout]
    found = _fitting(micros, whole.abs().is_between(low, high, closed="left"))
    rows = (whole.is_null() & text.is_not_null()).arg_true()
    if not len(rows):
        return found
    number = text.gather(rows).cast(pl.Decimal(38, 9), strict=False)
    exact = number / 1000 if layout == "epoch_ns" else number * PER_UNIT[layout]
    fits = number.cast(pl.Float64).abs().is_between(low, high, closed="left")
    return found.scatter(rows, _fitting(exact.floor(), fits))


def _fitting(micros: pl.Series, fits: pl.Series) -> pl.Series:
    """Microseconds as instants, null where they do not fit."""
    instants = pl.when("fits").then("micros").cast(pl.Int64, strict=False).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({"micros": micros, "fits": fits}).select(instants).to_series()


def _dated(text: pl.Series, layout: str, years: pl.Series | None) -> pl.Series:
    """Year-less text → naive datetime; 29 February stays null in a year that has none."""
    if Stamp.dateless(layout):
        days = pl.Series([f"{PSEUDO_YEAR}-01-01"]).new_from_index(0, len(text))
        days = days if years is None else years.cast(pl.Int32).cast(pl.Date).cast(pl.String)
        return parse(days + " " + text, "%Y-%m-%d " + layout)
    year = pl.Series([str(PSEUDO_YEAR)]).new_from_index(0, len(text)) if years is None else years.cast(pl.String)
    return parse(year + " " + text, "%Y " + layout)

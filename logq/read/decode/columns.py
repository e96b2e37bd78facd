"""The canonical columns and typed fields of a block, over whatever its kind of format captured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.plan import HIDDEN
from logq.read.decode import csv, json, logfmt, regex
from logq.read.lines import DAMAGE
from logq.read.stamps import read_stamps
from logq.schema import CANONICAL, level_of_severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from logq.read.resolved import Resolved

    Capture = Callable[[pl.Series, Resolved, frozenset[str]], tuple[pl.DataFrame, pl.Series]]

__all__ = ["YEAR", "decode"]

YEAR: Final = f"{HIDDEN}year"
"""Year of each entry, put there by the reader where stamps have none."""

ROW_COLUMNS: Final = frozenset({"raw", "line", "source", "host", "format"})
CAPTURES: Final[Mapping[str, Capture]] = {"regex": regex.capture, "json": json.capture, "logfmt": logfmt.capture, "csv": csv.capture}


def decode(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str], tz: str) -> pl.DataFrame:
    """Add the `wanted` columns to a frame of entries: canonical ones and the format's own.

    `raw`, `line`, `source`, `host` and `format` need no decoding and are left to the caller. A
    column the file does not have is null, in the type it has elsewhere or as String.
    """
    wanted -= ROW_COLUMNS
    if not wanted:
        return frame
    values, error = _captured(frame["raw"], resolved, _fields(resolved, wanted))
    values = values.with_columns(e.alias(n) for n, e in resolved.format.derived.items() if n in _derived(resolved, wanted))
    columns = [*_canonical(frame, values, error, resolved, wanted, tz)]
    own = [n for n in wanted if n not in CANONICAL]
    columns += [_typed(values, n, resolved) for n in own]
    return frame.with_columns(columns)


def _fields(resolved: Resolved, wanted: frozenset[str]) -> frozenset[str]:
    """Fields to capture for the wanted columns."""
    fields = set(wanted - CANONICAL.keys())
    fields |= {resolved.stamp} if wanted & {"timestamp", "time_quality"} and resolved.stamp else set()
    fields |= {resolved.level} if wanted & {"level", "severity"} and resolved.level else set()
    fields |= {resolved.message} if "message" in wanted and resolved.message else set()
    for name in _derived(resolved, wanted):
        fields |= set(resolved.format.derived[name].meta.root_names())
    return frozenset(fields)


def _derived(resolved: Resolved, wanted: frozenset[str]) -> frozenset[str]:
    asked = wanted | {"severity"} if "level" in wanted else wanted
    return frozenset(resolved.format.derived.keys() & asked)


def _captured(raw: pl.Series, resolved: Resolved, fields: frozenset[str]) -> tuple[pl.DataFrame, pl.Series]:
    if resolved.format.kind == "plain":
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, len(raw))
        return pl.DataFrame({"raw": raw}).select([]), nothing
    return CAPTURES[resolved.format.kind](raw, resolved, fields)


def _canonical(
    frame: pl.DataFrame, values: pl.DataFrame, error: pl.Series, resolved: Resolved, wanted: frozenset[str], tz: str
) -> list[pl.Series]:
    made: dict[str, pl.Series] = {}
    if wanted & {"timestamp", "time_quality"}:
        years = frame[YEAR] if YEAR in frame.columns else None
        text = _text(values, resolved.stamp, len(frame))
        stamps = read_stamps(text, resolved.layouts, tz, years).struct
        made |= {"timestamp": stamps["timestamp"], "time_quality": stamps["time_quality"]}
    if wanted & {"level", "severity"}:
        severity = _severity(values, resolved, len(frame))
        made |= {"severity": severity, "level": pl.select(level_of_severity(pl.lit(severity))).to_series()}
    if "message" in wanted:
        plain = resolved.format.kind == "plain"
        made["message"] = frame["raw"] if plain else _text(values, resolved.message, len(frame))
    if "parse_error" in wanted:
        made["parse_error"] = pl.select(pl.coalesce(pl.lit(frame[DAMAGE]), pl.lit(error))).to_series()
    return [series.alias(name) for name, series in made.items() if name in wanted]


def _text(values: pl.DataFrame, field: str | None, height: int) -> pl.Series:
    """Take a captured field as text; nulls where there is none."""
    if field is None or field not in values.columns:
        return pl.Series([None], dtype=pl.String).new_from_index(0, height)
    return values[field] if values[field].dtype == pl.String else values[field].cast(pl.String, strict=False)


def _severity(values: pl.DataFrame, resolved: Resolved, height: int) -> pl.Series:
    if "severity" in resolved.format.derived:
        return values["severity"].cast(pl.UInt8)
    word = _text(values, resolved.level, height)
    if word.null_count() == height:
        return word.cast(pl.UInt8)
    table = resolved.format.severity_table
    return word.str.strip_chars().str.to_lowercase().replace_strict(table, default=None, return_dtype=pl.UInt8)


def _typed(values: pl.DataFrame, name: str, resolved: Resolved) -> pl.Series:
    dtype = resolved.fields.get(name, pl.String())
    if name not in values.columns:
        return pl.Series(name, [None], dtype=dtype).new_from_index(0, values.height)
    series = values[name]
    return (series if series.dtype == dtype else series.cast(dtype, strict=False)).alias(name)

"""The canonical columns and typed fields of a block, over whatever its kind of format captured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import polars as pl

from logq.plan import HIDDEN
from logq.read.decode import csv, json, logfmt, regex
from logq.read.decode.casts import cast_text
from logq.read.lines import DAMAGE, LINE
from logq.read.stamps import read_stamps
from logq.schema import CANONICAL, level_of_severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from logq.read.resolved import Resolved

    class Capture(Protocol):
        """Entries → the wanted fields, and what is wrong with each entry if that is to be explained."""

        def __call__(
            self, raw: pl.Series, resolved: Resolved, wanted: frozenset[str], *, explain: bool
        ) -> tuple[pl.DataFrame, pl.Series | None]: ...


__all__ = ["YEAR", "decode_entries", "decode_whole"]

YEAR: Final = f"{HIDDEN}year"
"""Year of each entry, put there by the reader where stamps have none."""

ROW_COLUMNS: Final = frozenset({"raw", "line", "source", "host", "format"})
TIMED: Final = frozenset({"timestamp", "time_quality", "parse_error"})
"""Columns for which stamps are read: one that cannot be is an error of its row."""

LEVEL_OF: Final = pl.select(level_of_severity(pl.int_range(256).cast(pl.UInt8))).to_series()
"""Level of each severity."""

CAPTURES: Final[Mapping[str, Capture]] = {
    "regex": regex.capture,
    "json": json.capture,
    "logfmt": logfmt.capture,
    "csv": csv.capture,
}


def decode_entries(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str], tz: str) -> pl.DataFrame:
    """Add the `wanted` columns to a frame of entries: canonical ones and the format's own.

    `raw`, `line`, `source`, `host` and `format` need no decoding and are left to the caller. A
    column the file does not have is null, in the type it has elsewhere or as String.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, entries, resolve_file
    >>> data = b'{"n":1,"msg":"up"}'
    >>> file = resolve_file(FileRef("a", buffer=data), Scan(sources=("a",)))
    >>> decode_entries(entries(data, None)[0], file, frozenset({"n", "message"}), "UTC").select("n", "message").rows()
    [(1, 'up')]
    """
    wanted -= ROW_COLUMNS
    if not wanted:
        return frame
    captured = _captured(frame["raw"], resolved, _fields(resolved, wanted), explain="parse_error" in wanted)
    return _finished(frame, captured, resolved, wanted, tz)


def decode_whole(data: bytes, resolved: Resolved, wanted: frozenset[str], tz: str) -> pl.DataFrame | None:
    """Lines → a frame of their numbers from 0 and the `wanted` columns, where no line has to be looked at by itself.

    None where that is not so: then `entries` and `decode_entries` are to be asked.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, resolve_file
    >>> data = b'{"n":1,"msg":"up"}'
    >>> file = resolve_file(FileRef("a", buffer=data), Scan(sources=("a",)))
    >>> decode_whole(data, file, frozenset({"n", "message"}), "UTC").select("__logq_line", "n", "message").rows()
    [(0, 1, 'up')]
    """
    wanted -= ROW_COLUMNS
    if resolved.format.kind != "json":
        return None
    found = json.whole(data, resolved, _fields(resolved, wanted))
    if found is None:
        return None
    values, height = found
    numbers = pl.int_range(height, dtype=pl.UInt32, eager=True)
    return _finished(pl.DataFrame({LINE: numbers}), (values, None), resolved, wanted, tz)


def _finished(
    frame: pl.DataFrame,
    captured: tuple[pl.DataFrame, pl.Series | None],
    resolved: Resolved,
    wanted: frozenset[str],
    tz: str,
) -> pl.DataFrame:
    """Add the wanted columns to a frame of entries, given what was captured of them."""
    values, error = captured
    values = _computed(values, resolved, _derived(resolved, wanted))
    stamps = _stamped(frame, values, resolved, wanted, tz)
    made = _made(frame, values, resolved, wanted) | stamps
    if "parse_error" in wanted:
        known = [s for s in (frame.get_column(DAMAGE, default=None), error) if s is not None]
        reasons = [*known, *_misfits(values, made, resolved), *_untimed(values, stamps, resolved)]
        made |= {"parse_error": pl.select(pl.coalesce(reasons)).to_series()} if reasons else {}
    return frame.hstack([made[name].alias(name) for name in wanted])


def _fields(resolved: Resolved, wanted: frozenset[str]) -> frozenset[str]:
    """Fields to capture for the wanted columns."""
    fields = set(wanted - CANONICAL.keys())
    fields |= {resolved.stamp} if wanted & TIMED and resolved.stamp else set()
    fields |= {resolved.level} if wanted & {"level", "severity"} and resolved.level else set()
    fields |= {resolved.message} if "message" in wanted and resolved.message else set()
    fields |= {n for n, t in resolved.fields.items() if t != pl.String} if "parse_error" in wanted else set()
    for name in _derived(resolved, wanted):
        fields |= set(resolved.format.derived[name].meta.root_names())
    return frozenset(fields)


def _derived(resolved: Resolved, wanted: frozenset[str]) -> frozenset[str]:
    asked = wanted | {"severity"} if "level" in wanted else wanted
    asked = asked | {resolved.stamp or ""} if wanted & TIMED else asked
    return _with_bases(resolved, derivable(resolved) & asked)


def _with_bases(resolved: Resolved, derived: frozenset[str]) -> frozenset[str]:
    """Derived columns and those that they are made of."""
    while not (more := frozenset(base for name in derived for base in _bases(resolved, name))) <= derived:
        derived |= more
    return derived


def _bases(resolved: Resolved, name: str) -> set[str]:
    """Derived columns, not of the data itself, that a derived column is made of."""
    form = resolved.format
    return set(form.derived[name].meta.root_names()) & form.derived.keys() - {name, *(form.groups or resolved.keys)}


def derivable(resolved: Resolved) -> frozenset[str]:
    """Derived columns whose fields the data has; all, where the format alone says what it has."""
    derived = resolved.format.derived
    if not resolved.format.open:
        return frozenset(derived)
    return frozenset(n for n, e in derived.items() if set(e.meta.root_names()) <= resolved.keys.keys())


def values_of(raw: pl.Series, resolved: Resolved, names: frozenset[str]) -> pl.DataFrame:
    """Fields of entries as they are captured, derived ones computed."""
    derived = _with_bases(resolved, derivable(resolved) & names)
    roots = {root for n in derived for root in resolved.format.derived[n].meta.root_names()}
    values, _ = _captured(raw, resolved, names | roots, explain=False)
    return _computed(values, resolved, derived)


def _computed(values: pl.DataFrame, resolved: Resolved, derived: frozenset[str]) -> pl.DataFrame:
    while derived:
        ready = frozenset(n for n in derived if not _bases(resolved, n) & derived) or derived
        values = values.with_columns(e.alias(n) for n, e in resolved.format.derived.items() if n in ready)
        derived -= ready
    return values


def _captured(
    raw: pl.Series, resolved: Resolved, fields: frozenset[str], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    if resolved.format.kind == "plain":
        return pl.DataFrame(), None
    if not fields and not explain:
        return pl.DataFrame(), None
    return CAPTURES[resolved.format.kind](raw, resolved, fields, explain=explain)


def _stamped(
    frame: pl.DataFrame, values: pl.DataFrame, resolved: Resolved, wanted: frozenset[str], tz: str
) -> dict[str, pl.Series]:
    """Time and how sure it is, where asked for."""
    if not wanted & TIMED:
        return {}
    years = frame[YEAR] if YEAR in frame.columns else None
    text = values[resolved.stamp] if resolved.stamp in values.columns else nothing(pl.String(), frame.height)
    stamps = read_stamps(text if text.dtype == pl.String else text.cast(pl.String), resolved.layouts, tz, years).struct
    return {"timestamp": stamps["timestamp"], "time_quality": stamps["time_quality"]}


def _made(
    frame: pl.DataFrame, values: pl.DataFrame, resolved: Resolved, wanted: frozenset[str]
) -> dict[str, pl.Series]:
    """Every other wanted column, in one pass over the captured values."""
    own = [n for n in wanted if n not in CANONICAL]
    types = {n: resolved.fields.get(n, pl.String()) for n in own}
    held = values.schema
    exprs = {n: pl.col(n) if held[n] == t else cast_text(n, t) for n, t in types.items() if n in held}
    if "message" in wanted and resolved.message in values.columns:
        exprs["message"] = pl.col(resolved.message or "").cast(pl.String)
    found = values.select(**exprs).to_dict() if exprs else {}
    if wanted & {"level", "severity"} and ("severity" in resolved.format.derived or resolved.level in values.columns):
        severity = _severity(values, resolved)
        found |= {"severity": severity, "level": LEVEL_OF.gather(severity.cast(pl.UInt32))}
    if "message" in wanted and resolved.format.kind == "plain":
        found["message"] = frame["raw"]
    types.update(CANONICAL)
    return {n: nothing(types[n], frame.height) for n in wanted} | found


def _misfits(values: pl.DataFrame, made: Mapping[str, pl.Series], resolved: Resolved) -> list[pl.Series]:
    """For each typed column still held as text, which of its values are of another type; what is derived never is.

    None of a column that was made with no more nulls than the text has.
    """
    schema, derived = values.schema, resolved.format.derived
    held = {n: t for n, t in resolved.fields.items() if schema.get(n) == pl.String and t != pl.String}
    late = {n: t for n, t in held.items() if n not in derived}
    late = {n: t for n, t in late.items() if n not in made or made[n].null_count() > values[n].null_count()}
    tests = {n: pl.col(n).is_not_null() & cast_text(n, t).is_null() for n, t in late.items()}
    reasons = [pl.when(test).then(pl.lit(f"{n}: not {late[n]}")).alias(n) for n, test in tests.items()]
    return values.select(reasons).get_columns() if reasons else []


def _untimed(values: pl.DataFrame, stamps: Mapping[str, pl.Series], resolved: Resolved) -> list[pl.Series]:
    """Which stamps are there and cannot be read."""
    if resolved.stamp not in values.columns:
        return []
    there = pl.col(resolved.stamp).cast(pl.String) != ""
    reason = pl.when(there & stamps["timestamp"].is_null()).then(pl.lit(f"{resolved.stamp}: not a time"))
    return [values.select(reason.alias("stamp")).to_series()]


def _severity(values: pl.DataFrame, resolved: Resolved) -> pl.Series:
    if "severity" in resolved.format.derived:
        return values["severity"].cast(pl.UInt8)
    table = resolved.format.severity_table
    word = pl.col(resolved.level or "").cast(pl.String).str.strip_chars()
    place = values.select(word.cast(pl.Enum([*table]), strict=False).to_physical().cast(pl.UInt32)).to_series()
    return pl.Series([*table.values()], dtype=pl.UInt8).gather(place)


def nothing(dtype: PolarsDataType, height: int) -> pl.Series:
    """Return a column of nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, height)

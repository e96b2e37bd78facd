"""Entries whose messages are lines of another log: the columns of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from polars import selectors as cs

from logq.formats import Stamp
from logq.plan import HIDDEN
from logq.read.decode.columns import ROW_COLUMNS, TIMED, decode_entries, values_of
from logq.read.decode.ways import merged, parted, speaks
from logq.read.rules import After
from logq.schema import CANONICAL, TIME_QUALITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logq.read.resolved import Resolved

__all__ = ["decode_wrapped", "messages", "unended"]

BOTH: Final = frozenset({"level", "severity", "message", "parse_error"})
"""Columns that a line of another log and what it came in may both tell."""

TIMES: Final = TIMED - BOTH
MISSING: Final = {
    "timestamp": pl.lit(None, CANONICAL["timestamp"]).alias("timestamp"),
    "time_quality": pl.lit("missing", TIME_QUALITY).alias("time_quality"),
}
ENTRY: Final = f"{HIDDEN}entry"


def decode_wrapped(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str], tz: str) -> pl.DataFrame:
    """Add the `wanted` columns to a frame of entries, those inside their messages among them.

    Of a wrapper of several lines the fields are those of the first, the message is that of all. Time is the wrapper's,
    if it has one; level and message are those inside, where there are. A message that cannot be read on stays whole,
    and `parse_error` says why it could not, unless messages may be anything.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, entries, resolve_file
    >>> data = b'2024-03-05T09:14:02Z stdout F {"level":"warn","msg":"slow","n":1}'
    >>> file = resolve_file(FileRef("a", buffer=data), Scan(sources=("a",)))
    >>> found = decode_wrapped(entries(data, None)[0], file, frozenset({"stream", "level", "message", "n"}), "UTC")
    >>> found.select("stream", "level", "message", "n").rows()
    [('stdout', 'WARN', 'slow', 1)]
    """
    wanted -= ROW_COLUMNS
    if not wanted or not (resolved.inner or resolved.format.wraps):
        return decode_entries(frame, resolved, wanted, tz)
    outer = _outside(frame, resolved, wanted & (resolved.own | BOTH | TIMES) if resolved.inner else wanted, tz)
    found = {n: outer[n] for n in wanted if n in outer.columns}
    inside = {n for n in wanted - TIMES if not resolved.alone(n)} if resolved.inner else set[str]()
    inside |= wanted & TIMES if _undated(found) and resolved.inner and not resolved.format.carries else set()
    if inside:
        inner = _inside(_said(frame, outer, resolved, tz), resolved, frozenset(map(resolved.within, inside)), tz)
        for name in inside:
            one = inner[resolved.within(name)]
            found[name] = _either(name, one, found[name]) if name in found else one
    return frame.hstack([found[n].alias(n) for n in wanted])


def _undated(found: Mapping[str, pl.Series]) -> bool:
    """Whether some entries tell no time, as far as that is asked for."""
    stamps, quality = found.get("timestamp"), found.get("time_quality")
    return bool(stamps.null_count()) if stamps is not None else quality is not None and "missing" in quality


def _outside(frame: pl.DataFrame, resolved: Resolved, asked: frozenset[str], tz: str) -> pl.DataFrame:
    """What the format itself gives: of a wrapper of several lines the first line's, but for the message."""
    bare = frame.select("raw", cs.starts_with(HIDDEN))
    if not resolved.lined:
        return decode_entries(bare, resolved, asked, tz)
    first, rows, several = _apart(frame["raw"])
    outer = decode_entries(bare.with_columns(raw=first), resolved, asked, tz)
    if not len(rows) or "message" not in asked:
        return outer
    return outer.with_columns(message=outer["message"].scatter(rows, _joined(several, resolved)))


def _said(frame: pl.DataFrame, outer: pl.DataFrame, resolved: Resolved, tz: str) -> pl.DataFrame:
    """Messages, and the programs they are of where that matters."""
    told = any(one.programs is not None for one in resolved.inner)
    asked = frozenset({"message", resolved.format.programs or ""} if told else {"message"})
    return outer if asked.issubset(outer.columns) else _outside(frame, resolved, asked, tz)


def _inside(said: pl.DataFrame, resolved: Resolved, asked: frozenset[str], tz: str) -> pl.DataFrame:
    """What messages give that are read on, each as it is in; null where one is no line of a log."""
    if resolved.format.carries:
        return decode_wrapped(said.select(raw="message"), resolved.inner[0], asked, tz)
    lines = unended(said["message"])

    def spoken(rows: pl.Series, one: Resolved) -> pl.Series:
        told = speaks(lines.gather(rows), one)
        if one.programs is None:
            return told
        programs = said[resolved.format.programs or ""].gather(rows).cast(pl.String).fill_null("")
        return told & programs.is_in(one.programs)

    places, left = parted(len(lines), resolved.inner, spoken)
    parts = [_dated(lines.gather(rows), one, asked, tz) for rows, one in zip(places, resolved.inner, strict=True)]
    none = parts[0].clear(len(left)).with_columns(e for n, e in MISSING.items() if n in asked)
    return merged([*parts, none], [*places, left])


def _dated(lines: pl.Series, one: Resolved, asked: frozenset[str], tz: str) -> pl.DataFrame:
    """Columns of lines; no time where stamps lack the year, for it would be a guess."""
    yearless = any(map(Stamp.yearless, one.layouts))
    frame = decode_wrapped(lines.to_frame("raw"), one, asked - TIMES if yearless else asked, tz)
    return frame.with_columns(e for n, e in MISSING.items() if yearless and n in asked).select(sorted(asked))


def _either(name: str, inner: pl.Series, outer: pl.Series) -> pl.Series:
    """What is told inside, or else by the format itself; of times and of what is wrong, the latter first."""
    match name:
        case "time_quality":
            return pl.select(pl.when(outer == "missing").then(inner).otherwise(outer)).to_series()
        case "timestamp" | "parse_error":
            return pl.select(pl.coalesce(outer, inner)).to_series()
    return pl.select(pl.coalesce(inner, outer)).to_series()


def unended(texts: pl.Series) -> pl.Series:
    """Texts without a line end behind them."""
    return texts.str.strip_suffix("\n").str.strip_suffix("\r")


def messages(raw: pl.Series, resolved: Resolved) -> pl.Series:
    """Wrappers → the lines they wrap; null for what is none.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, resolve_file
    >>> part, rest = "2024-03-05T09:14:02Z stdout P a ", "2024-03-05T09:14:02Z stdout F b"
    >>> file = resolve_file(FileRef("a", buffer=rest.encode()), Scan(sources=("a",)))
    >>> messages(pl.Series([f"{part}\\n{rest}", f"{rest}\\n{rest}", "b"]), file).to_list()
    ['a b', 'b\\nb', None]
    """
    first, rows, several = _apart(raw)
    found = _of_lines(first, resolved)
    return found.scatter(rows, _joined(several, resolved)) if len(rows) else found


def _apart(raw: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """First lines of wrappers; which are of several lines, and those."""
    rows = raw.str.contains("\n", literal=True).arg_true()
    several = raw.gather(rows)
    return raw.clone().scatter(rows, several.str.extract("^(.*)")) if len(rows) else raw, rows, several


def _joined(several: pl.Series, resolved: Resolved) -> pl.Series:
    """Messages of wrappers of several lines; a line that is none is taken as it is."""
    lines = several.str.split("\n").to_frame("raw").with_row_index(ENTRY).explode("raw")
    raw, form = lines["raw"], resolved.format
    ends = pl.Series(["\n"]).new_from_index(0, len(raw))
    if form.continued is not None:
        parts = After(form.continued, form.whose, form.least).going_on(raw)
        own = lines[ENTRY].gather(parts) == lines[ENTRY].gather(parts - 1)
        ends = ends.scatter(parts.filter(own) - 1, "")
    whole = pl.select(pl.coalesce(_of_lines(raw, resolved), raw) + ends).to_series()
    joined = lines.select(ENTRY, text=whole).group_by(ENTRY, maintain_order=True).agg("text")
    return joined["text"].list.join("").str.strip_suffix("\n")


def _of_lines(raw: pl.Series, resolved: Resolved) -> pl.Series:
    message = resolved.message or ""
    return values_of(raw, resolved, frozenset({message})).get_column(message, default=raw.clear(len(raw)))

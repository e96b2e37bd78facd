"""Entries whose messages are lines of another log: the columns of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from polars import selectors as cs

from logq.plan import HIDDEN
from logq.read.decode.columns import ROW_COLUMNS, TIMED, decode_entries, values_of
from logq.read.decode.ways import merged, parted, speaks
from logq.read.rules import After

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["decode_wrapped", "messages"]

BOTH: Final = frozenset({"level", "severity", "message", "parse_error"})
"""Columns that a line of another log and what it came in may both tell."""

TIMES: Final = TIMED - BOTH
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
    alone = {n for n in wanted if resolved.alone(n)} | (wanted & TIMES if resolved.timed else set())
    inside = wanted - alone if resolved.inner else frozenset[str]()
    asked = wanted & (alone | resolved.own | BOTH) if inside else wanted
    outer = _outside(frame, resolved, asked | ({"message"} if inside else set()), tz)
    found = {n: outer[n] for n in asked}
    if inside:
        inner = _inside(outer["message"], resolved, frozenset(resolved.aliases.get(n, n) for n in inside), tz)
        for name in inside:
            one = inner[resolved.aliases.get(name, name)]
            found[name] = _either(name, one, found[name]) if name in found else one
    return frame.hstack([found[n].alias(n) for n in wanted])


def _outside(frame: pl.DataFrame, resolved: Resolved, asked: frozenset[str], tz: str) -> pl.DataFrame:
    """What the format itself gives: of a wrapper of several lines the first line's, but for the message."""
    bare = frame.select("raw", cs.starts_with(HIDDEN))
    if resolved.format.wraps is None:
        return decode_entries(bare, resolved, asked, tz)
    first, rows, several = _apart(frame["raw"])
    outer = decode_entries(bare.with_columns(raw=first), resolved, asked, tz)
    if not len(rows) or "message" not in asked:
        return outer
    return outer.with_columns(message=outer["message"].scatter(rows, _joined(several, resolved)))


def _inside(texts: pl.Series, resolved: Resolved, asked: frozenset[str], tz: str) -> pl.DataFrame:
    """What messages give that are read on, each as it is in; null where one is no line of a log."""
    if resolved.format.carries:
        return decode_wrapped(texts.to_frame("raw"), resolved.inner[0], asked, tz)
    lines = texts.str.strip_suffix("\n").str.strip_suffix("\r")
    places, left = parted(lines, resolved.inner, speaks)
    parts = [
        decode_wrapped(lines.gather(rows).to_frame("raw"), one, asked, tz).select(sorted(asked))
        for rows, one in zip(places, resolved.inner, strict=True)
    ]
    none = parts[0].clear(len(left))
    missing = [pl.lit("missing", none.schema[n]).alias(n) for n in ("time_quality",) if n in asked]
    return merged([*parts, none.with_columns(missing)], [*places, left])


def _either(name: str, inner: pl.Series, outer: pl.Series) -> pl.Series:
    """What is told inside, or else by the format itself; of what is wrong, the latter first."""
    return pl.select(pl.coalesce(outer, inner) if name == "parse_error" else pl.coalesce(inner, outer)).to_series()


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

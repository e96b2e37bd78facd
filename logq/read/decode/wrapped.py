"""Entries whose messages are lines of another log: the columns of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl
from polars import selectors as cs

from logq.plan import HIDDEN
from logq.read.decode.columns import ROW_COLUMNS, TIMED, decode_entries, values_of
from logq.read.rules import After

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["decode_wrapped", "messages"]

TIMES: Final = TIMED - {"parse_error"}
ENTRY: Final = f"{HIDDEN}entry"


def decode_wrapped(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str], tz: str) -> pl.DataFrame:
    """Add the `wanted` columns to a frame of entries, those inside their messages among them.

    Of a wrapper of several lines the fields are those of the first, the message is that of all. Time is the wrapper's,
    level and message are those inside. A message that cannot be read on stays whole, and `parse_error` says why it
    could not.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, entries, resolve_file
    >>> data = b'2024-03-05T09:14:02Z stdout F {"level":"warn","msg":"slow","n":1}'
    >>> file = resolve_file(FileRef("a", buffer=data), Scan(sources=("a",)))
    >>> found = decode_wrapped(entries(data, None)[0], file, frozenset({"stream", "level", "message", "n"}), "UTC")
    >>> found.select("stream", "level", "message", "n").rows()
    [('stdout', 'WARN', 'slow', 1)]
    """
    wanted -= ROW_COLUMNS
    own = wanted & (resolved.own | TIMES)
    inside = wanted - own
    if resolved.format.wraps is None or not wanted:
        return decode_entries(frame, resolved, wanted, tz)
    asked = own | (wanted & {"parse_error"}) | (inside if resolved.inner is None else {"message"} if inside else set())
    first, rows, several = _apart(frame["raw"])
    bare = frame.select(cs.starts_with(HIDDEN)).with_columns(raw=first)
    outer = decode_entries(bare, replace(resolved, inner=None), frozenset(asked), tz)
    if len(rows) and "message" in asked:
        outer = outer.with_columns(message=outer["message"].scatter(rows, _joined(several, resolved)))
    found = {n: outer[n] for n in asked & wanted}
    if resolved.inner is not None and inside:
        inner = decode_entries(outer.select(raw="message"), resolved.inner, inside, tz)
        found |= {n: inner[n] for n in inside}
        if "message" in inside:
            found["message"] = _first(inner["message"], outer["message"])
        if "parse_error" in inside:
            found["parse_error"] = _first(outer["parse_error"], inner["parse_error"])
    return frame.hstack([column.alias(name) for name, column in found.items()])


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


def _first(one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(one, other)).to_series()

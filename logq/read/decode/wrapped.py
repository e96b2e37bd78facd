"""Entries whose messages are lines of another log: the columns of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl
from polars import selectors as cs

from logq.plan import HIDDEN
from logq.read.decode.columns import ROW_COLUMNS, TIMED, decode_entries

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["decode_wrapped"]

TIMES: Final = TIMED - {"parse_error"}


def decode_wrapped(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str], tz: str) -> pl.DataFrame:
    """Add the `wanted` columns to a frame of entries, those inside their messages among them.

    Time is the wrapper's, level and message are those inside. A message that cannot be read on stays whole, and
    `parse_error` says why it could not.

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
    if resolved.inner is None or not inside:
        return decode_entries(frame, replace(resolved, inner=None), wanted, tz)
    bare = frame.select("raw", cs.starts_with(HIDDEN))
    outer = decode_entries(bare, resolved, own | {"message"} | (wanted & {"parse_error"}), tz)
    inner = decode_entries(outer.select(raw="message"), resolved.inner, inside, tz)
    found = {n: outer[n] for n in own} | {n: inner[n] for n in inside}
    if "message" in inside:
        found["message"] = _first(inner["message"], outer["message"])
    if "parse_error" in inside:
        found["parse_error"] = _first(outer["parse_error"], inner["parse_error"])
    return frame.hstack([column.alias(name) for name, column in found.items()])


def _first(one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(one, other)).to_series()

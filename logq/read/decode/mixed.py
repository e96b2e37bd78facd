"""Files whose rows are of several formats: each row goes to the first format that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from logq.read.decode.columns import ROW_COLUMNS, nothing
from logq.read.decode.ways import merged, parted, reads
from logq.read.decode.wrapped import decode_wrapped
from logq.read.lines import DAMAGE
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["decode_mixed"]


def decode_mixed(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str], tz: str) -> pl.DataFrame:
    """Add the `wanted` columns to a frame of entries, `format` among them, row by row in the format that reads it.

    A row that none of them reads has null fields, a null `format`, and says so in `parse_error`.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, entries, resolve_file
    >>> data = b'{"msg":"up"}\\nmsg=down n=1'
    >>> file = resolve_file(FileRef("a", buffer=data), Scan(sources=("a",), formats=("json", "logfmt")))
    >>> found = decode_mixed(entries(data, None)[0], file, frozenset({"message", "format"}), "UTC")
    >>> found.select("message", "format").rows()
    [('up', 'json'), ('down', 'logfmt')]
    """
    wanted = wanted & {"format"} | wanted - ROW_COLUMNS
    places, left = parted(frame.height, resolved.mixed, lambda rows, one: reads(frame["raw"].gather(rows), one))
    parts = []
    for rows, one in zip(places, resolved.mixed, strict=True):
        decoded = decode_wrapped(frame[rows], one, wanted, tz)
        parts.append(decoded.with_columns([pl.lit(one.format.name).alias("format")] if "format" in wanted else []))
    parts.append(_unread(frame[left], resolved, wanted))
    columns = [*frame.columns, *wanted]
    return merged([part.select(columns) for part in parts], [*places, left])


def _unread(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str]) -> pl.DataFrame:
    made = [nothing(resolved.schema.get(n, pl.String()), frame.height).alias(n) for n in wanted]
    why = pl.lit(f"none of {resolved.name.replace('|', ', ')} reads it")
    damage = [pl.col(DAMAGE)] if DAMAGE in frame.columns else []
    reason = {"parse_error": pl.coalesce(*damage, why), "time_quality": pl.lit("missing", CANONICAL["time_quality"])}
    return frame.hstack(made).with_columns(e.alias(n) for n, e in reason.items() if n in wanted)

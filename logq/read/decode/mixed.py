"""Files whose rows are of several formats: each row goes to the first format that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.read.decode.columns import CAPTURES, ROW_COLUMNS, nothing
from logq.read.decode.wrapped import decode_wrapped
from logq.read.lines import DAMAGE
from logq.schema import CANONICAL

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["decode_mixed", "reads"]

NOTHING: Final[frozenset[str]] = frozenset()


def reads(raw: pl.Series, resolved: Resolved) -> pl.Series:
    """Which entries a format reads.

    >>> from logq.plan import Scan
    >>> from logq.read import FileRef, resolve_file
    >>> file = resolve_file(FileRef("a", buffer=b"{}"), Scan(sources=("a",), formats=("json",)))
    >>> reads(pl.Series(['{"a":1}', "a 1"]), file).to_list()
    [True, False]
    """
    if resolved.format.kind == "plain":
        return pl.Series([True]).new_from_index(0, len(raw))
    _, error = CAPTURES[resolved.format.kind](raw, resolved, NOTHING, explain=True)
    return raw.is_null() if error is None else error.is_null()


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
    left = pl.int_range(frame.height, eager=True)
    places, parts = [], []
    for one in resolved.mixed:
        own = reads(frame["raw"].gather(left), one)
        places.append(left.filter(own))
        decoded = decode_wrapped(frame[places[-1]], one, wanted, tz)
        parts.append(decoded.with_columns([pl.lit(one.format.name).alias("format")] if "format" in wanted else []))
        left = left.filter(~own)
    parts.append(_unread(frame[left], resolved, wanted))
    columns = [*frame.columns, *wanted]
    order = pl.concat([*places, left]).arg_sort()
    return pl.concat([part.select(columns) for part in parts])[order]


def _unread(frame: pl.DataFrame, resolved: Resolved, wanted: frozenset[str]) -> pl.DataFrame:
    made = [nothing(resolved.schema.get(n, pl.String()), frame.height).alias(n) for n in wanted]
    why = pl.lit(f"none of {resolved.name.replace('|', ', ')} reads it")
    damage = [pl.col(DAMAGE)] if DAMAGE in frame.columns else []
    reason = {"parse_error": pl.coalesce(*damage, why), "time_quality": pl.lit("missing", CANONICAL["time_quality"])}
    return frame.hstack(made).with_columns(e.alias(n) for n, e in reason.items() if n in wanted)

"""Fields of logfmt: `key=value` and `key="quoted \\" value"`, each wanted key taken on its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["PAIR", "capture", "value"]

PAIR: Final = r"(?:^|[\s,])[A-Za-z_@][\w.@/-]*="
"""A key and its equals sign; an entry without one is no logfmt."""


def capture(
    raw: pl.Series, resolved: Resolved, wanted: frozenset[str], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """Entries → (the wanted keys as String columns, why an entry has none: null if it holds a pair)."""
    names = [n for n in resolved.keys if n in wanted]
    frame = raw.to_frame("raw").select(value(resolved.keys[n][0]).alias(n) for n in names)
    if not explain:
        return frame, None
    error = pl.when(~pl.col("raw").str.contains(PAIR)).then(pl.lit("no key=value pair"))
    return frame, raw.to_frame("raw").select(error).to_series()


def value(key: str) -> pl.Expr:
    """First value of `key` in `raw`: text between quotes with escapes undone, else up to the next space.

    >>> pl.DataFrame({"raw": ['a=1 msg="disk full"']}).select(value("msg")).item()
    'disk full'
    """
    head = rf"(?:^|[\s,]){re.escape(key)}="
    groups = pl.col("raw").str.extract_groups(rf'{head}(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))')
    quoted = groups.struct.field("1")
    plain = groups.struct.field("2")
    undone = (
        quoted.str.replace_all(r"\\", "\x00", literal=True)
        .str.replace_all(r"\"", '"', literal=True)
        .str.replace_all(r"\n", "\n", literal=True)
        .str.replace_all(r"\t", "\t", literal=True)
        .str.replace_all("\x00", "\\", literal=True)
    )
    return pl.when(quoted.is_not_null()).then(undone).otherwise(plain)

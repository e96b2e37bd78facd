"""Fields of separated values, by position; a line with another number of values keeps its text and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["capture"]

QUOTED = r'"(?:[^"]|"")*"'


def capture(raw: pl.Series, resolved: Resolved, wanted: frozenset[str]) -> tuple[pl.DataFrame, pl.Series]:
    """Entries → (the wanted columns as String, why an entry has none: null if it has as many values as columns)."""
    separator, columns = resolved.format.separator, tuple(resolved.keys)
    counted = raw.str.replace_all(QUOTED, "") if raw.str.contains('"', literal=True).any() else raw
    width = counted.str.count_matches(separator, literal=True) + 1
    whole = (width == len(columns)) & ~counted.str.contains('"', literal=True)
    reason = pl.format(f"{{}} values for {len(columns)} columns", "width")
    error = pl.DataFrame({"whole": whole, "width": width}).select(pl.when(~pl.col("whole")).then(reason)).to_series()
    names = [n for n in columns if n in wanted]
    empty = pl.DataFrame([pl.Series(n, [None], pl.String).new_from_index(0, len(raw)) for n in names])
    rows = whole.arg_true()
    if not names or not len(rows):
        return empty, error
    parsed = pl.read_csv(
        (raw.gather(rows).str.join("\n").item() + "\n").encode(),
        separator=separator,
        has_header=False,
        schema=dict.fromkeys(columns, pl.String),
        missing_utf8_is_empty_string=True,
    )
    return pl.DataFrame([empty[n].scatter(rows, parsed[n]) for n in names]), error

"""Fields of a regex format: one capture per entry, only the groups somebody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats.base import group_names, keep_groups

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["capture"]

HIT: Final = "__logq_hit"


def capture(raw: pl.Series, resolved: Resolved, wanted: frozenset[str]) -> tuple[pl.DataFrame, pl.Series]:
    """Entries → (the wanted groups as String columns, why an entry has none: null if a pattern matched).

    Later patterns see only the entries that earlier ones left.
    """
    names = [n for n in resolved.format.groups if n in wanted]
    found = pl.DataFrame(schema=dict.fromkeys([HIT, *names], pl.String))
    for position, pattern in enumerate(resolved.patterns):
        if position == 0:
            found = _captured(raw, pattern, names)
            continue
        left = found[HIT].is_null()
        if not left.any():
            break
        rows = left.arg_true()
        more = _captured(raw.gather(rows), pattern, names)
        found = pl.DataFrame([found[n].scatter(rows, more[n]) for n in found.columns])
    error = pl.when(pl.col(HIT).is_null()).then(pl.lit(f"no pattern of {resolved.format.name} matches"))
    return _nulled(found.select(names), resolved.format.nulls), found.select(error).to_series()


def _captured(raw: pl.Series, pattern: str, names: list[str]) -> pl.DataFrame:
    present = [n for n in group_names(pattern) if n in names]
    body = keep_groups(pattern, frozenset(names))
    groups = raw.str.extract_groups(f"(?P<{HIT}>){body}").struct.unnest()
    missing = [pl.lit(None, pl.String).alias(n) for n in names if n not in present]
    return groups.with_columns(missing).select(HIT, *names)


def _nulled(frame: pl.DataFrame, nulls: tuple[str, ...]) -> pl.DataFrame:
    if not nulls or not frame.width:
        return frame
    return frame.with_columns(pl.when(~pl.all().is_in(nulls)).then(pl.all()))

"""Fields of a regex format: one capture per entry, only the groups somebody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats.base import distinct, keep_groups

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["capture"]

HIT: Final = "__logq_hit"


def capture(
    raw: pl.Series, resolved: Resolved, wanted: frozenset[str], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """Entries → (the wanted groups as String columns, why an entry has none: null if a pattern matched).

    Later patterns see only the entries that earlier ones left.
    """
    names = [n for n in resolved.format.groups if n in wanted]
    nulls = resolved.format.nulls
    found: pl.DataFrame | None = None
    for pattern in resolved.patterns:
        if found is None:
            found = _captured(raw, pattern, names, nulls)
            continue
        rows = found[HIT].is_null().arg_true()
        if not len(rows):
            break
        more = _captured(raw.gather(rows), pattern, names, nulls)
        found = pl.DataFrame([found[n].scatter(rows, more[n]) for n in found.columns])
    found = pl.DataFrame(schema=dict.fromkeys([HIT, *names], pl.String)) if found is None else found
    if not explain:
        return found.select(names), None
    error = pl.when(pl.col(HIT).is_null()).then(pl.lit(f"no pattern of {resolved.format.name} matches")).alias(HIT)
    return found.select(names), found.select(error).to_series()


def _captured(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Capture one pattern's groups; those it lacks are null, of one that stands twice the first value counts."""
    body, present = distinct(keep_groups(pattern, frozenset(names)))
    groups = raw.str.extract_groups(f"(?P<{HIT}>){body}").struct.unnest()
    columns = [
        pl.coalesce(_value(group, nulls) for group in present[n]).alias(n)
        if n in present
        else pl.lit(None, pl.String).alias(n)
        for n in names
    ]
    return groups.select(HIT, *columns) if columns else groups


def _value(name: str, nulls: tuple[str, ...]) -> pl.Expr:
    present = [pl.col(name) != text for text in nulls]
    return pl.when(*present).then(pl.col(name)) if nulls else pl.col(name)

"""Fields of a regex format: one capture per entry, only the groups somebody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from logq.formats.base import distinct, group_names, keep_groups
from logq.read.decode.cuts import plan
from logq.read.decode.pieces import HIT, captured, pays

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["capture"]


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
    """Capture one pattern's groups, from pieces where the entries are made for it.

    Groups it lacks are null; of one that stands twice the first value counts.
    """
    present = group_names(pattern)
    own = [n for n in names if n in present]
    part = plan(pattern)
    if part is not None and pays(part, raw):
        groups, left = captured(part, raw, own)
        if left.any():
            rows = left.arg_true()
            more = _searched(raw.gather(rows), pattern, own, nulls)
            groups = pl.DataFrame([groups[n].scatter(rows, more[n]) for n in groups.columns])
    else:
        groups = _searched(raw, pattern, own, nulls)
    lacking = [pl.lit(None, pl.String).alias(n) for n in names if n not in present]
    told = [n for n in own if any((groups[n] == text).any() for text in nulls)]
    return groups.with_columns(*lacking, *(_value(n, nulls).alias(n) for n in told)).select(HIT, *names)


def _searched(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    body, places = distinct(keep_groups(pattern, frozenset(names)))
    groups = raw.str.extract_groups(f"(?P<{HIT}>){body}").struct.unnest()
    values = {n: [_value(g, nulls) for g in places[n]] if len(places[n]) > 1 else [pl.col(n)] for n in names}
    return groups.select(HIT, *(pl.coalesce(some).alias(n) for n, some in values.items()))


def _value(name: str, nulls: tuple[str, ...]) -> pl.Expr:
    present = [pl.col(name) != text for text in nulls]
    return pl.when(*present).then(pl.col(name)) if nulls else pl.col(name)

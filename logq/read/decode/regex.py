"""Fields of a regex format: one capture per entry, only the groups somebody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats.base import distinct, group_names, keep_groups
from logq.read.decode.cuts import plan
from logq.read.decode.pieces import HIT, captured, pays
from logq.read.decode.runs import runs
from logq.read.decode.tails import ending

if TYPE_CHECKING:
    from logq.read.resolved import Resolved

__all__ = ["capture"]

INSIDE: Final = "__logq_inside"


def capture(
    raw: pl.Series, resolved: Resolved, wanted: frozenset[str], *, explain: bool
) -> tuple[pl.DataFrame, pl.Series | None]:
    """Entries → (the wanted groups as String columns, why an entry has none: null if a pattern matched).

    Later patterns see only the entries that earlier ones left.
    """
    names = [n for n in resolved.format.groups if n in wanted]
    nulls = resolved.format.nulls
    first, *later = resolved.patterns
    found = _captured(raw, first, names, nulls)
    left, places, parts = found[HIT].is_null().arg_true(), [], []
    for pattern in later:
        if not len(left):
            break
        more = _captured(raw.gather(left), pattern, names, nulls)
        hit = more[HIT].is_not_null()
        places.append(left.filter(hit))
        parts.append(more.filter(hit))
        left = left.filter(~hit)
    found = _placed(found, places, parts)
    if not explain:
        return found.select(names), None
    error = pl.when(pl.col(HIT).is_null()).then(pl.lit(f"no pattern of {resolved.format.name} matches")).alias(HIT)
    return found.select(names), found.select(error).to_series()


def _placed(frame: pl.DataFrame, places: list[pl.Series], parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Put rows at their places in a frame."""
    if not any(map(len, places)):
        return frame
    rows = pl.int_range(frame.height + sum(map(len, places)), eager=True)
    order = rows.head(frame.height).scatter(pl.concat(places), rows.tail(-frame.height))
    return pl.concat([frame, *parts], rechunk=True)[order]


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
            groups = _placed(groups, [rows], [_searched(raw.gather(rows), pattern, own, nulls)])
    else:
        groups = _searched(raw, pattern, own, nulls)
    lacking = [pl.lit(None, pl.String).alias(n) for n in names if n not in present]
    told = [n for n in own if any((groups[n] == text).any() for text in nulls)]
    return groups.with_columns(*lacking, *(_value(n, nulls).alias(n) for n in told)).select(HIT, *names)


def _searched(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Search with a regex, or with one for each run of it."""
    *ahead, last = runs(pattern, frozenset(names))
    if not ahead:
        return _matched(raw, pattern, names, nulls)
    columns: list[pl.Series] = []
    for run in ahead:
        found = raw.str.extract_groups(f"^(?P<{HIT}>{run})").struct.unnest()
        columns += found.drop(HIT).get_columns()
        raw = found.select(pl.lit(raw).str.strip_prefix(pl.col(HIT))).to_series()
    behind = _matched(raw, f"^{last}", [n for n in group_names(last) if n in names], nulls)
    frame = behind.hstack(columns).select(HIT, *names)
    if not frame[HIT].null_count():
        return frame
    return frame.select(HIT, pl.when(pl.col(HIT).is_not_null()).then(pl.col(names)))


def _matched(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Match a regex; a group that takes all the rest is the text behind what stands ahead of it."""
    rest = ending(pattern)
    if rest is None:
        return _extracted(raw, f"(?P<{HIT}>){pattern}", names, nulls)
    rest = rest.among(names)
    if rest.name is None:
        return _extracted(raw, f"(?P<{HIT}>)^{rest.ahead}", names, nulls)
    inside = f"(?P<{INSIDE}>{rest.inside})" if rest.inner else rest.inside
    captured = [n for n in names if n not in (rest.name, rest.inner)]
    found = _extracted(raw, f"^(?P<{HIT}>{rest.ahead}){inside}", [*captured, INSIDE] if rest.inner else captured, nulls)
    whole = pl.lit(raw).str.strip_prefix(pl.col(HIT)).alias(rest.name)
    inner = [whole.str.strip_prefix(pl.col(INSIDE)).alias(rest.inner)] if rest.inner else []
    return found.with_columns(whole, *inner).select(HIT, *names)


def _extracted(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    body, places = distinct(keep_groups(pattern, frozenset([HIT, *names])))
    found = raw.str.extract_groups(body).struct.unnest()
    values = {n: [_value(g, nulls) for g in places[n]] if len(places[n]) > 1 else [pl.col(n)] for n in names}
    return found.select(HIT, *(pl.coalesce(some).alias(n) for n, some in values.items()))


def _value(name: str, nulls: tuple[str, ...]) -> pl.Expr:
    present = [pl.col(name) != text for text in nulls]
    return pl.when(*present).then(pl.col(name)) if nulls else pl.col(name)

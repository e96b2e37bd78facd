"""Fields of a regex format: one capture per entry, only the groups somebody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats.base import distinct, group_names, keep_groups
from logq.read.decode.covers import uncovered
from logq.read.decode.cuts import plan
from logq.read.decode.ends import closing
from logq.read.decode.nulls import telling
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
    first, *later = uncovered(resolved.patterns, frozenset(names))
    found = _captured(raw, first, names, nulls)
    left, places, parts = found[HIT].is_null().arg_true(), [], []
    for pattern in later:
        if not len(left):
            break
        more = _captured(raw.gather(left), pattern, names, nulls)
        hit = more[HIT].is_not_null()
        if hit.any():
            rows = hit.arg_true()
            places.append(left.gather(rows))
            parts.append(more[rows])
            left = left.filter(~hit)
    found = _filled(_placed(found, places, parts), names)
    if not explain:
        return found.select(names), None
    error = pl.when(pl.col(HIT).is_null()).then(pl.lit(f"no pattern of {resolved.format.name} matches")).alias(HIT)
    return found.select(names), found.select(error).to_series()


def _placed(frame: pl.DataFrame, places: list[pl.Series], parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Put rows at their places in a frame, where all is null; groups that not all have are null in others."""
    if not any(map(len, places)):
        return frame
    rows, part = pl.concat(places), pl.concat(parts, how="diagonal")
    told = [name for name in part.columns if part[name].count()]
    frame = _filled(frame, told)
    return frame.with_columns(frame[name].scatter(rows, part[name]) for name in told)


def _filled(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """A frame with all groups; those that it lacks are null."""
    lacking = [name for name in names if name not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking) if lacking else frame


def _captured(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Capture one pattern's groups, from pieces where the entries are made for it; of a double one the first value."""
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
    asked = [(n, text) for n, text in telling(pattern, nulls) if n in own]
    if groups[HIT].null_count() == len(raw):
        return groups
    tests = [(pl.col(n) == text).any().alias(f"{i}") for i, (n, text) in enumerate(asked)]
    met = groups.select(tests).row(0) if tests else ()
    told = {n for (n, _), hit in zip(asked, met, strict=True) if hit}
    return groups.with_columns(_value(n, nulls).alias(n) for n in told) if told else groups


def _searched(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Search with a regex, or with one for each run of it."""
    *ahead, last = runs(pattern, frozenset(names))
    if not ahead:
        return _matched(raw, pattern, names, nulls)
    columns: list[pl.Series] = []
    texts = [raw]
    for run in ahead:
        found = texts[-1].str.extract_groups(f"^(?P<{HIT}>{run})").struct.unnest()
        columns += [found[name] for name in found.columns if name != HIT]
        texts.append(found.select(pl.lit(texts[-1]).str.strip_prefix(pl.col(HIT))).to_series())
    behind = _matched(texts[-1], f"^{last}", [n for n in group_names(last) if n in names], nulls)
    missed = (texts[1].is_not_null() & behind[HIT].is_null()).arg_true()
    columns = [column.scatter(missed, None) for column in columns] if len(missed) else columns
    return behind.hstack(columns)[[HIT, *names]]


def _matched(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Match a regex; a group that takes all the rest is the text behind what stands ahead of it."""
    rest = ending(pattern)
    if rest is None:
        return _closed(raw, pattern, names, nulls)
    rest = rest.among(names)
    if rest.name is None:
        return _met(raw, f"^{rest.ahead}", names, nulls)
    inside = f"(?P<{INSIDE}>{rest.inside})" if rest.inner else rest.inside
    captured = [n for n in names if n not in (rest.name, rest.inner)]
    found = _extracted(raw, f"^(?P<{HIT}>{rest.ahead}){inside}", [*captured, INSIDE] if rest.inner else captured, nulls)
    whole = pl.lit(raw).str.strip_prefix(pl.col(HIT)).alias(rest.name)
    inner = [whole.str.strip_prefix(pl.col(INSIDE)).alias(rest.inner)] if rest.inner else []
    return found.with_columns(whole, *inner)[[HIT, *names]]


def _closed(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Match a regex, from the end of the texts where there is one place for what stands there."""
    closed = closing(keep_groups(pattern, frozenset(names))) if names else None
    if closed is None:
        return _met(raw, pattern, names, nulls)
    found = raw.str.extract_groups(f"(?P<{INSIDE}>{closed.end})$").struct.unnest()
    text = found.select(pl.lit(raw).str.strip_suffix(pl.col(INSIDE))).to_series()
    word = closed.word.find(text, frozenset(names))
    hit = text.is_not_null() if word.hit is None else text.is_not_null() & word.hit
    frame = found.with_columns(hit.alias(HIT), *word.groups)
    groups = pl.col(names) if hit.all() else pl.when(HIT).then(pl.col(names))
    return frame.select(pl.when(HIT).then(pl.lit("")).alias(HIT), groups)


def _met(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Match a regex by a search for it."""
    if names:
        return _extracted(raw, f"(?P<{HIT}>){pattern}", names, nulls)
    hit = raw.str.contains(keep_groups(pattern, frozenset()))
    return pl.DataFrame({HIT: hit}).select(pl.when(HIT).then(pl.lit("")).alias(HIT))


def _extracted(raw: pl.Series, pattern: str, names: list[str], nulls: tuple[str, ...]) -> pl.DataFrame:
    """Groups of a regex and its group HIT."""
    body, places = distinct(keep_groups(pattern, frozenset([HIT, *names])))
    found = raw.str.extract_groups(body).struct.unnest()
    twice = {n: places[n] for n in names if len(places[n]) > 1}
    first = [pl.coalesce(_value(g, nulls) for g in some).alias(n) for n, some in twice.items()]
    return (found.with_columns(first) if first else found)[[HIT, *names]]


def _value(name: str, nulls: tuple[str, ...]) -> pl.Expr:
    present = [pl.col(name) != text for text in nulls]
    return pl.when(*present).then(pl.col(name)) if nulls else pl.col(name)

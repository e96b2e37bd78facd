"""Which format a file is in: the formats vote on a bounded sample of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats import FORMATS
from logq.formats.base import distinct, group_names, keep_groups
from logq.read.decode.atoms import literals
from logq.read.decode.csv import BLANK, COMMENT, named, widths
from logq.read.decode.json import objects
from logq.read.decode.logfmt import PAIR
from logq.read.stamps import rank, read_stamps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from logq.formats.base import Format

__all__ = ["SAMPLE", "detect", "score"]

SAMPLE: Final = 64 << 10
ENOUGH: Final = 0.5
"""A format must account for half of the lines, its continuation lines included."""

STARTS: Final = 0.1
"""… and a tenth of the lines must start an entry of it, lest one line and its tail win the file."""

MOST: Final = 0.9
"""Of lines of separated values, this many must have as many as the first: prose has commas too.

A format that wraps this many lines wraps all: to one that looks alike the others would pass for continuations.
"""

FEW: Final = 2
"""Separated values are taken for such only from this many columns on."""


TRIED: Final = 8
"""The layout that reads the most of so many stamps is the first to be tried on all."""

OPENS: Final = rf"^\s*{PAIR}"
"""A line of pairs begins with one: prose may hold some."""


def detect(lines: pl.Series, formats: Iterable[Format] | None = None) -> Format:
    """Lines of a sample → the format that accounts for most of them; `plain` if none does for half.

    Ties go to the format that stands earlier, that is, to the more specific one. General formats are asked last.

    >>> import polars as pl
    >>> detect(pl.Series(['{"level":"info","msg":"up"}'])).name, detect(pl.Series(["hello"])).name
    ('json', 'plain')
    """
    lines = lines.filter(lines.str.strip_chars() != "")
    candidates = tuple(FORMATS.values() if formats is None else formats)
    specific = [candidate for candidate in candidates if not candidate.general]
    general = [candidate for candidate in candidates if candidate.general]
    return _best(lines, specific) or _best(lines, general) or FORMATS["plain"]


def _best(lines: pl.Series, candidates: Iterable[Format]) -> Format | None:
    """The first of those that account for most of the lines, if that is enough."""
    best, choice = 0.0, None
    text = lines.str.join("\n").item()
    for candidate in candidates:
        share = score(lines, text, candidate) if text and best < 1.0 else 0.0
        if share >= ENOUGH and share > best:
            best, choice = share, candidate
    return choice


def score(lines: pl.Series, text: str, candidate: Format) -> float:
    """Share of the lines, which are together `text`, that `candidate` accounts for, 0.0 to 1.0."""
    match candidate.kind:
        case "plain":
            return 0.0
        case "json":
            hit = _marked(lines, candidate)
            hit = hit if candidate.marks and not hit.any() else hit & objects(lines)
        case "logfmt":
            hit = (lines.str.count_matches(PAIR) >= FEW) & lines.str.contains(OPENS)
            return _share(hit)
        case "csv" if candidate.directive:
            return _headed(lines, candidate)
        case "csv" if candidate.marks:
            hit = _marked(lines, candidate)
        case "csv":
            return _separated(lines, candidate.separator)
        case _:
            possible = [p for p in candidate.patterns if all(literal in text for literal in literals(p))]
            hit = _matched(lines, candidate, possible)
    return _accounted(lines, candidate, hit)


def _accounted(lines: pl.Series, candidate: Format, hit: pl.Series) -> float:
    """Share of the lines that a format reads, together with those that continue their entries."""
    own = _share(hit)
    if candidate.wraps and own >= MOST:
        return 1.0
    if candidate.start is None:
        return own
    if own < STARTS:
        return 0.0
    starts = lines.str.contains(candidate.start)
    return _share(hit | (~starts & (hit.cum_sum() > 0)))


def _marked(lines: pl.Series, candidate: Format) -> pl.Series:
    """Lines that have each mark of the format."""
    marks = [pl.col("raw").str.contains(mark) for mark in candidate.marks]
    return lines.to_frame("raw").select(pl.all_horizontal(pl.col("raw").is_not_null(), *marks)).to_series()


def _share(hit: pl.Series) -> float:
    """Share of True in a Boolean series, 0.0 of none."""
    mean = hit.mean()
    return mean if isinstance(mean, float) else 0.0


def _matched(lines: pl.Series, candidate: Format, patterns: Sequence[str]) -> pl.Series:
    """Lines that start an entry and that a pattern matches; not one whose stamp is there but cannot be read.

    None where they are too few to matter.
    """
    hit = pl.Series([False]).new_from_index(0, len(lines))
    if not patterns:
        return hit
    left = lines.str.contains(candidate.start).arg_true() if candidate.start else pl.int_range(len(lines), eager=True)
    rows: dict[str, pl.Series] = {}
    for pattern in patterns:
        if not len(left):
            break
        found = lines.gather(left).str.contains(keep_groups(pattern, frozenset()))
        if found.any():
            rows[pattern] = left.filter(found)
            left = left.filter(~found)
    if sum(map(len, rows.values())) < STARTS * len(lines):
        return hit
    stamps = pl.concat([_stamps(lines.gather(own), pattern, candidate) for pattern, own in rows.items()])
    matched = pl.concat([*rows.values()])
    return hit.scatter(matched.filter(_readable(stamps, candidate)), True)  # noqa: FBT003 (a value, not an option)


def _stamps(lines: pl.Series, pattern: str, candidate: Format) -> pl.Series:
    """Texts of the stamps in lines that a pattern matches; null where there is none."""
    fields = candidate.stamp.fields if candidate.stamp else ()
    name = next((n for n in group_names(pattern) if n in fields), None)
    if name is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(lines))
    one, groups = distinct(keep_groups(pattern, frozenset({name})))
    texts = lines.str.extract_groups(one).struct.unnest().select(pl.coalesce(groups[name]).alias("t"))
    return texts.select(pl.when(~pl.col("t").is_in(candidate.nulls)).then("t")).to_series()


def _readable(text: pl.Series, candidate: Format) -> pl.Series:
    """Which stamps can be read, or are not there."""
    if candidate.stamp is None or text.null_count() == len(text):
        return text.is_null()
    layouts = rank(text.drop_nulls().head(TRIED), candidate.stamp.layouts)
    return text.is_null() | read_stamps(text, layouts, "UTC").struct["timestamp"].is_not_null()


def _headed(lines: pl.Series, candidate: Format) -> float:
    """Share of lines that are comments or have as many values as a line among them names."""
    names = named(lines, candidate.directive or "")
    if not len(names):
        return 0.0
    width = widths(lines, candidate.separator, quoted=candidate.quoted)
    counts = (names.str.count_matches(BLANK) + 1).to_list()
    return _share(lines.str.contains(COMMENT) | width.is_in(counts))


def _separated(lines: pl.Series, separator: str) -> float:
    """Share of lines with as many values as the first, where that is more than one and prose is unlikely."""
    width = lines.str.replace_all(r'"(?:[^"]|"")*"', "").str.count_matches(separator, literal=True) + 1
    if len(lines) < FEW or width[0] <= FEW:
        return 0.0
    share = _share(width == width[0])
    return share if share >= MOST else 0.0

"""How much of a sample's lines each format accounts for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats.base import distinct, group_names, keep_groups
from logq.formats.custom.letters import NONE, Letters
from logq.formats.custom.letters import literal as letter
from logq.formats.custom.reach import met_all
from logq.formats.custom.syntax import Seq, Unparsed, Zero, parse
from logq.read.decode.atoms import literals
from logq.read.decode.covers import uncovered
from logq.read.decode.csv import BLANK, COMMENT, named, widths
from logq.read.decode.json import objects
from logq.read.decode.logfmt import spoken
from logq.read.quotes import Quoted
from logq.read.stamps import rank, read_stamps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logq.formats.base import Format

__all__ = ["Claim", "Sample", "claim", "may_read"]

STARTS: Final = 0.1
"""A tenth of the lines must start an entry of a format, lest one line and its tail win the file."""

MOST: Final = 0.9
"""Of lines of separated values, this many must have as many as the first: prose has commas too.

A format that wraps this many lines wraps all: to one that looks alike the others would pass for continuations.
"""

FEW: Final = 2
"""Separated values are taken for such only from this many columns on."""

TRIED: Final = 8
"""The layout that reads the most of so many stamps is the first to be tried on all."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Share of the lines that a format accounts for, 0.0 to 1.0: at the most, as long as no stamp was read.

    `rows` are those that a pattern matches.
    """

    lines: pl.Series
    candidate: Format
    share: float
    rows: Mapping[str, pl.Series] = field(default_factory=dict)

    def checked(self) -> Claim:
        """Without the lines whose stamp is there but cannot be read."""
        if not self.rows or self.candidate.stamp is None:
            return self
        stamps = pl.concat([_stamps(self.lines.gather(own), p, self.candidate) for p, own in self.rows.items()])
        readable = pl.concat([*self.rows.values()]).filter(_readable(stamps, self.candidate))
        return replace(self, share=_accounted(self.lines, self.candidate, _marks(self.lines, readable)), rows={})


@dataclass(frozen=True, slots=True)
class Sample:
    """Lines, all of their text, and how they begin."""

    lines: pl.Series
    text: str
    heads: Letters

    @classmethod
    def of(cls, lines: pl.Series) -> Sample:
        """Look at lines."""
        heads = reduce(or_, map(letter, lines.str.head(1).unique().drop_nulls()), NONE)
        return cls(lines, lines.str.join("\n").item(), heads)

    def may_hold(self, pattern: str) -> bool:
        """Whether a line may match, by what every match begins with and what it holds."""
        if not all(literal in self.text for literal in literals(pattern)):
            return False
        begun = _begun(pattern)
        return begun is None or begun.meets(self.heads)


@cache
def _begun(pattern: str) -> Letters | None:
    """Characters that every text begins with that matches; None where that is not known."""
    try:
        tree = parse(pattern)
    except Unparsed:
        return None
    if not isinstance(tree, Seq) or tree.items[:1] != (Zero("^"),):
        return None
    reach = met_all(tree.items[1:], ahead=True)
    return None if reach.edge or reach.zero or reach.stop else reach.letters


def may_read(sample: Sample, candidate: Format) -> bool:
    """Whether a pattern of a format may match a line.

    >>> from logq.formats import FORMATS
    >>> sample = Sample.of(pl.Series(["Mar  5 09:14:02 web-1 cron[7]: run"]))
    >>> may_read(sample, FORMATS["openssh"]), may_read(sample, FORMATS["log4j"])
    (False, False)
    """
    return any(map(sample.may_hold, candidate.patterns))


def claim(sample: Sample, candidate: Format) -> Claim:
    """What a format accounts for of the lines of a sample.

    >>> from logq.formats import FORMATS
    >>> lines = pl.Series(["Mar  5 09:14:02 web-1 cron[7]: run", "Feb 30 09:14:02 web-1 cron[7]: run"])
    >>> found = claim(Sample.of(lines), FORMATS["syslog_rfc3164"])
    >>> found.share, found.checked().share
    (1.0, 0.5)
    """
    lines = sample.lines
    if candidate.kind != "regex":
        return Claim(lines, candidate, _share_of(lines, candidate))
    possible = tuple(filter(sample.may_hold, candidate.patterns))
    fields = frozenset(candidate.stamp.fields if candidate.stamp else ())
    rows = _matched(lines, candidate, uncovered(possible, fields)) if possible else {}
    hit = _marks(lines, pl.concat([*rows.values()])) if rows else None
    return Claim(lines, candidate, 0.0 if hit is None else _accounted(lines, candidate, hit), rows)


def _share_of(lines: pl.Series, candidate: Format) -> float:
    """Share of lines that a format without patterns accounts for."""
    match candidate.kind:
        case "plain":
            return 0.0
        case "json":
            hit = _marked(lines, candidate)
            hit = hit if candidate.marks and not hit.any() else hit & objects(lines)
        case "logfmt":
            return _share(spoken(lines))
        case "csv" if candidate.directive:
            return _headed(lines, candidate)
        case "csv" if candidate.marks:
            hit = _marked(lines, candidate)
        case _:
            return _separated(lines, candidate.separator)
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


def _matched(lines: pl.Series, candidate: Format, patterns: tuple[str, ...]) -> dict[str, pl.Series]:
    """Pattern → lines that start an entry and that no earlier one matches."""
    left = lines.str.contains(candidate.start).arg_true() if candidate.start else pl.int_range(len(lines), eager=True)
    rows: dict[str, pl.Series] = {}
    for pattern in patterns if len(left) else ():
        found = _found(lines.gather(left), pattern)
        if found.any():
            rows[pattern] = left.filter(found)
            left = left.filter(~found)
    return rows


def _marks(lines: pl.Series, rows: pl.Series) -> pl.Series:
    """True at some of the lines."""
    return pl.Series([False]).new_from_index(0, len(lines)).scatter(rows, True)  # noqa: FBT003 (a value, not an option)


def _found(lines: pl.Series, pattern: str) -> pl.Series:
    """Which lines a pattern matches; only those that hold its longest text are looked at."""
    body = keep_groups(pattern, frozenset())
    rarest = max(literals(pattern), key=len, default="")
    likely = lines.str.contains(rarest, literal=True)
    if likely.all():
        return lines.str.contains(body)
    rows = likely.arg_true()
    return likely.scatter(rows, lines.gather(rows).str.contains(body))


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
    entry = Quoted(separator).starts(lines).cum_sum()
    rows = lines.to_frame("line").group_by(entry.alias("entry"), maintain_order=True).agg("line", pl.len())
    text = rows["line"].list.join("\n").str.replace_all(r'"(?:[^"]|"")*"', "")
    width = text.str.count_matches(separator, literal=True) + 1
    if len(lines) < FEW or width[0] <= FEW:
        return 0.0
    share = int(rows["len"].filter(width == width[0]).sum()) / len(lines)
    return share if share >= MOST else 0.0

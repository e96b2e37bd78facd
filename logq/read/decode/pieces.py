"""Captures from the pieces of an entry, where that is cheaper than one regex over all of it.

A pattern like `^(…) [(…)] "(…)" (…) "([^"]*)"$` has marks, here the quotes, that stand for themselves at places
every match must pass. In an entry with just as many marks as the pattern has, each is one of those places, whatever
the groups might take elsewhere. So the pattern matches the entry if and only if each of its parts between marks
matches the piece of text between them, and the captures are the same. The parts are cut in turn; what is left are
groups that are a piece whole, most of them free to be any text, and regexes over a few bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Final, Protocol, Self

import polars as pl
from polars import selectors as cs

from logq.formats.base import group_names, keep_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HIT", "MANY", "Cut", "Named", "Part", "Regex", "Word", "captured", "pays"]

HIT: Final = "__logq_hit"
PIECE: Final = "__logq_piece"
LEFT: Final = "__logq_left"
SAMPLE: Final = 64
FEW: Final = 6
MANY: Final = 8192
"""Cutting takes 2 to 6 ms for however few entries; a regex searches so many in less."""


@dataclass(frozen=True, slots=True)
class Found:
    """Pieces that a part matches, its groups in them, and the pieces of which it cannot tell; None for none."""

    hit: pl.Series | None
    groups: Sequence[pl.Series] = ()
    left: pl.Series | None = None


class Part(Protocol):
    """What a pattern says of a piece of text."""

    @property
    def cost(self) -> float:
        """Nanoseconds a piece, about, with groups of twenty bytes."""
        ...

    def find(self, piece: pl.Series, names: frozenset[str]) -> Found:
        """Find the groups in pieces; those in `names` are wanted."""
        ...

    def unescaped(self) -> Self:
        """What it is among texts without a backslash, of which none is left for one."""
        ...


@dataclass(frozen=True, slots=True)
class Regex:
    """A part that only a regex can tell."""

    regex: str

    @property
    def cost(self) -> float:
        """As any part's."""
        return 80 + 70 * len(group_names(self.regex))

    def find(self, piece: pl.Series, names: frozenset[str]) -> Found:
        """As any part."""
        body = keep_groups(self.regex, names)
        groups = group_names(body)
        if not groups:
            return Found(piece.str.contains(f"^(?:{body})$"))
        found = piece.str.extract_groups(f"^(?P<{HIT}>)(?:{body})$").struct
        return Found(found[HIT].is_not_null(), [found[n] for n in groups])

    def unescaped(self) -> Self:
        """As any part."""
        return self


@dataclass(frozen=True, slots=True)
class Word:
    """A group between letters, or letters alone.

    It is what matches `regex`; without one, what has none of the characters in `without` and, if it must be `filled`,
    is not empty. If it takes those characters behind backslashes (`escapes`), pieces with a backslash are left.
    """

    name: str | None = None
    before: str = ""
    after: str = ""
    regex: str | None = None
    without: str = ""
    filled: bool = False
    escapes: bool = False

    @property
    def cost(self) -> float:
        """As any part's."""
        affixes = bool(self.before) + bool(self.after) if self.name else 0
        return 25 * bool(self.regex) + 15 * (len(self.without) + self.escapes + affixes)

    def find(self, piece: pl.Series, names: frozenset[str]) -> Found:
        """As any part."""
        return _told([self], [piece], names)

    def unescaped(self) -> Self:
        """As any part."""
        return replace(self, escapes=False)

    def stripped(self, piece: pl.Expr) -> pl.Expr:
        """Text between the letters."""
        if self.name is None:
            return piece
        piece = piece.str.strip_prefix(self.before) if self.before else piece
        return piece.str.strip_suffix(self.after) if self.after else piece

    def frames(self, piece: pl.Expr) -> list[pl.Expr]:
        """Tests of a piece as it is."""
        if self.name is None:
            return [piece == self.before]
        least = len((self.before + self.after).encode()) + self.filled
        tests = [piece.str.len_bytes() >= least] if least > 1 else [piece != ""] if least else []
        tests += [piece.str.starts_with(self.before)] if self.before else []
        return tests + ([piece.str.ends_with(self.after)] if self.after else [])

    def fills(self, text: pl.Expr) -> list[pl.Expr]:
        """Tests of the text between the letters, but for the regex."""
        return [~text.str.contains(char, literal=True) for char in self.without]


def _told(words: Sequence[Word], pieces: Sequence[pl.Series], names: frozenset[str]) -> Found:
    """What words find in their pieces, asked of all at once."""
    if not words:
        return Found(None)
    frame = pl.DataFrame([piece.alias(str(i)) for i, piece in enumerate(pieces)])
    columns = [pl.col(name) for name in frame.columns]
    every = [test for word, piece in zip(words, columns, strict=True) for test in word.frames(piece)]
    texts = [word.stripped(piece) for word, piece in zip(words, columns, strict=True)]
    frame = frame.select(*texts, *([reduce(and_, every).alias(HIT)] if every else []))
    every = [test for word, text in zip(words, columns, strict=True) for test in word.fills(text)]
    every += [pl.col(HIT)] if HIT in frame.columns else []
    left = [text.str.contains("\\", literal=True) for word, text in zip(words, columns, strict=True) if word.escapes]
    asked = {HIT: reduce(and_, every) if every else None, LEFT: reduce(or_, left) if left else None}
    told = frame.select(expr.alias(name) for name, expr in asked.items() if expr is not None)
    alike = [_alike(frame[str(i)], word.regex) for i, word in enumerate(words) if word.regex is not None]
    alike += told.select(cs.by_name(HIT, require_all=False)).get_columns()
    groups = [frame[str(i)].alias(word.name) for i, word in enumerate(words) if word.name and word.name in names]
    return Found(reduce(and_, alike) if alike else None, groups, told.get_column(LEFT, default=None))


def _alike(text: pl.Series, regex: str) -> pl.Series:
    """Which texts a regex matches whole; where they are a few words mostly, each of those is asked once."""
    pattern = f"^(?:{regex})$"
    words = pl.Series([*{*text.head(SAMPLE)}], dtype=pl.String)
    if len(words) > FEW:
        return text.str.contains(pattern)
    known = [pl.col(PIECE).eq_missing(word) for word in words.filter(words.str.contains(pattern))]
    alike = text.to_frame(PIECE).select(pl.any_horizontal(*known)).to_series() if known else text.is_null() & False
    others = (~alike).arg_true() if not alike.all() else text.head(0)
    return alike.scatter(others, text.gather(others).str.contains(pattern)) if len(others) else alike


@dataclass(frozen=True, slots=True)
class Named:
    """A group that is a piece whole and has parts."""

    name: str
    inside: Part

    @property
    def cost(self) -> float:
        """As any part's."""
        return self.inside.cost

    def find(self, piece: pl.Series, names: frozenset[str]) -> Found:
        """As any part."""
        found = self.inside.find(piece, names)
        own = [piece.alias(self.name)] if self.name in names else []
        return Found(found.hit, [*own, *found.groups], found.left)

    def unescaped(self) -> Self:
        """As any part."""
        return replace(self, inside=self.inside.unescaped())


@dataclass(frozen=True, slots=True)
class Cut:
    """Parts between marks, which together are `regex`, or one way to match it if `partial`.

    Left are pieces with more or fewer marks than the parts need and, of a partial cut, all that they do not match.
    """

    regex: str
    mark: str
    parts: tuple[Part, ...]
    partial: bool = False

    @property
    def cost(self) -> float:
        """As any part's."""
        return 20 + 25 * len(self.parts) + sum(part.cost for part in self.parts)

    def find(self, piece: pl.Series, names: frozenset[str]) -> Found:
        """As any part."""
        if names.isdisjoint(group_names(self.regex)):
            return Regex(self.regex).find(piece, names)
        count, pieces = len(self.parts), piece.str.split(self.mark)
        left = pieces.list.len() != count
        ragged, text = left.any() or piece.null_count() > 0, pl.col(PIECE)
        parts = [text.list.get(i, null_on_oob=True) if ragged else text.gather_every(count, i) for i in range(count)]
        frame = (pieces if ragged else pieces.explode()).to_frame(PIECE)
        split = frame.select(one.alias(f"{i}") for i, one in enumerate(parts)).get_columns()
        paired = [*zip(self.parts, split, strict=True)]
        words = [(part, one) for part, one in paired if isinstance(part, Word)]
        finds = [_told([word for word, _ in words], [one for _, one in words], names)]
        finds += [part.find(one, names) for part, one in paired if not isinstance(part, Word)]
        hit = reduce(and_, (found.hit for found in finds if found.hit is not None), ~left)
        left = reduce(or_, (found.left for found in finds if found.left is not None), left)
        return Found(hit, [group for found in finds for group in found.groups], left | ~hit if self.partial else left)

    def unescaped(self) -> Self:
        """As any part."""
        return replace(self, parts=tuple(part.unescaped() for part in self.parts))


def captured(part: Part, raw: pl.Series, names: Sequence[str]) -> tuple[pl.DataFrame, pl.Series]:
    """Entries → (HIT and the named groups, null where the part does not match; which entries are left to a regex).

    >>> parts = Word("a", regex="[a-z]+"), Word("b", before="<", after=">", without=">")
    >>> cut = Cut("(?P<a>[a-z]+) <(?P<b>[^>]*)>", " ", parts)
    >>> found, left = captured(cut, pl.Series(["x <y>", "X <y>", "x <y z>"]), ["a", "b"])
    >>> found["a"].to_list(), found["b"].to_list(), left.to_list()
    (['x', None, None], ['y', None, None], [False, False, True])
    """
    slashed = raw.str.contains("\\", literal=True).any()
    found = (part if slashed else part.unescaped()).find(raw, frozenset(names))
    left = pl.Series([False]).new_from_index(0, len(raw)) if found.left is None else found.left.fill_null(value=True)
    hit = ~left if found.hit is None else found.hit.fill_null(value=False) & ~left
    frame = pl.DataFrame([hit.alias(HIT), *found.groups])
    groups = pl.col(names) if hit.all() else pl.when(HIT).then(pl.col(names))
    return frame.select(pl.when(HIT).then(pl.lit("")).alias(HIT), groups), left


def pays(cut: Cut, raw: pl.Series) -> bool:
    """Whether there are many entries and most of the first have as many marks as a cut needs.

    >>> cut = Cut("(?P<a>[^ ]+) (?P<b>[^ ]+)", " ", (Word("a"), Word("b")))
    >>> pays(cut, pl.Series(["a b", "a b", "a b c"] * 9999)), pays(cut, pl.Series(["a b"]))
    (True, False)
    """
    if len(raw) < MANY:
        return False
    marks = raw.head(SAMPLE).str.count_matches(cut.mark, literal=True)
    return 2 * int((marks == len(cut.parts) - 1).sum()) > len(marks)

"""Which layouts texts may be in, told by their characters, before any is tried: reading by a layout costs far more."""

from __future__ import annotations

import re
import string
from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats.base import EPOCHS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["by_shape", "fits", "held", "may_be", "shaped"]

PARTS: Final = re.compile(r",%f|%[-_.:#]*[0-9]*(.)")
"""Parts of a layout that stand for no character of their own."""

WORDS: Final = frozenset("aAbBhpP")
WORD: Final = "word"
TAKEN: Final = {
    **dict.fromkeys("YmdeHkIMSyj", frozenset()),
    **dict.fromkeys(WORDS, frozenset([WORD, "."])),
    **dict.fromkeys(("f", ""), frozenset(".,")),
    "z": frozenset([WORD, *":\u2212"]),
}
"""Characters that a part of a layout may stand for, beside digits, signs and blanks."""

OFFSET: Final = frozenset("+-\u2212Zz")
LOWER: Final = frozenset(string.ascii_lowercase)
DIGITS: Final = frozenset(string.digits)
SHAPES: Final = 64
"""Texts of more shapes than this are no stamps, or not worth being looked at shape by shape."""


def held(texts: pl.Series) -> frozenset[str]:
    """Characters that texts hold.

    >>> sorted(held(pl.Series(["2024", "4:2"])))
    ['0', '2', '4', ':']
    """
    return frozenset(texts.str.join("").item())


def fits(layout: str, held: frozenset[str]) -> bool:
    """Whether texts of these characters may be in a layout: it can be told at once of most that they are not.

    >>> fits("%d/%b/%Y %H:%M:%S", frozenset("05/Mar/2024 09:14:02")), fits("%Y-%m-%d", frozenset("05/03/2024"))
    (True, False)
    """
    needed, word, offset = _needed(layout)
    return needed <= held and (not word or any(map(str.isalpha, held))) and (not offset or not OFFSET.isdisjoint(held))


@cache
def _needed(layout: str) -> tuple[frozenset[str], bool, bool]:
    """Characters that no text in a layout lacks, and whether each has a word and an offset."""
    if layout in EPOCHS:
        return frozenset(), False, False
    parts = {*PARTS.findall(layout)}
    return frozenset("".join(PARTS.sub("", layout).split())), not parts.isdisjoint(WORDS), "z" in parts


def may_be(shape: str, layout: str) -> bool:
    """Whether texts of a shape may be in a layout: that has place for all they hold, and they hold what it needs.

    >>> may_be("0-0-0", "%Y-%m-%d"), may_be("0-0-0T", "%Y-%m-%d"), may_be("0-Aa-0", "%d-%b-%Y")
    (True, False, True)
    """
    held = frozenset(shape) | (LOWER if "a" in shape else frozenset()) | (DIGITS if "0" in shape else frozenset())
    if not fits(layout, held):
        return False
    taken = _taken(layout)
    if taken is None:
        return True
    letters = WORD in taken
    small = letters or not LOWER.isdisjoint(taken)
    return all(c in taken or c == "0" or c.isspace() or (small if c == "a" else letters and c.isalpha()) for c in shape)


@cache
def _taken(layout: str) -> frozenset[str] | None:
    """Characters that a text in a layout may hold beside digits and blanks, any letter if `WORD`; None for any."""
    if layout in EPOCHS:
        return frozenset("+-.eE_")
    parts = {*PARTS.findall(layout)}
    if not parts <= TAKEN.keys():
        return None
    return frozenset("+-" + PARTS.sub("", layout)).union(*(TAKEN[part] for part in parts))


def by_shape(texts: pl.Series) -> Iterator[tuple[str | None, pl.Series]]:
    """Shapes of texts, each with its rows; of too many, None and all rows.

    >>> [(shape, rows.to_list()) for shape, rows in by_shape(pl.Series(["1:02", "12:30"]))]
    [('0:0', [0, 1])]
    """
    shapes = shaped(texts)
    if shapes.n_unique() > SHAPES:
        yield None, pl.int_range(len(texts), eager=True)
        return
    rows = shapes.to_frame("shape").with_row_index("row").group_by("shape").agg("row")
    yield from zip(rows["shape"], rows["row"], strict=True)


def shaped(texts: pl.Series) -> pl.Series:
    """Texts with one digit for each run of digits, and one letter for each of small letters.

    >>> shaped(pl.Series(["05/Mar/2024"])).to_list()
    ['0/Ma/0']
    """
    return texts.str.replace_all("[0-9]+", "0").str.replace_all("[a-z]+", "a")

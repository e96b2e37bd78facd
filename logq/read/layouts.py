"""Which layouts texts may be in, told by their characters, before any is tried: reading by a layout costs far more."""

from __future__ import annotations

import re
import string
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl

from logq.formats.base import EPOCHS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["by_shape", "fits", "held", "may_be", "shaped", "within"]

PARTS: Final = re.compile(r",%f|%[-_.:#]*[0-9]*(.)")
"""Parts of a layout that stand for no character of their own."""

NUMBERS: Final = frozenset("mdeHkIMSyj")
WORDS: Final = frozenset("aAbBhpP")
OFFSET: Final = frozenset("+-\u2212Zz")
ROOM: Final = {
    **dict.fromkeys(NUMBERS, ""),
    **dict.fromkeys(WORDS, "."),
    **dict.fromkeys(("f", ""), ".,"),
    "Y": "+-",
    "z": ":+-\u2212",
}
"""Which characters a text may hold, once each, for a part of a layout, beside digits, letters and blanks."""

SIGN: Final = re.compile(r"[^\w\s\0]|_")
LETTERS: Final = re.compile(r"[^\W\d_]+")
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


@lru_cache(maxsize=1 << 14)
def may_be(shape: str, layout: str) -> bool:
    """Whether texts of a shape may be in a layout: that has room for all they hold, and they hold what it needs.

    >>> may_be("0-0-0", "%Y-%m-%d"), may_be("0-0-0T", "%Y-%m-%d"), may_be("0-Aa-0", "%d-%b-%Y")
    (True, False, True)
    """
    held = frozenset(shape) | (LOWER if "a" in shape else frozenset()) | (DIGITS if "0" in shape else frozenset())
    if not fits(layout, held):
        return False
    room = _room(layout)
    if room is None:
        return True
    signs = Counter(SIGN.findall(shape))
    if any(not room.signs[sign] <= signs[sign] <= room.signs[sign] + room.more[sign] for sign in signs | room.signs):
        return False
    words = LETTERS.findall(shape)
    return len(words) <= room.words and (room.free or room.letters.issuperset("".join(words).replace("a", "")))


@dataclass(frozen=True, slots=True)
class _Room:
    """How many signs a text in a layout has and `more` it may have, how many words at the most, and of which letters.

    `free`: of any.
    """

    signs: Counter[str]
    more: Counter[str]
    words: int
    letters: frozenset[str]
    free: bool


@cache
def _room(layout: str) -> _Room | None:
    """Room in a layout; None where that is not known."""
    if layout in EPOCHS:
        return _Room(Counter(), Counter(".+--"), 1, frozenset("eE"), free=False)
    parts = PARTS.findall(layout)
    if not ROOM.keys() >= {*parts}:
        return None
    said = PARTS.sub("\0", layout)
    free = [part for part in parts if part in WORDS or part == "z"]
    return _Room(
        Counter(SIGN.findall(said)),
        Counter("".join(ROOM[part] for part in parts)),
        len(free) + len(LETTERS.findall(said)),
        frozenset("".join(LETTERS.findall(said))),
        free=bool(free),
    )


@cache
def within(layout: str) -> str:
    """Regex of which every text has a match that holds a text in this layout.

    >>> import re
    >>> bool(re.search(within("%b-%d %H:%M"), "at Mar-05 09:14")), bool(re.search(within("%b-%d %H:%M"), "03-05 09:14"))
    (True, False)
    """
    pieces: list[str] = []
    for part in () if layout in EPOCHS else re.finditer(rf"{PARTS.pattern}|\s+|.", layout):
        match part[1]:
            case None if part[0] != ",%f":
                pieces.append(r"\s*" if part[0].isspace() else re.escape(part[0]))
            case letter if letter in WORDS:
                pieces.append("[^0-9]+" if pieces else "[^0-9]")
            case letter if letter in NUMBERS | {*"Y"}:
                pieces.append(r"\s*[+-]?[0-9]+")
            case _:
                # It may be nothing, or anything.
                break
    return "".join(pieces).replace(r"\s*\s*", r"\s*")


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

r"""The end of a pattern that can match in one place only, which is found from the end of a text.

A group that may hold what stands behind it, `(?P<text>.*) (?P<n>\d+)$`, leaves two ways to go on at every blank, and
the engine tries both, byte by byte. Read backward the same pattern has one way: digits, then a blank, then any text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from logq.formats.base import distinct, group_names
from logq.formats.custom.letters import ALL, Letters, literal
from logq.formats.custom.reach import certain, met_all
from logq.formats.custom.syntax import Alt, Chars, Group, Repeat, Seq, Unparsed, Zero, parse, render
from logq.read.decode.pieces import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.formats.custom.syntax import Node

__all__ = ["Closing", "closes", "closing"]

FIRST, LAST = Zero("^"), Zero("$")
DOT: Final = Letters(ALL.may, (~literal("\n")).must)
FEW: Final = 2
"""So many characters that a text must not have are looked for one by one."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A pattern is `^`, what the word takes, `end` and `$`; a word of no name is no group."""

    word: Word
    end: str


@cache
def closing(pattern: str) -> Closing | None:
    r"""Part a pattern of which all behind the first piece can match in one place only; None for others.

    Also where that piece itself can, for then a search from the beginning is as good.

    >>> closing(r"^(?P<text>[^\n]*) \((?P<name>[a-z]+)\)$").end
    ' \\((?P<name>[a-z]+)\\)'
    >>> closing(r"^(?P<text>[^\n]*) (?P<name>.+)$"), closing(r"^(?P<a>\d+) (?P<b>\d+)$")
    (None, None)
    """
    try:
        tree = parse(pattern)
    except Unparsed:
        return None
    if not isinstance(tree, Seq) or tree.items[:1] != (FIRST,) or tree.items[-1:] != (LAST,):
        return None
    items = tree.items[1:-1]
    if any(len(some) > 1 for some in distinct(pattern)[1].values()) or not closes(items):
        return None
    return Closing(_word(items[0]), "".join(map(render, items[1:])))


def closes(items: Sequence[Node]) -> bool:
    """Whether all pieces behind the first can match in one place only; it has several and no groups in it."""
    if len(items) < 2 or not all(map(_plain, items)) or group_names(render(_opened(items[0])[1])):  # noqa: PLR2004
        return False
    if certain(items[0], met_all([*items[1:], LAST], ahead=True)):
        return False
    ends = enumerate(items[1:], 1)
    return all(certain(_mirrored(item), met_all([FIRST, *items[:at]], ahead=False)) for at, item in ends)


def _plain(node: Node) -> bool:
    """Whether a piece says nothing of what stands beside it."""
    match node:
        case Seq(inner) | Alt(inner):
            return all(map(_plain, inner))
        case Group(_, body) | Repeat(body):
            return _plain(body)
        case _:
            return isinstance(node, Chars)


def _mirrored(node: Node) -> Node:
    """The piece that matches the same texts written backward."""
    match node:
        case Seq(items):
            return Seq(tuple(map(_mirrored, reversed(items))))
        case Alt(branches):
            return Alt(tuple(map(_mirrored, branches)))
        case Group(opening, body, number):
            return Group(opening, _mirrored(body), number)
        case Repeat(body, low, high, mode):
            return Repeat(_mirrored(body), low, high, mode)
        case _:
            return node


def _opened(node: Node) -> tuple[str, Node]:
    """Name of a group, and what is in it."""
    match node:
        case Group(opening, body) if names := group_names(opening):
            return names[0], body
        case _:
            return "", node


def _word(node: Node) -> Word:
    """A piece as what it takes, told without a regex where it is any text but for a few characters."""
    name, body = _opened(node)
    loop = _bare(body)
    if isinstance(loop, Repeat) and isinstance(loop.body, Chars) and loop.low <= 1 and loop.high is None:
        without = "\n" if loop.body.letters == DOT else (~loop.body.letters).members()
        if without is not None and len(without) <= FEW:
            return Word(name, without=without, filled=loop.low == 1)
    return Word(name, regex=render(body))


def _bare(node: Node) -> Node:
    """What is in groups around a piece."""
    match node:
        case Group(_, inner) | Seq((inner,)):
            return _bare(inner)
        case _:
            return node

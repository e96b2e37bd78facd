"""A pattern as runs that match one behind the other, each in one pass of the regex engine.

The engine captures in one pass where a text leaves one way to go on at every byte, and for 16 groups at most. A run
that can only match in one way, whatever follows, may be matched by itself, and what follows on the text behind it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from logq.formats.base import distinct, group_names, keep_groups
from logq.formats.custom.reach import certain, met_all
from logq.formats.custom.syntax import Alt, Chars, Group, Repeat, Seq, Unparsed, Zero, parse, render
from logq.read.decode.ends import closes
from logq.read.decode.tails import ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.formats.custom.syntax import Node
    from logq.read.decode.tails import Ending

__all__ = ["runs"]

MOST: Final = 15
"""Groups in a run, beside that of the run itself."""

LEAST: Final = 3
"""Groups for which it pays to take what is sure apart from what is not, if that is searched for groups then."""

FIRST, LAST = Zero("^"), Zero("$")


@cache
def runs(pattern: str, names: frozenset[str]) -> tuple[str, ...]:
    r"""Part a pattern, of which the groups `names` are wanted; the whole where it is best left so.

    >>> runs(r"^(?P<a>\d+) (?P<b>\d+) (?P<c>\d+) (?P<d>.*) (?P<e>\d+)$", frozenset("abcde"))
    ('(?P<a>\\d+) (?P<b>\\d+) (?P<c>\\d+) ', '(?P<d>.*) (?P<e>\\d+)$')
    >>> runs(r"^(?P<a>\d+) (?P<b>\d+)$", frozenset("ab"))
    ('^(?P<a>\\d+) (?P<b>\\d+)$',)
    """
    body, groups = distinct(keep_groups(pattern, names))
    try:
        tree = parse(body)
    except Unparsed:
        return (pattern,)
    if any(len(some) > 1 for some in groups.values()) or not isinstance(tree, Seq):
        return (pattern,)
    items = tree.items[1:-1]
    if tree.items[:1] != (FIRST,) or tree.items[-1:] != (LAST,) or not items or any(map(_looks, items)):
        return (pattern,)
    parted = _parted(items, passed=_passed(ending(pattern)))
    if len(parted) == 1:
        return (pattern,)
    return (*("".join(map(render, some)) for some in parted[:-1]), "".join(map(render, parted[-1])) + "$")


def _looks(node: Node) -> bool:
    """Whether a piece looks at what stands beside it; the end of the text stays where it is."""
    match node:
        case Zero(text):
            return text != "$"
        case Seq(inner) | Alt(inner):
            return any(map(_looks, inner))
        case Group(_, body) | Repeat(body):
            return _looks(body)
        case _:
            return not isinstance(node, Chars)


def _passed(end: Ending | None) -> bool:
    """Whether a pattern ends with any text and matches in one way up to there."""
    tree = parse(end.ahead + end.inside) if end else None
    return isinstance(tree, Seq) and _sure(tree.items) == len(tree.items)


def _parted(items: Sequence[Node], *, passed: bool) -> list[list[Node]]:
    """Part pieces into runs; `passed`: they are searched in one pass anyhow."""
    sure = _sure(items)
    bare = not group_names("".join(map(render, items[sure:])))
    least = LEAST if passed else 0 if closes(items[sure:]) else 1 if bare else LEAST
    parted: list[list[Node]] = [[]]
    count = 0
    for at, item in enumerate(items):
        own = len(group_names(render(item)))
        unsure_ahead = at == sure < len(items) - 1 and count >= least
        if parted[-1] and at <= sure and (count + own > MOST or unsure_ahead):
            parted.append([])
            count = 0
        parted[-1].append(item)
        count += own
    return parted


def _sure(items: Sequence[Node]) -> int:
    """Number of pieces at the beginning that match in one way only."""
    for at, item in enumerate(items):
        if not certain(item, met_all([*items[at + 1 :], LAST], ahead=True)):
            return at
    return len(items)

"""Which groups of a pattern may hold a text that means "no value", told from the pattern alone."""

from __future__ import annotations

from functools import cache, reduce
from itertools import chain
from typing import TYPE_CHECKING

from logq.formats.base import group_names
from logq.formats.custom.letters import literal
from logq.formats.custom.syntax import Alt, Chars, Group, Repeat, Seq, Unparsed, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logq.formats.custom.letters import Letters
    from logq.formats.custom.syntax import Node

__all__ = ["telling"]


@cache
def telling(pattern: str, nulls: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    r"""Groups and the texts of `nulls` they may be.

    >>> telling(r"^(?P<a>\d+) (?P<b>-?\d+) (?P<c>[^ ]+) (?P<d>.*)$", ("", "-"))
    (('c', '-'), ('d', ''), ('d', '-'))
    """
    names = group_names(pattern)
    try:
        bodies = [*_bodies(parse(pattern))]
    except Unparsed:
        return tuple((name, text) for name in names for text in nulls)
    letters = {text: [*map(literal, text)] for text in nulls}
    begun = frozenset({0})
    told = {(name, text) for name, body in bodies for text in nulls if len(text) in _ends(body, letters[text], begun)}
    return tuple((name, text) for name in names for text in nulls if (name, text) in told)


def _bodies(node: Node) -> Iterator[tuple[str, Node]]:
    """What is in each named group."""
    match node:
        case Seq(items) | Alt(items):
            yield from chain.from_iterable(map(_bodies, items))
        case Group(opening, body):
            yield from ((name, body) for name in group_names(opening))
            yield from _bodies(body)
        case Repeat(body):
            yield from _bodies(body)


def _ends(node: Node, text: Sequence[Letters], places: frozenset[int]) -> frozenset[int]:
    """Where a piece may begin in a text → where it may end there; what looks beside itself may always match."""
    match node:
        case Chars(_, letters):
            return frozenset(at + 1 for at in places if at < len(text) and letters.meets(text[at]))
        case Seq(items):
            return reduce(lambda known, item: _ends(item, text, known), items, places)
        case Alt(branches):
            return frozenset().union(*(_ends(branch, text, places) for branch in branches))
        case Group(_, body):
            return _ends(body, text, places)
        case Repeat():
            return _repeated(node, text, places)
        case _:
            return places


def _repeated(node: Repeat, text: Sequence[Letters], places: frozenset[int]) -> frozenset[int]:
    for _ in range(node.low):
        places = _ends(node.body, text, places)
    found, times = places, node.low
    while places and times != node.high:
        places = _ends(node.body, text, places) - found
        found |= places
        times += 1
    return found

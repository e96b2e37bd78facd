"""Patterns that need not be asked, for a later one says the same of the groups that are wanted, and of more texts.

So it is where all begin alike and the later takes any text then: `^(?P<time>…) sshd: Accepted (?P<user>.*)$`, and
`^(?P<time>…) sshd: (?P<message>(?s:.*))$`. If the time alone is wanted, the second tells all that the first does.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from logq.formats.base import group_names
from logq.formats.custom.reach import certain, met_all
from logq.formats.custom.syntax import Seq, Unparsed, parse, render
from logq.read.decode.tails import ending

if TYPE_CHECKING:
    from logq.formats.custom.syntax import Node

__all__ = ["uncovered"]

ANY = parse("(?s:.*)")


@cache
def uncovered(patterns: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
    r"""Leave out the patterns that the next one which stays covers, where the groups `names` are wanted.

    >>> patterns = r"^(?P<a>\d+) up (?P<b>.*)$", r"^(?P<a>\d+) (?P<c>(?s:.*))$"
    >>> len(uncovered(patterns, frozenset("a"))), len(uncovered(patterns, frozenset("ab")))
    (1, 2)
    """
    kept = list(patterns[-1:])
    for pattern in reversed(patterns[:-1]):
        if not _covers(kept[0], pattern, names):
            kept.insert(0, pattern)
    return tuple(kept)


def _covers(wide: str, pattern: str, names: frozenset[str]) -> bool:
    """Whether one pattern matches wherever another does, with the same groups."""
    end = ending(wide)
    if end is None or end.inside or not names.isdisjoint([end.name, end.inner]):
        return False
    try:
        head, row = _items(f"^{end.ahead}"), _items(pattern)
    except Unparsed:
        return False
    behind = "".join(map(render, row[len(head) :]))
    if head != row[: len(head)] or not names.isdisjoint(group_names(behind)):
        return False
    held = [at for at, item in enumerate(head) if not names.isdisjoint(group_names(render(item)))]
    sure = range(held[-1] + 1) if held else ()
    return all(certain(head[at], met_all([*head[at + 1 :], ANY], ahead=True)) for at in sure)


def _items(pattern: str) -> tuple[Node, ...]:
    tree = parse(pattern)
    return tree.items if isinstance(tree, Seq) else (tree,)

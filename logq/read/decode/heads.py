"""Where a group of a pattern may begin in the texts that begin alike, told from the pattern alone."""

from __future__ import annotations

from functools import lru_cache, reduce
from itertools import chain
from typing import TYPE_CHECKING

from logq.formats.custom.letters import literal
from logq.formats.custom.syntax import Alt, Chars, Group, Repeat, Seq, Unparsed, Zero, parse

if TYPE_CHECKING:
    from logq.formats.custom.syntax import Node

__all__ = ["begins_at"]

States = frozenset[tuple[int, int | None]]
SHORT = -1
"""Begun, and at its end before the head is."""


@lru_cache(maxsize=1024)
def begins_at(pattern: str, group: str, head: str, place: int) -> bool:
    r"""Whether the group is `head` from `place` on, and more, or none, in each match of a text that begins with it.

    False also where that cannot be told.

    >>> pattern = r"^(?:<\d+>)?(?P<time>\w+ \d+) "
    >>> begins_at(pattern, "time", "Mar ", 0), begins_at(pattern, "time", "<7>Mar ", 3)
    (True, True)
    >>> begins_at(pattern, "time", "<7>Mar ", 0), begins_at(r"^(?:. )?(?P<time>. \d+)", "time", "a ", 0)
    (False, False)
    """
    try:
        found = _Walk(head, group).over(parse(pattern), frozenset({(0, None)})) if pattern.startswith("^") else None
    except Unparsed:
        return False
    return found is not None and {begun for _, begun in found} <= {None, place} and place < len(head)


class _Walk:
    """A walk through a pattern on texts of which the beginning is known, by every way that may match.

    A state is a place in the head, at whose end any text may follow, and where the group began.
    """

    def __init__(self, head: str, group: str) -> None:
        self.letters = [literal(char) for char in head]
        self.openings = (f"(?P<{group}>", f"(?<{group}>")

    def over(self, node: Node, states: States) -> States:
        """States before a piece of the pattern → those behind it."""
        match node:
            case Chars() | Zero("^" | "$"):
                return self._read(node, states)
            case Seq(items):
                return reduce(lambda known, item: self.over(item, known), items, states)
            case Alt(branches):
                return frozenset(chain.from_iterable(self.over(branch, states) for branch in branches))
            case Group(opening, body):
                return self._captured(body, states) if opening in self.openings else self.over(body, states)
            case Repeat():
                return self._repeated(node, states)
        raise Unparsed

    def _read(self, node: Chars | Zero, states: States) -> States:
        end = len(self.letters)
        if isinstance(node, Zero):
            return frozenset((at, begun) for at, begun in states if at == (0 if node.text == "^" else end))
        ahead = ((at + 1, begun) for at, begun in states if at < end and node.letters.meets(self.letters[at]))
        return frozenset(ahead) | {(at, begun) for at, begun in states if at == end}

    def _captured(self, body: Node, states: States) -> States:
        inside = self.over(body, frozenset((at, at) for at, _ in states))
        return frozenset((at, begun if at == len(self.letters) else SHORT) for at, begun in inside)

    def _repeated(self, node: Repeat, states: States) -> States:
        for _ in range(node.low):
            states = self.over(node.body, states)
        found, times = states, node.low
        while states and times != node.high:
            states = self.over(node.body, states) - found
            found |= states
            times += 1
        return found

"""What a piece of a regex may begin or end with, and whether it can match in one way only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from operator import or_
from typing import TYPE_CHECKING, Final

from logq.formats.custom.letters import ALL, NONE, Letters, literal
from logq.formats.custom.syntax import Alt, Chars, Group, Look, Repeat, Seq, Zero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.formats.custom.syntax import Node

__all__ = ["EDGE", "Reach", "certain", "first", "last"]

ENDS: Final = {"$": NONE, r"\z": NONE, r"\Z": literal("\n")}
STARTS: Final = {"^": NONE, r"\A": NONE}


@dataclass(frozen=True, slots=True)
class Reach:
    """Characters that may come next; or, `edge`, none of the regex, or, `stop`, none of the text.

    `zero`: past an anchor or a look-around, which says more than is known here.
    """

    letters: Letters
    edge: bool
    zero: bool = False
    stop: bool = False

    def __or__(self, other: Reach) -> Reach:
        return Reach(
            self.letters | other.letters, self.edge or other.edge, self.zero or other.zero, self.stop or other.stop
        )

    def then(self, other: Reach) -> Reach:
        """Past the edge comes the other."""
        return replace(self | other, edge=other.edge) if self.edge else self

    @property
    def pure(self) -> bool:
        """Whether nothing of the regex comes."""
        return self.edge and not (self.letters.may or self.zero or self.stop)


EDGE: Final = Reach(NONE, edge=True)


def first(node: Node) -> Reach:
    """What may come first; its edge says that the piece may be empty."""
    return _met(node, ahead=True)


def last(node: Node) -> Reach:
    """What may come last."""
    return _met(node, ahead=False)


def _met(node: Node, *, ahead: bool) -> Reach:  # noqa: PLR0911 (one answer for each kind of piece)
    match node:
        case Chars():
            return Reach(node.letters, edge=False)
        case Zero():
            stops = ENDS if ahead else STARTS
            known = node.text in stops
            return Reach(stops.get(node.text, NONE), edge=not known, zero=not known, stop=known)
        case Look():
            return Reach(NONE, edge=True, zero=True)
        case Seq(items):
            return met_all(items, ahead=ahead)
        case Alt(branches):
            return reduce(or_, (_met(b, ahead=ahead) for b in branches))
        case Group(_, body):
            return _met(body, ahead=ahead)
        case Repeat(body, low):
            inner = _met(body, ahead=ahead)
            return replace(inner, edge=inner.edge or low == 0)
        case _:
            return Reach(ALL, edge=True, zero=True)


def met_all(items: Sequence[Node], *, ahead: bool) -> Reach:
    """What a run of pieces begins or ends with."""
    total = EDGE
    for item in items if ahead else reversed(items):
        total = total.then(_met(item, ahead=ahead))
        if not total.edge:
            break
    return total


def certain(node: Node, follow: Reach) -> bool:  # noqa: PLR0911 (one answer for each kind of piece)
    """Whether a backtracking engine, once through the piece, could never go on after a shorter or other way through it.

    Then giving back is of no use, and an atomic group or a possessive quantifier says nothing more than a plain one. So
    it is where each choice falls by the next character: branches begin unlike one another, and a loop goes on with other
    characters than come after it.
    """
    match node:
        case Chars() | Zero():
            return True
        case Seq(items):
            return all(
                certain(item, met_all(items[at + 1 :], ahead=True).then(follow)) for at, item in enumerate(items)
            )
        case Group(_, body):
            return certain(body, follow)
        case Alt(branches):
            return all(_apart(a, b) for a, b in combinations(branches, 2)) and all(certain(b, follow) for b in branches)
        case Repeat(body, low, high, mode):
            begun_with = first(body)
            if begun_with.edge or (mode == "?" and low != high):
                return False
            again = Reach(begun_with.letters, edge=False)
            if not certain(_flat(body) if high is None else body, again | follow if high != 1 else follow):
                return False
            return low == high or not (begun_with.letters.meets(follow.letters) or (follow.edge and follow.zero))
        case _:
            return False


def _apart(one: Node, other: Node) -> bool:
    """Whether the first character in which two branches differ tells which of them it is."""
    left, right = _leading(one), _leading(other)
    while left and right and isinstance(left[0], Chars) and left[0] == right[0]:
        left, right = left[1:], right[1:]
    begun = met_all(left, ahead=True), met_all(right, ahead=True)
    return not (begun[0].edge or begun[1].edge or begun[0].letters.meets(begun[1].letters))


def _leading(node: Node) -> list[Node]:
    """The pieces of a branch, of a group at its beginning each by itself."""
    match node:
        case Seq((Group("(?:", Seq() as inner), *rest)):
            return [*_leading(inner), *rest]
        case Seq(items):
            return list(items)
        case _:
            return [node]


def _flat(body: Node) -> Node:
    """The body of an endless loop, its own loops of one character taken once: they come round again."""
    match body:
        case Seq((one,)):
            return _flat(one)
        case Group(opening, inner, number):
            return Group(opening, _flat(inner), number)
        case Alt(branches):
            return Alt(tuple(map(_flat, branches)))
        case Repeat(Chars() as one, 1, None, mode) if mode != "?":
            return one
        case _:
            return body

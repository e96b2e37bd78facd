"""Row patterns as tables: for each set of labels of a row, which state follows which.

A state is the list of places in the pattern at which a match may stand, what is preferred first, as a
backtracking matcher would try them. What stands behind a finished match in that list is worth less than it and is
left out, so the last state that holds a finished match tells where the preferred match ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from logq.errors import BuildError
from logq.plan import Anchor, Choice, Node, Repeat, Series, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Automaton", "automaton"]

STATES: Final = 1000
"""Most states of a pattern: every row of the log is looked up in each."""

Rest: TypeAlias = "tuple[Node | None, ...]"
"""What is still to be matched. None stands where a round of a repetition ends that must have taken a row."""

Place: TypeAlias = "tuple[Variable, Rest] | None"
"""A variable that may come next and what follows it; None for a finished match."""

State: TypeAlias = "tuple[Place, ...]"


@dataclass(frozen=True)
class Automaton:
    """`places[s]` is what state s is made of; state 0 has none.

    `follows[c][s]` is the state behind s on a row of class c, and `origins[c][s]` tells for each of its places from
    which place of s it came. `first` is the state ahead of the first row of a partition, `other` ahead of others.
    """

    places: list[State]
    follows: list[list[int]]
    origins: list[list[list[int]]]
    first: int
    other: int


def automaton(pattern: Node, classes: Sequence[tuple[frozenset[str], bool]]) -> Automaton:
    """Pattern and classes of rows (the variables that fit, whether it is a partition's last) → tables.

    Raises
    ------
    BuildError
        The pattern has too many states.

    >>> from logq.plan import parse_pattern
    >>> found = automaton(parse_pattern("A B"), [(frozenset("A"), False), (frozenset("B"), False)])
    >>> found.follows
    [[0, 2, 0, 0], [0, 0, 3, 0]]
    """
    numbers: dict[State, int] = {(): 0}
    first, other = (numbers.setdefault(_places((pattern,), first=f), len(numbers)) for f in (True, False))
    follows: list[list[int]] = [[] for _ in classes]
    origins: list[list[list[int]]] = [[] for _ in classes]
    places = list(numbers)
    for state in places:
        for c, (labels, last) in enumerate(classes):
            following, origin = _behind(state, labels, last=last)
            if following not in numbers:
                numbers[following] = len(places)
                places.append(following)
            follows[c].append(numbers[following])
            origins[c].append(origin)
        if len(places) > STATES:
            msg = f"match_pattern: the pattern has more than {STATES} states; count less in its quantifiers"
            raise BuildError(msg)
    return Automaton(places, follows, origins, first, other)


def _behind(state: State, labels: frozenset[str], *, last: bool) -> tuple[State, list[int]]:
    """The state behind a row, and from which place each of its places came."""
    found: dict[Place, int] = {}
    for at, place in enumerate(state):
        if place is None or place[0].name not in labels:
            continue
        for new in _places(place[1], last=last):
            found.setdefault(new, at)
        if None in found:
            break
    return tuple(found), list(found.values())


def _places(rest: Rest, *, first: bool = False, last: bool = False) -> State:
    """Where a match may stand that has `rest` to come, what is preferred first; nothing follows a finished match."""
    found: dict[Place, None] = {}
    seen: set[Rest] = set()
    stack = [rest]
    while stack:
        now = stack.pop()
        if now in seen:
            continue
        seen.add(now)
        if not now:
            found[None] = None
            break
        head, after = now[0], now[1:]
        match head:
            case Variable() if not last:
                found.setdefault((head, tuple(node for node in after if node is not None)))
            case Anchor(end) if last if end else first:
                stack.append(after)
            case Series(parts):
                stack.append((*parts, *after))
            case Choice(options):
                stack += [(option, *after) for option in reversed(options)]
            case Repeat():
                stack += reversed(_rounds(head, after))
            case _:
                continue
    return tuple(found)


def _rounds(repeat: Repeat, after: Rest) -> list[Rest]:
    """One round more, or none, what is preferred first; beyond the least number a round takes a row."""
    fewer = Repeat(
        repeat.node, max(repeat.least - 1, 0), None if repeat.most is None else repeat.most - 1, repeat.greedy
    )
    if repeat.least:
        return [(repeat.node, fewer, *after)]
    if repeat.most == 0:
        return [after]
    ways: list[Rest] = [(repeat.node, None, fewer, *after), after]
    return ways if repeat.greedy else ways[::-1]

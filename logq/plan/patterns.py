"""Row patterns: the text of SQL's MATCH_RECOGNIZE, `A B+ (C | D)?`, as a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from logq.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Anchor", "Choice", "Node", "Repeat", "Series", "Variable", "leaves", "parse_pattern"]

TOKEN: Final = re.compile(
    r"""\s*(?: (?P<name>[^\W\d]\w*)
    | \{\s*(?P<least>\d*)\s*(?P<comma>,?)\s*(?P<most>\d*)\s*\}
    | (?P<mark>\{-|-\}|[|()^$*+?,])
    | (?P<end>$))""",
    re.VERBOSE,
)
COUNTS: Final = {"*": (0, None), "+": (1, None), "?": (0, 1)}
MOST: Final = 1000
"""Largest number in a quantifier."""
PERMUTED: Final = 6
"""Most parts of a PERMUTE, which has as many orders as these have."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One row for which the variable's condition is true; not `shown` between {- and -}."""

    name: str
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Anchor:
    """The place before the first row of a partition, or with `end` behind the last."""

    end: bool


@dataclass(frozen=True, slots=True)
class Series:
    """Parts one after another; none of them is a match of no rows."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the parts, an earlier one rather than a later."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """At least and at most so many, `greedy` rather more than fewer."""

    node: Node
    least: int
    most: int | None
    greedy: bool = True


Node: TypeAlias = "Variable | Anchor | Series | Choice | Repeat"


def leaves(node: Node) -> Iterator[Variable | Anchor]:
    """Variables and anchors of a pattern, as they stand.

    >>> [leaf.name for leaf in leaves(parse_pattern("A (B | A)*"))]
    ['A', 'B', 'A']
    """
    match node:
        case Variable() | Anchor():
            yield node
        case Repeat():
            yield from leaves(node.node)
        case _:
            for part in node.parts:
                yield from leaves(part)


def parse_pattern(text: str) -> Node:
    """Text → tree.

    Raises
    ------
    BuildError
        What is no row pattern; the place is shown.

    >>> parse_pattern("A+?")
    Repeat(node=Variable(name='A', shown=True), least=1, most=None, greedy=False)
    """
    return _Parser(text).whole()


class _Parser:
    """A recursive descent over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.token = self._next()

    def whole(self) -> Node:
        """All of the text."""
        found = self._choice()
        if self.token["end"] is None:
            self._refuse("this closes or parts nothing")
        return found

    def _next(self) -> re.Match[str]:
        found = TOKEN.match(self.text, self.at)
        if found is None:
            self._refuse("this is no part of a row pattern")
        return found

    def _take(self) -> re.Match[str]:
        taken, self.at = self.token, self.token.end()
        self.token = self._next()
        return taken

    def _is(self, *marks: str) -> bool:
        return self.token["mark"] in marks

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            self._refuse(f"{mark!r} should stand here")
        self._take()

    def _refuse(self, why: str) -> NoReturn:
        at = self.at + len(self.text[self.at :]) - len(self.text[self.at :].lstrip())
        msg = f"match_pattern: {why}: {self.text[:at]!r} ▸ {self.text[at:]!r}"
        raise BuildError(msg)

    def _choice(self) -> Node:
        options = [self._series()]
        while self._is("|"):
            self._take()
            options.append(self._series())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _series(self) -> Node:
        parts: list[Node] = []
        while self.token["name"] or self._is("(", "^", "$", "{-"):
            parts.append(self._counted())
        if not parts:
            self._refuse("a variable should stand here; () is a match of no rows")
        return parts[0] if len(parts) == 1 else Series(tuple(parts))

    def _counted(self) -> Node:
        node = self._single()
        if self._is(*COUNTS):
            least, most = COUNTS[self._take()["mark"]]
        elif self.token["comma"] is not None:
            least, most = self._counts()
        else:
            return node
        reluctant = self._is("?")
        if reluctant:
            self._take()
        return Repeat(node, least, most, greedy=not reluctant)

    def _counts(self) -> tuple[int, int | None]:
        least, comma, most = self.token["least"], self.token["comma"], self.token["most"]
        if not comma and not least:
            self._refuse("a quantifier in braces has a number or a comma")
        low = int(least or 0)
        high = low if not comma else int(most) if most else None
        if max(low, high or 0) > MOST or (high is not None and high < low):
            self._refuse(f"a quantifier counts from less to more, up to {MOST}")
        self._take()
        return low, high

    def _single(self) -> Node:
        if self.token["name"]:
            name = self._take()["name"]
            return self._permuted() if name.upper() == "PERMUTE" and self._is("(") else Variable(name)
        mark = self._take()["mark"]
        if mark in ("^", "$"):
            return Anchor(end=mark == "$")
        if mark == "{-":
            inner = self._choice()
            self._expect("-}")
            return _hidden(inner)
        if self._is(")"):
            self._take()
            return Series(())
        inner = self._choice()
        self._expect(")")
        return inner

    def _permuted(self) -> Node:
        self._expect("(")
        parts = [self._choice()]
        while self._is(","):
            self._take()
            parts.append(self._choice())
        self._expect(")")
        if len(parts) > PERMUTED:
            self._refuse(f"PERMUTE takes at most {PERMUTED} parts")
        return Choice(tuple(Series(order) for order in permutations(parts)))


def _hidden(node: Node) -> Node:
    """The same, whose rows are matched and not shown."""
    match node:
        case Variable():
            return replace(node, shown=False)
        case Repeat(inner):
            return replace(node, node=_hidden(inner))
        case Series(parts):
            return Series(tuple(map(_hidden, parts)))
        case Choice(options):
            return Choice(tuple(map(_hidden, options)))
        case _:
            return node

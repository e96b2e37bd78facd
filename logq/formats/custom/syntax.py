"""Regexes of backtracking engines, as trees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from logq.formats.custom.letters import ALL, Letters, class_of, escape_of, literal

__all__ = ["Alt", "Back", "Chars", "Group", "Look", "Node", "Repeat", "Seq", "Unparsed", "Zero", "parse", "render"]

OPENING: Final = re.compile(
    r"\((?:\?(?:P?<([A-Za-z_][\w.]*)>|(<?[=!])|(>)|P=([A-Za-z_][\w.]*)\)|([a-zA-Z]*(?:-[a-zA-Z]+)?)([:)])))?"
)
QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})([?+]?)")
CLASS: Final = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|\[(?:\\.|[^\]\\])*\]|[^\]\\])*\]", re.DOTALL)
ESCAPE: Final = re.compile(
    r"\\(?:([1-9])|k<([A-Za-z_][\w.]*)>|[pP](?:\{[^}]*\}|.)|x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|(.))",
    re.DOTALL,
)
BOUNDS: Final = re.compile(r"\{([0-9]+)(,?)([0-9]*)\}")


class Unparsed(Exception):  # noqa: N818 (it never leaves this package)
    """The regex holds what is not known here."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set."""

    text: str
    letters: Letters


@dataclass(frozen=True, slots=True)
class Zero:
    """An anchor or a boundary."""

    text: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a group matched before."""

    text: str
    group: int


@dataclass(frozen=True, slots=True)
class Seq:
    """One after another."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alt:
    """One of several."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses; `number` counts those that capture."""

    opening: str
    body: Node
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What stands ahead or behind, or does not."""

    opening: str
    body: Node


@dataclass(frozen=True, slots=True)
class Repeat:
    """A quantifier; `mode` is that after it: none is greedy."""

    body: Node
    low: int
    high: int | None
    mode: str


Node = Chars | Zero | Back | Seq | Alt | Group | Look | Repeat


class _Reader:
    """Reads one regex, left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0
        self.groups: dict[str, int] = {}
        self.count = 0
        self.flags: frozenset[str] = frozenset()

    def alternatives(self) -> Node:
        branches = [self.sequence()]
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else Alt(tuple(branches))

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            items.append(self.quantified(self.atom()))
        return Seq(tuple(items))

    def quantified(self, body: Node) -> Node:
        while found := QUANTIFIER.match(self.pattern, self.at):
            self.at = found.end()
            bounds = BOUNDS.match(found[0])
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(found[0][0], (0, None))
            if bounds:
                low = int(bounds[1])
                high = int(bounds[3]) if bounds[3] else None if bounds[2] else low
            body = Repeat(body, low, high, found[1])
        return body

    def atom(self) -> Node:
        char = self.pattern[self.at]
        if char == "(":
            return self.group()
        if char == "[":
            text = self.take(CLASS)
            return self.chars(text, class_of(text[1:-1]))
        if char == "\\":
            return self.escape()
        self.at += 1
        if char == ".":
            return Chars(char, ALL if "s" in self.flags else Letters(ALL.may, (~literal("\n")).must))
        if char in "*+?{":
            raise Unparsed
        return Zero(char) if char in "^$" else self.chars(char, literal(char))

    def chars(self, text: str, letters: Letters) -> Chars:
        return Chars(text, letters.folded() if "i" in self.flags else letters)

    def take(self, token: re.Pattern[str]) -> str:
        found = token.match(self.pattern, self.at)
        if found is None:
            raise Unparsed
        self.at = found.end()
        return found[0]

    def escape(self) -> Node:
        text = self.take(ESCAPE)
        number, name, letter = ESCAPE.fullmatch(text).groups()  # type: ignore[union-attr]
        if number or name:
            return Back(text, int(number) if number else self.groups.get(name, 0))
        if letter is None:
            return self.chars(text, class_of(text))
        if letter in "bBAzZ":
            return Zero(text)
        letters = escape_of(letter)
        if letters is None:
            raise Unparsed
        return self.chars(text, letters)

    def group(self) -> Node:
        text = self.take(OPENING)
        name, look, _, known, flags, end = OPENING.fullmatch(text).groups()  # type: ignore[union-attr]
        if known:
            return Back(text, self.groups.get(known, 0))
        if flags and set(flags) - {"i", "s"}:
            raise Unparsed
        if end == ")":
            self.flags |= frozenset(flags)
            return Zero(text)
        number = None
        if name or text == "(":
            self.count += 1
            number = self.count
            self.groups |= {name: number} if name else {}
        outside, self.flags = self.flags, self.flags | frozenset(flags or "")
        body = self.alternatives()
        self.flags = outside
        if self.pattern[self.at : self.at + 1] != ")":
            raise Unparsed
        self.at += 1
        if look:
            return Look(text, body)
        return Group(text, body, number)


def parse(pattern: str) -> Node:
    """Regex → tree.

    >>> render(parse(r"(?>a|[^b]{2,})*+\\\\."))
    '(?>a|[^b]{2,})*+\\\\\\\\.'

    Raises
    ------
    Unparsed
        It has flags other than `i` and `s`, or something not known here.
    """
    reader = _Reader(pattern)
    tree = reader.alternatives()
    if reader.at < len(pattern):
        raise Unparsed
    return tree


def render(node: Node) -> str:
    """Tree → regex."""
    match node:
        case Seq(items):
            return "".join(map(render, items))
        case Alt(branches):
            return "|".join(map(render, branches))
        case Group(opening, body) | Look(opening, body):
            return f"{opening}{render(body)})"
        case Repeat(body, low, high, mode):
            return render(body) + _quantifier(low, high) + mode
        case _:
            return node.text


def _quantifier(low: int, high: int | None) -> str:
    short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((low, high))
    return short or (f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}")

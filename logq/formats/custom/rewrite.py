"""Regexes of other dialects, rewritten for a linear-time engine where the meaning is provably the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from logq.errors import PatternError
from logq.formats.custom.letters import literal
from logq.formats.custom.looks import LOOKS, hoisted, settled
from logq.formats.custom.reach import EDGE, Reach, certain, first, last, met_all
from logq.formats.custom.syntax import Alt, Back, Chars, Group, Look, Repeat, Seq, Unparsed, parse, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.formats.custom.syntax import Node

__all__ = ["escape", "rewrite"]

FOREIGN: Final = re.compile(r"\(\?(?:<?[=!]|>|P=)|\\(?:[1-9]|k<)|[*+?}]\+")
TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|[*+?]\+|\{[0-9]+(?:,[0-9]*)?\}\+|.", re.DOTALL)
GREEDIER: Final = re.compile(r"(?:[*+?]|\{[0-9,]+\})\+")
ATOMIC: Final = "atomic group (?>…)"
POSSESSIVE: Final = "possessive quantifier {}"
REFERENCES: Final = (r"back-reference \1", "named back-reference")
FEW: Final = 8
"""Of a back-reference to one of so many characters each is written out."""


class Foreign(Exception):  # noqa: N818 (it is turned into a PatternError that quotes the pattern)
    """A construct that cannot be written otherwise, by its name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece stands: `top` of all, with nothing beside it; `free` of groups that capture and of loops."""

    top: bool = True
    free: bool = True


def rewrite(pattern: str) -> str:
    r"""Return `pattern` without look-around, back-references, atomic groups and possessive quantifiers.

    A look at one character is dropped where what stands beside it decides it, merged into the set of characters beside
    it, or taken into the match at the ends of the pattern, where no group sees it. Atomic groups and possessive
    quantifiers become plain ones where nothing could be given back. A back-reference to a group of a few single
    characters is written out. Whatever needs none of this is returned as it is.

    Raises
    ------
    PatternError
        One of these for which none of that is exactly the same; it is named.

    >>> rewrite(r'(?<!\d)(?P<n>\d++) "(?P<a>[^"]*+)"(?! )')
    '(?:\\A|[^\\d])(?P<n>\\d+) "(?P<a>[^"]*)"(?:[^ ]|\\z)'
    >>> rewrite("a*+ab")
    Traceback (most recent call last):
    ...
    logq.errors.PatternError: possessive quantifier *+ is not supported by a linear-time regex engine in 'a*+ab'
    """
    if not FOREIGN.search(pattern):
        return pattern
    try:
        return render(_node(hoisted(parse(pattern)), EDGE, EDGE, Place()))
    except Foreign as error:
        construct = str(error)
    except Unparsed:
        found = next(filter(GREEDIER.fullmatch, TOKEN.findall(pattern)), None)
        if found is None:
            return pattern
        construct = POSSESSIVE.format(found)
    msg = f"{construct} is not supported by a linear-time regex engine in {pattern!r}"
    raise PatternError(msg)


def _node(node: Node, before: Reach, follow: Reach, place: Place) -> Node:
    """One piece, rewritten for what may stand before and after it."""
    match node:
        case Seq():
            return _seq(node, before, follow, place)
        case Alt(branches):
            return Alt(tuple(_node(b, before, follow, replace(place, top=False)) for b in branches))
        case Group(opening, body, number):
            inner = _node(body, before, follow, Place(top=False, free=place.free and number is None))
            if opening != "(?>":
                return Group(opening, inner, number)
            if not certain(inner, follow):
                raise Foreign(ATOMIC)
            return Group("(?:", inner)
        case Repeat():
            return _repeat(node, before, follow)
        case Back(text):
            raise Foreign(REFERENCES["<" in text or "=" in text])
        case _:
            return node


def _repeat(node: Repeat, before: Reach, follow: Reach) -> Repeat:
    body = node.body
    plain = replace(node, mode="" if node.mode == "+" else node.mode)
    if isinstance(body, Group) and body.opening == "(?>":
        loosened = replace(plain, body=Group("(?:", body.body))
        body = loosened.body if certain(loosened, follow) else body
    again = node.high != 1
    around = (before | last(body), first(body) | follow) if again else (before, follow)
    made = replace(plain, body=_node(body, *around, Place(top=False, free=False)))
    if node.mode == "+" and not certain(made, follow):
        quantifier = render(replace(node, body=Seq(())))
        raise Foreign(POSSESSIVE.format(quantifier))
    return made


def _seq(node: Seq, before: Reach, follow: Reach, place: Place) -> Seq:
    items = settled(_spelled(node.items), before, follow, top=place.top, free=place.free)
    unsettled = next((item for item in items if isinstance(item, Look)), None)
    if unsettled is not None:
        raise Foreign(LOOKS[unsettled.opening])
    made: list[Node] = []
    for at, item in enumerate(items):
        behind = met_all(made, ahead=False).then(before)
        ahead = met_all(items[at + 1 :], ahead=True).then(follow)
        made.append(_node(item, behind, ahead, replace(place, top=False)))
    return Seq(tuple(made))


def _spelled(items: Sequence[Node]) -> list[Node]:
    """Pieces of a sequence, references back to a group of one character written out for each that it may be."""
    found = list(items)
    for at, item in enumerate(found):
        if not isinstance(item, Group) or item.number is None:
            continue
        referring = [i for i, one in enumerate(found) if i > at and _refers(one, item.number)]
        chars = _one(item.body)
        members = chars.letters.members() if chars is not None else None
        if not referring or members is None or not 0 < len(members) <= FEW:
            continue
        upto = referring[-1] + 1
        branches = tuple(Seq(tuple(_put(one, item.number, char) for one in found[at:upto])) for char in members)
        return [*found[:at], Group("(?:", Alt(branches)), *_spelled(found[upto:])]
    return found


def _one(node: Node) -> Chars | None:
    """The only character of a piece."""
    while isinstance(node, Seq) and len(node.items) == 1:
        node = node.items[0]
    return node if isinstance(node, Chars) else None


def _refers(node: Node, number: int) -> bool:
    match node:
        case Back():
            return node.group == number
        case Seq(parts) | Alt(parts):
            return any(_refers(part, number) for part in parts)
        case Group() | Look() | Repeat():
            return _refers(node.body, number)
        case _:
            return False


def _put(node: Node, number: int, char: str) -> Node:
    """A piece with `char` for the group and for what refers to it."""
    match node:
        case Back() if node.group == number:
            return Chars(escape(char), literal(char))
        case Group() if node.number == number:
            return Group("(?:" if node.opening == "(" else node.opening, Chars(escape(char), literal(char)), number)
        case Seq(items):
            return Seq(tuple(_put(item, number, char) for item in items))
        case Alt(branches):
            return Alt(tuple(_put(branch, number, char) for branch in branches))
        case Group() | Look() | Repeat():
            return replace(node, body=_put(node.body, number, char))
        case _:
            return node


def escape(text: str) -> str:
    r"""Return the regex that matches `text` alone; blanks and quotes stay legible, unlike with `re.escape`.

    >>> print(escape('[a b] "c"'))
    \[a b\] "c"
    """
    return re.sub(r"[\\.+*?()|\[\]{}^$&~#-]", r"\\\g<0>", text)

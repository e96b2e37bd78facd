"""Look-around at one character, said otherwise where what stands beside it allows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from logq.formats.custom.letters import ALL, Letters
from logq.formats.custom.reach import Reach, first, last, met_all
from logq.formats.custom.syntax import Alt, Chars, Group, Look, Repeat, Seq, Zero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logq.formats.custom.syntax import Node

__all__ = ["LOOKS", "hoisted", "settled"]

LOOKS: Final = {
    "(?=": "look-ahead (?=…)",
    "(?!": "negative look-ahead (?!…)",
    "(?<=": "look-behind (?<=…)",
    "(?<!": "negative look-behind (?<!…)",
}


FLAGGED: Final = re.compile(r"\(\?[a-z]")


def hoisted(node: Node) -> Node:
    """The tree with looks at either end of a group put outside it, where they see the same."""
    match node:
        case Seq(items):
            return Seq(tuple(piece for item in items for piece in _lifted(hoisted(item))))
        case Alt(branches):
            return Alt(tuple(map(hoisted, branches)))
        case Group() | Repeat():
            return replace(node, body=hoisted(node.body))
        case _:
            return node


def _lifted(item: Node) -> Sequence[Node]:
    """A piece, the looks at its ends each by itself."""
    if not (isinstance(item, Group) and isinstance(item.body, Seq) and not FLAGGED.match(item.opening)):
        return [item]
    inner = item.body.items
    start = next((i for i, one in enumerate(inner) if not isinstance(one, Look)), len(inner))
    end = len(inner)
    while end > start and isinstance(inner[end - 1], Look) and item.opening != "(?>":
        end -= 1
    return [*inner[:start], replace(item, body=Seq(inner[start:end])), *inner[end:]]


def settled(items: Sequence[Node], before: Reach, follow: Reach, *, top: bool, free: bool) -> list[Node]:
    """Pieces of a sequence without the looks that can be said otherwise; those that cannot stay.

    `top`: it is all of the regex; `free`: no group sees what it takes in, and no loop repeats it.
    """
    found = list(items)
    at = 0
    while at < len(found):
        look = found[at]
        said = (
            _said(look, found[:at], found[at + 1 :], before, follow, top=top, free=free)
            if isinstance(look, Look)
            else None
        )
        found, at = (said, 0) if said is not None else (found, at + 1)
    return found


def _said(
    look: Look, left: list[Node], right: list[Node], before: Reach, follow: Reach, *, top: bool, free: bool
) -> list[Node] | None:
    """The sequence without this look; None if it cannot be."""
    ahead, negated = look.opening in ("(?=", "(?!"), look.opening.endswith("!")
    beside = right if ahead else left
    met = met_all(beside, ahead=ahead).then(follow if ahead else before)
    seen = _single(look.body)
    if met.pure and not beside and (free if ahead else top):
        taken = _taken(look, seen, ahead=ahead, negated=negated)
        return None if taken is None else [*left, taken, *right]
    if _decided(look, seen, met, ahead=ahead):
        return [*left, *right]
    if seen is None or not beside or not (negated or met.letters.meets(seen.letters)):
        return None
    other = f"[^{seen.text}]" if negated else f"[{seen.text}]"
    merged = _merged(beside[0] if ahead else beside[-1], other, ahead=ahead)
    if merged is None:
        return None
    return [*left, merged, *right[1:]] if ahead else [*left[:-1], merged, *right]


def _decided(look: Look, seen: Chars | None, met: Reach, *, ahead: bool) -> bool:
    """Whether a look holds wherever what stands beside it matches."""
    if look.opening.endswith("!"):
        begun = first(look.body) if ahead else last(look.body)
        return not (met.edge or begun.edge or met.letters.meets(begun.letters))
    return seen is not None and not (met.edge or met.stop) and met.letters.within(seen.letters)


def _taken(look: Look, seen: Chars | None, *, ahead: bool, negated: bool) -> Node | None:
    """A look at an end of the regex, as part of the match."""
    if negated:
        if seen is None:
            return None
        text, edge = f"[^{seen.text}]", r"\z" if ahead else r"\A"
        branches: tuple[Node, ...] = (Chars(text, ~seen.letters), Zero(edge))
        return Group("(?:", Alt(branches if ahead else branches[::-1]))
    fixed = isinstance(look.body, Seq) and all(isinstance(one, Chars) for one in look.body.items)
    return Group("(?:", look.body) if fixed else None


def _single(node: Node) -> Chars | None:
    """A look at one character: the set, written as it is between brackets."""
    match node:
        case Chars("."):
            return None
        case Chars(text):
            literal = len(text) == 1 and not text.isalnum()
            return Chars(f"\\{text}" if literal and text in r"&-~^[]\#" else text, node.letters)
        case Seq((one,)) | Group("(?:", one):
            return _single(one)
        case Alt(branches):
            found = [_single(b) for b in branches]
            known = [one for one in found if one is not None]
            if len(known) < len(found):
                return None
            letters = Letters(0, 0)
            for one in known:
                letters |= one.letters
            return Chars("".join(one.text for one in known), letters)
        case _:
            return None


def _merged(node: Node, other: str, *, ahead: bool) -> Node | None:  # noqa: PLR0911 (as many as kinds of pieces)
    """A piece whose first character, or last, is of `other` too; None if it may be empty, or is not known."""
    match node:
        case Chars(text) if text != "." or node.letters != ALL:
            own = r"[^\n]" if text == "." else text if text.startswith("[") else f"[{_single_text(node)}]"
            return Chars(f"[{own}&&{other}]", Letters(node.letters.may, 0))
        case Seq(items) if items:
            one = _merged(items[0] if ahead else items[-1], other, ahead=ahead)
            rest = items[1:] if ahead else items[:-1]
            return None if one is None else Seq((one, *rest) if ahead else (*rest, one))
        case Group(opening, body, number) if not FLAGGED.match(opening):
            inner = _merged(body, other, ahead=ahead)
            return None if inner is None else Group(opening, inner, number)
        case Alt(branches):
            merged = [_merged(b, other, ahead=ahead) for b in branches]
            known = tuple(m for m in merged if m is not None)
            return Alt(known) if len(known) == len(merged) else None
        case Repeat(Chars() as body, low, high, mode) if low:
            one = _merged(body, other, ahead=ahead)
            if one is None or (mode == "+" and not ahead):
                return None
            rest_of = Repeat(body, low - 1, None if high is None else high - 1, mode)
            return Seq((one, rest_of) if ahead else (rest_of, one))
        case _:
            return None


def _single_text(node: Chars) -> str:
    single = _single(node)
    return node.text if single is None else single.text
